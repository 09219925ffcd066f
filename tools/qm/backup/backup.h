// Backup: the event log of a living server, or of many on one log, in a directory. It reads only;
// the server goes on.
//
//   const auto taken = TakeBackup(source, "/backup/quartermaster", progress);
//   // Again: only what is new.
//   const auto backup = OpenBackup("/backup/quartermaster");  // the last whole cut
//   const absl::Status restored = RestoreBackup(*backup, "/var/lib/quartermaster", progress);
#ifndef QUARTERMASTER_TOOLS_QM_BACKUP_BACKUP_H_
#define QUARTERMASTER_TOOLS_QM_BACKUP_BACKUP_H_

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "tools/qm/backup/manifest.h"

namespace quartermaster::qm {

// The log that is backed up. Not thread-safe.
class FrameSource {
 public:
  using Callback = std::function<absl::Status(std::string frame)>;

  virtual ~FrameSource() = default;
  // All partitions at one cut; `taken_at` is now.
  virtual absl::StatusOr<BackupManifest> Cut() = 0;
  // Whole frames, from the one that holds `from` to the one that holds `to`. Ends at the callback's
  // first error.
  virtual absl::Status Read(const std::string& partition, int64_t from, int64_t to,
                            const Callback& on_frame) = 0;
};

struct BackupStep {
  std::string partition;
  // How far the backup was before, and is now.
  int64_t from = 0;
  int64_t head = 0;
  int64_t frames = 0;
  int64_t bytes = 0;
};

struct TakenBackup {
  BackupManifest manifest;
  std::vector<BackupStep> steps;
  // An earlier run had been interrupted; this one went on behind it.
  bool resumed = false;
};

// Called now and then, with positions.
using BackupProgress = std::function<void(int64_t done, int64_t all)>;

// Copies what the backup does not have yet. The directory is made, or holds a backup of the same
// log. Whatever ends it, the next run goes on where it ended, and the last whole cut stays.
// Errors: the source's; kAlreadyExists (there is something else in the directory),
// kFailedPrecondition (another run is under way; the log is not the one that was backed up, or has
// lost its end), kDataLoss (the backup is damaged; names the place), those of a disk.
absl::StatusOr<TakenBackup> TakeBackup(FrameSource& source, const std::string& directory,
                                       const BackupProgress& progress);

struct Backup {
  std::string directory;
  BackupManifest manifest;
  // A later run was interrupted: what it copied is not part of the cut.
  bool unfinished = false;
};

// Errors: kNotFound (no backup there, or none that was ever finished), those of ParseManifest.
absl::StatusOr<Backup> OpenBackup(const std::string& directory);

// Reads every frame and checks it. Errors: kDataLoss names the place.
absl::Status CheckBackup(const Backup& backup, const BackupProgress& progress);

// Checks everything, then makes DATA_DIR/log: the log at the backup's cut, for owners that come
// after all that the old one had. Errors: those of CheckBackup, kAlreadyExists (there is something
// in the data directory), those of a disk.
absl::Status RestoreBackup(const Backup& backup, const std::string& data_dir,
                           const BackupProgress& progress);

}  // namespace quartermaster::qm

#endif  // QUARTERMASTER_TOOLS_QM_BACKUP_BACKUP_H_
