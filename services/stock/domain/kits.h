// KitTable: SKUs that are sold as so many units of others, which may be kits themselves.
//
//   kits.Set(breakfast, {{cup, 2}, {plate, 1}}, /*same_location=*/false, version);
//   VisitParts(kits, breakfast, [](SkuIndex sku, int64_t count) {});   // cup 2, plate 1
//
// A kit has no stock of its own; what it is made of is reserved, sold and returned in its place.
// See adr/0005-kits-are-their-parts.md.
#ifndef QUARTERMASTER_SERVICES_STOCK_DOMAIN_KITS_H_
#define QUARTERMASTER_SERVICES_STOCK_DOMAIN_KITS_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "services/stock/domain/ids.h"
#include "services/stock/domain/rejections.h"

namespace quartermaster::stock {

// Of how many tiers a kit may be, what it consists of directly counted as one; how many SKUs that
// are no kits it may come to; how many units of each; and in how many kits a kit may be, directly
// and through others.
inline constexpr int kKitTiersMax = 8;
inline constexpr size_t kKitPartsMax = 100;
inline constexpr int64_t kKitCountMax = 1'000'000;
inline constexpr size_t kKitParentsMax = 1'000;

// So many units of a SKU in one kit; positive.
struct KitPart {
  SkuIndex sku = SkuIndex::kNone;
  int64_t count = 0;

  friend bool operator==(const KitPart&, const KitPart&) = default;
};
using KitParts = std::vector<KitPart>;

struct Kit {
  // As it was defined; each SKU once. Never empty.
  KitParts components;
  // One kit's units are all at one location.
  bool same_location = false;
  // The position of the event that defined it.
  int64_t version = 0;
  // What it comes to, tier by tier: SKUs that are no kits, each once, ascending.
  KitParts parts;
  int tiers = 1;
  // `same_location` of it, or of a kit in it: then it is placed whole itself.
  bool whole = false;

  friend bool operator==(const Kit&, const Kit&) = default;
};

// Not thread-safe.
class KitTable {
 public:
  bool empty() const { return kits_.empty(); }
  size_t size() const { return kits_.size(); }
  // nullptr: is no kit.
  const Kit* Find(SkuIndex sku) const {
    const auto it = kits_.find(sku);
    return it == kits_.end() ? nullptr : &it->second;
  }
  // 0: is no kit.
  int64_t VersionOf(SkuIndex sku) const {
    const Kit* const kit = Find(sku);
    return kit == nullptr ? 0 : kit->version;
  }

  // Why it cannot consist of these; nullopt if it can. The rejection's line is the component that
  // it is about; -1: it would spoil a kit that it is in.
  std::optional<Rejection> FindFlaw(SkuIndex sku, const KitParts& components) const;

  // Defines it, or, without components, makes it a kit no more. It must have no flaw. The kits that
  // it is in come to something else then, too.
  void Set(SkuIndex sku, const KitParts& components, bool same_location, int64_t version);

  // Calls visit(sku, kit) for each, in no order.
  template <typename Visit>
  void VisitAll(const Visit& visit) const {
    for (const auto& [sku, kit] : kits_) visit(sku, kit);
  }
  // The kits that it is in, directly and through others; those that are in others first.
  std::vector<SkuIndex> ParentsOf(SkuIndex sku) const;

  // base/persist.h
  template <typename Archive, typename Self>
  static void Persist(Archive& archive, Self& self) {
    archive(self.kits_, self.used_in_);
  }

 private:
  // What components come to. The first that is too much, if any; the kit's own flaw.
  std::optional<Rejection> Flatten(Kit& kit,
                                   const absl::flat_hash_map<SkuIndex, Kit>& changed) const;
  bool Contains(SkuIndex kit, SkuIndex sku) const;

  absl::flat_hash_map<SkuIndex, Kit> kits_;
  // The kits that a SKU is a component of.
  absl::flat_hash_map<SkuIndex, std::vector<SkuIndex>> used_in_;
};

// Calls visit(sku, count) for each SKU that one of `sku` comes to: itself, if it is no kit.
template <typename Visit>
void VisitParts(const KitTable& kits, SkuIndex sku, const Visit& visit) {
  const Kit* const kit = kits.empty() ? nullptr : kits.Find(sku);
  if (kit == nullptr) return visit(sku, int64_t{1});
  for (const KitPart& part : kit->parts) visit(part.sku, part.count);
}

}  // namespace quartermaster::stock

#endif  // QUARTERMASTER_SERVICES_STOCK_DOMAIN_KITS_H_
