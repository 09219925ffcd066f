#include "services/stock/domain/kits.h"

#include <algorithm>
#include <utility>

#include "absl/container/btree_map.h"
#include "absl/container/flat_hash_set.h"
#include "services/base/check.h"

namespace quartermaster::stock {

bool KitTable::Contains(SkuIndex kit, SkuIndex sku) const {
  std::vector<SkuIndex> todo = {kit};
  absl::flat_hash_set<SkuIndex> seen;
  while (!todo.empty()) {
    const SkuIndex next = todo.back();
    todo.pop_back();
    if (next == sku) return true;
    const Kit* const its = Find(next);
    if (its == nullptr || !seen.insert(next).second) continue;
    for (const KitPart& component : its->components) todo.push_back(component.sku);
  }
  return false;
}

std::optional<Rejection> KitTable::Flatten(
    Kit& kit, const absl::flat_hash_map<SkuIndex, Kit>& changed) const {
  absl::btree_map<SkuIndex, int64_t> sums;
  kit.tiers = 1;
  kit.whole = kit.same_location;
  for (size_t i = 0; i < kit.components.size(); ++i) {
    const KitPart& component = kit.components[i];
    const auto it = changed.find(component.sku);
    const Kit* const inner = it != changed.end() ? &it->second : Find(component.sku);
    const auto flaw = [&](RejectionKind kind) { return Rejection{kind, static_cast<int>(i)}; };
    // Made a kit no more by the change at hand.
    if (inner == nullptr || inner->components.empty()) {
      if ((sums[component.sku] += component.count) > kKitCountMax) {
        return flaw(RejectionKind::kKitTooLarge);
      }
    } else {
      kit.tiers = std::max(kit.tiers, inner->tiers + 1);
      kit.whole = kit.whole || inner->whole;
      if (kit.tiers > kKitTiersMax) return flaw(RejectionKind::kKitTooDeep);
      for (const KitPart& part : inner->parts) {
        // Both are at most a million.
        if ((sums[part.sku] += part.count * component.count) > kKitCountMax) {
          return flaw(RejectionKind::kKitTooLarge);
        }
      }
    }
    if (sums.size() > kKitPartsMax) return flaw(RejectionKind::kKitTooLarge);
  }
  kit.parts.clear();
  for (const auto& [sku, count] : sums) kit.parts.push_back({sku, count});
  return std::nullopt;
}

std::vector<SkuIndex> KitTable::ParentsOf(SkuIndex sku) const {
  // Behind all that contain it: a walk down from each would be no shorter, so sorted by depth.
  absl::flat_hash_map<SkuIndex, int> heights;
  std::vector<std::pair<SkuIndex, int>> todo = {{sku, 0}};
  for (size_t i = 0; i < todo.size(); ++i) {
    const auto [next, height] = todo[i];
    const auto it = used_in_.find(next);
    if (it == used_in_.end()) continue;
    for (const SkuIndex parent : it->second) {
      const auto [known, is_new] = heights.try_emplace(parent, height + 1);
      if (!is_new && known->second > height) continue;
      known->second = height + 1;
      todo.emplace_back(parent, height + 1);
      if (heights.size() > kKitParentsMax) break;
    }
    if (heights.size() > kKitParentsMax) break;
  }
  std::vector<std::pair<int, SkuIndex>> sorted;
  for (const auto& [parent, height] : heights) sorted.emplace_back(height, parent);
  std::sort(sorted.begin(), sorted.end());
  std::vector<SkuIndex> parents;
  for (const auto& [height, parent] : sorted) parents.push_back(parent);
  return parents;
}

std::optional<Rejection> KitTable::FindFlaw(SkuIndex sku, const KitParts& components) const {
  for (size_t i = 0; i < components.size(); ++i) {
    if (Contains(components[i].sku, sku)) {
      return Rejection{RejectionKind::kKitContainsItself, static_cast<int>(i)};
    }
  }
  absl::flat_hash_map<SkuIndex, Kit> changed;
  Kit kit{.components = components};
  if (auto flaw = Flatten(kit, changed)) return flaw;
  changed[sku] = std::move(kit);
  const std::vector<SkuIndex> parents = ParentsOf(sku);
  if (parents.size() > kKitParentsMax) return Rejection{RejectionKind::kKitTooLarge};
  for (const SkuIndex parent : parents) {
    Kit other = *Find(parent);
    if (auto flaw = Flatten(other, changed)) return Rejection{flaw->kind};
    changed[parent] = std::move(other);
  }
  return std::nullopt;
}

void KitTable::Set(SkuIndex sku, const KitParts& components, bool same_location, int64_t version) {
  if (const Kit* const before = Find(sku)) {
    for (const KitPart& component : before->components) {
      const auto it = used_in_.find(component.sku);
      std::erase(it->second, sku);
      if (it->second.empty()) used_in_.erase(it);
    }
    kits_.erase(sku);
  }
  for (const KitPart& component : components) used_in_[component.sku].push_back(sku);
  if (!components.empty()) {
    Kit& kit = kits_[sku];
    kit.components = components;
    kit.same_location = same_location;
    kit.version = version;
  }
  std::vector<SkuIndex> stale = {sku};
  for (const SkuIndex parent : ParentsOf(sku)) stale.push_back(parent);
  for (const SkuIndex one : stale) {
    const auto it = kits_.find(one);
    if (it == kits_.end()) continue;
    const auto flaw = Flatten(it->second, {});
    QM_CHECK(!flaw) << "a kit that cannot be";
  }
}

}  // namespace quartermaster::stock
