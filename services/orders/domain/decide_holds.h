// Internal to DecideDue: the ends of holds.
#ifndef QUARTERMASTER_SERVICES_ORDERS_DOMAIN_DECIDE_HOLDS_H_
#define QUARTERMASTER_SERVICES_ORDERS_DOMAIN_DECIDE_HOLDS_H_

#include <vector>

#include "services/base/time.h"
#include "services/orders/domain/events.h"
#include "services/orders/domain/state.h"

namespace quartermaster::orders {

// The most that an order may have had.
inline constexpr size_t kHoldsMax = 100;

// The reason code of what a hold cancels when its time is over.
inline constexpr char kHoldExpiredReason[] = "HOLD_EXPIRED";

// The time of the hold that `due` names is over: it ends, and what it kept back is given out if it
// was the last one, or is cancelled as CancelOrder does.
std::vector<Event> DecideHoldEnd(const State& state, const Due& due, Instant now);

}  // namespace quartermaster::orders

#endif  // QUARTERMASTER_SERVICES_ORDERS_DOMAIN_DECIDE_HOLDS_H_
