// reservation get|list
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "quartermaster/stock/v1/stock.grpc.pb.h"
#include "tools/qm/cli.h"
#include "tools/qm/commands/ask.h"
#include "tools/qm/commands/commands.h"
#include "tools/qm/commands/names.h"
#include "tools/qm/commands/reservation_commands.h"
#include "tools/qm/commands/reservation_output.h"

namespace quartermaster::qm {
namespace {

namespace stockv1 = ::quartermaster::stock::v1;
using Stub = stockv1::StockService::Stub;

int Get(Context& context, const std::string& id) {
  stockv1::GetReservationRequest request;
  request.set_reservation_id(id);
  stockv1::Reservation response;
  const auto stub = context.Stub<stockv1::StockService>();
  const grpc::Status status = context.Call(*stub, &Stub::GetReservation, request, &response);
  if (!status.ok()) return context.Refused(status);
  if (context.json()) return context.PrintJson(response);
  return PrintReservation(context, response);
}

struct ListArgs {
  std::string owner;
  int state = 0;
  int limit = 100;
};

std::string LinesText(const stockv1::Reservation& reservation) {
  std::string text;
  for (const auto& line : reservation.lines()) {
    absl::StrAppend(&text, text.empty() ? "" : ", ", line.sku(), " ", line.open(), "/",
                    line.quantity());
  }
  return text;
}

int List(Context& context, const ListArgs& args) {
  stockv1::ListReservationsRequest request;
  request.set_owner_id(args.owner);
  request.set_state(static_cast<stockv1::Reservation::State>(args.state));
  return AskList<stockv1::StockService>(
      context, &Stub::ListReservations, request, args.limit,
      &stockv1::ListReservationsResponse::reservations,
      [&](const stockv1::ListReservationsResponse& all) {
        Table table({"RESERVATION", "STATE", "OWNER", "CREATED", "EXPIRES", "OPEN/QUANTITY"});
        for (const auto& r : all.reservations()) {
          table.Row({r.reservation_id(), StateName(r.state()), r.owner_id(),
                     TimeText(r.create_time()), TimeText(r.expire_time()), LinesText(r)});
        }
        context.PrintTable(table);
      });
}

}  // namespace

void AddReservationCommands(Cli& cli) {
  Subcommand group = cli.Group("reservation", "Holds and allocations, also after their end",
                               "qm reservation list --owner cart-17");

  const auto id = std::make_shared<std::string>();
  Subcommand get = cli.Command(group, "get", "A reservation's state", "qm reservation get r4711",
                               [id](Context& context) { return Get(context, *id); });
  get.Option("RESERVATION", *id, "Its id").Required();

  const auto args = std::make_shared<ListArgs>();
  Subcommand list = cli.Command(group, "list", "Reservations in the order of their creation",
                                "qm reservation list --owner cart-17 --state held",
                                [args](Context& context) { return List(context, *args); });
  list.Option("--owner", args->owner, "Of this owner only");
  AddEnumOption(list, "--state", args->state, stockv1::Reservation::State_descriptor(),
                "In this state");
  list.Option("--limit", args->limit, "At most so many").InRange(1, 1'000'000).ShowDefault();

  AddReservationChangeCommands(cli, group);
  AddReservationBatchCommand(cli, group);
}

}  // namespace quartermaster::qm
