// Holds: their beginnings and their ends.
#include "services/orders/domain/applier.h"

namespace quartermaster::orders {

void Applier::operator()(const OrderHeld& e) {
  Order& order = GetOrder(e.order_id);
  QM_CHECK(e.hold == static_cast<int>(order.holds.size()) + 1)
      << "hold " << e.hold << " of order " << e.order_id << " at position " << position_;
  order.holds.push_back({.number = e.hold,
                         .kind = e.kind,
                         .expires_at = e.expires_at,
                         .cancel_on_expiry = e.cancel_on_expiry,
                         .reason_code = e.attribution.reason_code,
                         .created_at = now_});
  if (e.expires_at != kDistantFuture) {
    state_.due.insert({e.expires_at, e.order_id, DueKind::kHoldEnd, e.hold});
  }
}

void Applier::operator()(const HoldEnded& e) {
  Order& order = GetOrder(e.order_id);
  QM_CHECK(e.hold >= 1 && static_cast<size_t>(e.hold) <= order.holds.size())
      << "order " << e.order_id << " has no hold " << e.hold << " at position " << position_;
  Hold& hold = order.holds[static_cast<size_t>(e.hold) - 1];
  QM_CHECK(hold.state == HoldState::kOpen) << "hold " << e.hold << " of order " << e.order_id
                                           << " ends twice, at position " << position_;
  hold.state = e.expired ? HoldState::kExpired : HoldState::kReleased;
  state_.due.erase({hold.expires_at, e.order_id, DueKind::kHoldEnd, e.hold});
}

}  // namespace quartermaster::orders
