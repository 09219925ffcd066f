#include "services/routing/app/router.h"

#include <type_traits>
#include <utility>

namespace quartermaster::routing {

void Router::OnStock(StockBatch batch) {
  const bool current = batch.current;
  bool full = false;
  {
    MutexLock lock(&pending_mutex_);
    pending_changes_ += batch.changes.size();
    pending_stock_.push_back(std::move(batch));
    full = pending_changes_ > kPendingMax;
    has_pending_.store(true, std::memory_order_release);
  }
  if (full) TakeIn();
  if (current) stock_current_.store(true, std::memory_order_release);
}

void Router::OnNetwork(NetworkBatch batch) {
  const bool current = batch.current;
  bool full = false;
  {
    MutexLock lock(&pending_mutex_);
    pending_changes_ += batch.changes.size();
    pending_network_.push_back(std::move(batch));
    full = pending_changes_ > kPendingMax;
    has_pending_.store(true, std::memory_order_release);
  }
  if (full) TakeIn();
  if (current) network_current_.store(true, std::memory_order_release);
}

void Router::TakeIn() {
  WriterLock lock(&mutex_);
  std::vector<NetworkBatch> network;
  std::vector<StockBatch> stock;
  {
    MutexLock pending(&pending_mutex_);
    network.swap(pending_network_);
    stock.swap(pending_stock_);
    pending_changes_ = 0;
    has_pending_.store(false, std::memory_order_release);
  }
  for (NetworkBatch& batch : network) TakeIn(batch);
  for (StockBatch& batch : stock) TakeIn(batch);
}

void Router::TakeIn(NetworkBatch& batch) {
  for (const NetworkChange& change : batch.changes) {
    if (const auto* item = std::get_if<ItemPut>(&change)) {
      network_.PutItem(item->sku);
    } else if (const auto* location = std::get_if<LocationPut>(&change)) {
      network_.PutLocation(location->location_id, location->data);
    } else if (const auto* paused = std::get_if<LocationPaused>(&change)) {
      network_.SetPaused(paused->location_id, paused->paused);
    }
  }
}

void Router::TakeIn(StockBatch& batch) {
  if (batch.from_scratch) next_mirror_.emplace();
  StockMirror& mirror = next_mirror_.has_value() ? *next_mirror_ : mirror_;
  for (const StockChange& change : batch.changes) {
    mirror.Set(change.sku, network_.Intern(change.location_id), change.available);
  }
  if (next_mirror_.has_value() && batch.current) {
    mirror_ = std::move(*next_mirror_);
    next_mirror_.reset();
  }
  if (!next_mirror_.has_value() && !batch.position.empty()) {
    stock_position_ = std::move(batch.position);
  }
}

void Router::Enter() {
  if (catch_up_) catch_up_();
  if (has_pending_.load(std::memory_order_acquire)) TakeIn();
  mutex_.ReaderLock();
}

void Router::Leave() { mutex_.ReaderUnlock(); }

Planned Router::Plan(const PlanRequest& request) {
  Enter();
  Planned planned{MakePlan(network_, mirror_, request), stock_position_};
  Leave();
  return planned;
}

std::vector<NearLocation> Router::Nearest(const NearestRequest& request) {
  std::vector<NearLocation> nearest;
  Enter();
  for (const RankedLocation& ranked : FindNearest(network_, mirror_, request)) {
    nearest.push_back({network_.at(ranked.location).id, ranked.distance_m});
  }
  Leave();
  return nearest;
}

ReturnAnswer Router::Return(std::string_view sku, std::string_view location_id, bool sellable) {
  ReturnAnswer answer;
  Enter();
  const std::optional<LocationIndex> location = network_.Find(location_id);
  if (!network_.HasItem(sku) && mirror_.Find(sku) == nullptr) {
    answer.problem = ReturnAnswer::Problem::kItemNotFound;
  } else if (!location.has_value()) {
    answer.problem = ReturnAnswer::Problem::kLocationNotFound;
  } else {
    answer.routing = RouteReturn(network_.at(*location), sellable);
  }
  Leave();
  return answer;
}

}  // namespace quartermaster::routing
