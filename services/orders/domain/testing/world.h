// World: a state with a position counter and a clock, for tests. Every event is applied as the
// sequencer does it, and kept; after every command the invariants are checked.
//
//   World world;
//   world.Place({.order_id = "o", .groups = {Ship("g")}, .lines = {Line("a", 0, "sku", 3)},
//                .assignments = {{0, "w1", Quantity(3)}}});
//   world.Confirm("o", 1);
//   EXPECT_EQ(world.task("o.t1").state, TaskState::kCreated);
#ifndef QUARTERMASTER_SERVICES_ORDERS_DOMAIN_TESTING_WORLD_H_
#define QUARTERMASTER_SERVICES_ORDERS_DOMAIN_TESTING_WORLD_H_

#include <string>
#include <vector>

#include "services/orders/domain/commands.h"
#include "services/orders/domain/decide.h"
#include "services/orders/domain/saga.h"
#include "services/orders/domain/state.h"

namespace quartermaster::orders {

class World {
 public:
  struct Logged {
    Event event;
    Position position = 0;
    Instant time;
  };

  // Decides and applies. A violated invariant is a failure of the test.
  Decision Do(const Command& command);
  // What is missing is filled in: the reservation "r-<order_id>", two minutes of hold, channel
  // "web", and everything from location "w1".
  Decision Place(PlaceOrder command);
  // Reports what the attempt's ConfirmStock intent would.
  Decision Confirm(const std::string& order_id, int attempt);
  // Reports every stock operation of the order as done.
  void SettleStock(const std::string& order_id);
  void Advance(Micros time) { now_ = now_ + time; }
  // What has come due by now, one after another; its events.
  std::vector<Event> DoDue();

  const State& state() const { return state_; }
  const Order& order(const std::string& order_id) const;
  const Task& task(const std::string& task_id) const;
  // Open exceptions, oldest first.
  std::vector<ExceptionItem> exceptions() const;
  const std::vector<Logged>& log() const { return log_; }
  Instant now() const { return now_; }

 private:
  // Applies the events of one decision, and checks the orders that they are about.
  void Log(const std::vector<Event>& events);
  // What follows for payments.
  void Settle(const std::vector<Event>& events);

  State state_;
  std::vector<Logged> log_;
  Position position_ = 0;
  Instant now_{1'790'000'000'000'000};
};

Group Ship(const std::string& group_id);
Group Pickup(const std::string& group_id, const std::string& location_id);
Group CarryOut(const std::string& group_id, const std::string& location_id);
PlacedLine Line(const std::string& line_id, uint32_t group, const std::string& sku, int64_t units);

// Of the kind, or null; `events` must outlive it.
template <typename T>
const T* FindEvent(const std::vector<Event>& events) {
  for (const Event& event : events) {
    if (const T* found = std::get_if<T>(&event)) return found;
  }
  return nullptr;
}
// Points into the decision; null if it was not rejected, or otherwise.
template <typename T>
const T* RejectedAs(const Decision& decision) {
  return decision.rejection.has_value() ? std::get_if<T>(&*decision.rejection) : nullptr;
}
template <typename T>
bool IsRejectedAs(const Decision& decision) {
  return RejectedAs<T>(decision) != nullptr;
}
// Of the order's pending intents, by value: the first of the kind.
template <typename T>
std::optional<T> FindIntent(const Order& order) {
  for (const Intent& intent : PendingIntents(order)) {
    if (const T* found = std::get_if<T>(&intent)) return *found;
  }
  return std::nullopt;
}

}  // namespace quartermaster::orders

#endif  // QUARTERMASTER_SERVICES_ORDERS_DOMAIN_TESTING_WORLD_H_
