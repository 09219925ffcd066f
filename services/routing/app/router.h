// Router: routing's live picture of network and stock, and the questions it answers from it.
//
//   Router router;
//   network_feed->Start(&router);
//   stock_feed->Start(&router);
//   if (router.serving()) Planned planned = router.Plan(request);
#ifndef QUARTERMASTER_SERVICES_ROUTING_APP_ROUTER_H_
#define QUARTERMASTER_SERVICES_ROUTING_APP_ROUTER_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "services/base/mutex.h"
#include "services/routing/app/network_feed.h"
#include "services/routing/app/stock_feed.h"
#include "services/routing/domain/nearest.h"
#include "services/routing/domain/network.h"
#include "services/routing/domain/plan.h"
#include "services/routing/domain/stock_mirror.h"

namespace quartermaster::routing {

struct Planned {
  PlanOutcome outcome;
  // What the mirror had seen of stock: stock's token.
  std::string stock_position;
};

struct NearLocation {
  std::string location_id;
  int64_t distance_m = 0;
};

struct ReturnAnswer {
  enum class Problem { kNone, kItemNotFound, kLocationNotFound };
  Problem problem = Problem::kNone;
  ReturnRouting routing;
};

// Thread-safe. Questions are answered on the caller's thread and share the picture; what the feeds
// deliver is laid aside and taken in before the next question, so that a feed never waits for
// plans, and a question sees all that was delivered before it was asked.
class Router final : public StockSink, public NetworkSink {
 public:
  // Changes that may pile up while nobody asks; the next delivery then takes them in itself.
  static constexpr size_t kPendingMax = 1 << 16;

  void OnStock(StockBatch batch) override;
  void OnNetwork(NetworkBatch batch) override;

  // Called before each question, on its thread: a feed of this process delivers then what is new.
  // Before there are questions.
  void SetCatchUp(std::function<void()> catch_up) { catch_up_ = std::move(catch_up); }

  // Both feeds have delivered all that was there when they started. Until then the questions
  // below are answered from half a picture: do not ask.
  bool serving() const {
    return network_current_.load(std::memory_order_acquire) &&
           stock_current_.load(std::memory_order_acquire);
  }

  // What has not been delivered yet: "the catalog", "stock"; empty if serving.
  std::string_view awaited() const {
    if (!network_current_.load(std::memory_order_acquire)) return "the catalog";
    return stock_current_.load(std::memory_order_acquire) ? "" : "stock";
  }

  Planned Plan(const PlanRequest& request);
  std::vector<NearLocation> Nearest(const NearestRequest& request);
  ReturnAnswer Return(std::string_view sku, std::string_view location_id, bool sellable);

 private:
  // Shared access to the picture with everything delivered taken in.
  void Enter() ABSL_SHARED_LOCK_FUNCTION(mutex_);
  void Leave() ABSL_UNLOCK_FUNCTION(mutex_);

  void TakeIn();
  void TakeIn(NetworkBatch& batch) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void TakeIn(StockBatch& batch) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  std::function<void()> catch_up_;

  SharedMutex mutex_;
  Network network_ ABSL_GUARDED_BY(mutex_);
  StockMirror mirror_ ABSL_GUARDED_BY(mutex_);
  // Of a start over: takes the mirror's place once it is complete.
  std::optional<StockMirror> next_mirror_ ABSL_GUARDED_BY(mutex_);
  std::string stock_position_ ABSL_GUARDED_BY(mutex_);

  // Delivered, not yet taken in.
  Mutex pending_mutex_;
  std::vector<NetworkBatch> pending_network_ ABSL_GUARDED_BY(pending_mutex_);
  std::vector<StockBatch> pending_stock_ ABSL_GUARDED_BY(pending_mutex_);
  size_t pending_changes_ ABSL_GUARDED_BY(pending_mutex_) = 0;
  std::atomic<bool> has_pending_{false};

  std::atomic<bool> network_current_{false};
  std::atomic<bool> stock_current_{false};
};

}  // namespace quartermaster::routing

#endif  // QUARTERMASTER_SERVICES_ROUTING_APP_ROUTER_H_
