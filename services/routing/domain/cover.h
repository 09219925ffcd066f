// The smallest and nearest set of locations that covers what a parcel group needs.
//
// Two forms. CoverWhole: every demand from one location (set cover), exact for up to
// kExactDemands demands. CoverSplit: a demand may be put together from several locations; exact
// unless the instance is large, where a greedy set is improved within a bounded amount of work.
#ifndef QUARTERMASTER_SERVICES_ROUTING_DOMAIN_COVER_H_
#define QUARTERMASTER_SERVICES_ROUTING_DOMAIN_COVER_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "services/routing/domain/location_set.h"
#include "services/routing/domain/score.h"

namespace quartermaster::routing {

// 3^10 combinations, about 0.1 ms, bound the exact search for whole demands.
inline constexpr size_t kExactDemands = 10;

// whole[d]: the registered locations that can serve demand d alone; none is empty, and no location
// is in all of them. The set with the lowest Score such that every demand has a member of it, by
// (distance, id).
std::vector<RankedLocation> CoverWhole(const std::vector<LocationSet>& whole, Proximity& proximity);

struct CoverProblem {
  // Up to `units` (at least 1, at most the need) of a demand from a candidate.
  struct Offer {
    size_t candidate = 0;
    int64_t units = 0;
  };
  // Sorted by (distance, id).
  std::vector<RankedLocation> candidates;
  // Units wanted of each demand, 1 or more.
  std::vector<int64_t> needs;
  // Per demand, by candidate. They add up to the need at least.
  std::vector<std::vector<Offer>> offers;
};

// The set with the lowest Score whose offers add up to every need; its candidates, ascending.
// Deterministic. Work is bounded by about `steps_max` offers looked at beyond the greedy set.
std::vector<size_t> SolveCover(const CoverProblem& problem, int64_t steps_max = 200'000);

}  // namespace quartermaster::routing

#endif  // QUARTERMASTER_SERVICES_ROUTING_DOMAIN_COVER_H_
