#include "tools/qm/backup/manifest.h"

#include <xxhash.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "storage/frame.h"
#include "tools/qm/output/json.h"

namespace quartermaster::qm {
namespace {

constexpr int kFormat = 1;

std::string ChecksumOf(const Json& document) {
  const std::string text = Compact(document);
  return absl::StrCat(absl::Hex(XXH3_64bits(text.data(), text.size()), absl::kZeroPad16));
}

absl::Status Damaged() { return absl::DataLossError("the backup's manifest is damaged"); }

}  // namespace

const BackupPartition* BackupManifest::Find(const std::string& name) const {
  const auto found = std::find_if(partitions.begin(), partitions.end(),
                                  [&](const BackupPartition& p) { return p.name == name; });
  return found == partitions.end() ? nullptr : &*found;
}

std::string ManifestText(const BackupManifest& manifest) {
  Json document;
  document["format"] = kFormat;
  document["taken_at"] = manifest.taken_at;
  document["log_format_level"] = manifest.log_format_level;
  document["partitions"] = Json::array();
  for (const BackupPartition& p : manifest.partitions) {
    document["partitions"].push_back({{"partition", p.name}, {"head", p.head}, {"epoch", p.epoch}});
  }
  document["checksum"] = ChecksumOf(document);
  return Pretty(document);
}

absl::StatusOr<BackupManifest> ParseManifest(const std::string& text) {
  Json document = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!document.is_object() || !document.contains("checksum")) return Damaged();
  const Json checksum = document["checksum"];
  document.erase("checksum");
  if (checksum != ChecksumOf(document)) return Damaged();
  // From here on it is as somebody wrote it.
  if (document.value("format", 0) != kFormat) {
    return absl::FailedPreconditionError(
        absl::StrCat("the backup has format ", document.value("format", 0), ", this qm knows ",
                     kFormat, ": use a newer one"));
  }
  BackupManifest manifest;
  manifest.taken_at = document.value("taken_at", "");
  manifest.log_format_level = document.value("log_format_level", 0);
  if (manifest.log_format_level > storage::kFormatLevel) {
    return absl::FailedPreconditionError(absl::StrCat("the backup is of a log of format level ",
                                                      manifest.log_format_level, ", this qm knows ",
                                                      storage::kFormatLevel, ": use a newer one"));
  }
  if (!document["partitions"].is_array()) return Damaged();
  for (const Json& p : document["partitions"]) {
    manifest.partitions.push_back({.name = p.value("partition", ""),
                                   .head = p.value("head", int64_t{0}),
                                   .epoch = p.value("epoch", int64_t{0})});
  }
  return manifest;
}

}  // namespace quartermaster::qm
