#include <algorithm>
#include <filesystem>
#include <functional>
#include <iterator>
#include <optional>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/base/status_macros.h"
#include "storage/durable_file.h"
#include "tools/qm/backup/backup.h"
#include "tools/qm/backup/files.h"
#include "tools/qm/backup/names.h"
#include "tools/qm/backup/segments.h"

namespace quartermaster::qm {
namespace {

absl::StatusOr<File> LockBackup(const std::string& directory) {
  QM_ASSIGN_OR_RETURN(File file, File::OpenToWrite(directory + kLockName));
  QM_ASSIGN_OR_RETURN(const bool locked, file.Lock());
  if (locked) return file;
  return absl::FailedPreconditionError(absl::StrCat("another qm backup is at work in ", directory,
                                                    ": let it end, then run this again"));
}

bool HasOnlyLock(const std::string& directory) {
  std::error_code error;
  const std::filesystem::directory_iterator files(directory, error);
  return Exists(directory + kLockName) && std::distance(begin(files), end(files)) == 1;
}

// What the last finished run vouches for; nothing if there was none.
absl::StatusOr<std::optional<BackupManifest>> LastManifest(const std::string& directory) {
  const absl::StatusOr<std::string> text = storage::ReadWhole(directory + kManifestName);
  if (absl::IsNotFound(text.status())) return std::nullopt;
  QM_RETURN_IF_ERROR(text.status());
  QM_ASSIGN_OR_RETURN(BackupManifest manifest, ParseManifest(*text));
  return manifest;
}

absl::Status AnotherLog(const std::string& partition, int64_t position) {
  return absl::FailedPreconditionError(absl::StrCat(
      "position ", position, " of ", partition,
      " is another record in the backup than on the server: this is not the log that was backed "
      "up. Give this one a directory of its own"));
}

absl::Status LostEnd(const std::string& partition, int64_t server, int64_t backup) {
  return absl::FailedPreconditionError(absl::StrCat(
      partition, " ends at ", server, " on the server, and the backup has it up to ", backup,
      ": the server lost acknowledged records, or this is another log. Keep this backup, and give "
      "the server's log a directory of its own"));
}

// The last frame of the backup is on the server too, byte for byte.
absl::Status CheckSameLog(FrameSource& source, const std::string& partition,
                          const SegmentWriter& segments) {
  if (segments.head() == 0) return absl::OkStatus();
  std::string there;
  QM_RETURN_IF_ERROR(
      source.Read(partition, segments.head(), segments.head(), [&](std::string frame) {
        there = std::move(frame);
        return absl::OkStatus();
      }));
  return there == segments.last_frame() ? absl::OkStatus() : AnotherLog(partition, segments.head());
}

// What the backup lacks of one partition, durably.
absl::StatusOr<BackupStep> CopyPartition(FrameSource& source, const BackupPartition& partition,
                                         SegmentWriter& segments,
                                         const std::function<void(int64_t)>& on_position) {
  const std::string& name = partition.name;
  if (segments.head() > partition.head) return LostEnd(name, partition.head, segments.head());
  QM_RETURN_IF_ERROR(CheckSameLog(source, name, segments));
  BackupStep step{.partition = name, .from = segments.head(), .head = partition.head};
  const auto on_frame = [&](std::string frame) -> absl::Status {
    ++step.frames;
    step.bytes += static_cast<int64_t>(frame.size());
    QM_RETURN_IF_ERROR(segments.Append(std::move(frame)));
    on_position(segments.head());
    return absl::OkStatus();
  };
  if (segments.head() < partition.head) {
    QM_RETURN_IF_ERROR(source.Read(name, segments.head() + 1, partition.head, on_frame));
  }
  if (segments.head() != partition.head) {
    return absl::DataLossError(absl::StrCat("the server sent ", name, " up to position ",
                                            segments.head(), ", not ", partition.head));
  }
  QM_RETURN_IF_ERROR(segments.Sync());
  return step;
}

}  // namespace

absl::StatusOr<TakenBackup> TakeBackup(FrameSource& source, const std::string& directory,
                                       const BackupProgress& progress) {
  std::error_code error;
  // A run that ended before it had a cut leaves its lock only.
  const bool ours = Exists(directory + kManifestName) || Exists(directory + kUnfinishedName) ||
                    HasOnlyLock(directory);
  if (!ours && Exists(directory) && !std::filesystem::is_empty(directory, error)) {
    return absl::AlreadyExistsError(absl::StrCat(directory, " holds something that is no backup"));
  }
  if (!ours) {
    // Nothing is made for a server that is not there.
    QM_RETURN_IF_ERROR(source.Cut().status());
    QM_RETURN_IF_ERROR(storage::MakeDirectories(directory));
  }
  QM_ASSIGN_OR_RETURN(const File lock, LockBackup(directory));
  TakenBackup taken;
  // Not before: another run may have copied more than an older cut has, and ended.
  QM_ASSIGN_OR_RETURN(taken.manifest, source.Cut());
  QM_RETURN_IF_ERROR(storage::RemoveAsides(directory));
  QM_ASSIGN_OR_RETURN(const auto last, LastManifest(directory));
  taken.resumed = Exists(directory + kUnfinishedName);
  QM_RETURN_IF_ERROR(storage::WriteDurably(directory + kUnfinishedName, ""));

  if (last) {
    for (const BackupPartition& p : last->partitions) {
      if (taken.manifest.Find(p.name) == nullptr) return LostEnd(p.name, 0, p.head);
    }
  }
  int64_t all = 0;
  for (const BackupPartition& p : taken.manifest.partitions) all += p.head;
  int64_t done = 0;
  for (const BackupPartition& p : taken.manifest.partitions) {
    const BackupPartition* const before = last ? last->Find(p.name) : nullptr;
    QM_ASSIGN_OR_RETURN(
        SegmentWriter segments,
        SegmentWriter::Open(directory, p.name, before == nullptr ? 0 : before->head));
    QM_ASSIGN_OR_RETURN(BackupStep step, CopyPartition(source, p, segments, [&](int64_t position) {
                          progress(done + position, all);
                        }));
    done += p.head;
    taken.steps.push_back(std::move(step));
  }
  QM_RETURN_IF_ERROR(storage::SyncDirectory(directory));
  QM_RETURN_IF_ERROR(
      storage::WriteDurably(directory + kManifestName, ManifestText(taken.manifest)));
  QM_RETURN_IF_ERROR(storage::RemoveDurably(directory + kUnfinishedName));
  return taken;
}

}  // namespace quartermaster::qm
