#include "tools/qm/client/error_report.h"

#include <array>

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/error_info.pb.h"
#include "google/rpc/status.pb.h"
#include "grpcpp/support/status.h"
#include "quartermaster/common/v1/common.pb.h"

namespace quartermaster::qm {
namespace {

namespace commonv1 = ::quartermaster::common::v1;

constexpr int64_t kMillisPerSecond = 1'000;
constexpr int64_t kNanosPerMilli = 1'000'000;
// Under which a status of ours carries the server's.
constexpr char kServerStatus[] = "type.googleapis.com/google.rpc.Status";

std::string CodeName(int code) {
  static constexpr std::array<const char*, 17> kNames = {"OK",
                                                         "CANCELLED",
                                                         "UNKNOWN",
                                                         "INVALID_ARGUMENT",
                                                         "DEADLINE_EXCEEDED",
                                                         "NOT_FOUND",
                                                         "ALREADY_EXISTS",
                                                         "PERMISSION_DENIED",
                                                         "RESOURCE_EXHAUSTED",
                                                         "FAILED_PRECONDITION",
                                                         "ABORTED",
                                                         "OUT_OF_RANGE",
                                                         "UNIMPLEMENTED",
                                                         "INTERNAL",
                                                         "UNAVAILABLE",
                                                         "DATA_LOSS",
                                                         "UNAUTHENTICATED"};
  if (code < 0 || code >= static_cast<int>(kNames.size())) return absl::StrCat("CODE_", code);
  return kNames[static_cast<size_t>(code)];
}

void ReadShortLines(const commonv1::InsufficientStock& detail, ErrorReport& report) {
  for (const auto& line : detail.lines()) {
    std::string place = line.location_id();
    if (place.empty() && !line.pool_id().empty()) place = "pool:" + line.pool_id();
    if (!line.channel_id().empty()) place = "channel:" + line.channel_id();
    report.short_lines.push_back(
        {line.line_id(), line.sku(), place, line.asked(), line.available()});
  }
}

void ReadDetail(const google::protobuf::Any& any, ErrorReport& report) {
  google::rpc::ErrorInfo info;
  google::rpc::BadRequest bad_request;
  google::rpc::PreconditionFailure precondition;
  google::rpc::RetryInfo retry;
  google::rpc::ResourceInfo resource;
  commonv1::InsufficientStock short_stock;
  commonv1::ExpectationFailed expectation;
  if (any.UnpackTo(&info)) {
    report.reason = info.reason();
    report.metadata.insert(info.metadata().begin(), info.metadata().end());
  } else if (any.UnpackTo(&bad_request)) {
    for (const auto& violation : bad_request.field_violations()) {
      report.fields.emplace_back(violation.field(), violation.description());
    }
  } else if (any.UnpackTo(&precondition)) {
    for (const auto& violation : precondition.violations()) {
      // Without words it only repeats reason and resource.
      if (violation.description().empty()) continue;
      report.fields.emplace_back(violation.subject(), violation.description());
    }
  } else if (any.UnpackTo(&retry)) {
    report.retry_after_ms = retry.retry_delay().seconds() * kMillisPerSecond +
                            retry.retry_delay().nanos() / kNanosPerMilli;
  } else if (any.UnpackTo(&resource)) {
    report.resource = absl::StrCat(resource.resource_type(), " ", resource.resource_name());
  } else if (any.UnpackTo(&short_stock)) {
    ReadShortLines(short_stock, report);
  } else if (any.UnpackTo(&expectation)) {
    report.expectation.emplace(expectation.expected(), expectation.actual());
  }
}

google::rpc::Status DetailOf(const grpc::Status& status) {
  google::rpc::Status detail;
  if (!detail.ParseFromString(status.error_details())) detail.Clear();
  detail.set_code(status.error_code());
  detail.set_message(status.error_message());
  return detail;
}

// What to do about a local file or directory.
const char* LocalNextStep(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kNotFound:
      return "Check the path.";
    case absl::StatusCode::kAlreadyExists:
      return "Name a directory that is new or empty.";
    case absl::StatusCode::kInvalidArgument:
      return "Correct the file; the command's --help says what belongs in it.";
    case absl::StatusCode::kDataLoss:
      return "Do not rely on it: take another copy, and find out what damaged this one.";
    case absl::StatusCode::kResourceExhausted:
      return "Make room on the disk, then run the same command again.";
    case absl::StatusCode::kFailedPrecondition:
      return "";
    default:
      return "Check the path, who may read and write there, and the disk.";
  }
}

ExitCode ExitCodeOf(int code) {
  switch (code) {
    case grpc::StatusCode::UNAVAILABLE:
    case grpc::StatusCode::DEADLINE_EXCEEDED:
    case grpc::StatusCode::RESOURCE_EXHAUSTED:
      return kUnreachable;
    default:
      return kRefused;
  }
}

}  // namespace

ErrorReport ReadError(const google::rpc::Status& status) {
  ErrorReport report;
  report.code = CodeName(status.code());
  report.message = status.message();
  report.exit_code = ExitCodeOf(status.code());
  for (const auto& any : status.details()) ReadDetail(any, report);
  report.next_step = std::string(NextStep(report.reason.empty() ? report.code : report.reason));
  if (report.next_step.empty() && report.exit_code == kUnreachable) {
    report.next_step = "Is the server running, and is --address right?";
  }
  return report;
}

ErrorReport ReadError(const grpc::Status& status) { return ReadError(DetailOf(status)); }

absl::Status ToAbsl(const grpc::Status& status) {
  if (status.ok()) return absl::OkStatus();
  // The numbers of absl's codes and gRPC's agree.
  absl::Status result(static_cast<absl::StatusCode>(status.error_code()),
                      OneLine(ReadError(status)));
  result.SetPayload(kServerStatus, absl::Cord(DetailOf(status).SerializeAsString()));
  return result;
}

std::optional<ErrorReport> ReadServerError(const absl::Status& status) {
  const auto payload = status.GetPayload(kServerStatus);
  google::rpc::Status detail;
  if (!payload || !detail.ParseFromString(std::string(*payload))) return std::nullopt;
  return ReadError(detail);
}

ErrorReport LocalError(const absl::Status& status, ExitCode exit_code) {
  ErrorReport report;
  report.code = CodeName(status.raw_code());
  report.message = std::string(status.message());
  report.exit_code = exit_code;
  report.next_step = exit_code == kUsage ? "Run the command with --help: it has an example."
                                         : LocalNextStep(status.code());
  return report;
}

std::string OneLine(const ErrorReport& error) {
  std::string line = error.reason.empty() ? error.code : error.reason;
  if (!error.fields.empty()) {
    for (const auto& [field, what] : error.fields) absl::StrAppend(&line, ": ", field, ": ", what);
  } else if (!error.message.empty()) {
    absl::StrAppend(&line, ": ", error.message);
  }
  for (const auto& s : error.short_lines) {
    absl::StrAppend(&line, "; line ", s.line_id, " ", s.sku, ": asked ", s.asked, ", available ",
                    s.available);
  }
  if (error.expectation) {
    absl::StrAppend(&line, "; expected ", error.expectation->first, ", actual ",
                    error.expectation->second);
  }
  return line;
}

std::string Text(const ErrorReport& error, bool color) {
  std::string text = color ? "\033[31merror:\033[0m " : "error: ";
  const bool local = error.exit_code == kUsage || error.exit_code == kLocalFile;
  if (!local) absl::StrAppend(&text, error.reason.empty() ? error.code : error.reason);
  if (!error.message.empty()) absl::StrAppend(&text, local ? "" : ": ", error.message);
  absl::StrAppend(&text, "\n");
  for (const auto& [field, what] : error.fields) {
    absl::StrAppend(&text, "  ", field, ": ", what, "\n");
  }
  for (const auto& s : error.short_lines) {
    absl::StrAppend(&text, "  line ", s.line_id, ": ", s.sku,
                    s.place.empty() ? "" : absl::StrCat(" at ", s.place), ": asked ", s.asked,
                    ", available ", s.available, "\n");
  }
  if (error.expectation) {
    absl::StrAppend(&text, "  expected ", error.expectation->first, ", actual ",
                    error.expectation->second, "\n");
  }
  if (!error.resource.empty()) absl::StrAppend(&text, "  ", error.resource, "\n");
  for (const auto& [key, value] : error.metadata) {
    absl::StrAppend(&text, "  ", key, ": ", value, "\n");
  }
  if (error.retry_after_ms) {
    absl::StrAppend(&text, "  retry after ", *error.retry_after_ms, " ms\n");
  }
  if (!error.next_step.empty()) absl::StrAppend(&text, "next step: ", error.next_step, "\n");
  return text;
}

Json ToJson(const ErrorReport& error) {
  Json json;
  json["code"] = error.code;
  json["reason"] = error.reason;
  json["message"] = error.message;
  for (const auto& [field, what] : error.fields) {
    json["fields"].push_back({{"field", field}, {"description", what}});
  }
  for (const auto& s : error.short_lines) {
    json["short_lines"].push_back({{"line_id", s.line_id},
                                   {"sku", s.sku},
                                   {"place", s.place},
                                   {"asked", s.asked},
                                   {"available", s.available}});
  }
  if (error.expectation) {
    json["expected"] = error.expectation->first;
    json["actual"] = error.expectation->second;
  }
  if (!error.resource.empty()) json["resource"] = error.resource;
  if (!error.metadata.empty()) json["metadata"] = error.metadata;
  if (error.retry_after_ms) json["retry_after_ms"] = *error.retry_after_ms;
  if (!error.next_step.empty()) json["next_step"] = error.next_step;
  return Json{{"error", json}};
}

}  // namespace quartermaster::qm
