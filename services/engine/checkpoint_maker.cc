#include "services/engine/checkpoint_maker.h"

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
  {
    MutexLock lock(&mutex_);
    stopping_ = true;
    changed_.NotifyAll();
  }
  if (thread_.joinable()) thread_.join();
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
  AskForLeftovers();
  Micros wait = kLookInterval;
  while (true) {
    {
      MutexLock lock(&mutex_);
      if (!stopping_) changed_.WaitFor(&mutex_, wait);
      if (stopping_) return;
    }
    wait = kLookInterval;
    if (!IsDue()) continue;
    const absl::StatusOr<CheckpointHead> made = Make();
    if (absl::IsCancelled(made.status()) && stopping()) return;
    if (options_.on_made) options_.on_made(made);
    if (!made.ok()) wait = kRetryInterval;
  }
}

absl::StatusOr<CheckpointHead> CheckpointMaker::Make() {
  SequencerOptions replay;
  replay.partition = options_.partition;
  replay.window_requests_max = options_.window_requests_max;
  replay.given_up = [this] { return stopping(); };
  const NoClock clock;
  absl::StatusOr<std::unique_ptr<Checkpoint>> last =
      Checkpoint::Open(options_.path, options_.schema, options_.partition, log_);
  if (last.ok()) replay.checkpoint = last->get();
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
