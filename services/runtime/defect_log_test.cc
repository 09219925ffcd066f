#include "services/runtime/defect_log.h"

#include <gmock/gmock.h>
#include <grpcpp/support/status.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "services/runtime/logging.h"

namespace quartermaster::runtime {
namespace {

using ::testing::HasSubstr;

class DefectLogTest : public ::testing::Test {
 protected:
  void Report(Instant now) {
    defects_.Report("/a.Service/Method", "r-1", {grpc::StatusCode::INTERNAL, "a broken thing"},
                    now);
  }

  std::vector<std::string> lines_;
  // Errors are written before the call returns.
  Logger log_{{.format = LogFormat::kJson},
              [this](const std::string& line) { lines_.push_back(line); }};
  DefectLog defects_{&log_};
};

TEST_F(DefectLogTest, ADefectIsWhatNoCallerCaused) {
  for (int code = 0; code <= 16; ++code) {
    const auto grpc_code = static_cast<grpc::StatusCode>(code);
    EXPECT_EQ(DefectLog::IsDefect({grpc_code, ""}), grpc_code == grpc::StatusCode::UNKNOWN ||
                                                        grpc_code == grpc::StatusCode::INTERNAL ||
                                                        grpc_code == grpc::StatusCode::DATA_LOSS)
        << code;
  }
}

TEST_F(DefectLogTest, SaysWhichCallFailedAndWhy) {
  Report({1});
  ASSERT_EQ(lines_.size(), 1u);
  for (const char* part :
       {"\"level\":\"error\"", "\"method\":\"/a.Service/Method\"", "\"request_id\":\"r-1\"",
        "\"code\":\"INTERNAL\"", "\"cause\":\"a broken thing\"", "\"left_out_before\":0"}) {
    EXPECT_THAT(lines_[0], HasSubstr(part));
  }
}

TEST_F(DefectLogTest, CutsWhatIsNoRequestId) {
  defects_.Report("/a.Service/Method", std::string(1'000, 'x'), {grpc::StatusCode::INTERNAL, ""},
                  {1});
  ASSERT_EQ(lines_.size(), 1u);
  EXPECT_THAT(lines_[0], HasSubstr("\"" + std::string(64, 'x') + "\""));
}

TEST_F(DefectLogTest, AStormIsCounted) {
  constexpr int kStorm = DefectLog::kLinesPerInterval + 5;
  for (int i = 0; i < kStorm; ++i) Report({i});
  EXPECT_EQ(lines_.size(), static_cast<size_t>(DefectLog::kLinesPerInterval));
  Report(Instant{0} + DefectLog::kInterval - Micros{1});
  EXPECT_EQ(lines_.size(), static_cast<size_t>(DefectLog::kLinesPerInterval));
  Report(Instant{0} + DefectLog::kInterval);
  ASSERT_EQ(lines_.size(), static_cast<size_t>(DefectLog::kLinesPerInterval) + 1);
  EXPECT_THAT(lines_.back(), HasSubstr("\"left_out_before\":6"));
}

TEST_F(DefectLogTest, WithoutALogItSaysNothing) {
  DefectLog(nullptr).Report("/a.Service/Method", "", {grpc::StatusCode::INTERNAL, ""}, {1});
}

}  // namespace
}  // namespace quartermaster::runtime
