// What locations ask and report of their tasks.
#include <algorithm>
#include <utility>

#include "services/orders/domain/decider.h"

namespace quartermaster::orders {

const Task* Decider::NeedTask(const std::string& task_id, const Order*& order) {
  const auto [found_order, task] = FindTask(state_, task_id);
  order = found_order;
  if (task == nullptr) {
    Reject(TaskNotFound{task_id});
  } else {
    decision_.result.order_id = order->order_id;
    decision_.result.task_id = task_id;
  }
  return task;
}

void Decider::RejectTransition(const Task& task) {
  Reject(IllegalTransition{.state = std::string(NameOf(task.state)),
                           .allowed = AllowedMethods(task.method, task.state)});
}

bool Decider::NeedTransition(const Task& task, TaskAction action) {
  if (TaskMoves(task.method).Next(task.state, action).has_value()) return true;
  RejectTransition(task);
  return false;
}

bool Decider::IsConflict(const Task& task, TaskAction action) {
  return TaskMoves(task.method).Conflict(task.state, action).has_value();
}

std::optional<size_t> Decider::NeedTaskLine(const LineIndex& lines, const std::string& line_id) {
  const auto index = lines.Find(line_id);
  if (!index.has_value()) Reject(LineNotFound{line_id});
  return index;
}

void Decider::operator()(const AcceptTask& c) {
  const Order* order = nullptr;
  const Task* task = NeedTask(c.task_id, order);
  if (task == nullptr || !NeedTransition(*task, TaskAction::kAccept)) return;
  if (!NeedNoHold(*order)) return;
  Emit(TaskAccepted{
      .order_id = order->order_id, .task = task->number, .attribution = c.attribution});
}

void Decider::operator()(const PutBack& c) {
  const Order* order = nullptr;
  const Task* task = NeedTask(c.task_id, order);
  if (task == nullptr) return;
  std::vector<Quantity> units(task->lines.size());
  const LineIndex lines(*order, *task);
  for (const LineQuantity& line : c.lines) {
    const auto index = NeedTaskLine(lines, line.line_id);
    if (!index.has_value()) return;
    units[*index] += line.quantity;
  }
  const bool any_requested =
      std::any_of(task->lines.begin(), task->lines.end(),
                  [](const TaskLine& line) { return line.cancel_requested.IsPositive(); });
  if (!any_requested) return RejectTransition(*task);
  UnitsCancelled event{.order_id = order->order_id, .attribution = c.attribution};
  for (uint32_t i = 0; i < units.size(); ++i) {
    const Quantity requested = task->lines[i].cancel_requested;
    if (c.lines.empty()) units[i] = requested;
    if (units[i] > requested) {
      return Reject(QuantityExceedsOpen{.line_id = order->lines[task->lines[i].line].line_id,
                                        .asked = units[i],
                                        .open = requested});
    }
    if (!units[i].IsPositive()) continue;
    event.tasks.push_back({.task = task->number, .index = i, .quantity = units[i]});
  }
  Emit(std::move(event));
}

void Decider::operator()(const PackTask& c) {
  const Order* order = nullptr;
  const Task* task = NeedTask(c.task_id, order);
  if (task == nullptr || !NeedTransition(*task, TaskAction::kPack)) return;
  if (!NeedNoHold(*order)) return;
  Emit(TaskPacked{.order_id = order->order_id, .task = task->number, .attribution = c.attribution});
}

void Decider::operator()(const RecordShipment& c) {
  const Order* order = nullptr;
  const Task* task = NeedTask(c.task_id, order);
  if (task == nullptr) return;
  if (task->state == TaskState::kShipped) {
    // What the repetition does not say again is not another one.
    const auto differs = [](const std::string& again, const std::string& first) {
      return !again.empty() && again != first;
    };
    if (differs(c.carrier, task->carrier) || differs(c.tracking_number, task->tracking_number)) {
      return Reject(ShipmentChanged{c.task_id});
    }
    return Repeat();
  }
  if (IsConflict(*task, TaskAction::kShip)) return ShipLate(*order, *task, c);
  if (!NeedTransition(*task, TaskAction::kShip)) return;
  Emit(TaskShipped{.order_id = order->order_id,
                   .task = task->number,
                   .carrier = c.carrier,
                   .tracking_number = c.tracking_number,
                   .attribution = c.attribution});
  AnnounceUnwanted(*order, *task, c.attribution);
  RaiseShippedOnHold(*order, *task);
}

// It left before the location could answer: the customer sends it back.
void Decider::AnnounceUnwanted(const Order& order, const Task& task,
                               const Attribution& attribution) {
  std::vector<Quantity> unwanted(order.lines.size());
  for (const TaskLine& line : task.lines) unwanted[line.line] += line.cancel_requested;
  ReturnRequested event{
      .order_id = order.order_id,
      .return_id = ReturnId(order.order_id, static_cast<int>(order.returns.size()) + 1),
      .attribution = attribution};
  for (uint32_t i = 0; i < unwanted.size(); ++i) {
    if (unwanted[i].IsPositive()) event.lines.push_back({.index = i, .quantity = unwanted[i]});
  }
  if (event.lines.empty()) return;
  decision_.result.return_id = event.return_id;
  Emit(std::move(event));
}

// The goods are gone, whatever the books say: they leave stock, and of what the order had
// cancelled they count as fulfilled, so that they can come back as a return.
void Decider::ShipLate(const Order& order, const Task& task, const RecordShipment& c) {
  TaskShippedLate event{.order_id = order.order_id,
                        .task = task.number,
                        .carrier = c.carrier,
                        .tracking_number = c.tracking_number,
                        .attribution = c.attribution};
  std::vector<Quantity> counted(order.lines.size());
  for (uint32_t i = 0; i < task.lines.size(); ++i) {
    const TaskLine& line = task.lines[i];
    if (!line.cancelled.IsPositive()) continue;
    const Quantity countable =
        std::min(line.cancelled, order.lines[line.line].cancelled - counted[line.line]);
    counted[line.line] += countable;
    event.lines.push_back({.index = i, .quantity = line.cancelled, .counted = countable});
  }
  // Everything was looked for and not found: there was nothing to ship.
  if (event.lines.empty()) return RejectTransition(task);
  Emit(std::move(event));
  Emit(ExceptionRaised{.kind = ExceptionKind::kShippedAfterCancel,
                       .order_id = order.order_id,
                       .task_id = c.task_id,
                       .suggested_action = "RECALL_OR_CHARGE"});
}

void Decider::operator()(const MarkReadyForPickup& c) {
  const Order* order = nullptr;
  const Task* task = NeedTask(c.task_id, order);
  if (task == nullptr || !NeedTransition(*task, TaskAction::kMarkReady)) return;
  if (!NeedNoHold(*order)) return;
  Emit(PickupReady{.order_id = order->order_id,
                   .task = task->number,
                   .code_hmac = c.code_hmac,
                   .attribution = c.attribution});
}

// Rejects a wrong code, and any code while it is locked.
void Decider::CheckCode(const Order& order, const Task& task, const HandOver& c) {
  if (now_ < task.locked_until) return Reject(PickupCodeLocked{task.locked_until});
  if (c.code_hmac == task.pickup_code_hmac) return;
  const int tries_left = kMaxWrongCodes - task.wrong_codes - 1;
  Emit(PickupCodeFailed{.order_id = order.order_id,
                        .task = task.number,
                        .locked_until = tries_left > 0 ? kDistantPast : now_ + kPickupCodeLock,
                        .attribution = c.attribution});
  Reject(PickupCodeWrong{tries_left});
}

void Decider::operator()(const HandOver& c) {
  const Order* order = nullptr;
  const Task* task = NeedTask(c.task_id, order);
  if (task == nullptr) return;
  std::vector<HandedOverUnits> units(task->lines.size());
  const LineIndex lines(*order, *task);
  for (const HandOverLine& line : c.lines) {
    const auto index = NeedTaskLine(lines, line.line_id);
    if (!index.has_value()) return;
    units[*index].handed_over += line.handed_over;
    units[*index].refused += line.refused;
  }
  if (!NeedTransition(*task, TaskAction::kHandOver)) return;
  if (!NeedNoHold(*order)) return;
  CheckCode(*order, *task, c);
  if (decision_.rejection.has_value()) return;

  TaskHandedOver event{
      .order_id = order->order_id, .task = task->number, .attribution = c.attribution};
  for (uint32_t i = 0; i < units.size(); ++i) {
    const Quantity open = task->lines[i].open();
    if (c.lines.empty()) units[i].handed_over = open;
    const Quantity asked = units[i].handed_over + units[i].refused;
    if (asked > open) {
      return Reject(QuantityExceedsOpen{
          .line_id = order->lines[task->lines[i].line].line_id, .asked = asked, .open = open});
    }
    units[i].index = i;
    if (asked.IsPositive()) event.lines.push_back(units[i]);
  }
  Emit(std::move(event));
}

}  // namespace quartermaster::orders
