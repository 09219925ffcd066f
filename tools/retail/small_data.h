// The small data set of the repository: places, items and cities from CSV, orders drawn.
#ifndef QUARTERMASTER_TOOLS_RETAIL_SMALL_DATA_H_
#define QUARTERMASTER_TOOLS_RETAIL_SMALL_DATA_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "tools/retail/network.h"
#include "tools/retail/world.h"

namespace quartermaster::retail {

// Reads locations.csv, items.csv and cities.csv of a directory; the first two have the columns of
// `qm import`. Errors: those of ReadCsv; InvalidArgument names the file and line of a bad row.
absl::StatusOr<World> ReadSmallWorld(const std::string& directory);

// Draws orders of 1 to 8 lines, items by Zipf's law (exponent 0.9), and returns of some of them.
Plan DrawPlan(const World& world, const Network& network, uint64_t seed, int64_t orders);

}  // namespace quartermaster::retail

#endif  // QUARTERMASTER_TOOLS_RETAIL_SMALL_DATA_H_
