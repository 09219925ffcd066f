// Questions about the network that need no plan: the nearest locations that have something, and
// what to do with a unit that came back.
#ifndef QUARTERMASTER_SERVICES_ROUTING_DOMAIN_NEAREST_H_
#define QUARTERMASTER_SERVICES_ROUTING_DOMAIN_NEAREST_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "services/base/quantity.h"
#include "services/routing/domain/geo.h"
#include "services/routing/domain/network.h"
#include "services/routing/domain/stock_mirror.h"

namespace quartermaster::routing {

struct NearestRequest {
  GeoPoint point;
  // Unset means any. A paused location still takes returns and serves its till; for anything else,
  // and for no capability in particular, it is left out.
  std::optional<Capability> capability;
  // SKU and quantity; all of them at one location, those of one SKU added up.
  std::vector<std::pair<std::string, Quantity>> lines;
  size_t limit = 10;
  // Unset means no limit.
  std::optional<int64_t> max_distance_m;
};

// By (distance, id). A SKU that nobody has ever named is in stock nowhere.
std::vector<RankedLocation> FindNearest(const Network& network, const StockMirror& mirror,
                                        const NearestRequest& request);

struct ReturnRouting {
  enum class Disposition { kRestockHere, kInspect };
  Disposition disposition = Disposition::kInspect;
  // A constant: "SELLABLE", "NOT_SELLABLE", "NO_RETURN_CAPABILITY".
  const char* reason = "";
};

// Back on the shelf where it is, if it is sellable and the location takes returns; else somebody
// has to look at it.
ReturnRouting RouteReturn(const Location& location, bool sellable);

}  // namespace quartermaster::routing

#endif  // QUARTERMASTER_SERVICES_ROUTING_DOMAIN_NEAREST_H_
