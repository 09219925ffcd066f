// Internal to Decide and what runs behind it: holds that end by themselves.
#ifndef QUARTERMASTER_SERVICES_ORDERS_DOMAIN_DECIDE_HOLDS_H_
#define QUARTERMASTER_SERVICES_ORDERS_DOMAIN_DECIDE_HOLDS_H_

#include <vector>

#include "absl/functional/function_ref.h"
#include "services/base/time.h"
#include "services/orders/domain/events.h"
#include "services/orders/domain/state.h"

namespace quartermaster::orders {

// The most that an order may have had.
inline constexpr size_t kHoldsMax = 100;

// The reason code of what a hold cancels when its time is over.
inline constexpr char kHoldExpiredReason[] = "HOLD_EXPIRED";
// The reason code of the end of a hold for what has been paid.
inline constexpr char kPaidReason[] = "PAID";

// The time of the hold that `due` names is over: it ends, and what it kept back is given out if it
// was the last one, or is cancelled as CancelOrder does.
std::vector<Event> DecideHoldEnd(const State& state, const Due& due, Instant now);

// What is to be paid first is: the open PAYMENT holds end, with what follows. Empty if there are
// none, or `is_paid` says no.
std::vector<Event> EndPaymentHolds(const Order& order, absl::FunctionRef<bool()> is_paid);

}  // namespace quartermaster::orders

#endif  // QUARTERMASTER_SERVICES_ORDERS_DOMAIN_DECIDE_HOLDS_H_
