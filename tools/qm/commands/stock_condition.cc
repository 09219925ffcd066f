#include "tools/qm/commands/stock_condition.h"

#include <cstdint>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "quartermaster/stock/v1/stock.grpc.pb.h"
#include "tools/qm/cli.h"
#include "tools/qm/commands/names.h"

namespace quartermaster::qm {
namespace {

namespace stockv1 = ::quartermaster::stock::v1;
using Stub = stockv1::StockService::Stub;

struct MoveArgs {
  std::string sku;
  std::string location;
  int32_t quantity = 0;
  int from = 0;
  int to = 0;
  std::string reason;
};

int Move(Context& context, const MoveArgs& args) {
  stockv1::ChangeConditionRequest request;
  request.set_request_id(context.RequestId());
  request.set_sku(args.sku);
  request.set_location_id(args.location);
  request.set_quantity(args.quantity);
  request.set_from(static_cast<stockv1::Adjustment::Condition>(args.from));
  request.set_to(static_cast<stockv1::Adjustment::Condition>(args.to));
  request.mutable_attribution()->set_reason_code(args.reason);
  stockv1::ChangeConditionResponse response;
  const auto stub = context.Stub<stockv1::StockService>();
  const grpc::Status status = context.Call(*stub, &Stub::ChangeCondition, request, &response);
  if (!status.ok()) return context.Refused(status);
  if (context.json()) return context.PrintJson(response);
  const stockv1::Availability& a = response.availability();
  Table table({"SKU", "LOCATION", "AVAILABLE", "ON HAND", "DAMAGED", "QUARANTINE", "INSPECTION",
               "SUSPECT", "SHORTAGE"});
  table.Row({args.sku, args.location, absl::StrCat(a.available()), absl::StrCat(a.on_hand()),
             absl::StrCat(a.damaged()), absl::StrCat(a.quarantine()), absl::StrCat(a.inspection()),
             absl::StrCat(a.suspect()), absl::StrCat(a.shortage())});
  return context.PrintTable(table);
}

}  // namespace

void AddStockMoveConditionCommand(Cli& cli, Subcommand group) {
  const auto args = std::make_shared<MoveArgs>();
  Subcommand move = cli.Command(
      group, "move-condition", "Move units from one condition to another; on hand stays",
      "qm stock move-condition A-1 store-5 2 --from inspection --to sellable --reason QC",
      [args](Context& context) { return Move(context, *args); });
  move.Option("SKU", args->sku, "The item").Required();
  move.Option("LOCATION", args->location, "The location's id").Required();
  move.Option("QUANTITY", args->quantity, "How many, in the item's base unit").Required();
  AddEnumOption(move, "--from", args->from, stockv1::Adjustment::Condition_descriptor(),
                "The condition that they leave")
      .Required();
  AddEnumOption(move, "--to", args->to, stockv1::Adjustment::Condition_descriptor(),
                "What they are fit for now")
      .Required();
  move.Option("--reason", args->reason, "A code, kept in the ledger");
}

}  // namespace quartermaster::qm
