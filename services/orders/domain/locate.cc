#include "services/orders/domain/locate.h"

#include <algorithm>

#include "services/orders/domain/decider.h"

namespace quartermaster::orders {

Located Locate(const Order& order, std::vector<Quantity> wanted) {
  Located located;
  UnitsCancelled& cancelled = located.cancelled;
  for (uint32_t i = 0; i < order.lines.size(); ++i) {
    const Quantity awaiting = TakeUpTo(wanted[i], order.lines[i].awaiting);
    const Quantity backordered = TakeUpTo(wanted[i], order.lines[i].backordered);
    const Quantity to_route = TakeUpTo(wanted[i], order.lines[i].to_route);
    if ((awaiting + backordered + to_route).IsPositive()) {
      cancelled.unrouted.push_back(
          {.line = i, .awaiting = awaiting, .to_route = to_route, .backordered = backordered});
    }
  }
  for (const bool confirmed : {false, true}) {
    const AttemptState state = confirmed ? AttemptState::kConfirmed : AttemptState::kConfirming;
    for (const Attempt& attempt : order.attempts) {
      if (attempt.state != state) continue;
      for (uint32_t i = 0; i < attempt.assignments.size(); ++i) {
        const Assignment& a = attempt.assignments[i];
        const Quantity held =
            TakeUpTo(wanted[a.line], confirmed ? a.held_back : a.quantity - a.dropped);
        if (!held.IsPositive()) continue;
        (confirmed ? cancelled.held_back : cancelled.held)
            .push_back({.attempt = attempt.number, .assignment = i, .quantity = held});
      }
    }
  }
  std::vector<const Task*> tasks;
  for (const Task& task : order.tasks) {
    if (!task.ended()) tasks.push_back(&task);
  }
  std::stable_sort(tasks.begin(), tasks.end(), [](const Task* a, const Task* b) {
    return a->state != b->state ? a->state < b->state : a->number > b->number;
  });
  for (const Task* task : tasks) {
    for (uint32_t i = 0; i < task->lines.size(); ++i) {
      const TaskLine& line = task->lines[i];
      const Quantity taken = TakeUpTo(wanted[line.line], line.open() - line.cancel_requested);
      if (!taken.IsPositive()) continue;
      auto& units = task->picked() ? located.requested.tasks : cancelled.tasks;
      units.push_back({.task = task->number, .index = i, .quantity = taken});
    }
  }
  return located;
}

}  // namespace quartermaster::orders
