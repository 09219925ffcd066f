// StockMirror: what is available of every SKU at every location, as stock last told. It may lag
// behind stock: a plan made from it is confirmed or refused by stock itself.
//
//   StockMirror mirror;
//   mirror.Set("mug-red", network.Intern("cluj-1"), 7);
//   mirror.Find("mug-red")->AvailableAt(0);   // 7
#ifndef QUARTERMASTER_SERVICES_ROUTING_DOMAIN_STOCK_MIRROR_H_
#define QUARTERMASTER_SERVICES_ROUTING_DOMAIN_STOCK_MIRROR_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "services/routing/domain/location_set.h"
#include "services/routing/domain/string_map.h"

namespace quartermaster::routing {

// The locations that have some of one SKU.
class SkuStock {
 public:
  // 0 if it has none. In the item's base unit, as everywhere here.
  int64_t AvailableAt(LocationIndex location) const;
  // Never below 0; 0 removes the location.
  void Set(LocationIndex location, int64_t available);

  // Ascending, and as long as available().
  const std::vector<LocationIndex>& locations() const { return locations_; }
  // All above 0.
  const std::vector<int64_t>& available() const { return available_; }
  // The locations with at least `quantity`, 1 or more.
  LocationSet With(int64_t quantity) const;
  // The same locations as locations(), as a set.
  const LocationSet& present() const { return present_; }

 private:
  std::vector<LocationIndex> locations_;
  std::vector<int64_t> available_;
  LocationSet present_;
};

// Const methods may run on several threads at once; changes need exclusion.
class StockMirror {
 public:
  // A figure below 0 counts as 0.
  void Set(std::string_view sku, LocationIndex location, int64_t available);

  // Null for a SKU that stock never named. Valid as long as the mirror.
  const SkuStock* Find(std::string_view sku) const;

  size_t sku_count() const { return stock_.size(); }

 private:
  StringMap<SkuStock*> by_sku_;
  std::deque<SkuStock> stock_;
};

}  // namespace quartermaster::routing

#endif  // QUARTERMASTER_SERVICES_ROUTING_DOMAIN_STOCK_MIRROR_H_
