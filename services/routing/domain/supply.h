// Supply: the stock that one request may plan from. The mirror's figures, with the request's own
// laid over them, less what the request's earlier groups have taken.
//
//   Supply supply(&network, &mirror);
//   const SupplyItem mug = supply.Add("mug-red");
//   supply.Available(mug, cluj);      // 7
//   supply.Take(mug, cluj, 2);
//   supply.Available(mug, cluj);      // 5; the mirror stays as it was
#ifndef QUARTERMASTER_SERVICES_ROUTING_DOMAIN_SUPPLY_H_
#define QUARTERMASTER_SERVICES_ROUTING_DOMAIN_SUPPLY_H_

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "services/routing/domain/location_set.h"
#include "services/routing/domain/network.h"
#include "services/routing/domain/stock_mirror.h"

namespace quartermaster::routing {

// A SKU's number within one Supply and its copies.
using SupplyItem = size_t;

// Copying it is cheap: a copy remembers only what differs from the mirror. Quantities are in the
// item's base unit. `network` and `mirror` must outlive it and stay unchanged.
class Supply {
 public:
  Supply(const Network* network, const StockMirror* mirror) : network_(network), mirror_(mirror) {}

  // Numbers a SKU, from 0 on. Once for each: the numbers share nothing. One that nobody has is in
  // supply nowhere.
  SupplyItem Add(std::string_view sku);

  // Sets a figure in the mirror's place. A location that nobody ever named is ignored.
  void Believe(SupplyItem item, std::string_view location_id, int64_t available);
  // Adds to what there is. A location that nobody ever named is ignored.
  void Credit(SupplyItem item, std::string_view location_id, int64_t quantity);
  // At most what is available there.
  void Take(SupplyItem item, LocationIndex location, int64_t quantity);

  int64_t Available(SupplyItem item, LocationIndex location) const;

  // The locations with at least `quantity` (1 or more) of the item.
  LocationSet With(SupplyItem item, int64_t quantity) const;

  // Calls visit(LocationIndex, int64_t available) for every location that has some, in no
  // particular order.
  template <typename Visit>
  void ForEach(SupplyItem item, Visit visit) const {
    const Entry& entry = entries_[item];
    if (entry.stock != nullptr) {
      const std::vector<LocationIndex>& locations = entry.stock->locations();
      const std::vector<int64_t>& available = entry.stock->available();
      for (size_t i = 0; i < locations.size(); ++i) {
        if (entry.patches.empty() || !entry.patches.contains(locations[i])) {
          visit(locations[i], available[i]);
        }
      }
    }
    for (const auto& [location, available] : entry.patches) {
      if (available > 0) visit(location, available);
    }
  }

 private:
  struct Entry {
    const SkuStock* stock = nullptr;
    // What is available where it is not what the mirror says.
    absl::flat_hash_map<LocationIndex, int64_t> patches;
  };

  const Network* network_;
  const StockMirror* mirror_;
  std::vector<Entry> entries_;
};

}  // namespace quartermaster::routing

#endif  // QUARTERMASTER_SERVICES_ROUTING_DOMAIN_SUPPLY_H_
