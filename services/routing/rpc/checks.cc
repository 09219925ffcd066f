#include "services/routing/rpc/checks.h"

#include <cmath>
#include <cstdint>
#include <limits>
#include <string>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "services/base/quantity.h"

namespace quartermaster::routing {
namespace {

using runtime::FieldChecker;
using runtime::FieldPath;
using runtime::Presence;

// As much as a request's lines can ask for together.
constexpr int64_t kMaxFigure = kMaxLines * kMaxLineQuantity.units();

// Ids that may be left out and then are their index: none may come twice, however it came about.
class OptionalIds {
 public:
  void Check(const FieldPath& parent, const char* name, const std::string& id, int index,
             FieldChecker& check) {
    if (!check.Id({parent, name}, id, Presence::kOptional)) return;
    if (!seen_.insert(id.empty() ? absl::StrCat(index) : id).second) {
      check.Add({parent, name}, "repeats another one of this request");
    }
  }

 private:
  absl::flat_hash_set<std::string> seen_;
};

void CheckLine(const FieldPath& path, const v1::PlanLine& line, FieldChecker& check) {
  check.Id({path, "sku"}, line.sku());
  check.Range({path, "quantity"}, line.quantity(), 1, kMaxLineQuantity.units());
}

void CheckPlace(const FieldPath& path, const v1::PlanGroup& group, FieldChecker& check) {
  if (group.has_destination()) check.GeoPoint({path, "destination"}, group.destination());
  switch (group.method()) {
    case v1::SHIP:
      check.Required({path, "destination"}, group.has_destination());
      check.True({path, "location_id"}, group.location_id().empty(), "must be empty for SHIP");
      break;
    case v1::PICKUP:
      check.Id({path, "location_id"}, group.location_id(), Presence::kOptional);
      check.True({path, "destination"}, group.has_destination() || !group.location_id().empty(),
                 "is required for PICKUP without a location_id");
      break;
    case v1::CARRY_OUT:
      check.Id({path, "location_id"}, group.location_id());
      break;
    default:
      break;
  }
}

void CheckFigures(const char* name, const google::protobuf::RepeatedPtrField<v1::Credit>& figures,
                  FieldChecker& check) {
  if (!check.Size(name, figures.size(), 0, kMaxFigures)) return;
  for (int i = 0; i < figures.size() && !check.full(); ++i) {
    const FieldPath path(name, i);
    check.Id({path, "sku"}, figures[i].sku());
    check.Id({path, "location_id"}, figures[i].location_id());
    check.Range({path, "quantity"}, figures[i].quantity(), 0, kMaxFigure);
  }
}

}  // namespace

void Check(const v1::PlanOrderRequest& request, FieldChecker& check) {
  if (!check.Size("groups", request.groups_size(), 1, kMaxGroups)) return;
  OptionalIds group_ids;
  OptionalIds line_ids;
  int lines = 0;
  for (int g = 0; g < request.groups_size() && !check.full(); ++g) {
    const v1::PlanGroup& group = request.groups(g);
    const FieldPath path("groups", g);
    group_ids.Check(path, "group_id", group.group_id(), g, check);
    check.Enum({path, "method"}, group.method(), v1::Method_IsValid);
    CheckPlace(path, group, check);
    if (!check.Size({path, "lines"}, group.lines_size(), 1, kMaxLines - lines)) continue;
    for (int l = 0; l < group.lines_size() && !check.full(); ++l, ++lines) {
      const FieldPath line(path, "lines", l);
      line_ids.Check(line, "line_id", group.lines(l).line_id(), lines, check);
      CheckLine(line, group.lines(l), check);
    }
  }
  CheckFigures("credits", request.credits(), check);
  CheckFigures("overrides", request.overrides(), check);
  check.Size("excluded_location_ids", request.excluded_location_ids_size(), 0, kMaxExcluded);
  for (int i = 0; i < request.excluded_location_ids_size() && !check.full(); ++i) {
    check.Id(FieldPath("excluded_location_ids", i), request.excluded_location_ids(i));
  }
}

void Check(const v1::FindNearestRequest& request, FieldChecker& check) {
  if (check.Required("point", request.has_point())) check.GeoPoint("point", request.point());
  check.Enum("capability", request.capability(), catalog::v1::Location::Capability_IsValid,
             Presence::kOptional);
  check.Range("limit", request.limit(), 0, kMaxNearest);
  check.True("max_distance_km",
             std::isfinite(request.max_distance_km()) && request.max_distance_km() >= 0 &&
                 request.max_distance_km() <= 50'000,
             "must be between 0 and 50000");
  if (!check.Size("lines", request.lines_size(), 0, kMaxLines)) return;
  OptionalIds line_ids;
  for (int l = 0; l < request.lines_size() && !check.full(); ++l) {
    const FieldPath line("lines", l);
    line_ids.Check(line, "line_id", request.lines(l).line_id(), l, check);
    CheckLine(line, request.lines(l), check);
  }
}

void Check(const v1::GetDecisionRequest& request, FieldChecker& check) {
  check.Id("order_id", request.order_id());
  check.Range("attempt", request.attempt(), 0, std::numeric_limits<int32_t>::max());
}

void Check(const v1::RouteReturnRequest& request, FieldChecker& check) {
  check.Id("sku", request.sku());
  check.Id("location_id", request.location_id());
}

}  // namespace quartermaster::routing
