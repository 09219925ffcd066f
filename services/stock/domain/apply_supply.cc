// What supply does to stock, and what becomes of those who wait for it.
#include <algorithm>

#include "services/base/check.h"
#include "services/stock/domain/applier.h"
#include "services/stock/domain/serve_waiting.h"

namespace quartermaster::stock::internal {

void Applier::operator()(const SupplyExpected& e) {
  CheckNames(e.sku, e.location);
  ChangeSupply(e.supply, SupplyOf(e.supply, e.supply_id, e.line_id, e.sku), [&](SupplyLine& line) {
    QM_CHECK(line.revision < e.revision) << "record " << position_ << " revises nothing";
    line.sku = e.sku;
    line.location = e.location;
    line.expected = e.quantity;
    line.due = e.due;
    line.revision = e.revision;
    line.fingerprint = e.fingerprint;
    line.closed = false;
  });
}

void Applier::operator()(const SupplyReceived& e) {
  CheckNames(e.sku, e.location);
  HappensOnce(e.effect_key, e.effect_fingerprint);
  ChangeSupply(e.supply, SupplyOf(e.supply, e.supply_id, e.line_id, e.sku), [&](SupplyLine& line) {
    if (line.location == LocationIndex::kNone) line.location = e.location;
    line.received += e.quantity;
    if (IsUnusable(e.condition)) line.damaged += e.quantity;
    line.closed = line.closed || e.last;
  });
  if (e.quantity.IsPositive() && !e.beside) {
    MoveFree(e.sku, e.location, ChangeKind::kReceived, e.quantity, e.condition,
             /*in_count=*/false);
  }
  AskWaitersOf(e.sku);
}

void Applier::operator()(const SupplyCancelled& e) {
  QM_CHECK(state_.supplies.Knows(e.supply)) << "record " << position_ << " is of unknown supply";
  ChangeSupply(e.supply, state_.supplies.At(e.supply), [&](SupplyLine& line) {
    line.closed = true;
    if (e.revision == 0) return;
    // What else this revision may say of the line is another content.
    line.revision = e.revision;
    line.fingerprint = 0;
  });
}

template <typename Change>
void Applier::ChangeSupply(SupplyIndex supply, SupplyLine& line, const Change& change) {
  const SkuIndex sku = line.sku;
  const Quantity open = line.open();
  change(line);
  state_.supplies.NoteChange(supply, sku, open);
  // Whoever waits for what it was is asked too.
  AskWaitersOf(sku);
  AskWaitersOf(line.sku);
}

SupplyLine& Applier::SupplyOf(SupplyIndex supply, const std::string& supply_id,
                              const std::string& line_id, SkuIndex sku) {
  if (supply == state_.supplies.next()) return state_.supplies.Add(supply_id, line_id, sku);
  QM_CHECK(state_.supplies.Knows(supply)) << "record " << position_ << " is of unknown supply";
  return state_.supplies.At(supply);
}

void Applier::SetWaiting(const Reservation& r, ReservationLine& line, Quantity waiting) {
  QM_CHECK(!waiting.IsNegative()) << "record " << position_ << " serves more than waits";
  const auto index = static_cast<uint32_t>(&line - r.lines.data());
  const Quantity late = std::min(line.late, waiting);
  state_.waiting.AddLate(line.sku, late - line.late);
  // Whoever is promised something makes nobody late, unless its time has passed; but of those who
  // are, it may be others.
  const SkuWaiting* const others = state_.waiting.Find(line.sku);
  const bool too_late = line.waiting < waiting && line.needed_by < time_;
  const bool asks = too_late || (others != nullptr && others->late().IsPositive());
  state_.waiting.Update(line.sku, {r.state == ReservationState::kHeld, line.needed_by, r.id, index},
                        line.waits_at, line.channel != ChannelIndex::kNone, line.waiting, waiting);
  line.waiting = waiting;
  line.late = late;
  state_.unsettled.insert(line.sku);
  if (asks) AskWaitersOf(line.sku);
}

void Applier::operator()(const WaitersServed& e) {
  for (const WaitersServed::Units& units : e.units) {
    Reservation& r = Open(units.reservation);
    QM_CHECK(units.line < r.lines.size() && r.lines[units.line].sku == e.sku)
        << "record " << position_ << " serves a line of another SKU";
    ReservationLine& line = r.lines[units.line];
    SetWaiting(r, line, line.waiting - units.quantity);
    if (line.flexible()) {
      MoveFlexible(e.sku, units.location, ChangeKind::kServed, r.id, LaneOf(r, line),
                   units.quantity);
      continue;
    }
    AddPlacement(line, units.location, units.quantity);
    Move(e.sku, units.location, ChangeKind::kServed, r.id, Promised(r, units.quantity));
  }
}

void Applier::operator()(const PromisesChanged& e) {
  for (const PromisesChanged::Line& changed : e.lines) {
    Reservation& r = Open(changed.reservation);
    QM_CHECK(changed.line < r.lines.size() && r.lines[changed.line].sku == e.sku &&
             changed.late <= r.lines[changed.line].waiting)
        << "record " << position_ << " is about units that do not wait";
    Quantity& late = r.lines[changed.line].late;
    state_.waiting.AddLate(e.sku, changed.late - late);
    late = changed.late;
  }
  // There may be more of them.
  if (e.lines.size() >= kServedMax) AskWaitersOf(e.sku);
}

}  // namespace quartermaster::stock::internal
