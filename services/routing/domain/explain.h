// Why a group is served as it is: the fate of every location, the nearest by name, the rest by
// number.
#ifndef QUARTERMASTER_SERVICES_ROUTING_DOMAIN_EXPLAIN_H_
#define QUARTERMASTER_SERVICES_ROUTING_DOMAIN_EXPLAIN_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "services/routing/domain/candidate.h"
#include "services/routing/domain/group_planner.h"
#include "services/routing/domain/score.h"
#include "services/routing/domain/supply.h"

namespace quartermaster::routing {

// Named in an explanation: so many of the nearest, whatever their fate, and so many of the nearest
// that have any of the goods. The chosen ones always are.
inline constexpr size_t kNearestListed = 10;
inline constexpr size_t kRankedListed = 10;

// Units that a plan takes from a location.
struct ServedUnits {
  RankedLocation from;
  int64_t units = 0;
};

// `supply` as it was before the units were taken; `whole`: per demand, the locations that have all
// of it (unless the group names its location). Only a named location of a group that names one has
// been looked at; otherwise all registered ones.
GroupExplanation ExplainGroup(const GroupTask& task, const Supply& supply,
                              const std::vector<LocationSet>& whole,
                              const std::vector<ServedUnits>& served, Proximity& proximity);

}  // namespace quartermaster::routing

#endif  // QUARTERMASTER_SERVICES_ROUTING_DOMAIN_EXPLAIN_H_
