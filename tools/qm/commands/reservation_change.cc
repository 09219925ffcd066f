// reservation update|extend|bind|fulfil: what becomes of a hold or an allocation, beyond confirm
// and release.
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "google/protobuf/util/time_util.h"
#include "quartermaster/stock/v1/stock.grpc.pb.h"
#include "tools/qm/cli.h"
#include "tools/qm/commands/ask.h"
#include "tools/qm/commands/fact_source.h"
#include "tools/qm/commands/hold_lines.h"
#include "tools/qm/commands/reservation_commands.h"
#include "tools/qm/commands/reservation_output.h"
#include "tools/qm/input/values.h"

namespace quartermaster::qm {
namespace {

namespace stockv1 = ::quartermaster::stock::v1;
using stockv1::StockService;
using Stub = stockv1::StockService::Stub;

struct ChangeArgs {
  std::string reservation;
  std::vector<std::string> lines;
  std::string ttl;
  std::string reason;
  FactSource fact_source;
};

// What every such request has.
template <typename Request>
Request Begin(Context& context, const ChangeArgs& args) {
  Request request;
  request.set_request_id(context.RequestId());
  request.set_reservation_id(args.reservation);
  request.mutable_attribution()->set_reason_code(args.reason);
  return request;
}

int Update(Context& context, const ChangeArgs& args) {
  auto request = Begin<stockv1::UpdateReservationRequest>(context, args);
  std::string problem = AddHoldLines(args.lines, request.mutable_lines());
  if (problem.empty() && !args.ttl.empty()) problem = SetTtl(args.ttl, request.mutable_ttl());
  if (!problem.empty()) return context.Usage(problem);
  return Ask<StockService>(context, &Stub::UpdateReservation, request,
                           [&](const stockv1::ReserveResponse& response) {
                             return PrintReservation(context, response.reservation());
                           });
}

int Extend(Context& context, const ChangeArgs& args) {
  auto request = Begin<stockv1::ExtendReservationRequest>(context, args);
  const std::string problem = SetTtl(args.ttl, request.mutable_ttl());
  if (!problem.empty()) return context.Usage(problem);
  return Ask<StockService>(
      context, &Stub::ExtendReservation, request,
      [&](const stockv1::Reservation& response) { return PrintReservation(context, response); });
}

int Bind(Context& context, const ChangeArgs& args) {
  auto request = Begin<stockv1::BindReservationRequest>(context, args);
  for (const std::string& text : args.lines) {
    const std::optional<PartSpec> spec = ParsePart(text);
    if (!spec || spec->location_id.empty()) {
      return context.Usage(absl::StrCat("'", text, "' is not LINE[//COMPONENT]:QUANTITY@LOCATION"));
    }
    stockv1::BindReservationRequest::Line* line = nullptr;
    for (auto& known : *request.mutable_lines()) {
      const bool same =
          known.line_id() == spec->line_id && known.component_sku() == spec->component;
      if (same) line = &known;
    }
    if (line == nullptr) line = request.add_lines();
    line->set_line_id(spec->line_id);
    line->set_component_sku(spec->component);
    stockv1::Reservation::Placement* placement = line->add_placements();
    placement->set_location_id(spec->location_id);
    placement->set_quantity(spec->quantity);
  }
  return Ask<StockService>(
      context, &Stub::BindReservation, request,
      [&](const stockv1::Reservation& response) { return PrintReservation(context, response); });
}

int Fulfil(Context& context, const ChangeArgs& args) {
  auto request = Begin<stockv1::FulfilReservationRequest>(context, args);
  if (!SetFactSource(args.fact_source, &request)) return context.Usage(kFactSourceUsage);
  const std::string problem = AddParts(args.lines, request.mutable_parts());
  if (!problem.empty()) return context.Usage(problem);
  return Ask<StockService>(
      context, &Stub::FulfilReservation, request,
      [&](const stockv1::Reservation& response) { return PrintReservation(context, response); });
}

// A command on one reservation.
Subcommand Add(Cli& cli, Subcommand group, const std::string& name, const std::string& description,
               const std::string& example, int (*action)(Context&, const ChangeArgs&),
               const std::shared_ptr<ChangeArgs>& args) {
  Subcommand command =
      cli.Command(group, name, description, example,
                  [args, action](Context& context) { return action(context, *args); });
  command.Option("RESERVATION", args->reservation, "Its id").Required();
  command.Option("--reason", args->reason, "A code, kept in the ledger");
  return command;
}

}  // namespace

void AddReservationChangeCommands(Cli& cli, Subcommand group) {
  auto args = std::make_shared<ChangeArgs>();
  Subcommand update =
      Add(cli, group, "update", "Other lines in the place of a hold's, without a gap",
          "qm reservation update r4711 A-1:3@store-5", &Update, args);
  update.Option("LINE", args->lines, "SKU:QUANTITY@LOCATION or SKU:QUANTITY@pool:POOL").Required();
  update.Option("--ttl", args->ttl, "1s to 30d (default: the deadline stays)");

  args = std::make_shared<ChangeArgs>();
  Subcommand extend = Add(cli, group, "extend", "A hold's deadline is so long from now",
                          "qm reservation extend r4711 --ttl 30m", &Extend, args);
  extend.Option("--ttl", args->ttl, "1s to 30d").Required();

  args = std::make_shared<ChangeArgs>();
  Subcommand bind = Add(cli, group, "bind", "Move all open units of a line to these locations",
                        "qm reservation bind r4711 0:2@store-5 0:1@dc", &Bind, args);
  bind.Option("PART", args->lines, "LINE[//COMPONENT]:QUANTITY@LOCATION").Required();

  args = std::make_shared<ChangeArgs>();
  Subcommand fulfil = Add(cli, group, "fulfil", "The goods left: open units go off hand",
                          "qm reservation fulfil r4711 --part 0:1", &Fulfil, args);
  fulfil.Option("--part", args->lines,
                "LINE[//COMPONENT]:QUANTITY[@LOCATION]; may be repeated (default: all)");
  AddFactSource(fulfil, args->fact_source);
}

}  // namespace quartermaster::qm
