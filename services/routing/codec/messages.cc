#include "services/routing/codec/messages.h"

#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"

namespace quartermaster::routing {
namespace {

constexpr int kDefaultLimit = 10;

GeoPoint FromProto(const common::v1::GeoPoint& point) {
  return {point.latitude(), point.longitude()};
}

Method FromProto(v1::Method method) {
  switch (method) {
    case v1::PICKUP:
      return Method::kPickup;
    case v1::CARRY_OUT:
      return Method::kCarryOut;
    default:
      return Method::kShip;
  }
}

v1::Method ToProto(Method method) {
  switch (method) {
    case Method::kShip:
      return v1::SHIP;
    case Method::kPickup:
      return v1::PICKUP;
    case Method::kCarryOut:
      return v1::CARRY_OUT;
  }
  return v1::METHOD_UNSPECIFIED;
}

v1::Explanation::Fate ToProto(Fate fate) {
  switch (fate) {
    case Fate::kChosen:
      return v1::Explanation::CHOSEN;
    case Fate::kOutranked:
      return v1::Explanation::OUTRANKED;
    case Fate::kNoStock:
      return v1::Explanation::NO_STOCK;
    case Fate::kNotEnoughStock:
      return v1::Explanation::NOT_ENOUGH_STOCK;
    case Fate::kNotCapable:
      return v1::Explanation::NOT_CAPABLE;
    case Fate::kPaused:
      return v1::Explanation::PAUSED;
    case Fate::kExcluded:
      return v1::Explanation::EXCLUDED;
  }
  return v1::Explanation::FATE_UNSPECIFIED;
}

StockFigure FromProto(const v1::Credit& credit) {
  return {credit.sku(), credit.location_id(), Quantity(credit.quantity())};
}

void ToProto(const ShortLine& line, common::v1::InsufficientStock::ShortLine& to) {
  to.set_line_id(line.line_id);
  to.set_sku(line.sku);
  to.set_location_id(line.location_id);
  to.set_asked(line.asked.units());
  to.set_available(line.available.units());
}

void ToProto(const ExplainedGroup& group, v1::Explanation::Group& to) {
  to.set_group_id(group.group_id);
  to.set_method(ToProto(group.method));
  to.set_parcels(group.explanation.parcels);
  for (const Candidate& candidate : group.explanation.candidates) {
    v1::Explanation::Candidate& listed = *to.add_candidates();
    listed.set_location_id(candidate.location_id);
    listed.set_fate(ToProto(candidate.fate));
    listed.set_distance_km(KilometresOf(candidate.distance_m));
    listed.set_lines_covered(candidate.lines_covered);
    listed.set_units(candidate.units);
  }
  for (size_t fate = 0; fate < kFates; ++fate) {
    if (group.explanation.others[fate] == 0) continue;
    const std::string& name = v1::Explanation::Fate_Name(ToProto(static_cast<Fate>(fate)));
    (*to.mutable_others())[name] = group.explanation.others[fate];
  }
}

}  // namespace

PlanRequest FromProto(const v1::PlanOrderRequest& request) {
  PlanRequest plan;
  int line_index = 0;
  for (int g = 0; g < request.groups_size(); ++g) {
    const v1::PlanGroup& from = request.groups(g);
    PlanGroup& group = plan.groups.emplace_back();
    group.group_id = from.group_id().empty() ? absl::StrCat(g) : from.group_id();
    group.method = FromProto(from.method());
    if (from.has_destination()) group.destination = FromProto(from.destination());
    group.location_id = from.location_id();
    for (const v1::PlanLine& line : from.lines()) {
      group.lines.push_back({line.line_id().empty() ? absl::StrCat(line_index) : line.line_id(),
                             line.sku(), Quantity(line.quantity())});
      ++line_index;
    }
  }
  for (const v1::Credit& credit : request.credits()) plan.credits.push_back(FromProto(credit));
  for (const v1::Credit& figure : request.overrides()) plan.overrides.push_back(FromProto(figure));
  plan.excluded_location_ids.assign(request.excluded_location_ids().begin(),
                                    request.excluded_location_ids().end());
  plan.allow_partial = request.allow_partial();
  return plan;
}

v1::Plan ToProto(const Plan& plan, const std::string& stock_position) {
  v1::Plan to;
  for (const Assignment& assignment : plan.assignments) {
    v1::Plan::Assignment& assigned = *to.add_assignments();
    assigned.set_group_id(assignment.group_id);
    assigned.set_line_id(assignment.line_id);
    assigned.set_sku(assignment.sku);
    assigned.set_location_id(assignment.location_id);
    assigned.set_quantity(assignment.quantity.units());
    assigned.set_distance_km(KilometresOf(assignment.distance_m));
  }
  for (const ShortLine& line : plan.short_lines) ToProto(line, *to.add_short_lines());
  v1::Explanation& explanation = *to.mutable_explanation();
  explanation.set_strategy(plan.strategy);
  explanation.set_stock_position(stock_position);
  for (const ExplainedGroup& group : plan.groups) ToProto(group, *explanation.add_groups());
  return to;
}

NearestRequest FromProto(const v1::FindNearestRequest& request) {
  NearestRequest nearest;
  nearest.point = FromProto(request.point());
  nearest.capability = CapabilityOf(request.capability());
  for (const v1::PlanLine& line : request.lines()) {
    nearest.lines.emplace_back(line.sku(), Quantity(line.quantity()));
  }
  nearest.limit = static_cast<size_t>(request.limit() == 0 ? kDefaultLimit : request.limit());
  if (request.max_distance_km() > 0) {
    nearest.max_distance_m = std::llround(request.max_distance_km() * 1'000);
  }
  return nearest;
}

v1::RouteReturnResponse ToProto(const ReturnRouting& routing) {
  v1::RouteReturnResponse response;
  response.set_disposition(routing.disposition == ReturnRouting::Disposition::kRestockHere
                               ? v1::RouteReturnResponse::RESTOCK_HERE
                               : v1::RouteReturnResponse::INSPECT);
  response.set_reason(routing.reason);
  return response;
}

common::v1::InsufficientStock ToProto(const std::vector<ShortLine>& lines) {
  common::v1::InsufficientStock shortage;
  for (const ShortLine& line : lines) ToProto(line, *shortage.add_lines());
  return shortage;
}

std::optional<Capability> CapabilityOf(int number) {
  switch (number) {
    case catalog::v1::Location::SHIP:
      return Capability::kShip;
    case catalog::v1::Location::PICKUP:
      return Capability::kPickup;
    case catalog::v1::Location::RETURN:
      return Capability::kReturn;
    case catalog::v1::Location::TILL:
      return Capability::kTill;
    default:
      return std::nullopt;
  }
}

LocationKind LocationKindOf(int number) {
  switch (number) {
    case catalog::v1::Location::STORE:
      return LocationKind::kStore;
    case catalog::v1::Location::WAREHOUSE:
      return LocationKind::kWarehouse;
    case catalog::v1::Location::VENDOR:
      return LocationKind::kVendor;
    default:
      return LocationKind::kUnspecified;
  }
}

double KilometresOf(int64_t distance_m) { return static_cast<double>(distance_m) / 1'000; }

}  // namespace quartermaster::routing
