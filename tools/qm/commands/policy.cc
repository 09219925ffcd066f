// policy set; policy fulfilment is in policy_fulfilment.cc.
#include <memory>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "quartermaster/stock/v1/stock.grpc.pb.h"
#include "tools/qm/cli.h"
#include "tools/qm/commands/ask.h"
#include "tools/qm/commands/commands.h"
#include "tools/qm/commands/policy_fulfilment.h"

namespace quartermaster::qm {
namespace {

namespace stockv1 = ::quartermaster::stock::v1;

struct SetArgs {
  std::string sku;
  std::string location;
  std::optional<int64_t> safety_stock;
  bool remove = false;
  std::string etag;
  std::string reason;
};

int Set(Context& context, const SetArgs& args) {
  if (args.safety_stock.has_value() == args.remove) {
    return context.Usage("give either --safety-stock or --remove");
  }
  stockv1::SetStockPolicyRequest request;
  request.set_request_id(context.RequestId());
  request.set_sku(args.sku);
  request.set_location_id(args.location);
  if (args.safety_stock) request.set_safety_stock(*args.safety_stock);
  request.set_etag(args.etag);
  request.mutable_attribution()->set_reason_code(args.reason);
  return Ask<stockv1::StockService>(
      context, &stockv1::StockService::Stub::SetStockPolicy, request,
      [&](const stockv1::StockPolicy& p) {
        Table table({"SKU", "LOCATION", "SAFETY STOCK", "ETAG", "POSITION"});
        table.Row({p.sku().empty() ? "any" : p.sku(),
                   p.location_id().empty() ? "any" : p.location_id(),
                   p.has_safety_stock() ? absl::StrCat(p.safety_stock()) : "not set", p.etag(),
                   p.position()});
        return context.PrintTable(table);
      });
}

}  // namespace

void AddPolicyCommands(Cli& cli) {
  Subcommand group =
      cli.Group("policy", "What is kept back from online demand, and how orders are fulfilled",
                "qm policy set --sku A-1 --location store-5 --safety-stock 2");
  const auto args = std::make_shared<SetArgs>();
  Subcommand set = cli.Command(
      group, "set",
      "Set safety stock for a SKU at a location, a SKU, a location, or all; the most specific "
      "setting counts",
      "qm policy set --sku A-1 --location store-5 --safety-stock 2\n"
      "  qm policy set --safety-stock 1\n"
      "  qm policy set --sku A-1 --remove",
      [args](Context& context) { return Set(context, *args); });
  set.Option("--sku", args->sku, "Of this item; default: of every item");
  set.Option("--location", args->location, "At this location; default: at every location");
  set.Option("--safety-stock", args->safety_stock, "Units at each location, 0 or more");
  set.Flag("--remove", args->remove, "Remove the setting, so that a wider one counts");
  set.Option("--etag", args->etag, "Only if the setting has this etag; 0: if there is none");
  set.Option("--reason", args->reason, "A code, kept in the log");
  AddFulfilmentPolicyCommands(cli, group);
}

}  // namespace quartermaster::qm
