// Tasks: what locations do with the units that are bound to them.
#include <algorithm>
#include <utility>

#include "services/base/check.h"
#include "services/orders/domain/applier.h"

namespace quartermaster::orders {

namespace {

void Exclude(Order& order, const std::string& location_id) {
  auto& excluded = order.excluded_locations;
  const auto at = std::lower_bound(excluded.begin(), excluded.end(), location_id);
  if (at == excluded.end() || *at != location_id) excluded.insert(at, location_id);
}

}  // namespace

Task& Applier::GetTask(Order& order, int number) {
  QM_CHECK(number >= 1 && static_cast<size_t>(number) <= order.tasks.size())
      << "order " << order.order_id << " has no task " << number << " at position " << position_;
  return order.tasks[static_cast<size_t>(number) - 1];
}

TaskLine& Applier::GetTaskLine(Task& task, uint32_t index) {
  QM_CHECK(index < task.lines.size()) << "no task line " << index << " at position " << position_;
  return task.lines[index];
}

void Applier::EndIfNothingOpen(const Order& order, Task& task) {
  if (task.ended() || task.open().IsPositive()) return;
  Unschedule(order, task);
  Advance(task, task.some_gone() ? TaskAction::kComplete : TaskAction::kCancel);
  task.pickup_code_hmac.clear();
  task.proxy_code_hmac.clear();
  task.times.give_up_at = kDistantFuture;
}

void Applier::operator()(const TaskCreated& e) {
  Order& order = GetOrder(e.order_id);
  Attempt& attempt = GetAttempt(order, e.attempt);
  QM_CHECK(attempt.state == AttemptState::kConfirmed && e.group < order.groups.size() &&
           e.task == static_cast<int>(order.tasks.size()) + 1 && !e.assignments.empty())
      << "task " << e.task << " of order " << e.order_id << " at position " << position_;
  const Method method = order.groups[e.group].method;
  QM_CHECK(method != Method::kCarryOut) << "a task to carry out, at position " << position_;
  Task task{.number = e.task,
            .attempt = e.attempt,
            .group = e.group,
            .location_id = e.location_id,
            .method = method,
            .created_at = now_,
            .position = position_};
  for (const Units& units : e.assignments) {
    Assignment& assignment = GetAssignment(attempt, units.index);
    OrderLine& line = GetLine(order, assignment.line);
    QM_CHECK(line.group == e.group && assignment.location_id == e.location_id &&
             units.quantity.IsPositive() && units.quantity == assignment.held_back)
        << "assignment " << units.index << " at position " << position_;
    Move(line.held_back, line.allocated, units.quantity);
    Take(assignment.held_back, units.quantity);
    task.lines.push_back(
        {.assignment = units.index, .line = assignment.line, .quantity = units.quantity});
  }
  order.tasks.push_back(std::move(task));
}

void Applier::operator()(const TaskAccepted& e) {
  Advance(GetTask(GetOrder(e.order_id), e.task), TaskAction::kAccept);
}

void Applier::operator()(const TaskRejected& e) {
  Order& order = GetOrder(e.order_id);
  Task& task = GetTask(order, e.task);
  Advance(task, task.some_gone() ? TaskAction::kComplete : TaskAction::kReject);
  std::vector<OpPart> released;
  for (TaskLine& task_line : task.lines) {
    const Quantity open = task_line.open();
    if (!open.IsPositive()) continue;
    OrderLine& line = GetLine(order, task_line.line);
    Move(line.allocated, e.reroute ? line.to_route : line.awaiting, open);
    task_line.cancelled += open;
    task_line.cancel_requested = Quantity();
    released.push_back({task_line.assignment, task.location_id, open});
  }
  if (task.method == Method::kShip && !e.keep_location) Exclude(order, task.location_id);
  ++order.route_revision;
  OpenStockOp(order, e.suspect ? StockOpKind::kReleaseMissing : StockOpKind::kRelease, task.attempt,
              task.number, std::move(released));
}

void Applier::operator()(const TaskPicked& e) {
  Order& order = GetOrder(e.order_id);
  Task& task = GetTask(order, e.task);
  Advance(task, TaskAction::kPick);
  for (TaskLine& task_line : task.lines) {
    task_line.picked = task_line.fulfilled + task_line.open();
  }
  std::vector<OpPart> missing;
  std::vector<OpPart> available;
  for (const PickedUnits& units : e.lines) {
    TaskLine& task_line = GetTaskLine(task, units.index);
    OrderLine& line = GetLine(order, task_line.line);
    QM_CHECK(units.picked + units.missing == task_line.open())
        << "picking line " << units.index << " at position " << position_;
    task_line.picked = task_line.fulfilled + units.picked;
    if (units.missing.IsZero()) continue;
    Move(line.allocated, e.reroute && !units.awaiting ? line.to_route : line.awaiting,
         units.missing);
    task_line.short_picked += units.missing;
    // What was asked for is what is missing first.
    task_line.cancel_requested -= std::min(task_line.cancel_requested, units.missing);
    (units.available ? available : missing)
        .push_back({task_line.assignment, task.location_id, units.missing});
  }
  if (!missing.empty() || !available.empty()) {
    ++order.route_revision;
    if (task.method == Method::kShip && !e.keep_location) Exclude(order, task.location_id);
  }
  EndIfNothingOpen(order, task);
  OpenStockOp(order, StockOpKind::kReleaseMissing, task.attempt, task.number, std::move(missing));
  OpenStockOp(order, StockOpKind::kRelease, task.attempt, task.number, std::move(available));
}

void Applier::operator()(const TaskPacked& e) {
  Advance(GetTask(GetOrder(e.order_id), e.task), TaskAction::kPack);
}

void Applier::operator()(const PickupCodeFailed& e) {
  Task& task = GetTask(GetOrder(e.order_id), e.task);
  QM_CHECK(TaskMoves(task.method).Next(task.state, TaskAction::kHandOver).has_value())
      << "task " << e.task << " is not ready, at position " << position_;
  if (e.locked_until == kDistantPast) {
    ++task.wrong_codes;
  } else {
    task.wrong_codes = 0;
    task.locked_until = e.locked_until;
  }
}

void Applier::operator()(const TaskHandedOver& e) {
  Order& order = GetOrder(e.order_id);
  Task& task = GetTask(order, e.task);
  Advance(task, TaskAction::kHandOver);
  std::vector<OpPart> handed_over;
  std::vector<OpPart> refused;
  for (const HandedOverUnits& units : e.lines) {
    TaskLine& task_line = GetTaskLine(task, units.index);
    OrderLine& line = GetLine(order, task_line.line);
    QM_CHECK(units.handed_over + units.refused <= task_line.open())
        << "handing over line " << units.index << " at position " << position_;
    Move(line.allocated, line.fulfilled, units.handed_over);
    Move(line.allocated, line.cancelled, units.refused);
    task_line.fulfilled += units.handed_over;
    task_line.cancelled += units.refused;
    task_line.refused += units.refused;
    // What the customer takes along is wanted after all.
    task_line.cancel_requested -= std::min(task_line.cancel_requested, units.refused);
    task_line.cancel_requested = std::min(task_line.cancel_requested, task_line.open());
    if (units.handed_over.IsPositive()) {
      handed_over.push_back({task_line.assignment, task.location_id, units.handed_over});
    }
    if (units.refused.IsPositive()) {
      refused.push_back({task_line.assignment, task.location_id, units.refused});
    }
  }
  task.wrong_codes = 0;
  if (e.by_proxy && !handed_over.empty()) task.fetched_by_proxy = true;
  EndIfNothingOpen(order, task);
  OpenStockOp(order, StockOpKind::kFulfil, task.attempt, task.number, std::move(handed_over));
  OpenStockOp(order, StockOpKind::kRelease, task.attempt, task.number, std::move(refused));
}

}  // namespace quartermaster::orders
