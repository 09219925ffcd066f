#include "services/orders/domain/state.h"

#include "absl/strings/str_cat.h"
#include "services/base/absl_view.h"

namespace quartermaster::orders {

bool Task::ended() const {
  return state == TaskState::kShipped || state == TaskState::kHandedOver ||
         state == TaskState::kRejected || state == TaskState::kCancelled;
}

bool Task::picked() const {
  return state == TaskState::kPicked || state == TaskState::kPacked ||
         state == TaskState::kReadyForPickup;
}

Quantity Task::open() const {
  Quantity sum;
  for (const TaskLine& line : lines) sum += line.open();
  return sum;
}

const Order* FindOrder(const State& state, std::string_view order_id) {
  const auto found = state.orders.find(AbslView(order_id));
  return found == state.orders.end() ? nullptr : &found->second;
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

std::vector<Quantity> CancelRequestedByLine(const Order& order) {
  std::vector<Quantity> requested(order.lines.size());
  for (const Task& task : order.tasks) {
    for (const TaskLine& line : task.lines) requested[line.line] += line.cancel_requested;
  }
  return requested;
}

std::optional<uint32_t> FindLine(const Order& order, std::string_view line_id) {
  for (size_t i = 0; i < order.lines.size(); ++i) {
    if (order.lines[i].line_id == line_id) return static_cast<uint32_t>(i);
  }
  return std::nullopt;
}

OrderState StateOf(const Order& order) {
  Quantity kept;  // ordered and not cancelled
  Quantity fulfilled;
  Quantity awaiting;
  for (const OrderLine& line : order.lines) {
    kept += line.ordered - line.cancelled;
    fulfilled += line.fulfilled;
    awaiting += line.awaiting;
  }
  if (kept.IsZero()) return OrderState::kCancelled;
  if (order.attempts.size() == 1 && order.attempts[0].state == AttemptState::kConfirming) {
    return OrderState::kPending;
  }
  if (kept == fulfilled) return OrderState::kCompleted;
  if (awaiting.IsPositive()) return OrderState::kAwaitingStock;
  return OrderState::kOpen;
}

std::string Etag(const Order& order) { return absl::StrCat(order.changed_position); }

}  // namespace quartermaster::orders
