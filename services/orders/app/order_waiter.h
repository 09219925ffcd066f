// OrderWaiter: tells when orders have come to where they were awaited, or that it took too long.
//
//   waiter.Wait({"o-7k2"}, [](const Order& o) { return StateOf(o) != OrderState::kPending; },
//               clock.Now() + Seconds(2), [] { ... });
#ifndef QUARTERMASTER_SERVICES_ORDERS_APP_ORDER_WAITER_H_
#define QUARTERMASTER_SERVICES_ORDERS_APP_ORDER_WAITER_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/functional/any_invocable.h"
#include "services/orders/app/event_loop.h"
#include "services/orders/app/order_view.h"

namespace quartermaster::orders {

// Used by the loop's tasks only.
class OrderWaiter {
 public:
  // Both must outlive the waiter, and the loop must have stopped before it is destroyed.
  OrderWaiter(const OrderView* view, EventLoop* loop) : view_(view), loop_(loop) {}

  // Runs `done` once, when `reached` holds for every one of the orders (one that does not exist has
  // reached it), or at `until`. Perhaps before Wait returns.
  void Wait(std::vector<std::string> order_ids, std::function<bool(const Order&)> reached,
            Instant until, absl::AnyInvocable<void()> done);

  // Durable changes of these orders.
  void OnChanged(const std::vector<std::string>& order_ids);

 private:
  struct Waiting {
    absl::flat_hash_set<std::string> missing;
    std::function<bool(const Order&)> reached;
    absl::AnyInvocable<void()> done;
  };
  bool Reached(const std::string& order_id, const Waiting& waiting) const;
  void Finish(uint64_t id);

  const OrderView* const view_;
  EventLoop* const loop_;
  uint64_t next_id_ = 1;
  absl::flat_hash_map<uint64_t, Waiting> waiting_;
  absl::flat_hash_map<std::string, std::vector<uint64_t>> by_order_;
};

}  // namespace quartermaster::orders

#endif  // QUARTERMASTER_SERVICES_ORDERS_APP_ORDER_WAITER_H_
