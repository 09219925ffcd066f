#include <filesystem>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "services/base/status_macros.h"
#include "storage/durable_file.h"
#include "storage/log_restore.h"
#include "storage/rocksdb_log.h"
#include "tools/qm/backup/backup.h"
#include "tools/qm/backup/names.h"
#include "tools/qm/backup/segments.h"

namespace quartermaster::qm {
namespace {

using storage::FrameView;

absl::Status CheckEmpty(const std::string& data_dir) {
  std::error_code error;
  if (!std::filesystem::exists(data_dir, error)) return absl::OkStatus();
  if (std::filesystem::is_directory(data_dir, error) &&
      std::filesystem::is_empty(data_dir, error)) {
    return absl::OkStatus();
  }
  return absl::AlreadyExistsError(absl::StrCat("there is something in ", data_dir,
                                               ": restore into a directory that is new or empty"));
}

// Every frame of the cut, partition by partition.
template <typename OnPartition, typename OnFrame>
absl::Status ReadAll(const Backup& backup, const BackupProgress& progress,
                     const OnPartition& on_partition, const OnFrame& on_frame) {
  int64_t all = 0;
  for (const BackupPartition& p : backup.manifest.partitions) all += p.head;
  int64_t done = 0;
  for (const BackupPartition& p : backup.manifest.partitions) {
    QM_RETURN_IF_ERROR(on_partition(p));
    const auto on_each = [&](const FrameView& frame, std::string_view bytes) {
      progress(done + frame.last_position(), all);
      return on_frame(bytes);
    };
    QM_RETURN_IF_ERROR(ReadSegments(backup.directory, p.name, p.head, on_each));
    done += p.head;
  }
  return absl::OkStatus();
}

// What was written is a log with the backup's heads.
absl::Status CheckRestored(const Backup& backup, const std::string& log_dir) {
  QM_ASSIGN_OR_RETURN(const auto log,
                      storage::OpenRocksDbLog({.directory = log_dir, .read_only = true}));
  for (const BackupPartition& p : backup.manifest.partitions) {
    QM_ASSIGN_OR_RETURN(const auto status, log->GetStatus({.name = p.name}));
    if (status.head == p.head) continue;
    return absl::DataLossError(
        absl::StrCat("the restored ", p.name, " ends at ", status.head, ", not ", p.head));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Backup> OpenBackup(const std::string& directory) {
  std::error_code error;
  Backup backup{.directory = directory, .manifest = {}};
  backup.unfinished = std::filesystem::exists(directory + kUnfinishedName, error);
  const absl::StatusOr<std::string> text = storage::ReadWhole(directory + kManifestName);
  if (absl::IsNotFound(text.status())) {
    return absl::NotFoundError(
        backup.unfinished
            ? absl::StrCat("the backup in ", directory,
                           " was never finished: run qm backup again, it goes on where it ended")
            : absl::StrCat("there is no backup in ", directory, ": no ", directory, kManifestName));
  }
  QM_RETURN_IF_ERROR(text.status());
  QM_ASSIGN_OR_RETURN(backup.manifest, ParseManifest(*text));
  return backup;
}

absl::Status CheckBackup(const Backup& backup, const BackupProgress& progress) {
  return ReadAll(
      backup, progress, [](const BackupPartition&) { return absl::OkStatus(); },
      [](std::string_view) { return absl::OkStatus(); });
}

absl::Status RestoreBackup(const Backup& backup, const std::string& data_dir,
                           const BackupProgress& progress) {
  QM_RETURN_IF_ERROR(CheckEmpty(data_dir));
  QM_RETURN_IF_ERROR(CheckBackup(backup, progress));
  QM_RETURN_IF_ERROR(storage::MakeDirectories(data_dir));
  const std::string log_dir = data_dir + "/log";
  {
    QM_ASSIGN_OR_RETURN(const auto restore, storage::LogRestore::Begin(log_dir));
    QM_RETURN_IF_ERROR(ReadAll(
        backup, progress,
        [&](const BackupPartition& p) { return restore->AddPartition({.name = p.name}, p.epoch); },
        [&](std::string_view bytes) { return restore->Add(bytes); }));
    QM_RETURN_IF_ERROR(restore->Finish());
  }
  return CheckRestored(backup, log_dir);
}

}  // namespace quartermaster::qm
