// InTransit: how many units are on their way to a position. Beside what is on hand there, and not
// available: nobody has them at hand.
#ifndef QUARTERMASTER_SERVICES_STOCK_DOMAIN_IN_TRANSIT_H_
#define QUARTERMASTER_SERVICES_STOCK_DOMAIN_IN_TRANSIT_H_

#include <cstddef>
#include <cstdint>

#include "absl/container/flat_hash_map.h"
#include "services/base/check.h"
#include "services/base/quantity.h"
#include "services/stock/domain/ids.h"

namespace quartermaster::stock {

// For the few positions that units are on their way to. Not thread-safe.
class InTransit {
 public:
  Quantity Get(SkuIndex sku, LocationIndex location) const {
    if (units_.empty()) return {};
    const auto it = units_.find(PositionKey(sku, location));
    return it == units_.end() ? Quantity() : it->second;
  }
  // There must be as many as a negative delta takes.
  void Add(SkuIndex sku, LocationIndex location, Quantity delta) {
    const uint64_t key = PositionKey(sku, location);
    Quantity& units = units_[key];
    units += delta;
    QM_CHECK(!units.IsNegative()) << "more units come than were on their way";
    if (units.IsZero()) units_.erase(key);
  }
  // Makes it that of the other for one position.
  void CopyFrom(const InTransit& other, SkuIndex sku, LocationIndex location) {
    const uint64_t key = PositionKey(sku, location);
    const auto it = other.units_.find(key);
    if (it == other.units_.end()) {
      units_.erase(key);
    } else {
      units_[key] = it->second;
    }
  }
  size_t size() const { return units_.size(); }
  // visit(sku, location, quantity) of each position that has any, in no order.
  template <typename Visit>
  void ForEach(const Visit& visit) const {
    for (const auto& [key, units] : units_) visit(SkuOfKey(key), LocationOfKey(key), units);
  }

  // base/persist.h
  template <typename Archive, typename Self>
  static void Persist(Archive& archive, Self& self) {
    archive(self.units_);
  }

 private:
  absl::flat_hash_map<uint64_t, Quantity> units_;
};

}  // namespace quartermaster::stock

#endif  // QUARTERMASTER_SERVICES_STOCK_DOMAIN_IN_TRANSIT_H_
