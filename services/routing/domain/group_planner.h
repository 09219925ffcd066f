// Plans one group of lines against a supply: the heart of default@1. Used by plan.cc, which orders
// the groups.
#ifndef QUARTERMASTER_SERVICES_ROUTING_DOMAIN_GROUP_PLANNER_H_
#define QUARTERMASTER_SERVICES_ROUTING_DOMAIN_GROUP_PLANNER_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "services/routing/domain/location_set.h"
#include "services/routing/domain/network.h"
#include "services/routing/domain/plan.h"
#include "services/routing/domain/supply.h"

namespace quartermaster::routing {

// All of a group's lines of one SKU.
struct Demand {
  SupplyItem item = 0;
  // Of its lines together, in the item's base unit.
  int64_t quantity = 0;
  // Indexes into the group's lines.
  std::vector<size_t> lines;
};

// A group, made ready for planning.
struct GroupTask {
  const PlanGroup* group = nullptr;
  // In the order of their first lines.
  std::vector<Demand> demands;
  // The location that the request names.
  std::optional<LocationIndex> named;
  // The location that the planner has settled on for an unnamed pickup.
  std::optional<LocationIndex> settled;
  // The group's locations by what the catalog and the request say of them; disjoint.
  LocationSet eligible;
  LocationSet excluded;
  LocationSet paused;
  LocationSet not_capable;
};

struct GroupServing {
  // By line and (distance, id).
  std::vector<Assignment> assignments;
  std::vector<ShortLine> short_lines;
  // Missing over all short lines, in base units.
  int64_t short_units = 0;
  GroupExplanation explanation;
};

// Serves a group and takes its units from the supply. If it comes out short: without
// `allow_partial` nothing is assigned or taken, with it what there is.
GroupServing ServeGroup(const Network& network, const GroupTask& task, bool allow_partial,
                        Supply& supply);

// The locations where an unnamed pickup group finds everything.
LocationSet PickupLocations(const GroupTask& task, const Supply& supply);

}  // namespace quartermaster::routing

#endif  // QUARTERMASTER_SERVICES_ROUTING_DOMAIN_GROUP_PLANNER_H_
