// Internal to Decide and DecideDue: until when goods wait at the counter, and what follows then.
#ifndef QUARTERMASTER_SERVICES_ORDERS_DOMAIN_PICKUPS_H_
#define QUARTERMASTER_SERVICES_ORDERS_DOMAIN_PICKUPS_H_

#include <vector>

#include "services/base/time.h"
#include "services/orders/domain/events.h"
#include "services/orders/domain/fulfilment_policy.h"
#include "services/orders/domain/state.h"

namespace quartermaster::orders {

// How much longer what nobody may fetch is kept, again and again: its order is on hold.
inline constexpr Micros kKeptForHold = Hours(24);

struct PickupDeadline {
  Instant expires_at;
  // With so many open days left as the policy says; kDistantFuture: none. A reminder on the day on
  // which it became ready, or at the very end, would help nobody.
  Instant remind_at = kDistantFuture;
};

// From now on, by when the store closes (`closes`, ascending; today's is not in it). Days behind
// the last of them have 24 hours.
PickupDeadline DeadlineFrom(const FulfilmentPolicy& policy, const std::vector<Instant>& closes,
                            Instant now);

// Of what is due: at least one event, behind which it no longer is.
std::vector<Event> RemindOfPickup(const State& state, const Due& due, Instant now);
std::vector<Event> EndPickup(const State& state, const Due& due, Instant now);
std::vector<Event> GiveUpPickup(const State& state, const Due& due, Instant now);

}  // namespace quartermaster::orders

#endif  // QUARTERMASTER_SERVICES_ORDERS_DOMAIN_PICKUPS_H_
