// EligibilityClasses: the sets of locations that flexible holds may be backed from, each once.
//
// A hold has the class of its pool as the pool was then. Pools of the same locations, and a pool
// that is set back to what it was, share a class: what is kept per class does not grow with holds.
#ifndef QUARTERMASTER_SERVICES_STOCK_DOMAIN_ELIGIBILITY_H_
#define QUARTERMASTER_SERVICES_STOCK_DOMAIN_ELIGIBILITY_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "services/base/check.h"
#include "services/stock/domain/ids.h"
#include "services/stock/domain/location_set.h"

namespace quartermaster::stock {

// Append-only. Numbered from 1 in the order in which the log first has the sets, so that replay
// gives each the same number. Not thread-safe.
class EligibilityClasses {
 public:
  // The class of a set (ascending, each once); a new one if it is new.
  ClassIndex Intern(const std::vector<LocationIndex>& locations) {
    const auto next = static_cast<ClassIndex>(sets_.size() + 1);
    const auto [it, is_new] = by_content_.emplace(locations, next);
    if (is_new) {
      LocationSet& set = sets_.emplace_back();
      for (const LocationIndex location : locations) set.Insert(location);
    }
    return it->second;
  }
  bool Knows(ClassIndex eligible) const {
    return eligible != ClassIndex::kNone && static_cast<uint32_t>(eligible) <= sets_.size();
  }
  // The class must be known.
  const LocationSet& At(ClassIndex eligible) const {
    QM_CHECK(Knows(eligible)) << "class " << static_cast<uint32_t>(eligible);
    return sets_[static_cast<uint32_t>(eligible) - 1];
  }
  size_t size() const { return sets_.size(); }

  // base/persist.h
  template <typename Archive, typename Self>
  static void Persist(Archive& archive, Self& self) {
    archive(self.sets_, self.by_content_);
  }

 private:
  std::deque<LocationSet> sets_;
  absl::flat_hash_map<std::vector<LocationIndex>, ClassIndex> by_content_;
};

}  // namespace quartermaster::stock

#endif  // QUARTERMASTER_SERVICES_STOCK_DOMAIN_ELIGIBILITY_H_
