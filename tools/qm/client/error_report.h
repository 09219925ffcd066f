// What an error says, most often taken out of the status that came over the wire: for people as
// text with the next step, for scripts as JSON.
#ifndef QUARTERMASTER_TOOLS_QM_CLIENT_ERROR_REPORT_H_
#define QUARTERMASTER_TOOLS_QM_CLIENT_ERROR_REPORT_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "tools/qm/exit_code.h"
#include "tools/qm/output/json.h"

namespace google::rpc {
class Status;
}  // namespace google::rpc

namespace grpc {
class Status;
}  // namespace grpc

namespace quartermaster::qm {

struct ErrorReport {
  struct ShortLine {
    std::string line_id, sku, place;
    int64_t asked = 0;
    int64_t available = 0;
  };
  // "FAILED_PRECONDITION".
  std::string code;
  // "INSUFFICIENT_STOCK"; empty if it did not come from Quartermaster's server.
  std::string reason;
  std::string message;
  std::map<std::string, std::string> metadata;
  // Field and what is wrong with it.
  std::vector<std::pair<std::string, std::string>> fields;
  std::vector<ShortLine> short_lines;
  // Of a compare-and-set: expected, actual.
  std::optional<std::pair<int64_t, int64_t>> expectation;
  // "reservation r-1", or empty.
  std::string resource;
  std::optional<int64_t> retry_after_ms;
  // What the caller should do; empty if there is nothing to say.
  std::string next_step;
  ExitCode exit_code = kRefused;
};

ErrorReport ReadError(const grpc::Status& status);
// An item's status within a batch.
ErrorReport ReadError(const google::rpc::Status& status);

// A server's status as one of ours, without losing what it says: ReadServerError gives it back.
absl::Status ToAbsl(const grpc::Status& status);
// Nothing if the status did not come from ToAbsl: something is wrong on this side.
std::optional<ErrorReport> ReadServerError(const absl::Status& status);

// What is wrong on this side, with its exit code; the next step is that of the status's code, or
// stands in its message (kFailedPrecondition).
ErrorReport LocalError(const absl::Status& status, ExitCode exit_code);

// "INVALID_FIELD: adjustments[3].delta: must not be 0": one line, for reject files and tables.
std::string OneLine(const ErrorReport& error);
// Several lines, the first of which starts with "error: ".
std::string Text(const ErrorReport& error, bool color);
Json ToJson(const ErrorReport& error);

// What to do about an error of this reason, as the catalogue of errors in common.proto has it;
// empty if there is no such reason.
std::string_view NextStep(std::string_view reason);

}  // namespace quartermaster::qm

#endif  // QUARTERMASTER_TOOLS_QM_CLIENT_ERROR_REPORT_H_
