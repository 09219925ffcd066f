#include "services/runtime/malformed_requests.h"

#include <google/protobuf/stubs/logging.h>
#include <grpcpp/grpcpp.h>

#include <cstdio>
#include <string>
#include <string_view>
#include <utility>

#include "services/runtime/rpc_error.h"

namespace quartermaster::runtime {
namespace {

// The field of the last text on this thread that was no valid UTF-8: "ReserveLine.sku".
thread_local std::string bad_text_field;

// Takes "String field 'quartermaster.stock.v1.ReserveLine.sku' contains invalid UTF-8 data when
// parsing ..." apart. protobuf has no other way to say which field it was.
std::string FieldOf(std::string_view message) {
  constexpr std::string_view kBefore = "String field '";
  constexpr std::string_view kAfter = "' contains invalid UTF-8 data when parsing";
  const size_t end = message.find(kAfter);
  if (!message.starts_with(kBefore) || end == std::string_view::npos) return "";
  const std::string_view name = message.substr(kBefore.size(), end - kBefore.size());
  // Less the package.
  const size_t field = name.rfind('.');
  if (field == std::string_view::npos || field == 0) return std::string(name);
  const size_t type = name.rfind('.', field - 1);
  return std::string(name.substr(type == std::string_view::npos ? 0 : type + 1));
}

void OnProtobufLog(google::protobuf::LogLevel level, const char* file, int line,
                   const std::string& message) {
  if (std::string field = FieldOf(message); !field.empty()) {
    bad_text_field = std::move(field);
    return;
  }
  if (level >= google::protobuf::LOGLEVEL_WARNING) {
    std::fprintf(stderr, "protobuf: %s:%d: %s\n", file, line, message.c_str());
  }
}

}  // namespace

void WatchForMalformedText() {
  static google::protobuf::LogHandler* const previous =
      google::protobuf::SetLogHandler(&OnProtobufLog);
  static_cast<void>(previous);
}

std::string TakeMalformedField() { return std::exchange(bad_text_field, {}); }

grpc::Status MalformedRequest(const std::string& field) {
  if (!field.empty()) return ToGrpcStatus(InvalidField(field, "must be valid UTF-8"));
  return ToGrpcStatus(
      {common::v1::INVALID_FIELD, "the request is no well-formed message of its type"});
}

}  // namespace quartermaster::runtime
