// Edits: units that are taken out, lines that are added, groups that are sent elsewhere.
#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "services/base/check.h"
#include "services/orders/domain/decide.h"
#include "services/orders/domain/decider.h"
#include "services/orders/domain/locate.h"

namespace quartermaster::orders {

namespace {

// How many units of each line are open, and in nobody's hand.
std::vector<Quantity> Unpicked(const Order& order) {
  std::vector<Quantity> unpicked;
  for (const OrderLine& line : order.lines) unpicked.push_back(line.open());
  for (const Task& task : order.tasks) {
    if (!task.picked()) continue;
    for (const TaskLine& line : task.lines) unpicked[line.line] -= line.open();
  }
  return unpicked;
}

// Where it is going is known to whoever has it in hand.
std::optional<Rejection> ObstacleToRedirecting(const Order& order, uint32_t group) {
  if (order.groups[group].method != Method::kShip) {
    return IllegalTransition{.state = std::string(NameOf(order.groups[group].method))};
  }
  for (const Task& task : order.tasks) {
    if (task.group != group || (!task.picked() && !task.some_gone())) continue;
    return IllegalTransition{.state = std::string(NameOf(task.state))};
  }
  return std::nullopt;
}

// What each line of the order loses; lines that it has not are missing.
std::vector<Quantity> LessByLine(const Order& order, const EditOrder& edit) {
  std::vector<Quantity> less(order.lines.size());
  const LineIndex index(order);
  for (const LineQuantity& line : edit.less) {
    if (const auto found = index.Find(line.line_id)) less[*found] += line.quantity;
  }
  return less;
}

bool AnyPositive(const std::vector<Quantity>& quantities) {
  return std::any_of(quantities.begin(), quantities.end(),
                     [](Quantity quantity) { return quantity.IsPositive(); });
}

// What is added is planned, as this order is now: for its next attempt, and each unit that may not
// wait has its place.
bool IsPlannedFor(const Order& order, const EditOrder& edit) {
  if (edit.added.empty()) return true;
  if (edit.attempt != static_cast<int>(order.attempts.size()) + 1 ||
      edit.revision != order.route_revision) {
    return false;
  }
  std::vector<Quantity> planned(edit.added.size());
  for (const PlannedUnits& units : edit.assignments) planned[units.line] += units.quantity;
  for (size_t i = 0; i < planned.size(); ++i) {
    const PlacedLine& line = edit.added[i].line;
    const bool whole = line.backorder ? planned[i] <= line.quantity : planned[i] == line.quantity;
    if (!whole || line.amounts.has_value() != order.amounts.has_value()) return false;
  }
  return true;
}

// Some of what is added is to be paid first, and nothing keeps the order back until then.
bool IsToBePaidFirst(const Order& order, const std::vector<PlacedLine>& added) {
  const bool waits = std::any_of(order.holds.begin(), order.holds.end(), [](const Hold& hold) {
    return hold.kind == HoldKind::kPayment && hold.state == HoldState::kOpen;
  });
  return !waits && std::any_of(added.begin(), added.end(), [&order](const PlacedLine& line) {
    return order.groups[line.group].payment_term == PaymentTerm::kAsynchronous;
  });
}

}  // namespace

std::optional<Rejection> ObstacleToEdit(const Order& order, const EditOrder& edit) {
  for (const NewDestination& wanted : edit.destinations) {
    if (!FindGroup(order, wanted.group_id)) return GroupNotFound{wanted.group_id};
  }
  for (const AddedLine& added : edit.added) {
    if (!FindGroup(order, added.group_id)) return GroupNotFound{added.group_id};
  }
  const LineIndex known(order);
  for (const LineQuantity& line : edit.less) {
    if (!known.Find(line.line_id).has_value()) return LineNotFound{line.line_id};
  }
  if (!edit.etag.empty() && edit.etag != Etag(order)) return EtagMismatch{Etag(order)};
  absl::flat_hash_set<std::string_view> added_ids;
  for (const AddedLine& added : edit.added) {
    // Somebody has added it since the caller looked; or it is named twice.
    if (known.Find(added.line.line_id).has_value() ||
        !added_ids.insert(added.line.line_id).second) {
      return EtagMismatch{Etag(order)};
    }
  }
  const bool any_open = std::any_of(order.lines.begin(), order.lines.end(),
                                    [](const OrderLine& line) { return line.open().IsPositive(); });
  if (!any_open) return IllegalTransition{.state = std::string(NameOf(StateOf(order)))};
  for (const NewDestination& wanted : edit.destinations) {
    if (auto obstacle = ObstacleToRedirecting(order, *FindGroup(order, wanted.group_id))) {
      return obstacle;
    }
  }
  const std::vector<Quantity> less = LessByLine(order, edit);
  const std::vector<Quantity> unpicked = Unpicked(order);
  for (size_t i = 0; i < less.size(); ++i) {
    if (less[i] <= unpicked[i]) continue;
    return QuantityExceedsOpen{
        .line_id = order.lines[i].line_id, .asked = less[i], .open = unpicked[i]};
  }
  return std::nullopt;
}

void Decider::operator()(const EditOrder& c) {
  const Order* order = NeedOrder(c.order_id);
  if (order == nullptr) return;
  if (auto obstacle = ObstacleToEdit(*order, c)) return Reject(*std::move(obstacle));
  if (!IsPlannedFor(*order, c)) return Reject(IntentStale{});
  const bool holds = !c.assignments.empty();
  if (holds && c.expires_at - now_ < kMinHoldLeft) return Reject(HoldTooShort{c.expires_at - now_});

  OrderEdited edited{.order_id = c.order_id, .attribution = c.attribution};
  for (const NewDestination& wanted : c.destinations) {
    edited.destinations.push_back(
        {.group = *FindGroup(*order, wanted.group_id), .destination = wanted.destination});
  }
  std::vector<Quantity> left;
  for (const AddedLine& added : c.added) {
    edited.lines.push_back(added.line);
    edited.lines.back().group = *FindGroup(*order, added.group_id);
    left.push_back(added.line.quantity);
  }
  const std::vector<PlacedLine> added = edited.lines;
  const std::vector<Quantity> less = LessByLine(*order, c);
  Quantity awaiting_left;
  for (size_t i = 0; i < less.size(); ++i) {
    awaiting_left += (order->lines[i].awaiting - less[i]).OrZero();
  }
  if (!edited.lines.empty() || !edited.destinations.empty()) Emit(std::move(edited));
  if (AnyPositive(less)) {
    auto [cancelled, asked] = Locate(*order, less);
    QM_CHECK(asked.tasks.empty()) << "what is picked of order " << c.order_id << " is taken out";
    cancelled.order_id = c.order_id;
    cancelled.attribution = c.attribution;
    Emit(std::move(cancelled));
  }
  const auto first = static_cast<uint32_t>(order->lines.size());
  if (holds) {
    OrderRouted routed{.order_id = c.order_id,
                       .attempt = c.attempt,
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
    const OrderLine line{.group = added[i].group, .backorder = added[i].backorder};
    unfilled = unfilled || !WaitsForStock(*order, line, waiting.reason);
  }
  if (!waiting.lines.empty()) Emit(std::move(waiting));
  if (unfilled) {
    RaiseUnfilled(*order, nullptr, "");
  } else if (AnyPositive(less) && awaiting_left.IsZero()) {
    ResolveUnfilled(*order, c.attribution);
  }
  // Without an end, unlike that of PlaceOrder: what was paid for is under way.
  if (IsToBePaidFirst(*order, added)) {
    Emit(HeldBy(c.order_id, static_cast<int>(order->holds.size()) + 1, {.kind = HoldKind::kPayment},
                c.attribution));
  }
}

}  // namespace quartermaster::orders
