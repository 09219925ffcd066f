// OutcomeArchive: what requests came to that the window has no room for any more, in the service's
// own store, so that a request that is repeated hours later is still answered as the first time.
//
// Kept for at least a day from when it left the window, by the log's clock; then dropped, a day's
// at once. A function of the log: made anew if it is lost.
#ifndef QUARTERMASTER_SERVICES_ENGINE_OUTCOME_ARCHIVE_H_
#define QUARTERMASTER_SERVICES_ENGINE_OUTCOME_ARCHIVE_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "services/base/mutex.h"
#include "services/base/time.h"
#include "services/engine/request_outcome.h"
#include "services/engine/request_segment.h"
#include "storage/frame.h"
#include "storage/service_store.h"

namespace quartermaster::engine {

// Thread-safe.
class OutcomeArchive {
 public:
  // Starts a thread of its own, which writes. Its rows begin with `prefix`, one that no other rows
  // of the store have. `store` must outlive the archive. Errors: the store's.
  static absl::StatusOr<std::unique_ptr<OutcomeArchive>> Open(storage::ServiceStore* store,
                                                              char prefix);
  ~OutcomeArchive();

  // Takes a full segment, the next after the one before, at `time` of the log. Waits only if the
  // archive is far behind. What it has already (after a restart) is skipped.
  void Add(std::shared_ptr<const RequestSegment> segment, Instant time);

  // Up to which position of the log it has what it was given, or was given before it was opened.
  storage::Position archived() const { return archived_.load(std::memory_order_acquire); }

  // What it has of each, in their order. nullopt if it is not there: never a request that was
  // archived when it was asked for, and left the window less than a day before the last one that
  // did. Errors: the store's; DATA_LOSS if a row does not parse.
  absl::StatusOr<std::vector<std::optional<ArchivedOutcome>>> Find(
      absl::Span<const std::string_view> request_ids) const;

 private:
  struct Batch {
    std::shared_ptr<const RequestSegment> segment;
    Instant time;
  };

  OutcomeArchive(storage::ServiceStore* store, char prefix, storage::Position archived, int64_t day)
      : store_(store), prefix_(prefix), archived_(archived), day_(day) {}
  void Run();
  absl::Status Write(const std::vector<Batch>& batches);

  storage::ServiceStore* const store_;
  const char prefix_;
  std::atomic<storage::Position> archived_;
  // The latest that has rows. Older ones than the one before it have none.
  std::atomic<int64_t> day_;

  Mutex mutex_;
  CondVar changed_;
  std::vector<Batch> pending_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace quartermaster::engine

#endif  // QUARTERMASTER_SERVICES_ENGINE_OUTCOME_ARCHIVE_H_
