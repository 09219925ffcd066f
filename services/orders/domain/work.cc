#include "services/orders/domain/work.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace quartermaster::orders {

namespace {

// `task`: the number of the next task; counted on.
std::vector<Event> WorkOf(const Order& order, const Attempt& attempt, int& task) {
  UnitsCarriedOut carried_out{.order_id = order.order_id, .attempt = attempt.number};
  std::vector<TaskCreated> tasks;
  for (uint32_t i = 0; i < attempt.assignments.size(); ++i) {
    const Assignment& assignment = attempt.assignments[i];
    const bool confirmed = attempt.state == AttemptState::kConfirmed;
    const Units units{
        .index = i,
        .quantity = confirmed ? assignment.held_back : assignment.quantity - assignment.dropped};
    if (!units.quantity.IsPositive()) continue;
    const uint32_t group = order.lines[assignment.line].group;
    if (order.groups[group].method == Method::kCarryOut) {
      carried_out.assignments.push_back(units);
      continue;
    }
    auto at = std::find_if(tasks.begin(), tasks.end(), [&](const TaskCreated& t) {
      return t.group == group && t.location_id == assignment.location_id;
    });
    if (at == tasks.end()) {
      at = tasks.insert(tasks.end(), TaskCreated{.order_id = order.order_id,
                                                 .task = task++,
                                                 .attempt = attempt.number,
                                                 .group = group,
                                                 .location_id = assignment.location_id});
    }
    at->assignments.push_back(units);
  }
  std::vector<Event> events;
  if (!carried_out.assignments.empty()) events.emplace_back(std::move(carried_out));
  for (TaskCreated& created : tasks) events.emplace_back(std::move(created));
  return events;
}

int NextTask(const Order& order) { return static_cast<int>(order.tasks.size()) + 1; }

}  // namespace

std::vector<Event> WorkOf(const Order& order, const Attempt& confirming) {
  int task = NextTask(order);
  return WorkOf(order, confirming, task);
}

std::vector<Event> WorkOf(const Order& order) {
  int task = NextTask(order);
  std::vector<Event> work;
  for (const Attempt& attempt : order.attempts) {
    if (attempt.state != AttemptState::kConfirmed) continue;
    std::vector<Event> events = WorkOf(order, attempt, task);
    std::move(events.begin(), events.end(), std::back_inserter(work));
  }
  return work;
}

}  // namespace quartermaster::orders
