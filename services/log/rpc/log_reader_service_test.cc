// LogReader over a real gRPC server.
#include "services/log/rpc/log_reader_service.h"

#include <grpcpp/grpcpp.h>

#include <chrono>
#include <limits>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "quartermaster/log/v1/log.grpc.pb.h"
#include "services/log/app/log_reader.h"
#include "services/runtime/rpc_error.h"
#include "storage/memory_log.h"

namespace quartermaster::log {
namespace {

constexpr Instant kNow{1'800'000'000'000'000};

// "OK", "CANCELLED", or the reason and the fields of an error of ours.
std::string Describe(const grpc::Status& status) {
  if (status.ok()) return "OK";
  if (status.error_code() == grpc::StatusCode::CANCELLED) return "CANCELLED";
  const runtime::RpcError error = runtime::FromGrpcStatus(status);
  std::string text = common::v1::ErrorReason_Name(error.reason());
  for (const runtime::FieldViolation& violation : error.details().fields) {
    absl::StrAppend(&text, " ", violation.field);
  }
  for (const auto& [key, value] : error.details().metadata) {
    absl::StrAppend(&text, " ", key, "=", value);
  }
  return text;
}

class LogReaderServiceTest : public testing::Test {
 protected:
  LogReaderServiceTest() : log_(storage::NewMemoryLog()) {
    partition_.name = "stock/0";
    lease_ = *log_->Acquire(partition_);
    reader_ = std::make_unique<LogReader>(log_.get());
    service_ = NewLogReaderService(reader_.get());
    grpc::ServerBuilder builder;
    int port = 0;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(service_.get());
    server_ = builder.BuildAndStart();
    stub_ = v1::LogReader::NewStub(
        grpc::CreateChannel(absl::StrCat("127.0.0.1:", port), grpc::InsecureChannelCredentials()));
  }
  ~LogReaderServiceTest() override {
    reader_->Shutdown();
    server_->Shutdown(std::chrono::system_clock::now() + std::chrono::seconds(5));
  }

  void Append(const std::vector<std::string>& payloads) {
    storage::FrameBuilder frame;
    frame.Reset(lease_.head + 1, kNow);
    for (const std::string& payload : payloads) frame.Add(7, 1, payload);
    const auto status = log_->Append(partition_, lease_.epoch, lease_.head, frame.Finish());
    ASSERT_TRUE(status.ok()) << status;
    lease_.head += static_cast<storage::Position>(payloads.size());
  }

  static v1::SubscribeRequest From(int64_t position, const std::string& partition = "stock/0") {
    v1::SubscribeRequest request;
    request.set_partition(partition);
    request.set_from_position(position);
    return request;
  }
  static v1::ReadRequest ReadFrom(int64_t position, int max_records = 0) {
    v1::ReadRequest request;
    request.set_partition("stock/0");
    request.set_from_position(position);
    request.set_max_records(max_records);
    return request;
  }
  std::string Read(const v1::ReadRequest& request, v1::ReadResponse* response) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(30));
    return Describe(stub_->Read(&context, request, response));
  }

  // A client's subscription; reads record by record.
  class Stream {
   public:
    Stream(v1::LogReader::Stub& stub, const v1::SubscribeRequest& request) {
      context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
      reader = stub.Subscribe(&context, request);
    }
    // "position=payload" of the next record; the description of the status at the end.
    std::string Next() {
      while (at == message.records_size()) {
        if (!reader->Read(&message)) return Describe(reader->Finish());
        ++messages;
        bytes_max = std::max(bytes_max, message.ByteSizeLong());
        at = 0;
      }
      const v1::Record& record = message.records(at++);
      return absl::StrCat(record.position(), "=", record.payload());
    }
    grpc::ClientContext context;
    std::unique_ptr<grpc::ClientReader<v1::SubscribeResponse>> reader;
    v1::SubscribeResponse message;
    int at = 0;
    int messages = 0;
    size_t bytes_max = 0;
  };

  const std::unique_ptr<storage::EventLog> log_;
  storage::PartitionId partition_;
  storage::Lease lease_;
  std::unique_ptr<LogReader> reader_;
  std::unique_ptr<grpc::Service> service_;
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<v1::LogReader::Stub> stub_;
};

TEST_F(LogReaderServiceTest, TellsTheStatus) {
  Append({"a", "b"});
  grpc::ClientContext context;
  v1::GetStatusResponse response;
  EXPECT_EQ(Describe(stub_->GetStatus(&context, {}, &response)), "OK");
  ASSERT_EQ(response.partitions_size(), 1);
  EXPECT_EQ(response.partitions(0).partition(), "stock/0");
  EXPECT_EQ(response.partitions(0).head(), 2);
  EXPECT_EQ(response.partitions(0).epoch(), lease_.epoch);
  EXPECT_EQ(response.format_level(), log_->format_level());
}

TEST_F(LogReaderServiceTest, ReadsWholeFrames) {
  Append({"a", "b"});
  Append({"c", "d", "e"});
  v1::ReadResponse response;
  EXPECT_EQ(Read(ReadFrom(2, 1), &response), "OK");
  ASSERT_EQ(response.records_size(), 1);
  EXPECT_EQ(response.head(), 5);
  const v1::Record& record = response.records(0);
  EXPECT_EQ(record.position(), 2);
  EXPECT_EQ(record.payload(), "b");
  EXPECT_EQ(record.type(), 7);
  EXPECT_EQ(record.version(), 1);
  EXPECT_EQ(record.time_unix_us(), kNow.unix_us);
  EXPECT_EQ(Read(ReadFrom(3, 1), &response), "OK");
  EXPECT_EQ(response.records_size(), 3);
  EXPECT_EQ(Read(ReadFrom(1), &response), "OK");
  EXPECT_EQ(response.records_size(), 5);
  EXPECT_EQ(Read(ReadFrom(6), &response), "OK");
  EXPECT_EQ(response.records_size(), 0);
}

TEST_F(LogReaderServiceTest, RefusesBadRequests) {
  Append({"a"});
  constexpr int64_t kMost = std::numeric_limits<int64_t>::max();
  v1::ReadResponse ignored;
  EXPECT_EQ(Read(ReadFrom(0), &ignored), "INVALID_FIELD from_position");
  EXPECT_EQ(Read(ReadFrom(-1), &ignored), "INVALID_FIELD from_position");
  EXPECT_EQ(Read(ReadFrom(3), &ignored), "POSITION_OUT_OF_RANGE");
  EXPECT_EQ(Read(ReadFrom(kMost), &ignored), "POSITION_OUT_OF_RANGE");
  EXPECT_EQ(Read(ReadFrom(1, -1), &ignored), "INVALID_FIELD max_records");
  EXPECT_EQ(Read(ReadFrom(1, 10'001), &ignored), "INVALID_FIELD max_records");
  v1::ReadRequest request = ReadFrom(1);
  for (const std::string& partition :
       {std::string(), std::string(65, 'x'), std::string("stock\n0")}) {
    request.set_partition(partition);
    EXPECT_EQ(Read(request, &ignored), "INVALID_FIELD partition");
    EXPECT_EQ(Stream(*stub_, From(1, partition)).Next(), "INVALID_FIELD partition");
  }
  request.set_partition("stock/1");
  EXPECT_EQ(Read(request, &ignored), "PARTITION_NOT_FOUND");
  EXPECT_EQ(Stream(*stub_, From(1, "stock/1")).Next(), "PARTITION_NOT_FOUND");
  EXPECT_EQ(Stream(*stub_, From(-1)).Next(), "INVALID_FIELD from_position");
  EXPECT_EQ(Stream(*stub_, From(3)).Next(), "POSITION_OUT_OF_RANGE");
  EXPECT_EQ(Stream(*stub_, From(kMost)).Next(), "POSITION_OUT_OF_RANGE");
}

TEST_F(LogReaderServiceTest, CatchesUpThenFollows) {
  Append({"a", "b"});
  Stream all(*stub_, From(1));
  EXPECT_EQ(all.Next(), "1=a");
  EXPECT_EQ(all.Next(), "2=b");
  Append({"c"});
  EXPECT_EQ(all.Next(), "3=c");
  Stream late(*stub_, From(3));
  EXPECT_EQ(late.Next(), "3=c");
  Append({"d"});
  EXPECT_EQ(all.Next(), "4=d");
  EXPECT_EQ(late.Next(), "4=d");
  all.context.TryCancel();
  EXPECT_EQ(all.Next(), "CANCELLED");
  Append({"e"});
  EXPECT_EQ(late.Next(), "5=e");
}

TEST_F(LogReaderServiceTest, OneFrameCanBeManyMessages) {
  std::vector<std::string> payloads(1'500, std::string(1'000, 'x'));
  payloads.push_back(std::string(600 << 10, 'y'));
  payloads.push_back("last");
  Append(payloads);
  Stream stream(*stub_, From(1));
  for (size_t i = 0; i + 2 < payloads.size(); ++i) {
    ASSERT_EQ(stream.Next(), absl::StrCat(i + 1, "=", payloads[i]));
  }
  EXPECT_LE(stream.bytes_max, 512u << 10);
  EXPECT_EQ(stream.messages, 3);
  EXPECT_EQ(stream.Next(), absl::StrCat("1501=", payloads[1'500]));
  EXPECT_EQ(stream.Next(), "1502=last");
}

TEST_F(LogReaderServiceTest, ASlowReaderHoldsUpNobody) {
  // Far more than the connection's window takes: the slow stream's write stays under way.
  for (int i = 0; i < 64; ++i) Append({std::string(256 << 10, 'x')});
  Stream slow(*stub_, From(1));
  Stream fast(*stub_, From(64));
  EXPECT_EQ(fast.Next().substr(0, 4), "64=x");
  Append({"live"});
  EXPECT_EQ(fast.Next(), "65=live");
  for (int i = 1; i <= 64; ++i)
    ASSERT_EQ(slow.Next().substr(0, 2), absl::StrCat(i, "=").substr(0, 2));
  EXPECT_EQ(slow.Next(), "65=live");
}

TEST_F(LogReaderServiceTest, ShutdownEndsSubscriptionsWithTheirPosition) {
  Append({"a", "b"});
  Stream idle(*stub_, From(1));
  EXPECT_EQ(idle.Next(), "1=a");
  EXPECT_EQ(idle.Next(), "2=b");
  reader_->BeginShutdown();
  EXPECT_EQ(idle.Next(), "NOT_SERVING resume=3");
  EXPECT_EQ(Stream(*stub_, From(1)).Next(), "NOT_SERVING resume=1");
  v1::ReadResponse ignored;
  EXPECT_EQ(Read(ReadFrom(1), &ignored), "NOT_SERVING");
  grpc::ClientContext context;
  v1::GetStatusResponse status;
  EXPECT_EQ(Describe(stub_->GetStatus(&context, {}, &status)), "NOT_SERVING");
}

TEST_F(LogReaderServiceTest, ExportsFramesAsTheyAreStored) {
  std::vector<std::string> stored;
  for (int i = 0; i < 40; ++i) {
    Append({std::string(100 << 10, 'x'), std::to_string(i)});
    stored.push_back(log_->Read(partition_, lease_.head, 0)->front());
  }
  const auto read = [&](int64_t from, int64_t to, std::vector<std::string>* frames) {
    v1::ExportFramesRequest request;
    request.set_partition("stock/0");
    request.set_from_position(from);
    request.set_to_position(to);
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
    const auto stream = stub_->ExportFrames(&context, request);
    v1::ExportFramesResponse message;
    while (stream->Read(&message)) {
      EXPECT_LE(message.ByteSizeLong(), (1u << 20) + 1'000);
      for (std::string& frame : *message.mutable_frames()) frames->push_back(std::move(frame));
    }
    return Describe(stream->Finish());
  };
  std::vector<std::string> frames;
  EXPECT_EQ(read(1, 80, &frames), "OK");
  EXPECT_EQ(frames, stored);
  // Whole frames, also when it begins and ends within one.
  frames.clear();
  EXPECT_EQ(read(4, 5, &frames), "OK");
  EXPECT_EQ(frames, std::vector<std::string>({stored[1], stored[2]}));
  frames.clear();
  EXPECT_EQ(read(79, 81, &frames), "POSITION_OUT_OF_RANGE");
  EXPECT_EQ(frames, std::vector<std::string>({stored[39]}));
  EXPECT_EQ(read(90, 91, &frames), "POSITION_OUT_OF_RANGE");
  EXPECT_EQ(read(0, 1, &frames), "INVALID_FIELD from_position");
  EXPECT_EQ(read(2, 1, &frames), "INVALID_FIELD to_position");
}

// Subscribers come, cancel at any moment and go, while the log grows; those who stay miss nothing.
TEST_F(LogReaderServiceTest, CancelsAtAnyMoment) {
  constexpr int kRecords = 400;
  Stream steady(*stub_, From(1));
  std::vector<std::thread> clients;
  for (int c = 0; c < 4; ++c) {
    clients.emplace_back([this, c] {
      for (int round = 0; round < 100; ++round) {
        Stream stream(*stub_, From(round % 3 == 0 ? 0 : 1));
        for (int k = 0; k < (round + c) % 4 && round % 3 != 0; ++k) stream.Next();
        stream.context.TryCancel();
        while (stream.Next() != "CANCELLED") {
        }
      }
    });
  }
  for (int i = 0; i < kRecords; ++i) Append({absl::StrCat(i)});
  for (int i = 0; i < kRecords; ++i) EXPECT_EQ(steady.Next(), absl::StrCat(i + 1, "=", i));
  for (std::thread& client : clients) client.join();
  steady.context.TryCancel();
  EXPECT_EQ(steady.Next(), "CANCELLED");
}

}  // namespace
}  // namespace quartermaster::log
