// Inventory: what there is and where it may be sold from: names, pools, positions, and where the
// units of flexible holds stand. The writer's state and the readers' view are both built on it, so
// that availability is one computation.
#ifndef QUARTERMASTER_SERVICES_STOCK_DOMAIN_INVENTORY_H_
#define QUARTERMASTER_SERVICES_STOCK_DOMAIN_INVENTORY_H_

#include <cstdint>
#include <vector>

#include "services/stock/domain/allotment.h"
#include "services/stock/domain/channel.h"
#include "services/stock/domain/conditions.h"
#include "services/stock/domain/directory.h"
#include "services/stock/domain/eligibility.h"
#include "services/stock/domain/ids.h"
#include "services/stock/domain/in_transit.h"
#include "services/stock/domain/kits.h"
#include "services/stock/domain/positions.h"
#include "services/stock/domain/safety_stock.h"
#include "services/stock/domain/sku_backing.h"

namespace quartermaster::stock {

// A named set of locations that may be sold from as one.
struct Pool {
  // Ascending, each once.
  std::vector<LocationIndex> locations;
  // The same set: that of the holds that are made from it now.
  ClassIndex eligible = ClassIndex::kNone;
};

// Not thread-safe.
struct Inventory {
  Directory<SkuIndex> skus;
  Directory<LocationIndex> locations;
  Directory<PoolIndex> pool_names;
  // By PoolIndex; the first is nobody's.
  std::vector<Pool> pools{1};
  Directory<ChannelIndex> channel_names;
  // By ChannelIndex; the first is nobody's.
  std::vector<Channel> channels{1};
  // By LocationIndex: taken out of pools. Tills and named holds are not affected.
  std::vector<bool> paused;
  Positions positions;
  EligibilityClasses classes;
  Backings backings;
  // Of the positions' unusable units.
  ConditionTable conditions;
  SafetyStock safety_stock;
  Allotments allotments;
  KitTable kits;
  // Units on their way to where they will be.
  InTransit in_transit;

  bool IsPaused(LocationIndex location) const {
    const auto i = static_cast<uint32_t>(location);
    return i < paused.size() && paused[i];
  }
  // The pool must be known.
  const Pool& PoolAt(PoolIndex pool) const { return pools[static_cast<uint32_t>(pool)]; }
  // kNone: a channel without a pool.
  const Channel& ChannelAt(ChannelIndex channel) const {
    return channels[static_cast<uint32_t>(channel)];
  }
  // Calls visit(location, balances) for each location of the pool where the SKU ever was, paused
  // ones too.
  template <typename Visit>
  void VisitPool(SkuIndex sku, const Pool& pool, const Visit& visit) const {
    const SkuPositions* const its = positions.Find(sku);
    if (its == nullptr) return;
    // Whichever is shorter: the pool's locations, or those that the SKU lies in.
    if (pool.locations.size() * 8 < its->size()) {
      for (const LocationIndex location : pool.locations) {
        if (const Balances* position = its->Find(location)) visit(location, *position);
      }
    } else {
      const LocationSet& members = classes.At(pool.eligible);
      for (const SkuPositions::Entry& entry : *its) {
        if (members.Contains(entry.location)) visit(entry.location, entry.position);
      }
    }
  }
};

}  // namespace quartermaster::stock

#endif  // QUARTERMASTER_SERVICES_STOCK_DOMAIN_INVENTORY_H_
