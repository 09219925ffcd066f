// StockMachine: stock's pure core as the sequencer drives it.
#ifndef QUARTERMASTER_SERVICES_STOCK_APP_STOCK_MACHINE_H_
#define QUARTERMASTER_SERVICES_STOCK_APP_STOCK_MACHINE_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "services/engine/machine.h"
#include "services/stock/app/ledger.h"
#include "services/stock/app/stock_submission.h"
#include "services/stock/app/stock_view.h"
#include "services/stock/codec/event_codec.h"
#include "services/stock/domain/change.h"
#include "services/stock/domain/count_switcher.h"
#include "services/stock/domain/decide.h"
#include "services/stock/domain/events.h"
#include "services/stock/domain/expiry.h"
#include "services/stock/domain/state.h"

namespace quartermaster::stock {

class StockMachine final : public engine::Machine {
 public:
  // What stays in memory of what is over; with other numbers than before, the ledger must be new
  // (StockEngine sees to it): a replay gives it the rest, and it skips what it was given before.
  struct Kept {
    EndedReservations::Kept reservations;
    size_t once_keys = OnceKeys::kKept;
  };
  // `view` must outlive the machine, as must `ledger`, which may be null: then none is kept, and
  // what must not happen twice stays in memory for ever.
  StockMachine(StockView* view, Ledger* ledger, const Kept& kept) : view_(view), ledger_(ledger) {
    state_.ended = EndedReservations(kept.reservations);
    state_.once.Keep(kept.once_keys);
  }
  StockMachine(StockView* view, Ledger* ledger) : StockMachine(view, ledger, Kept()) {}
  // Of which checkpoints are made: it forgets what another machine, with a ledger, archives. It is
  // replayed, and no more.
  explicit StockMachine(const Kept& kept) : StockMachine(nullptr, nullptr, kept) {
    forgets_ = true;
  }

  // Of the bytes that Save writes.
  static uint64_t CheckpointSchema(const Kept& kept);

  absl::Status Replay(const storage::Record& record, Instant time) override;
  int ExpireDue(Instant now, int max, storage::FrameBuilder& frame) override;
  void Prefetch(const engine::Submission& submission) const override;
  bool Prepare(engine::Submission& submission, Instant now, storage::FrameBuilder& frame) override;
  bool Execute(engine::Submission& submission, Instant now, storage::FrameBuilder& frame,
               std::string& outcome) override;
  void Continue(Instant now, storage::FrameBuilder& frame) override;
  void Recall(engine::Submission& submission, std::string_view outcome,
              storage::Position position) override;
  void Publish(storage::Position head, Instant time) override;
  storage::Position EndReplay() override;
  void Save(Saver& save) const override;
  void Load(Loader& load) override;

  // For tests and checks; only while the sequencer is not running.
  const State& state() const { return state_; }

 private:
  // Writes the events decided last into the frame, and applies them, and then what settles the
  // books after them.
  void Log(Instant now, storage::FrameBuilder& frame);
  // Both halves of it; `first` is the position of the first record.
  storage::Position Write(storage::FrameBuilder& frame);
  void ApplyWritten(storage::Position first, Instant now, storage::FrameBuilder& frame);
  // Whether a decision's events, which are `bytes` long, may be applied: what they make of the
  // reservation, and the outcome that tells of it, must fit too.
  bool Fits(const Decision& decision, size_t bytes) const;
  void ApplyOne(const Event& event, storage::Position position, Instant time);
  bool ExecuteCommand(const Command& command, Instant now, storage::FrameBuilder& frame,
                      Result& result);
  // Of a query, or a count: read off the state.
  void Read(const Command& command, Result& result) const;
  // Goes on with the next count as far as the frame at hand may.
  void SwitchNext(Instant now, storage::FrameBuilder& frame);
  AdjustmentResult ExecuteFact(const AdjustStock& fact, Instant now, storage::FrameBuilder& frame);
  void FlushReplayed();
  // Hands what has happened since the last publication to the ledger.
  void Archive(storage::Position head, Instant time);
  // Takes out of memory the keys that are in the archive by now.
  void ForgetOnce();
  // Makes known to the state what the archive has of the submission's keys.
  void RecallOnce(StockSubmission& submission);

  StockView* const view_;
  Ledger* const ledger_;
  bool forgets_ = false;
  State state_;
  OverdueHolds overdue_;
  CountSwitcher switcher_;
  // How many overdue holds the frame at hand may still end for the sake of its commands.
  int expiries_left_ = 0;
  // How many positions of counts it may still switch.
  int switched_left_ = 0;
  // The size of the frame up to which its part at hand may settle more SKUs.
  size_t settle_until_ = 0;
  EventEncoder encoder_;
  // Scratch: what the command at hand decided.
  Events events_;
  // Since the last publication.
  Changes changes_;
  StockView::Structure structure_ = StockView::Structure::kSame;
  // The scopes whose policy was set.
  std::vector<PolicyScope> policies_;
  // The SKUs that an allotment was set of.
  std::vector<SkuIndex> allotted_;
  std::vector<StockView::NewKit> kits_;
  // How many names of sources, counts and transfers the view has.
  size_t published_names_ = 0;
  // Nothing has been published yet: the log is being replayed.
  bool replaying_ = true;
  // Keys on their way to the archive: so many were ever given out when it had `head`.
  struct Leaving {
    uint64_t given_out;
    storage::Position head;
  };
  std::deque<Leaving> leaving_;
  // Who asked the archive when it was not yet there may have missed some.
  storage::Position once_forgotten_ = 0;
  // The last event that changed something, or made something leave memory; and the last of those
  // that the ledger was given.
  storage::Position changed_ = 0;
  storage::Position given_ = 0;
  storage::Position replayed_ = 0;
  Instant replayed_time_ = kDistantPast;
};

}  // namespace quartermaster::stock

#endif  // QUARTERMASTER_SERVICES_STOCK_APP_STOCK_MACHINE_H_
