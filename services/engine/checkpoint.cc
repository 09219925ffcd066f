#include "services/engine/checkpoint.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/base/status_macros.h"

namespace quartermaster::engine {

absl::StatusOr<FrameEnd> FindFrameEnd(storage::EventLog* log, const storage::PartitionId& partition,
                                      storage::Position position) {
  QM_ASSIGN_OR_RETURN(const std::vector<std::string> frames,
                      log->Read(partition, position, /*max_bytes=*/1));
  if (!frames.empty()) {
    QM_ASSIGN_OR_RETURN(const storage::FrameView frame, storage::FrameView::Parse(frames.front()));
    if (frame.last_position() == position) return FrameEnd{frame.time(), frame.checksum()};
  }
  return absl::DataLossError(absl::StrCat("no frame of the log ends at position ", position));
}

Checkpoint::Checkpoint(std::unique_ptr<storage::CheckedFile> file, std::function<bool()> given_up)
    : file_(std::move(file)),
      loader_(std::make_unique<Loader>(
          [this, given_up = std::move(given_up)] {
            return given_up && given_up() ? std::string_view() : file_->Next();
          },
          file_->size())) {}

bool Checkpoint::IsOfNoUse(const absl::Status& error) {
  return absl::IsFailedPrecondition(error) || absl::IsDataLoss(error) || absl::IsOutOfRange(error);
}

absl::StatusOr<std::unique_ptr<Checkpoint>> Checkpoint::Open(const std::string& path,
                                                             uint64_t schema,
                                                             const storage::PartitionId& partition,
                                                             storage::EventLog* log,
                                                             std::function<bool()> given_up) {
  absl::StatusOr<std::unique_ptr<storage::CheckedFile>> file = storage::CheckedFile::Open(path);
  if (!file.ok()) {
    const absl::Status& error = file.status();
    if (absl::IsNotFound(error) || IsOfNoUse(error)) return error;
    // A bad sector, no permission: whatever it is, the log is not the worse for it.
    return absl::DataLossError(error.message());
  }
  std::unique_ptr<Checkpoint> checkpoint(new Checkpoint(*std::move(file), std::move(given_up)));
  CheckpointHead& head = checkpoint->head_;
  // Alone: what follows means something to the same version only.
  checkpoint->loader()(head.schema);
  if (checkpoint->loader().ok() && head.schema != schema) {
    return absl::FailedPreconditionError(absl::StrCat(path, " is of another version's state"));
  }
  checkpoint->loader()(head.tenant, head.partition, head.position, head.time, head.frame_checksum,
                       head.given, head.outcomes_given);
  if (!checkpoint->loader().ok()) return absl::DataLossError(absl::StrCat(path, " has no head"));
  if (head.tenant != partition.tenant || head.partition != partition.name) {
    return absl::FailedPreconditionError(
        absl::StrCat(path, " is of the partition ", head.tenant, " ", head.partition));
  }
  const absl::StatusOr<FrameEnd> end = FindFrameEnd(log, partition, head.position);
  if (!end.ok()) return end.status();
  if (end->checksum != head.frame_checksum || end->time != head.time) {
    return absl::DataLossError(absl::StrCat(
        path, " is of another log: the frame that ends at position ", head.position, " differs"));
  }
  return checkpoint;
}

}  // namespace quartermaster::engine
