// supply expect|receive|cancel|get
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "quartermaster/stock/v1/stock.grpc.pb.h"
#include "tools/qm/cli.h"
#include "tools/qm/commands/ask.h"
#include "tools/qm/commands/commands.h"
#include "tools/qm/commands/fact_source.h"
#include "tools/qm/commands/names.h"
#include "tools/qm/input/values.h"

namespace quartermaster::qm {
namespace {

namespace stockv1 = ::quartermaster::stock::v1;
using Stub = stockv1::StockService::Stub;

struct Args {
  std::string supply;
  std::string line;
  std::string sku;
  std::string location;
  int64_t quantity = 0;
  std::string due;
  int64_t revision = 0;
  int condition = 0;
  bool last = false;
  std::string effect_key;
  FactSource fact_source;
  std::vector<std::string> lines;
  std::string reason;
};

int Print(Context& context, const stockv1::Supply& supply) {
  Table table({"SUPPLY", "LINE", "SKU", "LOCATION", "EXPECTED", "DUE", "REVISION", "RECEIVED",
               "DAMAGED", "OPEN", "CLOSED"});
  for (const stockv1::Supply::Line& line : supply.lines()) {
    table.Row({supply.supply_id(), line.line_id(), line.sku(), line.location_id(),
               absl::StrCat(line.quantity()), TimeText(line.due_time()),
               absl::StrCat(line.revision()), absl::StrCat(line.received()),
               absl::StrCat(line.damaged()), absl::StrCat(line.open()),
               line.closed() ? "yes" : ""});
  }
  context.PrintTable(table);
  if (supply.late_units() > 0) {
    context.PrintLine(absl::StrCat("Not there in time, ", supply.late_units(), " units:"));
    Table late({"RESERVATION", "OWNER", "LINE", "SKU", "NEEDED BY", "LATE"});
    for (const stockv1::Supply::Late& one : supply.late()) {
      late.Row({one.reservation_id(), one.owner_id(), one.line_id(), one.sku(),
                TimeText(one.needed_by()), absl::StrCat(one.late())});
    }
    context.PrintTable(late);
  }
  context.PrintLine(absl::StrCat("at position ", supply.position()));
  return kOk;
}

template <typename Request>
int Tell(Context& context, const Request& request,
         grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, stockv1::Supply*)) {
  return Ask<stockv1::StockService>(context, method, request, [&](const stockv1::Supply& supply) {
    return Print(context, supply);
  });
}

template <typename Request>
Request About(Context& context, const Args& args) {
  Request request;
  request.set_request_id(context.RequestId());
  request.set_supply_id(args.supply);
  request.mutable_attribution()->set_reason_code(args.reason);
  return request;
}

int Expect(Context& context, const Args& args) {
  auto request = About<stockv1::ExpectSupplyRequest>(context, args);
  request.set_revision(args.revision);
  stockv1::ExpectSupplyRequest::Line& line = *request.add_lines();
  line.set_line_id(args.line);
  line.set_sku(args.sku);
  line.set_location_id(args.location);
  line.set_quantity(args.quantity);
  if (!ParseTime(args.due, line.mutable_due_time())) {
    return context.Usage("DUE is a time like 2026-11-27T08:00:00Z");
  }
  return Tell(context, request, &Stub::ExpectSupply);
}

int Receive(Context& context, const Args& args) {
  auto request = About<stockv1::ReceiveSupplyRequest>(context, args);
  if (!SetFactSource(args.fact_source, &request)) return context.Usage(kFactSourceUsage);
  stockv1::ReceiveSupplyRequest::Line& line = *request.add_lines();
  line.set_line_id(args.line);
  line.set_sku(args.sku);
  line.set_location_id(args.location);
  line.set_quantity(static_cast<int32_t>(args.quantity));
  line.set_condition(static_cast<stockv1::Adjustment::Condition>(args.condition));
  line.set_last(args.last);
  line.set_effect_key(args.effect_key);
  return Tell(context, request, &Stub::ReceiveSupply);
}

int Cancel(Context& context, const Args& args) {
  auto request = About<stockv1::CancelSupplyRequest>(context, args);
  for (const std::string& line : args.lines) request.add_line_ids(line);
  request.set_revision(args.revision);
  return Tell(context, request, &Stub::CancelSupply);
}

int Get(Context& context, const Args& args) {
  stockv1::GetSupplyRequest request;
  request.set_supply_id(args.supply);
  return Tell(context, request, &Stub::GetSupply);
}

Subcommand AddOne(Cli& cli, Subcommand group, const char* name, const char* description,
                  const char* example, int (*action)(Context&, const Args&),
                  const std::shared_ptr<Args>& args) {
  Subcommand command =
      cli.Command(group, name, description, example,
                  [args, action](Context& context) { return action(context, *args); });
  command.Option("SUPPLY", args->supply, "The number of the purchase order").Required();
  return command;
}

void AddReason(Subcommand command, Args& args) {
  command.Option("--reason", args.reason, "A code, kept in the log");
}

}  // namespace

void AddSupplyCommands(Cli& cli) {
  Subcommand group = cli.Group("supply", "What is on order, when it is due, and what came of it",
                               "qm supply expect PO-7 1 A-1 dc-1 40 2026-12-01T08:00:00Z");
  const auto expected = std::make_shared<Args>();
  expected->revision = 1;
  Subcommand expect = AddOne(cli, group, "expect", "Tell of a purchase order's line, or revise it",
                             "qm supply expect PO-7 1 A-1 dc-1 40 2026-12-01T08:00:00Z\n"
                             "  qm supply expect PO-7 1 A-1 dc-1 30 2026-12-04T08:00:00Z "
                             "--revision 2",
                             Expect, expected);
  expect.Option("LINE", expected->line, "Its line").Required();
  expect.Option("SKU", expected->sku, "The item").Required();
  expect.Option("LOCATION", expected->location, "Where it comes to").Required();
  expect.Option("QUANTITY", expected->quantity, "In all, with what has come").Required();
  expect.Option("DUE", expected->due, "When it is there to be sent out (RFC 3339)").Required();
  expect.Option("--revision", expected->revision, "A higher one replaces the one before")
      .ShowDefault();
  AddReason(expect, *expected);

  const auto received = std::make_shared<Args>();
  Subcommand receive =
      AddOne(cli, group, "receive", "Record that goods have come: a fact",
             "qm supply receive PO-7 1 36 --last --effect-key grn-9/1", Receive, received);
  receive.Option("LINE", received->line, "Its line").Required();
  receive.Option("QUANTITY", received->quantity, "How many").Required().InRange(0, 1'000'000'000);
  AddEnumOption(receive, "--condition", received->condition,
                stockv1::Adjustment::Condition_descriptor(), "Default sellable");
  receive.Flag("--last", received->last, "No more of the line will come");
  receive.Option("--sku", received->sku, "The item, if it is another, or the line is new");
  receive.Option("--location", received->location, "The location, if it is another");
  receive.Option("--effect-key", received->effect_key, "Makes the effect happen once, for ever");
  AddFactSource(receive, received->fact_source);
  AddReason(receive, *received);

  const auto cancelled = std::make_shared<Args>();
  Subcommand cancel = AddOne(cli, group, "cancel", "What is still to come will not",
                             "qm supply cancel PO-7 1", Cancel, cancelled);
  cancel.Option("LINES", cancelled->lines, "Its lines (default all)");
  cancel.Option("--revision", cancelled->revision,
                "Of the purchase order: lines that a later one told of stay (default: none does)");
  AddReason(cancel, *cancelled);
  AddOne(cli, group, "get", "A purchase order, and whose promises it does not keep",
         "qm supply get PO-7", Get, std::make_shared<Args>());
}

}  // namespace quartermaster::qm
