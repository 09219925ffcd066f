// Settle: what the writer does after a command, when the goods of a SKU no longer cover what is
// promised of them, or cover more of it than before: moves flexible units from where they are short
// to where others have room. Facts are never refused, so it comes behind them; and holds end
// without a search of their own.
#ifndef QUARTERMASTER_SERVICES_STOCK_DOMAIN_SETTLE_H_
#define QUARTERMASTER_SERVICES_STOCK_DOMAIN_SETTLE_H_

#include "services/stock/domain/events.h"
#include "services/stock/domain/state.h"

namespace quartermaster::stock {

// For the SKUs that apply.h noted since: appends events, which the caller must log in the same
// frame and apply, so that afterwards no unit is short that could stand elsewhere. Cheap when
// nothing was.
void Settle(State& state, Events& events);

}  // namespace quartermaster::stock

#endif  // QUARTERMASTER_SERVICES_STOCK_DOMAIN_SETTLE_H_
