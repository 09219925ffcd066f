#include "storage/event_log.h"

#include "absl/strings/str_cat.h"

namespace quartermaster::storage {

absl::Status FencedError(const PartitionId& partition, Epoch epoch, Epoch current) {
  return absl::AbortedError(absl::StrCat("fenced: partition ", partition.name,
                                         " was taken over in epoch ", current,
                                         ", this owner has epoch ", epoch));
}

bool IsFenced(const absl::Status& status) { return absl::IsAborted(status); }

}  // namespace quartermaster::storage
