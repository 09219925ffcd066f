// What an order's payments come to, and what follows: holds for payment that end, and intents. Runs
// behind whatever has changed an order, in the same frame:
//
//   Log(decision.events);   // and applies them
//   SettleBehind(state, decision.events, [&](const std::vector<Event>& more) { Log(more); });
#ifndef QUARTERMASTER_SERVICES_ORDERS_DOMAIN_SETTLE_PAYMENTS_H_
#define QUARTERMASTER_SERVICES_ORDERS_DOMAIN_SETTLE_PAYMENTS_H_

#include <cstdint>
#include <vector>

#include "absl/functional/function_ref.h"
#include "services/orders/domain/events.h"
#include "services/orders/domain/state.h"

namespace quartermaster::orders {

// What lines come to, by what has become of their units; minor units.
struct Worth {
  // Of what was not cancelled, less what is given back of what came back.
  int64_t all = 0;
  // Of what has left; and of that, what is given back.
  int64_t gone = 0;
  int64_t returned = 0;

  int64_t kept() const { return gone - returned; }
  int64_t open() const { return all - kept(); }
};

// What an order comes to, by who is to collect it.
struct Dues {
  // Paid ahead or by invoice: ours to collect; of that, what is to be paid before it leaves.
  Worth ours;
  Worth ahead;
  Worth on_the_spot;
  // There are lines of the kind.
  bool any_ours = false;
  bool any_ahead = false;
  // Something of the order has neither left nor been cancelled; something has left.
  bool open = false;
  bool some_left = false;
};
Dues DuesOf(const Order& order);

// The next of what follows; empty if nothing does.
std::vector<Event> SettlePayments(const State& state, const Order& order);

// Gives `log`, which must apply it to the state, what follows for each order that the events are
// about, until nothing does.
void SettleBehind(const State& state, const std::vector<Event>& events,
                  absl::FunctionRef<void(const std::vector<Event>&)> log);

}  // namespace quartermaster::orders

#endif  // QUARTERMASTER_SERVICES_ORDERS_DOMAIN_SETTLE_PAYMENTS_H_
