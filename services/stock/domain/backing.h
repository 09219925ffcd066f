// Backing: which units a hold stands on. A pool hold is placed where most is free, and split over
// locations only if no single one has enough.
#ifndef QUARTERMASTER_SERVICES_STOCK_DOMAIN_BACKING_H_
#define QUARTERMASTER_SERVICES_STOCK_DOMAIN_BACKING_H_

#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/inlined_vector.h"
#include "services/base/quantity.h"
#include "services/stock/domain/commands.h"
#include "services/stock/domain/ids.h"
#include "services/stock/domain/inventory.h"
#include "services/stock/domain/rejections.h"
#include "services/stock/domain/reservation.h"

namespace quartermaster::stock {

// The inventory with units given and taken on top of it that are not logged yet: lines of one
// request see each other, and a hold that is about to be replaced counts as free.
class Draft {
 public:
  explicit Draft(const Inventory& inventory) : inventory_(inventory) {}

  void Take(SkuIndex sku, LocationIndex location, Quantity quantity) {
    Taken(sku, location) += quantity;
  }
  // Gives back all open units of a reservation.
  void Free(const Reservation& reservation);

  // Never negative.
  Quantity Available(SkuIndex sku, LocationIndex location) const;
  Quantity AvailableInPool(SkuIndex sku, const Pool& pool) const;

  // Takes up to `quantity` from the pool: from one location if one has enough, else from as few as
  // will do. Returns where.
  Placements TakeFromPool(SkuIndex sku, const Pool& pool, Quantity quantity);

 private:
  struct Entry {
    SkuIndex sku;
    LocationIndex location;
    Quantity taken;
  };
  Quantity& Taken(SkuIndex sku, LocationIndex location);
  Quantity Left(SkuIndex sku, LocationIndex location, const Balances& position) const;
  // Calls visit(location, available) for each location of the pool where some is available.
  template <typename Visit>
  void VisitPool(SkuIndex sku, const Pool& pool, const Visit& visit) const;

  const Inventory& inventory_;
  // Few entries are searched one by one; beyond that the index takes over.
  absl::InlinedVector<Entry, 4> entries_;
  absl::flat_hash_map<uint64_t, size_t> index_;
};

// Where each line's units come from.
struct Backing {
  absl::InlinedVector<Placements, 1> lines;
  // Lines that get less than they ask; empty if all are served.
  std::vector<ShortLine> short_lines;
};

// Lines with a location come first, then the lines with a pool; each in the order of the request.
// All names must be known.
Backing PlanBacking(Draft& draft, const Inventory& inventory, const HoldLines& lines);

}  // namespace quartermaster::stock

#endif  // QUARTERMASTER_SERVICES_STOCK_DOMAIN_BACKING_H_
