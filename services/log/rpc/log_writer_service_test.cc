// LogWriter over a real gRPC server: what it refuses, and how it says so.
#include "services/log/rpc/log_writer_service.h"

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "quartermaster/log/v1/log_writer.grpc.pb.h"
#include "services/log/app/log_writer.h"
#include "services/runtime/rpc_error.h"
#include "services/runtime/server.h"
#include "storage/memory_log.h"
#include "storage/shared_log_limits.h"
#include "storage/test_frames.h"

namespace quartermaster::log {
namespace {

using storage::MakeFrame;

constexpr int64_t kMost = std::numeric_limits<int64_t>::max();

// "OK", or the code's number, the reason and the fields of an error of ours.
std::string Describe(const grpc::Status& status) {
  if (status.ok()) return "OK";
  const runtime::RpcError error = runtime::FromGrpcStatus(status);
  std::string text = absl::StrCat(static_cast<int>(status.error_code()), " ",
                                  common::v1::ErrorReason_Name(error.reason()));
  for (const runtime::FieldViolation& violation : error.details().fields) {
    absl::StrAppend(&text, " ", violation.field);
  }
  if (const auto& expectation = error.details().expectation_failed) {
    absl::StrAppend(&text, " expected=", expectation->expected(),
                    " actual=", expectation->actual());
  }
  return text;
}

class LogWriterServiceTest : public testing::Test {
 protected:
  LogWriterServiceTest() : log_(storage::NewMemoryLog()) {
    writer_ = std::make_unique<LogWriter>(log_.get());
    service_ = NewLogWriterService(writer_.get());
    runtime::GrpcServerOptions options;
    options.listen = "127.0.0.1:0";
    options.message_bytes_max = storage::kSharedLogMessageBytesMax;
    auto server =
        runtime::GrpcServer::Start(options, {runtime::Hosted<v1::LogWriter>(service_.get())});
    EXPECT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
    stub_ = v1::LogWriter::NewStub(grpc::CreateChannel(absl::StrCat("127.0.0.1:", server_->port()),
                                                       grpc::InsecureChannelCredentials()));
  }

  template <typename Request, typename Response>
  std::string Call(grpc::Status (v1::LogWriter::Stub::*method)(grpc::ClientContext*, const Request&,
                                                               Response*),
                   const std::function<void(Request&)>& change) {
    Request request = Valid(Request());
    change(request);
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(30));
    Response response;
    return Describe((stub_.get()->*method)(&context, request, &response));
  }
  std::string Append(const std::function<void(v1::AppendRequest&)>& change) {
    return Call<v1::AppendRequest>(&v1::LogWriter::Stub::Append, change);
  }
  std::string Read(const std::function<void(v1::ReadFramesRequest&)>& change) {
    return Call<v1::ReadFramesRequest>(&v1::LogWriter::Stub::ReadFrames, change);
  }
  std::string Wait(const std::function<void(v1::WaitForHeadRequest&)>& change) {
    return Call<v1::WaitForHeadRequest>(&v1::LogWriter::Stub::WaitForHead, change);
  }

  template <typename Request>
  static Request Named(Request request) {
    request.set_tenant("default");
    request.set_partition("stock/0");
    return request;
  }
  static v1::AcquireRequest Valid(const v1::AcquireRequest& request) { return Named(request); }
  static v1::GetPartitionRequest Valid(const v1::GetPartitionRequest& request) {
    return Named(request);
  }
  static v1::AppendRequest Valid(const v1::AppendRequest& empty) {
    v1::AppendRequest request = Named(empty);
    request.set_epoch(1);
    request.set_frame(MakeFrame(1, 1));
    return request;
  }
  static v1::ReadFramesRequest Valid(const v1::ReadFramesRequest& empty) {
    v1::ReadFramesRequest request = Named(empty);
    request.set_from_position(1);
    request.set_max_bytes(1'000);
    return request;
  }
  static v1::WaitForHeadRequest Valid(const v1::WaitForHeadRequest& request) {
    return Named(request);
  }

  // Every method that names a partition refuses these names, each by its field.
  template <typename Request, typename Response>
  void RefusesBadNames(grpc::Status (v1::LogWriter::Stub::*method)(grpc::ClientContext*,
                                                                   const Request&, Response*)) {
    for (const std::string& bad :
         {std::string(), std::string(65, 'x'), std::string("a\0b", 3), std::string("a\nb")}) {
      EXPECT_EQ(Call<Request>(method, [&](auto& r) { r.set_tenant(bad); }),
                "3 INVALID_FIELD tenant");
      EXPECT_EQ(Call<Request>(method, [&](auto& r) { r.set_partition(bad); }),
                "3 INVALID_FIELD partition");
    }
    EXPECT_EQ(Call<Request>(method, [&](auto& r) { r.set_tenant("\xff"); }).substr(0, 15),
              "3 INVALID_FIELD");
  }

  const std::unique_ptr<storage::EventLog> log_;
  std::unique_ptr<LogWriter> writer_;
  std::unique_ptr<grpc::Service> service_;
  std::unique_ptr<runtime::GrpcServer> server_;
  std::unique_ptr<v1::LogWriter::Stub> stub_;
};

TEST_F(LogWriterServiceTest, RefusesBadNames) {
  using Stub = v1::LogWriter::Stub;
  RefusesBadNames(&Stub::Acquire);
  RefusesBadNames(&Stub::Append);
  RefusesBadNames(&Stub::ReadFrames);
  RefusesBadNames(&Stub::GetPartition);
  RefusesBadNames(&Stub::WaitForHead);
  EXPECT_TRUE(log_->ListPartitions()->empty());
}

TEST_F(LogWriterServiceTest, RefusesBadAppends) {
  ASSERT_TRUE(log_->Acquire({"default", "stock/0"}).ok());
  using R = v1::AppendRequest;
  EXPECT_EQ(Append([](R& r) { r.set_epoch(0); }), "3 INVALID_FIELD epoch");
  EXPECT_EQ(Append([](R& r) { r.set_epoch(-1); }), "3 INVALID_FIELD epoch");
  EXPECT_EQ(Append([](R& r) { r.set_epoch(2); }), "3 INVALID_FIELD epoch");
  EXPECT_EQ(Append([](R& r) { r.set_epoch(kMost); }), "3 INVALID_FIELD epoch");
  EXPECT_EQ(Append([](R& r) { r.set_expected_head(-1); }), "3 INVALID_FIELD expected_head");
  EXPECT_EQ(Append([](R& r) { r.set_expected_head(kMost); }), "3 INVALID_FIELD expected_head");
  EXPECT_EQ(Append([](R& r) { r.clear_frame(); }), "3 INVALID_FIELD frame");
  EXPECT_EQ(Append([](R& r) { r.set_frame("x"); }), "3 INVALID_FIELD frame");
  EXPECT_EQ(Append([](R& r) { r.set_frame(std::string(100, 'x')); }), "3 INVALID_FIELD frame");
  EXPECT_EQ(Append([](R& r) { r.mutable_frame()->pop_back(); }), "3 INVALID_FIELD frame");
  EXPECT_EQ(Append([](R& r) { r.mutable_frame()->back() ^= 1; }), "3 INVALID_FIELD frame");
  EXPECT_EQ(Append([](R& r) { r.set_frame(MakeFrame(2, 1)); }), "3 INVALID_FIELD frame");
  EXPECT_EQ(
      Append([](R& r) { r.set_frame(std::string(storage::kSharedLogFrameBytesMax + 1, 'x')); }),
      "3 INVALID_FIELD frame");
  EXPECT_EQ(Append([](R& r) {
              r.clear_tenant();
              r.set_epoch(0);
              r.clear_frame();
            }),
            "3 INVALID_FIELD tenant epoch frame");
  EXPECT_EQ(log_->GetStatus({"default", "stock/0"})->head, 0);
}

TEST_F(LogWriterServiceTest, RefusesBadReadsAndWaits) {
  using R = v1::ReadFramesRequest;
  EXPECT_EQ(Read([](R& r) { r.set_from_position(0); }), "3 INVALID_FIELD from_position");
  EXPECT_EQ(Read([](R& r) { r.set_from_position(-1); }), "3 INVALID_FIELD from_position");
  EXPECT_EQ(Read([](R& r) { r.set_from_position(2); }), "11 POSITION_OUT_OF_RANGE");
  EXPECT_EQ(Read([](R& r) { r.set_from_position(kMost); }), "11 POSITION_OUT_OF_RANGE");
  EXPECT_EQ(Read([](R& r) { r.set_max_bytes(-1); }), "3 INVALID_FIELD max_bytes");
  EXPECT_EQ(Read([](R& r) { r.set_max_bytes(kMost); }), "OK");
  using W = v1::WaitForHeadRequest;
  EXPECT_EQ(Wait([](W& r) { r.set_position(-1); }), "3 INVALID_FIELD position");
  EXPECT_EQ(Wait([](W& r) { r.set_timeout_us(-1); }), "3 INVALID_FIELD timeout_us");
  EXPECT_EQ(Wait([](W& r) { r.set_timeout_us(10'000'001); }), "3 INVALID_FIELD timeout_us");
  EXPECT_EQ(Wait([](W& r) { r.set_position(kMost); }), "OK");
}

TEST_F(LogWriterServiceTest, SaysWhyAnOwnerIsRefused) {
  const auto get = [&] {
    return Call<v1::GetPartitionRequest>(&v1::LogWriter::Stub::GetPartition,
                                         [](v1::GetPartitionRequest&) {});
  };
  const auto acquire = [&] {
    return Call<v1::AcquireRequest>(&v1::LogWriter::Stub::Acquire, [](v1::AcquireRequest&) {});
  };
  using R = v1::AppendRequest;
  const auto append = [&] { return Append([](R&) {}); };
  EXPECT_EQ(get(), "5 PARTITION_NOT_FOUND");
  // Nobody was given the epoch yet.
  EXPECT_EQ(append(), "3 INVALID_FIELD epoch");
  EXPECT_EQ(acquire(), "OK");
  EXPECT_EQ(get(), "OK");
  EXPECT_EQ(append(), "OK");
  EXPECT_EQ(append(), "OK");
  EXPECT_EQ(Append([](R& r) {
              r.set_expected_head(7);
              r.set_frame(MakeFrame(8, 1));
            }),
            "9 EXPECTATION_FAILED expected=7 actual=1");
  EXPECT_EQ(acquire(), "OK");
  EXPECT_EQ(append(), "10 PARTITION_FENCED");
  writer_->BeginShutdown();
  EXPECT_EQ(append(), "14 NOT_SERVING");
  EXPECT_EQ(acquire(), "14 NOT_SERVING");
  EXPECT_EQ(get(), "14 NOT_SERVING");
  EXPECT_EQ(Read([](v1::ReadFramesRequest&) {}), "14 NOT_SERVING");
  EXPECT_EQ(Wait([](v1::WaitForHeadRequest&) {}), "14 NOT_SERVING");
}

}  // namespace
}  // namespace quartermaster::log
