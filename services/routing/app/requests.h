// Routing's questions as messages: for the handlers, which know no domain values. The requests
// have been checked.
#ifndef QUARTERMASTER_SERVICES_ROUTING_APP_REQUESTS_H_
#define QUARTERMASTER_SERVICES_ROUTING_APP_REQUESTS_H_

#include <optional>

#include "absl/functional/any_invocable.h"
#include "quartermaster/routing/v1/routing.pb.h"
#include "services/routing/app/router.h"
#include "services/routing/app/stock_news.h"
#include "services/runtime/rpc_error.h"

namespace quartermaster::routing {

// Each fills `response` or tells why it cannot. Thread-safe.

// A plan that comes out short is made again with what `news`, if there is one, says that stock has
// changed meanwhile. `done` runs exactly once, on any thread, perhaps before the call returns; all
// that is passed by reference must live until then.
// Errors: ITEM_NOT_FOUND, LOCATION_NOT_FOUND, LOCATION_NOT_ELIGIBLE, NO_PLAN; those of StockNews.
void PlanOrder(Router& router, StockNews* news, const v1::PlanOrderRequest& request,
               v1::Plan& response, absl::AnyInvocable<void(std::optional<runtime::RpcError>)> done);

void FindNearest(Router& router, const v1::FindNearestRequest& request,
                 v1::FindNearestResponse& response);

// Errors: ITEM_NOT_FOUND, LOCATION_NOT_FOUND.
std::optional<runtime::RpcError> RouteReturn(Router& router, const v1::RouteReturnRequest& request,
                                             v1::RouteReturnResponse& response);

}  // namespace quartermaster::routing

#endif  // QUARTERMASTER_SERVICES_ROUTING_APP_REQUESTS_H_
