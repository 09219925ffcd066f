// Decisions from the orders' histories, over gRPC.
//
//   const auto decisions = NewGrpcDecisionSource(channel, Seconds(5));
#ifndef QUARTERMASTER_SERVICES_ROUTING_RPC_GRPC_DECISION_SOURCE_H_
#define QUARTERMASTER_SERVICES_ROUTING_RPC_GRPC_DECISION_SOURCE_H_

#include <memory>

#include "services/base/time.h"
#include "services/routing/app/decision_source.h"

namespace grpc {
class Channel;
}

namespace quartermaster::routing {

// Reads OrderService.GetOrderHistory: each OrderRouted event of an order holds its decision. A call
// without an answer after `timeout` is PEER_UNAVAILABLE.
std::unique_ptr<DecisionSource> NewGrpcDecisionSource(const std::shared_ptr<grpc::Channel>& channel,
                                                      Micros timeout);

}  // namespace quartermaster::routing

#endif  // QUARTERMASTER_SERVICES_ROUTING_RPC_GRPC_DECISION_SOURCE_H_
