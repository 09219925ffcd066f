// NetworkFeed: how routing learns of items and locations. Injected: over gRPC (rpc/grpc_feeds.h),
// or directly in a process that holds the catalog too.
#ifndef QUARTERMASTER_SERVICES_ROUTING_APP_NETWORK_FEED_H_
#define QUARTERMASTER_SERVICES_ROUTING_APP_NETWORK_FEED_H_

#include "services/routing/domain/network_change.h"

namespace quartermaster::routing {

struct NetworkBatch {
  NetworkChanges changes;
  // All that existed when the feed started has been delivered.
  bool current = false;
};

// Thread-safe.
class NetworkSink {
 public:
  virtual ~NetworkSink() = default;
  // Must be called with one batch after the other. Cheap, as StockSink::OnStock.
  virtual void OnNetwork(NetworkBatch batch) = 0;
};

class NetworkFeed {
 public:
  // Stops, if it has not been stopped.
  virtual ~NetworkFeed() = default;
  // Delivers to `sink` until Stop. Once.
  virtual void Start(NetworkSink* sink) = 0;
  // When it returns, nothing more is delivered.
  virtual void Stop() = 0;
};

}  // namespace quartermaster::routing

#endif  // QUARTERMASTER_SERVICES_ROUTING_APP_NETWORK_FEED_H_
