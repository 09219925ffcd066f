// MovableGroups: lines of reservations that have their places, but only together: all at one
// location of their class, whichever it is, and of kits each one. They may move, whole, to make
// room for others (regroup.h), until they are bound or some of their units end.
#ifndef QUARTERMASTER_SERVICES_STOCK_DOMAIN_MOVABLE_GROUPS_H_
#define QUARTERMASTER_SERVICES_STOCK_DOMAIN_MOVABLE_GROUPS_H_

#include <compare>
#include <cstddef>
#include <cstdint>

#include "absl/container/btree_set.h"
#include "absl/container/flat_hash_map.h"
#include "services/stock/domain/ids.h"

namespace quartermaster::stock {

// ReservationLine::group of a reservation.
struct GroupRef {
  ReservationId reservation = ReservationId::kNone;
  uint32_t group = 0;

  friend auto operator<=>(const GroupRef&, const GroupRef&) = default;
};

// By SKU. Not thread-safe.
class MovableGroups {
 public:
  using Refs = absl::btree_set<GroupRef>;

  bool empty() const { return by_sku_.empty(); }
  // In the order of their reservations; nullptr if there are none.
  const Refs* Find(SkuIndex sku) const {
    const auto it = by_sku_.find(sku);
    return it == by_sku_.end() ? nullptr : &it->second;
  }
  void Add(SkuIndex sku, GroupRef group) { by_sku_[sku].insert(group); }
  // Nothing happens if it is not there.
  void Remove(SkuIndex sku, GroupRef group) {
    const auto it = by_sku_.find(sku);
    if (it == by_sku_.end()) return;
    it->second.erase(group);
    if (it->second.empty()) by_sku_.erase(it);
  }
  template <typename Visit>
  void VisitAll(const Visit& visit) const {
    for (const auto& [sku, groups] : by_sku_) {
      for (const GroupRef& group : groups) visit(sku, group);
    }
  }

  // base/persist.h
  template <typename Archive, typename Self>
  static void Persist(Archive& archive, Self& self) {
    archive(self.by_sku_);
  }

 private:
  absl::flat_hash_map<SkuIndex, Refs> by_sku_;
};

}  // namespace quartermaster::stock

#endif  // QUARTERMASTER_SERVICES_STOCK_DOMAIN_MOVABLE_GROUPS_H_
