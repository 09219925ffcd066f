#include "services/orders/app/reroute_job.h"

#include <utility>

#include "services/orders/app/plan_group.h"

namespace quartermaster::orders {

SourcingJob JobOf(const Reroute& reroute, std::string owner_id) {
  SourcingJob job;
  for (const RerouteGroup& group : reroute.groups) {
    PlanRequest::Group& to = job.request.groups.emplace_back(ToPlanGroup(group));
    for (const RerouteGroup::Line& line : group.lines) {
      to.lines.push_back({line.line_id, line.sku, line.quantity});
    }
  }
  job.excluded_for_shipping = reroute.excluded_locations;
  job.best_effort = true;
  job.owner_id = std::move(owner_id);
  job.channel_id = reroute.channel_id;
  job.customer_ref = reroute.customer_ref;
  return job;
}

std::vector<PlannedUnits> UnitsOf(const Reroute& reroute, const Sourced& sourced) {
  std::vector<PlannedUnits> units;
  for (const RoutePlan::Assignment& assignment : sourced.assignments) {
    for (const RerouteGroup& group : reroute.groups) {
      for (const RerouteGroup::Line& line : group.lines) {
        if (line.line_id != assignment.line_id) continue;
        units.push_back({line.line, assignment.location_id, assignment.quantity});
      }
    }
  }
  return units;
}

}  // namespace quartermaster::orders
