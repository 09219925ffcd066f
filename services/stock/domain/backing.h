// Backing: which units a hold stands on. A line at a location keeps the units that it gets there; a
// line from a pool is flexible: its units stand where most is free and move when someone needs one
// that has nowhere else to go (sku_flow.h).
#ifndef QUARTERMASTER_SERVICES_STOCK_DOMAIN_BACKING_H_
#define QUARTERMASTER_SERVICES_STOCK_DOMAIN_BACKING_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/inlined_vector.h"
#include "services/base/quantity.h"
#include "services/stock/domain/commands.h"
#include "services/stock/domain/events.h"
#include "services/stock/domain/ids.h"
#include "services/stock/domain/inventory.h"
#include "services/stock/domain/rejections.h"
#include "services/stock/domain/reservation.h"
#include "services/stock/domain/sku_flow.h"

namespace quartermaster::stock {

// The inventory with units given and taken on top of it that are not logged yet: lines of one
// request see each other, and a hold that is about to be replaced counts as free. A SKU gets a flow
// of its own once a flexible hold has a part in it; the others are sums of a few entries.
class Draft {
 public:
  // Of what becomes of units that somebody has: nothing is kept back.
  explicit Draft(const Inventory& inventory) : inventory_(inventory) {}
  // Of a request: safety stock is kept from online demand, and from all what is held for channels
  // that have not used their quotas.
  Draft(const Inventory& inventory, Demand demand)
      : inventory_(inventory),
        keeps_safety_stock_(demand == Demand::kOnline && !inventory.safety_stock.empty()),
        notes_use_(!inventory.allotments.empty()) {}

  // From here on it is the demand of tills.
  void UseSafetyStock();

  // Units that have a place there from now on; any number. Negative: had.
  void Take(SkuIndex sku, LocationIndex location, Quantity quantity);
  // Takes up to `quantity` and returns how many it got.
  Quantity TakeAt(SkuIndex sku, LocationIndex location, Quantity quantity);
  // Gives back all open units of a reservation. Returns where its flexible ones stood.
  FlexibleParts Free(const Reservation& reservation);
  // The same for one of its lines, which its channel still uses; `parts` gets where they stood: at
  // the preferred places, if they may as well be said to.
  void FreeLine(const Reservation& reservation, uint32_t line, const Placements& preferred,
                FlexibleParts& parts);

  // Never negative. Not const only because a SKU's flow is kept for the next question.
  Quantity Available(SkuIndex sku, LocationIndex location);
  Quantity AvailableInPool(SkuIndex sku, const Pool& pool);
  // No less than what is available there, and cheap.
  Quantity MostAvailable(SkuIndex sku, LocationIndex location);
  // What its cap does not ask for.
  Quantity AvailableTo(SkuIndex sku, ChannelIndex channel);
  // How many more units of its own lines than are logged a channel uses; fewer, if negative. 0 if
  // it has no allotment.
  Quantity MoreUsed(SkuIndex sku, ChannelIndex channel) const;

  // Whether something of the SKU is held for channels.
  bool KeepsQuotas(SkuIndex sku) const {
    return notes_use_ && inventory_.allotments.AppliesTo(sku) &&
           inventory_.allotments.HasQuota(sku);
  }
  // What a channel may take of it before that is held for others: what it has not used of its own
  // quota; everything, if it may use what is held for others.
  Quantity OwnPart(SkuIndex sku, ChannelIndex channel);
  // From here on nothing is held for channels, so that such parts can be taken; and it is again, as
  // far as it was, less what they then use of their own. Returns what is lacking of that.
  void UseQuotas(SkuIndex sku) { Flow(sku).UseQuotas(); }
  void NoteUse(SkuIndex sku, ChannelIndex channel, Quantity quantity);
  Quantity KeepQuotasAgain(SkuIndex sku);
  // How much of what is held for channels there is not.
  Quantity LackingOfQuotas(SkuIndex sku);

  // The SKU's flow with what was given and taken so far.
  SkuFlow& Flow(SkuIndex sku);
  // Appends what has to move for all that was taken: an event per SKU, in the order of their flows.
  void AppendMoves(Events& events) const;

 private:
  struct Entry {
    SkuIndex sku;
    LocationIndex location;
    Quantity taken;
  };
  SkuFlow* FindFlow(SkuIndex sku) const;
  Quantity& Taken(SkuIndex sku, LocationIndex location);
  // Whether some of the SKU is not for whoever asks.
  bool KeepsSafetyStock(SkuIndex sku) const {
    return keeps_safety_stock_ && inventory_.safety_stock.AppliesTo(sku);
  }
  // What somebody has and gives back is its own to have again, before what is lacking of quotas.
  Quantity MostForQuotas(Quantity units) const {
    return gives_back_ ? units.OrZero() : kEverything;
  }
  // What is held for channels, by class.
  SkuFlow::Quotas QuotasOf(SkuIndex sku) const;
  // May be negative.
  Quantity Left(SkuIndex sku, LocationIndex location, const Balances& position) const;

  // What a channel uses of a SKU beyond what is logged.
  struct Use {
    SkuIndex sku;
    ChannelIndex channel;
    Quantity more;
  };

  const Inventory& inventory_;
  bool keeps_safety_stock_ = false;
  bool notes_use_ = false;
  bool gives_back_ = false;
  // Of channels with an allotment only.
  std::vector<Use> uses_;
  // By SKU: how many units must be held for channels in all, so that no more than before is lacking
  // of their quotas.
  absl::flat_hash_map<SkuIndex, Quantity> quota_units_;
  // Few entries are searched one by one; beyond that the index takes over.
  absl::InlinedVector<Entry, 4> entries_;
  absl::flat_hash_map<uint64_t, size_t> index_;
  std::vector<std::pair<SkuIndex, std::unique_ptr<SkuFlow>>> flows_;
  absl::flat_hash_map<SkuIndex, SkuFlow*> flow_of_sku_;
};

// Where each line's units come from.
struct Backing {
  struct Line {
    // kNone: the units stay where they are placed.
    ClassIndex eligible = ClassIndex::kNone;
    Placements placements;
    // Promised of what is to come, beside them.
    Quantity waiting;

    // What it has, or will have.
    Quantity got() const {
      Quantity sum = waiting;
      for (const Placement& p : placements) sum += p.quantity;
      return sum;
    }
  };
  absl::InlinedVector<Line, 1> lines;
  // Lines that get less than they ask; empty if all are served.
  std::vector<ShortLine> short_lines;
};

// The demand of a hold's line, and of a reservation's, as its channel is now; online without one.
Demand DemandOf(const Inventory& inventory, const HoldLine& line);
Demand DemandOf(const Inventory& inventory, const ReservationLine& line);

// Online demand comes first, the lines with a location before those with a pool, then that of
// tills; of each, what channels may take of what is held for them before all else, and in the order
// of the request. A line of a channel must have its pool. All are served if any arrangement can
// serve them. All names must be known.
Backing PlanBacking(Draft& draft, const Inventory& inventory, const HoldLines& lines);

}  // namespace quartermaster::stock

#endif  // QUARTERMASTER_SERVICES_STOCK_DOMAIN_BACKING_H_
