// route explain|plan|nearest|return: from where orders are served, and why.
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "quartermaster/routing/v1/routing.grpc.pb.h"
#include "tools/qm/cli.h"
#include "tools/qm/commands/ask.h"
#include "tools/qm/commands/commands.h"
#include "tools/qm/commands/names.h"
#include "tools/qm/input/values.h"

namespace quartermaster::qm {
namespace {

namespace routingv1 = ::quartermaster::routing::v1;
using routingv1::RoutingService;
using Stub = routingv1::RoutingService::Stub;

std::string Kilometres(double km) { return absl::StrFormat("%.1f", km); }

void PrintGroup(const Context& context, const routingv1::Plan& plan,
                const routingv1::Explanation::Group& group) {
  context.PrintLine(absl::StrCat("\ngroup ", group.group_id(), ": ",
                                 EnumName(routingv1::Method_descriptor(), group.method()), ", ",
                                 group.parcels(), group.parcels() == 1 ? " parcel" : " parcels"));
  Table assigned({"LINE", "SKU", "FROM", "QUANTITY", "KM"});
  for (const auto& a : plan.assignments()) {
    if (a.group_id() != group.group_id()) continue;
    assigned.Row({a.line_id(), a.sku(), a.location_id(), absl::StrCat(a.quantity()),
                  Kilometres(a.distance_km())});
  }
  context.PrintTable(assigned);
  context.PrintLine("candidates");
  Table candidates({"LOCATION", "FATE", "KM", "LINES COVERED", "UNITS"});
  for (const auto& c : group.candidates()) {
    candidates.Row({c.location_id(), EnumName(routingv1::Explanation::Fate_descriptor(), c.fate()),
                    Kilometres(c.distance_km()), absl::StrCat(c.lines_covered()),
                    absl::StrCat(c.units())});
  }
  context.PrintTable(candidates);
  std::string others;
  for (const auto& [fate, count] : group.others()) {
    absl::StrAppend(&others, others.empty() ? "" : ", ", count, " ", fate);
  }
  if (!others.empty()) context.PrintLine("and beyond those listed: " + others);
}

int PrintPlan(const Context& context, const std::string& of, const routingv1::Plan& plan) {
  const routingv1::Explanation& explanation = plan.explanation();
  context.PrintLine(absl::StrCat(of, "strategy ", explanation.strategy(), ", stock as of position ",
                                 explanation.stock_position()));
  for (const auto& group : explanation.groups()) PrintGroup(context, plan, group);
  for (const auto& line : plan.short_lines()) {
    context.PrintLine(absl::StrCat("short: line ", line.line_id(), " ", line.sku(), " asked ",
                                   line.asked(), ", available ", line.available()));
  }
  return kOk;
}

struct ExplainArgs {
  std::string order;
  int attempt = 0;
};

int Explain(Context& context, const ExplainArgs& args) {
  routingv1::GetDecisionRequest request;
  request.set_order_id(args.order);
  request.set_attempt(args.attempt);
  return Ask<RoutingService>(
      context, &Stub::GetDecision, request, [&](const routingv1::Decision& decision) {
        return PrintPlan(
            context,
            absl::StrCat("order ", decision.order_id(), ", attempt ", decision.attempt(), ", "),
            decision.plan());
      });
}

// "SKU:QUANTITY"; what is wrong, or nothing.
std::string AddPlanLines(const std::vector<std::string>& texts,
                         google::protobuf::RepeatedPtrField<routingv1::PlanLine>* lines) {
  for (const std::string& text : texts) {
    const std::optional<LineSpec> spec = ParseLine(text);
    if (!spec || spec->place) return absl::StrCat("'", text, "' is not SKU:QUANTITY");
    routingv1::PlanLine* line = lines->Add();
    line->set_sku(spec->sku);
    line->set_quantity(spec->quantity);
  }
  return "";
}

std::string SetPoint(const char* option, const std::string& text, common::v1::GeoPoint* point) {
  const std::optional<Point> parsed = ParsePoint(text);
  if (!parsed) return absl::StrCat(option, " takes LATITUDE,LONGITUDE in degrees");
  point->set_latitude(parsed->latitude);
  point->set_longitude(parsed->longitude);
  return "";
}

struct PlanArgs {
  std::vector<std::string> lines, without;
  int method = routingv1::SHIP;
  std::string to, at;
  bool allow_partial = false;
};

int Plan(Context& context, const PlanArgs& args) {
  routingv1::PlanOrderRequest request;
  routingv1::PlanGroup* group = request.add_groups();
  group->set_method(static_cast<routingv1::Method>(args.method));
  group->set_location_id(args.at);
  std::string problem = AddPlanLines(args.lines, group->mutable_lines());
  if (problem.empty() && !args.to.empty()) {
    problem = SetPoint("--to", args.to, group->mutable_destination());
  }
  if (!problem.empty()) return context.Usage(problem);
  for (const std::string& location : args.without) request.add_excluded_location_ids(location);
  request.set_allow_partial(args.allow_partial);
  return Ask<RoutingService>(context, &Stub::PlanOrder, request, [&](const routingv1::Plan& plan) {
    return PrintPlan(context, "", plan);
  });
}

struct NearestArgs {
  std::string point;
  std::vector<std::string> lines;
  int capability = 0;
  int limit = 10;
  double within_km = 0;
};

int Nearest(Context& context, const NearestArgs& args) {
  routingv1::FindNearestRequest request;
  std::string problem = SetPoint("POINT", args.point, request.mutable_point());
  if (problem.empty()) problem = AddPlanLines(args.lines, request.mutable_lines());
  if (!problem.empty()) return context.Usage(problem);
  request.set_capability(static_cast<catalog::v1::Location::Capability>(args.capability));
  request.set_limit(args.limit);
  request.set_max_distance_km(args.within_km);
  routingv1::FindNearestResponse response;
  const auto stub = context.Stub<RoutingService>();
  const grpc::Status status = context.Call(*stub, &Stub::FindNearest, request, &response);
  if (!status.ok()) return context.Refused(status);
  if (context.json()) return context.PrintList(response, response.results());
  Table table({"LOCATION", "KM"});
  for (const auto& result : response.results()) {
    table.Row({result.location_id(), Kilometres(result.distance_km())});
  }
  return context.PrintTable(table);
}

struct ReturnArgs {
  std::string sku, location;
  bool sellable = true;
};

int RouteReturn(Context& context, const ReturnArgs& args) {
  routingv1::RouteReturnRequest request;
  request.set_sku(args.sku);
  request.set_location_id(args.location);
  request.set_sellable(args.sellable);
  return Ask<RoutingService>(
      context, &Stub::RouteReturn, request, [&](const routingv1::RouteReturnResponse& response) {
        Table table({"DISPOSITION", "LOCATION", "REASON"});
        table.Row({EnumName(routingv1::RouteReturnResponse::Disposition_descriptor(),
                            response.disposition()),
                   response.location_id(), response.reason()});
        return context.PrintTable(table);
      });
}

void AddPlan(Cli& cli, Subcommand group) {
  const auto args = std::make_shared<PlanArgs>();
  Subcommand plan =
      cli.Command(group, "plan", "From where an order would be served, and why; nothing is held",
                  "qm route plan A-1:2 B-2:1 --to 46.77,23.59 --without store-5\n"
                  "  qm route plan A-1:1 --method pickup --at store-5",
                  [args](Context& context) { return Plan(context, *args); });
  plan.Option("LINE", args->lines, "SKU:QUANTITY").Required();
  AddEnumOption(plan, "--method", args->method, routingv1::Method_descriptor(), "Default ship");
  plan.Option("--to", args->to, "Destination, or near where: LATITUDE,LONGITUDE");
  plan.Option("--at", args->at, "The pickup or carry-out store");
  plan.Option("--without", args->without, "Not from this location; may be repeated");
  plan.Flag("--allow-partial", args->allow_partial, "Plan what can be served");
}

void AddNearest(Cli& cli, Subcommand group) {
  const auto args = std::make_shared<NearestArgs>();
  Subcommand nearest = cli.Command(
      group, "nearest", "Locations by distance that can do something, and have something",
      "qm route nearest 46.77,23.59 --can pickup A-1:1 --limit 3",
      [args](Context& context) { return Nearest(context, *args); });
  nearest.Option("POINT", args->point, "LATITUDE,LONGITUDE in degrees").Required();
  nearest.Option("LINE", args->lines, "SKU:QUANTITY that one location has; all of them");
  AddEnumOption(nearest, "--can", args->capability, catalog::v1::Location::Capability_descriptor(),
                "Only those that can");
  nearest.Option("--limit", args->limit, "At most so many").InRange(1, 1'000).ShowDefault();
  nearest.Option("--within", args->within_km, "Kilometres (default: no limit)");
}

}  // namespace

void AddRouteCommands(Cli& cli) {
  Subcommand group = cli.Group("route", "From where orders are served", "qm route explain o-1");
  const auto args = std::make_shared<ExplainArgs>();
  Subcommand explain =
      cli.Command(group, "explain", "Every candidate location of a decision, with its fate",
                  "qm route explain o-1 --attempt 1",
                  [args](Context& context) { return Explain(context, *args); });
  explain.Option("ORDER", args->order, "The order's id").Required();
  explain.Option("--attempt", args->attempt, "1 is the first (default: the latest)")
      .InRange(1, 1'000'000);

  AddPlan(cli, group);
  AddNearest(cli, group);

  const auto return_args = std::make_shared<ReturnArgs>();
  Subcommand back =
      cli.Command(group, "return", "Where a returned unit should go",
                  "qm route return A-1 store-5 --unsellable",
                  [return_args](Context& context) { return RouteReturn(context, *return_args); });
  back.Option("SKU", return_args->sku, "The item").Required();
  back.Option("LOCATION", return_args->location, "Where it is").Required();
  back.Flag("--sellable,!--unsellable", return_args->sellable, "Default sellable");
}

}  // namespace quartermaster::qm
