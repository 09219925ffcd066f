#include "services/stock/domain/apply.h"

#include <algorithm>
#include <memory>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

#include "services/base/check.h"

namespace quartermaster::stock {
namespace {

constexpr Balances OnHand(Quantity q) { return {.on_hand = q}; }
constexpr Balances Reserved(Quantity q) { return {.reserved = q}; }
constexpr Balances Allocated(Quantity q) { return {.allocated = q}; }

// How many stale deadlines may gather before they are swept out.
constexpr size_t kStaleExpiriesMax = 4'096;

// The list is in this order.
auto KeyOf(const UncoveredUnits& units) {
  return std::tuple(units.reservation, units.line, units.location);
}
bool SameUnits(const UncoveredUnits& a, const UncoveredUnits& b) { return KeyOf(a) == KeyOf(b); }
std::vector<UncoveredUnits>::iterator FindUncovered(std::vector<UncoveredUnits>& all,
                                                    const UncoveredUnits& units) {
  return std::lower_bound(all.begin(), all.end(), units,
                          [](const auto& a, const auto& b) { return KeyOf(a) < KeyOf(b); });
}

class Applier {
 public:
  Applier(State& state, int64_t position, Instant time, Changes& changes)
      : state_(state), position_(position), time_(time), changes_(changes) {}

  void operator()(const SkuRegistered& e) { state_.skus.Add(e.sku, e.name); }
  void operator()(const LocationRegistered& e) { state_.locations.Add(e.location, e.name); }
  void operator()(const LocationPaused& e) {
    QM_CHECK(state_.locations.Knows(e.location));
    const auto i = static_cast<uint32_t>(e.location);
    if (i >= state_.paused.size()) state_.paused.resize(i + 1);
    state_.paused[i] = e.paused;
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
  void operator()(const SourceMessageSeen& e) { Note(e.message); }
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

 private:
  void Move(SkuIndex sku, LocationIndex location, ChangeKind kind, ReservationId reservation,
            const Balances& delta, Condition from = Condition::kNone,
            Condition to = Condition::kNone, Quantity moved = {}) {
    Book(sku, location, kind, reservation, delta, from, to, moved);
    // Facts from outside say more of themselves, and a count is none.
    RememberOwn(sku, location, reservation == ReservationId::kNone ? Quantity() : delta.on_hand,
                delta.allocated);
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
  // Units that a line no longer has are not uncovered either.
  void ForgetUncovered(const Reservation& r, ReservationLine& line);
  // Nothing to do for a SKU that is covered everywhere and stays so.
  void NoteShortage(SkuIndex sku, bool was_short, bool is_short) {
    if (!was_short && !is_short && state_.short_locations.empty()) return;
    if (was_short != is_short) {
      int& locations = state_.short_locations[sku];
      locations += is_short ? 1 : -1;
      if (locations == 0) state_.short_locations.erase(sku);
    }
    if (was_short || is_short || state_.short_locations.contains(sku)) {
      state_.unsettled.insert(sku);
    }
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
  // Of reservations.
  void RememberOwn(SkuIndex sku, LocationIndex location, Quantity on_hand, Quantity allocated) {
    if (on_hand.IsZero() && allocated.IsZero()) return;
    const RecentFact fact{.position = PositionKey(sku, location),
                          .time = time_,
                          .on_hand = on_hand,
                          .allocated = allocated};
    if (!on_hand.IsZero()) return Remember(fact);
    if (const auto forgotten = state_.recent_allocations.Add(fact)) {
      state_.forgotten_allocations = forgotten->time;
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
    state_.sources.Update(message.source, [&](Source& source) { source.Note(message); });
  }
  void Note(const MessageRef& message, LocationIndex location) {
    Note(message);
    if (message.source != SourceIndex::kNone) SourceOf(message.source).told_of.insert(location);
  }
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
  // Puts the reservation at the head of the SKU's chain, once.
  void LinkToSku(Reservation& r, ReservationLine& line);
  static Lane LaneOf(const Reservation& r, const ReservationLine& line) {
    return {line.eligible, r.state == ReservationState::kConfirmed};
  }
  // Frees all open units of a hold that ends; `parts` are the flexible ones.
  void EndHold(Reservation& r, ReservationState end, ChangeKind kind, const FlexibleParts& parts);
  // Takes a part out of the reservation's open units, which `counted` then counts;
  // `rest` is what else that does to the balances, `from` and `to` to the
  // units' condition.
  void TakePart(Reservation& r, const Part& part, ChangeKind kind,
                Quantity ReservationLine::*counted, const Balances& rest,
                Condition from = Condition::kNone, Condition to = Condition::kNone);
  // The parts must be all open units of the flexible lines.
  void CheckFlexible(const Reservation& r, const FlexibleParts& parts) const;
  void EndIfNothingIsOpen(Reservation& r);
  void ScheduleExpiry(const Reservation& r);

  State& state_;
  const int64_t position_;
  const Instant time_;
  Changes& changes_;
};

void Applier::operator()(const PoolSet& e) {
  if (!state_.pool_names.Knows(e.pool)) {
    state_.pool_names.Add(e.pool, e.name);
    state_.pools.emplace_back();
  }
  Pool& pool = state_.pools[static_cast<uint32_t>(e.pool)];
  pool.locations = e.locations;
  std::sort(pool.locations.begin(), pool.locations.end());
  pool.eligible = state_.classes.Intern(pool.locations);
}

void Applier::operator()(const StockReserved& e) {
  const auto id = static_cast<ReservationId>(position_);
  for (const ReservationId replaced : e.replaces) {
    if (HeldAgain(replaced, id)) continue;
    Reservation& old = Held(replaced);
    old.replaced_by = id;
    FlexibleParts parts;
    for (const StockReserved::Ended& ended : e.ended) {
      if (ended.reservation == replaced) parts.push_back(ended.part);
    }
    EndHold(old, ReservationState::kReplaced, ChangeKind::kReplaced, parts);
  }
  Reservation& r = state_.reservations.Add(id);
  r.owner = e.owner;
  r.created = time_;
  r.expires = e.expires;
  r.lines.reserve(e.lines.size());
  for (const StockReserved::Line& line : e.lines) {
    ReservationLine& kept = r.lines.emplace_back();
    kept.line_id = line.line_id;
    kept.sku = line.sku;
    kept.pool = line.pool;
    kept.location = line.location;
    QM_CHECK(line.channel == ChannelIndex::kNone || state_.channel_names.Knows(line.channel))
        << "record " << position_ << " names an unknown channel";
    kept.channel = line.channel;
    kept.eligible = line.eligible;
    LinkToSku(r, kept);
    if (!kept.flexible()) kept.placements = line.placements;
    for (const Placement& placement : line.placements) {
      kept.quantity += placement.quantity;
      if (kept.flexible()) {
        MoveFlexible(line.sku, placement.location, ChangeKind::kReserved, id, LaneOf(r, kept),
                     placement.quantity);
      } else {
        Move(line.sku, placement.location, ChangeKind::kReserved, id, Reserved(placement.quantity));
      }
    }
  }
  QM_CHECK(state_.holds.Add(&r)) << "a second open hold of an owner at record " << position_;
  ScheduleExpiry(r);
}

void Applier::LinkToSku(Reservation& r, ReservationLine& line) {
  ReservationId& newest = state_.positions.Of(line.sku).newest;
  if (newest == r.id) return;
  line.older = newest;
  newest = r.id;
}

void Applier::operator()(const ReservationExtended& e) {
  Reservation& r = Held(e.reservation);
  r.expires = e.expires;
  ScheduleExpiry(r);
}

void Applier::operator()(const ReservationConfirmed& e) {
  Reservation& r = Held(e.reservation);
  for (const ReservationLine& line : r.lines) {
    for (const Placement& p : line.placements) {
      Move(line.sku, p.location, ChangeKind::kConfirmed, r.id,
           {.reserved = -p.quantity, .allocated = p.quantity});
    }
  }
  CheckFlexible(r, e.parts);
  for (const Part& part : e.parts) {
    const ReservationLine& line = r.lines[part.line];
    for (const bool allocated : {false, true}) {
      MoveFlexible(line.sku, part.location, ChangeKind::kConfirmed, r.id,
                   {line.eligible, allocated}, allocated ? part.quantity : -part.quantity);
    }
  }
  ForgetHold(r);
  r.state = ReservationState::kConfirmed;
  r.expires = kDistantFuture;
}

void Applier::operator()(const ReservationBound& e) {
  Reservation& r = Open(e.reservation);
  for (const ReservationBound::Line& bound : e.lines) {
    QM_CHECK(bound.line < r.lines.size());
    ReservationLine& line = r.lines[bound.line];
    for (const Placement& p : line.placements) {
      Move(line.sku, p.location, ChangeKind::kBound, r.id, Promised(r, -p.quantity));
    }
    Quantity placed;
    for (const Placement& p : bound.from) {
      QM_CHECK(line.flexible()) << "record " << position_ << " binds a bound line's backing";
      MoveFlexible(line.sku, p.location, ChangeKind::kBound, r.id, LaneOf(r, line), -p.quantity);
      placed += p.quantity;
    }
    QM_CHECK(!line.flexible() || placed == line.open())
        << "bound units differ at record " << position_;
    line.eligible = ClassIndex::kNone;
    line.placements = bound.placements;
    placed = Quantity();
    for (const Placement& p : line.placements) {
      Move(line.sku, p.location, ChangeKind::kBound, r.id, Promised(r, p.quantity));
      placed += p.quantity;
    }
    QM_CHECK(placed == line.open()) << "bound units differ at record " << position_;
    ForgetUncovered(r, line);
  }
}

void Applier::operator()(const ReservationReleased& e) {
  Reservation& r = Open(e.reservation);
  for (const Part& part : e.parts) {
    if (e.missing) {
      TakePart(r, part, ChangeKind::kMissing, &ReservationLine::missing,
               {.unusable = part.quantity}, Condition::kSellable, Condition::kSuspect);
    } else {
      TakePart(r, part, ChangeKind::kReleased, &ReservationLine::released, {});
    }
  }
  EndIfNothingIsOpen(r);
}

void Applier::operator()(const ReservationExpired& e) {
  EndHold(Held(e.reservation), ReservationState::kExpired, ChangeKind::kExpired, e.parts);
}

void Applier::operator()(const ReservationFulfilled& e) {
  Reservation& r = Open(e.reservation);
  for (const Part& part : e.parts) {
    TakePart(r, part, ChangeKind::kFulfilled, &ReservationLine::fulfilled, OnHand(-part.quantity),
             Condition::kSellable);
  }
  EndIfNothingIsOpen(r);
}

ChangeKind KindOf(AdjustmentKind kind) {
  switch (kind) {
    case AdjustmentKind::kReceived:
      return ChangeKind::kReceived;
    case AdjustmentKind::kReturned:
      return ChangeKind::kReturned;
    case AdjustmentKind::kSold:
      return ChangeKind::kSold;
    case AdjustmentKind::kTransferredIn:
      return ChangeKind::kTransferredIn;
    case AdjustmentKind::kTransferredOut:
      return ChangeKind::kTransferredOut;
    case AdjustmentKind::kCounted:
    case AdjustmentKind::kConditionChanged:
      break;
  }
  return ChangeKind::kCounted;
}

void Applier::operator()(const StockAdjusted& e) {
  HappensOnce(e.effect_key, e.effect_fingerprint);
  Note(e.message, e.location);
  Balances delta;
  // Of the units that the count has, only their condition is news.
  if (!e.in_count) delta.on_hand = e.delta;
  if (IsUnusable(e.condition)) {
    AddToCondition(e.sku, e.location, e.condition, e.delta);
    delta.unusable = e.delta;
  }
  const bool leaves = e.delta.IsNegative();
  Move(e.sku, e.location, KindOf(e.kind), ReservationId::kNone, delta,
       leaves ? e.condition : Condition::kNone, leaves ? Condition::kNone : e.condition,
       e.in_count ? e.delta : Quantity());
  Remember({.position = PositionKey(e.sku, e.location),
            .source = e.message.source,
            .absolute = e.absolute,
            .sequence = e.message.sequence,
            .time = e.absolute ? time_ + Micros{1} : FactTime(e.business_time, time_),
            .on_hand = e.delta});
}

void Applier::operator()(const ConditionChanged& e) {
  HappensOnce(e.effect_key, e.effect_fingerprint);
  Note(e.message, e.location);
  const auto move = [&](Condition from, Quantity quantity) {
    Balances delta;
    if (IsUnusable(from)) {
      AddToCondition(e.sku, e.location, from, -quantity);
      delta.unusable -= quantity;
    }
    if (IsUnusable(e.to)) {
      AddToCondition(e.sku, e.location, e.to, quantity);
      delta.unusable += quantity;
    }
    Move(e.sku, e.location, ChangeKind::kConditionChanged, ReservationId::kNone, delta, from, e.to,
         quantity);
  };
  move(e.from, e.quantity);
  if (!e.from_sellable.IsZero()) move(Condition::kSellable, e.from_sellable);
}

void Applier::operator()(const CountStarted& e) {
  SourceOf(e.terms.source);
  for (const Watermark& mark : e.terms.watermarks) SourceOf(mark.source);
  for (const LocationIndex location : e.terms.full_at) {
    QM_CHECK(state_.locations.Knows(location))
        << "record " << position_ << " is about an unknown name";
  }
  QM_CHECK(e.parts >= 1 && e.parts <= kCountPartsMax)
      << "record " << position_ << " starts a count of " << e.parts << " parts";
  Count& count = state_.counts.Add(e.count, e.id);
  count.terms = e.terms;
  count.fingerprint = e.fingerprint;
  count.started = count.changed = time_;
  count.parts.resize(static_cast<size_t>(e.parts));
  if (e.source_sequence == 0) return;
  state_.sources.Update(e.terms.source,
                        [&](Source& source) { source.NoteSequence(e.source_sequence); });
}

void Applier::operator()(const CountPartStaged& e) {
  Count& count = CountOf(e.count);
  for (const CountRow& row : e.rows) CheckNames(row.sku, row.location);
  QM_CHECK(count.state == CountState::kStaging && e.part >= 1 &&
           static_cast<size_t>(e.part) <= count.parts.size())
      << "part " << e.part << " at record " << position_;
  Count::Part& part = count.parts[static_cast<size_t>(e.part) - 1];
  QM_CHECK(!part.staged) << "part " << e.part << " comes twice at record " << position_;
  part = {true, e.fingerprint, e.rows};
  std::sort(part.rows.begin(), part.rows.end(), [](const CountRow& a, const CountRow& b) {
    return std::tie(a.sku, a.location) < std::tie(b.sku, b.location);
  });
  count.changed = time_;
  count.rows += static_cast<int64_t>(e.rows.size());
  state_.counts.AddStagedRows(static_cast<int64_t>(e.rows.size()));
  if (++count.parts_staged == static_cast<int>(count.parts.size())) {
    state_.counts.BeginSwitching(e.count);
  }
}

void Applier::operator()(const StockCounted& e) {
  Count& count = CountOf(e.count);
  QM_CHECK(state_.skus.Knows(e.sku)) << "record " << position_ << " is about an unknown name";
  for (const StockCounted::Line& line : e.lines) CheckNames(e.sku, line.location);
  QM_CHECK(count.state == CountState::kSwitching && count.switched_through < e.sku)
      << "record " << position_ << " switches a SKU again";
  for (const StockCounted::Line& line : e.lines) NoteDifference(e.count, e.sku, line);
  count.switched_through = e.sku;
  if (e.too_old > 0 && count.left_from == SkuIndex::kNone) count.left_from = e.sku;
  count.superseded += e.superseded;
  count.too_old += e.too_old;
  count.doubtful += e.doubtful;
  for (const StockCounted::Line& line : e.lines) SetToCount(e.count, e.sku, line);
}

void Applier::NoteDifference(CountIndex index, SkuIndex sku, const StockCounted::Line& line) {
  Count& count = state_.counts.At(index);
  const uint64_t key = PositionKey(sku, line.location);
  ++count.positions;
  if (line.variance.IsZero()) {
    state_.counts.differences.erase(key);
  } else {
    ++count.differing;
    (line.variance.IsNegative() ? count.deficit : count.surplus) +=
        line.variance.IsNegative() ? -line.variance : line.variance;
    const CountIndex before = state_.counts.Holding(sku, line.location);
    state_.counts.differences[key] = {
        index, line.cause, line.variance,
        before == CountIndex::kNone ? kDistantPast : state_.counts.At(before).terms.taken};
  }
  state_.counts.recounts.erase(key);
}

void Applier::SetToCount(CountIndex index, SkuIndex sku, const StockCounted::Line& line) {
  state_.counts.SetHolding(sku, line.location, index);
  Quantity rest = line.variance;
  for (const StockCounted::Line::Taken& taken : line.taken) {
    AddToCondition(sku, line.location, taken.condition, -taken.quantity);
    Move(sku, line.location, ChangeKind::kCounted, ReservationId::kNone,
         {.on_hand = -taken.quantity, .unusable = -taken.quantity}, taken.condition);
    rest += taken.quantity;
  }
  // Also if nothing changed: that it was counted is worth knowing.
  if (!rest.IsZero() || line.taken.empty()) {
    const bool gone = rest.IsNegative();
    Move(sku, line.location, ChangeKind::kCounted, ReservationId::kNone, OnHand(rest),
         gone ? Condition::kSellable : Condition::kNone,
         rest.IsPositive() ? Condition::kSellable : Condition::kNone);
  }
  if (line.found.IsPositive()) {
    AddToCondition(sku, line.location, Condition::kSuspect, -line.found);
    Move(sku, line.location, ChangeKind::kConditionChanged, ReservationId::kNone,
         {.unusable = -line.found}, Condition::kSuspect, Condition::kSellable, line.found);
  }
}

void Applier::operator()(const CountCompleted& e) {
  const Count& count = CountOf(e.count);
  QM_CHECK(count.state == CountState::kSwitching)
      << "record " << position_ << " ends a count that is not complete";
  state_.sources.At(count.terms.source).last_count = e.count;
  if (!count.terms.full_at.empty() && count.too_old == 0) {
    for (const Watermark& mark : count.terms.watermarks) {
      if (!state_.sources.At(mark.source).IsCountedBy(count.terms.full_at)) continue;
      state_.sources.Update(mark.source,
                            [&](Source& source) { source.AcceptThrough(mark.sequence); });
    }
  }
  state_.counts.End(e.count, CountState::kApplied, time_);
}

void Applier::HappensOnce(const std::string& effect_key, uint64_t fingerprint) {
  if (effect_key.empty()) return;
  const bool first = state_.effects.emplace(effect_key, fingerprint).second;
  QM_CHECK(first) << "the effect " << effect_key << " happened twice";
}

void Applier::AddToCondition(SkuIndex sku, LocationIndex location, Condition condition,
                             Quantity quantity) {
  ConditionCounts counts = state_.conditions.Get(sku, location);
  counts.Add(condition, quantity);
  state_.conditions.Set(sku, location, counts);
}

void Applier::operator()(const BackingMoved& e) {
  for (const BackingMove& move : e.moves) {
    MoveFlexible(e.sku, move.from, ChangeKind::kBackingMoved, ReservationId::kNone, move.lane,
                 -move.quantity);
    MoveFlexible(e.sku, move.to, ChangeKind::kBackingMoved, ReservationId::kNone, move.lane,
                 move.quantity);
  }
}

void Applier::operator()(const UnitsUncovered& e) {
  std::vector<UncoveredUnits>& all = state_.uncovered[e.sku];
  for (const UncoveredUnits& units : e.units) {
    LineOf(units, e.sku).uncovered += units.quantity;
    const auto it = FindUncovered(all, units);
    if (it != all.end() && SameUnits(*it, units)) {
      it->quantity += units.quantity;
    } else {
      all.insert(it, units);
    }
  }
}

void Applier::operator()(const UnitsCovered& e) {
  std::vector<UncoveredUnits>& all = state_.uncovered[e.sku];
  for (const UncoveredUnits& units : e.units) {
    const auto it = FindUncovered(all, units);
    QM_CHECK(it != all.end() && SameUnits(*it, units) && it->quantity >= units.quantity)
        << "record " << position_ << " covers units that are covered";
    LineOf(units, e.sku).uncovered -= units.quantity;
    it->quantity -= units.quantity;
    if (it->quantity.IsZero()) all.erase(it);
  }
  if (all.empty()) state_.uncovered.erase(e.sku);
}

void Applier::operator()(const StockPolicySet& e) {
  const bool known =
      (e.scope.sku == SkuIndex::kNone || state_.skus.Knows(e.scope.sku)) &&
      (e.scope.location == LocationIndex::kNone || state_.locations.Knows(e.scope.location));
  QM_CHECK(known) << "record " << position_ << " is a policy of an unknown name";
  if (e.safety_stock) {
    state_.safety_stock.Set(e.scope, {*e.safety_stock, position_});
  } else {
    state_.safety_stock.Remove(e.scope);
  }
}

void Applier::operator()(const ChannelSet& e) {
  QM_CHECK(state_.pool_names.Knows(e.pool))
      << "record " << position_ << " is a channel of an unknown pool";
  if (!state_.channel_names.Knows(e.channel)) {
    state_.channel_names.Add(e.channel, e.name);
    state_.channels.emplace_back();
  }
  state_.channels[static_cast<uint32_t>(e.channel)] = {e.pool, e.demand, e.buffer, position_};
}

ReservationLine& Applier::LineOf(const UncoveredUnits& units, SkuIndex sku) {
  Reservation& r = Open(units.reservation);
  QM_CHECK(units.line < r.lines.size() && r.lines[units.line].sku == sku)
      << "record " << position_ << " uncovers units of another SKU";
  return r.lines[units.line];
}

void Applier::ForgetUncovered(const Reservation& r, ReservationLine& line) {
  if (line.uncovered.IsZero()) return;
  const auto of_sku = state_.uncovered.find(line.sku);
  QM_CHECK(of_sku != state_.uncovered.end()) << "an uncovered line that is not listed";
  std::vector<UncoveredUnits>& all = of_sku->second;
  const auto index = static_cast<uint32_t>(&line - r.lines.data());
  line.uncovered = Quantity();
  auto it = FindUncovered(all, {r.id, index, LocationIndex::kNone, {}});
  while (it != all.end() && it->reservation == r.id && it->line == index) {
    // At its places; a line that was bound has others now.
    Quantity open;
    if (line.flexible() && it->location == LocationIndex::kNone) open = line.open();
    for (const Placement& p : line.placements) {
      if (p.location == it->location) open = p.quantity;
    }
    it->quantity = std::min(it->quantity, open);
    line.uncovered += it->quantity;
    it = it->quantity.IsZero() ? all.erase(it) : it + 1;
  }
  if (all.empty()) state_.uncovered.erase(of_sku);
}

void Applier::CheckFlexible(const Reservation& r, const FlexibleParts& parts) const {
  Quantity left;
  for (const ReservationLine& line : r.lines) {
    if (line.flexible()) left += line.open();
  }
  for (const Part& part : parts) {
    QM_CHECK(part.line < r.lines.size() && r.lines[part.line].flexible())
        << "record " << position_ << " has parts of a line with places of its own";
    left -= part.quantity;
  }
  QM_CHECK(left.IsZero()) << "record " << position_ << " leaves out flexible units";
}

void Applier::EndHold(Reservation& r, ReservationState end, ChangeKind kind,
                      const FlexibleParts& parts) {
  CheckFlexible(r, parts);
  for (const Part& part : parts) {
    ReservationLine& line = r.lines[part.line];
    line.released += part.quantity;
    MoveFlexible(line.sku, part.location, kind, r.id, LaneOf(r, line), -part.quantity);
  }
  for (ReservationLine& line : r.lines) {
    for (const Placement& p : line.placements) {
      line.released += p.quantity;
      Move(line.sku, p.location, kind, r.id, Reserved(-p.quantity));
    }
    line.placements.clear();
  }
  for (ReservationLine& line : r.lines) ForgetUncovered(r, line);
  ForgetHold(r);
  r.state = end;
}

void Applier::TakePart(Reservation& r, const Part& part, ChangeKind kind,
                       Quantity ReservationLine::*counted, const Balances& rest, Condition from,
                       Condition to) {
  QM_CHECK(part.line < r.lines.size());
  ReservationLine& line = r.lines[part.line];
  Balances delta = Promised(r, -part.quantity);
  delta.on_hand = rest.on_hand;
  delta.unusable = rest.unusable;
  if (IsUnusable(to)) AddToCondition(line.sku, part.location, to, part.quantity);
  if (line.flexible()) {
    QM_CHECK(part.quantity <= line.open()) << "record " << position_ << " takes more than is open";
    state_.backings.Add(line.sku, part.location, LaneOf(r, line), -part.quantity);
    line.*counted += part.quantity;
    Book(line.sku, part.location, kind, r.id, delta, from, to, {});
    changes_.back().flexible = true;
    RememberOwn(line.sku, part.location, delta.on_hand, {});
    ForgetUncovered(r, line);
    return;
  }
  const auto it = std::find_if(line.placements.begin(), line.placements.end(),
                               [&](const Placement& p) { return p.location == part.location; });
  QM_CHECK(it != line.placements.end() && it->quantity >= part.quantity)
      << "record " << position_ << " takes more than is open";
  it->quantity -= part.quantity;
  if (it->quantity.IsZero()) line.placements.erase(it);
  line.*counted += part.quantity;
  Move(line.sku, part.location, kind, r.id, delta, from, to);
  ForgetUncovered(r, line);
}

void Applier::EndIfNothingIsOpen(Reservation& r) {
  bool fulfilled = false;
  for (const ReservationLine& line : r.lines) {
    if (!line.open().IsZero()) return;
    fulfilled = fulfilled || line.fulfilled.IsPositive();
  }
  if (r.state == ReservationState::kHeld) ForgetHold(r);
  r.state = fulfilled ? ReservationState::kFulfilled : ReservationState::kReleased;
}

void Applier::ScheduleExpiry(const Reservation& r) {
  state_.expiries.Push(r.expires, r.id);
  const size_t open = state_.holds.size();
  if (state_.expiries.size() > 2 * open + kStaleExpiriesMax) {
    state_.expiries.Compact([&](const ExpiryQueue::Entry& entry) {
      const Reservation* other = state_.FindReservation(entry.reservation);
      return other->state == ReservationState::kHeld && other->expires == entry.expires;
    });
  }
}

}  // namespace

void Apply(State& state, const Event& event, int64_t position, Instant time, Changes& changes) {
  std::visit(Applier(state, position, time, changes), event);
}

}  // namespace quartermaster::stock
