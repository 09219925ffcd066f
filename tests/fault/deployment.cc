#include "tests/fault/deployment.h"

#include <grpcpp/generic/generic_stub.h>

#include <chrono>
#include <future>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/base/check.h"
#include "tools/retail/clock.h"

namespace quartermaster::crash {
namespace {

constexpr Micros kStopsWithin = Seconds(30);

}  // namespace

Deployment::Deployment(const std::string& server, tools::Shape shape,
                       const std::string& directory) {
  const std::vector<tools::ServerProcess> processes = tools::ProcessesOf(shape, directory);
  address_text_ = tools::AddressesOf(processes);
  const auto addresses = tools::AddressBook::Parse(address_text_);
  QM_CHECK(addresses.ok()) << addresses.status();
  addresses_ = *addresses;
  for (const tools::ServerProcess& process : processes) {
    Node& node = nodes_.emplace_back();
    node.name = process.name;
    node.directory = process.directory;
    // Checkpoints as often as they can be made: most starts go on from one.
    std::vector<std::string> arguments = {
        server, "--listen", "", "--metrics", "", "--checkpoint-interval", "200"};
    arguments.insert(arguments.end(), process.arguments.begin(), process.arguments.end());
    node.process = std::make_unique<tools::ChildProcess>(
        std::move(arguments), absl::StrCat(directory, "/", process.name, ".log"));
    grpc::ChannelArguments channel;
    channel.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    channel.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 20);
    channel.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 50);
    node.channel =
        grpc::CreateCustomChannel(process.address, grpc::InsecureChannelCredentials(), channel);
  }
}

void Deployment::StartAll() {
  for (size_t i = 0; i < nodes_.size(); ++i) Start(i);
}

std::vector<std::string> Deployment::Kill(const std::vector<size_t>& nodes) {
  std::vector<std::string> ended;
  for (const size_t i : nodes) nodes_[i].process->SendKill();
  for (const size_t i : nodes) {
    if (const auto how = nodes_[i].process->Kill()) {
      ended.push_back(absl::StrCat(nodes_[i].name, " ended by itself: ", *how));
    }
  }
  return ended;
}

std::vector<std::string> Deployment::ReviveEnded() {
  std::vector<std::string> ended;
  for (const Node& node : nodes_) {
    if (const auto how = node.process->Ended()) {
      ended.push_back(absl::StrCat(node.name, " ended by itself: ", *how));
      node.process->Start();
    }
  }
  return ended;
}

// grpc.health.v1.Health/Check of all services of the process, by its bytes.
bool Deployment::IsServing(const Node& node) {
  grpc::GenericStub stub(node.channel);
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::milliseconds(500));
  context.set_wait_for_ready(true);
  const grpc::Slice nothing;
  const grpc::ByteBuffer request(&nothing, 1);
  grpc::ByteBuffer received;
  std::promise<grpc::Status> done;
  stub.UnaryCall(&context, "/grpc.health.v1.Health/Check", grpc::StubOptions(), &request, &received,
                 [&](grpc::Status status) { done.set_value(std::move(status)); });
  if (!done.get_future().get().ok()) return false;
  grpc::Slice flat;
  if (!received.DumpToSingleSlice(&flat).ok()) return false;
  return std::string(reinterpret_cast<const char*>(flat.begin()), flat.size()) == "\x08\x01";
}

absl::Status Deployment::AwaitServing(Micros timeout) {
  const Instant until = retail::WallClock() + timeout;
  for (const Node& node : nodes_) {
    while (!IsServing(node)) {
      if (retail::WallClock() > until) {
        return absl::DeadlineExceededError(absl::StrCat(node.name, " does not serve"));
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
  }
  return absl::OkStatus();
}

std::string Deployment::Stop(size_t node, Micros at_most) {
  tools::ChildProcess& process = *nodes_[node].process;
  if (const auto how = process.Ended()) return absl::StrCat("ended before it was asked to: ", *how);
  process.Terminate();
  return process.Wait(at_most);
}

std::vector<std::string> Deployment::StopAll() {
  std::vector<std::string> bad;
  // Who asks others goes first.
  for (size_t i = nodes_.size(); i-- > 0;) {
    const std::string how = Stop(i, kStopsWithin);
    if (how != "exit code 0") bad.push_back(absl::StrCat(nodes_[i].name, " after SIGTERM: ", how));
  }
  return bad;
}

}  // namespace quartermaster::crash
