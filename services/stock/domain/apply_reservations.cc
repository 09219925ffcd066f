#include <algorithm>
#include <memory>
#include <tuple>
#include <utility>
#include <vector>

#include "services/base/check.h"
#include "services/stock/domain/applier.h"
#include "services/stock/domain/sku_chain.h"

namespace quartermaster::stock::internal {
namespace {

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

}  // namespace

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
  state_.customers.Name(id, e.customer);
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
    QM_CHECK((line.kit == SkuIndex::kNone) == (line.per_kit == 0) &&
             (line.kit == SkuIndex::kNone || state_.skus.Knows(line.kit)))
        << "record " << position_ << " has a part of no kit";
    kept.kit = line.kit;
    kept.per_kit = line.per_kit;
    kept.group = line.group;
    if (kept.group != 0 && !line.placements.empty()) {
      QM_CHECK(state_.classes.Knows(line.eligible)) << "unknown class at record " << position_;
      state_.movable_groups.Add(line.sku, {id, line.group});
    }
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
    if (!line.waiting.IsZero()) {
      kept.quantity += line.waiting;
      kept.needed_by = line.needed_by;
      kept.waits_at = {kept.eligible, kept.flexible() ? LocationIndex::kNone : kept.location};
      SetWaiting(r, kept, line.waiting);
    }
    CountUse(r, kept, kept.quantity, {});
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

void Applier::End(Reservation& r, ReservationState end) {
  state_.customers.Forget(r.id);
  r.state = end;
  const ReservationId oldest = state_.ended.Add(r.id, end == ReservationState::kExpired);
  if (oldest != ReservationId::kNone) Forget(oldest);
}

void Applier::Forget(ReservationId id) {
  // One walk takes out all that have ended: the next one of the SKU that is for another's sake is
  // as many ends away as stay in memory.
  for (const ReservationLine& line : state_.FindReservation(id)->lines) {
    if (line.older == kUnlinked) continue;
    SkuChain chain(state_, line.sku);
    while (chain.Next() != nullptr) {
    }
  }
  state_.forgotten.push_back(state_.reservations.Remove(id));
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
  // Paid orders are served before carts.
  for (uint32_t i = 0; i < r.lines.size(); ++i) {
    const ReservationLine& line = r.lines[i];
    if (line.waiting.IsZero()) continue;
    const bool of_channel = line.channel != ChannelIndex::kNone;
    // Added before it is taken out: it may be the only one, and late.
    state_.waiting.Update(line.sku, {false, line.needed_by, r.id, i}, line.waits_at, of_channel, {},
                          line.waiting);
    state_.waiting.Update(line.sku, {true, line.needed_by, r.id, i}, line.waits_at, of_channel,
                          line.waiting, {});
    state_.unsettled.insert(line.sku);
    if (state_.waiting.Find(line.sku)->late().IsPositive()) AskWaitersOf(line.sku);
  }
  r.state = ReservationState::kConfirmed;
  r.expires = kDistantFuture;
}

void Applier::operator()(const ReservationBound& e) {
  Reservation& r = Open(e.reservation);
  for (const ReservationBound::Line& bound : e.lines) {
    QM_CHECK(bound.line < r.lines.size());
    ReservationLine& line = r.lines[bound.line];
    Quantity placed;
    for (const Placement& p : bound.from) {
      QM_CHECK(line.flexible()) << "record " << position_ << " binds a bound line's backing";
      MoveFlexible(line.sku, p.location, ChangeKind::kBound, r.id, LaneOf(r, line), -p.quantity);
      placed += p.quantity;
    }
    QM_CHECK(!line.flexible() || placed == line.open())
        << "bound units differ at record " << position_;
    Settle(r, line);
    Place(r, bound, ChangeKind::kBound);
  }
}

void Applier::operator()(const GroupMoved& e) {
  Reservation& r = Open(e.reservation);
  for (const ReservationBound::Line& moved : e.lines) {
    QM_CHECK(moved.line < r.lines.size());
    const ReservationLine& line = r.lines[moved.line];
    QM_CHECK(line.group != 0 && line.eligible != ClassIndex::kNone)
        << "record " << position_ << " moves units that are bound";
    for (const Placement& p : moved.placements) {
      QM_CHECK(state_.classes.At(line.eligible).Contains(p.location))
          << "record " << position_ << " moves units out of their class";
    }
    Place(r, moved, ChangeKind::kBackingMoved);
  }
}

void Applier::Place(Reservation& r, const ReservationBound::Line& bound, ChangeKind kind) {
  ReservationLine& line = r.lines[bound.line];
  for (const Placement& p : line.placements) {
    Move(line.sku, p.location, kind, r.id, Promised(r, -p.quantity));
  }
  line.placements = bound.placements;
  Quantity placed;
  for (const Placement& p : line.placements) {
    Move(line.sku, p.location, kind, r.id, Promised(r, p.quantity));
    placed += p.quantity;
  }
  QM_CHECK(placed == line.open()) << "bound units differ at record " << position_;
  ForgetUncovered(r, line);
}

void Applier::Settle(const Reservation& r, ReservationLine& line) {
  if (line.group != 0) state_.movable_groups.Remove(line.sku, {r.id, line.group});
  line.eligible = ClassIndex::kNone;
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
  for (ReservationLine& line : r.lines) {
    if (!e.unplaced) break;
    line.released += line.in_transit + line.waiting;
    CountUse(r, line, -(line.in_transit + line.waiting), {});
    line.in_transit = Quantity();
    SetWaiting(r, line, {});
  }
  EndIfNothingIsOpen(r);
}

void Applier::operator()(const ReservationExpired& e) {
  EndHold(Held(e.reservation), ReservationState::kExpired, ChangeKind::kExpired, e.parts);
}

void Applier::operator()(const ReservationFulfilled& e) {
  Reservation& r = Open(e.reservation);
  Date(e.message, e.business_time);
  auto in_count_next = e.in_count.begin();
  for (uint32_t i = 0; i < e.parts.size(); ++i) {
    const Part& part = e.parts[i];
    const bool counted = in_count_next != e.in_count.end() && *in_count_next == i;
    if (counted) ++in_count_next;
    const Quantity in_count = counted ? -part.quantity : Quantity();
    TakePart(r, part, ChangeKind::kFulfilled, &ReservationLine::fulfilled,
             OnHand(-part.quantity - in_count), Condition::kSellable, Condition::kNone, in_count);
    if (told_by_ != SourceIndex::kNone) SourceOf(told_by_).told_of.insert(part.location);
  }
  EndIfNothingIsOpen(r);
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
  AskWaitersOf(e.sku);
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
  AskWaitersOf(e.sku);
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
    CountUse(r, line, -part.quantity, {});
    MoveFlexible(line.sku, part.location, kind, r.id, LaneOf(r, line), -part.quantity);
  }
  for (ReservationLine& line : r.lines) {
    for (const Placement& p : line.placements) {
      line.released += p.quantity;
      CountUse(r, line, -p.quantity, {});
      Move(line.sku, p.location, kind, r.id, Reserved(-p.quantity));
    }
    line.placements.clear();
    if (line.group != 0) Settle(r, line);
    // Free once they have come.
    line.released += line.in_transit + line.waiting;
    CountUse(r, line, -(line.in_transit + line.waiting), {});
    line.in_transit = Quantity();
    if (!line.waiting.IsZero()) SetWaiting(r, line, {});
  }
  for (ReservationLine& line : r.lines) ForgetUncovered(r, line);
  ForgetHold(r);
  End(r, end);
}

void Applier::TakePart(Reservation& r, const Part& part, ChangeKind kind,
                       Quantity ReservationLine::*counted, const Balances& rest, Condition from,
                       Condition to, Quantity in_count) {
  QM_CHECK(part.line < r.lines.size());
  ReservationLine& line = r.lines[part.line];
  Balances delta = Promised(r, -part.quantity);
  delta.on_hand = rest.on_hand;
  delta.unusable = rest.unusable;
  if (IsUnusable(to)) AddToCondition(line.sku, part.location, to, part.quantity);
  // On their way, they are still promised.
  if (counted != &ReservationLine::in_transit) {
    CountUse(r, line, -part.quantity,
             counted == &ReservationLine::fulfilled ? part.quantity : Quantity());
  }
  if (line.flexible()) {
    QM_CHECK(part.quantity <= line.open()) << "record " << position_ << " takes more than is open";
    state_.backings.Add(line.sku, part.location, LaneOf(r, line), -part.quantity);
    line.*counted += part.quantity;
    Book(line.sku, part.location, kind, r.id, delta, from, to, in_count);
    changes_.back().flexible = true;
    RememberOwn(line.sku, part.location, delta.on_hand + in_count, {});
    ForgetUncovered(r, line);
    return;
  }
  // What is left of a group is not a whole any more.
  if (line.group != 0 && line.eligible != ClassIndex::kNone) {
    const uint32_t group = line.group;
    for (ReservationLine& other : r.lines) {
      if (other.group == group) Settle(r, other);
    }
  }
  const auto it = std::find_if(line.placements.begin(), line.placements.end(),
                               [&](const Placement& p) { return p.location == part.location; });
  QM_CHECK(it != line.placements.end() && it->quantity >= part.quantity)
      << "record " << position_ << " takes more than is open";
  it->quantity -= part.quantity;
  if (it->quantity.IsZero()) line.placements.erase(it);
  line.*counted += part.quantity;
  Move(line.sku, part.location, kind, r.id, delta, from, to, in_count);
  ForgetUncovered(r, line);
}

void Applier::EndIfNothingIsOpen(Reservation& r) {
  bool fulfilled = false;
  for (const ReservationLine& line : r.lines) {
    if (!line.open().IsZero() || !line.in_transit.IsZero() || !line.waiting.IsZero()) return;
    fulfilled = fulfilled || line.fulfilled.IsPositive();
  }
  if (r.state == ReservationState::kHeld) ForgetHold(r);
  End(r, fulfilled ? ReservationState::kFulfilled : ReservationState::kReleased);
}

void Applier::ScheduleExpiry(const Reservation& r) {
  state_.expiries.Push(r.expires, r.id);
  const size_t open = state_.holds.size();
  if (state_.expiries.size() > 2 * open + kStaleExpiriesMax) {
    state_.expiries.Compact([&](const ExpiryQueue::Entry& entry) {
      const Reservation* other = state_.FindReservation(entry.reservation);
      return other != nullptr && other->state == ReservationState::kHeld &&
             other->expires == entry.expires;
    });
  }
}

}  // namespace quartermaster::stock::internal
