// Routing's feeds over gRPC: the same for a peer in this process (the server's in-process channel)
// and for one elsewhere. Each follows its stream on a thread of its own and resumes after a break.
//
//   const auto stock = NewGrpcStockFeed(channel, {});
//   stock->Start(&router);
#ifndef QUARTERMASTER_SERVICES_ROUTING_RPC_GRPC_FEEDS_H_
#define QUARTERMASTER_SERVICES_ROUTING_RPC_GRPC_FEEDS_H_

#include <functional>
#include <memory>
#include <string>

#include "services/routing/app/network_feed.h"
#include "services/routing/app/stock_feed.h"
#include "services/runtime/follower.h"

namespace grpc {
class Channel;
}

namespace quartermaster::routing {

struct GrpcFeedOptions {
  runtime::BackoffOptions backoff;
  // Told why an attempt ended, for the log; on the feed's thread, must not block for long. The
  // feed goes on by itself.
  std::function<void(const std::string& problem)> on_problem;
};

// StockService.WatchAvailability of every SKU at every location.
std::unique_ptr<StockFeed> NewGrpcStockFeed(const std::shared_ptr<grpc::Channel>& channel,
                                            GrpcFeedOptions options);

// The events of the catalog's partition, from the first one on, by LogReader.Subscribe. Ends its
// attempt at a record type that this binary does not know: routing without it would be wrong.
std::unique_ptr<NetworkFeed> NewGrpcNetworkFeed(const std::shared_ptr<grpc::Channel>& channel,
                                                GrpcFeedOptions options,
                                                std::string partition = "catalog/0");

}  // namespace quartermaster::routing

#endif  // QUARTERMASTER_SERVICES_ROUTING_RPC_GRPC_FEEDS_H_
