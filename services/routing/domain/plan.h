// The planner: from where each line of an order is served, and why. A pure function: the same
// network, stock and request give the same plan.
//
// The strategy "default@1". A location takes part if it has the capability (SHIP, PICKUP; for
// CARRY_OUT a TILL), is not excluded and, but for carry-out, is not paused: tills go on.
//   SHIP       fewest parcels, then the shortest total distance, ties by location id. All lines of
//              one SKU are one demand; a demand is split over locations only if some demand of the
//              group has no location that can serve it whole.
//   PICKUP     at the named store, or at the nearest that has everything. Never at another one.
//   CARRY_OUT  at the named location.
// Groups share stock: each takes its units in the order of the request. If that leaves one short,
// the groups with the least choice go first, so that no order is refused that stock could serve.
//
//   const PlanOutcome outcome = MakePlan(network, mirror, request);
//   if (const auto* plan = std::get_if<Plan>(&outcome)) plan->assignments[0].location_id;
#ifndef QUARTERMASTER_SERVICES_ROUTING_DOMAIN_PLAN_H_
#define QUARTERMASTER_SERVICES_ROUTING_DOMAIN_PLAN_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "services/base/quantity.h"
#include "services/routing/domain/candidate.h"
#include "services/routing/domain/geo.h"
#include "services/routing/domain/network.h"
#include "services/routing/domain/stock_mirror.h"

namespace quartermaster::routing {

enum class Method : uint8_t { kShip, kPickup, kCarryOut };

struct PlanLine {
  // Unique within the request.
  std::string line_id;
  std::string sku;
  // 1 to kMaxLineQuantity.
  Quantity quantity;
};

// Lines that travel together.
struct PlanGroup {
  // Unique within the request.
  std::string group_id;
  Method method = Method::kShip;
  // SHIP: where to. PICKUP: near where, if no location is named. Without one no location is nearer
  // than another.
  std::optional<GeoPoint> destination;
  // CARRY_OUT: required. PICKUP: empty means the nearest.
  std::string location_id;
  std::vector<PlanLine> lines;
};

struct StockFigure {
  std::string sku;
  std::string location_id;
  Quantity quantity;
};

struct PlanRequest {
  std::vector<PlanGroup> groups;
  // Figures to believe instead of the mirror's: what it has not heard of yet.
  std::vector<StockFigure> news;
  // Units that count as available although they are held: the asker's own hold.
  std::vector<StockFigure> credits;
  // Locations not to be planned from. Unknown ones are no error.
  std::vector<std::string> excluded_location_ids;
  // Figures to believe instead of the mirror's and the credits': what a rejection said would have
  // been accepted.
  std::vector<StockFigure> overrides;
  // Plan what can be served and report the rest, instead of kNoPlan.
  bool allow_partial = false;
};

// Some of one line's units from one location.
struct Assignment {
  std::string group_id;
  std::string line_id;
  std::string sku;
  std::string location_id;
  Quantity quantity;
  // To the destination; 0 without one.
  int64_t distance_m = 0;
};

struct ShortLine {
  std::string line_id;
  std::string sku;
  // Where it was asked; empty for the whole network.
  std::string location_id;
  Quantity asked;
  // The most that could have been planned for it.
  Quantity available;
};

struct ExplainedGroup {
  std::string group_id;
  Method method = Method::kShip;
  GroupExplanation explanation;
};

struct Plan {
  // By group, line, and distance.
  std::vector<Assignment> assignments;
  // With allow_partial only.
  std::vector<ShortLine> short_lines;
  // kDefaultStrategy
  std::string strategy;
  std::vector<ExplainedGroup> groups;
};

struct PlanRefusal {
  enum class Reason {
    // Neither the catalog nor stock ever named the SKU `subject` of line [group][line].
    kItemNotFound,
    // The catalog does not know the location `subject` of groups[group].
    kLocationNotFound,
    // The location `subject` of groups[group] lacks the capability, is paused or excluded.
    kLocationNotEligible,
    // Too little stock: short_lines says of what.
    kNoPlan,
  };
  Reason reason = Reason::kNoPlan;
  std::string subject;
  // Index into the request's groups, and into the group's lines.
  size_t group = 0;
  size_t line = 0;
  std::vector<ShortLine> short_lines;
};

using PlanOutcome = std::variant<Plan, PlanRefusal>;

// Checks, in this order and each in the order of the request: every SKU is known; every named
// location is known; every named location is eligible; there is stock. With allow_partial a plan
// may be empty.
PlanOutcome MakePlan(const Network& network, const StockMirror& mirror, const PlanRequest& request);

}  // namespace quartermaster::routing

#endif  // QUARTERMASTER_SERVICES_ROUTING_DOMAIN_PLAN_H_
