// Goods at the counter: how long they wait, and what becomes of those that nobody fetches.
#include <algorithm>
#include <utility>

#include "services/base/check.h"
#include "services/orders/domain/decider.h"
#include "services/orders/domain/pickups.h"

namespace quartermaster::orders {

namespace {

std::pair<const Order&, const Task&> TaskOf(const State& state, const Due& due) {
  const Order* order = FindOrder(state, due.order_id);
  const Task* task = order == nullptr ? nullptr : FindTask(*order, due.number);
  QM_CHECK(task != nullptr) << "task " << due.number << " of order " << due.order_id
                            << " is due, and there is none";
  return {*order, *task};
}

// Nobody may fetch it, so that nobody is told to yet, and it is not taken away.
Event KeptForHold(const Order& order, const Task& task, Instant until, Instant now) {
  const Instant later = now + kKeptForHold;
  return PickupExtended{.order_id = order.order_id,
                        .task = task.number,
                        .expires_at = until,
                        .remind_at = later < until ? later : kDistantFuture,
                        .for_hold = true};
}

}  // namespace

PickupDeadline DeadlineFrom(const FulfilmentPolicy& policy, const std::vector<Instant>& closes,
                            Instant now) {
  // They were read off a clock that may be behind the log's.
  const auto first = std::upper_bound(closes.begin(), closes.end(), now);
  const auto end_of = [&](int days) {
    if (days <= closes.end() - first) return first[days - 1];
    const int beyond = days - static_cast<int>(closes.end() - first);
    return (first == closes.end() ? now : closes.back()) + Hours(24 * beyond);
  };
  PickupDeadline deadline{.expires_at = end_of(policy.pickup_days)};
  if (policy.reminder_days > 0 && policy.reminder_days < policy.pickup_days) {
    deadline.remind_at = end_of(policy.pickup_days - policy.reminder_days);
  }
  return deadline;
}

void Decider::operator()(const ExtendPickup& c) {
  const Order* order = nullptr;
  const Task* task = NeedTask(c.task_id, order);
  if (task == nullptr || !NeedTransition(*task, TaskAction::kExtend)) return;
  const FulfilmentPolicy& policy = PolicyFor(*order);
  if (task->times.extensions >= policy.extensions_max) {
    std::vector<std::string> allowed = AllowedMethods(task->method, task->state);
    std::erase(allowed, NameOf(TaskAction::kExtend));
    return Reject(IllegalTransition{.state = std::string(NameOf(task->state)),
                                    .allowed = std::move(allowed),
                                    .extensions = task->times.extensions});
  }
  const PickupDeadline deadline = DeadlineFrom(policy, c.closes, now_);
  // It is kept for as long already: made ready on the same day, or when the policy was longer.
  if (deadline.expires_at <= task->times.expires_at) return Repeat();
  Emit(PickupExtended{.order_id = order->order_id,
                      .task = task->number,
                      .expires_at = deadline.expires_at,
                      .remind_at = deadline.remind_at,
                      .attribution = c.attribution});
}

void Decider::operator()(const SetPickupProxy& c) {
  const Order* order = nullptr;
  const Task* task = NeedTask(c.task_id, order);
  if (task == nullptr || !NeedTransition(*task, TaskAction::kSetProxy)) return;
  if (task->proxy_code_hmac == c.code_hmac) return Repeat();
  Emit(PickupProxySet{.order_id = order->order_id,
                      .task = task->number,
                      .code_hmac = c.code_hmac,
                      .attribution = c.attribution});
}

std::vector<Event> RemindOfPickup(const State& state, const Due& due, Instant now) {
  const auto [order, task] = TaskOf(state, due);
  // Both came while nobody was looking: it is too late for a reminder.
  if (task.times.expires_at <= now) return EndPickup(state, due, now);
  if (OnHold(order)) return {KeptForHold(order, task, task.times.expires_at, now)};
  return {PickupReminded{.order_id = order.order_id, .task = task.number}};
}

std::vector<Event> EndPickup(const State& state, const Due& due, Instant now) {
  const auto [order, task] = TaskOf(state, due);
  if (OnHold(order)) return {KeptForHold(order, task, now + kKeptForHold, now)};
  return {PickupExpiring{
      .order_id = order.order_id,
      .task = task.number,
      .give_up_at = now + PolicyOf(state.policies, order.channel_id).policy.give_up_after}};
}

std::vector<Event> GiveUpPickup(const State& state, const Due& due, Instant now) {
  const auto [order, task] = TaskOf(state, due);
  if (OnHold(order)) return {KeptForHold(order, task, now + kKeptForHold, now)};
  UnitsCancelled event{.order_id = order.order_id, .given_up = true};
  for (uint32_t i = 0; i < task.lines.size(); ++i) {
    const Quantity open = task.lines[i].open();
    if (open.IsPositive()) {
      event.tasks.push_back({.task = task.number, .index = i, .quantity = open});
    }
  }
  // Otherwise it would stay due.
  QM_CHECK(!event.tasks.empty()) << "task " << task.number << " of order " << order.order_id
                                 << " is to be given up, and nothing is left of it";
  return {std::move(event)};
}

}  // namespace quartermaster::orders
