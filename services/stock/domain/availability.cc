#include "services/stock/domain/availability.h"

namespace quartermaster::stock {

AvailabilityFigures FindAvailability(const Inventory& inventory, const Draft& draft,
                                     const StockKey& key) {
  if (!key.from_pool) {
    return {draft.Available(key.sku, key.location), inventory.positions.Get(key.sku, key.location)};
  }
  const Pool& pool = inventory.PoolAt(key.pool);
  AvailabilityFigures figures{draft.AvailableInPool(key.sku, pool), {}};
  for (const LocationIndex location : pool.locations) {
    const Balances position = inventory.positions.Get(key.sku, location);
    figures.position.on_hand += position.on_hand;
    figures.position.reserved += position.reserved;
    figures.position.allocated += position.allocated;
    figures.position.unusable += position.unusable;
  }
  return figures;
}

}  // namespace quartermaster::stock
