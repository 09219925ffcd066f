// What orders' refusals are in the API.
#ifndef QUARTERMASTER_SERVICES_ORDERS_APP_ERRORS_H_
#define QUARTERMASTER_SERVICES_ORDERS_APP_ERRORS_H_

#include "services/orders/app/peers.h"
#include "services/orders/domain/rejections.h"
#include "services/runtime/rpc_error.h"

namespace quartermaster::orders {

runtime::RpcError ToRpcError(const Rejection& rejection);

// A peer's refusal, passed on to the caller: with the short lines, if there are any. Reasons that
// only make sense between services are defects here.
runtime::RpcError ToRpcError(const PeerError& error);

}  // namespace quartermaster::orders

#endif  // QUARTERMASTER_SERVICES_ORDERS_APP_ERRORS_H_
