// Settle: what the writer does after a command, when the goods of a SKU no longer cover what is
// promised of them, or cover more of it than before. Facts are never refused, so it comes behind
// them; and holds end without a search of their own.
//
// First, flexible units move from where they are short to where others have room. What is short
// then no arrangement can cover, and the units of some go uncovered: of holds, the newest first;
// then of confirmed reservations, the newest first. They are listed, and nothing else happens to
// them: to find them others is not stock's to decide. When there are goods again, they are covered
// in the opposite order.
#ifndef QUARTERMASTER_SERVICES_STOCK_DOMAIN_SETTLE_H_
#define QUARTERMASTER_SERVICES_STOCK_DOMAIN_SETTLE_H_

#include <cstddef>

#include "services/base/time.h"
#include "services/stock/domain/events.h"
#include "services/stock/domain/state.h"

namespace quartermaster::stock {

// For the SKUs that apply.h noted since, until there are `max` moves and units, or those of one SKU
// if it alone has more: appends events, which the caller must log in the same frame and apply; and
// so on until none is noted. Then no unit is short that could stand elsewhere, and as many are
// listed as uncovered as are short, as far as there are so many. Cheap when nothing was noted.
// Whose units were needed before `now` and have not come is late.
void Settle(State& state, Instant now, size_t max, Events& events);

}  // namespace quartermaster::stock

#endif  // QUARTERMASTER_SERVICES_STOCK_DOMAIN_SETTLE_H_
