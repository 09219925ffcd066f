// SafetyStock: how many units of a SKU at a location are not for online demand. Set for a SKU at a
// location, for a SKU, for a location, or for all; the most specific setting counts, in that order.
#ifndef QUARTERMASTER_SERVICES_STOCK_DOMAIN_SAFETY_STOCK_H_
#define QUARTERMASTER_SERVICES_STOCK_DOMAIN_SAFETY_STOCK_H_

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "services/base/quantity.h"
#include "services/stock/domain/ids.h"

namespace quartermaster::stock {

// What a policy is set for; kNone: any.
struct PolicyScope {
  SkuIndex sku = SkuIndex::kNone;
  LocationIndex location = LocationIndex::kNone;

  friend bool operator==(const PolicyScope&, const PolicyScope&) = default;
  template <typename H>
  friend H AbslHashValue(H h, const PolicyScope& scope) {
    return H::combine(std::move(h), scope.sku, scope.location);
  }
};

// Not thread-safe.
class SafetyStock {
 public:
  struct Setting {
    // Never negative.
    Quantity units;
    // The position of the event that set it.
    int64_t version = 0;

    friend bool operator==(const Setting&, const Setting&) = default;
  };

  bool empty() const { return settings_.empty(); }
  // nullptr if nothing is set for just this scope.
  const Setting* Find(const PolicyScope& scope) const {
    const auto it = settings_.find(scope);
    return it == settings_.end() ? nullptr : &it->second;
  }
  // False: it is 0 at every location.
  bool AppliesTo(SkuIndex sku) const {
    if (settings_.empty()) return false;
    const auto i = static_cast<uint32_t>(sku);
    return for_any_sku_ > 0 || (i < has_own_.size() && has_own_[i]);
  }
  Quantity For(SkuIndex sku, LocationIndex location) const {
    if (!AppliesTo(sku)) return Quantity();
    const SkuIndex any_sku = SkuIndex::kNone;
    const LocationIndex anywhere = LocationIndex::kNone;
    for (const PolicyScope& scope : {PolicyScope{sku, location}, PolicyScope{sku, anywhere},
                                     PolicyScope{any_sku, location}, PolicyScope{}}) {
      if (const Setting* setting = Find(scope)) return setting->units;
    }
    return Quantity();
  }

  void Set(const PolicyScope& scope, const Setting& setting) {
    if (settings_.insert_or_assign(scope, setting).second) Count(scope, 1);
  }
  void Remove(const PolicyScope& scope) {
    if (settings_.erase(scope) > 0) Count(scope, -1);
  }
  // Makes it that of the other for one scope.
  void CopyFrom(const SafetyStock& other, const PolicyScope& scope) {
    if (const Setting* setting = other.Find(scope)) {
      Set(scope, *setting);
    } else {
      Remove(scope);
    }
  }
  // Calls visit(scope, setting) for each, in no order.
  template <typename Visit>
  void ForEach(const Visit& visit) const {
    for (const auto& [scope, setting] : settings_) visit(scope, setting);
  }

 private:
  void Count(const PolicyScope& scope, int delta) {
    if (scope.sku == SkuIndex::kNone) {
      for_any_sku_ += delta;
      return;
    }
    const auto i = static_cast<uint32_t>(scope.sku);
    if (i >= has_own_.size()) has_own_.resize(i + 1);
    int& settings = of_sku_[scope.sku];
    settings += delta;
    has_own_[i] = settings > 0;
    if (settings == 0) of_sku_.erase(scope.sku);
  }

  absl::flat_hash_map<PolicyScope, Setting> settings_;
  // How many settings name a SKU, and how many name none.
  absl::flat_hash_map<SkuIndex, int> of_sku_;
  int for_any_sku_ = 0;
  // By SkuIndex, a bit each: every hold asks.
  std::vector<bool> has_own_;
};

}  // namespace quartermaster::stock

#endif  // QUARTERMASTER_SERVICES_STOCK_DOMAIN_SAFETY_STOCK_H_
