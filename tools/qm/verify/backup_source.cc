#include <utility>

#include "absl/strings/str_cat.h"
#include "services/base/status_macros.h"
#include "tools/qm/backup/backup.h"
#include "tools/qm/backup/segments.h"
#include "tools/qm/verify/record_source.h"

namespace quartermaster::qm {
namespace {

class BackupSource : public RecordSource {
 public:
  explicit BackupSource(Backup backup) : backup_(std::move(backup)) {}

  absl::StatusOr<std::map<std::string, int64_t>> Heads() override {
    std::map<std::string, int64_t> heads;
    for (const BackupPartition& p : backup_.manifest.partitions) heads.emplace(p.name, p.head);
    return heads;
  }

  absl::Status Read(const std::string& partition, int64_t from, int64_t to,
                    const Callback& on_record) override {
    const BackupPartition* const known = backup_.manifest.Find(partition);
    if (known == nullptr) {
      return absl::NotFoundError(absl::StrCat("the backup has no partition ", partition));
    }
    return ReadSegments(
        backup_.directory, partition, known->head,
        [&](const storage::FrameView& frame, std::string_view) {
          for (const storage::Record& record : frame) {
            if (record.position < from || record.position > to) continue;
            on_record({record.position, frame.time().unix_us, static_cast<int>(record.type),
                       static_cast<int>(record.version), record.payload});
          }
          return absl::OkStatus();
        });
  }

 private:
  const Backup backup_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<RecordSource>> OpenBackupSource(const std::string& directory) {
  QM_ASSIGN_OR_RETURN(Backup backup, OpenBackup(directory));
  return std::make_unique<BackupSource>(std::move(backup));
}

}  // namespace quartermaster::qm
