#include "services/stock/domain/availability.h"

namespace quartermaster::stock {

std::optional<RejectionKind> FindUnknownName(const Inventory& inventory, const StockKey& key) {
  if (!inventory.skus.Knows(key.sku)) return RejectionKind::kItemNotFound;
  if (key.from_pool && !inventory.pool_names.Knows(key.pool)) return RejectionKind::kPoolNotFound;
  if (!key.from_pool && !inventory.locations.Knows(key.location)) {
    return RejectionKind::kLocationNotFound;
  }
  return std::nullopt;
}

AvailabilityFigures FindAvailability(const Inventory& inventory, Draft& draft,
                                     const StockKey& key) {
  AvailabilityFigures figures;
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
    figures.safety_stock += kept_back.At(location);
  };
  if (key.from_pool) {
    const Pool& pool = inventory.PoolAt(key.pool);
    figures.available = draft.AvailableInPool(key.sku, pool);
    inventory.VisitPool(key.sku, pool, add);
  } else {
    figures.available = draft.Available(key.sku, key.location);
    add(key.location, inventory.positions.Get(key.sku, key.location));
  }
  return figures;
}

}  // namespace quartermaster::stock
