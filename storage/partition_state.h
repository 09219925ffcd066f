// What an event log knows of one partition, and the rules of Append that every engine shares.
#ifndef QUARTERMASTER_STORAGE_PARTITION_STATE_H_
#define QUARTERMASTER_STORAGE_PARTITION_STATE_H_

#include <cstdint>
#include <string_view>
#include <tuple>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/event_log.h"

namespace quartermaster::storage {

// The durable facts about one partition. Thread-compatible.
struct PartitionState {
  // 0 until the first Acquire, then growing by 1; by far more when a log is restored.
  Epoch epoch = 0;
  // The last record's position.
  Position head = 0;
  // How many frames there are: what was ever appended must still be there.
  int64_t frame_count = 0;
  // Of the last frame, to know it again; 0 before the first.
  Epoch last_epoch = 0;
  Position last_first = 0;
  uint64_t last_checksum = 0;

  friend bool operator==(const PartitionState&, const PartitionState&) = default;
};

// Whether a frame may be appended to a partition in this state; and the state that it makes.
struct AppendDecision {
  // The frame is the last one again: answer OK, change nothing.
  bool repeated = false;
  PartitionState after;
};

// Errors: those of EventLog::Append that need no disk.
absl::StatusOr<AppendDecision> DecideAppend(const PartitionId& partition,
                                            const PartitionState& state, Epoch epoch,
                                            Position expected_head, std::string_view frame);

// kOutOfRange unless 1 <= from <= head + 1.
absl::Status CheckReadRange(const PartitionId& partition, Position head, Position from);

// kNotFound.
absl::Status NeverAcquiredError(const PartitionId& partition);

// The order of ListPartitions.
struct ByTenantAndName {
  bool operator()(const PartitionId& a, const PartitionId& b) const {
    return std::tie(a.tenant, a.name) < std::tie(b.tenant, b.name);
  }
};

}  // namespace quartermaster::storage

#endif  // QUARTERMASTER_STORAGE_PARTITION_STATE_H_
