// Apply: (state, event) -> state. Total: a logged event always applies; one that does not fit the
// state is a defect and ends the process (QM_CHECK), for it must never have been written.
#ifndef QUARTERMASTER_SERVICES_STOCK_DOMAIN_APPLY_H_
#define QUARTERMASTER_SERVICES_STOCK_DOMAIN_APPLY_H_

#include <cstdint>

#include "services/base/time.h"
#include "services/stock/domain/change.h"
#include "services/stock/domain/events.h"
#include "services/stock/domain/state.h"

namespace quartermaster::stock {

// `position` is the event's place in the log (a new reservation's id), `time` the log's time of its
// frame. Appends what happened to which position to `changes`.
void Apply(State& state, const Event& event, int64_t position, Instant time, Changes& changes);

}  // namespace quartermaster::stock

#endif  // QUARTERMASTER_SERVICES_STOCK_DOMAIN_APPLY_H_
