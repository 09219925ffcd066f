#include "services/engine/checkpoint_maker.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "absl/status/status.h"
#include "services/base/status_macros.h"
#include "services/base/time_slice.h"
#include "services/engine/clock.h"
#include "services/engine/sequencer.h"

namespace quartermaster::engine {
namespace {

// How often the log is asked how far it is.
constexpr Micros kLookInterval = Seconds(1);
// How long to wait after one that could not be made.
constexpr Micros kRetryInterval = Seconds(60);
// How much longer than it took to make one it is at least until the next is begun, so that no more
// than a small part of a processor goes into them.
constexpr int64_t kRestFactor = 10;

// A replay asks nobody for the time.
class NoClock final : public Clock {
 public:
  Instant Now() const override { return kDistantPast; }
};

}  // namespace

CheckpointMaker::CheckpointMaker(CheckpointMakerOptions options, storage::EventLog* log,
                                 storage::Position last)
    : options_(std::move(options)), log_(log), last_(last) {}

CheckpointMaker::~CheckpointMaker() {
  RequestStop();
  if (thread_.joinable()) thread_.join();
}

void CheckpointMaker::RequestStop() {
  MutexLock lock(&mutex_);
  stopping_ = true;
  changed_.NotifyAll();
}

void CheckpointMaker::Start() {
  thread_ = std::thread([this] { Run(); });
}

bool CheckpointMaker::stopping() const {
  MutexLock lock(&mutex_);
  return stopping_;
}

bool CheckpointMaker::IsDue() {
  if (options_.interval_records == 0) return false;
  const absl::StatusOr<storage::PartitionStatus> status = log_->GetStatus(options_.partition);
  // A log that does not answer now will be asked again.
  return status.ok() && status->head - last() >= options_.interval_records;
}

void CheckpointMaker::Run() {
  AskForSmallShare();
  Micros wait = kLookInterval;
  while (true) {
    {
      MutexLock lock(&mutex_);
      if (!stopping_) changed_.WaitFor(&mutex_, wait);
      if (stopping_) return;
    }
    wait = kLookInterval;
    if (!IsDue()) continue;
    const auto start = std::chrono::steady_clock::now();
    const absl::StatusOr<CheckpointHead> made = Make();
    if (stopping()) return;
    if (options_.on_made) options_.on_made(made);
    const auto took = std::chrono::duration_cast<std::chrono::microseconds>(
        std::chrono::steady_clock::now() - start);
    wait = made.ok() ? std::max(wait, Micros{kRestFactor * took.count()}) : kRetryInterval;
  }
}

absl::StatusOr<CheckpointHead> CheckpointMaker::Make() {
  const absl::StatusOr<std::unique_ptr<Checkpoint>> last = Checkpoint::Open(
      options_.path, options_.schema, options_.partition, log_, [this] { return stopping(); });
  if (!last.ok()) {
    if (!absl::IsNotFound(last.status()) && !Checkpoint::IsOfNoUse(last.status())) {
      return last.status();
    }
    return MakeFrom(nullptr);
  }
  absl::StatusOr<CheckpointHead> made = MakeFrom(last->get());
  if (made.ok() || (*last)->loaded()) return made;
  if (stopping()) return absl::CancelledError("stopping");
  // A last one that cannot be loaded is replaced.
  return MakeFrom(nullptr);
}

absl::StatusOr<CheckpointHead> CheckpointMaker::MakeFrom(Checkpoint* last) {
  SequencerOptions replay;
  replay.partition = options_.partition;
  replay.window_requests_max = options_.window_requests_max;
  replay.given_up = [this] { return stopping(); };
  replay.checkpoint = last;
  const NoClock clock;
  // Outlives the sequencer.
  const std::unique_ptr<Machine> machine = options_.make_machine();
  QM_ASSIGN_OR_RETURN(const std::unique_ptr<Sequencer> replica,
                      Sequencer::Open(std::move(replay), log_, machine.get(), &clock));
  QM_ASSIGN_OR_RETURN(const CheckpointHead made,
                      replica->WriteCheckpoint(options_.path, options_.schema, options_.gate));
  last_.store(made.position, std::memory_order_relaxed);
  return made;
}

}  // namespace quartermaster::engine
