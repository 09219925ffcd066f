// SkuBacking: where the units of one SKU's flexible holds stand, as counts per lane and location.
// A flexible hold is backed by real units, but at which of its locations may change until it is
// bound; who has which of them is nobody's to say. See adr/0001-units-of-pool-holds-may-move.md.
#ifndef QUARTERMASTER_SERVICES_STOCK_DOMAIN_SKU_BACKING_H_
#define QUARTERMASTER_SERVICES_STOCK_DOMAIN_SKU_BACKING_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <tuple>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "services/base/check.h"
#include "services/base/quantity.h"
#include "services/stock/domain/ids.h"

namespace quartermaster::stock {

// What is interchangeable: the units of an eligibility class, those of holds and those of confirmed
// reservations apart, as they stand in different columns of Balances.
struct Lane {
  ClassIndex eligible = ClassIndex::kNone;
  bool allocated = false;

  friend auto operator<=>(const Lane&, const Lane&) = default;
};

// Units of a lane that leave one location and stand at another; positive.
struct BackingMove {
  Lane lane;
  LocationIndex from = LocationIndex::kNone;
  LocationIndex to = LocationIndex::kNone;
  Quantity quantity;

  friend bool operator==(const BackingMove&, const BackingMove&) = default;
};

// Not thread-safe.
class SkuBacking {
 public:
  struct Entry {
    LocationIndex location;
    Lane lane;
    Quantity quantity;

    friend bool operator==(const Entry&, const Entry&) = default;
  };

  Quantity At(LocationIndex location, Lane lane) const {
    const auto it = LowerBound(location, lane);
    return it != entries_.end() && it->location == location && it->lane == lane ? it->quantity
                                                                                : Quantity();
  }
  // Of all lanes.
  Quantity At(LocationIndex location) const {
    Quantity sum;
    for (auto it = LowerBound(location, Lane()); it != entries_.end() && it->location == location;
         ++it) {
      sum += it->quantity;
    }
    return sum;
  }
  Quantity Total(Lane lane) const {
    Quantity sum;
    for (const Entry& entry : entries_) {
      if (entry.lane == lane) sum += entry.quantity;
    }
    return sum;
  }
  // There must be as much as a negative delta takes.
  void Add(LocationIndex location, Lane lane, Quantity delta) {
    const auto it = entries_.begin() + (LowerBound(location, lane) - entries_.begin());
    if (it == entries_.end() || it->location != location || it->lane != lane) {
      QM_CHECK(!delta.IsNegative()) << "takes units that do not stand there";
      if (delta.IsPositive()) entries_.insert(it, {location, lane, delta});
      return;
    }
    it->quantity += delta;
    QM_CHECK(!it->quantity.IsNegative()) << "takes more units than stand there";
    if (it->quantity.IsZero()) entries_.erase(it);
  }

  bool empty() const { return entries_.empty(); }
  size_t size() const { return entries_.size(); }
  // By location, then lane; none is zero.
  auto begin() const { return entries_.begin(); }
  auto end() const { return entries_.end(); }

  friend bool operator==(const SkuBacking&, const SkuBacking&) = default;

  // base/persist.h
  template <typename Archive, typename Self>
  static void Persist(Archive& archive, Self& self) {
    archive(self.entries_);
  }

 private:
  using Entries = std::vector<Entry>;

  Entries::const_iterator LowerBound(LocationIndex location, Lane lane) const {
    return std::lower_bound(entries_.begin(), entries_.end(), std::tie(location, lane),
                            [](const Entry& entry, const auto& key) {
                              return std::tie(entry.location, entry.lane) < key;
                            });
  }
  Entries entries_;
};

// The backing of every SKU that has flexible holds. Not thread-safe.
class Backings {
 public:
  // nullptr if the SKU has none.
  const SkuBacking* Find(SkuIndex sku) const {
    const auto it = skus_.find(sku);
    return it == skus_.end() ? nullptr : &it->second;
  }
  void Add(SkuIndex sku, LocationIndex location, Lane lane, Quantity delta) {
    SkuBacking& backing = skus_[sku];
    backing.Add(location, lane, delta);
    if (backing.empty()) skus_.erase(sku);
  }
  // Makes it that of the other for one SKU.
  void CopyFrom(const Backings& other, SkuIndex sku) {
    if (const SkuBacking* backing = other.Find(sku)) {
      skus_[sku] = *backing;
    } else {
      skus_.erase(sku);
    }
  }
  // Calls visit(sku) for each that has some, in no order.
  template <typename Visit>
  void VisitSkus(const Visit& visit) const {
    for (const auto& [sku, backing] : skus_) visit(sku);
  }
  bool empty() const { return skus_.empty(); }
  size_t size() const { return skus_.size(); }

  // base/persist.h
  template <typename Archive, typename Self>
  static void Persist(Archive& archive, Self& self) {
    archive(self.skus_);
  }

 private:
  absl::flat_hash_map<SkuIndex, SkuBacking> skus_;
};

}  // namespace quartermaster::stock

#endif  // QUARTERMASTER_SERVICES_STOCK_DOMAIN_SKU_BACKING_H_
