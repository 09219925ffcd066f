#include "tools/client/channels.h"

#include <utility>

#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"

namespace quartermaster::tools {

Channels::Channels(AddressBook addresses, const grpc::ChannelArguments& arguments)
    : addresses_(std::move(addresses)), arguments_(arguments) {}

const std::shared_ptr<grpc::Channel>& Channels::To(std::string_view service_full_name) {
  const std::string& address = addresses_.Of(service_full_name);
  std::shared_ptr<grpc::Channel>& channel = by_address_[address];
  if (channel == nullptr) {
    channel = grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments_);
  }
  return channel;
}

void SetReconnectPauses(grpc::ChannelArguments& arguments, int first_ms, int longest_ms) {
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, first_ms);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, longest_ms);
}

}  // namespace quartermaster::tools
