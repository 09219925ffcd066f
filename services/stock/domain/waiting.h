// Waiting: who was promised units of a SKU that are yet to come, and by when. A line that waits has
// units that stand nowhere; whatever becomes free where it may have them serves it first, in the
// order of this list: paid orders before carts, then the earliest date, then whoever came first.
#ifndef QUARTERMASTER_SERVICES_STOCK_DOMAIN_WAITING_H_
#define QUARTERMASTER_SERVICES_STOCK_DOMAIN_WAITING_H_

#include <compare>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "absl/container/btree_map.h"
#include "absl/container/btree_set.h"
#include "services/base/check.h"
#include "services/base/quantity.h"
#include "services/base/time.h"
#include "services/stock/domain/ids.h"

namespace quartermaster::stock {

// Where units may come from: a class of locations, or else one of them.
struct WaitScope {
  ClassIndex eligible = ClassIndex::kNone;
  LocationIndex location = LocationIndex::kNone;

  friend auto operator<=>(const WaitScope&, const WaitScope&) = default;
};

// In the order in which they are served.
struct Waiter {
  bool held = true;
  Instant needed_by;
  ReservationId reservation = ReservationId::kNone;
  uint32_t line = 0;

  friend auto operator<=>(const Waiter&, const Waiter&) = default;
};

// What waits of one SKU.
class SkuWaiting {
 public:
  using Dates = absl::btree_map<Instant, Quantity>;

  const absl::btree_set<Waiter>& waiters() const { return waiters_; }
  // How many units, by where they may come from and when they are needed.
  const absl::btree_map<WaitScope, Dates>& commitments() const { return commitments_; }
  // How many of them will not come in time: the sum of ReservationLine::late.
  Quantity late() const { return late_; }
  // Whether any waiter is a channel's, so that it may be a till.
  bool has_channels() const { return of_channels_ > 0; }

  // base/persist.h
  template <typename Archive, typename Self>
  static void Persist(Archive& archive, Self& self) {
    archive(self.waiters_, self.commitments_, self.late_, self.of_channels_);
  }

 private:
  friend class WaitingTable;
  absl::btree_set<Waiter> waiters_;
  absl::btree_map<WaitScope, Dates> commitments_;
  Quantity late_;
  size_t of_channels_ = 0;
};

// Not thread-safe.
class WaitingTable {
 public:
  bool empty() const { return skus_.empty(); }
  bool Has(SkuIndex sku) const { return !skus_.empty() && skus_.contains(sku); }
  // nullptr if nothing waits.
  const SkuWaiting* Find(SkuIndex sku) const {
    const auto it = skus_.find(sku);
    return it == skus_.end() ? nullptr : &it->second;
  }
  // A line waits for `after` units from here on, and not for `before`; either may be zero.
  void Update(SkuIndex sku, const Waiter& waiter, const WaitScope& scope, bool of_channel,
              Quantity before, Quantity after) {
    if (before == after) return;
    SkuWaiting& waiting = skus_[sku];
    if (before.IsZero()) {
      waiting.waiters_.insert(waiter);
      waiting.of_channels_ += of_channel ? 1 : 0;
    }
    if (after.IsZero()) {
      const size_t erased = waiting.waiters_.erase(waiter);
      QM_CHECK(erased == 1) << "a line that waits is not listed";
      waiting.of_channels_ -= of_channel ? 1 : 0;
    }
    SkuWaiting::Dates& dates = waiting.commitments_[scope];
    Quantity& units = dates[waiter.needed_by];
    units += after - before;
    QM_CHECK(!units.IsNegative()) << "less than nothing waits";
    if (units.IsZero()) dates.erase(waiter.needed_by);
    if (dates.empty()) waiting.commitments_.erase(scope);
    if (waiting.waiters_.empty()) skus_.erase(sku);
    Quantity& by_then = by_date_[{waiter.needed_by, sku}];
    by_then += after - before;
    if (by_then.IsZero()) by_date_.erase({waiter.needed_by, sku});
  }
  // visit(sku, date) for dates before `now` by which units were needed that still wait: for each of
  // them once, over all calls, until it returns false, which is asked again. What comes to wait for
  // a date that has been visited is not visited.
  template <typename Visit>
  void PassDates(Instant now, const Visit& visit) {
    for (auto it = by_date_.upper_bound(passed_); it != by_date_.end() && it->first.first < now;
         ++it) {
      if (!visit(it->first.second, it->first.first)) return;
      passed_ = it->first;
    }
  }
  // So many more of a SKU's units will be late; fewer, if negative. Somebody must wait for it.
  void AddLate(SkuIndex sku, Quantity late) {
    if (!late.IsZero()) skus_.at(sku).late_ += late;
  }
  // The latest date that PassDates has visited; kDistantPast: none.
  Instant passed() const { return passed_.first; }
  // visit(sku, waiting) of each.
  template <typename Visit>
  void ForEach(const Visit& visit) const {
    for (const auto& [sku, waiting] : skus_) visit(sku, waiting);
  }

  // base/persist.h
  template <typename Archive, typename Self>
  static void Persist(Archive& archive, Self& self) {
    archive(self.skus_, self.by_date_, self.passed_);
  }

 private:
  using Date = std::pair<Instant, SkuIndex>;
  absl::btree_map<SkuIndex, SkuWaiting> skus_;
  // How many units are needed by when.
  absl::btree_map<Date, Quantity> by_date_;
  // Up to there PassDates has come.
  Date passed_{kDistantPast, SkuIndex::kNone};
};

}  // namespace quartermaster::stock

#endif  // QUARTERMASTER_SERVICES_STOCK_DOMAIN_WAITING_H_
