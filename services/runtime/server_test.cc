#include "services/runtime/server.h"

#include <gmock/gmock.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <chrono>
#include <future>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "quartermaster/log/v1/log.grpc.pb.h"
#include "quartermaster/stock/v1/stock.grpc.pb.h"
#include "services/base/mutex.h"
#include "services/runtime/logging.h"
#include "services/runtime/metrics.h"
#include "services/runtime/rpc_error.h"
#include "services/runtime/rpc_metrics.h"

namespace quartermaster::runtime {
namespace {

using log::v1::GetStatusRequest;
using log::v1::GetStatusResponse;
using log::v1::LogReader;
using log::v1::SubscribeRequest;
using log::v1::SubscribeResponse;
using ::testing::HasSubstr;
using ::testing::Not;

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
  void LetGoNewest() {
    MutexLock lock(&mutex_);
    held_.back()->Finish(grpc::Status::OK);
    held_.pop_back();
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

// Unary calls by name and raw bytes: for services whose generated code is not installed.
grpc::Status RawCall(const std::shared_ptr<grpc::Channel>& channel, const std::string& method,
                     const std::string& request, std::string* response = nullptr) {
  grpc::GenericStub stub(channel);
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
  const grpc::Slice slice(request);
  const grpc::ByteBuffer sent(&slice, 1);
  grpc::ByteBuffer received;
  std::promise<grpc::Status> done;
  stub.UnaryCall(&context, method, grpc::StubOptions(), &sent, &received,
                 [&](grpc::Status status) { done.set_value(std::move(status)); });
  grpc::Status status = done.get_future().get();
  if (status.ok() && response != nullptr) {
    grpc::Slice flat;
    EXPECT_TRUE(received.DumpToSingleSlice(&flat).ok());
    *response = std::string(reinterpret_cast<const char*>(flat.begin()), flat.size());
  }
  return status;
}

// HealthCheckRequest{service} and HealthCheckResponse{status}, by their bytes.
std::string HealthOf(const std::shared_ptr<grpc::Channel>& channel, const std::string& service) {
  std::string request;
  if (!service.empty()) request = "\x0A" + std::string(1, static_cast<char>(service.size()));
  request += service;
  std::string response;
  const grpc::Status status = RawCall(channel, "/grpc.health.v1.Health/Check", request, &response);
  if (!status.ok()) return "error " + std::to_string(status.error_code());
  if (response == "\x08\x01") return "SERVING";
  return response == "\x08\x02" ? "NOT_SERVING" : "UNKNOWN";
}

TEST_F(ServerTest, AnswersAndReportsItsPort) {
  StartOnTcp();
  EXPECT_GT(server_->port(), 0);
  EXPECT_TRUE(Call(Stub().get()).ok());
  EXPECT_TRUE(Call(LogReader::NewStub(server_->InProcessChannel()).get()).ok());
}

TEST_F(ServerTest, HealthIsPerService) {
  StartOnTcp();
  const auto channel = Channel();
  const std::string name = LogReader::service_full_name();
  EXPECT_EQ(HealthOf(channel, ""), "NOT_SERVING");
  EXPECT_EQ(HealthOf(channel, name), "NOT_SERVING");
  server_->SetServing(name, true);
  EXPECT_EQ(HealthOf(channel, ""), "SERVING");
  EXPECT_EQ(HealthOf(channel, name), "SERVING");
  server_->SetServing(name, false);
  EXPECT_EQ(HealthOf(channel, ""), "NOT_SERVING");
  EXPECT_EQ(HealthOf(channel, "no.such.Service"), "error 5");
}

TEST_F(ServerTest, SaysWhatItServesUntilItDrains) {
  StartOnTcp();
  const std::string name = LogReader::service_full_name();
  EXPECT_FALSE(server_->IsServing(name));
  server_->SetServing(name, true);
  EXPECT_TRUE(server_->IsServing(name));
  EXPECT_FALSE(server_->IsServing("no.such.Service"));
  server_->Drain();
  EXPECT_FALSE(server_->IsServing(name));
}

TEST_F(ServerTest, ReflectionFollowsItsFlag) {
  for (const bool on : {true, false}) {
    Start({.listen = "127.0.0.1:0", .reflection = on});
    grpc::GenericStub stub(Channel());
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
    grpc::CompletionQueue queue;
    auto call = stub.PrepareCall(
        &context, "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", &queue);
    const auto next = [&queue] {
      void* tag = nullptr;
      bool ok = false;
      return queue.Next(&tag, &ok) && ok;
    };
    call->StartCall(nullptr);
    next();
    const grpc::Slice list_services("\x3A\x00", 2);
    call->Write(grpc::ByteBuffer(&list_services, 1), nullptr);
    next();
    call->WritesDone(nullptr);
    next();
    grpc::ByteBuffer response;
    call->Read(&response, nullptr);
    EXPECT_EQ(next(), on);
    grpc::Status status;
    call->Finish(&status, nullptr);
    next();
    EXPECT_EQ(status.error_code(), on ? grpc::StatusCode::OK : grpc::StatusCode::UNIMPLEMENTED);
    if (on) {
      grpc::Slice flat;
      ASSERT_TRUE(response.DumpToSingleSlice(&flat).ok());
      EXPECT_THAT(std::string(reinterpret_cast<const char*>(flat.begin()), flat.size()),
                  HasSubstr("quartermaster.log.v1.LogReader"));
    }
    server_.reset();
  }
}

TEST_F(ServerTest, RefusesTooLongMessagesAndTooMuchMetadata) {
  StartOnTcp();
  const std::string method = "/quartermaster.log.v1.LogReader/GetStatus";
  // An unknown field of the wanted size.
  const auto message = [](size_t bytes) {
    std::string text = "\x9A\x06";
    const size_t content = bytes - 2 - 3;
    text += static_cast<char>((content & 0x7F) | 0x80);
    text += static_cast<char>(((content >> 7) & 0x7F) | 0x80);
    text += static_cast<char>(content >> 14);
    return text + std::string(content, 'x');
  };
  EXPECT_TRUE(RawCall(Channel(), method, message(1 << 20)).ok());
  EXPECT_EQ(RawCall(Channel(), method, message((1 << 20) + 1)).error_code(),
            grpc::StatusCode::RESOURCE_EXHAUSTED);

  const auto with_metadata = [&](size_t bytes) {
    grpc::ClientContext context;
    context.AddMetadata("filler", std::string(bytes, 'x'));
    GetStatusResponse response;
    return Stub()->GetStatus(&context, GetStatusRequest(), &response);
  };
  EXPECT_TRUE(with_metadata(7 << 10).ok());
  EXPECT_EQ(with_metadata(9 << 10).error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(service_.answered(), 2);
}

TEST_F(ServerTest, MalformedRequestsAreInvalidAndNameTheField) {
  StartOnTcp();
  const std::string service = "/quartermaster.log.v1.LogReader/";
  const auto answer = [&](const std::string& method, const std::string& request) {
    return RawCall(Channel(), service + method, request);
  };
  const grpc::Status text = answer("Read", "\x0A\x01\xFF");
  EXPECT_EQ(text.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  const RpcError error = FromGrpcStatus(text);
  EXPECT_EQ(error.reason(), common::v1::INVALID_FIELD);
  ASSERT_EQ(error.details().fields.size(), 1u);
  EXPECT_EQ(error.details().fields[0].field, "ReadRequest.partition");

  const grpc::Status cut = answer("Read", "\x0A\x10");
  EXPECT_EQ(cut.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_TRUE(FromGrpcStatus(cut).details().fields.empty()) << "of the request before";
  EXPECT_EQ(answer("GetStatus", "\x0F").error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_TRUE(answer("GetStatus", "").ok());
  EXPECT_EQ(service_.answered(), 1);
  // EchoService has no Read.
  EXPECT_EQ(answer("Read", "").error_code(), grpc::StatusCode::UNIMPLEMENTED);
  EXPECT_EQ(answer("Reed", "").error_code(), grpc::StatusCode::UNIMPLEMENTED);
}

TEST_F(ServerTest, CountsAndTimesTheCallsFromOutside) {
  Metrics metrics;
  RpcMetrics rpcs(&metrics);
  Start({.listen = "127.0.0.1:0", .rpcs = &rpcs});
  const std::string service = "/quartermaster.log.v1.LogReader/";
  const auto labels = [](const char* method) {
    return absl::StrCat("{service=\"quartermaster.log.v1.LogReader\",method=\"", method, "\"");
  };
  ASSERT_TRUE(Call(Stub().get()).ok());
  EXPECT_EQ(RawCall(Channel(), service + "Read", "\x0A\x01\xFF").error_code(),
            grpc::StatusCode::INVALID_ARGUMENT);
  // EchoService has no Read; nobody has Reed, and a peer in the process is not outside.
  EXPECT_EQ(RawCall(Channel(), service + "Read", "").error_code(), grpc::StatusCode::UNIMPLEMENTED);
  EXPECT_EQ(RawCall(Channel(), service + "Reed", "").error_code(), grpc::StatusCode::UNIMPLEMENTED);
  ASSERT_TRUE(Call(LogReader::NewStub(server_->InProcessChannel()).get()).ok());

  const auto stub = Stub();
  grpc::ClientContext context;
  const auto stream = stub->Subscribe(&context, SubscribeRequest());
  service_.AwaitStream();
  server_->OnDrain([&] { service_.EndStreams(); });
  server_->Drain();
  stream->Finish();
  server_.reset();

  const std::string text = metrics.Scrape();
  const auto has = [&](const char* metric, const std::string& rest) {
    EXPECT_THAT(text, HasSubstr(absl::StrCat("quartermaster_rpc_", metric, rest)));
  };
  has("started_total", labels("GetStatus") + "} 1\n");
  has("requests_total", labels("GetStatus") + ",code=\"OK\"} 1\n");
  has("duration_seconds_count", labels("GetStatus") + "} 1\n");
  has("requests_total", labels("Read") + ",code=\"INVALID_ARGUMENT\"} 1\n");
  has("requests_total", labels("Read") + ",code=\"UNIMPLEMENTED\"} 1\n");
  has("started_total", labels("Subscribe") + "} 1\n");
  has("requests_total", labels("Subscribe") + ",code=\"UNAVAILABLE\"} 1\n");
  EXPECT_THAT(text, Not(HasSubstr("Reed")));
}

TEST_F(ServerTest, LogsWhyACallFailedForAReasonOfOurs) {
  class BrokenStock : public stock::v1::StockService::CallbackService {
   public:
    grpc::ServerUnaryReactor* Reserve(grpc::CallbackServerContext* context,
                                      const stock::v1::ReserveRequest* request,
                                      stock::v1::ReserveResponse*) override {
      grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
      reactor->Finish(ToGrpcStatus(
          request->owner_id().empty()
              ? InvalidField("owner_id", "is missing")
              : InternalDefect("the shelf fell over", absl::DataLossError("bad disk"))));
      return reactor;
    }
  } stock;
  std::vector<std::string> lines;
  Logger log({.format = LogFormat::kJson}, [&](const std::string& line) {
    if (line.find("reason of ours") != std::string::npos) lines.push_back(line);
  });
  auto server = GrpcServer::Start({.listen = "127.0.0.1:0", .log = &log},
                                  {Hosted<stock::v1::StockService>(&stock)});
  ASSERT_TRUE(server.ok()) << server.status();
  server_ = *std::move(server);
  const auto reserve = [](const std::shared_ptr<grpc::Channel>& channel, const std::string& id,
                          const std::string& owner) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
    stock::v1::ReserveRequest request;
    request.set_request_id(id);
    request.set_owner_id(owner);
    stock::v1::ReserveResponse response;
    return stock::v1::StockService::NewStub(channel)->Reserve(&context, request, &response);
  };
  EXPECT_EQ(reserve(Channel(), "from-outside", "cart").error_code(), grpc::StatusCode::INTERNAL);
  EXPECT_EQ(reserve(server_->InProcessChannel(), "from-inside", "cart").error_code(),
            grpc::StatusCode::INTERNAL);
  EXPECT_EQ(reserve(Channel(), "its-own-fault", "").error_code(),
            grpc::StatusCode::INVALID_ARGUMENT);
  server_.reset();
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_THAT(lines[0], HasSubstr("\"method\":\"/quartermaster.stock.v1.StockService/Reserve\""));
  EXPECT_THAT(lines[0], HasSubstr("\"request_id\":\"from-outside\""));
  EXPECT_THAT(lines[0], HasSubstr("the shelf fell over: DATA_LOSS: bad disk"));
  EXPECT_THAT(lines[1], HasSubstr("\"request_id\":\"from-inside\""));
  EXPECT_THAT(lines[1], Not(HasSubstr("cart")));
}

TEST_F(ServerTest, LimitsTheStreamsOfAConnection) {
  Start({.listen = "127.0.0.1:0", .streams_per_connection_max = 2});
  service_.Hold();
  const auto stub = Stub();
  std::vector<std::future<grpc::Status>> held;
  for (int i = 0; i < 2; ++i) {
    held.push_back(std::async(std::launch::async, [&] { return Call(stub.get()); }));
  }
  service_.AwaitHeld(2);
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::milliseconds(100));
  GetStatusResponse response;
  EXPECT_EQ(stub->GetStatus(&context, GetStatusRequest(), &response).error_code(),
            grpc::StatusCode::DEADLINE_EXCEEDED);
  service_.LetGo();
  for (auto& call : held) EXPECT_TRUE(call.get().ok());
  EXPECT_EQ(service_.answered(), 0) << "the third one reached the handler";
}

TEST_F(ServerTest, AUsedPortIsAnError) {
  StartOnTcp();
  EchoService other;
  const auto second = GrpcServer::Start({.listen = "127.0.0.1:" + std::to_string(server_->port())},
                                        {Hosted<LogReader>(&other)});
  EXPECT_EQ(second.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(second.status().message(),
            absl::StrCat("address 127.0.0.1:", server_->port(), ": another process listens there"));
  EXPECT_EQ(GrpcServer::Start({}, {}).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(ServerTest, KnowsBeforehandWhereItCanListen) {
  StartOnTcp();
  const std::string port = absl::StrCat(server_->port());
  const auto code = [](const std::string& address) {
    return GrpcServer::CanListen({.listen = address}).code();
  };
  for (const char* host : {"127.0.0.1:", "localhost:", "0.0.0.0:"}) {
    EXPECT_EQ(code(host + port), absl::StatusCode::kFailedPrecondition) << host;
  }
  EXPECT_EQ(code("192.0.2.1:0"), absl::StatusCode::kFailedPrecondition) << "not this machine's";
  EXPECT_EQ(code("127.0.0.1:0"), absl::StatusCode::kOk);
  EXPECT_EQ(code("0.0.0.0:0"), absl::StatusCode::kOk);
  server_->Drain();
  EXPECT_EQ(code("127.0.0.1:" + port), absl::StatusCode::kOk);
}

class SocketTest : public ServerTest {
 protected:
  SocketTest() {
    char name[] = "/tmp/qm_server_test_XXXXXX";
    directory_ = mkdtemp(name);
    path_ = directory_ + "/socket";
  }
  ~SocketTest() override {
    server_.reset();
    unlink(path_.c_str());
    rmdir(directory_.c_str());
  }

  std::string directory_;
  std::string path_;
};

TEST_F(SocketTest, ListensForItsOwnerOnlyAndCleansUp) {
  Start({.socket_path = path_});
  EXPECT_EQ(server_->port(), 0);
  struct stat info;
  ASSERT_EQ(stat(path_.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
  const auto channel = grpc::CreateChannel("unix:" + path_, grpc::InsecureChannelCredentials());
  EXPECT_TRUE(Call(LogReader::NewStub(channel).get()).ok());

  EchoService other;
  const auto second = GrpcServer::Start({.socket_path = path_}, {Hosted<LogReader>(&other)});
  EXPECT_EQ(second.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(second.status().message()), HasSubstr("another process listens"));

  server_->Drain();
  EXPECT_NE(access(path_.c_str(), F_OK), 0);
}

TEST_F(SocketTest, ASocketOfADeadProcessIsReplaced) {
  const int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path_.copy(address.sun_path, sizeof(address.sun_path) - 1);
  ASSERT_EQ(bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
  close(fd);
  Start({.socket_path = path_});
  const auto channel = grpc::CreateChannel("unix:" + path_, grpc::InsecureChannelCredentials());
  EXPECT_TRUE(Call(LogReader::NewStub(channel).get()).ok());
}

TEST_F(SocketTest, WhatIsNoSocketIsLeftAlone) {
  FILE* file = fopen(path_.c_str(), "w");
  ASSERT_NE(file, nullptr);
  fclose(file);
  const auto start = GrpcServer::Start({.socket_path = path_}, {Hosted<LogReader>(&service_)});
  EXPECT_EQ(start.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(access(path_.c_str(), F_OK), 0);
  const std::string long_path = directory_ + "/" + std::string(200, 'x');
  EXPECT_EQ(GrpcServer::Start({.socket_path = long_path}, {}).status().code(),
            absl::StatusCode::kInvalidArgument);
}

// What a client that retries by itself must see: answers, or UNAVAILABLE. gRPC's own shutdown
// answers some with CANCELLED here.
TEST_F(ServerTest, ADrainUnderLoadFailsNoCall) {
  constexpr int kClients = 8;
  constexpr int kRounds = 5;
  for (int round = 0; round < kRounds; ++round) {
    StartOnTcp();
    const int64_t answered_before = service_.answered();
    Mutex mutex;
    CondVar moved;
    int64_t answers = 0;
    std::map<int, int> failures;
    std::vector<std::thread> clients;
    for (int i = 0; i < kClients; ++i) {
      clients.emplace_back([&] {
        const auto stub = Stub();
        while (true) {
          const grpc::Status status = Call(stub.get());
          MutexLock lock(&mutex);
          moved.NotifyAll();
          if (status.ok()) {
            ++answers;
            continue;
          }
          ++failures[status.error_code()];
          return;
        }
      });
    }
    {
      MutexLock lock(&mutex);
      while (answers < 200) moved.Wait(&mutex);
    }
    EXPECT_TRUE(server_->Drain());
    for (std::thread& client : clients) client.join();
    EXPECT_EQ(failures, (std::map<int, int>{{grpc::StatusCode::UNAVAILABLE, kClients}}));
    EXPECT_EQ(service_.answered() - answered_before, answers) << "an answer was lost";
    server_.reset();
  }
}

TEST_F(ServerTest, ADrainFinishesWhatIsInFlightAndLetsItReachItsPeers) {
  StartOnTcp();
  const auto stub = Stub();
  service_.Hold();
  auto in_flight = std::async(std::launch::async, [&] { return Call(stub.get()); });
  service_.AwaitHeld(1);
  std::promise<void> begun;
  server_->OnDrain([&] { begun.set_value(); });
  auto drain = std::async(std::launch::async, [&] { return server_->Drain(); });
  begun.get_future().wait();
  // The call in flight asks a peer in this process, and ends only once that has answered.
  auto peer = std::async(std::launch::async, [&] {
    return Call(LogReader::NewStub(server_->InProcessChannel()).get());
  });
  service_.AwaitHeld(2);
  service_.LetGoNewest();
  EXPECT_TRUE(peer.get().ok());
  service_.LetGo();
  EXPECT_TRUE(in_flight.get().ok());
  EXPECT_TRUE(drain.get());
  EXPECT_EQ(Call(stub.get()).error_code(), grpc::StatusCode::UNAVAILABLE);
}

TEST_F(ServerTest, WhatCallsPeersStopsWhileTheyCanStillBeReached) {
  StartOnTcp();
  bool reached = false;
  server_->OnCallsEnded(
      [&] { reached = Call(LogReader::NewStub(server_->InProcessChannel()).get()).ok(); });
  EXPECT_TRUE(server_->Drain());
  EXPECT_TRUE(reached);
}

TEST_F(ServerTest, ADrainEndsStreamsWithARetryableReason) {
  StartOnTcp();
  server_->OnDrain([this] { service_.EndStreams(); });
  const auto stub = Stub();
  grpc::ClientContext context;
  auto reader = stub->Subscribe(&context, SubscribeRequest());
  service_.AwaitStream();
  EXPECT_TRUE(server_->Drain());
  SubscribeResponse response;
  EXPECT_FALSE(reader->Read(&response));
  EXPECT_EQ(FromGrpcStatus(reader->Finish()).reason(), common::v1::NOT_SERVING);
  bool ran = false;
  server_->OnDrain([&] { ran = true; });
  EXPECT_TRUE(ran) << "a stream that starts late is ended at once";
}

TEST_F(ServerTest, ADrainCancelsWhatOutlastsItsTimeout) {
  Start({.listen = "127.0.0.1:0", .drain_timeout = Milliseconds(100)});
  const auto stub = Stub();
  service_.Hold();
  auto in_flight = std::async(std::launch::async, [&] { return Call(stub.get()); });
  service_.AwaitHeld(1);
  auto drain = std::async(std::launch::async, [&] { return server_->Drain(); });
  EXPECT_FALSE(in_flight.get().ok());
  service_.LetGo();
  EXPECT_FALSE(drain.get());
  EXPECT_FALSE(server_->Drain());
}

TEST_F(ServerTest, WhatCallsWaitForLetsThemGoWhenTheTimeoutRunsOut) {
  Start({.listen = "127.0.0.1:0", .drain_timeout = Milliseconds(100)});
  const auto stub = Stub();
  service_.Hold();
  auto in_flight = std::async(std::launch::async, [&] { return Call(stub.get()); });
  service_.AwaitHeld(1);
  server_->OnDrainTimeout([&] { service_.LetGo(); });
  // It would wait for ever otherwise: the call's handler has not ended.
  EXPECT_FALSE(server_->Drain());
  in_flight.wait();
}

}  // namespace
}  // namespace quartermaster::runtime
