#include "services/orders/domain/testing/world.h"

#include <gtest/gtest.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "services/base/check.h"
#include "services/orders/domain/apply.h"
#include "services/orders/domain/due.h"
#include "services/orders/domain/invariants.h"
#include "services/orders/domain/settle_payments.h"

namespace quartermaster::orders {

Decision World::Do(const Command& command) {
  Decision decision = Decide(state_, command, now_);
  if (decision.rejection.has_value() && RejectedAs<PickupCodeWrong>(decision) == nullptr) {
    EXPECT_TRUE(decision.events.empty()) << "a rejection with events";
  }
  Log(decision.events);
  Settle(decision.events);
  return decision;
}

std::vector<Event> World::DoDue() {
  std::vector<Event> all;
  while (true) {
    const std::vector<Event> events = DecideDue(state_, now_);
    if (events.empty()) return all;
    Log(events);
    Settle(events);
    all.insert(all.end(), events.begin(), events.end());
  }
}

void World::Settle(const std::vector<Event>& events) {
  // Each step must bring it nearer to an end.
  constexpr int kStepsMax = 8;
  int steps = 0;
  SettleBehind(state_, events, [&](const std::vector<Event>& more) {
    QM_CHECK(++steps <= kStepsMax) << "payments are never settled: " << NameOf(more[0]);
    Log(more);
  });
}

void World::Log(const std::vector<Event>& events) {
  for (const Event& event : events) {
    Apply(state_, event, ++position_, now_);
    log_.push_back({event, position_, now_});
  }
  for (const Event& event : events) {
    const Order* order = FindOrder(state_, OrderIdOf(event));
    if (order == nullptr) continue;
    const auto violations = CheckOrder(state_, *order);
    EXPECT_TRUE(violations.empty()) << NameOf(event) << ": " << violations[0];
    if (!violations.empty()) break;
  }
}

Decision World::Place(PlaceOrder command) {
  if (command.channel_id.empty()) command.channel_id = "web";
  if (command.reservation_id.empty()) command.reservation_id = absl::StrCat("r-", command.order_id);
  if (command.expires_at == Instant{}) command.expires_at = now_ + Seconds(120);
  if (command.assignments.empty()) {
    for (uint32_t i = 0; i < command.lines.size(); ++i) {
      command.assignments.push_back({i, "w1", command.lines[i].quantity});
    }
  }
  return Do(command);
}

Decision World::Confirm(const std::string& order_id, int attempt) {
  const std::string reservation_id =
      order(order_id).attempts.at(static_cast<size_t>(attempt) - 1).reservation_id;
  return Do(ReportStockConfirmed{order_id, attempt, reservation_id});
}

void World::SettleStock(const std::string& order_id) {
  while (!order(order_id).stock_ops.empty()) {
    Do(ReportStockSettled{order_id, order(order_id).stock_ops[0].number, ""});
  }
}

const Order& World::order(const std::string& order_id) const {
  const Order* order = FindOrder(state_, order_id);
  QM_CHECK(order != nullptr) << "no order " << order_id;
  return *order;
}

const Task& World::task(const std::string& task_id) const {
  const Task* task = FindTask(state_, task_id).second;
  QM_CHECK(task != nullptr) << "no task " << task_id;
  return *task;
}

std::vector<ExceptionItem> World::exceptions() const {
  std::vector<ExceptionItem> open;
  for (const auto& [position, item] : state_.exceptions) {
    if (!item.resolved) open.push_back(item);
  }
  return open;
}

Group Ship(const std::string& group_id) {
  Group group;
  group.group_id = group_id;
  group.destination = {.country_code = "RO",
                       .postal_area = "400",
                       .point = CoarsePoint{.latitude_tenths = 468, .longitude_tenths = 236}};
  return group;
}

Group Pickup(const std::string& group_id, const std::string& location_id) {
  Group group;
  group.group_id = group_id;
  group.method = Method::kPickup;
  group.location_id = location_id;
  return group;
}

Group CarryOut(const std::string& group_id, const std::string& location_id) {
  Group group = Pickup(group_id, location_id);
  group.method = Method::kCarryOut;
  return group;
}

PlacedLine Line(const std::string& line_id, uint32_t group, const std::string& sku, int64_t units) {
  PlacedLine line;
  line.line_id = line_id;
  line.group = group;
  line.sku = sku;
  line.quantity = Quantity(units);
  return line;
}

}  // namespace quartermaster::orders
