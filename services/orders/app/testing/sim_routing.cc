#include "services/orders/app/testing/sim_routing.h"

#include <algorithm>
#include <set>
#include <string>

namespace quartermaster::orders {
namespace {

int64_t Figure(const SimMirror& mirror, const SimStock::Place& place) {
  const auto it = mirror.find(place);
  return it == mirror.end() ? 0 : it->second;
}

}  // namespace

PeerResult<RoutePlan> SimPlan(SimStock& stock, const std::optional<SimMirror>& mirror,
                              const PlanRequest& request) {
  std::map<SimStock::Place, int64_t> units;
  std::set<std::string> locations;
  std::set<std::string> skus;
  for (const SimStock::Place& place : stock.Places()) {
    units[place] = mirror ? Figure(*mirror, place) : stock.Available(place.first, place.second);
    skus.insert(place.first);
    locations.insert(place.second);
  }
  for (const PlanRequest::Credit& credit : request.credits) {
    units[{credit.sku, credit.location_id}] += credit.quantity.units();
  }
  for (const PlanRequest::Credit& figure : request.overrides) {
    units[{figure.sku, figure.location_id}] = figure.quantity.units();
  }
  for (const std::string& excluded : request.excluded_location_ids) locations.erase(excluded);
  RoutePlan plan;
  for (const PlanRequest::Group& group : request.groups) {
    for (const PlanRequest::Line& line : group.lines) {
      if (!skus.contains(line.sku)) {
        return PeerError{.reason = common::v1::ITEM_NOT_FOUND, .message = line.sku};
      }
      int64_t missing = line.quantity.units();
      for (const std::string& location : locations) {
        if (!group.location_id.empty() && location != group.location_id) continue;
        const int64_t taken = std::min(missing, std::max<int64_t>(units[{line.sku, location}], 0));
        if (taken == 0) continue;
        units[{line.sku, location}] -= taken;
        missing -= taken;
        plan.assignments.push_back(
            {group.group_id, line.line_id, line.sku, location, Quantity(taken), 1.0});
      }
      if (missing > 0) {
        plan.short_lines.push_back(
            {line.line_id, line.sku, "", line.quantity, line.quantity - Quantity(missing)});
      }
    }
  }
  if (!plan.short_lines.empty() && !request.allow_partial) {
    return PeerError{
        .reason = common::v1::NO_PLAN, .message = "short", .short_lines = plan.short_lines};
  }
  return plan;
}

}  // namespace quartermaster::orders
