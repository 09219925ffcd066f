#include "storage/log_keys.h"

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "services/base/big_endian.h"

namespace quartermaster::storage {
namespace {

constexpr size_t kNameSizeMax = 64;
constexpr size_t kStateSize = 48;

bool IsName(std::string_view name) {
  return !name.empty() && name.size() <= kNameSizeMax && name.find('\0') == std::string_view::npos;
}

}  // namespace

absl::Status CheckPartitionId(const PartitionId& partition) {
  if (IsName(partition.tenant) && IsName(partition.name)) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("a tenant and a partition's name have 1 to ",
                                                 kNameSizeMax,
                                                 " bytes and no zero byte among them"));
}

std::string FramePrefix(const PartitionId& partition) {
  std::string prefix;
  prefix.reserve(partition.tenant.size() + partition.name.size() + 2);
  prefix.append(partition.tenant).push_back('\0');
  prefix.append(partition.name).push_back('\0');
  return prefix;
}

void AppendPosition(Position position, std::string* key) { AppendBigEndian(position, *key); }

Position PositionOfFrameKey(std::string_view key) {
  return LoadBigEndian64(key.substr(key.size() - sizeof(Position)));
}

std::string StateKey(const PartitionId& partition) {
  std::string key(kStatePrefix);
  key.append(partition.tenant).push_back('\0');
  key.append(partition.name);
  return key;
}

absl::StatusOr<PartitionId> ParseStateKey(std::string_view key) {
  const size_t separator = key.find('\0');
  if (!key.starts_with(kStatePrefix) || separator == std::string_view::npos) {
    return absl::DataLossError("a key of no known kind among the partitions' states");
  }
  PartitionId partition;
  partition.tenant = key.substr(kStatePrefix.size(), separator - kStatePrefix.size());
  partition.name = key.substr(separator + 1);
  return partition;
}

void EncodeState(const PartitionState& state, std::string* value) {
  const uint64_t fields[] = {
      static_cast<uint64_t>(state.epoch),       static_cast<uint64_t>(state.head),
      static_cast<uint64_t>(state.frame_count), static_cast<uint64_t>(state.last_epoch),
      static_cast<uint64_t>(state.last_first),  state.last_checksum};
  static_assert(sizeof(fields) == kStateSize);
  value->resize(kStateSize);
  std::memcpy(value->data(), fields, kStateSize);
}

absl::StatusOr<PartitionState> DecodeState(std::string_view value) {
  uint64_t fields[kStateSize / sizeof(uint64_t)];
  if (value.size() != kStateSize) {
    return absl::DataLossError(absl::StrCat("a partition's state of ", value.size(), " bytes"));
  }
  std::memcpy(fields, value.data(), kStateSize);
  return PartitionState{.epoch = static_cast<Epoch>(fields[0]),
                        .head = static_cast<Position>(fields[1]),
                        .frame_count = static_cast<int64_t>(fields[2]),
                        .last_epoch = static_cast<Epoch>(fields[3]),
                        .last_first = static_cast<Position>(fields[4]),
                        .last_checksum = fields[5]};
}

}  // namespace quartermaster::storage
