// ExpiryQueue: the deadlines of open holds, in (deadline, id) order.
#ifndef QUARTERMASTER_SERVICES_STOCK_DOMAIN_EXPIRY_QUEUE_H_
#define QUARTERMASTER_SERVICES_STOCK_DOMAIN_EXPIRY_QUEUE_H_

#include <algorithm>
#include <compare>
#include <functional>
#include <vector>

#include "services/base/time.h"
#include "services/stock/domain/ids.h"

namespace quartermaster::stock {

// A binary heap with lazy deletion: a hold that ended or was extended leaves a stale entry behind,
// which whoever takes it from the top recognises by the reservation's own state and deadline. With
// equal times to live, deadlines arrive in order and a push moves nothing.
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
  bool HasDue(Instant now) const { return !entries_.empty() && entries_.front().expires <= now; }
  // The queue must not be empty.
  const Entry& Top() const { return entries_.front(); }
  void Pop() {
    std::pop_heap(entries_.begin(), entries_.end(), std::greater<>());
    entries_.pop_back();
  }
  // All entries, in no order.
  const std::vector<Entry>& entries() const { return entries_; }
  // Drops the entries that are not live.
  template <typename IsLive>
  void Compact(const IsLive& is_live) {
    std::erase_if(entries_, [&](const Entry& entry) { return !is_live(entry); });
    std::make_heap(entries_.begin(), entries_.end(), std::greater<>());
  }
  size_t size() const { return entries_.size(); }

 private:
  std::vector<Entry> entries_;
};

}  // namespace quartermaster::stock

#endif  // QUARTERMASTER_SERVICES_STOCK_DOMAIN_EXPIRY_QUEUE_H_
