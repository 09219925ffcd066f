// Where the units are that are to be cancelled.
#ifndef QUARTERMASTER_SERVICES_ORDERS_DOMAIN_LOCATE_H_
#define QUARTERMASTER_SERVICES_ORDERS_DOMAIN_LOCATE_H_

#include <vector>

#include "services/orders/domain/events.h"
#include "services/orders/domain/state.h"

namespace quartermaster::orders {

// Where the units of a cancel are.
struct Located {
  UnitsCancelled cancelled;
  // Picked already.
  CancelRequested requested;
};

// Finds the units of each line, in the order in which a cancel costs least work: without stock, to
// be routed, held, held back, in the tasks that are least far. `wanted`: by the order's lines. Of
// what is not open, or is asked back already, it finds less. The order's id and the attribution are
// the caller's to set.
Located Locate(const Order& order, std::vector<Quantity> wanted);

}  // namespace quartermaster::orders

#endif  // QUARTERMASTER_SERVICES_ORDERS_DOMAIN_LOCATE_H_
