// Applier: what each event does to the state. Apply (apply.h) is its only caller; its parts are in
// apply.cc (names, pools, policies), apply_reservations.cc, apply_facts.cc (facts and counts),
// apply_transfers.cc and apply_supply.cc.
#ifndef QUARTERMASTER_SERVICES_STOCK_DOMAIN_APPLIER_H_
#define QUARTERMASTER_SERVICES_STOCK_DOMAIN_APPLIER_H_

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "services/base/check.h"
#include "services/stock/domain/change.h"
#include "services/stock/domain/events.h"
#include "services/stock/domain/state.h"

namespace quartermaster::stock::internal {

constexpr Balances OnHand(Quantity q) { return {.on_hand = q}; }
constexpr Balances Reserved(Quantity q) { return {.reserved = q}; }
constexpr Balances Allocated(Quantity q) { return {.allocated = q}; }

// One event. Ends the process if it does not fit the state.
class Applier {
 public:
  Applier(State& state, int64_t position, Instant time, Changes& changes)
      : state_(state), position_(position), time_(time), changes_(changes), happened_(time) {}

  void operator()(const SkuRegistered& e) { state_.skus.Add(e.sku, e.name); }
  void operator()(const LocationRegistered& e) { state_.locations.Add(e.location, e.name); }
  void operator()(const LocationPaused& e) {
    QM_CHECK(state_.locations.Knows(e.location));
    const auto i = static_cast<uint32_t>(e.location);
    if (i >= state_.paused.size()) state_.paused.resize(i + 1);
    state_.paused[i] = e.paused;
    AskWaiters();
    if (e.paused) return;
    // Others' units may move here now.
    for (const auto& [sku, locations] : state_.short_locations) state_.unsettled.insert(sku);
  }
  void operator()(const PoolSet& e);
  void operator()(const StockReserved& e);
  void operator()(const ReservationExtended& e);
  void operator()(const ReservationConfirmed& e);
  void operator()(const ReservationBound& e);
  void operator()(const ReservationReleased& e);
  void operator()(const ReservationExpired& e);
  void operator()(const ReservationFulfilled& e);
  void operator()(const StockAdjusted& e);
  void operator()(const BackingMoved& e);
  void operator()(const UnitsUncovered& e);
  void operator()(const UnitsCovered& e);
  void operator()(const ConditionChanged& e);
  void operator()(const StockPolicySet& e);
  void operator()(const SourceRegistered& e) {
    state_.sources.names.Add(e.source, e.name);
    state_.sources.sources.emplace_back();
  }
  void operator()(const SourceMessageSeen& e) {
    Note(e.message);
    if (e.transfer == TransferIndex::kNone) return;
    const Transfer& transfer = TransferOf(e.transfer);
    for (const LocationIndex end : {transfer.from, transfer.to}) {
      SourceOf(e.message.source).told_of.insert(end);
    }
  }
  void operator()(const SourceGapOpened& e) {
    Source& source = SourceOf(e.source);
    if (!source.suspect()) source.suspect_since = time_;
    ++state_.sources.gaps_opened;
  }
  // Says what the message behind it does.
  void operator()(const SourceGapsClosed& e) { SourceOf(e.source); }
  void operator()(const CountRequested& e) {
    CheckNames(e.sku, e.location);
    if (e.source != SourceIndex::kNone) SourceOf(e.source);
    state_.counts.recounts[PositionKey(e.sku, e.location)] = {e.cause, time_, e.source};
  }
  void operator()(const CountStarted& e);
  void operator()(const CountPartStaged& e);
  void operator()(const StockCounted& e);
  void operator()(const CountCompleted& e);
  void operator()(const CountAbandoned& e) {
    QM_CHECK(CountOf(e.count).state == CountState::kStaging)
        << "record " << position_ << " gives up a count that is complete";
    state_.counts.End(e.count, CountState::kAbandoned, time_);
  }
  void operator()(const ChannelSet& e);
  void operator()(const AllotmentSet& e);
  void operator()(const KitDefined& e);
  void operator()(const GroupMoved& e);
  void operator()(const TransferRequested& e);
  void operator()(const TransferShipped& e);
  void operator()(const TransferReceived& e);
  void operator()(const TransferClosed& e);
  void operator()(const SupplyExpected& e);
  void operator()(const SupplyReceived& e);
  void operator()(const SupplyCancelled& e);
  void operator()(const WaitersServed& e);
  void operator()(const PromisesChanged& e);

 private:
  void Move(SkuIndex sku, LocationIndex location, ChangeKind kind, ReservationId reservation,
            const Balances& delta, Condition from = Condition::kNone,
            Condition to = Condition::kNone, Quantity moved = {}) {
    Book(sku, location, kind, reservation, delta, from, to, moved);
    // Facts from outside say more of themselves, and a count is none.
    const bool own = reservation != ReservationId::kNone;
    RememberOwn(sku, location, own ? delta.on_hand + moved : Quantity(), delta.allocated);
  }
  // The same, but that counts need not know of it.
  void Book(SkuIndex sku, LocationIndex location, ChangeKind kind, ReservationId reservation,
            const Balances& delta, Condition from, Condition to, Quantity moved) {
    Balances& p = state_.positions.At(sku, location);
    const bool was_short = p.uncommitted().IsNegative();
    p.on_hand += delta.on_hand;
    p.reserved += delta.reserved;
    p.allocated += delta.allocated;
    p.unusable += delta.unusable;
    QM_CHECK(!p.reserved.IsNegative() && !p.allocated.IsNegative() && !p.unusable.IsNegative())
        << "balance below zero at record " << position_;
    changes_.push_back({.record = position_,
                        .sku = sku,
                        .location = location,
                        .kind = kind,
                        .from = from,
                        .to = to,
                        .moved = moved,
                        .reservation = reservation,
                        .delta = delta,
                        .after = p});
    NoteShortage(sku, was_short, p.uncommitted().IsNegative());
  }
  // The same for units of a flexible line, which stand in a lane; nobody at the location knows.
  void MoveFlexible(SkuIndex sku, LocationIndex location, ChangeKind kind,
                    ReservationId reservation, Lane lane, Quantity quantity) {
    QM_CHECK(state_.classes.Knows(lane.eligible)) << "unknown class at record " << position_;
    state_.backings.Add(sku, location, lane, quantity);
    Book(sku, location, kind, reservation,
         lane.allocated ? Allocated(quantity) : Reserved(quantity), Condition::kNone,
         Condition::kNone, {});
    changes_.back().flexible = true;
  }
  // Those who wait may have what they could not before, or be promised less.
  void AskWaiters() {
    state_.waiting.ForEach([this](SkuIndex sku, const SkuWaiting&) { AskWaitersOf(sku); });
  }
  void AskWaitersOf(SkuIndex sku) {
    if (!state_.waiting.Has(sku)) return;
    state_.unsettled.insert(sku);
    state_.unchecked_promises.insert(sku);
  }
  // Units that a line no longer has are not uncovered either.
  void ForgetUncovered(const Reservation& r, ReservationLine& line);
  // Nothing to do for a SKU that is covered everywhere and stays so, and that nobody waits for.
  void NoteShortage(SkuIndex sku, bool was_short, bool is_short) {
    if (!was_short && !is_short && state_.short_locations.empty() && state_.waiting.empty()) return;
    if (was_short != is_short) {
      int& locations = state_.short_locations[sku];
      locations += is_short ? 1 : -1;
      if (locations == 0) state_.short_locations.erase(sku);
    }
    if (was_short || is_short || state_.short_locations.contains(sku) || state_.waiting.Has(sku)) {
      state_.unsettled.insert(sku);
    }
    // What is short is owed before anybody who waits has any.
    if (was_short || is_short) AskWaitersOf(sku);
  }
  void Remember(const RecentFact& fact) {
    const auto forgotten = state_.recent_facts.Add(fact);
    if (!forgotten) return;
    // One without a number is held against a count's time, whoever told it.
    Source& source =
        state_.sources.At(forgotten->sequence == 0 ? SourceIndex::kNone : forgotten->source);
    source.forgotten_sequence = std::max(source.forgotten_sequence, forgotten->sequence);
    source.forgotten_time = std::max(source.forgotten_time, forgotten->time);
  }
  // What the event says of a position.
  RecentFact FactOf(SkuIndex sku, LocationIndex location, Quantity on_hand,
                    Quantity allocated) const {
    return {.position = PositionKey(sku, location),
            .source = told_by_,
            .sequence = told_as_,
            .time = happened_,
            .on_hand = on_hand,
            .allocated = allocated};
  }
  // Of reservations.
  void RememberOwn(SkuIndex sku, LocationIndex location, Quantity on_hand, Quantity allocated) {
    if (on_hand.IsZero() && allocated.IsZero()) return;
    const RecentFact fact = FactOf(sku, location, on_hand, allocated);
    if (!on_hand.IsZero()) return Remember(fact);
    if (const auto forgotten = state_.recent_allocations.Add(fact)) {
      state_.forgotten_allocations = std::max(state_.forgotten_allocations, forgotten->time);
    }
  }
  void CheckNames(SkuIndex sku, LocationIndex location) const {
    QM_CHECK(state_.skus.Knows(sku) && state_.locations.Knows(location))
        << "record " << position_ << " is about an unknown name";
  }
  Source& SourceOf(SourceIndex source) {
    QM_CHECK(state_.sources.names.Knows(source))
        << "record " << position_ << " is of an unknown source";
    return state_.sources.At(source);
  }
  Count& CountOf(CountIndex count) {
    QM_CHECK(state_.counts.names().Knows(count))
        << "record " << position_ << " is of an unknown count";
    return state_.counts.At(count);
  }
  // A message has come; of a fact that is logged in two events, the first has it.
  void Note(const MessageRef& message) {
    if (message.fingerprint == 0) return;
    SourceOf(message.source);
    const std::string source(state_.sources.names.Name(message.source));
    state_.once.Add(MessageOnce(source, message.sequence, message.id), message.fingerprint);
    state_.sources.Update(message.source, [&](Source& of) { of.Note(message.sequence); });
  }
  void Note(const MessageRef& message, LocationIndex location) {
    Note(message);
    if (message.source != SourceIndex::kNone) SourceOf(message.source).told_of.insert(location);
  }
  Transfer& TransferOf(TransferIndex transfer) {
    QM_CHECK(state_.transfers.names().Knows(transfer))
        << "record " << position_ << " is of an unknown transfer";
    return state_.transfers.At(transfer);
  }
  // The line that a fact is about; it is new if the fact named it first.
  TransferLine& LineOf(Transfer& transfer, uint32_t line, SkuIndex sku);
  // Of what the event tells: who says so, and when it was.
  void Date(const MessageRef& message, Instant business_time);
  // Nothing more is wanted from the origin.
  void EndShipping(Transfer& transfer);
  // The reservation's line whose units are on the way; nullptr if it gave them up.
  ReservationLine* TravellersOf(const TransferLine& line);
  // Units of a line come to have a place.
  static void AddPlacement(ReservationLine& line, LocationIndex location, Quantity quantity);
  // So many of a line's units wait from here on.
  void SetWaiting(const Reservation& r, ReservationLine& line, Quantity waiting);
  // The line of a purchase order; a new one if it is the next.
  SupplyLine& SupplyOf(SupplyIndex supply, const std::string& supply_id, const std::string& line_id,
                       SkuIndex sku);
  // change(line) of what is to come.
  template <typename Change>
  void ChangeSupply(SupplyIndex supply, SupplyLine& line, const Change& change);
  // Units come onto the way to a location, or leave it if negative.
  void Travel(SkuIndex sku, LocationIndex to, ChangeKind kind, Quantity quantity);
  // On hand changes by what no reservation has to do with; not if the position's last count has it.
  void MoveFree(SkuIndex sku, LocationIndex location, ChangeKind kind, Quantity quantity,
                Condition condition, bool in_count);
  void NoteDifference(CountIndex count, SkuIndex sku, const StockCounted::Line& line);
  void SetToCount(CountIndex count, SkuIndex sku, const StockCounted::Line& line);
  // The side of a movement that the balances do not tell: `quantity` units of the position are in
  // `condition` from now on, or no longer if it is negative.
  void AddToCondition(SkuIndex sku, LocationIndex location, Condition condition, Quantity quantity);
  void HappensOnce(const std::string& effect_key, uint64_t fingerprint);
  // The units' own column: reserved for a hold, allocated once confirmed.
  static Balances Promised(const Reservation& r, Quantity q) {
    return r.state == ReservationState::kHeld ? Reserved(q) : Allocated(q);
  }
  Reservation& Open(ReservationId id) {
    Reservation* const r = state_.FindReservation(id);
    QM_CHECK(r != nullptr && IsOpen(r->state)) << "record " << position_ << " needs an open one";
    return *r;
  }
  Reservation& Held(ReservationId id) {
    Reservation& r = Open(id);
    QM_CHECK(r.state == ReservationState::kHeld) << "record " << position_ << " needs a hold";
    return r;
  }
  // Whether `old` has expired, so that `successor` only holds it again. That happens once.
  bool HeldAgain(ReservationId old, ReservationId successor) {
    Reservation* const r = state_.FindReservation(old);
    if (r == nullptr || r->state != ReservationState::kExpired) return false;
    QM_CHECK(r->replaced_by == ReservationId::kNone)
        << "record " << position_ << " holds again what was held again";
    r->replaced_by = successor;
    return true;
  }
  void ForgetHold(const Reservation& r) {
    QM_CHECK(state_.holds.Remove(r)) << "record " << position_ << ": not its owner's hold";
  }
  ReservationLine& LineOf(const UncoveredUnits& units, SkuIndex sku);
  // Of a channel's line: so many more units are open, and fulfilled; fewer, if negative. Nothing to
  // do without an allotment.
  void CountUse(const Reservation& r, const ReservationLine& line, Quantity open, Quantity sold) {
    if (line.channel == ChannelIndex::kNone || state_.allotments.empty()) return;
    Allotment* const allotment = state_.allotments.Find(line.sku, line.channel);
    if (allotment == nullptr) return;
    allotment->open += open;
    allotment->sold += sold;
    QM_CHECK(!allotment->open.IsNegative())
        << "a channel has less than nothing open at record " << position_;
    if (!allotment->terms.customer_cap) return;
    const std::string_view customer = state_.customers.Of(r.id);
    if (customer.empty()) return;
    state_.customers.Add(line.sku, line.channel, customer, open + sold);
  }
  // Calls visit(reservation, line) for the open lines of a channel and a SKU.
  template <typename Visit>
  void VisitOpenLines(SkuIndex sku, ChannelIndex channel, const Visit& visit);
  // Puts lines with places elsewhere.
  void Place(Reservation& r, const ReservationBound::Line& bound, ChangeKind kind);
  // The line's group moves no more.
  void Settle(const Reservation& r, ReservationLine& line);
  // Puts the reservation at the head of the SKU's chain, once.
  void LinkToSku(Reservation& r, ReservationLine& line);
  // It is over. Another may leave memory for it.
  void End(Reservation& r, ReservationState end);
  // One that has ended leaves memory, and all chains.
  void Forget(ReservationId id);
  static Lane LaneOf(const Reservation& r, const ReservationLine& line) {
    return {line.eligible, r.state == ReservationState::kConfirmed};
  }
  // Frees all open units of a hold that ends; `parts` are the flexible ones.
  void EndHold(Reservation& r, ReservationState end, ChangeKind kind, const FlexibleParts& parts);
  // Takes a part out of the reservation's open units, which `counted` then counts;
  // `rest` is what else that does to the balances, `from` and `to` to the
  // units' condition. `in_count` is what on hand would change by, had the
  // position's last count not seen it.
  void TakePart(Reservation& r, const Part& part, ChangeKind kind,
                Quantity ReservationLine::*counted, const Balances& rest,
                Condition from = Condition::kNone, Condition to = Condition::kNone,
                Quantity in_count = {});
  // The parts must be all open units of the flexible lines.
  void CheckFlexible(const Reservation& r, const FlexibleParts& parts) const;
  void EndIfNothingIsOpen(Reservation& r);
  void ScheduleExpiry(const Reservation& r);

  State& state_;
  const int64_t position_;
  const Instant time_;
  Changes& changes_;
  // Of what the event tells: when it happened, and which number of whose messages says so.
  Instant happened_;
  SourceIndex told_by_ = SourceIndex::kNone;
  int64_t told_as_ = 0;
};

}  // namespace quartermaster::stock::internal

#endif  // QUARTERMASTER_SERVICES_STOCK_DOMAIN_APPLIER_H_
