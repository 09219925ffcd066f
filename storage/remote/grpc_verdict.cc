#include "storage/remote/grpc_verdict.h"

#include <google/rpc/error_info.pb.h>
#include <google/rpc/status.pb.h>
#include <grpcpp/support/status.h>

#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "quartermaster/common/v1/common.pb.h"

namespace quartermaster::storage {
namespace {

using common::v1::ErrorReason;

constexpr std::string_view kOurDomain = "quartermaster";

// Nothing if the status has no ErrorInfo of ours; unspecified if its reason is newer than this
// binary.
std::optional<ErrorReason> ReasonOf(const grpc::Status& status) {
  google::rpc::Status details;
  if (status.error_details().empty() || !details.ParseFromString(status.error_details())) {
    return std::nullopt;
  }
  google::rpc::ErrorInfo info;
  for (const google::protobuf::Any& detail : details.details()) {
    if (!detail.UnpackTo(&info) || info.domain() != kOurDomain) continue;
    ErrorReason reason = common::v1::ERROR_REASON_UNSPECIFIED;
    common::v1::ErrorReason_Parse(info.reason(), &reason);
    return reason;
  }
  return std::nullopt;
}

absl::StatusCode CodeOf(const grpc::Status& status, std::optional<ErrorReason> reason) {
  switch (status.error_code()) {
    // The log shuts down, or the connection broke, or nobody answered in time.
    case grpc::StatusCode::UNAVAILABLE:
    case grpc::StatusCode::DEADLINE_EXCEEDED:
    case grpc::StatusCode::CANCELLED:
      return absl::StatusCode::kUnavailable;
    case grpc::StatusCode::ABORTED:
      if (reason == common::v1::PARTITION_FENCED) return absl::StatusCode::kAborted;
      return reason.has_value() ? absl::StatusCode::kInternal : absl::StatusCode::kUnavailable;
    // What gRPC says of broken streams, too.
    case grpc::StatusCode::UNKNOWN:
    case grpc::StatusCode::INTERNAL:
    case grpc::StatusCode::DATA_LOSS:
      if (!reason.has_value()) return absl::StatusCode::kUnavailable;
      break;
    case grpc::StatusCode::RESOURCE_EXHAUSTED:
      if (reason == common::v1::OVERLOADED) return absl::StatusCode::kUnavailable;
      break;
    default:
      break;
  }
  // The numbers agree.
  return static_cast<absl::StatusCode>(status.error_code());
}

}  // namespace

absl::Status VerdictOf(const grpc::Status& status, std::string_view address) {
  if (status.ok()) return absl::OkStatus();
  const std::optional<ErrorReason> reason = ReasonOf(status);
  return absl::Status(CodeOf(status, reason),
                      absl::StrCat("the log at ", absl::string_view(address.data(), address.size()),
                                   ": ", status.error_message()));
}

}  // namespace quartermaster::storage
