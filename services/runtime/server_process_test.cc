// A whole process: calls in flight, SIGTERM, drain, exit code.
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <string>
#include <thread>
#include <vector>

#include "quartermaster/log/v1/log.grpc.pb.h"
#include "services/base/mutex.h"
#include "services/runtime/logging.h"
#include "services/runtime/server.h"
#include "services/runtime/shutdown_signal.h"

namespace quartermaster::runtime {
namespace {

using log::v1::GetStatusRequest;
using log::v1::GetStatusResponse;
using log::v1::LogReader;

// Answers the first call only once the drain has begun: it is in flight for sure.
class SlowFirstService : public LogReader::CallbackService {
 public:
  grpc::ServerUnaryReactor* GetStatus(grpc::CallbackServerContext* context, const GetStatusRequest*,
                                      GetStatusResponse*) override {
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    MutexLock lock(&mutex_);
    if (first_ == nullptr && !let_go_) {
      first_ = reactor;
    } else {
      reactor->Finish(grpc::Status::OK);
    }
    return reactor;
  }
  void LetGo() {
    MutexLock lock(&mutex_);
    let_go_ = true;
    if (first_ != nullptr) first_->Finish(grpc::Status::OK);
  }

 private:
  Mutex mutex_;
  bool let_go_ ABSL_GUARDED_BY(mutex_) = false;
  grpc::ServerUnaryReactor* first_ ABSL_GUARDED_BY(mutex_) = nullptr;
};

// Writes its port into the pipe and serves until a signal; the exit code says how that went.
[[noreturn]] void Serve(int port_fd) {
  int exit_code = kExitStartFailed;
  {
    ShutdownSignal signal;
    Logger log({});
    SlowFirstService service;
    auto server =
        GrpcServer::Start({.listen = "127.0.0.1:0", .log = &log}, {Hosted<LogReader>(&service)});
    if (server.ok()) {
      (*server)->OnDrain([&service] { service.LetGo(); });
      const int port = (*server)->port();
      if (write(port_fd, &port, sizeof(port)) == sizeof(port)) exit_code = signal.Wait();
      if (!(*server)->Drain()) exit_code = kExitStartFailed;
    }
  }
  _exit(exit_code);
}

grpc::Status Call(LogReader::Stub* stub) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
  GetStatusResponse response;
  return stub->GetStatus(&context, GetStatusRequest(), &response);
}

TEST(ServerProcessTest, SigtermFailsNoCallAndExitsCleanly) {
  int port_pipe[2];
  ASSERT_EQ(pipe(port_pipe), 0);
  // Before this process starts gRPC, or any thread.
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) Serve(port_pipe[1]);
  int port = 0;
  ASSERT_EQ(read(port_pipe[0], &port, sizeof(port)), static_cast<ssize_t>(sizeof(port)));

  const std::string address = "127.0.0.1:" + std::to_string(port);
  constexpr int kClients = 4;
  constexpr int kAnswersBeforeSignal = 100;
  Mutex mutex;
  int answers = 0;
  std::vector<int> failures;
  std::vector<std::thread> clients;
  for (int i = 0; i < kClients; ++i) {
    clients.emplace_back([&] {
      const auto stub =
          LogReader::NewStub(grpc::CreateChannel(address, grpc::InsecureChannelCredentials()));
      while (true) {
        const grpc::Status status = Call(stub.get());
        MutexLock lock(&mutex);
        if (!status.ok()) {
          failures.push_back(status.error_code());
          return;
        }
        if (++answers == kAnswersBeforeSignal) kill(child, SIGTERM);
      }
    });
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  for (std::thread& client : clients) client.join();
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), kExitClean);
  // Each client's last call found nobody: that is what a client retries.
  EXPECT_EQ(failures, std::vector<int>(kClients, grpc::StatusCode::UNAVAILABLE));
  EXPECT_GE(answers, kAnswersBeforeSignal);
}

}  // namespace
}  // namespace quartermaster::runtime
