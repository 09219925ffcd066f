#include "services/orders/domain/apply.h"

#include <algorithm>
#include <map>
#include <utility>
#include <variant>

#include "services/base/check.h"
#include "services/orders/domain/applier.h"

namespace quartermaster::orders {

namespace {

// Whether the API shows an order otherwise behind such an event. What is between us and stock, and
// what stands in the exception queue, is not shown with it.
struct IsShown {
  template <typename E>
  bool operator()(const E&) const {
    return true;
  }
  bool operator()(const StockSettled&) const { return false; }
  bool operator()(const ReturnRestocked&) const { return false; }
  bool operator()(const ReturnReclassified&) const { return false; }
  bool operator()(const ExceptionRaised&) const { return false; }
  bool operator()(const ExceptionResolved&) const { return false; }
  bool operator()(const PickupCodeFailed&) const { return false; }
  bool operator()(const PickupReminded&) const { return false; }
  bool operator()(const SubjectErased&) const { return false; }
  bool operator()(const SubjectUpdated&) const { return false; }
};

}  // namespace

void Apply(State& state, const Event& event, Position position, Instant now) {
  std::visit(Applier(state, position, now), event);
  const std::string_view order_id = OrderIdOf(event);
  if (order_id.empty()) return;
  const auto found = state.orders.find(absl::string_view(order_id.data(), order_id.size()));
  QM_CHECK(found != state.orders.end()) << "order " << order_id << " at position " << position;
  found->second.changed_position = position;
  if (!std::visit(IsShown(), event)) return;
  found->second.changed_at = now;
  found->second.shown_position = position;
}

Order& Applier::GetOrder(const std::string& order_id) {
  const auto found = state_.orders.find(order_id);
  QM_CHECK(found != state_.orders.end()) << "no order " << order_id << " at position " << position_;
  return found->second;
}

OrderLine& Applier::GetLine(Order& order, uint32_t index) {
  QM_CHECK(index < order.lines.size())
      << "order " << order.order_id << " has no line " << index << " at position " << position_;
  return order.lines[index];
}

Attempt& Applier::GetAttempt(Order& order, int number) {
  QM_CHECK(number >= 1 && static_cast<size_t>(number) <= order.attempts.size())
      << "order " << order.order_id << " has no attempt " << number << " at position " << position_;
  return order.attempts[static_cast<size_t>(number) - 1];
}

Assignment& Applier::GetAssignment(Attempt& attempt, uint32_t index) {
  QM_CHECK(index < attempt.assignments.size())
      << "no assignment " << index << " at position " << position_;
  return attempt.assignments[index];
}

Order& Applier::MakeOrder(const std::string& order_id) {
  QM_CHECK(!order_id.empty()) << "an order without id at position " << position_;
  const auto [order, inserted] = state_.orders.try_emplace(order_id);
  QM_CHECK(inserted) << "a second order " << order_id << " at position " << position_;
  order->second.order_id = order_id;
  order->second.created_at = now_;
  order->second.position = position_;
  return order->second;
}

void Applier::Take(Quantity& from, Quantity quantity) {
  QM_CHECK(!quantity.IsNegative() && from >= quantity)
      << "taking " << quantity.units() << " of " << from.units() << " at position " << position_;
  from -= quantity;
}

void Applier::Move(Quantity& from, Quantity& to, Quantity quantity) {
  Take(from, quantity);
  to += quantity;
}

void Applier::OpenStockOp(Order& order, StockOpKind kind, int attempt, int task,
                          std::vector<OpPart> parts, const std::optional<Instant>& business_time) {
  if (parts.empty()) return;
  Quantity sum;
  for (const OpPart& part : parts) {
    QM_CHECK(part.quantity.IsPositive()) << "an empty part at position " << position_;
    sum += part.quantity;
  }
  if (kind == StockOpKind::kFulfil) {
    GetAttempt(order, attempt).fulfil_asked += sum;
  } else if (kind != StockOpKind::kSell) {
    GetAttempt(order, attempt).release_asked += sum;
  }
  order.stock_ops.push_back({.number = ++order.stock_ops_made,
                             .kind = kind,
                             .attempt = attempt,
                             .task = task,
                             .parts = std::move(parts),
                             .business_time = business_time});
}

void Applier::AddLines(Order& order, const std::vector<PlacedLine>& lines) {
  order.lines.reserve(order.lines.size() + lines.size());
  for (const PlacedLine& line : lines) {
    QM_CHECK(line.group < order.groups.size() && line.quantity.IsPositive() &&
             line.amounts.has_value() == order.amounts.has_value())
        << "line " << line.line_id << " at position " << position_;
    order.lines.push_back({.line_id = line.line_id,
                           .group = line.group,
                           .sku = line.sku,
                           .unit_price = line.unit_price,
                           .ordered = line.quantity,
                           .backorder = line.backorder,
                           .amounts = line.amounts});
  }
}

void Applier::operator()(const OrderPlaced& e) {
  Order& order = MakeOrder(e.order_id);
  order.channel_id = e.channel_id;
  order.external_id = e.external_id;
  order.customer_ref = e.customer_ref;
  order.content = e.content;
  order.groups = e.groups;
  order.attribution = e.attribution;
  order.amounts = e.amounts;
  AddLines(order, e.lines);
  for (OrderLine& line : order.lines) line.to_route = line.ordered;
  order.route_revision = 1;
  if (!e.external_id.empty()) {
    const bool inserted =
        state_.external_ids.try_emplace({e.channel_id, e.external_id}, e.order_id).second;
    QM_CHECK(inserted) << "a second external id at position " << position_;
  }
}

void Applier::operator()(const OrderEdited& e) {
  Order& order = GetOrder(e.order_id);
  for (const GroupDestination& redirected : e.destinations) {
    QM_CHECK(redirected.group < order.groups.size())
        << "group " << redirected.group << " at position " << position_;
    order.groups[redirected.group].destination = redirected.destination;
  }
  const size_t before = order.lines.size();
  // A person asks for more.
  if (!e.lines.empty()) order.unattended_attempts = 0;
  AddLines(order, e.lines);
  for (size_t i = before; i < order.lines.size(); ++i) {
    OrderLine& line = order.lines[i];
    line.to_route = line.ordered;
    if (order.amounts) {
      order.amounts->total += line.amounts->Total(order.amounts->prices_include_tax);
    }
  }
  ++order.route_revision;
}

void Applier::operator()(const OrderRouted& e) {
  Order& order = GetOrder(e.order_id);
  QM_CHECK(e.attempt == static_cast<int>(order.attempts.size()) + 1 && !e.assignments.empty())
      << "attempt " << e.attempt << " of order " << e.order_id << " at position " << position_;
  Attempt attempt{.number = e.attempt,
                  .reservation_id = e.reservation_id,
                  .expires_at = e.expires_at,
                  .position = position_};
  for (const PlannedUnits& planned : e.assignments) {
    OrderLine& line = GetLine(order, planned.line);
    QM_CHECK(planned.quantity.IsPositive()) << "an empty assignment at position " << position_;
    Move(line.to_route, line.confirming, planned.quantity);
    Group& group = order.groups[line.group];
    if (group.method != Method::kShip && group.location_id.empty()) {
      group.location_id = planned.location_id;
    }
    attempt.assignments.push_back(
        {.line = planned.line, .location_id = planned.location_id, .quantity = planned.quantity});
  }
  order.attempts.push_back(std::move(attempt));
  ++order.unattended_attempts;
  ++order.route_revision;
}

void Applier::operator()(const RoutingFailed& e) {
  Order& order = GetOrder(e.order_id);
  for (const Units& units : e.lines) {
    OrderLine& line = GetLine(order, units.index);
    Move(line.to_route, WaitsForStock(order, line, e.reason) ? line.backordered : line.awaiting,
         units.quantity);
  }
  ++order.route_revision;
}

void Applier::operator()(const RerouteRequested& e) {
  Order& order = GetOrder(e.order_id);
  for (OrderLine& line : order.lines) Move(line.awaiting, line.to_route, line.awaiting);
  order.excluded_locations.clear();
  order.unattended_attempts = 0;
  ++order.route_revision;
}

void Applier::operator()(const BackorderReleased& e) {
  Order& order = GetOrder(e.order_id);
  for (const Units& units : e.lines) {
    OrderLine& line = GetLine(order, units.index);
    Move(line.backordered, line.to_route, units.quantity);
  }
  ++order.route_revision;
}

void Applier::operator()(const StockConfirmed& e) {
  Order& order = GetOrder(e.order_id);
  Attempt& attempt = GetAttempt(order, e.attempt);
  Advance(attempt, AttemptAction::kConfirm);
  attempt.reservation_id = e.reservation_id;
  std::vector<OpPart> dropped;
  for (size_t i = 0; i < attempt.assignments.size(); ++i) {
    Assignment& assignment = attempt.assignments[i];
    OrderLine& line = GetLine(order, assignment.line);
    assignment.held_back = assignment.quantity - assignment.dropped;
    Move(line.confirming, line.held_back, assignment.held_back);
    if (assignment.dropped.IsPositive()) {
      dropped.push_back({.index = static_cast<uint32_t>(i),
                         .location_id = assignment.location_id,
                         .quantity = assignment.dropped});
    }
  }
  OpenStockOp(order, StockOpKind::kRelease, e.attempt, 0, std::move(dropped));
}

void Applier::operator()(const StockConfirmFailed& e) {
  Order& order = GetOrder(e.order_id);
  Attempt& attempt = GetAttempt(order, e.attempt);
  Advance(attempt, AttemptAction::kFail);
  for (const Assignment& assignment : attempt.assignments) {
    OrderLine& line = GetLine(order, assignment.line);
    Move(line.confirming, WaitsForStock(order, line, e.reason) ? line.backordered : line.awaiting,
         assignment.quantity - assignment.dropped);
  }
}

void Applier::operator()(const UnitsCarriedOut& e) {
  Order& order = GetOrder(e.order_id);
  Attempt& attempt = GetAttempt(order, e.attempt);
  QM_CHECK(attempt.state == AttemptState::kConfirmed)
      << "attempt " << e.attempt << " is not confirmed, at position " << position_;
  std::vector<OpPart> parts;
  for (const Units& units : e.assignments) {
    Assignment& assignment = GetAssignment(attempt, units.index);
    OrderLine& line = GetLine(order, assignment.line);
    QM_CHECK(order.groups[line.group].method == Method::kCarryOut && units.quantity.IsPositive() &&
             units.quantity == assignment.held_back)
        << "carrying out assignment " << units.index << " at position " << position_;
    Move(line.held_back, line.fulfilled, units.quantity);
    Move(assignment.held_back, assignment.carried_out, units.quantity);
    parts.push_back({units.index, assignment.location_id, units.quantity});
  }
  OpenStockOp(order, StockOpKind::kFulfil, e.attempt, 0, std::move(parts));
}

void Applier::operator()(const UnitsCancelled& e) {
  Order& order = GetOrder(e.order_id);
  for (const UnroutedUnits& units : e.unrouted) {
    OrderLine& line = GetLine(order, units.line);
    Move(line.awaiting, line.cancelled, units.awaiting);
    Move(line.backordered, line.cancelled, units.backordered);
    Move(line.to_route, line.cancelled, units.to_route);
    if (units.to_route.IsPositive()) ++order.route_revision;
  }
  for (const HeldUnits& units : e.held) {
    Attempt& attempt = GetAttempt(order, units.attempt);
    Assignment& assignment = GetAssignment(attempt, units.assignment);
    OrderLine& line = GetLine(order, assignment.line);
    QM_CHECK(attempt.state == AttemptState::kConfirming &&
             units.quantity <= assignment.quantity - assignment.dropped)
        << "dropping from attempt " << units.attempt << " at position " << position_;
    Move(line.confirming, line.cancelled, units.quantity);
    assignment.dropped += units.quantity;
  }
  std::map<int, std::vector<OpPart>> released;
  for (const TaskUnits& units : e.tasks) {
    Task& task = GetTask(order, units.task);
    TaskLine& task_line = GetTaskLine(task, units.index);
    OrderLine& line = GetLine(order, task_line.line);
    QM_CHECK(!task.ended() && units.quantity <= task_line.open())
        << "cancelling in task " << units.task << " at position " << position_;
    Move(line.allocated, line.cancelled, units.quantity);
    task_line.cancelled += units.quantity;
    task_line.cancel_requested -= std::min(task_line.cancel_requested, units.quantity);
    released[units.task].push_back({task_line.assignment, task.location_id, units.quantity});
  }
  for (auto& [number, parts] : released) {
    Task& task = GetTask(order, number);
    EndIfNothingOpen(order, task);
    OpenStockOp(order, StockOpKind::kRelease, task.attempt, number, std::move(parts));
  }
  DropHeldBack(order, e.held_back);
}

void Applier::DropHeldBack(Order& order, const std::vector<HeldUnits>& held_back) {
  std::map<int, std::vector<OpPart>> released;
  for (const HeldUnits& units : held_back) {
    Attempt& attempt = GetAttempt(order, units.attempt);
    Assignment& assignment = GetAssignment(attempt, units.assignment);
    OrderLine& line = GetLine(order, assignment.line);
    Move(line.held_back, line.cancelled, units.quantity);
    Move(assignment.held_back, assignment.dropped, units.quantity);
    released[units.attempt].push_back({units.assignment, assignment.location_id, units.quantity});
  }
  for (auto& [attempt, parts] : released) {
    OpenStockOp(order, StockOpKind::kRelease, attempt, 0, std::move(parts));
  }
}

void Applier::operator()(const CancelRequested& e) {
  Order& order = GetOrder(e.order_id);
  for (const TaskUnits& units : e.tasks) {
    Task& task = GetTask(order, units.task);
    TaskLine& task_line = GetTaskLine(task, units.index);
    QM_CHECK(task.picked() && units.quantity.IsPositive() &&
             task_line.cancel_requested + units.quantity <= task_line.open())
        << "asking task " << units.task << " to put back, at position " << position_;
    task_line.cancel_requested += units.quantity;
  }
}

void Applier::operator()(const SubjectErased& e) { GetOrder(e.order_id).subject_erased = true; }

void Applier::operator()(const StockSettled& e) {
  Order& order = GetOrder(e.order_id);
  const auto op = std::find_if(order.stock_ops.begin(), order.stock_ops.end(),
                               [&e](const StockOp& candidate) { return candidate.number == e.op; });
  QM_CHECK(op != order.stock_ops.end()) << "operation " << e.op << " of order " << e.order_id
                                        << " is not open, at position " << position_;
  order.stock_ops.erase(op);
}

}  // namespace quartermaster::orders
