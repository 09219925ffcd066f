// The keys and values of the log's RocksDB; FORMAT.md has the tables.
#ifndef QUARTERMASTER_STORAGE_LOG_KEYS_H_
#define QUARTERMASTER_STORAGE_LOG_KEYS_H_

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/event_log.h"
#include "storage/partition_state.h"

namespace quartermaster::storage {

// kInvalidArgument unless tenant and name are 1 to 64 bytes long and without a zero byte, so that
// keys sort as (tenant, name, position).
absl::Status CheckPartitionId(const PartitionId& partition);

// What the keys of all frames of a partition begin with.
std::string FramePrefix(const PartitionId& partition);
void AppendPosition(Position position, std::string* key);
inline std::string FrameKey(std::string_view prefix, Position first) {
  std::string key(prefix);
  AppendPosition(first, &key);
  return key;
}
// The position at the end of a frame's key; the key must begin with a frame prefix.
Position PositionOfFrameKey(std::string_view key);

// In the meta column family.
inline constexpr std::string_view kFormatLevelKey = "format_level";
inline constexpr std::string_view kStatePrefix = "partition/";
std::string StateKey(const PartitionId& partition);
// kDataLoss if it is not a state key.
absl::StatusOr<PartitionId> ParseStateKey(std::string_view key);

void EncodeState(const PartitionState& state, std::string* value);
// kDataLoss.
absl::StatusOr<PartitionState> DecodeState(std::string_view value);

}  // namespace quartermaster::storage

#endif  // QUARTERMASTER_STORAGE_LOG_KEYS_H_
