#include "services/stock/app/stock_machine.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "services/base/check.h"
#include "services/base/status_macros.h"
#include "services/engine/checkpoint.h"
#include "services/stock/codec/event_table.h"
#include "services/stock/codec/outcome_codec.h"
#include "services/stock/domain/apply.h"
#include "services/stock/domain/availability.h"
#include "services/stock/domain/backing.h"
#include "services/stock/domain/content_hash.h"
#include "services/stock/domain/decide.h"
#include "services/stock/domain/promise_flow.h"
#include "services/stock/domain/reservation_reports.h"
#include "services/stock/domain/serve_waiting.h"
#include "services/stock/domain/settle.h"

namespace quartermaster::stock {
namespace {

// What the ends of overdue holds may cost (ExpiryCost) that a frame has because its commands are
// about their SKUs: a tenth of its bytes, some milliseconds.
constexpr int kExpiredForCommandsMax = 10'000;

// How many positions of counts are switched in one frame: about half a millisecond.
constexpr int kSwitchedPerFrame = 500;
// A small count is there when its answer is.
static_assert(kSmallCountRows <= kSwitchedPerFrame);

// The most, in bytes, that a hold's events and its outcome may have together. What only takes from
// a reservation is never refused for its length: its outcome tells of all that the reservation has,
// which was bounded when it came to have it, and its event of at most as many parts.
constexpr size_t kHoldBytesMax = 2 << 20;
static_assert(kHoldBytesMax + kHoldBytesMax / 2 <= engine::kCommandBytesMax);
// The most that an outcome has for a line of a reservation, a placement of it, a short line.
constexpr size_t kLineBytesMax = 160;
constexpr size_t kPlacementBytesMax = 24;
constexpr size_t kShortLineBytesMax = 64;

// What settles the books in one go: so many units and moves, a tenth of a megabyte, or those of one
// SKU. It goes on as long as what a frame has of it, or of a request, is below so many bytes; what
// is left then follows in the next frames.
constexpr size_t kSettledMax = 5'000;
constexpr size_t kSettledBytesMax = 64 << 10;

StockView::Structure StructureChange(const Event& event) {
  if (std::holds_alternative<LocationPaused>(event) || std::holds_alternative<PoolSet>(event)) {
    return StockView::Structure::kPoolsChanged;
  }
  if (std::holds_alternative<ChannelSet>(event)) return StockView::Structure::kChannelsChanged;
  if (std::holds_alternative<SkuRegistered>(event) ||
      std::holds_alternative<LocationRegistered>(event)) {
    return StockView::Structure::kNewNames;
  }
  return StockView::Structure::kSame;
}

// What a fact's result tells of a position; of a kit, of its parts: the goods on hand as so many
// kits, and what is short of all of them.
struct FactFigures {
  Quantity on_hand;
  Quantity shortage;
  bool count_requested = false;
};
FactFigures FiguresOf(const State& state, SkuIndex sku, LocationIndex location) {
  FactFigures figures;
  bool first = true;
  VisitParts(state.kits, sku, [&](SkuIndex part, int64_t count) {
    const Balances position = state.positions.Get(part, location);
    const Quantity on_hand(position.on_hand.units() / count);
    figures.on_hand = std::exchange(first, false) ? on_hand : std::min(figures.on_hand, on_hand);
    figures.shortage += position.shortage();
    figures.count_requested =
        figures.count_requested || state.counts.recounts.contains(PositionKey(part, location));
  });
  return figures;
}

// nullptr of a command that makes none.
const HoldLines* LinesOfHold(const Command& command) {
  if (const auto* reserve = std::get_if<ReserveStock>(&command)) return &reserve->lines;
  if (const auto* update = std::get_if<UpdateReservation>(&command)) return &update->lines;
  return nullptr;
}

void ReadAvailability(const State& state, const GetAvailability& query, Result& result) {
  Offer offer(state);
  std::vector<WaitChange> freed;
  if (const Reservation* own = state.holds.Find(query.owner)) {
    offer.Free(*own);
    AppendFreed(*own, freed);
  }
  for (size_t i = 0; i < query.keys.size(); ++i) {
    const StockKey& key = query.keys[i];
    if (const auto unknown = FindUnknownName(state, key)) {
      result.rejection = Rejection{*unknown, static_cast<int>(i)};
      return;
    }
    result.availabilities.push_back(FindAvailability(state, offer, key));
    if (query.by == kNever) continue;
    FindAvailabilityBy(state, offer, key, query.by, freed, result.availabilities.back());
  }
}

}  // namespace

absl::Status StockMachine::Replay(const storage::Record& record, Instant time) {
  QM_ASSIGN_OR_RETURN(const Event event, DecodeEvent(record.type, record.version, record.payload));
  // A new time is a new frame: what came before it is one cut.
  if (time != replayed_time_) FlushReplayed();
  ApplyOne(event, record.position, time);
  replayed_ = record.position;
  replayed_time_ = time;
  return absl::OkStatus();
}

void StockMachine::FlushReplayed() {
  Archive(replayed_, replayed_time_);
  changes_.clear();
}

void StockMachine::Archive(storage::Position head, Instant time) {
  Ledger::Forgotten forgotten{std::exchange(state_.forgotten, {}), {}};
  if (ledger_ == nullptr && !forgets_) return;
  ForgetOnce();
  while (const OnceKeys::Entry* const excess = state_.once.NextExcess()) {
    forgotten.once.push_back(*excess);
  }
  if (!forgotten.once.empty()) leaving_.push_back({state_.once.given_out(), head});
  if (changes_.empty() && forgotten.empty()) return;
  given_ = changed_;
  if (ledger_ != nullptr) ledger_->Add(changes_, std::move(forgotten), head, time);
}

void StockMachine::ForgetOnce() {
  const storage::Position written = forgets_ ? storage::kPositionMax : ledger_->written();
  while (!leaving_.empty() && leaving_.front().head <= written) {
    state_.once.Forget(leaving_.front().given_out);
    once_forgotten_ = leaving_.front().head;
    leaving_.pop_front();
  }
}

void StockMachine::RecallOnce(StockSubmission& submission) {
  if (once_forgotten_ > submission.recalled_up_to) {
    // Some have left memory since it was looked up.
    const std::vector<std::string> keys = OnceKeysOf(submission);
    if (!keys.empty()) {
      absl::StatusOr<OnceKeys::Recalled> found = ledger_->once().Find(keys);
      QM_CHECK(found.ok()) << found.status().ToString();
      submission.recalled = *std::move(found);
    }
  }
  state_.once.Recall(std::move(submission.recalled));
}

storage::Position StockMachine::EndReplay() {
  QM_CHECK(forgets_);
  FlushReplayed();
  ForgetOnce();
  return given_;
}

uint64_t StockMachine::CheckpointSchema(const Kept& kept) {
  ContentHash hash;
  // What it takes to read the records behind a checkpoint, too: an older binary would not have come
  // as far by itself.
  EventTable::ForEach([&](auto row) {
    hash.Add(static_cast<int64_t>(row.kType)).Add(static_cast<int64_t>(row.kLatestVersion));
  });
  return hash.Add(engine::CheckpointHead::kFormat)
      .Add(kStateVersion)
      .Add(static_cast<int64_t>(kept.reservations.expired))
      .Add(static_cast<int64_t>(kept.reservations.others))
      .Add(static_cast<int64_t>(kept.once_keys))
      .value();
}

void StockMachine::Save(Saver& save) const {
  QM_CHECK(leaving_.empty() && state_.forgotten.empty()) << "some of it is on its way out";
  save(state_, replayed_, replayed_time_, given_);
}

void StockMachine::Load(Loader& load) {
  load(state_, replayed_, replayed_time_, given_);
  if (state_.once.given_out() > 0) once_forgotten_ = given_;
}

void StockMachine::ApplyOne(const Event& event, storage::Position position, Instant time) {
  const size_t changes = changes_.size();
  const uint64_t keys = state_.once.added();
  Apply(state_, event, position, time, changes_);
  if (changes_.size() > changes || state_.once.added() > keys || !state_.forgotten.empty()) {
    changed_ = position;
  }
  structure_ = std::max(structure_, StructureChange(event));
  const auto* const policy = std::get_if<StockPolicySet>(&event);
  // A replay publishes all of them.
  if (policy != nullptr && !replaying_) policies_.push_back(policy->scope);
  const auto* const allotment = std::get_if<AllotmentSet>(&event);
  if (allotment != nullptr && !replaying_) allotted_.push_back(allotment->sku);
  const auto* const kit = std::get_if<KitDefined>(&event);
  if (kit != nullptr && !replaying_) kits_.push_back({*kit, position});
}

void StockMachine::Log(Instant now, storage::FrameBuilder& frame) {
  ApplyWritten(Write(frame), now, frame);
}

storage::Position StockMachine::Write(storage::FrameBuilder& frame) {
  const storage::Position first = frame.next_position();
  for (const Event& event : events_) {
    const EncodedEvent encoded = encoder_.Encode(event);
    frame.Add(encoded.type, encoded.version, encoded.payload);
  }
  return first;
}

void StockMachine::ApplyWritten(storage::Position first, Instant now,
                                storage::FrameBuilder& frame) {
  while (true) {
    for (const Event& event : events_) ApplyOne(event, first++, now);
    events_.clear();
    if (state_.unsettled.empty() || frame.size() >= settle_until_) return;
    Settle(state_, now, kSettledMax, events_);
    first = Write(frame);
  }
}

bool StockMachine::Fits(const Decision& decision, size_t bytes) const {
  bool reserves = false;
  bool binds = false;
  for (const Event& event : events_) {
    reserves = reserves || std::holds_alternative<StockReserved>(event);
    binds = binds || std::holds_alternative<ReservationBound>(event);
  }
  if (!reserves && !binds) return true;
  // A placement has at least 6 bytes in an event, a line 8; in an outcome both have at most three
  // times as many.
  size_t all = 4 * bytes + kShortLineBytesMax * decision.short_lines.size();
  if (binds) {
    for (const ReservationLine& line : state_.FindReservation(decision.reservation)->lines) {
      all += kLineBytesMax + kPlacementBytesMax * line.placements.size();
    }
  }
  return all <= kHoldBytesMax;
}

int StockMachine::ExpireDue(Instant now, int max, storage::FrameBuilder& frame) {
  switched_left_ = kSwitchedPerFrame;
  settle_until_ = frame.size() + kSettledBytesMax;
  stock::ExpireDue(state_, now, max, events_);
  const int expired = static_cast<int>(events_.size());
  Log(now, frame);
  // Behind them: who has ended waits for nothing.
  TellPassedDates(state_, now, events_);
  Log(now, frame);
  overdue_.Update(state_, now);
  expiries_left_ = kExpiredForCommandsMax;
  return expired;
}

bool StockMachine::Prepare(engine::Submission& submission, Instant now,
                           storage::FrameBuilder& frame) {
  auto& stock = static_cast<StockSubmission&>(submission);
  if (stock.resolve_again) stock.resolve_again(state_);
  if (overdue_.empty()) return true;
  settle_until_ = frame.size() + kSettledBytesMax;
  const auto expire_for = [&](const auto& what) {
    const bool all = overdue_.ExpireFor(state_, what, expiries_left_, events_);
    for (const Event& event : events_) expiries_left_ -= ExpiryCost(state_, event);
    Log(now, frame);
    return all;
  };
  if (stock.facts.empty()) return expire_for(stock.command);
  return std::all_of(stock.facts.begin(), stock.facts.end(), [&](const AdjustStock& fact) {
    return expire_for(state_.skus.Find(fact.adjustment.sku));
  });
}

bool StockMachine::ExecuteCommand(const Command& command, Instant now, storage::FrameBuilder& frame,
                                  Result& result) {
  const storage::FrameBuilder::Mark before = frame.mark();
  Decision decision = Decide(state_, command, now, before.next, events_);
  const storage::Position first = Write(frame);
  if (!Fits(decision, frame.size() - before.size)) {
    frame.Rewind(before);
    events_.clear();
    return false;
  }
  ApplyWritten(first, now, frame);
  result.rejection = std::move(decision.rejection);
  if (result.rejection) return true;
  result.version = decision.version;
  if (decision.count != CountIndex::kNone) {
    // A query, or a part that has come before, changes nothing.
    const bool has_staged = std::holds_alternative<StageCount>(command) && !decision.duplicate;
    if (has_staged && state_.counts.IsSmall(decision.count)) {
      const Count& count = state_.counts.At(decision.count);
      settle_until_ = frame.size() + kSettledBytesMax;
      while (count.state == CountState::kSwitching && switched_left_ > 0) SwitchNext(now, frame);
    }
    result.count = ReportCount(state_, decision.count);
  } else if (decision.transfer != TransferIndex::kNone) {
    result.transfer = ReportTransfer(state_, decision.transfer);
  } else if (!decision.supply.empty()) {
    result.supply = ReportSupply(state_, decision.supply);
  } else if (decision.reservation != ReservationId::kNone) {
    const Reservation& r = *state_.FindReservation(decision.reservation);
    if (const HoldLines* asked = LinesOfHold(command)) {
      ReportHold(state_, *asked, r, std::move(decision.short_lines), result);
      if (std::holds_alternative<UpdateReservation>(command)) result.held->owner = r.owner;
    } else {
      result.reservation = ReportReservation(state_, r);
    }
  } else {
    Read(command, result);
  }
  return true;
}

void StockMachine::Read(const Command& command, Result& result) const {
  if (const auto* list = std::get_if<ListReservations>(&command)) {
    ReservationReports reports = ReportReservations(state_, *list);
    result.list = std::move(reports.reservations);
    result.more_after = reports.more_after;
  } else if (const auto* query = std::get_if<GetAvailability>(&command)) {
    ReadAvailability(state_, *query, result);
  } else if (const auto* moved = std::get_if<ChangeCondition>(&command)) {
    const StockKey key{.sku = moved->sku, .location = moved->location};
    Offer offer(state_);
    result.availabilities.push_back(FindAvailability(state_, offer, key));
  } else if (const auto* sources = std::get_if<ListSources>(&command)) {
    SourceReports reports = ReportSources(state_, *sources);
    result.sources = std::move(reports.sources);
    result.more_sources_after = reports.more_after;
  } else if (const auto* differences = std::get_if<ListDifferences>(&command)) {
    DifferenceReports reports = ReportDifferences(state_, *differences);
    result.differences = std::move(reports.differences);
    result.more_differences_after = reports.more_after;
  } else if (const auto* transfers = std::get_if<ListTransfers>(&command)) {
    TransferReports reports = ReportTransfers(state_, *transfers);
    result.transfers = std::move(reports.transfers);
    result.more_transfers_after = reports.more_after;
  }
}

void StockMachine::Continue(Instant now, storage::FrameBuilder& frame) {
  settle_until_ = frame.size() + kSettledBytesMax;
  do {
    SwitchNext(now, frame);
  } while (switched_left_ > 0 && state_.counts.switching() > 0);
}

void StockMachine::SwitchNext(Instant now, storage::FrameBuilder& frame) {
  switched_left_ -= switcher_.Continue(state_, now, std::max(0, switched_left_), events_);
  Log(now, frame);
}

AdjustmentResult StockMachine::ExecuteFact(const AdjustStock& fact, Instant now,
                                           storage::FrameBuilder& frame) {
  Decision decision = Decide(state_, fact, now, frame.next_position(), events_);
  const Quantity short_before = FiguresOf(state_, decision.sku, decision.location).shortage;
  Log(now, frame);
  const FactFigures after = FiguresOf(state_, decision.sku, decision.location);
  return {std::move(decision.rejection),
          decision.duplicate,
          after.on_hand,
          after.shortage,
          decision.in_count,
          (after.shortage - short_before).OrZero(),
          after.count_requested};
}

void StockMachine::Prefetch(const engine::Submission& submission) const {
  const auto& stock = static_cast<const StockSubmission&>(submission);
  const auto* reserve = std::get_if<ReserveStock>(&stock.command);
  if (reserve == nullptr) return;
  state_.holds.Prefetch(reserve->owner);
  for (const HoldLine& line : reserve->lines) state_.positions.Prefetch(line.sku);
}

bool StockMachine::Execute(engine::Submission& submission, Instant now,
                           storage::FrameBuilder& frame, std::string& outcome) {
  auto& stock = static_cast<StockSubmission&>(submission);
  settle_until_ = frame.size() + kHoldBytesMax;
  RecallOnce(stock);
  if (stock.facts.empty()) {
    if (!ExecuteCommand(stock.command, now, frame, stock.result)) return false;
  } else {
    // As many as one request may have, each of some hundred bytes, fit.
    for (const AdjustStock& fact : stock.facts) {
      stock.result.adjustments.push_back(ExecuteFact(fact, now, frame));
    }
  }
  if (!stock.request_id.empty()) EncodeOutcome(stock.command, stock.result, outcome);
  return true;
}

void StockMachine::Recall(engine::Submission& submission, std::string_view outcome,
                          storage::Position) {
  auto& stock = static_cast<StockSubmission&>(submission);
  stock.result = DecodeOutcome(stock.command, outcome);
}

void StockMachine::Publish(storage::Position head, Instant time) {
  const size_t names =
      state_.sources.names.size() + state_.counts.names().size() + state_.transfers.names().size();
  if (names > published_names_) {
    view_->PublishNames(state_.sources.names, state_.counts.names(), state_.transfers.names());
    published_names_ = names;
  }
  Archive(head, time);
  view_->Publish(state_,
                 {changes_, policies_, allotted_, kits_, state_.sources, state_.counts, structure_,
                  /*everything=*/replaying_},
                 head, time);
  changes_.clear();
  policies_.clear();
  allotted_.clear();
  kits_.clear();
  structure_ = StockView::Structure::kSame;
  replaying_ = false;
}

}  // namespace quartermaster::stock
