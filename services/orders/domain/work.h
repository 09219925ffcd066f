// The work that units in stock give to locations: a task per attempt, group and location; what is
// carried out needs none.
//
//   for (Event& event : WorkOf(order)) Emit(std::move(event));   // the last hold has ended
#ifndef QUARTERMASTER_SERVICES_ORDERS_DOMAIN_WORK_H_
#define QUARTERMASTER_SERVICES_ORDERS_DOMAIN_WORK_H_

#include <vector>

#include "services/orders/domain/events.h"
#include "services/orders/domain/state.h"

namespace quartermaster::orders {

// UnitsCarriedOut and TaskCreated, in the order of the assignments: of all that the attempt holds,
// which is being confirmed; of all that the order's confirmed attempts have held back.
std::vector<Event> WorkOf(const Order& order, const Attempt& confirming);
std::vector<Event> WorkOf(const Order& order);

}  // namespace quartermaster::orders

#endif  // QUARTERMASTER_SERVICES_ORDERS_DOMAIN_WORK_H_
