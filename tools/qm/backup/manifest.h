// What a backup holds: the cut that its last complete run took. FORMAT.md has the file.
#ifndef QUARTERMASTER_TOOLS_QM_BACKUP_MANIFEST_H_
#define QUARTERMASTER_TOOLS_QM_BACKUP_MANIFEST_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace quartermaster::qm {

struct BackupPartition {
  std::string name;
  // 0 if it has no record yet.
  int64_t head = 0;
  int64_t epoch = 0;
};

struct BackupManifest {
  // RFC 3339, UTC.
  std::string taken_at;
  int log_format_level = 0;
  std::vector<BackupPartition> partitions;

  // Null if it has none of this name.
  const BackupPartition* Find(const std::string& name) const;
};

std::string ManifestText(const BackupManifest& manifest);
// Errors: kDataLoss (damaged), kFailedPrecondition (of a newer format, or of a log of a newer one).
absl::StatusOr<BackupManifest> ParseManifest(const std::string& text);

}  // namespace quartermaster::qm

#endif  // QUARTERMASTER_TOOLS_QM_BACKUP_MANIFEST_H_
