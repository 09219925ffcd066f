// SimPlan: routing for simulations: takes what it finds, location by location in their order.
#ifndef QUARTERMASTER_SERVICES_ORDERS_APP_TESTING_SIM_ROUTING_H_
#define QUARTERMASTER_SERVICES_ORDERS_APP_TESTING_SIM_ROUTING_H_

#include <cstdint>
#include <map>
#include <optional>

#include "services/orders/app/peers.h"
#include "services/orders/app/testing/sim_stock.h"

namespace quartermaster::orders {

// What routing believes is available.
using SimMirror = std::map<SimStock::Place, int64_t>;

// Without a mirror it sees stock as it is. ITEM_NOT_FOUND for a SKU that stock never had.
PeerResult<RoutePlan> SimPlan(SimStock& stock, const std::optional<SimMirror>& mirror,
                              const PlanRequest& request);

}  // namespace quartermaster::orders

#endif  // QUARTERMASTER_SERVICES_ORDERS_APP_TESTING_SIM_ROUTING_H_
