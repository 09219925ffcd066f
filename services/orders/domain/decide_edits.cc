// Edits: units that are taken out, lines that are added, groups that are sent elsewhere.
#include <algorithm>
#include <utility>

#include "services/orders/domain/decider.h"
#include "services/orders/domain/locate.h"

namespace quartermaster::orders {

namespace {

std::optional<uint32_t> FindGroup(const Order& order, const std::string& group_id) {
  for (uint32_t i = 0; i < order.groups.size(); ++i) {
    if (order.groups[i].group_id == group_id) return i;
  }
  return std::nullopt;
}

}  // namespace

std::vector<Quantity> Decider::Unpicked(const Order& order) {
  std::vector<Quantity> unpicked;
  for (const OrderLine& line : order.lines) unpicked.push_back(line.open());
  for (const Task& task : order.tasks) {
    if (!task.picked()) continue;
    for (const TaskLine& line : task.lines) unpicked[line.line] -= line.open();
  }
  return unpicked;
}

// Where it is going is known to whoever has it in hand.
bool Decider::MayBeRedirected(const Order& order, uint32_t group) {
  if (order.groups[group].method != Method::kShip) {
    Reject(IllegalTransition{.state = std::string(NameOf(order.groups[group].method))});
    return false;
  }
  for (const Task& task : order.tasks) {
    if (task.group != group || (!task.picked() && !task.some_gone())) continue;
    Reject(IllegalTransition{.state = std::string(NameOf(task.state))});
    return false;
  }
  return true;
}

void Decider::operator()(const EditOrder& c) {
  const Order* order = NeedOrder(c.order_id);
  if (order == nullptr) return;
  OrderEdited event{.order_id = c.order_id, .attribution = c.attribution};
  for (const NewDestination& wanted : c.destinations) {
    const auto group = FindGroup(*order, wanted.group_id);
    if (!group) return Reject(GroupNotFound{wanted.group_id});
    event.destinations.push_back({.group = *group, .destination = wanted.destination});
  }
  for (const AddedLine& added : c.added) {
    const auto group = FindGroup(*order, added.group_id);
    if (!group) return Reject(GroupNotFound{added.group_id});
    event.lines.push_back(added.line);
    event.lines.back().group = *group;
  }
  bool found = false;
  std::vector<Quantity> less = ByLine(*order, c.less, found);
  if (!found) return;
  if (!c.etag.empty() && c.etag != Etag(*order)) return Reject(EtagMismatch{Etag(*order)});
  const LineIndex known(*order);
  for (const PlacedLine& line : event.lines) {
    // It was added since the caller looked.
    if (known.Find(line.line_id).has_value()) return Reject(EtagMismatch{Etag(*order)});
  }
  const bool any_open = std::any_of(order->lines.begin(), order->lines.end(),
                                    [](const OrderLine& line) { return line.open().IsPositive(); });
  if (!any_open) return Reject(IllegalTransition{.state = std::string(NameOf(StateOf(*order)))});
  for (const GroupDestination& redirected : event.destinations) {
    if (!MayBeRedirected(*order, redirected.group)) return;
  }
  const std::vector<Quantity> unpicked = Unpicked(*order);
  for (size_t i = 0; i < less.size(); ++i) {
    if (less[i] <= unpicked[i]) continue;
    return Reject(QuantityExceedsOpen{
        .line_id = order->lines[i].line_id, .asked = less[i], .open = unpicked[i]});
  }
  const bool holds = !c.assignments.empty();
  if (holds && c.expires_at - now_ < kMinHoldLeft) return Reject(HoldTooShort{c.expires_at - now_});

  const bool any_less =
      std::any_of(less.begin(), less.end(), [](Quantity units) { return units.IsPositive(); });
  Quantity awaiting_left;
  for (size_t i = 0; i < less.size(); ++i) {
    awaiting_left += (order->lines[i].awaiting - less[i]).OrZero();
  }
  UnitsCancelled cancelled = Locate(*order, std::move(less)).cancelled;
  cancelled.order_id = c.order_id;
  cancelled.attribution = c.attribution;
  const auto first = static_cast<uint32_t>(order->lines.size());
  std::vector<Quantity> left;
  std::vector<OrderLine> added_lines;
  for (const PlacedLine& line : event.lines) {
    left.push_back(line.quantity);
    added_lines.push_back({.group = line.group, .backorder = line.backorder});
  }
  if (!event.lines.empty() || !event.destinations.empty()) Emit(std::move(event));
  if (any_less) Emit(std::move(cancelled));
  if (holds) {
    OrderRouted routed{.order_id = c.order_id,
                       .attempt = static_cast<int>(order->attempts.size()) + 1,
                       .reservation_id = c.reservation_id,
                       .expires_at = c.expires_at,
                       .plan = c.plan};
    for (PlannedUnits units : c.assignments) {
      left[units.line] -= units.quantity;
      units.line += first;
      routed.assignments.push_back(std::move(units));
    }
    Emit(std::move(routed));
  }
  RoutingFailed waiting{.order_id = c.order_id};
  bool unfilled = false;
  for (uint32_t i = 0; i < left.size(); ++i) {
    if (!left[i].IsPositive()) continue;
    waiting.lines.push_back({.index = first + i, .quantity = left[i]});
    unfilled = unfilled || !WaitsForStock(*order, added_lines[i], waiting.reason);
  }
  if (!waiting.lines.empty()) Emit(std::move(waiting));
  if (unfilled) {
    RaiseUnfilled(*order, nullptr, "");
  } else if (any_less && awaiting_left.IsZero()) {
    ResolveUnfilled(*order, c.attribution);
  }
}

}  // namespace quartermaster::orders
