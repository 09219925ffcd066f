// What orders' refusals are in the API, and what the peers' errors mean for orders.
#ifndef QUARTERMASTER_SERVICES_ORDERS_APP_ERRORS_H_
#define QUARTERMASTER_SERVICES_ORDERS_APP_ERRORS_H_

#include <string>

#include "services/orders/app/peers.h"
#include "services/orders/domain/rejections.h"
#include "services/runtime/rpc_error.h"

namespace quartermaster::orders {

runtime::RpcError ToRpcError(const Rejection& rejection);

// A peer's refusal, passed on to the caller: with the short lines, if there are any. Reasons that
// only make sense between services are defects here.
runtime::RpcError ToRpcError(const PeerError& error);

// What is answered to a request for which a peer could not do its part, and whether that is
// recorded under the request id: what is final is, but for defects.
struct PeerRefusal {
  runtime::RpcError error;
  bool recorded = false;
};
PeerRefusal ToRefusal(const PeerError& error);

// What an error of `peer` ("stock") means. Final is only what the peer says it has decided: one of
// its typed refusals. With everything else (a dropped stream, which gRPC calls UNKNOWN or INTERNAL,
// a proxy's status, a defect of the peer's, a reason that is newer than this binary) nobody knows
// whether the request was carried out, so it is retriable.
PeerError ToPeerError(const runtime::RpcError& error, std::string peer);

}  // namespace quartermaster::orders

#endif  // QUARTERMASTER_SERVICES_ORDERS_APP_ERRORS_H_
