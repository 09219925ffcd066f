// EventLog: the only truth. Partitions of frames, each with one writer at a time.
//
// The owner of a partition calls Acquire, replays to the head it got, then appends one frame after
// another. Anyone may read. Implementations: memory_log.h (tests), rocksdb_log.h (one process),
// remote/ (a shared log over gRPC); all pass event_log_contract_test.
//
//   auto lease = log->Acquire(partition);                       // epoch 7, head 41
//   log->Append(partition, lease->epoch, lease->head, frame);   // frame's first position is 42
#ifndef QUARTERMASTER_STORAGE_EVENT_LOG_H_
#define QUARTERMASTER_STORAGE_EVENT_LOG_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/base/time.h"
#include "storage/frame.h"

namespace quartermaster::storage {

// One writer, one gapless sequence.
// Both names have 1 to 64 bytes, none of them zero.
struct PartitionId {
  std::string tenant = "default";
  // "stock/0"
  std::string name;

  friend bool operator==(const PartitionId&, const PartitionId&) = default;
};

// Grows whenever a partition is acquired. Every earlier epoch is refused from then on.
using Epoch = int64_t;

struct Lease {
  Epoch epoch = 0;
  Position head = 0;
};

struct PartitionStatus {
  PartitionId id;
  Epoch epoch = 0;
  Position head = 0;
};

// Thread-safe.
class EventLog {
 public:
  virtual ~EventLog() = default;

  // Takes the partition over, durably. Creates it if it is new.
  // Errors: kInvalidArgument (a name is not one); kUnavailable (a shared log did not answer),
  // kInternal or kDataLoss (storage).
  virtual absl::StatusOr<Lease> Acquire(const PartitionId& partition) = 0;

  // Appends one frame, atomically and synced to disk when it returns OK. The frame's first
  // position must be expected_head + 1. Idempotent: the last frame again, byte for byte, under the
  // same epoch and expected head, is OK and changes nothing, so that a lost reply is answered by
  // sending it again. One call at a time per partition.
  // Errors: IsFenced(status) if a later epoch exists; kFailedPrecondition if the head is not
  // expected_head; kInvalidArgument if the frame is malformed; kUnavailable if a shared log did
  // not answer (the outcome is unknown: send the same frame again); anything else: storage failed,
  // and the caller must stop.
  virtual absl::Status Append(const PartitionId& partition, Epoch epoch, Position expected_head,
                              std::string_view frame) = 0;

  // Durable frames in order, the first one being the frame that holds `from`: as many as fit into
  // max_bytes, but at least one if there is one. Empty if from == head + 1.
  // Errors: kOutOfRange (from < 1 or from > head + 1), kDataLoss (a frame is missing or damaged;
  // names the position).
  virtual absl::StatusOr<std::vector<std::string>> Read(const PartitionId& partition, Position from,
                                                        size_t max_bytes) = 0;

  // Errors: kNotFound if the partition was never acquired.
  virtual absl::StatusOr<PartitionStatus> GetStatus(const PartitionId& partition) = 0;

  // In (tenant, name) order. One cut of the whole log: what was appended after another append had
  // been answered is never there without it, in whichever partitions the two are.
  virtual absl::StatusOr<std::vector<PartitionStatus>> ListPartitions() = 0;

  // Returns once the head is beyond `position`, or the timeout has passed; the head either way.
  // A partition that was never acquired has the head 0.
  virtual absl::StatusOr<Position> WaitForHead(const PartitionId& partition, Position position,
                                               Micros timeout) = 0;

  // The log's stored format level: what its writers may use.
  virtual int format_level() const = 0;
};

// The error that Append gives to the owner of an earlier epoch: kAborted, which no log returns for
// anything else, so that it survives translation to gRPC and back.
absl::Status FencedError(const PartitionId& partition, Epoch epoch, Epoch current);
bool IsFenced(const absl::Status& status);

}  // namespace quartermaster::storage

#endif  // QUARTERMASTER_STORAGE_EVENT_LOG_H_
