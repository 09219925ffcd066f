#include "services/orders/domain/state.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "services/base/absl_view.h"

namespace quartermaster::orders {

bool Task::ended() const {
  return state == TaskState::kShipped || state == TaskState::kHandedOver ||
         state == TaskState::kRejected || state == TaskState::kCancelled ||
         state == TaskState::kExpired;
}

bool Task::picked() const {
  return state == TaskState::kPicked || state == TaskState::kPacked ||
         state == TaskState::kReadyForPickup || state == TaskState::kExpiring;
}

Quantity Task::open() const {
  Quantity sum;
  for (const TaskLine& line : lines) sum += line.open();
  return sum;
}

bool Task::some_gone() const {
  return std::any_of(lines.begin(), lines.end(),
                     [](const TaskLine& line) { return line.fulfilled.IsPositive(); });
}

const SetPolicy& PolicyOf(const Policies& policies, std::string_view channel_id) {
  static const auto* const kBuiltIn = new SetPolicy();
  auto found = policies.find(channel_id);
  if (found == policies.end()) found = policies.find("");
  return found == policies.end() ? *kBuiltIn : found->second;
}

std::vector<Due> DuesOf(const Order& order, const Task& task) {
  std::vector<Due> dues;
  const auto add = [&](DueKind kind, Instant at) {
    if (at != kDistantFuture) dues.push_back({at, order.order_id, kind, task.number});
  };
  if (task.state == TaskState::kReadyForPickup) {
    if (!task.times.reminded) add(DueKind::kPickupReminder, task.times.remind_at);
    add(DueKind::kPickupEnd, task.times.expires_at);
  } else if (task.state == TaskState::kExpiring) {
    add(DueKind::kPickupGiveUp, task.times.give_up_at);
  }
  return dues;
}

const Order* FindOrder(const State& state, std::string_view order_id) {
  const auto found = state.orders.find(AbslView(order_id));
  return found == state.orders.end() ? nullptr : &found->second;
}

std::optional<uint32_t> FindGroup(const Order& order, std::string_view group_id) {
  for (uint32_t i = 0; i < order.groups.size(); ++i) {
    if (order.groups[i].group_id == group_id) return i;
  }
  return std::nullopt;
}

const Task* FindTask(const Order& order, int number) {
  if (number < 1 || static_cast<size_t>(number) > order.tasks.size()) return nullptr;
  return &order.tasks[static_cast<size_t>(number) - 1];
}

std::pair<const Order*, const Task*> FindTask(const State& state, std::string_view task_id) {
  const auto part = ParseTaskId(task_id);
  if (!part.has_value()) return {nullptr, nullptr};
  const Order* order = FindOrder(state, part->order_id);
  if (order == nullptr) return {nullptr, nullptr};
  const Task* task = FindTask(*order, part->number);
  if (task == nullptr) return {nullptr, nullptr};
  return {order, task};
}

const Parcel* FindParcel(const Order& order, int number) {
  if (number < 1 || static_cast<size_t>(number) > order.parcels.size()) return nullptr;
  return &order.parcels[static_cast<size_t>(number) - 1];
}

std::pair<const Order*, const Parcel*> FindParcel(const State& state, std::string_view parcel_id) {
  const auto part = ParseParcelId(parcel_id);
  if (!part.has_value()) return {nullptr, nullptr};
  const Order* order = FindOrder(state, part->order_id);
  if (order == nullptr) return {nullptr, nullptr};
  const Parcel* parcel = FindParcel(*order, part->number);
  if (parcel == nullptr) return {nullptr, nullptr};
  return {order, parcel};
}

const Parcel* FindRest(const Order& order, const Task& task) {
  const auto found = std::find_if(
      order.parcels.rbegin(), order.parcels.rend(),
      [&task](const Parcel& parcel) { return parcel.task == task.number && parcel.took_the_rest; });
  return found == order.parcels.rend() ? nullptr : &*found;
}

const Return* FindReturn(const State& state, std::string_view return_id) {
  if (const auto found = state.unmatched_returns.find(AbslView(return_id));
      found != state.unmatched_returns.end()) {
    return &found->second;
  }
  const auto part = ParseReturnId(return_id);
  if (!part.has_value()) return nullptr;
  const Order* order = FindOrder(state, part->order_id);
  if (order == nullptr || static_cast<size_t>(part->number) > order->returns.size()) return nullptr;
  return &order->returns[static_cast<size_t>(part->number) - 1];
}

const ExceptionItem* FindException(const State& state, std::string_view exception_id) {
  const auto position = ParseExceptionId(exception_id);
  if (!position.has_value()) return nullptr;
  const auto found = state.exceptions.find(*position);
  return found == state.exceptions.end() ? nullptr : &found->second;
}

const Hold* FindHold(const Order& order, std::string_view hold_id) {
  const auto part = ParseHoldId(hold_id);
  if (!part.has_value() || part->order_id != order.order_id ||
      static_cast<size_t>(part->number) > order.holds.size()) {
    return nullptr;
  }
  return &order.holds[static_cast<size_t>(part->number) - 1];
}

const PaymentIntent* FindIntent(const Order& order, std::string_view intent_id) {
  const std::optional<PartOfOrder> part = ParseIntentId(intent_id);
  if (!part || part->order_id != order.order_id || part->number < 1) return nullptr;
  const auto& intents = order.payments.intents;
  const auto index = static_cast<size_t>(part->number) - 1;
  return index < intents.size() ? &intents[index] : nullptr;
}

bool OnHold(const Order& order) {
  const bool held = std::any_of(order.holds.begin(), order.holds.end(),
                                [](const Hold& hold) { return hold.state == HoldState::kOpen; });
  return held && std::any_of(order.lines.begin(), order.lines.end(),
                             [](const OrderLine& line) { return line.open().IsPositive(); });
}

bool AnyUnits(const Order& order, Quantity OrderLine::*place) {
  return std::any_of(order.lines.begin(), order.lines.end(),
                     [place](const OrderLine& line) { return (line.*place).IsPositive(); });
}

std::vector<LineBreakdown> BreakdownOf(const Order& order) {
  std::vector<LineBreakdown> lines(order.lines.size());
  for (const Task& task : order.tasks) {
    const bool packed = task.state == TaskState::kPacked ||
                        task.state == TaskState::kReadyForPickup ||
                        task.state == TaskState::kExpiring;
    for (const TaskLine& line : task.lines) {
      LineBreakdown& to = lines[line.line];
      to.cancel_requested += line.cancel_requested;
      to.refused += line.refused;
      if (task.picked()) to.picked += line.open();
      if (packed) to.packed += line.open();
      if (task.method == Method::kShip) to.shipped += line.fulfilled + line.late_counted;
    }
  }
  for (const Parcel& parcel : order.parcels) {
    for (const Units& units : parcel.lines) {
      LineBreakdown& to =
          lines[order.tasks[static_cast<size_t>(parcel.task) - 1].lines[units.index].line];
      if (parcel.state == ParcelState::kDelivered) to.delivered += units.quantity;
      if (parcel.state == ParcelState::kLost) to.lost += units.quantity;
    }
  }
  // What was sent beyond what was ordered is not the order's.
  for (LineBreakdown& line : lines) {
    line.delivered = std::min(line.delivered, line.shipped);
    line.lost = std::min(line.lost, line.shipped - line.delivered);
  }
  return lines;
}

LineSums SumsOf(const Order& order, const OrderLine& line) {
  if (!order.amounts || !line.amounts) return {};
  const int64_t total = line.amounts->Total(order.amounts->prices_include_tax);
  return {.total = total,
          .fulfilled = ShareOfFirst(total, line.fulfilled, line.ordered),
          .cancelled = total - ShareOfFirst(total, line.ordered - line.cancelled, line.ordered),
          .refund = RefundOfFirst(order, line, line.accepted)};
}

bool IsOpenInStock(const Return& item) {
  return item.restock_open ||
         std::any_of(item.inspections.begin(), item.inspections.end(),
                     [](const Inspection& inspection) { return inspection.open; });
}

Quantity ToInspect(const Return& item, size_t index) {
  const bool here = item.state == ReturnState::kReceived || item.state == ReturnState::kUnmatched;
  const ReturnLine& line = item.lines[index];
  return here && line.inspect_first ? line.quantity - line.inspected : Quantity();
}

Quantity ToInspect(const Return& item) {
  Quantity left;
  for (size_t i = 0; i < item.lines.size(); ++i) left += ToInspect(item, i);
  return left;
}

int64_t RefundOfFirst(const Order& order, const OrderLine& line, Quantity n) {
  if (!order.amounts || !line.amounts) return 0;
  const int64_t total = line.amounts->Total(order.amounts->prices_include_tax);
  return ShareOfFirst(total - line.amounts->kept, n, line.ordered);
}

std::optional<uint32_t> FindLine(const Order& order, std::string_view line_id) {
  for (size_t i = 0; i < order.lines.size(); ++i) {
    if (order.lines[i].line_id == line_id) return static_cast<uint32_t>(i);
  }
  return std::nullopt;
}

const Attempt* PlacingAttempt(const Order& order) {
  const bool has = !order.attempts.empty() && order.attempts[0].position == order.position + 1;
  return has ? &order.attempts[0] : nullptr;
}

bool WaitsForStock(const Order& order, const OrderLine& line, std::string_view reason) {
  const bool excludes =
      order.groups[line.group].method == Method::kShip && !order.excluded_locations.empty();
  const bool shortage = reason.empty() || reason == "INSUFFICIENT_STOCK" || reason == "NO_PLAN";
  return line.backorder && !excludes && shortage;
}

std::string Etag(const Order& order) { return absl::StrCat(order.shown_position); }

std::string Etag(const SetPolicy& policy) { return absl::StrCat(policy.position); }

}  // namespace quartermaster::orders
