// SkuFlow: a draft of one SKU's units, in which the units of flexible holds make room for others.
//
// Whoever needs a unit at a location that has none free gets one that backs a flexible hold there,
// if that hold's unit can stand elsewhere, perhaps by making another one move in turn. That is
// maximum flow from those who need units to the locations that have them, found by augmenting paths
// (Ford and Fulkerson) in shortest-first phases (Dinic): what is refused cannot be served by any
// arrangement of the flexible units, and what has been accepted stays served.
//
//   SkuFlow flow(inventory, sku);
//   flow.TakeAt(store, Quantity(1));     // units found; up to 1
//   flow.Plan();                         // who moves where for that
#ifndef QUARTERMASTER_SERVICES_STOCK_DOMAIN_SKU_FLOW_H_
#define QUARTERMASTER_SERVICES_STOCK_DOMAIN_SKU_FLOW_H_

#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include "services/base/quantity.h"
#include "services/stock/domain/ids.h"
#include "services/stock/domain/inventory.h"
#include "services/stock/domain/location_set.h"
#include "services/stock/domain/reservation.h"
#include "services/stock/domain/sku_backing.h"

namespace quartermaster::stock {

// More than there can be.
inline constexpr Quantity kEverything{std::numeric_limits<int64_t>::max() / 4};

// Not thread-safe. `inventory` must outlive it and stay as it is. The cost of making one is linear
// in the SKU's locations; that of a question in what has to move for it.
//
// Units never move to a paused location, but may stay at one; nor to one where the books are short.
// Which of them leave a paused location, if some must for the sake of its safety stock, is not
// settled before the plan: one may come back where another goes instead.
// What is ended serves whoever takes next, before it relieves others who are short.
class SkuFlow {
 public:
  SkuFlow(const Inventory& inventory, SkuIndex sku);

  // From here on safety stock is not free: asked for first, before anything is given or taken. It
  // counts as a hold of so many units at each location, which must not have less because of what is
  // taken; units of flexible holds that stand on it move away as far as others have room. What the
  // holds that stand leave of it then is kept.
  void KeepSafetyStock();

  // From here on what was kept is free.
  void UseSafetyStock();

  // Units of a class that are held for somebody although nobody has them: by class, each once.
  struct Quota {
    ClassIndex eligible = ClassIndex::kNone;
    Quantity units;
  };
  using Quotas = std::vector<Quota>;
  // From here on so many of them are not free as any arrangement can serve, behind safety stock;
  // returns how many. They stand anywhere in their class and move as units of flexible holds do,
  // but are in no plan. Asked for before anything is given or taken.
  Quantity KeepQuotas(const Quotas& quotas);
  // From here on what was kept for them is free.
  void UseQuotas();
  // The same again, with other figures, after things were given and taken: at most `most` units of
  // all, of each class those first that it had kept before.
  Quantity KeepQuotasAgain(const Quotas& quotas, Quantity most);

  // Units of pinned reservations that go (positive) or come (negative).
  void AddFree(LocationIndex location, Quantity quantity);
  // Ends units of a lane, which must have as many: at the preferred places as far as some stand
  // there, then where the books are short, then where least is free. Returns where.
  Placements End(Lane lane, Quantity quantity, const Placements& preferred = {});
  // Gathers `quantity` units of a lane, which must have as many, at the location and ends them
  // there. False, and all is as it was, if they cannot stand there.
  bool EndAt(LocationIndex location, Lane lane, Quantity quantity);

  // Takes up to `quantity` units and returns how many it got: at a location, which keeps them; or
  // for a lane, at any location of its class: where most is free, as long as none needs to move.
  Quantity TakeAt(LocationIndex location, Quantity quantity);
  Quantity TakeFor(Lane lane, Quantity quantity);
  // Moves units away from the locations that have promised more than they have, as far as others
  // have room. False if none could be moved.
  bool RelieveAll();

  // The units that are short; of all locations.
  Quantity Shortage() const;
  // The locations where a unit that is given back could cover one that is short.
  LocationSet Contested();
  // Where units of the lane stand, of these locations.
  Placements StandsIn(const LocationSet& locations, Lane lane) const;
  // Takes up to `quantity` units for a lane at a location where some were ended, even a paused one.
  Quantity TakeBack(LocationIndex location, Lane lane, Quantity quantity);

  // How many a Take of everything would get, paused locations left out of a class.
  Quantity AvailableAt(LocationIndex location) const;
  // No less than that, and cheap: as if all that may move did.
  Quantity MostAt(LocationIndex location) const;
  Quantity AvailableTo(ClassIndex eligible) const;

  // How to get from the inventory to the draft: the backing that moves; then what was ended ends
  // and the units taken for lanes are put at their places.
  struct Change {
    struct Taken {
      Lane lane;
      Placements placements;
    };
    std::vector<BackingMove> moves;
    // By lane.
    std::vector<Taken> taken;
  };
  Change Plan() const;

 private:
  // A lane by its index in lanes_.
  using LaneId = uint32_t;
  // Units of a lane at a location; zero is possible.
  struct Stand {
    LocationIndex location;
    LaneId lane;
    Quantity quantity;
  };
  // Of Descend: which of the locations with room comes first.
  enum class Prefer { kMostFree, kAny };

  Quantity Free(LocationIndex location) const;
  void SetFree(LocationIndex location, Quantity quantity);
  // lanes_.size() if nobody has units of it.
  LaneId FindLane(Lane lane) const;
  LaneId IdOf(Lane lane);
  LaneId AddLane(Lane lane, bool is_quota);
  LaneId QuotaLaneOf(ClassIndex eligible);
  const LocationSet& Eligible(LaneId lane) const { return *eligible_[lane]; }
  Quantity Standing(LocationIndex location, LaneId lane) const;
  void AddStanding(LocationIndex location, LaneId lane, Quantity delta);
  // The lanes with units at a location that Descend may move on.
  std::vector<Stand>::const_iterator FirstAt(LocationIndex location) const;
  Quantity TakeDirectly(LaneId lane, Quantity quantity);
  Quantity TakeUnder(LaneId lane, Quantity quantity, Prefer prefer);
  Quantity TakeOver(LocationIndex location, Quantity quantity, Prefer prefer);
  // Moves up to `quantity` units away from a location; they are nobody's then.
  Quantity PushFrom(LocationIndex location, Quantity quantity, Prefer prefer);
  std::vector<Stand> StandsAt(const LocationSet& locations) const;
  static std::vector<LaneId> LanesOf(const std::vector<Stand>& stands);
  // As RelieveAll, for one location.
  void Relieve(LocationIndex location);

  // One phase: the shortest ways from lanes at level 0 to locations with room. False: there is
  // none.
  bool FindLevels(const std::vector<LaneId>& sources, LocationIndex avoided);
  // Of the locations in word `w` of a set, those that one of the lanes may reach: a paused one only
  // by a lane of which units have left it.
  uint64_t Enterable(size_t w, uint64_t bits, const std::vector<LaneId>& lanes) const;
  // How many units of a lane may come to a location where others stand: at a paused one, as many as
  // have left.
  Quantity MayEnter(LocationIndex location, LaneId lane) const;
  void NoteLeft(LocationIndex location, LaneId lane, Quantity delta);
  // The same, unless it is clear that there is none.
  bool FindWays(const std::vector<LaneId>& sources, LocationIndex avoided);
  // Finds room for units of a lane on the way down; returns how many got it.
  Quantity Descend(LaneId lane, size_t level, Quantity quantity, Prefer prefer);
  Quantity Settle(LaneId lane, LocationSet& open, Quantity quantity, Prefer prefer);

  const Inventory* inventory_;
  SkuIndex sku_;
  // By LocationIndex; negative where the books are short.
  std::vector<Quantity> free_;
  // The locations that others may move to: with something free, and with somebody who might move
  // on.
  LocationSet room_;
  LocationSet backed_;
  // Those that promised more than they have.
  LocationSet short_;
  std::vector<Lane> lanes_;
  std::vector<const LocationSet*> eligible_;
  // By lane id: of a quota, whose units are nobody's.
  std::vector<bool> is_quota_;
  // What each lane of a quota kept last.
  std::vector<std::pair<LaneId, Quantity>> quotas_;
  // By location, then lane id.
  std::vector<Stand> standing_;
  // The safety stock that is kept, and what moved off it, and for quotas, before anything else.
  std::vector<Placement> kept_;
  std::vector<BackingMove> moved_first_;
  // What moved off paused locations for it, and those locations.
  std::vector<Stand> left_;
  LocationSet left_locations_;
  // Units have come back there: some moves undo earlier ones.
  bool came_back_ = false;
  // Every change of standing_ behind moved_first_, in order.
  std::vector<Stand> steps_;
  // What was ended, and where the events will say so; and what was taken, by lane id.
  std::vector<Stand> ended_;
  // Something is free that was not: others who are short might have it. Without, they had all that
  // they can have.
  bool given_back_ = false;
  std::vector<Quantity> taken_;

  // Of the phase at hand.
  std::vector<int> lane_level_;
  std::vector<LocationSet> level_locations_;
};

}  // namespace quartermaster::stock

#endif  // QUARTERMASTER_SERVICES_STOCK_DOMAIN_SKU_FLOW_H_
