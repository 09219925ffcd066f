// StockFeed: how routing learns what is available where. Injected: over gRPC (rpc/grpc_feeds.h), or
// directly in a process that holds stock too.
//
// A feed first delivers the current values, the last batch of them marked `current`, then changes.
// After a break it resumes at the last position; if it cannot, it starts over, from_scratch.
#ifndef QUARTERMASTER_SERVICES_ROUTING_APP_STOCK_FEED_H_
#define QUARTERMASTER_SERVICES_ROUTING_APP_STOCK_FEED_H_

#include <cstdint>
#include <string>
#include <vector>

namespace quartermaster::routing {

struct StockChange {
  std::string sku;
  std::string location_id;
  // The new value, in the item's base unit; below 0 counts as 0.
  int64_t available = 0;
};

struct StockBatch {
  std::vector<StockChange> changes;
  // Everything up to here has been delivered: stock's token. Empty: in the middle of something.
  std::string position;
  // The first batch of a start over: what is not in the batches up to `current` is not there.
  bool from_scratch = false;
  // The current values are complete with this batch.
  bool current = false;
};

// Thread-safe.
class StockSink {
 public:
  virtual ~StockSink() = default;
  // Must be called with one batch after the other. Cheap: it does not wait for plans under way
  // unless very much has piled up.
  virtual void OnStock(StockBatch batch) = 0;
};

class StockFeed {
 public:
  // Stops, if it has not been stopped.
  virtual ~StockFeed() = default;
  // Delivers to `sink` until Stop. Once.
  virtual void Start(StockSink* sink) = 0;
  // When it returns, nothing more is delivered.
  virtual void Stop() = 0;
};

}  // namespace quartermaster::routing

#endif  // QUARTERMASTER_SERVICES_ROUTING_APP_STOCK_FEED_H_
