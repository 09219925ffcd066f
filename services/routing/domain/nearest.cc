#include "services/routing/domain/nearest.h"

#include <algorithm>
#include <map>
#include <string_view>

#include "services/routing/domain/score.h"
#include "services/routing/domain/supply.h"

namespace quartermaster::routing {

std::vector<RankedLocation> FindNearest(const Network& network, const StockMirror& mirror,
                                        const NearestRequest& request) {
  LocationSet candidates =
      request.capability.has_value() ? network.Capable(*request.capability) : network.registered();
  const bool serves_paused =
      request.capability == Capability::kTill || request.capability == Capability::kReturn;
  if (!serves_paused) candidates -= network.paused();
  Supply supply(&network, &mirror);
  std::map<std::string_view, int64_t> wanted;
  for (const auto& [sku, quantity] : request.lines) wanted[sku] += quantity.units();
  for (const auto& [sku, quantity] : wanted) candidates &= supply.With(supply.Add(sku), quantity);

  Proximity proximity(&network, request.point);
  std::vector<RankedLocation> nearest = proximity.NearestOf(candidates, request.limit);
  if (request.max_distance_m.has_value()) {
    const auto beyond = std::find_if(nearest.begin(), nearest.end(), [&](const auto& ranked) {
      return ranked.distance_m > *request.max_distance_m;
    });
    nearest.erase(beyond, nearest.end());
  }
  return nearest;
}

ReturnRouting RouteReturn(const Location& location, bool sellable) {
  using Disposition = ReturnRouting::Disposition;
  if (!sellable) return {Disposition::kInspect, "NOT_SELLABLE"};
  if (!location.data.capabilities.Contains(Capability::kReturn)) {
    return {Disposition::kInspect, "NO_RETURN_CAPABILITY"};
  }
  return {Disposition::kRestockHere, "SELLABLE"};
}

}  // namespace quartermaster::routing
