#include "services/stock/domain/apply.h"

#include <algorithm>
#include <memory>
#include <utility>
#include <variant>

#include "services/base/check.h"

namespace quartermaster::stock {
namespace {

constexpr Balances OnHand(Quantity q) { return {.on_hand = q}; }
constexpr Balances Reserved(Quantity q) { return {.reserved = q}; }
constexpr Balances Allocated(Quantity q) { return {.allocated = q}; }

// How many stale deadlines may gather before they are swept out.
constexpr size_t kStaleExpiriesMax = 4'096;

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

 private:
  void Move(SkuIndex sku, LocationIndex location, ChangeKind kind, ReservationId reservation,
            const Balances& delta) {
    Balances& p = state_.positions.At(sku, location);
    p.on_hand += delta.on_hand;
    p.reserved += delta.reserved;
    p.allocated += delta.allocated;
    p.unusable += delta.unusable;
    QM_CHECK(!p.reserved.IsNegative() && !p.allocated.IsNegative() && !p.unusable.IsNegative())
        << "balance below zero at record " << position_;
    changes_.push_back({position_, sku, location, kind, reservation, delta, p});
  }
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
  void ForgetHold(const Reservation& r) {
    QM_CHECK(state_.holds.Remove(r)) << "record " << position_ << ": not its owner's hold";
  }
  // Frees all open units of a hold that ends.
  void EndHold(Reservation& r, ReservationState end, ChangeKind kind);
  // Takes a part out of the reservation's placements.
  ReservationLine& TakePart(Reservation& r, const Part& part);
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
    Reservation& old = Held(replaced);
    old.replaced_by = id;
    EndHold(old, ReservationState::kReplaced, ChangeKind::kReplaced);
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
    kept.placements = line.placements;
    for (const Placement& placement : line.placements) {
      kept.quantity += placement.quantity;
      Move(line.sku, placement.location, ChangeKind::kReserved, id, Reserved(placement.quantity));
    }
  }
  QM_CHECK(state_.holds.Add(&r)) << "a second open hold of an owner at record " << position_;
  ScheduleExpiry(r);
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
    line.placements = bound.placements;
    Quantity placed;
    for (const Placement& p : line.placements) {
      Move(line.sku, p.location, ChangeKind::kBound, r.id, Promised(r, p.quantity));
      placed += p.quantity;
    }
    QM_CHECK(placed == line.open()) << "bound units differ at record " << position_;
  }
}

void Applier::operator()(const ReservationReleased& e) {
  Reservation& r = Open(e.reservation);
  for (const Part& part : e.parts) {
    ReservationLine& line = TakePart(r, part);
    Balances delta = Promised(r, -part.quantity);
    if (e.missing) {
      line.missing += part.quantity;
      delta.unusable = part.quantity;
    } else {
      line.released += part.quantity;
    }
    Move(line.sku, part.location, e.missing ? ChangeKind::kMissing : ChangeKind::kReleased, r.id,
         delta);
  }
  EndIfNothingIsOpen(r);
}

void Applier::operator()(const ReservationExpired& e) {
  EndHold(Held(e.reservation), ReservationState::kExpired, ChangeKind::kExpired);
}

void Applier::operator()(const ReservationFulfilled& e) {
  Reservation& r = Open(e.reservation);
  for (const Part& part : e.parts) {
    ReservationLine& line = TakePart(r, part);
    line.fulfilled += part.quantity;
    Balances delta = Promised(r, -part.quantity);
    delta.on_hand = -part.quantity;
    Move(line.sku, part.location, ChangeKind::kFulfilled, r.id, delta);
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
      break;
  }
  return ChangeKind::kCounted;
}

void Applier::operator()(const StockAdjusted& e) {
  if (!e.effect_key.empty()) {
    const bool first = state_.effects.emplace(e.effect_key, e.effect_fingerprint).second;
    QM_CHECK(first) << "the effect " << e.effect_key << " happened twice";
  }
  Balances delta = OnHand(e.delta);
  if (e.condition != Condition::kSellable) delta.unusable = e.delta;
  Move(e.sku, e.location, KindOf(e.kind), ReservationId::kNone, delta);
}

void Applier::EndHold(Reservation& r, ReservationState end, ChangeKind kind) {
  for (ReservationLine& line : r.lines) {
    for (const Placement& p : line.placements) {
      line.released += p.quantity;
      Move(line.sku, p.location, kind, r.id, Reserved(-p.quantity));
    }
    line.placements.clear();
  }
  ForgetHold(r);
  r.state = end;
}

ReservationLine& Applier::TakePart(Reservation& r, const Part& part) {
  QM_CHECK(part.line < r.lines.size());
  ReservationLine& line = r.lines[part.line];
  const auto it = std::find_if(line.placements.begin(), line.placements.end(),
                               [&](const Placement& p) { return p.location == part.location; });
  QM_CHECK(it != line.placements.end() && it->quantity >= part.quantity)
      << "record " << position_ << " takes more than is open";
  it->quantity -= part.quantity;
  if (it->quantity.IsZero()) line.placements.erase(it);
  return line;
}

void Applier::EndIfNothingIsOpen(Reservation& r) {
  bool fulfilled = false;
  for (const ReservationLine& line : r.lines) {
    if (!line.placements.empty()) return;
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
