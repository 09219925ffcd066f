// HoldsByOwner: the open holds (state HELD), at most one of each owner.
#ifndef QUARTERMASTER_SERVICES_STOCK_DOMAIN_HOLDS_BY_OWNER_H_
#define QUARTERMASTER_SERVICES_STOCK_DOMAIN_HOLDS_BY_OWNER_H_

#include <cstddef>
#include <string_view>

#include "absl/container/flat_hash_set.h"
#include "absl/hash/hash.h"
#include "absl/strings/string_view.h"
#include "services/stock/domain/reservation.h"

namespace quartermaster::stock {

// Does not own them. The key is the reservation's own owner: no second copy of it. Not thread-safe.
class HoldsByOwner {
 public:
  // nullptr if the owner has none.
  const Reservation* Find(std::string_view owner) const {
    const auto it = holds_.find(owner);
    return it == holds_.end() ? nullptr : *it;
  }
  // False if the owner has one.
  bool Add(const Reservation* hold) { return holds_.insert(hold).second; }
  // False if the hold is not there.
  bool Remove(const Reservation& hold) {
    const auto it = holds_.find(hold.owner);
    if (it == holds_.end() || *it != &hold) return false;
    holds_.erase(it);
    return true;
  }
  // Asks the processor for the memory that Find and Add of this owner will touch.
  void Prefetch(std::string_view owner) const { holds_.prefetch(owner); }
  size_t size() const { return holds_.size(); }

 private:
  struct Owner {
    std::string_view operator()(const Reservation* hold) const { return hold->owner; }
    std::string_view operator()(std::string_view owner) const { return owner; }
  };
  struct Hash : Owner {
    using is_transparent = void;
    template <typename T>
    size_t operator()(const T& hold) const {
      const std::string_view owner = Owner::operator()(hold);
      return absl::Hash<absl::string_view>()({owner.data(), owner.size()});
    }
  };
  struct Equal : Owner {
    using is_transparent = void;
    template <typename A, typename B>
    bool operator()(const A& a, const B& b) const {
      return Owner::operator()(a) == Owner::operator()(b);
    }
  };
  absl::flat_hash_set<const Reservation*, Hash, Equal> holds_;
};

}  // namespace quartermaster::stock

#endif  // QUARTERMASTER_SERVICES_STOCK_DOMAIN_HOLDS_BY_OWNER_H_
