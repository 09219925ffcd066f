// HoldsByOwner: the open holds (state HELD), at most one of each owner.
#ifndef QUARTERMASTER_SERVICES_STOCK_DOMAIN_HOLDS_BY_OWNER_H_
#define QUARTERMASTER_SERVICES_STOCK_DOMAIN_HOLDS_BY_OWNER_H_

#include <cstddef>
#include <string_view>

#include "absl/container/flat_hash_set.h"
#include "absl/hash/hash.h"
#include "absl/strings/string_view.h"
#include "services/base/huge_pages.h"
#include "services/stock/domain/reservation.h"

namespace quartermaster::stock {

// Does not own them. The key is the reservation's own owner: no second copy of it. Not thread-safe.
class HoldsByOwner {
 public:
  // nullptr if the owner has none.
  const Reservation* Find(std::string_view owner) const {
    const auto it = holds_.find(Key(owner));
    return it == holds_.end() ? nullptr : it->hold;
  }
  // False if the owner has one.
  bool Add(const Reservation* hold) {
    return holds_.insert(Entry{Key(hold->owner).hash, hold}).second;
  }
  // False if the hold is not there.
  bool Remove(const Reservation& hold) {
    const auto it = holds_.find(Key(hold.owner));
    if (it == holds_.end() || it->hold != &hold) return false;
    holds_.erase(it);
    return true;
  }
  // Asks the processor for the memory that Find and Add of this owner will touch.
  void Prefetch(std::string_view owner) const { holds_.prefetch(Key(owner)); }
  size_t size() const { return holds_.size(); }

 private:
  struct Key {
    explicit Key(std::string_view name)
        : hash(absl::Hash<absl::string_view>()({name.data(), name.size()})), owner(name) {}
    size_t hash;
    std::string_view owner;
  };
  // Knows its hash, so that the table grows without a look at each reservation.
  struct Entry {
    size_t hash;
    const Reservation* hold;
  };
  struct Hash {
    using is_transparent = void;
    size_t operator()(const Key& key) const { return key.hash; }
    size_t operator()(const Entry& entry) const { return entry.hash; }
  };
  struct Equal {
    using is_transparent = void;
    bool operator()(const Entry& entry, const Key& key) const {
      return entry.hash == key.hash && entry.hold->owner == key.owner;
    }
    bool operator()(const Entry& a, const Entry& b) const {
      return a.hash == b.hash && a.hold->owner == b.hold->owner;
    }
  };
  absl::flat_hash_set<Entry, Hash, Equal, HugePageAllocator<Entry>> holds_;
};

}  // namespace quartermaster::stock

#endif  // QUARTERMASTER_SERVICES_STOCK_DOMAIN_HOLDS_BY_OWNER_H_
