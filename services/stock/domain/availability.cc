#include "services/stock/domain/availability.h"

#include <algorithm>

#include "services/stock/domain/caps.h"

namespace quartermaster::stock {

std::optional<RejectionKind> FindUnknownName(const Inventory& inventory, const StockKey& key) {
  if (!inventory.skus.Knows(key.sku)) return RejectionKind::kItemNotFound;
  if (key.for_channel) {
    if (inventory.channel_names.Knows(key.channel)) return std::nullopt;
    return RejectionKind::kChannelNotFound;
  }
  if (key.from_pool && !inventory.pool_names.Knows(key.pool)) return RejectionKind::kPoolNotFound;
  if (!key.from_pool && !inventory.locations.Knows(key.location)) {
    return RejectionKind::kLocationNotFound;
  }
  return std::nullopt;
}

PoolIndex PoolOf(const Inventory& inventory, const StockKey& key) {
  if (key.for_channel) return inventory.ChannelAt(key.channel).pool;
  return key.from_pool ? key.pool : PoolIndex::kNone;
}

AvailabilityFigures FindAvailability(const Inventory& inventory, Offer& offer,
                                     const StockKey& key) {
  AvailabilityFigures figures;
  const Channel channel = key.for_channel ? inventory.ChannelAt(key.channel) : Channel();
  const SkuBacking* const backing = inventory.backings.Find(key.sku);
  const SafetyStock::OfOneSku kept_back = inventory.safety_stock.OfSku(key.sku);
  const auto add = [&](LocationIndex location, const Balances& balances) {
    if (backing != nullptr) figures.flexible += backing->At(location);
    figures.position.on_hand += balances.on_hand;
    figures.position.reserved += balances.reserved;
    figures.position.allocated += balances.allocated;
    figures.position.unusable += balances.unusable;
    figures.shortage += balances.shortage();
    if (!balances.unusable.IsZero()) {
      figures.conditions += inventory.conditions.Get(key.sku, location);
    }
    if (channel.demand == Demand::kOnline) figures.safety_stock += kept_back.At(location);
  };
  if (const PoolIndex pool = PoolOf(inventory, key); pool != PoolIndex::kNone) {
    Draft& draft = offer.For(channel.demand);
    figures.available = key.for_channel ? draft.AvailableTo(key.sku, key.channel)
                                        : draft.AvailableInPool(key.sku, inventory.PoolAt(pool));
    if (key.for_channel && !inventory.allotments.empty()) {
      if (const Allotment* allotment = inventory.allotments.Find(key.sku, key.channel)) {
        const Quantity given_back = (-draft.MoreUsed(key.sku, key.channel)).OrZero();
        figures.available = std::min(figures.available, LeftOfCap(*allotment, given_back));
      }
    }
    figures.available = (figures.available - channel.buffer).OrZero();
    inventory.VisitPool(key.sku, inventory.PoolAt(pool), add);
  } else {
    figures.available = offer.For(Demand::kOnline).Available(key.sku, key.location);
    add(key.location, inventory.positions.Get(key.sku, key.location));
  }
  return figures;
}

}  // namespace quartermaster::stock
