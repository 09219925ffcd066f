// Warehouses for a network that has none.
#ifndef QUARTERMASTER_TOOLS_RETAIL_WAREHOUSES_H_
#define QUARTERMASTER_TOOLS_RETAIL_WAREHOUSES_H_

#include <vector>

#include "tools/retail/world.h"

namespace quartermaster::retail {

// `count` warehouses at population-weighted centres of the cities: Lloyd's algorithm, begun with
// the greatest city and then with those that have most people farthest from a centre.
// Deterministic. `cities` is not empty.
std::vector<Place> WarehousesAtCentres(const std::vector<City>& cities, int count);

}  // namespace quartermaster::retail

#endif  // QUARTERMASTER_TOOLS_RETAIL_WAREHOUSES_H_
