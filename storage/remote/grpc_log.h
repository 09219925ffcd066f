// The event log of another process, over gRPC: its LogWriter service.
//
//   auto log = OpenGrpcLog({.address = "unix:/run/quartermaster/log.sock"});
//   auto lease = (*log)->Acquire(partition);
//
// A log that restarts is waited for: the connection comes back within about 200 ms of the log.
// Append gives up after its timeout with kUnavailable, its outcome unknown; the caller sends the
// same frame again. What the log itself refuses keeps its code, so that a log whose storage failed
// stops its owners. What only the transport says (a status without an ErrorInfo of ours) is an
// unknown outcome too, unless it can never pass: a server without LogWriter, a limit.
#ifndef QUARTERMASTER_STORAGE_REMOTE_GRPC_LOG_H_
#define QUARTERMASTER_STORAGE_REMOTE_GRPC_LOG_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/base/time.h"
#include "storage/event_log.h"

namespace quartermaster::storage {

struct GrpcLogOptions {
  // What grpc::CreateChannel takes: "unix:/path" or "host:port". There is no TLS.
  std::string address;
  // How long OpenGrpcLog waits for the log's first answer.
  Micros open_timeout = Seconds(30);
  // How long one Append waits for its answer. Also what a stopping owner may have to wait.
  Micros append_timeout = Seconds(2);
  // How long Acquire, Read and ListPartitions go on asking a log that does not answer.
  Micros read_timeout = Seconds(30);
  // How long GetStatus does, and WaitForHead beyond its own timeout.
  Micros status_timeout = Seconds(1);
  // Optional: the log has stopped answering (not OK: why), or answers again (OK). Each once for an
  // outage, on the thread of the call that found out; must not block, nor call the log.
  std::function<void(const absl::Status&)> on_outage;
};

// Connects, and waits until the log answers. The log is thread-safe; a frame has at most
// kSharedLogFrameBytesMax (shared_log_limits.h).
// Errors: kUnavailable (no answer in time; says from where), kFailedPrecondition (the log's format
// level is above this binary's; names both), kUnimplemented (a server without LogWriter).
absl::StatusOr<std::unique_ptr<EventLog>> OpenGrpcLog(GrpcLogOptions options);

}  // namespace quartermaster::storage

#endif  // QUARTERMASTER_STORAGE_REMOTE_GRPC_LOG_H_
