// LogCursor: one partition's records, in order, page by page.
#ifndef QUARTERMASTER_TOOLS_QM_LOG_LOG_CURSOR_H_
#define QUARTERMASTER_TOOLS_QM_LOG_LOG_CURSOR_H_

#include <cstdint>
#include <optional>
#include <string>

#include "quartermaster/log/v1/log.grpc.pb.h"
#include "tools/qm/context.h"

namespace quartermaster::qm {

// Not thread-safe.
class LogCursor {
 public:
  // From `from` to `to`, both included. The context must outlive it.
  LogCursor(Context& context, std::string partition, int64_t from, int64_t to);

  const std::string& partition() const { return partition_; }
  // The next record, which stays until Advance; null at the end, and after an error.
  const log::v1::Record* Peek();
  void Advance() { ++at_; }
  const grpc::Status& status() const { return status_; }

 private:
  Context& context_;
  const std::unique_ptr<log::v1::LogReader::Stub> stub_;
  const std::string partition_;
  int64_t next_;
  const int64_t to_;
  log::v1::ReadResponse page_;
  int at_ = 0;
  grpc::Status status_;
};

// The first position whose time is not before `time_unix_us`; head + 1 if there is none.
grpc::Status FindTime(Context& context, const std::string& partition, int64_t time_unix_us,
                      int64_t head, int64_t* position);

}  // namespace quartermaster::qm

#endif  // QUARTERMASTER_TOOLS_QM_LOG_LOG_CURSOR_H_
