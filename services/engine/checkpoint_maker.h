// CheckpointMaker: makes checkpoints of a partition while its owner works, and without it. A thread
// of its own replays the log, from the last checkpoint on, into a machine of its own, writes that
// down and forgets it. See adr/0001-a-replica-makes-checkpoints.md.
#ifndef QUARTERMASTER_SERVICES_ENGINE_CHECKPOINT_MAKER_H_
#define QUARTERMASTER_SERVICES_ENGINE_CHECKPOINT_MAKER_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "services/base/mutex.h"
#include "services/engine/checkpoint.h"
#include "services/engine/machine.h"
#include "storage/event_log.h"
#include "storage/frame.h"

namespace quartermaster::engine {

struct CheckpointMakerOptions {
  std::string path;
  // Of the machine's state (CheckpointHead).
  uint64_t schema = 0;
  storage::PartitionId partition;
  // The owner's, so that the window is the same.
  size_t window_requests_max = 1'000'000;
  // How many records lie between two checkpoints, and so what a restart reads of the log, but for
  // those that come while one is made, and before the next one may be (kRestFactor). 0: none is
  // made, but by Make.
  int64_t interval_records = 1'000'000;
  // A new machine that archives nothing: what leaves memory is forgotten.
  std::function<std::unique_ptr<Machine>()> make_machine;
  CheckpointGate gate;
  // Tells of each that was made, or why not, on the maker's thread.
  std::function<void(const absl::StatusOr<CheckpointHead>&)> on_made;
};

// Make is for one thread at a time; the rest is thread-safe.
class CheckpointMaker {
 public:
  // `last` is the position of the last checkpoint; 0: there is none. `log` must outlive the maker.
  CheckpointMaker(CheckpointMakerOptions options, storage::EventLog* log, storage::Position last);
  // Gives up what it is at.
  ~CheckpointMaker();
  CheckpointMaker(const CheckpointMaker&) = delete;
  CheckpointMaker& operator=(const CheckpointMaker&) = delete;

  // From here on, on a thread of its own. Once.
  void Start();
  // Gives up what it is at, as soon as it notices, and begins nothing more. Does not wait.
  void RequestStop();
  // Makes one of all that the log has now. Errors: those of Sequencer::Open, WriteCheckpoint and
  // the gate; kCancelled: it has been asked to stop.
  absl::StatusOr<CheckpointHead> Make();

  // The position of the last one.
  storage::Position last() const { return last_.load(std::memory_order_relaxed); }

 private:
  void Run();
  // Whether there is enough for another one.
  bool IsDue();
  // From `last` on, if it is not null.
  absl::StatusOr<CheckpointHead> MakeFrom(Checkpoint* last);
  bool stopping() const;

  const CheckpointMakerOptions options_;
  storage::EventLog* const log_;
  std::atomic<storage::Position> last_;

  mutable Mutex mutex_;
  CondVar changed_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace quartermaster::engine

#endif  // QUARTERMASTER_SERVICES_ENGINE_CHECKPOINT_MAKER_H_
