// RecordSource: where an audit reads the log from: a running server, a stopped one's directory, or
// a backup.
#ifndef QUARTERMASTER_TOOLS_QM_VERIFY_RECORD_SOURCE_H_
#define QUARTERMASTER_TOOLS_QM_VERIFY_RECORD_SOURCE_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace quartermaster::qm {

class Context;

// One record as it was stored. The payload is valid during the callback only.
struct LogRecord {
  int64_t position = 0;
  int64_t time_unix_us = 0;
  int type = 0;
  int version = 0;
  std::string_view payload;
};

// Not thread-safe.
class RecordSource {
 public:
  using Callback = std::function<void(const LogRecord&)>;

  virtual ~RecordSource() = default;

  // The head of each partition, by name. Errors: the server's; kDataLoss for a damaged log.
  virtual absl::StatusOr<std::map<std::string, int64_t>> Heads() = 0;

  // Calls `on_record` for each record from `from` to `to`, both included, in order. Errors: as
  // above; kDataLoss names the position of what is damaged.
  virtual absl::Status Read(const std::string& partition, int64_t from, int64_t to,
                            const Callback& on_record) = 0;
};

// Over LogReader. The context must outlive it.
std::unique_ptr<RecordSource> NewServerSource(Context& context);

// The log under a stopped server's data directory, opened without writing. Errors: kNotFound
// (no log there), kFailedPrecondition (in use by a running server), kDataLoss.
absl::StatusOr<std::unique_ptr<RecordSource>> OpenDirectorySource(const std::string& data_dir);

// The last whole cut of a backup. Errors: those of OpenBackup.
absl::StatusOr<std::unique_ptr<RecordSource>> OpenBackupSource(const std::string& directory);

}  // namespace quartermaster::qm

#endif  // QUARTERMASTER_TOOLS_QM_VERIFY_RECORD_SOURCE_H_
