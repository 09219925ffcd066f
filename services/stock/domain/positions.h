// Positions: what is where. One Balances per SKU × location.
#ifndef QUARTERMASTER_SERVICES_STOCK_DOMAIN_POSITIONS_H_
#define QUARTERMASTER_SERVICES_STOCK_DOMAIN_POSITIONS_H_

#include <algorithm>
#include <cstdint>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "services/base/huge_pages.h"
#include "services/base/quantity.h"
#include "services/stock/domain/ids.h"

namespace quartermaster::stock {

// The balances of a SKU at a location. Formulas: DOMAIN, "Stock".
struct Balances {
  // initial + received + returned + transferred in - shipped - sold - transferred out +- counted.
  // May be below zero: a till sells what the books do not know of.
  Quantity on_hand;
  // The open units of holds (state HELD) placed here. Never negative.
  Quantity reserved;
  // The open units of confirmed reservations placed here. Never negative.
  Quantity allocated;
  // Damaged, in quarantine, in inspection or suspect (conditions.h has each). Never negative.
  Quantity unusable;

  friend bool operator==(const Balances&, const Balances&) = default;

  Quantity usable() const { return on_hand - unusable; }
  Quantity promised() const { return reserved + allocated; }
  // May be negative: what a new hold would have to find first.
  Quantity uncommitted() const { return usable() - promised(); }
  Quantity available() const { return uncommitted().OrZero(); }
  Quantity shortage() const { return (-uncommitted()).OrZero(); }
};

// The positions of one SKU, in location order. A SKU lies in one to some thousand locations: a
// sorted array beats a hash map in memory and in the scan that a pool needs, and a SKU at a single
// place costs one cache miss instead of two.
class SkuPositions {
 public:
  // The latest reservation with a line of the SKU: the first of a chain that has all open ones
  // (sku_chain.h). It stands here because whoever holds the SKU has this at hand anyway.
  ReservationId newest = ReservationId::kNone;

  struct Entry {
    LocationIndex location;
    Balances position;
  };

  // nullptr if the SKU was never there.
  const Balances* Find(LocationIndex location) const {
    const auto it = LowerBound(location);
    return it != entries_.end() && it->location == location ? &it->position : nullptr;
  }
  // Creates the position if it is new.
  Balances& At(LocationIndex location) {
    const auto it = entries_.begin() + (LowerBound(location) - entries_.begin());
    if (it != entries_.end() && it->location == location) return it->position;
    return entries_.insert(it, {location, {}})->position;
  }

  auto begin() const { return entries_.begin(); }
  auto end() const { return entries_.end(); }
  size_t size() const { return entries_.size(); }

  // base/persist.h
  template <typename Archive, typename Self>
  static void Persist(Archive& archive, Self& self) {
    archive(self.newest, self.entries_);
  }

 private:
  using Entries = absl::InlinedVector<Entry, 1>;

  Entries::const_iterator LowerBound(LocationIndex location) const {
    return std::lower_bound(entries_.begin(), entries_.end(), location,
                            [](const Entry& entry, LocationIndex l) { return entry.location < l; });
  }
  Entries entries_;
};

// The positions of all SKUs.
class Positions {
 public:
  // nullptr if nothing of the SKU was ever anywhere.
  const SkuPositions* Find(SkuIndex sku) const {
    const auto i = static_cast<uint32_t>(sku);
    return i < skus_.size() ? &skus_[i] : nullptr;
  }
  // Zero balances if the SKU was never there.
  Balances Get(SkuIndex sku, LocationIndex location) const {
    const SkuPositions* positions = Find(sku);
    const Balances* position = positions == nullptr ? nullptr : positions->Find(location);
    return position == nullptr ? Balances{} : *position;
  }
  Balances& At(SkuIndex sku, LocationIndex location) { return Of(sku).At(location); }
  // Empty if nothing of the SKU was ever anywhere.
  SkuPositions& Of(SkuIndex sku) {
    const auto i = static_cast<uint32_t>(sku);
    if (i >= skus_.size()) skus_.resize(i + 1);
    return skus_[i];
  }
  // Asks the processor for the memory of a SKU's positions, or of the first of them.
  void Prefetch(SkuIndex sku) const {
    const auto i = static_cast<uint32_t>(sku);
    if (i >= skus_.size()) return;
    const auto* const bytes = reinterpret_cast<const char*>(&skus_[i]);
    __builtin_prefetch(bytes);
    __builtin_prefetch(bytes + sizeof(SkuPositions) - 1);
  }
  using Skus = std::vector<SkuPositions, HugePageAllocator<SkuPositions>>;
  // Indexed by SkuIndex; the first is nobody's.
  const Skus& skus() const { return skus_; }

  // base/persist.h
  template <typename Archive, typename Self>
  static void Persist(Archive& archive, Self& self) {
    archive(self.skus_);
  }

 private:
  Skus skus_;
};

}  // namespace quartermaster::stock

#endif  // QUARTERMASTER_SERVICES_STOCK_DOMAIN_POSITIONS_H_
