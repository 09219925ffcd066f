// Questions about a network of places, and the channel that an order takes in it. What both data
// sets have in common.
#ifndef QUARTERMASTER_TOOLS_RETAIL_NETWORK_H_
#define QUARTERMASTER_TOOLS_RETAIL_NETWORK_H_

#include <vector>

#include "tools/retail/draw.h"
#include "tools/retail/world.h"

namespace quartermaster::retail {

// Answers from lists that it makes once. `world` must outlive it and have at least one online
// store, one store that sells at tills only, and one place that takes returns. Immutable.
class Network {
 public:
  explicit Network(const World& world);

  // The nearest store of each kind to a city.
  PlaceIndex NearestPickup(int32_t city) const { return nearest_pickup_[city]; }
  PlaceIndex NearestTillOnly(int32_t city) const { return nearest_till_only_[city]; }

  const std::vector<PlaceIndex>& warehouses() const { return warehouses_; }
  const std::vector<PlaceIndex>& online_stores() const { return online_stores_; }
  const std::vector<PlaceIndex>& return_places() const { return return_places_; }

  // Draws a city by population, a channel (half web, a quarter click & collect, a quarter tills,
  // a third of which are tills of till-only stores), and the store that goes with them.
  void DrawChannel(Draw& draw, PlannedOrder* order) const;

 private:
  std::vector<PlaceIndex> warehouses_;
  std::vector<PlaceIndex> online_stores_;
  std::vector<PlaceIndex> return_places_;
  std::vector<PlaceIndex> nearest_pickup_;
  std::vector<PlaceIndex> nearest_till_only_;
  Weights by_population_;
};

// What the places receive before the replay. Of the 200 items with the greatest demand, over all
// channels, four fifths of it (rounded down per item, and per till-only store), so that
// refusals happen; of the others half as much again as is asked, and one more. Each store gets the
// part that its own customers will ask for, the warehouses and some other stores the rest. `world`
// needs at least one warehouse.
std::vector<Supply> PlanSupply(const World& world, const Network& network, const Plan& plan,
                               uint64_t seed);

}  // namespace quartermaster::retail

#endif  // QUARTERMASTER_TOOLS_RETAIL_NETWORK_H_
