#include "tools/retail/network.h"

#include <algorithm>
#include <limits>
#include <map>
#include <utility>

#include "services/base/check.h"

namespace quartermaster::retail {
namespace {

constexpr size_t kScarceItems = 200;
// Stores besides the warehouses that web orders of an item may be served from.
constexpr int kWebStoresPerItem = 6;

std::vector<double> Populations(const World& world) {
  std::vector<double> populations;
  for (const City& city : world.cities) populations.push_back(static_cast<double>(city.population));
  return populations;
}

// The nearest of `places` to each city.
std::vector<PlaceIndex> Nearest(const World& world, const std::vector<PlaceIndex>& places) {
  QM_CHECK(!places.empty()) << "a network without a store of each kind";
  std::vector<PlaceIndex> nearest;
  for (const City& city : world.cities) {
    PlaceIndex best = places[0];
    double best_km = std::numeric_limits<double>::max();
    for (const PlaceIndex place : places) {
      const double km = DistanceKm(city.point, world.places[place].point);
      if (km < best_km) {
        best = place;
        best_km = km;
      }
    }
    nearest.push_back(best);
  }
  return nearest;
}

// What is asked of an item: where a store is given, and from anywhere.
struct Demand {
  std::map<PlaceIndex, int64_t> online_local;
  std::map<PlaceIndex, int64_t> till_only;
  int64_t web = 0;
  int64_t online = 0;
  int64_t total = 0;
};

std::vector<Demand> SumDemand(const World& world, const Plan& plan) {
  std::vector<Demand> demands(world.items.size());
  for (const PlannedOrder& order : plan.orders) {
    for (const PlannedLine& line : order.lines) {
      Demand& demand = demands[line.item];
      demand.total += line.quantity;
      if (order.channel == Channel::kSale) {
        demand.till_only[order.place] += line.quantity;
        continue;
      }
      demand.online += line.quantity;
      if (order.channel == Channel::kWeb) {
        demand.web += line.quantity;
      } else {
        demand.online_local[order.place] += line.quantity;
      }
    }
  }
  return demands;
}

// Which items are scarce.
std::vector<bool> Scarce(const std::vector<Demand>& demands) {
  std::vector<std::pair<int64_t, size_t>> order;
  for (size_t i = 0; i < demands.size(); ++i) {
    order.emplace_back(-demands[i].total, i);
  }
  std::sort(order.begin(), order.end());
  std::vector<bool> scarce(demands.size(), false);
  for (size_t i = 0; i < std::min(kScarceItems, order.size()); ++i) scarce[order[i].second] = true;
  return scarce;
}

class SupplyPlanner {
 public:
  SupplyPlanner(const Network& network, std::vector<Supply>* supplies)
      : network_(network), supplies_(supplies) {}

  void PlanItem(ItemIndex item, const Demand& demand, bool scarce, Draw& draw) {
    int64_t local = 0;
    for (const auto& [place, asked] : demand.online_local) {
      local += Add(item, place, Target(asked, scarce));
    }
    for (const auto& [place, asked] : demand.till_only) Add(item, place, Target(asked, scarce));
    // What rounding down took from the stores goes to the web.
    Spread(item, scarce ? Target(demand.online, true) - local : Target(demand.web, false), draw);
  }

 private:
  static int64_t Target(int64_t asked, bool scarce) {
    if (asked == 0) return 0;
    return scarce ? asked * 4 / 5 : asked * 3 / 2 + 1;
  }

  // Two thirds to the warehouses, the rest to some stores; what remains of a division to the first
  // warehouse.
  void Spread(ItemIndex item, int64_t units, Draw& draw) {
    const std::vector<PlaceIndex>& warehouses = network_.warehouses();
    const std::vector<PlaceIndex>& stores = network_.online_stores();
    const int64_t per_store = units / 3 / kWebStoresPerItem;
    for (int i = 0; i < kWebStoresPerItem && per_store > 0; ++i) {
      units -= Add(item, stores[draw.Below(stores.size())], per_store);
    }
    const int64_t per_warehouse = units / static_cast<int64_t>(warehouses.size());
    for (size_t i = 1; i < warehouses.size(); ++i) {
      units -= Add(item, warehouses[i], per_warehouse);
    }
    Add(item, warehouses[0], units);
  }

  int64_t Add(ItemIndex item, PlaceIndex place, int64_t units) {
    if (units <= 0) return 0;
    units = std::min<int64_t>(units, std::numeric_limits<int32_t>::max());
    supplies_->push_back({item, place, static_cast<int32_t>(units)});
    return units;
  }

  const Network& network_;
  std::vector<Supply>* supplies_;
};

}  // namespace

Network::Network(const World& world) : by_population_(Populations(world)) {
  std::vector<PlaceIndex> pickup;
  std::vector<PlaceIndex> till_only;
  for (size_t i = 0; i < world.places.size(); ++i) {
    const Place& place = world.places[i];
    const PlaceIndex index = static_cast<PlaceIndex>(i);
    if (place.takes_returns) return_places_.push_back(index);
    if (place.warehouse && place.online()) warehouses_.push_back(index);
    if (!place.warehouse && place.online()) online_stores_.push_back(index);
    if (place.pickup && place.online()) pickup.push_back(index);
    if (place.till && !place.online()) till_only.push_back(index);
  }
  nearest_pickup_ = Nearest(world, pickup);
  nearest_till_only_ = Nearest(world, till_only);
}

void Network::DrawChannel(Draw& draw, PlannedOrder* order) const {
  order->city = static_cast<int32_t>(by_population_.Pick(draw));
  const double kind = draw.Unit();
  if (kind < 0.5) {
    order->channel = Channel::kWeb;
  } else if (kind < 0.75) {
    order->channel = Channel::kPickup;
    order->names_place = draw.Chance(0.7);
    order->place = NearestPickup(order->city);
  } else if (kind < 0.92) {
    order->channel = Channel::kCarryOut;
    order->place = NearestPickup(order->city);
  } else {
    order->channel = Channel::kSale;
    order->place = NearestTillOnly(order->city);
  }
}

std::vector<Supply> PlanSupply(const World& world, const Network& network, const Plan& plan,
                               uint64_t seed) {
  const std::vector<Demand> demands = SumDemand(world, plan);
  const std::vector<bool> scarce = Scarce(demands);
  std::vector<Supply> supplies;
  SupplyPlanner planner(network, &supplies);
  for (size_t i = 0; i < demands.size(); ++i) {
    Draw draw(seed, 0x5u << 28 | i);
    planner.PlanItem(static_cast<ItemIndex>(i), demands[i], scarce[i], draw);
  }
  return supplies;
}

}  // namespace quartermaster::retail
