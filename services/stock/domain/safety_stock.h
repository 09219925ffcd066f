// SafetyStock: how many units of a SKU at a location are not for online demand. Set for a SKU at a
// location, for a SKU, for a location, or for all; the most specific setting counts, in that order.
#ifndef QUARTERMASTER_SERVICES_STOCK_DOMAIN_SAFETY_STOCK_H_
#define QUARTERMASTER_SERVICES_STOCK_DOMAIN_SAFETY_STOCK_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
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

struct SafetySetting {
  // Never negative.
  Quantity units;
  // The position of the event that set it.
  int64_t version = 0;

  friend bool operator==(const SafetySetting&, const SafetySetting&) = default;
};

// Not thread-safe.
class SafetyStock {
 private:
  struct SkuSettings;

 public:
  using Setting = SafetySetting;

  // One SKU's share: its own settings are looked up once, whoever then asks for many locations. Of
  // no use once a setting changes.
  class OfOneSku {
   public:
    Quantity At(LocationIndex location) const {
      if (own_ != nullptr) {
        if (const Setting* setting = own_->At(location)) return setting->units;
        if (own_->anywhere) return own_->anywhere->units;
      }
      if (const Setting* setting = all_->OfAnySku(location)) return setting->units;
      const Setting* const everywhere = all_->OfAnySku(LocationIndex::kNone);
      return everywhere == nullptr ? Quantity() : everywhere->units;
    }

   private:
    friend class SafetyStock;
    OfOneSku(const SafetyStock* all, const SkuSettings* own) : all_(all), own_(own) {}

    const SafetyStock* all_;
    // Null if none names the SKU.
    const SkuSettings* own_;
  };

  bool empty() const { return for_any_sku_ == 0 && of_sku_.empty(); }
  // nullptr if nothing is set for just this scope.
  const Setting* Find(const PolicyScope& scope) const {
    if (scope.sku == SkuIndex::kNone) return OfAnySku(scope.location);
    const SkuSettings* const own = Own(scope.sku);
    if (own == nullptr) return nullptr;
    if (scope.location != LocationIndex::kNone) return own->At(scope.location);
    return own->anywhere ? &*own->anywhere : nullptr;
  }
  // False: it is 0 at every location.
  bool AppliesTo(SkuIndex sku) const { return for_any_sku_ > 0 || HasOwn(sku); }
  OfOneSku OfSku(SkuIndex sku) const { return {this, Own(sku)}; }
  Quantity For(SkuIndex sku, LocationIndex location) const {
    return AppliesTo(sku) ? OfSku(sku).At(location) : Quantity();
  }

  void Set(const PolicyScope& scope, const Setting& setting) {
    if (scope.sku == SkuIndex::kNone) {
      const auto i = static_cast<uint32_t>(scope.location);
      if (i >= of_any_sku_.size()) of_any_sku_.resize(i + 1);
      if (!of_any_sku_[i]) ++for_any_sku_;
      of_any_sku_[i] = setting;
      return;
    }
    const auto i = static_cast<uint32_t>(scope.sku);
    if (i >= has_own_.size()) has_own_.resize(i + 1);
    has_own_[i] = true;
    SkuSettings& own = of_sku_[scope.sku];
    if (scope.location == LocationIndex::kNone) {
      own.anywhere = setting;
    } else {
      own.Set(scope.location, setting);
    }
  }
  void Remove(const PolicyScope& scope) {
    if (Find(scope) == nullptr) return;
    if (scope.sku == SkuIndex::kNone) {
      of_any_sku_[static_cast<uint32_t>(scope.location)].reset();
      --for_any_sku_;
      return;
    }
    const auto it = of_sku_.find(scope.sku);
    if (scope.location == LocationIndex::kNone) {
      it->second.anywhere.reset();
    } else {
      it->second.Remove(scope.location);
    }
    if (!it->second.empty()) return;
    of_sku_.erase(it);
    has_own_[static_cast<uint32_t>(scope.sku)] = false;
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
    for (uint32_t i = 0; i < of_any_sku_.size(); ++i) {
      if (!of_any_sku_[i]) continue;
      visit(PolicyScope{SkuIndex::kNone, static_cast<LocationIndex>(i)}, *of_any_sku_[i]);
    }
    for (const auto& [sku, own] : of_sku_) {
      if (own.anywhere) visit(PolicyScope{sku, LocationIndex::kNone}, *own.anywhere);
      for (const auto& [location, setting] : own.at) visit(PolicyScope{sku, location}, setting);
    }
  }

  // base/persist.h
  template <typename Archive, typename Self>
  static void Persist(Archive& archive, Self& self) {
    archive(self.of_sku_, self.of_any_sku_, self.for_any_sku_, self.has_own_);
  }

 private:
  struct SkuSettings {
    std::optional<Setting> anywhere;
    // By location.
    std::vector<std::pair<LocationIndex, Setting>> at;

    bool empty() const { return !anywhere && at.empty(); }
    size_t LowerBound(LocationIndex location) const {
      const auto it = std::lower_bound(
          at.begin(), at.end(), location,
          [](const auto& entry, LocationIndex wanted) { return entry.first < wanted; });
      return static_cast<size_t>(it - at.begin());
    }
    bool Has(size_t i, LocationIndex location) const {
      return i < at.size() && at[i].first == location;
    }
    const Setting* At(LocationIndex location) const {
      const size_t i = LowerBound(location);
      return Has(i, location) ? &at[i].second : nullptr;
    }
    void Set(LocationIndex location, const Setting& setting) {
      const size_t i = LowerBound(location);
      if (!Has(i, location)) {
        at.insert(at.begin() + static_cast<ptrdiff_t>(i), {location, setting});
      } else {
        at[i].second = setting;
      }
    }
    void Remove(LocationIndex location) {
      at.erase(at.begin() + static_cast<ptrdiff_t>(LowerBound(location)));
    }
  };

  bool HasOwn(SkuIndex sku) const {
    const auto i = static_cast<uint32_t>(sku);
    return i < has_own_.size() && has_own_[i];
  }
  const SkuSettings* Own(SkuIndex sku) const {
    return HasOwn(sku) ? &of_sku_.find(sku)->second : nullptr;
  }
  // Of a location (kNone: of all), for whichever SKU.
  const Setting* OfAnySku(LocationIndex location) const {
    const auto i = static_cast<uint32_t>(location);
    return i < of_any_sku_.size() && of_any_sku_[i] ? &*of_any_sku_[i] : nullptr;
  }

  // Of the SKUs that a setting names.
  absl::flat_hash_map<SkuIndex, SkuSettings> of_sku_;
  // By LocationIndex, kNone's for all locations: the settings that name no SKU, and how many.
  std::vector<std::optional<Setting>> of_any_sku_;
  int for_any_sku_ = 0;
  // By SkuIndex, a bit each: every hold asks.
  std::vector<bool> has_own_;
};

}  // namespace quartermaster::stock

#endif  // QUARTERMASTER_SERVICES_STOCK_DOMAIN_SAFETY_STOCK_H_
