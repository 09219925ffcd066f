// Apply: the only thing that changes the state. Total: an event that does not fit the state is a
// defect or a damaged log, and ends the process (CHECK) before the state is wrong.
#ifndef QUARTERMASTER_SERVICES_ORDERS_DOMAIN_APPLY_H_
#define QUARTERMASTER_SERVICES_ORDERS_DOMAIN_APPLY_H_

#include "services/base/time.h"
#include "services/orders/domain/events.h"
#include "services/orders/domain/state.h"

namespace quartermaster::orders {

// `position` and `now` are the record's: those of its place in the log and of its frame.
void Apply(State& state, const Event& event, Position position, Instant now);

}  // namespace quartermaster::orders

#endif  // QUARTERMASTER_SERVICES_ORDERS_DOMAIN_APPLY_H_
