// Conditions: what units are fit for. Only sellable ones are usable. A position's balances have the
// sum of the others; which is which is kept here, for the few positions that have any.
#ifndef QUARTERMASTER_SERVICES_STOCK_DOMAIN_CONDITIONS_H_
#define QUARTERMASTER_SERVICES_STOCK_DOMAIN_CONDITIONS_H_

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "absl/container/flat_hash_map.h"
#include "services/base/check.h"
#include "services/base/quantity.h"
#include "services/stock/domain/ids.h"

namespace quartermaster::stock {

// Stored: values are never changed or reused.
enum class Condition : uint8_t {
  // Of a movement: from or to outside. Not of a fact.
  kNone = 0,
  kSellable = 1,
  kDamaged = 2,
  kQuarantine = 3,
  kInspection = 4,
  // Not where it should be: looked for and not found. Until a count says more it is on hand.
  kSuspect = 5,
};
constexpr bool IsUnusable(Condition condition) { return condition > Condition::kSellable; }

inline constexpr std::array kUnusableConditions = {Condition::kDamaged, Condition::kQuarantine,
                                                   Condition::kInspection, Condition::kSuspect};

// How many of a position's units are in each unusable condition. None is ever negative.
class ConditionCounts {
 public:
  // The condition must be an unusable one.
  Quantity of(Condition condition) const { return units_[Slot(condition)]; }
  Quantity& of(Condition condition) { return units_[Slot(condition)]; }
  Quantity sum() const {
    Quantity sum;
    for (const Quantity units : units_) sum += units;
    return sum;
  }
  // Adds units, or takes them if negative: what the condition itself has not is taken from the
  // others, suspect ones first, for events of before conditions were told apart took what left one
  // of them out of their sum. There must be as many.
  void Add(Condition condition, Quantity units) {
    of(condition) += units;
    for (size_t i = units_.size(); i-- > 0 && of(condition).IsNegative();) {
      if (i == Slot(condition)) continue;
      const Quantity taken = std::min(-of(condition), units_[i]);
      units_[i] -= taken;
      of(condition) += taken;
    }
    QM_CHECK(!of(condition).IsNegative()) << "more leaves a condition than all have";
  }
  ConditionCounts& operator+=(const ConditionCounts& other) {
    for (size_t i = 0; i < units_.size(); ++i) units_[i] += other.units_[i];
    return *this;
  }
  friend bool operator==(const ConditionCounts&, const ConditionCounts&) = default;

  // base/persist.h
  template <typename Archive, typename Self>
  static void Persist(Archive& archive, Self& self) {
    archive(self.units_);
  }

 private:
  static size_t Slot(Condition condition) {
    return static_cast<size_t>(condition) - static_cast<size_t>(Condition::kDamaged);
  }
  std::array<Quantity, kUnusableConditions.size()> units_;
};

// The positions that have unusable units. Not thread-safe.
class ConditionTable {
 public:
  // All zero if the position has none.
  ConditionCounts Get(SkuIndex sku, LocationIndex location) const {
    const auto it = counts_.find(PositionKey(sku, location));
    return it == counts_.end() ? ConditionCounts{} : it->second;
  }
  void Set(SkuIndex sku, LocationIndex location, const ConditionCounts& counts) {
    if (counts == ConditionCounts{}) {
      counts_.erase(PositionKey(sku, location));
    } else {
      counts_[PositionKey(sku, location)] = counts;
    }
  }
  size_t size() const { return counts_.size(); }
  // visit(sku, location, counts) of each position that has any, in no order.
  template <typename Visit>
  void ForEach(const Visit& visit) const {
    for (const auto& [key, counts] : counts_) {
      visit(SkuOfKey(key), LocationOfKey(key), counts);
    }
  }

  // base/persist.h
  template <typename Archive, typename Self>
  static void Persist(Archive& archive, Self& self) {
    archive(self.counts_);
  }

 private:
  absl::flat_hash_map<uint64_t, ConditionCounts> counts_;
};

}  // namespace quartermaster::stock

#endif  // QUARTERMASTER_SERVICES_STOCK_DOMAIN_CONDITIONS_H_
