// reserve, confirm, release: the life of a hold.
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "quartermaster/stock/v1/stock.grpc.pb.h"
#include "tools/qm/cli.h"
#include "tools/qm/commands/commands.h"
#include "tools/qm/commands/hold_lines.h"
#include "tools/qm/commands/names.h"
#include "tools/qm/commands/reservation_output.h"

namespace quartermaster::qm {
namespace {

namespace stockv1 = ::quartermaster::stock::v1;
using Stub = stockv1::StockService::Stub;

struct ReserveArgs {
  std::string owner;
  std::vector<std::string> lines;
  std::string ttl;
  std::string takes_over;
  std::string reason;
  std::string customer;
  std::string channel;
  bool allow_partial = false;
  bool together = false;
  std::string wait_until;
};

int Reserve(Context& context, const ReserveArgs& args) {
  stockv1::ReserveRequest request;
  request.set_request_id(context.RequestId());
  request.set_owner_id(args.owner);
  request.set_allow_partial(args.allow_partial);
  request.set_takes_over_reservation_id(args.takes_over);
  request.set_customer_id(args.customer);
  request.set_channel_id(args.channel);
  request.mutable_attribution()->set_reason_code(args.reason);
  std::string problem = AddHoldLines(args.lines, request.mutable_lines());
  for (auto& line : *request.mutable_lines()) {
    if (args.wait_until.empty() || !problem.empty()) break;
    if (!ParseTime(args.wait_until, line.mutable_wait_until())) {
      problem = "--wait-until takes a time like 2026-11-27T08:00:00Z";
    }
  }
  if (problem.empty() && !args.ttl.empty()) problem = SetTtl(args.ttl, request.mutable_ttl());
  if (!problem.empty()) return context.Usage(problem);
  for (stockv1::ReserveLine& line : *request.mutable_lines()) {
    if (args.together) line.set_same_location_group("all");
  }
  stockv1::ReserveResponse response;
  const auto stub = context.Stub<stockv1::StockService>();
  const grpc::Status status = context.Call(*stub, &Stub::Reserve, request, &response);
  if (!status.ok()) return context.Refused(status);
  if (context.json()) return context.PrintJson(response);
  PrintReservation(context, response.reservation());
  for (const auto& line : response.short_lines()) {
    context.PrintLine(absl::StrCat("short: line ", line.line_id(), " ", line.sku(), " asked ",
                                   line.asked(), ", held ", line.available()));
  }
  return kOk;
}

struct ConfirmArgs {
  std::string reservation;
  std::string reason;
};

int Confirm(Context& context, const ConfirmArgs& args) {
  stockv1::ConfirmReservationRequest request;
  request.set_request_id(context.RequestId());
  request.set_reservation_id(args.reservation);
  request.mutable_attribution()->set_reason_code(args.reason);
  stockv1::Reservation response;
  const auto stub = context.Stub<stockv1::StockService>();
  const grpc::Status status = context.Call(*stub, &Stub::ConfirmReservation, request, &response);
  if (!status.ok()) return context.Refused(status);
  if (context.json()) return context.PrintJson(response);
  return PrintReservation(context, response);
}

struct ReleaseArgs {
  std::string reservation;
  std::vector<std::string> parts;
  std::string reason;
  bool missing = false;
};

int Release(Context& context, const ReleaseArgs& args) {
  stockv1::ReleaseReservationRequest request;
  request.set_request_id(context.RequestId());
  request.set_reservation_id(args.reservation);
  request.set_missing(args.missing);
  request.mutable_attribution()->set_reason_code(args.reason);
  const std::string problem = AddParts(args.parts, request.mutable_parts());
  if (!problem.empty()) return context.Usage(problem);
  stockv1::Reservation response;
  const auto stub = context.Stub<stockv1::StockService>();
  const grpc::Status status = context.Call(*stub, &Stub::ReleaseReservation, request, &response);
  if (!status.ok()) return context.Refused(status);
  if (context.json()) return context.PrintJson(response);
  return PrintReservation(context, response);
}

}  // namespace

void AddHoldCommands(Cli& cli) {
  const auto reserve = std::make_shared<ReserveArgs>();
  Subcommand command =
      cli.Command(cli.root(), "reserve", "Hold stock for an owner until a deadline, all or nothing",
                  "qm reserve --owner cart-17 A-1:2@store-5 B-2:1@pool:web --ttl 15m",
                  [reserve](Context& context) { return Reserve(context, *reserve); });
  command.Option("LINE", reserve->lines, "SKU:QUANTITY@LOCATION, @pool:POOL or @channel:CHANNEL")
      .Required();
  command.Option("--owner", reserve->owner, "The cart; its earlier hold is replaced").Required();
  command.Option("--ttl", reserve->ttl, "1s to 30d (default 15m)");
  command.Option("--takes-over", reserve->takes_over,
                 "Another owner's hold, whose place this one takes");
  command.Option("--wait-until", reserve->wait_until,
                 "What is not there may come until then, of what is on order (RFC 3339)");
  command.Flag("--allow-partial", reserve->allow_partial, "Hold what there is");
  command.Option("--customer", reserve->customer,
                 "An opaque reference, no name: what a customer may have counts it");
  command.Option("--channel", reserve->channel,
                 "Who sells the lines that have a location or a pool");
  command.Flag("--together", reserve->together,
               "All lines at one location, whichever: they must be from one pool");
  command.Option("--reason", reserve->reason, "A code, kept in the ledger");

  const auto confirm = std::make_shared<ConfirmArgs>();
  command = cli.Command(cli.root(), "confirm", "Turn a hold into an allocation: it stays",
                        "qm confirm r4711",
                        [confirm](Context& context) { return Confirm(context, *confirm); });
  command.Option("RESERVATION", confirm->reservation, "Its id").Required();
  command.Option("--reason", confirm->reason, "A code, kept in the ledger");

  const auto release = std::make_shared<ReleaseArgs>();
  command = cli.Command(cli.root(), "release", "Give open units of a hold or an allocation back",
                        "qm release r4711 --part 0:1",
                        [release](Context& context) { return Release(context, *release); });
  command.Option("RESERVATION", release->reservation, "Its id").Required();
  command.Option("--part", release->parts,
                 "LINE[//COMPONENT]:QUANTITY[@LOCATION]; may be repeated (default: all)");
  command.Flag("--missing", release->missing,
               "The units were not found: they become suspect, not available");
  command.Option("--reason", release->reason, "A code, kept in the ledger");
}

}  // namespace quartermaster::qm
