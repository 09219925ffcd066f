#include "storage/log_restore.h"

#include <filesystem>
#include <limits>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "rocksdb/db.h"
#include "services/base/check.h"
#include "services/base/status_macros.h"
#include "storage/log_keys.h"
#include "storage/rocksdb_status.h"
#include "storage/rocksdb_write.h"

namespace quartermaster::storage {
namespace {

constexpr size_t kBatchBytes = size_t{4} << 20;
// Beyond what any log hands out, with room to restore it once more.
constexpr Epoch kEpochMax = std::numeric_limits<Epoch>::max() / 2;
constexpr char kWhat[] = "write the restored log";

}  // namespace

absl::StatusOr<std::unique_ptr<LogRestore>> LogRestore::Begin(const std::string& directory) {
  std::error_code error;
  if (std::filesystem::exists(directory, error) && !std::filesystem::is_empty(directory, error)) {
    return absl::AlreadyExistsError(absl::StrCat("there is something in ", directory));
  }
  QM_ASSIGN_OR_RETURN(auto database, LogDatabase::CreateForRestore({.directory = directory}));
  return std::unique_ptr<LogRestore>(new LogRestore(std::move(database)));
}

LogRestore::LogRestore(std::unique_ptr<LogDatabase> database) : database_(std::move(database)) {}

absl::Status LogRestore::AddPartition(const PartitionId& partition, Epoch epoch) {
  QM_RETURN_IF_ERROR(CheckPartitionId(partition));
  if (epoch < 1 || epoch > kEpochMax) {
    return absl::InvalidArgumentError(
        absl::StrCat("partition ", partition.name, " cannot have had epoch ", epoch));
  }
  if (!states_.emplace(partition, PartitionState{.epoch = epoch + kRestoreEpochs}).second) {
    return absl::InvalidArgumentError(absl::StrCat("partition ", partition.name, " comes twice"));
  }
  partition_ = partition;
  frame_prefix_ = FramePrefix(partition);
  return absl::OkStatus();
}

absl::Status LogRestore::Add(std::string_view frame) {
  const auto state = states_.find(partition_);
  QM_CHECK(state != states_.end()) << "no partition yet";
  const absl::StatusOr<AppendDecision> decision =
      DecideAppend(partition_, state->second, state->second.epoch, state->second.head, frame);
  if (!decision.ok()) return absl::DataLossError(decision.status().message());
  state->second = decision->after;
  const rocksdb::Slice value(frame.data(), frame.size());
  batch_.Put(database_->frames(), FrameKey(frame_prefix_, state->second.last_first), value);
  return batch_.GetDataSize() < kBatchBytes ? absl::OkStatus() : WriteBatch();
}

absl::Status LogRestore::WriteBatch() {
  rocksdb::WriteOptions options;
  // It need not survive a crash before Finish flushes it.
  options.disableWAL = true;
  const rocksdb::Status status = WriteUnseenByTsan(database_->db(), options, &batch_);
  batch_.Clear();
  return FromRocksDb(status, kWhat);
}

absl::Status LogRestore::Finish() {
  QM_RETURN_IF_ERROR(WriteBatch());
  QM_RETURN_IF_ERROR(
      FromRocksDb(database_->db()->Flush(rocksdb::FlushOptions(), database_->frames()), kWhat));
  std::string value;
  for (const auto& [partition, state] : states_) {
    EncodeState(state, &value);
    batch_.Put(database_->meta(), StateKey(partition), value);
  }
  rocksdb::WriteOptions options;
  options.sync = true;
  QM_RETURN_IF_ERROR(FromRocksDb(WriteUnseenByTsan(database_->db(), options, &batch_), kWhat));
  return database_->FinishRestore();
}

}  // namespace quartermaster::storage
