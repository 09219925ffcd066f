// RecentFacts: what changed on hand or allocated of late, fact by fact, so that a count that was
// taken before some of it can be brought up to date. A bounded number: what has been forgotten is
// for a count that is too old.
#ifndef QUARTERMASTER_SERVICES_STOCK_DOMAIN_RECENT_FACTS_H_
#define QUARTERMASTER_SERVICES_STOCK_DOMAIN_RECENT_FACTS_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>

#include "absl/container/flat_hash_map.h"
#include "services/base/quantity.h"
#include "services/base/time.h"
#include "services/stock/domain/ids.h"

namespace quartermaster::stock {

struct RecentFact {
  // PositionKey.
  uint64_t position = 0;
  SourceIndex source = SourceIndex::kNone;
  // On hand was set: a count that was taken before knows less.
  bool absolute = false;
  // 0: none.
  int64_t sequence = 0;
  // When it happened, as far as anybody said so, but not after it was logged.
  Instant time;
  // What it says, whether or not on hand was changed for it.
  Quantity on_hand;
  // Of what is bound to the position: somebody there knows of it.
  Quantity allocated;
};

// A slot for each fact and some 20 bytes a position. Not thread-safe.
class RecentFacts {
 public:
  static constexpr size_t kRemembered = 1 << 20;

  explicit RecentFacts(size_t remembered = kRemembered) : remembered_(remembered) {}

  // Returns the fact that is forgotten for it, if one is.
  std::optional<RecentFact> Add(const RecentFact& fact) {
    uint64_t& newest = newest_[fact.position];
    slots_.push_back({fact, newest});
    newest = first_ + slots_.size() - 1;
    if (slots_.size() <= remembered_) return std::nullopt;
    const RecentFact oldest = slots_.front().fact;
    const auto it = newest_.find(oldest.position);
    if (it->second == first_) newest_.erase(it);
    slots_.pop_front();
    ++first_;
    return oldest;
  }
  // visit(fact) of each that is remembered of a position, the newest first. Returns how many.
  template <typename Visit>
  int64_t ForEachAt(uint64_t position, const Visit& visit) const {
    const auto it = newest_.find(position);
    if (it == newest_.end()) return 0;
    int64_t visited = 0;
    for (uint64_t number = it->second; number >= first_; ++visited) {
      const Slot& slot = slots_[number - first_];
      visit(slot.fact);
      number = slot.previous;
    }
    return visited;
  }
  size_t size() const { return slots_.size(); }

  // base/persist.h
  template <typename Archive, typename Self>
  static void Persist(Archive& archive, Self& self) {
    archive(self.slots_, self.first_);
    if constexpr (Archive::kLoads) {
      uint64_t number = self.first_;
      for (const Slot& slot : self.slots_) self.newest_[slot.fact.position] = number++;
    }
  }

 private:
  struct Slot {
    RecentFact fact;
    // The number of the position's fact before it; below first_ if that is not remembered.
    uint64_t previous;
  };
  static_assert(sizeof(Slot) == 56);
  const size_t remembered_;
  std::deque<Slot> slots_;
  // The number of slots_.front(); they are counted from 1.
  uint64_t first_ = 1;
  absl::flat_hash_map<uint64_t, uint64_t> newest_;
};

}  // namespace quartermaster::stock

#endif  // QUARTERMASTER_SERVICES_STOCK_DOMAIN_RECENT_FACTS_H_
