#include "services/stock/app/stock_engine.h"

#include <algorithm>
#include <chrono>
#include <limits>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/base/status_macros.h"
#include "services/stock/app/ledger_rows.h"
#include "services/stock/domain/content_hash.h"
#include "storage/durable_file.h"

namespace quartermaster::stock {

namespace {

// Of a store's rows: what they are, and of what.
int SchemaOf(const StockMachine::Kept& kept) {
  const uint64_t hash = ContentHash()
                            .Add(kLedgerSchema)
                            .Add(static_cast<int64_t>(kept.reservations.expired))
                            .Add(static_cast<int64_t>(kept.reservations.others))
                            .Add(static_cast<int64_t>(kept.once_keys))
                            .value();
  return static_cast<int>(hash & std::numeric_limits<int>::max());
}

std::string CheckpointPath(const StockEngineOptions& options) {
  return absl::StrCat(options.store_directory, "/checkpoint");
}

// Tells the submission that it was not taken.
void Refuse(StockSubmission* submission, engine::Sequencer::Admission admission,
            storage::Position head) {
  const bool full = admission == engine::Sequencer::Admission::kQueueFull;
  submission->Done(full ? engine::Fate::kQueueFull : engine::Fate::kNotServing, head);
}

}  // namespace

absl::StatusOr<std::unique_ptr<StockEngine>> StockEngine::Open(StockEngineOptions options,
                                                               storage::EventLog* log,
                                                               const engine::Clock* clock) {
  std::unique_ptr<StockEngine> engine(new StockEngine(clock));
  engine->learn_names_ = std::move(options.learn_names);
  engine->store_directory_ = options.store_directory;
  engine->on_archive_error_ = options.sequencer.on_archive_error;
  if (!options.store_directory.empty()) {
    QM_ASSIGN_OR_RETURN(engine->store_, storage::ServiceStore::Open(options.store_directory,
                                                                    SchemaOf(options.kept)));
    engine->ledger_ =
        std::make_unique<Ledger>(log, options.sequencer.partition, engine->store_.get());
    QM_ASSIGN_OR_RETURN(engine->outcomes_,
                        engine::OutcomeArchive::Open(engine->store_.get(), kOutcomePrefix));
    options.sequencer.archive = engine->outcomes_.get();
  }
  engine->view_.AddObserver(&engine->watches_);
  QM_ASSIGN_OR_RETURN(const std::unique_ptr<engine::Checkpoint> checkpoint,
                      engine->FindCheckpoint(options, log));
  absl::Status replayed = engine->Replay(options, checkpoint.get(), log);
  const bool used = checkpoint != nullptr && replayed.ok();
  if (checkpoint != nullptr && !checkpoint->loaded()) {
    if (options.on_checkpoint_found) options.on_checkpoint_found(replayed);
    replayed = engine->Replay(options, nullptr, log);
  }
  QM_RETURN_IF_ERROR(replayed);
  if (used && options.on_checkpoint_found) options.on_checkpoint_found(checkpoint->head());
  if (engine->ledger_ == nullptr) return engine;
  engine::CheckpointMakerOptions maker;
  maker.path = CheckpointPath(options);
  maker.schema = StockMachine::CheckpointSchema(options.kept);
  maker.partition = options.sequencer.partition;
  maker.window_requests_max = options.sequencer.window_requests_max;
  maker.interval_records = options.checkpoint_interval;
  maker.make_machine = [kept = options.kept] { return std::make_unique<StockMachine>(kept); };
  maker.gate = [engine = engine.get()](const engine::CheckpointHead& head) {
    return engine->WaitForArchives(head);
  };
  maker.on_made = options.on_checkpoint_made;
  engine->checkpoints_ = std::make_unique<engine::CheckpointMaker>(
      std::move(maker), log, used ? checkpoint->head().position : 0);
  return engine;
}

absl::Status StockEngine::Replay(const StockEngineOptions& options, engine::Checkpoint* checkpoint,
                                 storage::EventLog* log) {
  machine_ = std::make_unique<StockMachine>(&view_, ledger_.get(), options.kept);
  engine::SequencerOptions replay = options.sequencer;
  replay.checkpoint = checkpoint;
  QM_ASSIGN_OR_RETURN(sequencer_, engine::Sequencer::Open(std::move(replay), log, machine_.get(),
                                                          clock_, options.on_progress));
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<engine::Checkpoint>> StockEngine::FindCheckpoint(
    const StockEngineOptions& options, storage::EventLog* log) const {
  if (ledger_ == nullptr) return nullptr;
  storage::DropAsides(CheckpointPath(options));
  absl::StatusOr<std::unique_ptr<engine::Checkpoint>> found = engine::Checkpoint::Open(
      CheckpointPath(options), StockMachine::CheckpointSchema(options.kept),
      options.sequencer.partition, log);
  if (absl::IsNotFound(found.status())) return nullptr;
  absl::Status flaw = found.status();
  if (flaw.ok()) {
    const engine::CheckpointHead& head = (*found)->head();
    if (head.given <= ledger_->stored() && head.outcomes_given <= outcomes_->archived()) {
      return found;
    }
    flaw = absl::FailedPreconditionError(
        absl::StrCat("the store has what happened up to position ", ledger_->stored(),
                     ", outcomes up to ", outcomes_->archived(), "; the checkpoint at ",
                     head.position, " needs it up to ", head.given, " and ", head.outcomes_given));
  }
  // Anything else is the log's: it would not be replayed either.
  if (!engine::Checkpoint::IsOfNoUse(flaw)) return flaw;
  if (options.on_checkpoint_found) options.on_checkpoint_found(flaw);
  return nullptr;
}

absl::Status StockEngine::WaitForArchives(const engine::CheckpointHead& head) {
  // They write within milliseconds, but may be behind by a minute's work.
  constexpr auto kLook = std::chrono::milliseconds(20);
  while (ledger_->written() < head.given || outcomes_->archived() < head.outcomes_given) {
    if (stopping_.load()) return absl::CancelledError("stopping");
    std::this_thread::sleep_for(kLook);
  }
  return store_->Flush();
}

absl::StatusOr<engine::CheckpointHead> StockEngine::MakeCheckpoint() {
  if (checkpoints_ != nullptr) return checkpoints_->Make();
  return absl::FailedPreconditionError("without a ledger there are no checkpoints");
}

void StockEngine::Start() {
  sequencer_->Start();
  if (checkpoints_ != nullptr) checkpoints_->Start();
}

void StockEngine::Stop() {
  stopping_.store(true);
  if (checkpoints_ != nullptr) checkpoints_->RequestStop();
  sequencer_->Stop();
}

absl::Status StockEngine::Acquire() {
  QM_RETURN_IF_ERROR(sequencer_->Acquire());
  if (ledger_ == nullptr) return absl::OkStatus();
  const storage::Position stored = std::max(ledger_->stored(), outcomes_->archived());
  if (stored <= sequencer_->head()) return absl::OkStatus();
  // Heads never go back. The log itself cannot notice that it has lost its end (FORMAT.md).
  return absl::DataLossError(absl::StrCat(
      "the store in ", store_directory_, " has what happened up to position ", stored,
      " of the log, which ends at ", sequencer_->head(),
      ": the log has lost records that were answered, or is another one than the ledger's. Restore "
      "it from a backup, or delete that directory, so that the ledger is made anew from this log"));
}

StockEngine::~StockEngine() {
  stopping_.store(true);
  checkpoints_.reset();
  if (sequencer_ != nullptr) sequencer_->Stop();
  watches_.Stop();
}

engine::Sequencer::Admission StockEngine::Submit(StockSubmission* submission) {
  if (submission->resolve_again && learn_names_ && sequencer_->serving()) {
    const auto submit = [this, submission](bool learned) {
      // Not known here, and whether it exists cannot be found out: no outcome may be recorded.
      const auto admission =
          learned ? Enqueue(submission) : engine::Sequencer::Admission::kNotServing;
      if (admission != engine::Sequencer::Admission::kAccepted) {
        Refuse(submission, admission, sequencer_->head());
      }
    };
    // Too many wait for the catalog already.
    return learn_names_(submit) ? engine::Sequencer::Admission::kAccepted
                                : engine::Sequencer::Admission::kQueueFull;
  }
  return Enqueue(submission);
}

engine::Sequencer::Admission StockEngine::Enqueue(StockSubmission* submission) {
  if (ledger_ != nullptr && ledger_->has_once()) {
    const std::vector<std::string> keys = OnceKeysOf(*submission);
    if (keys.empty()) return sequencer_->Submit(submission);
    const auto admission = sequencer_->Admits(*submission);
    if (admission != engine::Sequencer::Admission::kAccepted) return admission;
    // Before it is asked: what comes meanwhile it may have or not.
    submission->recalled_up_to = ledger_->written();
    absl::StatusOr<OnceKeys::Recalled> found = ledger_->once().Find(keys);
    if (!found.ok()) {
      if (on_archive_error_) on_archive_error_(found.status());
      return engine::Sequencer::Admission::kNotServing;
    }
    submission->recalled = *std::move(found);
  }
  return sequencer_->Submit(submission);
}

bool StockEngine::AsksFirst(const StockSubmission& submission) const {
  if (submission.resolve_again && learn_names_) return true;
  return ledger_ != nullptr && ledger_->has_once() && !OnceKeysOf(submission).empty();
}

void StockEngine::SubmitAll(absl::Span<StockSubmission* const> submissions) {
  std::vector<engine::Submission*> ready;
  ready.reserve(submissions.size());
  for (StockSubmission* const submission : submissions) {
    if (!AsksFirst(*submission)) {
      ready.push_back(submission);
      continue;
    }
    const auto admission = Submit(submission);
    if (admission != engine::Sequencer::Admission::kAccepted) {
      Refuse(submission, admission, sequencer_->head());
    }
  }
  sequencer_->SubmitAll(ready);
}

void StockEngine::Submit(Command command, CallbackSubmission::Callback done) {
  auto* const submission = new CallbackSubmission(std::move(done));
  submission->command = std::move(command);
  const auto admission = Enqueue(submission);
  if (admission != engine::Sequencer::Admission::kAccepted) {
    Refuse(submission, admission, sequencer_->head());
  }
}

}  // namespace quartermaster::stock
