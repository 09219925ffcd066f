#include "services/quartermasterd/local_feeds.h"

#include <memory>
#include <utility>
#include <variant>

namespace quartermaster {
namespace {

// How long to wait for room in stock's queue before looking again. It is drained in milliseconds,
// unless the shared log is away.
constexpr Micros kPause = Milliseconds(5);

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

void LocalStockFeed::OnPublish(const stock::Publication& publication) {
  routing::StockBatch batch;
  const stock::Inventory& inventory = publication.inventory;
  const auto add = [&](stock::SkuIndex sku, stock::LocationIndex location,
                       const stock::Balances& balances) {
    batch.changes.push_back({inventory.skus.Name(sku), inventory.locations.Name(location),
                             balances.available().units()});
  };
  if (publication.everything) {
    const auto& skus = inventory.positions.skus();
    for (uint32_t i = 1; i < skus.size(); ++i) {
      for (const stock::SkuPositions::Entry& entry : skus[i]) {
        add(stock::SkuIndex{i}, entry.location, entry.position);
      }
    }
    batch.from_scratch = true;
    batch.current = true;
  } else {
    for (const stock::Change& change : publication.changes) {
      add(change.sku, change.location, change.after);
    }
  }
  batch.position = std::to_string(publication.head);
  sink_->OnStock(std::move(batch));
}

}  // namespace quartermaster
