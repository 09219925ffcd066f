// What supply does to stock, and what becomes of those who wait for it.
#include <algorithm>

#include "services/base/check.h"
#include "services/stock/domain/applier.h"

namespace quartermaster::stock::internal {

void Applier::operator()(const SupplyExpected& e) {
  CheckNames(e.sku, e.location);
  SupplyLine& line = SupplyOf(e.supply, e.supply_id, e.line_id, e.sku);
  QM_CHECK(line.revision < e.revision) << "record " << position_ << " revises nothing";
  // Whoever waits for what it was is asked too.
  state_.unsettled.insert(line.sku);
  state_.supplies.SetSku(e.supply, e.sku);
  line.location = e.location;
  line.expected = e.quantity;
  line.due = e.due;
  line.revision = e.revision;
  line.fingerprint = e.fingerprint;
  line.closed = false;
  state_.unsettled.insert(e.sku);
}

void Applier::operator()(const SupplyReceived& e) {
  CheckNames(e.sku, e.location);
  HappensOnce(e.effect_key, e.effect_fingerprint);
  SupplyLine& line = SupplyOf(e.supply, e.supply_id, e.line_id, e.sku);
  if (line.location == LocationIndex::kNone) line.location = e.location;
  line.received += e.quantity;
  if (IsUnusable(e.condition)) line.damaged += e.quantity;
  line.closed = line.closed || e.last;
  if (e.quantity.IsPositive()) {
    MoveFree(e.sku, e.location, ChangeKind::kReceived, e.quantity, e.condition);
  }
  state_.unsettled.insert(line.sku);
  state_.unsettled.insert(e.sku);
}

void Applier::operator()(const SupplyCancelled& e) {
  QM_CHECK(state_.supplies.Knows(e.supply)) << "record " << position_ << " is of unknown supply";
  SupplyLine& line = state_.supplies.At(e.supply);
  line.closed = true;
  state_.unsettled.insert(line.sku);
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
  state_.waiting.Update(line.sku, {r.state == ReservationState::kHeld, line.needed_by, r.id, index},
                        line.waits_at, line.waiting, waiting);
  line.waiting = waiting;
  line.late = std::min(line.late, waiting);
  // What it would have had, others may.
  state_.unsettled.insert(line.sku);
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
    r.lines[changed.line].late = changed.late;
  }
}

}  // namespace quartermaster::stock::internal
