// CountSwitcher: brings counts that are complete into the books, a slice at a time.
//
// SKU by SKU, so that what a pool shows of a SKU is never half the old count and half the new. The
// events of a slice say all that there is to say: after a crash the switch goes on behind the last
// SKU that was logged, and what has not been switched has its previous count.
#ifndef QUARTERMASTER_SERVICES_STOCK_DOMAIN_COUNT_SWITCHER_H_
#define QUARTERMASTER_SERVICES_STOCK_DOMAIN_COUNT_SWITCHER_H_

#include <cstdint>
#include <vector>

#include "services/base/time.h"
#include "services/stock/domain/events.h"
#include "services/stock/domain/state.h"

namespace quartermaster::stock {

// Whether something is forgotten that a count does not have (recent_facts.h).
bool IsTooOld(const State& state, const CountTerms& terms);

// Not thread-safe.
class CountSwitcher {
 public:
  // The next slice of the count that is next, and what has waited too long for its parts: appended
  // to `events`, which the caller must apply. At most some `positions_max`, or what costs as much,
  // and the rest of a SKU. Returns how many that was, at least 1 if there was a count to go on
  // with.
  int Continue(const State& state, Instant now, int positions_max, Events& events);

 private:
  struct Head {
    SkuIndex sku;
    uint32_t part;
  };
  static bool IsLater(const Head& a, const Head& b) { return b.sku < a.sku; }
  // Behind what has been switched.
  void Begin(const State& state, CountIndex count);
  void Push(const Count& count, uint32_t part);
  // Fills rows_ with the SKU's, in the order of their locations.
  void TakeRows(const Count& count, SkuIndex sku);
  // Of a full count: positions without a row, of which nothing is there.
  void AddWhatIsNotThere(const State& state, const Count& count, SkuIndex sku);
  // How many rows were too old.
  int SwitchSku(const State& state, SkuIndex sku, Events& events);

  CountIndex count_ = CountIndex::kNone;
  // By part: the first row that has not been taken.
  std::vector<uint32_t> next_;
  // A heap, the least SKU first: the parts that have rows left.
  std::vector<Head> heads_;
  // Of a full count: up to where SKUs have been looked at.
  SkuIndex looked_through_ = SkuIndex::kNone;
  std::vector<CountRow> rows_;
  // Of the slice at hand: what it has cost so far.
  int64_t cost_ = 0;
  // Of the slice at hand: something that the count does not have is forgotten; messages of a source
  // that it relies on are missing.
  bool too_old_ = false;
  bool has_gap_ = false;
};

}  // namespace quartermaster::stock

#endif  // QUARTERMASTER_SERVICES_STOCK_DOMAIN_COUNT_SWITCHER_H_
