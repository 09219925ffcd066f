#include "storage/partition_state.h"

#include "absl/strings/str_cat.h"

namespace quartermaster::storage {

absl::StatusOr<AppendDecision> DecideAppend(const PartitionId& partition,
                                            const PartitionState& state, Epoch epoch,
                                            Position expected_head, std::string_view frame) {
  if (epoch < state.epoch) return FencedError(partition, epoch, state.epoch);
  if (epoch > state.epoch || epoch < 1) {
    return absl::InvalidArgumentError(absl::StrCat("partition ", partition.name, " has epoch ",
                                                   state.epoch, ", nobody was given epoch ",
                                                   epoch));
  }
  const absl::StatusOr<FrameView> view = FrameView::Parse(frame);
  if (!view.ok()) return absl::InvalidArgumentError(view.status().message());
  if (view->first_position() != expected_head + 1) {
    return absl::InvalidArgumentError(absl::StrCat("the frame starts at position ",
                                                   view->first_position(),
                                                   ", the expected head is ", expected_head));
  }
  AppendDecision decision;
  decision.after = {.epoch = epoch,
                    .head = view->last_position(),
                    .frame_count = state.frame_count + 1,
                    .last_epoch = epoch,
                    .last_first = view->first_position(),
                    .last_checksum = view->checksum()};
  if (expected_head == state.head) return decision;
  decision.after.frame_count = state.frame_count;
  decision.repeated = decision.after == state;
  if (decision.repeated) return decision;
  return absl::FailedPreconditionError(absl::StrCat("partition ", partition.name, " has head ",
                                                    state.head, ", expected ", expected_head));
}

absl::Status CheckReadRange(const PartitionId& partition, Position head, Position from) {
  if (from >= 1 && from <= head + 1) return absl::OkStatus();
  return absl::OutOfRangeError(
      absl::StrCat("partition ", partition.name, " has positions 1 to ", head, ", not ", from));
}

absl::Status NeverAcquiredError(const PartitionId& partition) {
  return absl::NotFoundError(absl::StrCat("partition ", partition.name, " of tenant ",
                                          partition.tenant, " does not exist"));
}

}  // namespace quartermaster::storage
