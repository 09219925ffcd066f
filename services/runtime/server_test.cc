#include "services/runtime/server.h"

#include <gmock/gmock.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <future>
#include <map>
#include <string>
#include <thread>

#include "quartermaster/log/v1/log.grpc.pb.h"
#include "services/runtime/rpc_error.h"

namespace quartermaster::runtime {
namespace {

using log::v1::GetStatusRequest;
using log::v1::GetStatusResponse;
using log::v1::LogReader;
using log::v1::SubscribeRequest;
using log::v1::SubscribeResponse;

// Answers GetStatus at once, or when it is let go; streams until it is told to end.
class EchoService : public LogReader::CallbackService {
 public:
  grpc::ServerUnaryReactor* GetStatus(grpc::CallbackServerContext* context, const GetStatusRequest*,
                                      GetStatusResponse*) override {
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    MutexLock lock(&mutex_);
    if (holding_) {
      held_.push_back(reactor);
      arrived_.NotifyAll();
    } else {
      ++answered_;
      reactor->Finish(grpc::Status::OK);
    }
    return reactor;
  }

  grpc::ServerWriteReactor<SubscribeResponse>* Subscribe(grpc::CallbackServerContext*,
                                                         const SubscribeRequest*) override {
    class Stream : public grpc::ServerWriteReactor<SubscribeResponse> {
     public:
      void OnDone() override { delete this; }
    };
    auto* stream = new Stream;
    stream->StartSendInitialMetadata();
    MutexLock lock(&mutex_);
    streams_.push_back(stream);
    arrived_.NotifyAll();
    return stream;
  }

  void Hold() {
    MutexLock lock(&mutex_);
    holding_ = true;
  }
  void AwaitHeld(size_t count) {
    MutexLock lock(&mutex_);
    while (held_.size() < count) arrived_.Wait(&mutex_);
  }
  void AwaitStream() {
    MutexLock lock(&mutex_);
    while (streams_.empty()) arrived_.Wait(&mutex_);
  }
  void LetGo() {
    MutexLock lock(&mutex_);
    holding_ = false;
    for (auto* reactor : held_) reactor->Finish(grpc::Status::OK);
    held_.clear();
  }
  void EndStreams() {
    MutexLock lock(&mutex_);
    for (auto* stream : streams_) stream->Finish(ToGrpcStatus(NotServing()));
    streams_.clear();
  }
  int64_t answered() {
    MutexLock lock(&mutex_);
    return answered_;
  }

 private:
  Mutex mutex_;
  CondVar arrived_;
  bool holding_ ABSL_GUARDED_BY(mutex_) = false;
  int64_t answered_ ABSL_GUARDED_BY(mutex_) = 0;
  std::vector<grpc::ServerUnaryReactor*> held_ ABSL_GUARDED_BY(mutex_);
  std::vector<grpc::ServerWriteReactor<SubscribeResponse>*> streams_ ABSL_GUARDED_BY(mutex_);
};

class ServerTest : public ::testing::Test {
 protected:
  void Start(GrpcServerOptions options) {
    auto server = GrpcServer::Start(std::move(options), {Hosted<LogReader>(&service_)});
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
  }
  void StartOnTcp() { Start({.listen = "127.0.0.1:0"}); }

  std::shared_ptr<grpc::Channel> Channel() {
    return grpc::CreateCustomChannel("127.0.0.1:" + std::to_string(server_->port()),
                                     grpc::InsecureChannelCredentials(), Alone());
  }
  // No connection is shared between tests' channels.
  static grpc::ChannelArguments Alone() {
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    return arguments;
  }
  static grpc::Status Call(LogReader::Stub* stub, GetStatusRequest request = {}) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
    GetStatusResponse response;
    return stub->GetStatus(&context, request, &response);
  }
  std::unique_ptr<LogReader::Stub> Stub() { return LogReader::NewStub(Channel()); }

  EchoService service_;
  std::unique_ptr<GrpcServer> server_;
};

TEST_F(ServerTest, Hammer) {
  StartOnTcp();
  std::atomic<bool> stop{false};
  std::mutex mutex;
  std::map<std::string, int> seen;
  std::vector<std::thread> clients;
  for (int i = 0; i < 8; ++i) {
    clients.emplace_back([&] {
      const auto stub = Stub();
      while (!stop) {
        const grpc::Status status = Call(stub.get());
        std::lock_guard<std::mutex> lock(mutex);
        ++seen[std::to_string(status.error_code()) + " " + status.error_message()];
        if (status.error_code() == grpc::StatusCode::UNAVAILABLE) break;
      }
    });
  }
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  server_->Drain();
  stop = true;
  for (auto& c : clients) c.join();
  for (auto& [k, v] : seen) std::cerr << v << " x " << k << "\n";
}

}  // namespace
}  // namespace quartermaster::runtime
