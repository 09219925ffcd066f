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

// What an order comes to, by who is to collect it; minor units.
struct Dues {
  // Of what was ordered and not cancelled, less what is given back.
  int64_t worth = 0;
  // Of it, what is to be paid before it leaves: of groups that are neither paid for on the spot nor
  // invoiced.
  int64_t ahead = 0;
  // What has left, less what came back: to be captured, to be invoiced, and paid on the spot.
  int64_t to_capture = 0;
  int64_t to_invoice = 0;
  int64_t on_the_spot = 0;
  // Something of it has neither left nor been cancelled; something has left.
  bool open = false;
  bool some_left = false;
};
Dues DuesOf(const Order& order);

// The next of what follows; empty if nothing does.
std::vector<Event> SettlePayments(const Order& order);

// Gives `log`, which must apply it to the state, what follows for each order that the events are
// about, until nothing does.
void SettleBehind(const State& state, const std::vector<Event>& events,
                  absl::FunctionRef<void(const std::vector<Event>&)> log);

}  // namespace quartermaster::orders

#endif  // QUARTERMASTER_SERVICES_ORDERS_DOMAIN_SETTLE_PAYMENTS_H_
