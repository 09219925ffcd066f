// The peers over gRPC: asynchronous stubs on a channel, which is the same server's in-process
// channel in the one-process shape and a network channel otherwise. Every call has a deadline.
//
//   auto stock = NewGrpcStockPeer(channel, Seconds(5));
#ifndef QUARTERMASTER_SERVICES_ORDERS_RPC_GRPC_PEERS_H_
#define QUARTERMASTER_SERVICES_ORDERS_RPC_GRPC_PEERS_H_

#include <memory>

#include "services/base/time.h"
#include "services/orders/app/peers.h"

namespace grpc {
class Channel;
}  // namespace grpc

namespace quartermaster::orders {

// Both are thread-safe. Which errors are retriable: see ToPeerError in app/errors.h. A call that
// has no answer after `deadline` ends with a retriable error. Destroying a peer ends its calls in
// the same way and waits for their callbacks; not to be done by one of them.
std::unique_ptr<StockPeer> NewGrpcStockPeer(const std::shared_ptr<grpc::Channel>& channel,
                                            Micros deadline);
std::unique_ptr<RoutingPeer> NewGrpcRoutingPeer(const std::shared_ptr<grpc::Channel>& channel,
                                                Micros deadline);

}  // namespace quartermaster::orders

#endif  // QUARTERMASTER_SERVICES_ORDERS_RPC_GRPC_PEERS_H_
