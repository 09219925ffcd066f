// Holds: orders that are kept back, and let go on.
#include "services/orders/domain/decide_holds.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "services/base/check.h"
#include "services/orders/domain/decider.h"
#include "services/orders/domain/work.h"

namespace quartermaster::orders {

namespace {

// No hold but those of the events, which end them, is open.
bool EndsTheLast(const Order& order, const std::vector<Event>& ended) {
  const auto open = std::count_if(order.holds.begin(), order.holds.end(),
                                  [](const Hold& hold) { return hold.state == HoldState::kOpen; });
  return open == static_cast<std::ptrdiff_t>(ended.size());
}

void Append(std::vector<Event> more, std::vector<Event>& events) {
  std::move(more.begin(), more.end(), std::back_inserter(events));
}

}  // namespace

bool Decider::NeedNoHold(const Order& order) {
  if (!OnHold(order)) return true;
  Reject(OrderOnHold{order.order_id});
  return false;
}

OrderHeld Decider::HeldBy(const std::string& order_id, int number, const NewHold& hold,
                          const Attribution& attribution) const {
  return {.order_id = order_id,
          .hold = number,
          .kind = hold.kind,
          .expires_at = hold.ttl.has_value() ? now_ + *hold.ttl : kDistantFuture,
          .cancel_on_expiry = hold.cancel_on_expiry,
          .attribution = attribution};
}

void Decider::RaiseShippedOnHold(const Order& order, const Task& task) {
  const std::string task_id = TaskId(order.order_id, task.number);
  if (!OnHold(order) || HasOpenException(order, ExceptionKind::kShippedOnHold, task_id)) return;
  Emit(ExceptionRaised{.kind = ExceptionKind::kShippedOnHold,
                       .order_id = order.order_id,
                       .task_id = task_id,
                       .suggested_action = "RECALL_OR_RELEASE"});
}

void Decider::operator()(const HoldOrder& c) {
  const Order* order = NeedOrder(c.order_id);
  if (order == nullptr) return;
  if (!c.etag.empty() && c.etag != Etag(*order)) return Reject(EtagMismatch{Etag(*order)});
  const bool any_open = std::any_of(order->lines.begin(), order->lines.end(),
                                    [](const OrderLine& line) { return line.open().IsPositive(); });
  if (!any_open || order->holds.size() >= kHoldsMax) {
    return Reject(IllegalTransition{.state = std::string(NameOf(StateOf(*order)))});
  }
  Emit(HeldBy(c.order_id, static_cast<int>(order->holds.size()) + 1, c.hold, c.attribution));
}

void Decider::operator()(const ReleaseHold& c) {
  const Order* order = NeedOrder(c.order_id);
  if (order == nullptr) return;
  const Hold* named = c.hold_id.empty() ? nullptr : FindHold(*order, c.hold_id);
  if (!c.hold_id.empty() && named == nullptr) return Reject(HoldNotFound{c.hold_id});
  std::vector<Event> ended;
  for (const Hold& hold : order->holds) {
    if (hold.state != HoldState::kOpen || (named != nullptr && &hold != named)) continue;
    ended.emplace_back(
        HoldEnded{.order_id = c.order_id, .hold = hold.number, .attribution = c.attribution});
  }
  if (ended.empty()) return Repeat();
  if (!c.etag.empty() && c.etag != Etag(*order)) return Reject(EtagMismatch{Etag(*order)});
  const bool last = EndsTheLast(*order, ended);
  decision_.events = std::move(ended);
  if (last) Append(WorkOf(*order), decision_.events);
}

std::vector<Event> EndPaymentHolds(const Order& order, absl::FunctionRef<bool()> is_paid) {
  std::vector<Event> events;
  for (const Hold& hold : order.holds) {
    if (hold.state != HoldState::kOpen || hold.kind != HoldKind::kPayment) continue;
    events.emplace_back(HoldEnded{.order_id = order.order_id,
                                  .hold = hold.number,
                                  .attribution = {.reason_code = kPaidReason}});
  }
  if (events.empty() || !is_paid()) return {};
  const bool last = EndsTheLast(order, events);
  if (last) Append(WorkOf(order), events);
  return events;
}

std::vector<Event> DecideHoldEnd(const State& state, const Due& due, Instant now) {
  const Order* order = FindOrder(state, due.order_id);
  QM_CHECK(order != nullptr && static_cast<size_t>(due.number) <= order->holds.size())
      << "hold " << due.number << " of order " << due.order_id << " is due";
  const Hold& hold = order->holds[static_cast<size_t>(due.number) - 1];
  std::vector<Event> events = {
      HoldEnded{.order_id = due.order_id, .hold = hold.number, .expired = true}};
  if (hold.cancel_on_expiry) {
    // Refused if nothing is left: then there is nothing to do.
    const CancelOrder cancel{.order_id = due.order_id,
                             .attribution = {.reason_code = kHoldExpiredReason}};
    Append(Decide(state, cancel, now).events, events);
  } else if (EndsTheLast(*order, events)) {
    Append(WorkOf(*order), events);
  }
  return events;
}

}  // namespace quartermaster::orders
