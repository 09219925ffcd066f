#include "storage/remote/grpc_verdict.h"

#include <gmock/gmock.h>
#include <google/rpc/error_info.pb.h>
#include <google/rpc/status.pb.h>
#include <grpcpp/support/status.h>
#include <gtest/gtest.h>

#include <string>

#include "storage/event_log.h"

namespace quartermaster::storage {
namespace {

using absl::StatusCode;
using ::testing::AllOf;
using ::testing::HasSubstr;

absl::StatusCode VerdictOnTransport(grpc::StatusCode code) {
  return VerdictOf(grpc::Status(code, "what the transport says"), "unix:/log").code();
}

absl::Status VerdictOnReason(grpc::StatusCode code, const std::string& reason,
                             const std::string& domain = "quartermaster") {
  google::rpc::ErrorInfo info;
  info.set_reason(reason);
  info.set_domain(domain);
  google::rpc::Status details;
  details.set_code(code);
  details.add_details()->PackFrom(info);
  return VerdictOf(grpc::Status(code, "what the log says", details.SerializeAsString()),
                   "unix:/log");
}

TEST(GrpcVerdictTest, WhatOnlyTheTransportSaysIsAnUnknownOutcome) {
  EXPECT_TRUE(VerdictOf(grpc::Status::OK, "unix:/log").ok());
  for (const auto code :
       {grpc::StatusCode::UNAVAILABLE, grpc::StatusCode::DEADLINE_EXCEEDED,
        grpc::StatusCode::CANCELLED, grpc::StatusCode::UNKNOWN, grpc::StatusCode::INTERNAL,
        grpc::StatusCode::DATA_LOSS, grpc::StatusCode::ABORTED}) {
    EXPECT_EQ(VerdictOnTransport(code), StatusCode::kUnavailable) << code;
  }
}

TEST(GrpcVerdictTest, WhatNoRepetitionMendsKeepsItsCode) {
  EXPECT_EQ(VerdictOnTransport(grpc::StatusCode::UNIMPLEMENTED), StatusCode::kUnimplemented);
  EXPECT_EQ(VerdictOnTransport(grpc::StatusCode::RESOURCE_EXHAUSTED),
            StatusCode::kResourceExhausted);
  EXPECT_EQ(VerdictOnTransport(grpc::StatusCode::PERMISSION_DENIED), StatusCode::kPermissionDenied);
  EXPECT_EQ(VerdictOnTransport(grpc::StatusCode::UNAUTHENTICATED), StatusCode::kUnauthenticated);
}

TEST(GrpcVerdictTest, TheLogsOwnVerdictKeepsItsCode) {
  const auto verdict = [](grpc::StatusCode code, const char* reason) {
    return VerdictOnReason(code, reason).code();
  };
  EXPECT_EQ(verdict(grpc::StatusCode::INTERNAL, "LOG_FAILED"), StatusCode::kInternal);
  EXPECT_EQ(verdict(grpc::StatusCode::DATA_LOSS, "LOG_DAMAGED"), StatusCode::kDataLoss);
  EXPECT_EQ(verdict(grpc::StatusCode::NOT_FOUND, "PARTITION_NOT_FOUND"), StatusCode::kNotFound);
  EXPECT_EQ(verdict(grpc::StatusCode::OUT_OF_RANGE, "POSITION_OUT_OF_RANGE"),
            StatusCode::kOutOfRange);
  EXPECT_EQ(verdict(grpc::StatusCode::INVALID_ARGUMENT, "INVALID_FIELD"),
            StatusCode::kInvalidArgument);
  EXPECT_EQ(verdict(grpc::StatusCode::FAILED_PRECONDITION, "EXPECTATION_FAILED"),
            StatusCode::kFailedPrecondition);
  EXPECT_EQ(verdict(grpc::StatusCode::UNAVAILABLE, "NOT_SERVING"), StatusCode::kUnavailable);
  EXPECT_EQ(verdict(grpc::StatusCode::RESOURCE_EXHAUSTED, "OVERLOADED"), StatusCode::kUnavailable);
  // Newer than this binary: the code says enough.
  EXPECT_EQ(verdict(grpc::StatusCode::INTERNAL, "SOMETHING_NEW"), StatusCode::kInternal);
}

TEST(GrpcVerdictTest, OnlyTheLogFences) {
  const absl::Status fenced = VerdictOnReason(grpc::StatusCode::ABORTED, "PARTITION_FENCED");
  EXPECT_TRUE(IsFenced(fenced));
  EXPECT_THAT(std::string(fenced.message()),
              AllOf(HasSubstr("unix:/log"), HasSubstr("what the log says")));
  EXPECT_FALSE(IsFenced(VerdictOnReason(grpc::StatusCode::ABORTED, "ETAG_MISMATCH")));
  EXPECT_TRUE(absl::IsUnavailable(
      VerdictOnReason(grpc::StatusCode::ABORTED, "PARTITION_FENCED", "somebody-else")));
  EXPECT_TRUE(absl::IsUnavailable(
      VerdictOf(grpc::Status(grpc::StatusCode::ABORTED, "", "no details"), "unix:/log")));
}

}  // namespace
}  // namespace quartermaster::storage
