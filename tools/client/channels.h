// Channels: a connection to each address of a book. Services at one address share one.
//
//   Channels channels(*AddressBook::Parse("stock=a:1,b:2"), arguments);
//   auto stub = StockService::NewStub(channels.To(StockService::service_full_name()));
#ifndef QUARTERMASTER_TOOLS_CLIENT_CHANNELS_H_
#define QUARTERMASTER_TOOLS_CLIENT_CHANNELS_H_

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "grpcpp/channel.h"
#include "grpcpp/support/channel_arguments.h"
#include "tools/client/address_book.h"

namespace quartermaster::tools {

// Not thread-safe; the channels are.
class Channels {
 public:
  // `arguments` are those of every channel.
  Channels(AddressBook addresses, const grpc::ChannelArguments& arguments);

  const AddressBook& addresses() const { return addresses_; }

  // To the server of a service, by its full name; CHECKs that it is one of ours. It connects at the
  // first call, and is never null: a server that is not there shows in the calls.
  const std::shared_ptr<grpc::Channel>& To(std::string_view service_full_name);

 private:
  const AddressBook addresses_;
  const grpc::ChannelArguments arguments_;
  std::map<std::string, std::shared_ptr<grpc::Channel>> by_address_;
};

// For a client that finds a restarted server again at once: how long it waits before it connects
// again, at first and at most.
void SetReconnectPauses(grpc::ChannelArguments& arguments, int first_ms, int longest_ms);

}  // namespace quartermaster::tools

#endif  // QUARTERMASTER_TOOLS_CLIENT_CHANNELS_H_
