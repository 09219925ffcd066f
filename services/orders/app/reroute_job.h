// What is to be routed again, as a job for Sourcing, and what came of it.
#ifndef QUARTERMASTER_SERVICES_ORDERS_APP_REROUTE_JOB_H_
#define QUARTERMASTER_SERVICES_ORDERS_APP_REROUTE_JOB_H_

#include <string>
#include <vector>

#include "services/orders/app/sourcing.h"
#include "services/orders/domain/events.h"
#include "services/orders/domain/saga.h"

namespace quartermaster::orders {

// Whatever can be served of it, to be held under the owner; `give_up` is left to the caller.
SourcingJob JobOf(const Reroute& reroute, std::string owner_id);

// The units that were held, by the order's lines.
std::vector<PlannedUnits> UnitsOf(const Reroute& reroute, const Sourced& sourced);

}  // namespace quartermaster::orders

#endif  // QUARTERMASTER_SERVICES_ORDERS_APP_REROUTE_JOB_H_
