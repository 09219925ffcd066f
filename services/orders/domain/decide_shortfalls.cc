// What locations give back or do not find, and what follows from the reasons that they give.
#include <algorithm>
#include <utility>

#include "services/orders/domain/decider.h"

namespace quartermaster::orders {

bool Decider::MayReroute(const Order& order, const Task& task) const {
  return task.method == Method::kShip && order.unattended_attempts < PolicyFor(order).attempts_max;
}

void Decider::operator()(const RejectTask& c) {
  const Order* order = nullptr;
  const Task* task = NeedTask(c.task_id, order);
  if (task == nullptr || !NeedTransition(*task, TaskAction::kReject)) return;
  const ReasonEffect reason = EffectOf(PolicyFor(*order), c.attribution.reason_code);
  if (reason.units == UnitsEffect::kSuspect) {
    return RejectSuspect(*order, *task, reason, c.attribution);
  }
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
  const bool reroute = MayReroute(*order, *task) && reason.order != OrderEffect::kAsk;
  Emit(TaskRejected{.order_id = order->order_id,
                    .task = task->number,
                    .reroute = reroute,
                    .attribution = c.attribution,
                    .keep_location = reason.keep_location});
  if (!reroute) RaiseUnfilled(*order, task, reason.code, reason.suggested_action);
}

// What was to be put back is not there either: it leaves the task with the rest, so that it does
// not become available, and is cancelled from where that went.
void Decider::RejectSuspect(const Order& order, const Task& task, const ReasonEffect& reason,
                            const Attribution& attribution) {
  const bool reroute = MayReroute(order, task) && reason.order != OrderEffect::kAsk;
  Emit(TaskRejected{.order_id = order.order_id,
                    .task = task.number,
                    .reroute = reroute,
                    .attribution = attribution,
                    .suspect = true,
                    .keep_location = reason.keep_location});
  UnitsCancelled unwanted{.order_id = order.order_id, .attribution = attribution};
  Quantity left = task.open();
  for (const TaskLine& line : task.lines) {
    const Quantity requested = line.cancel_requested;
    if (!requested.IsPositive()) continue;
    unwanted.unrouted.push_back({.line = line.line,
                                 .awaiting = reroute ? Quantity() : requested,
                                 .to_route = reroute ? requested : Quantity()});
    left -= requested;
  }
  if (!unwanted.unrouted.empty()) Emit(std::move(unwanted));
  if (left.IsPositive() && !reroute) {
    RaiseUnfilled(order, &task, reason.code, reason.suggested_action);
  }
}

void Decider::operator()(const RecordPick& c) {
  const Order* order = nullptr;
  const Task* task = NeedTask(c.task_id, order);
  if (task == nullptr) return;
  std::vector<const PickedLine*> named(task->lines.size());
  const LineIndex lines(*order, *task);
  for (const PickedLine& line : c.lines) {
    const auto index = NeedTaskLine(lines, line.line_id);
    if (!index.has_value()) return;
    named[*index] = &line;
  }
  if (IsConflict(*task, TaskAction::kPick)) return PickAfterEnd(*order, *task, named);
  if (!NeedTransition(*task, TaskAction::kPick)) return;

  TaskPicked event{.order_id = order->order_id, .task = task->number, .attribution = c.attribution};
  const bool may_reroute = MayReroute(*order, *task);
  // By the event's lines.
  std::vector<ReasonEffect> reasons;
  bool some_missing = false;
  bool keep_location = true;
  for (uint32_t i = 0; i < task->lines.size(); ++i) {
    if (named[i] == nullptr) continue;
    const Quantity open = task->lines[i].open();
    Quantity picked = named[i]->picked;
    // Told again, behind a parcel that has taken some of it.
    if (picked > open && picked == task->lines[i].picked) picked = open;
    if (picked > open) {
      return Reject(QuantityExceedsOpen{
          .line_id = order->lines[task->lines[i].line].line_id, .asked = picked, .open = open});
    }
    PickedUnits units{.index = i, .picked = picked, .missing = open - picked};
    ReasonEffect reason;
    if (units.missing.IsPositive()) {
      reason = EffectOf(PolicyFor(*order), named[i]->reason_code);
      units.available = reason.units == UnitsEffect::kAvailable;
      units.awaiting = !may_reroute || reason.order == OrderEffect::kAsk;
      units.reason_code = named[i]->reason_code;
      some_missing = true;
      keep_location = keep_location && reason.keep_location;
      event.reroute = event.reroute || !units.awaiting;
    }
    event.lines.push_back(std::move(units));
    reasons.push_back(std::move(reason));
  }
  event.keep_location = some_missing && keep_location;
  FinishPick(*order, *task, std::move(event), reasons);
}

// Records the pick. Missing units that the location was asked to put back are the order's no more;
// for others that await, a person is asked, as the first of their reasons suggests.
void Decider::FinishPick(const Order& order, const Task& task, TaskPicked event,
                         const std::vector<ReasonEffect>& reasons) {
  UnitsCancelled unwanted{.order_id = order.order_id, .attribution = event.attribution};
  bool unfilled = false;
  ReasonEffect suggestion;
  for (size_t i = 0; i < event.lines.size(); ++i) {
    PickedUnits& units = event.lines[i];
    const TaskLine& line = task.lines[units.index];
    const Quantity relieved = std::min(units.missing, line.cancel_requested);
    if (relieved.IsPositive()) {
      unwanted.unrouted.push_back({.line = line.line,
                                   .awaiting = units.awaiting ? relieved : Quantity(),
                                   .to_route = units.awaiting ? Quantity() : relieved});
    }
    if (units.awaiting && units.missing > relieved) {
      unfilled = true;
      if (suggestion.code.empty()) suggestion = reasons[i];
    }
    // Where nothing is routed again, the event says so for all.
    units.awaiting = units.awaiting && event.reroute;
  }
  Emit(std::move(event));
  if (!unwanted.unrouted.empty()) Emit(std::move(unwanted));
  if (unfilled) RaiseUnfilled(order, &task, suggestion.code, suggestion.suggested_action);
}

// It changes nothing any more. Of goods that left, the shipment or the hand-over has said how many;
// of others, what is in the picker's hands must be put back.
void Decider::PickAfterEnd(const Order& order, const Task& task,
                           const std::vector<const PickedLine*>& named) {
  const bool left = task.state == TaskState::kShipped || task.state == TaskState::kHandedOver;
  const bool rest_has_left = FindRest(order, task) != nullptr;
  bool differs = false;
  bool put_back = false;
  for (size_t i = 0; i < task.lines.size(); ++i) {
    const TaskLine& line = task.lines[i];
    const Quantity in_hand =
        named[i] != nullptr ? named[i]->picked : line.quantity - line.short_picked;
    const Quantity accounted = std::max(line.picked, line.fulfilled + line.late + line.found);
    // Behind a parcel that took all, nothing is in anybody's hands.
    const bool all_left = left && (line.cancelled.IsZero() || rest_has_left);
    put_back = put_back || (!all_left && in_hand > accounted);
    differs = differs || (left && named[i] != nullptr && named[i]->picked != line.picked);
  }
  const std::string task_id = TaskId(order.order_id, task.number);
  if ((!differs && !put_back) || HasOpenException(order, ExceptionKind::kPickConflict, task_id))
    return Repeat();
  Emit(ExceptionRaised{.kind = ExceptionKind::kPickConflict,
                       .order_id = order.order_id,
                       .task_id = task_id,
                       .suggested_action = put_back ? "PUT_BACK" : "COUNT_AND_CORRECT",
                       .detail = std::string(NameOf(task.state))});
}

}  // namespace quartermaster::orders
