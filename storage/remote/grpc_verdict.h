// What a gRPC status of the shared log means to its client.
#ifndef QUARTERMASTER_STORAGE_REMOTE_GRPC_VERDICT_H_
#define QUARTERMASTER_STORAGE_REMOTE_GRPC_VERDICT_H_

#include <string_view>

#include "absl/status/status.h"

namespace grpc {
class Status;
}

namespace quartermaster::storage {

// As an EventLog's error. A status with an ErrorInfo of ours is the log's verdict: its code is
// kept, but for the reasons that say "send it again", which become kUnavailable. One without comes
// from the transport or a proxy: kUnavailable, the outcome is unknown, unless no repetition can
// help (kUnimplemented, kResourceExhausted for a message that is too long, ...). kAborted comes of
// PARTITION_FENCED only. `address` is for the message.
absl::Status VerdictOf(const grpc::Status& status, std::string_view address);

}  // namespace quartermaster::storage

#endif  // QUARTERMASTER_STORAGE_REMOTE_GRPC_VERDICT_H_
