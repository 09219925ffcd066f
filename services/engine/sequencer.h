// Sequencer: the single writer of a partition. Decide in memory, commit to the log, then tell.
//
// Submissions queue up; one thread drains what has arrived, decides each against the machine's
// in-memory state, appends all events and outcomes as one frame, waits for the sync, publishes,
// and only then answers. Batch size follows load; there is no timer.
//
//   QM_ASSIGN_OR_RETURN(auto sequencer, Sequencer::Open(options, log, &machine, &clock));
//   QM_RETURN_IF_ERROR(sequencer->Acquire());
//   sequencer->Start();                        // or Step() by hand in a simulation
//   if (sequencer->Submit(&submission) == Sequencer::Admission::kQueueFull) ...
#ifndef QUARTERMASTER_SERVICES_ENGINE_SEQUENCER_H_
#define QUARTERMASTER_SERVICES_ENGINE_SEQUENCER_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "services/base/mutex.h"
#include "services/base/time.h"
#include "services/engine/checkpoint.h"
#include "services/engine/clock.h"
#include "services/engine/machine.h"
#include "services/engine/outcome_archive.h"
#include "services/engine/request_window.h"
#include "services/engine/sequencer_stats.h"
#include "services/engine/submission.h"
#include "storage/event_log.h"
#include "storage/frame.h"

namespace quartermaster::engine {

// A frame that has as much takes no further command; the last one comes on top.
inline constexpr size_t kFrameFillBytesMax = 768 << 10;
static_assert(kFrameFillBytesMax + kPreparedBytesMax + kCommandBytesMax <= storage::kFrameBytesMax);

struct SequencerOptions {
  storage::PartitionId partition;
  // The bounds of what waits to be decided: beyond either, Submit answers kQueueFull at once.
  size_t queue_commands_max = 16'384;
  size_t queue_bytes_max = 64 << 20;
  // A frame's bounds; bytes at most kFrameFillBytesMax.
  int frame_commands_max = 4'096;
  size_t frame_bytes_max = kFrameFillBytesMax;
  // How many due holds a frame ends before its commands.
  int expiries_per_frame_max = 1'000;
  // Of how many requests the outcomes are kept in memory; of up to 1,024 more, too.
  size_t window_requests_max = 1'000'000;
  // Where older ones are kept; must outlive the sequencer. Null: they are forgotten.
  OutcomeArchive* archive = nullptr;
  // How many batches ago something must have been archived for the window to forget it. For speed
  // only: what waits longer than that between its look into the archive and its decision is looked
  // up a second time, by the writer.
  size_t forget_batches_later = 2;
  // Where a replay goes on from; used by Open only. Null: it begins with the log.
  Checkpoint* checkpoint = nullptr;
  // Asked now and then while replaying: whether to give up (kCancelled).
  std::function<bool()> given_up;
  // How often an idle owner makes sure that it still is the owner.
  Micros epoch_check_interval = Seconds(1);
  // How long to wait before an append whose reply was lost is sent again.
  Micros append_retry_interval = Milliseconds(50);
  // An outcome cannot be read from the archive; the request was refused as kNotServing. On the
  // thread of whoever submits, or the sequencer's.
  std::function<void(const absl::Status&)> on_archive_error;
  // The partition has another owner: serving() is false, so that readers must be refused, and
  // submissions are answered kNotServing. Memory may be ahead of the log: nothing may be read from
  // it any more. The process should exit with code 75.
  std::function<void(const absl::Status&)> on_fenced;
  // The log failed after memory had run ahead of it. Must end the process; if it returns, the
  // sequencer aborts.
  std::function<void(const absl::Status&)> on_fatal;
};

// Submit, Stats, serving and head are thread-safe.
class Sequencer {
 public:
  enum class Admission { kAccepted, kQueueFull, kNotServing };

  // Called with (position, head) now and then while replaying.
  using Progress = std::function<void(storage::Position, storage::Position)>;

  // Replays into the machine, which must be new, what the log has now. Takes nothing yet: an owner
  // that works must not be fenced by one that cannot read the log. `log`, `machine` and `clock`
  // must outlive the sequencer. Errors: those of the log and of Machine::Replay.
  static absl::StatusOr<std::unique_ptr<Sequencer>> Open(SequencerOptions options,
                                                         storage::EventLog* log, Machine* machine,
                                                         const Clock* clock,
                                                         Progress on_progress = {});
  // Stops, if it has not been stopped.
  ~Sequencer();

  // Writes what has been replayed as a checkpoint of `schema`, durably. Only of what will not be
  // acquired, and without an archive of outcomes: what leaves memory is given to the owner's, by
  // the owner. Errors: those of the log and of storage/checked_file.h.
  absl::StatusOr<CheckpointHead> WriteCheckpoint(const std::string& path, uint64_t schema,
                                                 const CheckpointGate& gate);

  // Takes the partition over, replays what was added since Open, and serves. Once, before Start
  // and Step. Errors: those of the log and of Machine::Replay; kDataLoss if the log has become
  // shorter.
  absl::Status Acquire();

  // Runs the writer on a thread of its own.
  void Start();
  // Decides what is queued, waits for it to be durable, answers it, and ends the thread. What is
  // submitted later is kNotServing. Waits for nothing else: what takes many frames
  // (Machine::Continue) goes on when the partition is next served.
  void Stop();

  // Queues a submission: exactly one Done follows if the answer is kAccepted, none otherwise. Once
  // there is an archive that has anything, its request is looked up there: usually without a read
  // from disk. kNotServing also if that fails.
  Admission Submit(Submission* submission);
  // Queues several, and looks their requests up at once. Done follows for each of them, whether or
  // not there is room for it (kQueueFull, kNotServing: within the call).
  void SubmitAll(absl::Span<Submission* const> submissions);
  // What Submit would answer now, without a look into the archive.
  Admission Admits(const Submission& submission) const;

  // One batch by hand, for simulation: instead of Start. False if there was nothing to do.
  bool Step();

  // False once stopped or fenced.
  bool serving() const { return serving_.load(std::memory_order_acquire); }
  // The last durable position.
  storage::Position head() const { return head_.load(std::memory_order_acquire); }
  SequencerStats Stats() const;

 private:
  Sequencer(SequencerOptions options, storage::EventLog* log, Machine* machine, const Clock* clock,
            Progress on_progress);

  // The head of the partition; 0 if nobody has ever owned it.
  absl::StatusOr<storage::Position> FindHead();
  absl::Status Load(Checkpoint& checkpoint);
  absl::Status ReplayTo(storage::Position head);
  absl::Status ReplayRecord(const storage::Record& record, Instant time);
  // Up to where the archive has what the window gave out.
  storage::Position Archived() const;
  // Archives what the window has no room for, and lets it forget the rest up to `forgettable`.
  void TrimWindow(storage::Position forgettable);
  // Finds out what the archive has of the submissions' requests. False, and that is reported, if it
  // cannot be read.
  bool LookUp(absl::Span<Submission* const> submissions) const;
  // Whether there may be anything to look up.
  bool HasArchived() const {
    return options_.archive != nullptr && options_.archive->archived() > 0;
  }
  void Run();
  // Whether anything that was submitted has not been decided.
  bool IsWaiting() const;
  // Takes the queue into batch_, if all that was taken before has been decided.
  void Drain();
  void DecideBatch();
  void PrefetchAhead() const;
  // False if the frame is full before it.
  bool Decide(Submission& submission, Instant now);
  // Whether the request is known, or may be; then it is answered as the first time, or not at all.
  bool Recall(Submission& submission);
  // Appends the frame, again and again while the outcome is unknown. False if fenced.
  bool Commit();
  void Answer();
  void CheckEpoch();
  void Fence(const absl::Status& status);
  void RefuseQueued();

  const SequencerOptions options_;
  storage::EventLog* const log_;
  Machine* const machine_;
  const Clock* const clock_;
  const Progress on_progress_;

  // The writer's own.
  storage::Epoch epoch_ = 0;
  storage::Position replayed_ = 0;
  Instant last_time_ = kDistantPast;
  Instant last_epoch_check_ = kDistantPast;
  storage::FrameBuilder frame_;
  RequestWindow window_;
  // Archived() when each of the last batches was taken (forget_batches_later).
  std::deque<storage::Position> archived_then_;
  std::string outcome_;
  std::vector<Submission*> batch_;
  size_t batch_next_ = 0;
  // Stopping: only what is queued is decided yet.
  bool draining_ = false;
  // How many frames in a row had no room for Machine::Continue.
  int full_frames_ = 0;
  std::vector<Submission*> answered_;
  std::thread thread_;

  Admission AdmitsLocked(const Submission& submission) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  Admission EnqueueLocked(Submission& submission) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  mutable Mutex mutex_;
  CondVar arrived_;
  std::vector<Submission*> queue_ ABSL_GUARDED_BY(mutex_);
  // What waits: the queue, and what of batch_ has not been decided.
  size_t waiting_commands_ ABSL_GUARDED_BY(mutex_) = 0;
  size_t waiting_bytes_ ABSL_GUARDED_BY(mutex_) = 0;
  bool writer_waiting_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  mutable uint64_t refused_full_ ABSL_GUARDED_BY(mutex_) = 0;
  std::atomic<bool> serving_{false};
  std::atomic<storage::Position> head_{0};

  // Written by the writer only.
  struct Counters {
    std::atomic<uint64_t> frames{0}, commands{0}, records{0}, bytes{0}, recalled{0}, expired{0},
        deadline_passed{0};
  } counters_;
};

}  // namespace quartermaster::engine

#endif  // QUARTERMASTER_SERVICES_ENGINE_SEQUENCER_H_
