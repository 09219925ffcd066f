#include "services/routing/app/requests.h"

#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "services/routing/codec/messages.h"

namespace quartermaster::routing {
namespace {

using runtime::RpcError;

RpcError ItemNotFound(const std::string& sku) {
  return runtime::NotFound(common::v1::ITEM_NOT_FOUND, "item", sku);
}

RpcError LocationNotFound(const std::string& location_id) {
  return runtime::NotFound(common::v1::LOCATION_NOT_FOUND, "location", location_id);
}

RpcError ErrorOf(const PlanRefusal& refusal) {
  switch (refusal.reason) {
    case PlanRefusal::Reason::kItemNotFound:
      return ItemNotFound(refusal.subject);
    case PlanRefusal::Reason::kLocationNotFound:
      return LocationNotFound(refusal.subject);
    case PlanRefusal::Reason::kLocationNotEligible: {
      RpcError error(common::v1::LOCATION_NOT_ELIGIBLE,
                     "the named location is paused, excluded, or lacks the capability");
      error.SetResource("location", refusal.subject);
      return error;
    }
    case PlanRefusal::Reason::kNoPlan:
      break;
  }
  RpcError error(common::v1::NO_PLAN,
                 absl::StrCat("too little stock for ", refusal.short_lines.size(), " line(s)"));
  error.SetInsufficientStock(ToProto(refusal.short_lines));
  return error;
}

bool IsShort(const PlanOutcome& outcome) {
  if (const auto* plan = std::get_if<Plan>(&outcome)) return !plan->short_lines.empty();
  return std::get<PlanRefusal>(outcome).reason == PlanRefusal::Reason::kNoPlan;
}

// The changes that bear on the request.
std::vector<StockFigure> FiguresFor(const PlanRequest& request,
                                    const std::vector<StockChange>& changes) {
  absl::flat_hash_set<std::string_view> skus;
  for (const PlanGroup& group : request.groups) {
    for (const PlanLine& line : group.lines) skus.insert(line.sku);
  }
  std::vector<StockFigure> figures;
  for (const StockChange& change : changes) {
    if (!skus.contains(change.sku)) continue;
    figures.push_back({change.sku, change.location_id, Quantity(change.available)});
  }
  return figures;
}

std::optional<RpcError> Answer(const Planned& planned, v1::Plan& response) {
  if (const auto* refusal = std::get_if<PlanRefusal>(&planned.outcome)) return ErrorOf(*refusal);
  response = ToProto(std::get<Plan>(planned.outcome), planned.stock_position);
  return std::nullopt;
}

}  // namespace

void PlanOrder(Router& router, StockNews* news, const v1::PlanOrderRequest& request,
               v1::Plan& response, absl::AnyInvocable<void(std::optional<RpcError>)> done) {
  PlanRequest asked = FromProto(request);
  Planned planned = router.Plan(asked);
  if (news == nullptr || !IsShort(planned.outcome)) return done(Answer(planned, response));
  std::string position = planned.stock_position;
  news->Since(std::move(position),
              [&router, &response, asked = std::move(asked), planned = std::move(planned),
               done = std::move(done)](const StockNews::Result& result) mutable {
                if (const auto* error = std::get_if<RpcError>(&result)) return done(*error);
                asked.news = FiguresFor(asked, std::get<std::vector<StockChange>>(result));
                if (!asked.news.empty()) planned = router.Plan(asked);
                done(Answer(planned, response));
              });
}

void FindNearest(Router& router, const v1::FindNearestRequest& request,
                 v1::FindNearestResponse& response) {
  for (const NearLocation& near : router.Nearest(FromProto(request))) {
    v1::FindNearestResponse::Result& result = *response.add_results();
    result.set_location_id(near.location_id);
    result.set_distance_km(KilometresOf(near.distance_m));
  }
}

std::optional<RpcError> RouteReturn(Router& router, const v1::RouteReturnRequest& request,
                                    v1::RouteReturnResponse& response) {
  const ReturnAnswer answer =
      router.Return(request.sku(), request.location_id(), request.sellable());
  switch (answer.problem) {
    case ReturnAnswer::Problem::kItemNotFound:
      return ItemNotFound(request.sku());
    case ReturnAnswer::Problem::kLocationNotFound:
      return LocationNotFound(request.location_id());
    case ReturnAnswer::Problem::kNone:
      break;
  }
  response = ToProto(answer.routing);
  return std::nullopt;
}

}  // namespace quartermaster::routing
