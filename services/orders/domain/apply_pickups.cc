// Goods at the counter.
#include <utility>

#include "services/base/check.h"
#include "services/orders/domain/applier.h"

namespace quartermaster::orders {

void Applier::Unschedule(const Order& order, const Task& task) {
  for (const Due& due : DuesOf(order, task)) {
    QM_CHECK(state_.due.erase(due) == 1) << "task " << task.number << " of order " << order.order_id
                                         << " is not due as it says, at position " << position_;
  }
}

void Applier::Schedule(const Order& order, const Task& task) {
  for (Due& due : DuesOf(order, task)) state_.due.insert(std::move(due));
}

void Applier::operator()(const PickupReady& e) {
  Order& order = GetOrder(e.order_id);
  Task& task = GetTask(order, e.task);
  Advance(task, TaskAction::kMarkReady);
  task.pickup_code_hmac = e.code_hmac;
  task.wrong_codes = 0;
  task.locked_until = kDistantPast;
  task.times = {.ready_at = now_, .expires_at = e.expires_at, .remind_at = e.remind_at};
  Schedule(order, task);
}

void Applier::operator()(const PickupProxySet& e) {
  Task& task = GetTask(GetOrder(e.order_id), e.task);
  Advance(task, TaskAction::kSetProxy);
  task.proxy_code_hmac = e.code_hmac;
}

void Applier::operator()(const PickupReminded& e) {
  Order& order = GetOrder(e.order_id);
  Task& task = GetTask(order, e.task);
  QM_CHECK(task.state == TaskState::kReadyForPickup && !task.times.reminded)
      << "reminding of task " << e.task << " at position " << position_;
  Unschedule(order, task);
  task.times.reminded = true;
  Schedule(order, task);
}

void Applier::operator()(const PickupExpiring& e) {
  Order& order = GetOrder(e.order_id);
  Task& task = GetTask(order, e.task);
  Unschedule(order, task);
  Advance(task, TaskAction::kExpire);
  task.times.give_up_at = e.give_up_at;
  Schedule(order, task);
}

void Applier::operator()(const PickupExtended& e) {
  Order& order = GetOrder(e.order_id);
  Task& task = GetTask(order, e.task);
  Unschedule(order, task);
  if (e.for_hold && task.state == TaskState::kExpiring) {
    // It has ended; only what becomes of it waits.
    task.times.give_up_at = e.expires_at;
    return Schedule(order, task);
  }
  Advance(task, TaskAction::kExtend);
  task.times.expires_at = e.expires_at;
  task.times.remind_at = e.remind_at;
  task.times.reminded = false;
  task.times.give_up_at = kDistantFuture;
  if (!e.for_hold) ++task.times.extensions;
  Schedule(order, task);
}

}  // namespace quartermaster::orders
