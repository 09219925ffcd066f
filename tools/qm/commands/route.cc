// route explain: why an order is served from where it is.
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "quartermaster/routing/v1/routing.grpc.pb.h"
#include "tools/qm/cli.h"
#include "tools/qm/commands/commands.h"
#include "tools/qm/commands/names.h"

namespace quartermaster::qm {
namespace {

namespace v1 = ::quartermaster::routing::v1;

struct ExplainArgs {
  std::string order;
  int attempt = 0;
};

std::string Kilometres(double km) { return absl::StrFormat("%.1f", km); }

void PrintGroup(const Context& context, const v1::Plan& plan, const v1::Explanation::Group& group) {
  context.PrintLine(absl::StrCat("\ngroup ", group.group_id(), ": ",
                                 EnumName(v1::Method_descriptor(), group.method()), ", ",
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
    candidates.Row({c.location_id(), EnumName(v1::Explanation::Fate_descriptor(), c.fate()),
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

int Explain(Context& context, const ExplainArgs& args) {
  v1::GetDecisionRequest request;
  request.set_order_id(args.order);
  request.set_attempt(args.attempt);
  v1::Decision response;
  const auto stub = context.Stub<v1::RoutingService>();
  const grpc::Status status =
      context.Call(*stub, &v1::RoutingService::Stub::GetDecision, request, &response);
  if (!status.ok()) return context.Refused(status);
  if (context.json()) return context.PrintJson(response);
  const v1::Explanation& explanation = response.plan().explanation();
  context.PrintLine(absl::StrCat("order ", response.order_id(), ", attempt ", response.attempt(),
                                 ", strategy ", explanation.strategy(), ", stock as of position ",
                                 explanation.stock_position()));
  for (const auto& group : explanation.groups()) PrintGroup(context, response.plan(), group);
  for (const auto& line : response.plan().short_lines()) {
    context.PrintLine(absl::StrCat("short: line ", line.line_id(), " ", line.sku(), " asked ",
                                   line.asked(), ", available ", line.available()));
  }
  return kOk;
}

}  // namespace

void AddRouteCommands(Cli& cli) {
  CLI::App* group = cli.Group("route", "From where orders are served");
  const auto args = std::make_shared<ExplainArgs>();
  CLI::App* explain =
      cli.Command(group, "explain", "Every candidate location of a decision, with its fate",
                  "qm route explain o-1 --attempt 1",
                  [args](Context& context) { return Explain(context, *args); });
  explain->add_option("ORDER", args->order, "The order's id")->required();
  explain->add_option("--attempt", args->attempt, "1 is the first (default: the latest)")
      ->check(CLI::Range(1, 1'000'000));
}

}  // namespace quartermaster::qm
