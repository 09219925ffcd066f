// What parts in one process tell each other directly: the catalog tells stock, routing and orders
// what exists; stock tells routing what is available. Each is told before the caller who changed
// something has its answer, or before it answers anyone, so that a client never meets a part that
// is behind what it was told.
#ifndef QUARTERMASTER_SERVICES_QUARTERMASTERD_LOCAL_FEEDS_H_
#define QUARTERMASTER_SERVICES_QUARTERMASTERD_LOCAL_FEEDS_H_

#include <atomic>
#include <memory>
#include <optional>
#include <string_view>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "services/base/mutex.h"
#include "services/catalog/app/catalog_engine.h"
#include "services/catalog/app/catalog_view.h"
#include "services/catalog/app/closing_times.h"
#include "services/orders/app/peers.h"
#include "services/routing/app/network_feed.h"
#include "services/routing/app/stock_feed.h"
#include "services/stock/app/stock_engine.h"

namespace quartermaster {

// Registers with stock what the catalog knows. Holds the catalog up while stock's queue is full.
class StockRegistrar final : public catalog::CatalogListener {
 public:
  explicit StockRegistrar(stock::StockEngine* stock) : stock_(stock) {}
  // No longer waits for room in the queue. Thread-safe.
  void Stop();
  void OnItem(const catalog::Item& item) override;
  void OnLocation(const catalog::Location& location) override;

 private:
  void Submit(stock::Command command);

  stock::StockEngine* const stock_;
  Mutex mutex_;
  CondVar stopped_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
};

// Routing's picture of the network, from the catalog.
class LocalNetworkFeed final : public routing::NetworkFeed, public catalog::CatalogListener {
 public:
  explicit LocalNetworkFeed(catalog::CatalogView* catalog) : catalog_(catalog) {}
  void Start(routing::NetworkSink* sink) override;
  // The catalog must have stopped: its listeners stay.
  void Stop() override {}
  void OnItem(const catalog::Item& item) override;
  void OnLocation(const catalog::Location& location) override;

 private:
  catalog::CatalogView* const catalog_;
  routing::NetworkSink* sink_ = nullptr;
};

// Routing's picture of stock: what a watch of every SKU at every location says, as over gRPC. A
// question to routing first has it delivered what stock's callers may know of; what nobody asks for
// is delivered soon, by a thread of its own.
class LocalStockFeed final : public routing::StockFeed {
 public:
  // `stock` must outlive what is between Start and Stop.
  explicit LocalStockFeed(stock::StockEngine* stock) : stock_(stock) {}
  ~LocalStockFeed() override { Stop(); }
  // When it returns, all current values have been delivered. Before there are questions.
  void Start(routing::StockSink* sink) override;
  // When there are no more questions.
  void Stop() override;
  // Delivers what was published before, but for what is left of a policy for many SKUs, and of
  // more than some thousand changes.
  // Thread-safe between Start and Stop; costs next to nothing if there is nothing.
  void CatchUp();

 private:
  // The next batch.
  stock::WatchRound Deliver();
  stock::WatchRound DeliverNext() ABSL_EXCLUSIVE_LOCKS_REQUIRED(delivery_mutex_);
  void Run();

  stock::StockEngine* const stock_;
  routing::StockSink* sink_ = nullptr;
  std::shared_ptr<stock::Watch> watch_;

  // One batch after the other. Never taken with stock's view locked.
  Mutex delivery_mutex_;
  bool from_scratch_ ABSL_GUARDED_BY(delivery_mutex_) = true;
  std::atomic<bool> delivering_{false};

  Mutex mutex_;
  CondVar changed_;
  bool woken_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

// What orders checks names against, how items may be sold, and when stores close.
class LocalDirectory final : public orders::Directory {
 public:
  explicit LocalDirectory(const catalog::CatalogView* catalog) : catalog_(catalog) {}
  std::optional<orders::ItemTerms> FindItem(std::string_view sku) const override {
    const auto item = catalog_->FindItem(sku);
    if (item == nullptr) return std::nullopt;
    return orders::ItemTerms{.discontinued = item->status == catalog::ItemStatus::kDiscontinued,
                             .online = item->online,
                             .returnable = item->returnable};
  }
  bool HasLocation(std::string_view location_id) const override {
    return catalog_->FindLocation(location_id) != nullptr;
  }
  std::vector<Instant> NextCloses(std::string_view location_id, Instant after,
                                  int days) const override {
    const auto location = catalog_->FindLocation(location_id);
    if (location == nullptr) return {};
    return catalog::ClosingTimes(*location, after, days);
  }

 private:
  const catalog::CatalogView* const catalog_;
};

}  // namespace quartermaster

#endif  // QUARTERMASTER_SERVICES_QUARTERMASTERD_LOCAL_FEEDS_H_
