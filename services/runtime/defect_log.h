// DefectLog: says in the log why a call was answered with INTERNAL, UNKNOWN or DATA_LOSS: what no
// caller can have caused, and an operator must look into. GrpcServer does this for every unary and
// server-streaming call, so that nobody else has to.
//
//   DefectLog defects(&logger);
//   if (DefectLog::IsDefect(status)) defects.Report("/quartermaster...", request_id, status, now);
#ifndef QUARTERMASTER_SERVICES_RUNTIME_DEFECT_LOG_H_
#define QUARTERMASTER_SERVICES_RUNTIME_DEFECT_LOG_H_

#include <cstdint>
#include <string_view>

#include "absl/base/thread_annotations.h"
#include "services/base/mutex.h"
#include "services/base/time.h"

namespace grpc {
class Status;
}

namespace quartermaster::runtime {

class Logger;

// Thread-safe.
class DefectLog {
 public:
  // A storm of failing calls must not fill the disk with lines that all say the same.
  static constexpr int kLinesPerInterval = 10;
  static constexpr Micros kInterval = Seconds(1);

  // `log` must outlive this; null: nothing is said.
  explicit DefectLog(Logger* log) : log_(log) {}

  static bool IsDefect(const grpc::Status& status);

  // Writes an error line with the method, the request id (may be empty; cut to 64 bytes), the code
  // and the message, which hold no personal data (rpc_error.h). Beyond kLinesPerInterval it is
  // counted instead, and the next line says how many were left out. `now` is of any clock that does
  // not go back.
  void Report(std::string_view method, std::string_view request_id, const grpc::Status& status,
              Instant now) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  Logger* const log_;
  Mutex mutex_;
  Instant interval_start_ ABSL_GUARDED_BY(mutex_) = kDistantPast;
  int lines_ ABSL_GUARDED_BY(mutex_) = 0;
  int64_t left_out_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace quartermaster::runtime

#endif  // QUARTERMASTER_SERVICES_RUNTIME_DEFECT_LOG_H_
