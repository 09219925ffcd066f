// return request|receive|match|inspect|list|get
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "quartermaster/orders/v1/orders.grpc.pb.h"
#include "tools/qm/cli.h"
#include "tools/qm/commands/ask.h"
#include "tools/qm/commands/commands.h"
#include "tools/qm/commands/names.h"
#include "tools/qm/input/values.h"

namespace quartermaster::qm {
namespace {

namespace ordersv1 = ::quartermaster::orders::v1;
using Stub = ordersv1::OrderService::Stub;

int Print(const Context& context, const ordersv1::Return& response) {
  if (context.json()) return context.PrintJson(response);
  std::string head = absl::StrCat("return ", response.return_id(), "  ",
                                  EnumName(ordersv1::Return::State_descriptor(), response.state()));
  if (!response.order_id().empty()) absl::StrAppend(&head, "  order ", response.order_id());
  if (!response.location_id().empty()) absl::StrAppend(&head, "  at ", response.location_id());
  context.PrintLine(head);
  Table table({"LINE", "SKU", "QUANTITY", "CONDITION", "TO INSPECT", "REFUND"});
  for (const auto& line : response.lines()) {
    table.Row({line.line_id(), line.sku(), absl::StrCat(line.quantity()),
               EnumName(ordersv1::Return::Condition_descriptor(), line.condition()),
               absl::StrCat(line.to_inspect()), absl::StrCat(line.refund_minor())});
  }
  return context.PrintTable(table);
}

struct RequestArgs {
  std::string order;
  std::vector<std::string> lines;
  std::string reason;
};

int Request(Context& context, const RequestArgs& args) {
  ordersv1::RequestReturnRequest request;
  request.set_request_id(context.RequestId());
  request.set_order_id(args.order);
  request.mutable_attribution()->set_reason_code(args.reason);
  for (const std::string& text : args.lines) {
    const std::optional<PartSpec> spec = ParsePart(text);
    if (!spec || !spec->location_id.empty()) {
      return context.Usage(absl::StrCat("'", text, "' is not LINE:QUANTITY"));
    }
    ordersv1::Return::Line* line = request.add_lines();
    line->set_line_id(spec->line_id);
    line->set_quantity(spec->quantity);
  }
  ordersv1::Return response;
  const auto stub = context.Stub<ordersv1::OrderService>();
  const grpc::Status status = context.Call(*stub, &Stub::RequestReturn, request, &response);
  if (!status.ok()) return context.Refused(status);
  return Print(context, response);
}

struct ReceiveArgs {
  std::string location, return_id, order, reason;
  std::vector<std::string> lines;
  int condition = 0;
};

int Receive(Context& context, const ReceiveArgs& args) {
  ordersv1::ReceiveReturnRequest request;
  request.set_request_id(context.RequestId());
  request.set_location_id(args.location);
  request.set_return_id(args.return_id);
  request.set_order_id(args.order);
  request.mutable_attribution()->set_reason_code(args.reason);
  const bool matched = !args.return_id.empty() || !args.order.empty();
  for (const std::string& text : args.lines) {
    const std::optional<PartSpec> spec = ParsePart(text);
    if (!spec || !spec->location_id.empty()) {
      return context.Usage(absl::StrCat("'", text, "' is not LINE:QUANTITY or SKU:QUANTITY"));
    }
    ordersv1::Return::Line* line = request.add_lines();
    if (matched) {
      line->set_line_id(spec->line_id);
    } else {
      line->set_sku(spec->line_id);
    }
    line->set_quantity(spec->quantity);
    line->set_condition(static_cast<ordersv1::Return::Condition>(args.condition));
  }
  ordersv1::Return response;
  const auto stub = context.Stub<ordersv1::OrderService>();
  const grpc::Status status = context.Call(*stub, &Stub::ReceiveReturn, request, &response);
  if (!status.ok()) return context.Refused(status);
  return Print(context, response);
}

struct InspectArgs {
  std::string id, reason;
  std::vector<std::string> lines;
  int condition = ordersv1::Return::SELLABLE;
  bool unmatched = false, refuse_refund = false;
};

int Inspect(Context& context, const InspectArgs& args) {
  ordersv1::InspectReturnRequest request;
  request.set_request_id(context.RequestId());
  request.set_return_id(args.id);
  request.mutable_attribution()->set_reason_code(args.reason);
  for (const std::string& text : args.lines) {
    const std::optional<PartSpec> spec = ParsePart(text);
    if (!spec || !spec->location_id.empty()) {
      return context.Usage(absl::StrCat("'", text, "' is not LINE:QUANTITY or SKU:QUANTITY"));
    }
    ordersv1::InspectReturnRequest::Line* line = request.add_lines();
    args.unmatched ? line->set_sku(spec->line_id) : line->set_line_id(spec->line_id);
    line->set_quantity(spec->quantity);
    line->set_condition(static_cast<ordersv1::Return::Condition>(args.condition));
    line->set_refuse_refund(args.refuse_refund);
  }
  return Ask<ordersv1::OrderService>(
      context, &Stub::InspectReturn, request,
      [&](const ordersv1::Return& response) { return Print(context, response); });
}

struct ListReturnsArgs {
  std::string order, location;
  int limit = 50;
};

int ListReturns(Context& context, const ListReturnsArgs& args) {
  ordersv1::ListReturnsRequest request;
  request.set_order_id(args.order);
  request.set_location_id(args.location);
  return AskList<ordersv1::OrderService>(
      context, &Stub::ListReturns, request, args.limit, &ordersv1::ListReturnsResponse::returns,
      [&](const ordersv1::ListReturnsResponse& all) {
        Table table({"RETURN", "STATE", "ORDER", "LOCATION", "UNITS", "TO INSPECT", "SINCE"});
        for (const auto& item : all.returns()) {
          int64_t units = 0;
          int64_t to_inspect = 0;
          for (const auto& line : item.lines()) {
            units += line.quantity();
            to_inspect += line.to_inspect();
          }
          table.Row({item.return_id(), EnumName(ordersv1::Return::State_descriptor(), item.state()),
                     item.order_id(), item.location_id(), absl::StrCat(units),
                     absl::StrCat(to_inspect), TimeText(item.create_time())});
        }
        context.PrintTable(table);
      });
}

}  // namespace

void AddReturnCommands(Cli& cli) {
  Subcommand group =
      cli.Group("return", "Goods that come back", "qm return receive store-5 --order o-1 0:1");

  const auto request_args = std::make_shared<RequestArgs>();
  Subcommand request =
      cli.Command(group, "request", "Announce a return of units that the customer has",
                  "qm return request o-1 0:1",
                  [request_args](Context& context) { return Request(context, *request_args); });
  request.Option("ORDER", request_args->order, "The order's id").Required();
  request.Option("LINE", request_args->lines, "LINE:QUANTITY").Required();
  request.Option("--reason", request_args->reason, "A code, kept in the history");

  const auto receive_args = std::make_shared<ReceiveArgs>();
  Subcommand receive = cli.Command(
      group, "receive", "Goods came back, at any location: restocked there in their condition",
      "qm return receive store-5 --order o-1 0:1 --condition damaged\n"
      "  qm return receive store-5 A-1:1         (no known sale)",
      [receive_args](Context& context) { return Receive(context, *receive_args); });
  receive.Option("LOCATION", receive_args->location, "Where the goods are").Required();
  receive.Option("LINE", receive_args->lines,
                 "LINE:QUANTITY of the order; SKU:QUANTITY without one; none with --return: "
                 "as announced");
  receive.Option("--return", receive_args->return_id, "The announced return");
  receive.Option("--order", receive_args->order, "The order");
  AddEnumOption(receive, "--condition", receive_args->condition,
                ordersv1::Return::Condition_descriptor(), "Default sellable");
  receive.Option("--reason", receive_args->reason, "A code, kept in the history");

  const auto match_args = std::make_shared<ordersv1::MatchReturnRequest>();
  Subcommand match =
      cli.Command(group, "match", "An unmatched return is of an order: all of it is given back",
                  "qm return match u-1 o-1", [match_args](Context& context) {
                    ordersv1::MatchReturnRequest match_request = *match_args;
                    match_request.set_request_id(context.RequestId());
                    return Ask<ordersv1::OrderService>(
                        context, &Stub::MatchReturn, match_request,
                        [&](const ordersv1::Return& response) { return Print(context, response); });
                  });
  match.Option("RETURN", *match_args->mutable_return_id(), "The unmatched one").Required();
  match.Option("ORDER", *match_args->mutable_order_id(), "The order").Required();
  match.Option("--reason", *match_args->mutable_attribution()->mutable_reason_code(),
               "A code, kept in the history");

  const auto inspect_args = std::make_shared<InspectArgs>();
  Subcommand inspect = cli.Command(
      group, "inspect", "Somebody has looked at what came back: its condition, and its refund",
      "qm return inspect o-1.r1 0:1 --condition damaged --refuse-refund",
      [inspect_args](Context& context) { return Inspect(context, *inspect_args); });
  inspect.Option("RETURN", inspect_args->id, "Its id").Required();
  inspect
      .Option("LINE", inspect_args->lines, "LINE:QUANTITY of the order; SKU:QUANTITY if unmatched")
      .Required();
  AddEnumOption(inspect, "--condition", inspect_args->condition,
                ordersv1::Return::Condition_descriptor(), "Default sellable");
  inspect.Flag("--unmatched", inspect_args->unmatched, "Of goods without a known sale");
  inspect.Flag("--refuse-refund", inspect_args->refuse_refund, "Nothing is given back for them");
  inspect.Option("--reason", inspect_args->reason, "A code, kept in the history");

  const auto list_args = std::make_shared<ListReturnsArgs>();
  Subcommand list = cli.Command(
      group, "list", "Of one order; otherwise those of which something is to be looked at",
      "qm return list --location store-5",
      [list_args](Context& context) { return ListReturns(context, *list_args); });
  list.Option("--order", list_args->order, "Of this order: all of them");
  list.Option("--location", list_args->location, "Received there");
  list.Option("--limit", list_args->limit, "At most so many").InRange(1, 1'000'000).ShowDefault();

  const auto id = std::make_shared<std::string>();
  Subcommand get =
      cli.Command(group, "get", "A return's state", "qm return get ret-1", [id](Context& context) {
        ordersv1::GetReturnRequest get_request;
        get_request.set_return_id(*id);
        return Ask<ordersv1::OrderService>(
            context, &Stub::GetReturn, get_request,
            [&](const ordersv1::Return& response) { return Print(context, response); });
      });
  get.Option("RETURN", *id, "Its id").Required();
}

}  // namespace quartermaster::qm
