// Routing's questions as messages: for the handlers, which know no domain values. The requests
// have been checked.
#ifndef QUARTERMASTER_SERVICES_ROUTING_APP_REQUESTS_H_
#define QUARTERMASTER_SERVICES_ROUTING_APP_REQUESTS_H_

#include <optional>

#include "quartermaster/routing/v1/routing.pb.h"
#include "services/routing/app/router.h"
#include "services/runtime/rpc_error.h"

namespace quartermaster::routing {

// Each fills `response` or returns why it cannot. Thread-safe.

// Errors: ITEM_NOT_FOUND, LOCATION_NOT_FOUND, LOCATION_NOT_ELIGIBLE, NO_PLAN.
std::optional<runtime::RpcError> PlanOrder(Router& router, const v1::PlanOrderRequest& request,
                                           v1::Plan& response);

void FindNearest(Router& router, const v1::FindNearestRequest& request,
                 v1::FindNearestResponse& response);

// Errors: ITEM_NOT_FOUND, LOCATION_NOT_FOUND.
std::optional<runtime::RpcError> RouteReturn(Router& router, const v1::RouteReturnRequest& request,
                                             v1::RouteReturnResponse& response);

}  // namespace quartermaster::routing

#endif  // QUARTERMASTER_SERVICES_ROUTING_APP_REQUESTS_H_
