#include "tools/qm/context.h"

#include <unistd.h>

#include <cstdlib>
#include <iostream>
#include <thread>
#include <utility>

#include "tools/qm/client/request_id.h"

namespace quartermaster::qm {
namespace {

// Answers carry up to a thousand orders; the server caps requests, not answers.
constexpr int kMaxReceiveBytes = 64 << 20;
constexpr int kFirstReconnectMs = 100;
constexpr int kLongestReconnectMs = 1'000;

grpc::ChannelArguments ChannelArguments() {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(kMaxReceiveBytes);
  tools::SetReconnectPauses(arguments, kFirstReconnectMs, kLongestReconnectMs);
  return arguments;
}

// The convention of no-color.org, and terminals that cannot.
bool WantsColor(int descriptor) {
  const char* no_color = std::getenv("NO_COLOR");
  if (no_color != nullptr && *no_color != '\0') return false;
  const char* term = std::getenv("TERM");
  if (term == nullptr || std::string_view(term) == "dumb") return false;
  return isatty(descriptor) == 1;
}

}  // namespace

Context::Context(Settings settings, tools::AddressBook addresses)
    : settings_(std::move(settings)),
      color_(WantsColor(STDOUT_FILENO)),
      error_color_(WantsColor(STDERR_FILENO)),
      channels_(std::move(addresses), ChannelArguments()) {}

bool Context::WaitToRetry(const grpc::Status& status,
                          std::chrono::system_clock::time_point deadline) {
  if (status.error_code() != grpc::StatusCode::RESOURCE_EXHAUSTED) return false;
  const ErrorReport error = ReadError(status);
  if (!error.retry_after_ms) return false;
  const auto wait = std::chrono::milliseconds(*error.retry_after_ms);
  if (std::chrono::system_clock::now() + wait >= deadline) return false;
  std::this_thread::sleep_for(wait);
  return true;
}

const std::string& Context::RequestId() {
  if (request_id_.empty()) {
    request_id_ = settings_.request_id.empty() ? NewRequestId() : settings_.request_id;
  }
  return request_id_;
}

int Context::Refused(const grpc::Status& status) const { return Refused(ReadError(status)); }

int Context::Refused(const ErrorReport& error) const {
  if (json()) {
    Json document = ToJson(error);
    if (!request_id_.empty()) document["error"]["request_id"] = request_id_;
    std::cerr << (ndjson() ? Compact(document) + "\n" : Pretty(document));
  } else {
    std::cerr << Text(error, error_color_);
    if (!request_id_.empty() && error.exit_code == kUnreachable) {
      std::cerr << "request id: " << request_id_ << '\n';
    }
  }
  return error.exit_code;
}

int Context::Failed(const absl::Status& status) const {
  if (const auto error = ReadServerError(status)) return Refused(*error);
  return LocalFile(status);
}

int Context::Usage(std::string_view message) const {
  return Refused(LocalError(absl::InvalidArgumentError(std::string(message)), kUsage));
}

int Context::LocalFile(const absl::Status& status) const {
  return Refused(LocalError(status, kLocalFile));
}

int Context::PrintJson(const google::protobuf::Message& message) const {
  return PrintJson(MessageToJson(message));
}

int Context::PrintJson(const Json& json) const {
  std::cout << (ndjson() ? Compact(json) + "\n" : Pretty(json));
  return kOk;
}

int Context::PrintTable(const Table& table) const {
  table.Write(std::cout, color_);
  return kOk;
}

void Context::PrintLine(std::string_view line) const { std::cout << line << '\n'; }

void Context::Note(std::string_view line) const { std::cerr << line << '\n'; }

}  // namespace quartermaster::qm
