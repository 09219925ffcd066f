#include "tools/qm/client/error_report.h"

#include <string>

#include "gmock/gmock.h"
#include "google/rpc/error_info.pb.h"
#include "google/rpc/status.pb.h"
#include "grpcpp/support/status.h"
#include "gtest/gtest.h"
#include "quartermaster/common/v1/common.pb.h"
#include "tools/qm/client/request_id.h"

namespace quartermaster::qm {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;

grpc::Status ShortOfStock() {
  google::rpc::Status status;
  status.set_code(grpc::StatusCode::FAILED_PRECONDITION);
  google::rpc::ErrorInfo info;
  info.set_reason("INSUFFICIENT_STOCK");
  info.set_domain("quartermaster");
  status.add_details()->PackFrom(info);
  common::v1::InsufficientStock detail;
  auto* line = detail.add_lines();
  line->set_line_id("0");
  line->set_sku("A-1");
  line->set_location_id("store-5");
  line->set_asked(5);
  line->set_available(2);
  status.add_details()->PackFrom(detail);
  return grpc::Status(grpc::StatusCode::FAILED_PRECONDITION, "too little",
                      status.SerializeAsString());
}

TEST(ErrorReportTest, ShowsReasonLinesAndNextStep) {
  const ErrorReport error = ReadError(ShortOfStock());
  EXPECT_EQ(error.exit_code, kRefused);
  EXPECT_EQ(Text(error, /*color=*/false),
            "error: INSUFFICIENT_STOCK: too little\n"
            "  line 0: A-1 at store-5: asked 5, available 2\n"
            "next step: Ask for what is available, or for another place.\n");
  EXPECT_EQ(OneLine(error), "INSUFFICIENT_STOCK: too little; line 0 A-1: asked 5, available 2");
  EXPECT_EQ(ToJson(error)["error"]["short_lines"][0]["available"], 2);
}

TEST(ErrorReportTest, NobodyThere) {
  const ErrorReport error = ReadError(grpc::Status(grpc::StatusCode::UNAVAILABLE, "refused"));
  EXPECT_EQ(error.exit_code, kUnreachable);
  EXPECT_THAT(Text(error, false), HasSubstr("--address"));
}

TEST(ErrorReportTest, OnThisSide) {
  const ErrorReport error = LocalError(absl::NotFoundError("cannot read f"), kLocalFile);
  EXPECT_EQ(error.exit_code, kLocalFile);
  EXPECT_EQ(Text(error, false), "error: cannot read f\nnext step: Check the path.\n");
  EXPECT_EQ(ToJson(error)["error"]["code"], "NOT_FOUND");
  EXPECT_THAT(LocalError(absl::InvalidArgumentError("no"), kUsage).next_step, HasSubstr("--help"));
}

TEST(ErrorReportTest, EveryReasonHasANextStep) {
  const auto* reasons = common::v1::ErrorReason_descriptor();
  for (int i = 0; i < reasons->value_count(); ++i) {
    if (reasons->value(i)->number() == 0) continue;
    EXPECT_FALSE(NextStep(reasons->value(i)->name()).empty()) << reasons->value(i)->name();
  }
}

TEST(RequestIdTest, IsAUuidOfVersion4) {
  const std::string id = NewRequestId();
  EXPECT_THAT(id, MatchesRegex("[0-9a-f]+-[0-9a-f]+-4[0-9a-f]+-[89ab][0-9a-f]+-[0-9a-f]+"));
  EXPECT_EQ(id.size(), 36u);
  EXPECT_NE(id, NewRequestId());
}

}  // namespace
}  // namespace quartermaster::qm
