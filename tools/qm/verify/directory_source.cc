#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/base/status_macros.h"
#include "storage/event_log.h"
#include "storage/frame.h"
#include "storage/rocksdb_log.h"
#include "tools/qm/verify/record_source.h"

namespace quartermaster::qm {
namespace {

constexpr char kLogDirectory[] = "log";
constexpr size_t kBatchBytes = 8 << 20;

class DirectorySource : public RecordSource {
 public:
  explicit DirectorySource(std::unique_ptr<storage::EventLog> log) : log_(std::move(log)) {}

  absl::StatusOr<std::map<std::string, int64_t>> Heads() override {
    QM_ASSIGN_OR_RETURN(const auto partitions, log_->ListPartitions());
    std::map<std::string, int64_t> heads;
    for (const auto& partition : partitions) heads.emplace(partition.id.name, partition.head);
    return heads;
  }

  absl::Status Read(const std::string& partition, int64_t from, int64_t to,
                    const Callback& on_record) override {
    const storage::PartitionId id{.name = partition};
    while (from <= to) {
      QM_ASSIGN_OR_RETURN(const auto frames, log_->Read(id, from, kBatchBytes));
      if (frames.empty()) {
        return absl::DataLossError(absl::StrCat(partition, " ends before position ", from));
      }
      for (const std::string& bytes : frames) {
        QM_ASSIGN_OR_RETURN(const auto frame, storage::FrameView::Parse(bytes));
        for (const storage::Record& record : frame) {
          if (record.position < from) continue;
          if (record.position > to) return absl::OkStatus();
          on_record({record.position, frame.time().unix_us, static_cast<int>(record.type),
                     static_cast<int>(record.version), record.payload});
          from = record.position + 1;
        }
      }
    }
    return absl::OkStatus();
  }

 private:
  const std::unique_ptr<storage::EventLog> log_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<RecordSource>> OpenDirectorySource(const std::string& data_dir) {
  const std::filesystem::path directory = std::filesystem::path(data_dir) / kLogDirectory;
  std::error_code error;
  if (!std::filesystem::is_directory(directory, error)) {
    return absl::NotFoundError(
        absl::StrCat("there is no log in ", data_dir, ": no directory ", directory.string()));
  }
  QM_ASSIGN_OR_RETURN(
      auto log, storage::OpenRocksDbLog({.directory = directory.string(), .read_only = true}));
  return std::make_unique<DirectorySource>(std::move(log));
}

}  // namespace quartermaster::qm
