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

namespace v1 = ::quartermaster::stock::v1;
using Stub = v1::StockService::Stub;

int Get(Context& context, const std::string& id) {
  v1::GetReservationRequest request;
  request.set_reservation_id(id);
  v1::Reservation response;
  const auto stub = context.Stub<v1::StockService>();
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

std::string LinesText(const v1::Reservation& reservation) {
  std::string text;
  for (const auto& line : reservation.lines()) {
    absl::StrAppend(&text, text.empty() ? "" : ", ", line.sku(), " ", line.open(), "/",
                    line.quantity());
  }
  return text;
}

int List(Context& context, const ListArgs& args) {
  v1::ListReservationsRequest request;
  request.set_owner_id(args.owner);
  request.set_state(static_cast<v1::Reservation::State>(args.state));
  return AskList<v1::StockService>(
      context, &Stub::ListReservations, request, args.limit,
      &v1::ListReservationsResponse::reservations, [&](const v1::ListReservationsResponse& all) {
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
  AddEnumOption(list, "--state", args->state, v1::Reservation::State_descriptor(), "In this state");
  list.Option("--limit", args->limit, "At most so many").InRange(1, 1'000'000).ShowDefault();

  AddReservationChangeCommands(cli, group);
  AddReservationBatchCommand(cli, group);
}

}  // namespace quartermaster::qm
