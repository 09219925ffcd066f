// What is due at a time: the ends of holds, and what becomes of goods that nobody fetches.
//
//   while (!state.due.empty() && state.due.begin()->at <= now) {
//     for (const Event& event : DecideDue(state, now)) Apply(state, event, position++, now);
//   }
#ifndef QUARTERMASTER_SERVICES_ORDERS_DOMAIN_DUE_H_
#define QUARTERMASTER_SERVICES_ORDERS_DOMAIN_DUE_H_

#include <vector>

#include "services/base/time.h"
#include "services/orders/domain/events.h"
#include "services/orders/domain/state.h"

namespace quartermaster::orders {

// What the first of what is due does. At least one event, and it is due no longer behind them;
// empty if nothing is due at `now`.
std::vector<Event> DecideDue(const State& state, Instant now);

}  // namespace quartermaster::orders

#endif  // QUARTERMASTER_SERVICES_ORDERS_DOMAIN_DUE_H_
