// Availability: the largest quantity that Reserve would accept for a key.
#ifndef QUARTERMASTER_SERVICES_STOCK_DOMAIN_AVAILABILITY_H_
#define QUARTERMASTER_SERVICES_STOCK_DOMAIN_AVAILABILITY_H_

#include <optional>

#include "services/base/quantity.h"
#include "services/base/time.h"
#include "services/stock/domain/backing.h"
#include "services/stock/domain/commands.h"
#include "services/stock/domain/inventory.h"
#include "services/stock/domain/positions.h"
#include "services/stock/domain/rejections.h"

namespace quartermaster::stock {

struct AvailabilityFigures {
  // Never below zero.
  Quantity available;
  // Of the location, or summed over the pool's locations (paused ones too: the goods are there).
  Balances position;
  // Of what is reserved and allocated there: units of flexible holds, which may move.
  Quantity flexible;
  // Of the location, or summed over the pool's locations: one's surplus does not cover another.
  Quantity shortage;
  // What position.unusable is made of.
  ConditionCounts conditions;
  // On their way to the location, or to the pool's: none of them is available yet.
  Quantity in_transit;
  // What is set for the location, or summed over the pool's: as much of it as there is, is not for
  // online demand.
  Quantity safety_stock;
  // If a date was asked: what can be had by then, never below zero; the units that are to come, and
  // those that wait for them, whenever that is.
  Quantity available_by;
  Quantity expected;
  Quantity waiting;
  // The first date at which there is something, if nothing is available and there is by the date
  // that was asked.
  Instant available_from = kNever;

  friend bool operator==(const AvailabilityFigures&, const AvailabilityFigures&) = default;
};

// Which of the key's names nobody registered; nullopt if all are known.
std::optional<RejectionKind> FindUnknownName(const Inventory& inventory, const StockKey& key);

// The pool that a key sums over: its own, or its channel's; kNone of a key at a location.
PoolIndex PoolOf(const Inventory& inventory, const StockKey& key);

// What its cap leaves a channel of a SKU, or a part of a kit, less what the draft has it use;
// everything if it has none.
Quantity LeftOfCapFor(const Inventory& inventory, const Draft& draft, SkuIndex sku,
                      ChannelIndex channel);

// Whether there ever was a position of it; of a kit, of all its parts. What there was none of yet
// is not back-ordered, but pre-ordered.
bool WasEverStocked(const Inventory& inventory, SkuIndex sku);

// What can be had of an inventory, by either kind of demand. For several keys it is best the same.
class Offer {
 public:
  explicit Offer(const Inventory& inventory) : inventory_(inventory) {}

  // Counts as free although it is held: the asker's own hold. Before anything is asked.
  void Free(const Reservation& reservation) { freed_ = &reservation; }
  Draft& For(Demand demand) {
    std::optional<Draft>& draft = demand == Demand::kTill ? till_ : online_;
    if (!draft) draft.emplace(Fresh(demand));
    return *draft;
  }
  // One to take from.
  Draft Fresh(Demand demand) const {
    Draft draft(inventory_, demand);
    if (freed_ != nullptr) draft.Free(*freed_);
    return draft;
  }

 private:
  const Inventory& inventory_;
  const Reservation* freed_ = nullptr;
  std::optional<Draft> online_, till_;
};

// The key's names must be known. Of a kit only `available` is set: a kit has no position. As many
// are available as Reserve accepts where the groups that must be at one location stand
// (movable_groups.h): it may accept more when they move.
AvailabilityFigures FindAvailability(const Inventory& inventory, Offer& offer, const StockKey& key);
// The same of the SKU as itself, kit or not: what a kit once had as a plain SKU, which is nothing
// any more.
AvailabilityFigures FindOwnAvailability(const Inventory& inventory, Offer& offer,
                                        const StockKey& key);

}  // namespace quartermaster::stock

#endif  // QUARTERMASTER_SERVICES_STOCK_DOMAIN_AVAILABILITY_H_
