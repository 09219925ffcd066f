// ServeWaiting: whoever waits has goods as soon as there are some, before anybody new; and whoever
// will not have them in time is named. Runs behind every command, with settle.h, for the SKUs of
// which something changed.
#ifndef QUARTERMASTER_SERVICES_STOCK_DOMAIN_SERVE_WAITING_H_
#define QUARTERMASTER_SERVICES_STOCK_DOMAIN_SERVE_WAITING_H_

#include <cstddef>

#include "services/base/time.h"
#include "services/stock/domain/events.h"
#include "services/stock/domain/ids.h"
#include "services/stock/domain/state.h"

namespace quartermaster::stock {

// How many lines are served, or named, in one go; the rest follow, an event each.
inline constexpr size_t kServedMax = 2'000;

// Gives what is free of a SKU to those who wait, in their order, and appends what that changes.
// Returns how many entries the events have; 0: nobody who waits can have anything.
size_t ServeWaiting(const State& state, SkuIndex sku, Events& events);

// Appends whose promises can no longer be kept, or can again. Only of a SKU whose waiters are
// served as far as they can be. Returns how many entries the event has.
// Whoever needed them before `now` has them too late, whatever comes.
size_t CheckPromises(const State& state, SkuIndex sku, Instant now, Events& events);

// Appends who still waits for units that were needed by a time that has passed since the last call.
// Of many, some; the others when it is called again.
void TellPassedDates(State& state, Instant now, Events& events);

}  // namespace quartermaster::stock

#endif  // QUARTERMASTER_SERVICES_STOCK_DOMAIN_SERVE_WAITING_H_
