// ExpiryQueue: the deadlines of open holds, in (deadline, id) order.
#ifndef QUARTERMASTER_SERVICES_STOCK_DOMAIN_EXPIRY_QUEUE_H_
#define QUARTERMASTER_SERVICES_STOCK_DOMAIN_EXPIRY_QUEUE_H_

#include <algorithm>
#include <compare>
#include <deque>
#include <functional>
#include <vector>

#include "services/base/huge_pages.h"
#include "services/base/time.h"
#include "services/stock/domain/ids.h"

namespace quartermaster::stock {

// A binary heap with lazy deletion: a hold that ended or was extended leaves a stale entry behind,
// which whoever takes it from the top recognises by the reservation's own state and deadline. With
// equal times to live, deadlines arrive in order and a push moves nothing.
//
// What is due and has to wait can be set aside, once, in its order: a new deadline lies behind the
// time of its command, so that all that was set aside comes before all that is in the heap.
class ExpiryQueue {
 public:
  struct Entry {
    Instant expires;
    ReservationId reservation;
    friend auto operator<=>(const Entry&, const Entry&) = default;
  };

  void Push(Instant expires, ReservationId reservation) {
    entries_.push_back({expires, reservation});
    std::push_heap(entries_.begin(), entries_.end(), std::greater<>());
  }
  bool HasDue(Instant now) const {
    return !aside_.empty() || (!entries_.empty() && entries_.front().expires <= now);
  }
  // The queue must not be empty.
  const Entry& Top() const { return aside_.empty() ? entries_.front() : aside_.front(); }
  void Pop() {
    if (aside_.empty()) {
      PopHeap();
    } else {
      aside_.pop_front();
    }
  }
  // Sets aside what is due; calls visit(entry) for each that was not yet.
  template <typename Visit>
  void SetDueAside(Instant now, const Visit& visit) {
    while (!entries_.empty() && entries_.front().expires <= now) {
      visit(aside_.emplace_back(entries_.front()));
      PopHeap();
    }
  }
  bool has_aside() const { return !aside_.empty(); }
  // Calls visit(entry) for all entries, in no order.
  template <typename Visit>
  void ForEach(const Visit& visit) const {
    for (const Entry& entry : aside_) visit(entry);
    for (const Entry& entry : entries_) visit(entry);
  }
  // Drops the entries that are not live.
  template <typename IsLive>
  void Compact(const IsLive& is_live) {
    const auto is_stale = [&](const Entry& entry) { return !is_live(entry); };
    std::erase_if(aside_, is_stale);
    std::erase_if(entries_, is_stale);
    std::make_heap(entries_.begin(), entries_.end(), std::greater<>());
  }
  size_t size() const { return aside_.size() + entries_.size(); }

  // base/persist.h
  template <typename Archive, typename Self>
  static void Persist(Archive& archive, Self& self) {
    if constexpr (Archive::kLoads) {
      archive(self.entries_);
    } else {
      // In order they are a heap, too. Nobody will have been told of those that are aside.
      std::vector<Entry> all(self.aside_.begin(), self.aside_.end());
      all.insert(all.end(), self.entries_.begin(), self.entries_.end());
      std::sort(all.begin(), all.end());
      archive(all);
    }
  }

 private:
  void PopHeap() {
    std::pop_heap(entries_.begin(), entries_.end(), std::greater<>());
    entries_.pop_back();
  }

  // In order.
  std::deque<Entry> aside_;
  std::vector<Entry, HugePageAllocator<Entry>> entries_;
};

}  // namespace quartermaster::stock

#endif  // QUARTERMASTER_SERVICES_STOCK_DOMAIN_EXPIRY_QUEUE_H_
