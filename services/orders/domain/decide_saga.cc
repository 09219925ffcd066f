// What stock and routing answered. Each intent is settled by exactly one event; an answer to what
// is settled changes nothing.
#include <algorithm>
#include <utility>

#include "services/orders/domain/decider.h"
#include "services/orders/domain/saga.h"
#include "services/orders/domain/work.h"

namespace quartermaster::orders {

namespace {

const Attempt* FindAttempt(const Order& order, int number) {
  if (number < 1 || static_cast<size_t>(number) > order.attempts.size()) return nullptr;
  return &order.attempts[static_cast<size_t>(number) - 1];
}

}  // namespace

void Decider::ResolveStalled(const Order& order) {
  ResolveWhere(order, Attribution(),
               [](const ExceptionItem& item) { return item.kind == ExceptionKind::kStalled; });
}

void Decider::operator()(const ReportStalled& c) {
  const Order* order = NeedOrder(c.order_id);
  if (order == nullptr) return;
  if (HasOpenException(*order, ExceptionKind::kStalled, "")) return Repeat();
  Emit(ExceptionRaised{.kind = ExceptionKind::kStalled,
                       .order_id = c.order_id,
                       .suggested_action = "CHECK_STOCK_AND_ROUTING",
                       .detail = c.reason});
}

void Decider::operator()(const ReportStockConfirmed& c) {
  const Order* order = NeedOrder(c.order_id);
  if (order == nullptr) return;
  const Attempt* attempt = FindAttempt(*order, c.attempt);
  if (attempt != nullptr && attempt->state == AttemptState::kConfirmed) return Repeat();
  if (attempt == nullptr || !AttemptMoves().Next(attempt->state, AttemptAction::kConfirm)) {
    return Reject(IntentStale{});
  }
  Emit(StockConfirmed{
      .order_id = c.order_id, .attempt = c.attempt, .reservation_id = c.reservation_id});
  if (!OnHold(*order)) {
    for (Event& event : WorkOf(*order, *attempt)) Emit(std::move(event));
  }
  ResolveStalled(*order);
}

void Decider::operator()(const ReportConfirmFailed& c) {
  const Order* order = NeedOrder(c.order_id);
  if (order == nullptr) return;
  const Attempt* attempt = FindAttempt(*order, c.attempt);
  if (attempt != nullptr && attempt->state == AttemptState::kFailed) return Repeat();
  if (attempt == nullptr || !AttemptMoves().Next(attempt->state, AttemptAction::kFail)) {
    return Reject(IntentStale{});
  }
  Emit(StockConfirmFailed{.order_id = c.order_id, .attempt = c.attempt, .reason = c.reason});
  // If everything has been cancelled meanwhile, or is to wait, nothing awaits stock.
  const bool wanted = std::any_of(attempt->assignments.begin(), attempt->assignments.end(),
                                  [order, &c](const Assignment& a) {
                                    return (a.quantity - a.dropped).IsPositive() &&
                                           !WaitsForStock(*order, order->lines[a.line], c.reason);
                                  });
  if (wanted) RaiseUnfilled(*order, nullptr, c.reason);
  ResolveStalled(*order);
}

void Decider::operator()(const ReportStockSettled& c) {
  const Order* order = NeedOrder(c.order_id);
  if (order == nullptr) return;
  const auto op = std::find_if(order->stock_ops.begin(), order->stock_ops.end(),
                               [&c](const StockOp& candidate) { return candidate.number == c.op; });
  if (op == order->stock_ops.end()) {
    if (c.op >= 1 && c.op <= order->stock_ops_made) return Repeat();
    return Reject(IntentStale{});
  }
  Emit(StockSettled{.order_id = c.order_id, .op = c.op, .refused_reason = c.refused_reason});
  ResolveStalled(*order);
  if (c.refused_reason.empty()) return;
  Emit(ExceptionRaised{.kind = ExceptionKind::kStockConflict,
                       .order_id = c.order_id,
                       .task_id = op->task == 0 ? "" : TaskId(c.order_id, op->task),
                       .suggested_action = "COUNT_AND_CORRECT",
                       .detail = c.refused_reason});
}

void Decider::operator()(const ReportReturnRestocked& c) {
  const Return* item = FindReturn(state_, c.return_id);
  if (item == nullptr) return Reject(ReturnNotFound{c.return_id});
  decision_.result.return_id = c.return_id;
  decision_.result.order_id = item->order_id;
  if (!item->restock_open) {
    if (item->state == ReturnState::kRequested) return Reject(IntentStale{});
    return Repeat();
  }
  Emit(ReturnRestocked{
      .order_id = item->order_id, .return_id = c.return_id, .refused_reason = c.refused_reason});
  SettledReturn(*item, c.refused_reason);
}

void Decider::operator()(const ReportReclassified& c) {
  const Return* item = FindReturn(state_, c.return_id);
  if (item == nullptr) return Reject(ReturnNotFound{c.return_id});
  decision_.result.return_id = c.return_id;
  decision_.result.order_id = item->order_id;
  if (c.inspection < 1 || static_cast<size_t>(c.inspection) > item->inspections.size()) {
    return Reject(IntentStale{});
  }
  if (!item->inspections[static_cast<size_t>(c.inspection) - 1].open) return Repeat();
  Emit(ReturnReclassified{.order_id = item->order_id,
                          .return_id = c.return_id,
                          .inspection = c.inspection,
                          .refused_reason = c.refused_reason});
  SettledReturn(*item, c.refused_reason);
}

void Decider::SettledReturn(const Return& item, const std::string& refused_reason) {
  if (const Order* order = FindOrder(state_, item.order_id)) ResolveStalled(*order);
  if (refused_reason.empty()) return;
  Emit(ExceptionRaised{.kind = ExceptionKind::kStockConflict,
                       .order_id = item.order_id,
                       .return_id = item.return_id,
                       .suggested_action = "COUNT_AND_CORRECT",
                       .detail = refused_reason});
}

void Decider::operator()(const ReportRerouted& c) {
  const Order* order = NeedOrder(c.order_id);
  if (order == nullptr) return;
  const bool confirming =
      std::any_of(order->attempts.begin(), order->attempts.end(),
                  [](const Attempt& a) { return a.state == AttemptState::kConfirming; });
  RoutingFailed failed{.order_id = c.order_id, .reason = c.reason};
  std::vector<Quantity> planned(order->lines.size());
  for (const PlannedUnits& units : c.assignments) {
    if (units.line >= planned.size()) return Reject(IntentStale{});
    planned[units.line] += units.quantity;
  }
  bool fits = !confirming && c.revision == order->route_revision &&
              c.attempt == static_cast<int>(order->attempts.size()) + 1;
  Quantity to_route;
  bool unfilled = false;
  for (uint32_t i = 0; i < planned.size(); ++i) {
    const OrderLine& line = order->lines[i];
    to_route += line.to_route;
    fits = fits && planned[i] <= line.to_route;
    if (planned[i] < line.to_route) {
      failed.lines.push_back({.index = i, .quantity = line.to_route - planned[i]});
      unfilled = unfilled || !WaitsForStock(*order, line, c.reason);
    }
  }
  if (!fits || to_route.IsZero()) return Reject(IntentStale{});
  if (!c.assignments.empty() && c.expires_at - now_ < kMinHoldLeft) {
    return Reject(HoldTooShort{c.expires_at - now_});
  }

  if (!c.assignments.empty()) {
    Emit(OrderRouted{.order_id = c.order_id,
                     .attempt = c.attempt,
                     .reservation_id = c.reservation_id,
                     .expires_at = c.expires_at,
                     .assignments = c.assignments,
                     .plan = c.plan});
  }
  if (!failed.lines.empty()) Emit(std::move(failed));
  if (unfilled) RaiseUnfilled(*order, nullptr, c.reason);
  ResolveStalled(*order);
}

void Decider::operator()(const ReportBackorderFilled& c) {
  const Order* order = NeedOrder(c.order_id);
  if (order == nullptr) return;
  const std::optional<Reroute> wanted = BackorderOf(*order);
  if (!wanted || c.attempt != wanted->attempt || c.revision != wanted->revision) {
    return Reject(IntentStale{});
  }
  std::vector<Quantity> planned(order->lines.size());
  for (const PlannedUnits& units : c.assignments) {
    if (units.line >= planned.size()) return Reject(IntentStale{});
    planned[units.line] += units.quantity;
  }
  BackorderReleased released{.order_id = c.order_id};
  for (uint32_t i = 0; i < planned.size(); ++i) {
    if (planned[i] > order->lines[i].backordered) return Reject(IntentStale{});
    if (planned[i].IsPositive()) released.lines.push_back({.index = i, .quantity = planned[i]});
  }
  if (released.lines.empty()) return Reject(IntentStale{});
  if (c.expires_at - now_ < kMinHoldLeft) return Reject(HoldTooShort{c.expires_at - now_});
  Emit(std::move(released));
  Emit(OrderRouted{.order_id = c.order_id,
                   .attempt = c.attempt,
                   .reservation_id = c.reservation_id,
                   .expires_at = c.expires_at,
                   .assignments = c.assignments,
                   .plan = c.plan});
}

}  // namespace quartermaster::orders
