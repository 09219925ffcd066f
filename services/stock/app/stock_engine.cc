#include "services/stock/app/stock_engine.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/base/status_macros.h"
#include "services/stock/app/ledger_rows.h"
#include "services/stock/domain/content_hash.h"

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
  engine->machine_ =
      std::make_unique<StockMachine>(&engine->view_, engine->ledger_.get(), options.kept);
  QM_ASSIGN_OR_RETURN(engine->sequencer_,
                      engine::Sequencer::Open(std::move(options.sequencer), log,
                                              engine->machine_.get(), clock, options.on_progress));
  return engine;
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

void StockEngine::Submit(Command command, CallbackSubmission::Callback done) {
  auto* const submission = new CallbackSubmission(std::move(done));
  submission->command = std::move(command);
  const auto admission = Enqueue(submission);
  if (admission != engine::Sequencer::Admission::kAccepted) {
    Refuse(submission, admission, sequencer_->head());
  }
}

}  // namespace quartermaster::stock
