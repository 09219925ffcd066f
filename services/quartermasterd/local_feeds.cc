#include "services/quartermasterd/local_feeds.h"

#include <memory>
#include <string>
#include <utility>
#include <variant>

namespace quartermaster {
namespace {

// How long to wait for room in stock's queue before looking again. It is drained in milliseconds,
// unless the shared log is away.
constexpr Micros kPause = Milliseconds(5);

// Keeps the view's lock short.
constexpr int kEntriesPerBatch = 1'000;
// So many for a question; what is left beyond them comes by itself, as fast as it can.
constexpr int kBatchesPerQuestion = 8;
// Of a change that nobody asks for, until routing is told.
constexpr Micros kGathering = Milliseconds(20);

}  // namespace

void StockRegistrar::Stop() {
  MutexLock lock(&mutex_);
  stopping_ = true;
  stopped_.NotifyAll();
}

// A registration must not be lost because the queue was full.
void StockRegistrar::Submit(stock::Command command) {
  auto submission = std::make_unique<stock::CallbackSubmission>(nullptr);
  submission->command = std::move(command);
  while (true) {
    switch (stock_->Submit(submission.get())) {
      case engine::Sequencer::Admission::kAccepted:
        (void)submission.release();  // deletes itself when it is done
        return;
      case engine::Sequencer::Admission::kQueueFull: {
        MutexLock lock(&mutex_);
        if (!stopping_) stopped_.WaitFor(&mutex_, kPause);
        if (!stopping_) break;
        return;  // told again after the restart
      }
      case engine::Sequencer::Admission::kNotServing:
        return;  // told again after the restart
    }
  }
}

void StockRegistrar::OnItem(const catalog::Item& item) { Submit(stock::RegisterSku{item.sku}); }

void StockRegistrar::OnLocation(const catalog::Location& location) {
  Submit(stock::RegisterLocation{location.location_id, location.paused});
}

void LocalNetworkFeed::Start(routing::NetworkSink* sink) {
  sink_ = sink;
  catalog_->AddListener(this);
  routing::NetworkBatch all_told;
  all_told.current = true;
  sink_->OnNetwork(std::move(all_told));
}

void LocalNetworkFeed::OnItem(const catalog::Item& item) {
  routing::NetworkBatch batch;
  batch.changes.push_back(routing::ItemPut{item.sku});
  sink_->OnNetwork(std::move(batch));
}

namespace {

routing::LocationData ToRouting(const catalog::Location& location) {
  routing::LocationData data;
  data.kind = static_cast<routing::LocationKind>(location.kind);
  data.point = {location.latitude, location.longitude};
  data.paused = location.paused;
  for (const catalog::Capability capability : location.capabilities) {
    switch (capability) {
      case catalog::Capability::kShip:
        data.capabilities.Insert(routing::Capability::kShip);
        break;
      case catalog::Capability::kPickup:
        data.capabilities.Insert(routing::Capability::kPickup);
        break;
      case catalog::Capability::kReturn:
        data.capabilities.Insert(routing::Capability::kReturn);
        break;
      case catalog::Capability::kTill:
        data.capabilities.Insert(routing::Capability::kTill);
        break;
      case catalog::Capability::kUnspecified:
        break;
    }
  }
  return data;
}

}  // namespace

void LocalNetworkFeed::OnLocation(const catalog::Location& location) {
  routing::NetworkBatch batch;
  batch.changes.push_back(routing::LocationPut{location.location_id, ToRouting(location)});
  sink_->OnNetwork(std::move(batch));
}

void LocalStockFeed::Start(routing::StockSink* sink) {
  sink_ = sink;
  watch_ = stock_->watches().Open({}, /*resume=*/0, [this] {
    MutexLock lock(&mutex_);
    woken_ = true;
    changed_.NotifyAll();
  });
  while (!Deliver().drained) {
  }
  thread_ = std::thread([this] { Run(); });
}

void LocalStockFeed::Stop() {
  {
    MutexLock lock(&mutex_);
    stopping_ = true;
    changed_.NotifyAll();
  }
  if (thread_.joinable()) thread_.join();
  watch_.reset();
}

void LocalStockFeed::CatchUp() {
  // In this order: what is no longer waiting is on its way, or there.
  if (!watch_->IsBehind() && !delivering_.load(std::memory_order_acquire)) return;
  MutexLock lock(&delivery_mutex_);
  bool behind = watch_->IsBehind();
  for (int i = 0; behind && i < kBatchesPerQuestion; ++i) behind = !DeliverNext().caught_up;
}

stock::WatchRound LocalStockFeed::Deliver() {
  MutexLock lock(&delivery_mutex_);
  return DeliverNext();
}

stock::WatchRound LocalStockFeed::DeliverNext() {
  delivering_.store(true, std::memory_order_release);
  stock::WatchRound round = watch_->Take(kEntriesPerBatch);
  routing::StockBatch batch;
  batch.changes.reserve(round.entries.size());
  stock_->view().With([&](const stock::StockSnapshot& s) {
    for (const stock::WatchRound::Entry& entry : round.entries) {
      batch.changes.push_back({s.inventory.skus.Name(entry.key.sku),
                               s.inventory.locations.Name(entry.key.location),
                               entry.figures.available.units()});
    }
  });
  batch.from_scratch = std::exchange(from_scratch_, false);
  batch.current = round.current;
  if (round.drained) batch.position = std::to_string(round.position);
  sink_->OnStock(std::move(batch));
  delivering_.store(false, std::memory_order_release);
  return round;
}

void LocalStockFeed::Run() {
  while (true) {
    {
      MutexLock lock(&mutex_);
      while (!woken_ && !stopping_) changed_.Wait(&mutex_);
      if (!stopping_) changed_.WaitFor(&mutex_, kGathering);
      if (stopping_) return;
      woken_ = false;
    }
    while (!Deliver().drained) {
      MutexLock lock(&mutex_);
      if (stopping_) return;
    }
  }
}

}  // namespace quartermaster
