// What locations ask and report of their tasks.
#include <algorithm>
#include <utility>

#include "services/orders/domain/decider.h"
#include "services/orders/domain/pickups.h"

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
  // Of what nobody fetched in time all goes back, whether or not somebody asked for it.
  const bool unfetched =
      TaskMoves(task->method).Next(task->state, TaskAction::kPutBack).has_value();
  const auto wanted_back = [unfetched](const TaskLine& line) {
    return unfetched ? line.open() : line.cancel_requested;
  };
  if (std::none_of(task->lines.begin(), task->lines.end(),
                   [&](const TaskLine& line) { return wanted_back(line).IsPositive(); })) {
    return RejectTransition(*task);
  }
  UnitsCancelled event{.order_id = order->order_id, .attribution = c.attribution};
  for (uint32_t i = 0; i < units.size(); ++i) {
    const Quantity wanted = wanted_back(task->lines[i]);
    if (c.lines.empty()) units[i] = wanted;
    if (units[i] > wanted) {
      return Reject(QuantityExceedsOpen{
          .line_id = order->lines[task->lines[i].line].line_id, .asked = units[i], .open = wanted});
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

void Decider::operator()(const MarkReadyForPickup& c) {
  const Order* order = nullptr;
  const Task* task = NeedTask(c.task_id, order);
  if (task == nullptr || !NeedTransition(*task, TaskAction::kMarkReady)) return;
  if (!NeedNoHold(*order)) return;
  const PickupDeadline deadline = DeadlineFrom(PolicyFor(*order), c.closes, now_);
  Emit(PickupReady{.order_id = order->order_id,
                   .task = task->number,
                   .code_hmac = c.code_hmac,
                   .attribution = c.attribution,
                   .expires_at = deadline.expires_at,
                   .remind_at = deadline.remind_at});
}

// Rejects a wrong code, and any code while it is locked.
bool Decider::CheckCode(const Order& order, const Task& task, const HandOver& c) {
  if (now_ < task.locked_until) {
    Reject(PickupCodeLocked{task.locked_until});
    return false;
  }
  if (c.code_hmac == task.pickup_code_hmac) return false;
  if (!task.proxy_code_hmac.empty() && c.code_hmac == task.proxy_code_hmac) return true;
  const int tries_left = kMaxWrongCodes - task.wrong_codes - 1;
  Emit(PickupCodeFailed{.order_id = order.order_id,
                        .task = task.number,
                        .locked_until = tries_left > 0 ? kDistantPast : now_ + kPickupCodeLock,
                        .attribution = c.attribution});
  Reject(PickupCodeWrong{tries_left});
  return false;
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
  const bool by_proxy = CheckCode(*order, *task, c);
  if (decision_.rejection.has_value()) return;

  TaskHandedOver event{.order_id = order->order_id,
                       .task = task->number,
                       .attribution = c.attribution,
                       .by_proxy = by_proxy};
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
