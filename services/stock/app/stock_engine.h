// StockEngine: stock as a part: its writer, its view, its ledger and its watches.
//
//   auto engine = StockEngine::Open(options, log, clock);
//   QM_RETURN_IF_ERROR((*engine)->Acquire());
//   (*engine)->Start();
//   (*engine)->Submit(&submission);
//   (*engine)->view().With([](const StockSnapshot& s) { ... });
#ifndef QUARTERMASTER_SERVICES_STOCK_APP_STOCK_ENGINE_H_
#define QUARTERMASTER_SERVICES_STOCK_APP_STOCK_ENGINE_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "services/engine/checkpoint.h"
#include "services/engine/checkpoint_maker.h"
#include "services/engine/clock.h"
#include "services/engine/outcome_archive.h"
#include "services/engine/sequencer.h"
#include "services/stock/app/availability_watch.h"
#include "services/stock/app/ledger.h"
#include "services/stock/app/stock_machine.h"
#include "services/stock/app/stock_submission.h"
#include "services/stock/app/stock_view.h"
#include "storage/event_log.h"
#include "storage/service_store.h"

namespace quartermaster::stock {

struct StockEngineOptions {
  // The partition, the queue's bounds, what to do when fenced.
  engine::SequencerOptions sequencer;
  // Where the ledger and old requests' outcomes are kept; empty: none are (the reads that need the
  // ledger are refused).
  std::string store_directory;
  // Where the catalog is another process's: asked before a command that names something unknown
  // queues up, because the catalog may have answered for it already. Calls back, once and not
  // within the call, after stock has been told all that the catalog has (true) or when that cannot
  // be found out (false); or returns false: too many wait for it. Null: stock knows what there is.
  std::function<bool(absl::AnyInvocable<void(bool)>)> learn_names;
  std::function<void(storage::Position, storage::Position)> on_progress;
  // With other numbers than before, the store is made anew.
  StockMachine::Kept kept;
  // How many records of the log lie between two checkpoints, which are kept beside the ledger; 0:
  // none are made.
  int64_t checkpoint_interval = 0;
  // Told from which checkpoint the replay went on, or why not from the one that there is; and of
  // each that is made, or why it was not, on a thread of the engine's own.
  std::function<void(const absl::StatusOr<engine::CheckpointHead>&)> on_checkpoint_found;
  std::function<void(const absl::StatusOr<engine::CheckpointHead>&)> on_checkpoint_made;
};

// Thread-safe once opened.
class StockEngine {
 public:
  // Replays the log, without taking the partition. `log` and `clock` must outlive the engine.
  static absl::StatusOr<std::unique_ptr<StockEngine>> Open(StockEngineOptions options,
                                                           storage::EventLog* log,
                                                           const engine::Clock* clock);
  ~StockEngine();

  // Takes the partition over. Errors: those of Sequencer::Acquire; kDataLoss if the log ends before
  // what the ledger has of it.
  absl::Status Acquire();
  void Start();
  // Answers what is queued, then refuses.
  void Stop();

  // Queues a submission, as Sequencer::Submit does: no Done follows if the answer is not kAccepted.
  engine::Sequencer::Admission Submit(StockSubmission* submission);
  // Queues several, as Sequencer::SubmitAll does: Done follows for each.
  void SubmitAll(absl::Span<StockSubmission* const> submissions);
  // A command whose repetition is harmless: from the catalog, from inside. `done` runs in any case:
  // within the call if it is not taken.
  void Submit(Command command, CallbackSubmission::Callback done = {});

  const StockView& view() const { return view_; }
  WatchHub& watches() { return watches_; }
  // Null if none is kept.
  Ledger* ledger() { return ledger_.get(); }
  engine::Sequencer& sequencer() { return *sequencer_; }
  // Makes a checkpoint of what the log has now, whether or not it is time for one: instead of
  // checkpoint_interval. Errors: those of CheckpointMaker::Make; kFailedPrecondition without a
  // ledger.
  absl::StatusOr<engine::CheckpointHead> MakeCheckpoint();
  // The position of the last checkpoint; 0: there is none.
  storage::Position checkpoint() const {
    return checkpoints_ == nullptr ? 0 : checkpoints_->last();
  }
  // By the writer's clock.
  Instant Now() const { return clock_->Now(); }

 private:
  explicit StockEngine(const engine::Clock* clock) : clock_(clock) {}
  engine::Sequencer::Admission Enqueue(StockSubmission* submission);
  // Whether something has to be found out of it before it is queued: a name, or what the archive
  // has of its keys.
  bool AsksFirst(const StockSubmission& submission) const;
  // The checkpoint, if it is of use; null if it is not, which has been reported.
  absl::StatusOr<std::unique_ptr<engine::Checkpoint>> FindCheckpoint(
      const StockEngineOptions& options, storage::EventLog* log) const;
  // Replays, from the checkpoint on if there is one.
  absl::Status Replay(const StockEngineOptions& options, engine::Checkpoint* checkpoint,
                      storage::EventLog* log);
  // Waits until the archives have, durably, what a checkpoint leaves out.
  absl::Status WaitForArchives(const engine::CheckpointHead& head);

  const engine::Clock* const clock_;
  decltype(StockEngineOptions::learn_names) learn_names_;
  StockView view_;
  WatchHub watches_{&view_};
  // Empty without a ledger.
  std::string store_directory_;
  std::function<void(const absl::Status&)> on_archive_error_;
  std::unique_ptr<storage::ServiceStore> store_;
  std::unique_ptr<Ledger> ledger_;
  std::unique_ptr<engine::OutcomeArchive> outcomes_;
  std::unique_ptr<StockMachine> machine_;
  std::unique_ptr<engine::Sequencer> sequencer_;
  std::atomic<bool> stopping_{false};
  // Null without a ledger.
  std::unique_ptr<engine::CheckpointMaker> checkpoints_;
};

}  // namespace quartermaster::stock

#endif  // QUARTERMASTER_SERVICES_STOCK_APP_STOCK_ENGINE_H_
