// PromiseFlow: what can still be promised of a SKU's supply, and whose promise can be kept.
//
// Units that wait are one side, what is still to come the other; units may have what is due in time
// where they may come from. What is accepted is what some assignment serves, found by augmenting
// paths as in sku_flow.h. At one location that is
//   ATP(d) = min over d' >= d of (supply due <= d' - commitments due <= d')
// (free units serve whoever waits before anything is promised, so there are none to add). Promises
// that cannot be kept in time are kept with what comes later, before anybody new has it.
//
//   PromiseFlow flow(state, sku);
//   flow.Push(scope, date, Quantity(3));   // how many of 3 more units can be promised
#ifndef QUARTERMASTER_SERVICES_STOCK_DOMAIN_PROMISE_FLOW_H_
#define QUARTERMASTER_SERVICES_STOCK_DOMAIN_PROMISE_FLOW_H_

#include <cstddef>
#include <vector>

#include "services/base/quantity.h"
#include "services/base/time.h"
#include "services/stock/domain/availability.h"
#include "services/stock/domain/ids.h"
#include "services/stock/domain/state.h"
#include "services/stock/domain/waiting.h"

namespace quartermaster::stock {

// Units that wait, or no longer do if negative, but for the state knowing of it.
struct WaitChange {
  SkuIndex sku = SkuIndex::kNone;
  WaitScope scope;
  Instant needed_by;
  Quantity quantity;
};

// Not thread-safe. The cost is that of the SKU's open supply lines squared, times the scopes that
// units wait in, and of each date that one is needed by.
class PromiseFlow {
 public:
  // With nobody waiting. What comes goes first, as much of it as they are short of, to those who
  // were promised what is not there, and to safety stock.
  PromiseFlow(const State& state, SkuIndex sku);
  // With all who wait, as `changes` have it, for whoever asks for `channel`: what is held for other
  // channels comes first, too.
  PromiseFlow(const State& state, SkuIndex sku, ChannelIndex channel,
              const std::vector<WaitChange>& changes);

  // Returns how many of the units get something that is due by `date`.
  Quantity Push(const WaitScope& scope, Instant date, Quantity quantity);

 private:
  struct Supply {
    LocationIndex location;
    Instant due;
    Quantity left;
    bool visited = false;
  };
  // Units that are as good as each other: those that may have the first `due` supplies, as far as
  // they come to their scope. And how many of them each supply serves.
  struct Group {
    WaitScope scope;
    size_t due;
    std::vector<Quantity> served;
  };
  void OweShort(SkuIndex sku);
  void OweSafetyStock(SkuIndex sku);
  void OweQuotas(SkuIndex sku, ChannelIndex channel);
  // Takes so many units of what comes first.
  void Owe(const WaitScope& scope, Quantity units);
  // How many supplies are due by then.
  size_t DueBy(Instant date) const;
  bool IsIn(const WaitScope& scope, const Supply& supply) const;
  Quantity PushDue(const WaitScope& scope, size_t due, Quantity quantity);
  // Finds up to `quantity` units for a group, moving others on.
  Quantity Descend(size_t group, Quantity quantity);

  const State& state_;
  // By when they are due.
  std::vector<Supply> supplies_;
  std::vector<Group> groups_;
};

// How many more units can be promised there by `date`, whatever is free now.
Quantity PromisableBy(const State& state, SkuIndex sku, ChannelIndex channel,
                      const WaitScope& scope, Instant date, const std::vector<WaitChange>& changes);

// What is to be had of a key by `date`: what is there, as `offer` has it, and what can be promised
// of what is to come; of a channel less its buffer. Fills the figures that a date brings with it.
void FindAvailabilityBy(const State& state, Offer& offer, const StockKey& key, Instant date,
                        const std::vector<WaitChange>& changes, AvailabilityFigures& figures);

// What a reservation waits for, taken away.
void AppendFreed(const Reservation& reservation, std::vector<WaitChange>& changes);

}  // namespace quartermaster::stock

#endif  // QUARTERMASTER_SERVICES_STOCK_DOMAIN_PROMISE_FLOW_H_
