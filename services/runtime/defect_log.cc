#include "services/runtime/defect_log.h"

#include <grpcpp/support/status.h>

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "services/runtime/logging.h"

namespace quartermaster::runtime {
namespace {

constexpr size_t kRequestIdBytesMax = 64;

}  // namespace

bool DefectLog::IsDefect(const grpc::Status& status) {
  switch (status.error_code()) {
    case grpc::StatusCode::INTERNAL:
    case grpc::StatusCode::UNKNOWN:
    case grpc::StatusCode::DATA_LOSS:
      return true;
    default:
      return false;
  }
}

void DefectLog::Report(std::string_view method, std::string_view request_id,
                       const grpc::Status& status, Instant now) {
  if (log_ == nullptr) return;
  int64_t left_out = 0;
  {
    MutexLock lock(&mutex_);
    if (interval_start_ == kDistantPast || now - interval_start_ >= kInterval) {
      interval_start_ = now;
      lines_ = 0;
    }
    if (lines_ == kLinesPerInterval) {
      ++left_out_;
      return;
    }
    ++lines_;
    left_out = std::exchange(left_out_, 0);
  }
  log_->Error(
      "a call failed for a reason of ours",
      {{"method", method},
       {"request_id", request_id.substr(0, kRequestIdBytesMax)},
       {"code", absl::StatusCodeToString(static_cast<absl::StatusCode>(status.error_code()))},
       {"cause", status.error_message()},
       {"left_out_before", left_out}});
}

}  // namespace quartermaster::runtime
