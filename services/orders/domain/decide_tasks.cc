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

bool Decider::MayReroute(const Order& order, const Task& task) {
  return task.method == Method::kShip && order.unattended_attempts < kMaxUnattendedAttempts;
}

void Decider::operator()(const AcceptTask& c) {
  const Order* order = nullptr;
  const Task* task = NeedTask(c.task_id, order);
  if (task == nullptr || !NeedTransition(*task, TaskAction::kAccept)) return;
  Emit(TaskAccepted{
      .order_id = order->order_id, .task = task->number, .attribution = c.attribution});
}

void Decider::operator()(const RejectTask& c) {
  const Order* order = nullptr;
  const Task* task = NeedTask(c.task_id, order);
  if (task == nullptr || !NeedTransition(*task, TaskAction::kReject)) return;
  // What the customer wants no more is not sent from elsewhere.
  UnitsCancelled put_back{.order_id = order->order_id, .attribution = c.attribution};
  Quantity left = task->open();
  for (uint32_t i = 0; i < task->lines.size(); ++i) {
    const Quantity requested = task->lines[i].cancel_requested;
    if (!requested.IsPositive()) continue;
    put_back.tasks.push_back({.task = task->number, .index = i, .quantity = requested});
    left -= requested;
  }
  if (!put_back.tasks.empty()) Emit(std::move(put_back));
  if (left.IsZero()) return;
  const bool reroute = MayReroute(*order, *task);
  Emit(TaskRejected{.order_id = order->order_id,
                    .task = task->number,
                    .reroute = reroute,
                    .attribution = c.attribution});
  if (!reroute) RaiseUnfilled(*order, task);
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

void Decider::operator()(const RecordPick& c) {
  const Order* order = nullptr;
  const Task* task = NeedTask(c.task_id, order);
  if (task == nullptr) return;
  std::vector<bool> named(task->lines.size());
  std::vector<Quantity> picked(task->lines.size());
  const LineIndex lines(*order, *task);
  for (const LineQuantity& line : c.lines) {
    const auto index = NeedTaskLine(lines, line.line_id);
    if (!index.has_value()) return;
    named[*index] = true;
    picked[*index] += line.quantity;
  }
  if (IsConflict(*task, TaskAction::kPick)) return PickAfterEnd(*order, *task, named, picked);
  if (!NeedTransition(*task, TaskAction::kPick)) return;

  TaskPicked event{.order_id = order->order_id, .task = task->number, .attribution = c.attribution};
  bool some_missing = false;
  // Missing units of which the cancel was asked: by the order's lines.
  std::vector<Quantity> unwanted(order->lines.size());
  Quantity missed;
  for (uint32_t i = 0; i < task->lines.size(); ++i) {
    if (!named[i]) continue;
    const Quantity open = task->lines[i].open();
    if (picked[i] > open) {
      return Reject(QuantityExceedsOpen{
          .line_id = order->lines[task->lines[i].line].line_id, .asked = picked[i], .open = open});
    }
    const Quantity missing = open - picked[i];
    const Quantity relieved = std::min(missing, task->lines[i].cancel_requested);
    some_missing = some_missing || missing.IsPositive();
    unwanted[task->lines[i].line] += relieved;
    missed += missing - relieved;
    event.lines.push_back({.index = i, .picked = picked[i], .missing = missing});
  }
  event.reroute = some_missing && MayReroute(*order, *task);
  const bool unfilled = missed.IsPositive() && !event.reroute;
  UnitsCancelled cancelled{.order_id = order->order_id, .attribution = c.attribution};
  for (uint32_t i = 0; i < unwanted.size(); ++i) {
    if (!unwanted[i].IsPositive()) continue;
    cancelled.unrouted.push_back({.line = i,
                                  .awaiting = event.reroute ? Quantity() : unwanted[i],
                                  .to_route = event.reroute ? unwanted[i] : Quantity()});
  }
  Emit(std::move(event));
  if (!cancelled.unrouted.empty()) Emit(std::move(cancelled));
  if (unfilled) RaiseUnfilled(*order, task);
}

// It changes nothing any more. Of goods that left, the shipment or the hand-over has said how many;
// of others, what is in the picker's hands must be put back.
void Decider::PickAfterEnd(const Order& order, const Task& task, const std::vector<bool>& named,
                           const std::vector<Quantity>& picked) {
  const bool left = task.state == TaskState::kShipped || task.state == TaskState::kHandedOver;
  bool conflict = false;
  for (size_t i = 0; i < task.lines.size(); ++i) {
    const TaskLine& line = task.lines[i];
    if (left) {
      conflict = conflict || (named[i] && picked[i] != line.picked);
    } else {
      conflict =
          conflict || (named[i] ? picked[i] : line.quantity - line.short_picked) > line.picked;
    }
  }
  const std::string task_id = TaskId(order.order_id, task.number);
  if (!conflict || HasOpenException(order, ExceptionKind::kPickConflict, task_id)) return Repeat();
  Emit(ExceptionRaised{.kind = ExceptionKind::kPickConflict,
                       .order_id = order.order_id,
                       .task_id = task_id,
                       .suggested_action = left ? "COUNT_AND_CORRECT" : "PUT_BACK",
                       .detail = std::string(NameOf(task.state))});
}

void Decider::operator()(const PackTask& c) {
  const Order* order = nullptr;
  const Task* task = NeedTask(c.task_id, order);
  if (task == nullptr || !NeedTransition(*task, TaskAction::kPack)) return;
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
  const PickupDeadline deadline =
      DeadlineFrom(PolicyOf(state_, order->channel_id).policy, c.closes, now_);
  Emit(PickupReady{.order_id = order->order_id,
                   .task = task->number,
                   .code_hmac = c.code_hmac,
                   .attribution = c.attribution,
                   .expires_at = deadline.expires_at,
                   .remind_at = deadline.remind_at});
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
