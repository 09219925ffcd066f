// sale record: a till's receipt.
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "quartermaster/orders/v1/orders.grpc.pb.h"
#include "tools/qm/cli.h"
#include "tools/qm/commands/commands.h"
#include "tools/qm/commands/names.h"
#include "tools/qm/input/values.h"

namespace quartermaster::qm {
namespace {

namespace ordersv1 = ::quartermaster::orders::v1;

struct SaleArgs {
  std::string location, terminal, day, customer_ref, time, reason;
  int64_t sequence = 0;
  std::vector<std::string> lines;
};

int Record(Context& context, const SaleArgs& args) {
  ordersv1::RecordSalesRequest request;
  request.set_request_id(context.RequestId());
  request.mutable_attribution()->set_reason_code(args.reason);
  ordersv1::Sale* sale = request.add_sales();
  sale->set_location_id(args.location);
  sale->set_terminal_id(args.terminal);
  sale->set_business_day(args.day);
  sale->set_sequence(args.sequence);
  sale->set_customer_ref(args.customer_ref);
  if (!args.time.empty() && !ParseTime(args.time, sale->mutable_business_time())) {
    return context.Usage("--time takes a time like 2026-11-27T08:00:00Z");
  }
  for (const std::string& text : args.lines) {
    const std::optional<LineSpec> spec = ParseLine(text);
    if (!spec || spec->place) {
      return context.Usage(absl::StrCat("'", text, "' is not SKU:QUANTITY"));
    }
    ordersv1::SaleLine* line = sale->add_lines();
    line->set_sku(spec->sku);
    line->set_quantity(spec->quantity);
  }
  ordersv1::RecordSalesResponse response;
  const auto stub = context.Stub<ordersv1::OrderService>();
  const grpc::Status status =
      context.Call(*stub, &ordersv1::OrderService::Stub::RecordSales, request, &response);
  if (!status.ok()) return context.Refused(status);
  for (const auto& result : response.results()) {
    if (result.status().code() != 0) return context.Refused(ReadError(result.status()));
  }
  if (context.json()) return context.PrintJson(response);
  Table table({"SALE", "KEPT AS ORDER"});
  for (const auto& result : response.results()) {
    table.Row({absl::StrCat(args.location, "/", args.terminal, "/", args.day, "/", args.sequence),
               result.order_id()});
    if (result.duplicate()) context.Note("It was known, with the same content: nothing changed.");
  }
  return context.PrintTable(table);
}

}  // namespace

void AddSaleCommands(Cli& cli) {
  Subcommand group =
      cli.Group("sale", "Receipts of tills", "qm sale record store-5 till-2 2026-11-27 4711 A-1:2");
  const auto args = std::make_shared<SaleArgs>();
  Subcommand record = cli.Command(
      group, "record", "A receipt: a fact, safe to send any number of times under its key",
      "qm sale record store-5 till-2 2026-11-27 4711 A-1:2 B-2:1",
      [args](Context& context) { return Record(context, *args); });
  record.Option("LOCATION", args->location, "The store").Required();
  record.Option("TERMINAL", args->terminal, "The till").Required();
  record.Option("DAY", args->day, "The business day: 2026-11-27").Required();
  record.Option("SEQUENCE", args->sequence, "The receipt's number on that day, from 1").Required();
  record.Option("LINE", args->lines, "SKU:QUANTITY").Required();
  record.Option("--customer-ref", args->customer_ref, "An opaque reference, no name");
  record.Option("--time", args->time, "When, by the till's clock (RFC 3339)");
  record.Option("--reason", args->reason, "A code, kept in the history");
}

}  // namespace quartermaster::qm
