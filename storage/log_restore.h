// LogRestore: writes a new log directory from the frames of another one, as they were. For
// restoring a backup.
//
//   QM_ASSIGN_OR_RETURN(auto restore, LogRestore::Begin("/var/lib/quartermaster/log"));
//   QM_RETURN_IF_ERROR(restore->AddPartition({.name = "stock/0"}, epoch));
//   QM_RETURN_IF_ERROR(restore->Add(frame));         // from position 1, gapless
//   QM_RETURN_IF_ERROR(restore->Finish());           // now it is a log
//
// Until Finish has returned OK, whoever opens the directory is told that it is an unfinished
// restore.
#ifndef QUARTERMASTER_STORAGE_LOG_RESTORE_H_
#define QUARTERMASTER_STORAGE_LOG_RESTORE_H_

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "rocksdb/write_batch.h"
#include "storage/event_log.h"
#include "storage/log_database.h"
#include "storage/partition_state.h"

namespace quartermaster::storage {

// By how much a restored partition's epoch is ahead of the copied one. Far more than an old log's
// owners can have acquired between the copy and the restore.
inline constexpr Epoch kRestoreEpochs = Epoch{1} << 32;

// Not thread-safe.
class LogRestore {
 public:
  // Errors: kAlreadyExists (there is something in the directory), those of OpenRocksDbLog.
  static absl::StatusOr<std::unique_ptr<LogRestore>> Begin(const std::string& directory);

  // The frames that follow are this partition's; each partition once. `epoch` is what the old log
  // had when they were copied; owners that it had since are fenced too, up to kRestoreEpochs later
  // ones. Errors: kInvalidArgument.
  absl::Status AddPartition(const PartitionId& partition, Epoch epoch);

  // Errors: kDataLoss (the frame is damaged, or does not begin after the one before it), those of a
  // disk.
  absl::Status Add(std::string_view frame);

  // Makes everything durable, and the directory a log. Errors: those of a disk.
  absl::Status Finish();

 private:
  explicit LogRestore(std::unique_ptr<LogDatabase> database);
  absl::Status WriteBatch();

  const std::unique_ptr<LogDatabase> database_;
  LogDatabase::States states_;
  PartitionId partition_;
  std::string frame_prefix_;
  rocksdb::WriteBatch batch_;
};

}  // namespace quartermaster::storage

#endif  // QUARTERMASTER_STORAGE_LOG_RESTORE_H_
