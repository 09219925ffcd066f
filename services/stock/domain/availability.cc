#include "services/stock/domain/availability.h"

#include <algorithm>

#include "services/stock/domain/bundles.h"
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

Quantity LeftOfCapFor(const Inventory& inventory, const Draft& draft, SkuIndex sku,
                      ChannelIndex channel) {
  if (inventory.allotments.empty()) return kEverything;
  const Allotment* const allotment = inventory.allotments.Find(sku, channel);
  if (allotment == nullptr) return kEverything;
  return LeftOfCap(*allotment, (-draft.MoreUsed(sku, channel)).OrZero());
}

bool WasEverStocked(const Inventory& inventory, SkuIndex sku) {
  bool all = true;
  VisitParts(inventory.kits, sku, [&](SkuIndex part, int64_t) {
    const SkuPositions* const positions = inventory.positions.Find(part);
    all = all && positions != nullptr && positions->size() > 0;
  });
  return all;
}

namespace {

Quantity KitsAvailable(const Inventory& inventory, Offer& offer, const StockKey& key,
                       const Kit& kit) {
  const PoolIndex index = PoolOf(inventory, key);
  if (index == PoolIndex::kNone) {
    Draft& draft = offer.For(Demand::kOnline);
    return TimesOf(kit.parts, nullptr,
                   [&](SkuIndex sku) { return draft.Available(sku, key.location); });
  }
  const Channel channel = key.for_channel ? inventory.ChannelAt(key.channel) : Channel();
  const Pool& pool = inventory.PoolAt(index);
  Draft& draft = offer.For(channel.demand);
  Quantity available = TimesOf(kit.parts, nullptr, [&](SkuIndex sku) {
    if (!key.for_channel) return draft.AvailableInPool(sku, pool);
    return std::min(draft.AvailableTo(sku, key.channel),
                    LeftOfCapFor(inventory, draft, sku, key.channel));
  });
  if (kit.whole) {
    Draft places = offer.Fresh(channel.demand);
    Quantity placed;
    for (const Placement& p :
         PlaceWhole(places, inventory, kit.parts, inventory.classes.At(pool.eligible), available)) {
      placed += p.quantity;
    }
    available = placed;
  }
  return (available - channel.buffer).OrZero();
}

}  // namespace

AvailabilityFigures FindAvailability(const Inventory& inventory, Offer& offer,
                                     const StockKey& key) {
  if (!inventory.kits.empty()) {
    if (const Kit* const kit = inventory.kits.Find(key.sku)) {
      AvailabilityFigures figures;
      figures.available = KitsAvailable(inventory, offer, key, *kit);
      return figures;
    }
  }
  return FindOwnAvailability(inventory, offer, key);
}

AvailabilityFigures FindOwnAvailability(const Inventory& inventory, Offer& offer,
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
    figures.in_transit += inventory.in_transit.Get(key.sku, location);
    if (channel.demand == Demand::kOnline) figures.safety_stock += kept_back.At(location);
  };
  if (const PoolIndex pool = PoolOf(inventory, key); pool != PoolIndex::kNone) {
    Draft& draft = offer.For(channel.demand);
    figures.available = key.for_channel ? draft.AvailableTo(key.sku, key.channel)
                                        : draft.AvailableInPool(key.sku, inventory.PoolAt(pool));
    if (key.for_channel) {
      figures.available =
          std::min(figures.available, LeftOfCapFor(inventory, draft, key.sku, key.channel));
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
