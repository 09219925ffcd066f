// transfer request|ship|receive|close|get|list
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
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
  std::string transfer;
  std::string from;
  std::string to;
  std::vector<std::string> lines;
  std::string effect_key;
  FactSource fact_source;
  bool last = false;
  std::string reason;
};

// "SKU:QUANTITY[@DETAIL]".
struct Goods {
  std::string sku;
  int32_t quantity = 0;
  std::string detail;
};
std::optional<Goods> ParseGoods(const std::string& text) {
  const size_t colon = text.rfind(':');
  if (colon == std::string::npos || colon == 0) return std::nullopt;
  const std::string rest = text.substr(colon + 1);
  const size_t at = rest.find('@');
  const std::optional<int64_t> quantity = ParseInteger(rest.substr(0, at));
  if (!quantity || *quantity < 1 || *quantity > 1'000'000'000) return std::nullopt;
  return Goods{text.substr(0, colon), static_cast<int32_t>(*quantity),
               at == std::string::npos ? "" : rest.substr(at + 1)};
}

Table TransferTable(const std::vector<stockv1::Transfer>& transfers) {
  Table table({"TRANSFER", "FROM", "TO", "STATE", "LINE", "SKU", "ASKED", "ALLOCATED", "SHIPPED",
               "IN TRANSIT", "RECEIVED", "DAMAGED", "LOST", "PRESUMED", "RESERVATION"});
  for (const stockv1::Transfer& transfer : transfers) {
    for (const stockv1::Transfer::Line& line : transfer.lines()) {
      std::string reservation = line.reservation_id();
      if (!line.reservation_line_id().empty()) {
        absl::StrAppend(&reservation, "/", line.reservation_line_id());
      }
      table.Row({transfer.transfer_id(), transfer.from_location_id(), transfer.to_location_id(),
                 EnumName(stockv1::Transfer::State_descriptor(), transfer.state()), line.line_id(),
                 line.sku(), absl::StrCat(line.quantity()), absl::StrCat(line.allocated()),
                 absl::StrCat(line.shipped()), absl::StrCat(line.in_transit()),
                 absl::StrCat(line.received()), absl::StrCat(line.damaged()),
                 absl::StrCat(line.lost()), absl::StrCat(line.presumed()), reservation});
    }
  }
  return table;
}

int Print(Context& context, const stockv1::Transfer& transfer) {
  context.PrintTable(TransferTable({transfer}));
  context.PrintLine(absl::StrCat("at position ", transfer.position()));
  return kOk;
}

template <typename Request>
int Tell(Context& context, const Request& request,
         grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, stockv1::Transfer*)) {
  return Ask<stockv1::StockService>(
      context, method, request,
      [&](const stockv1::Transfer& transfer) { return Print(context, transfer); });
}

// What all of them have in common.
template <typename Request>
Request About(Context& context, const Args& args) {
  Request request;
  request.set_request_id(context.RequestId());
  request.set_transfer_id(args.transfer);
  request.mutable_attribution()->set_reason_code(args.reason);
  return request;
}

int AskFor(Context& context, const Args& args) {
  auto request = About<stockv1::TransferStockRequest>(context, args);
  request.set_from_location_id(args.from);
  request.set_to_location_id(args.to);
  for (const std::string& text : args.lines) {
    const std::optional<Goods> goods = ParseGoods(text);
    const size_t slash = goods ? goods->detail.find('/') : std::string::npos;
    if (!goods || (!goods->detail.empty() && slash == std::string::npos)) {
      return context.Usage(absl::StrCat("'", text, "' is not SKU:QUANTITY[@RESERVATION/LINE]"));
    }
    stockv1::TransferStockRequest::Line& line = *request.add_lines();
    line.set_sku(goods->sku);
    line.set_quantity(goods->quantity);
    if (goods->detail.empty()) continue;
    line.set_reservation_id(goods->detail.substr(0, slash));
    line.set_reservation_line_id(goods->detail.substr(slash + 1));
  }
  return Tell(context, request, &Stub::TransferStock);
}

// A shipment or a receipt; `detail` fills what is special of a line, and says whether it could.
template <typename Request, typename Detail>
int TellFact(Context& context, const Args& args,
             grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, stockv1::Transfer*),
             const char* form, const Detail& detail) {
  auto request = About<Request>(context, args);
  request.set_from_location_id(args.from);
  request.set_to_location_id(args.to);
  request.set_last(args.last);
  if (!SetFactSource(args.fact_source, &request)) return context.Usage(kFactSourceUsage);
  for (const std::string& text : args.lines) {
    const std::optional<Goods> goods = ParseGoods(text);
    auto& line = *request.add_lines();
    if (!goods || !detail(*goods, line)) {
      return context.Usage(absl::StrCat("'", text, "' is not ", form));
    }
    line.set_sku(goods->sku);
    line.set_quantity(goods->quantity);
    if (!args.effect_key.empty()) {
      line.set_effect_key(absl::StrCat(args.effect_key, "/", request.lines_size()));
    }
  }
  return Tell(context, request, method);
}

int Ship(Context& context, const Args& args) {
  return TellFact(
      context, args, &Stub::ShipTransfer, "SKU:QUANTITY",
      [](const Goods& goods, stockv1::ShipTransferRequest::Line&) { return goods.detail.empty(); });
}

int Receive(Context& context, const Args& args) {
  const auto names = EnumNames(stockv1::Adjustment::Condition_descriptor());
  return TellFact(context, args, &Stub::ReceiveTransfer, "SKU:QUANTITY[@CONDITION]",
                  [&](const Goods& goods, stockv1::ReceiveTransferRequest::Line& line) {
                    if (goods.detail.empty()) return true;
                    const auto found = names.find(goods.detail);
                    if (found == names.end()) return false;
                    line.set_condition(static_cast<stockv1::Adjustment::Condition>(found->second));
                    return true;
                  });
}

struct ListArgs {
  std::string location;
  int state = 0;
  int limit = 100;
};

int List(Context& context, const ListArgs& args) {
  stockv1::ListTransfersRequest request;
  request.set_location_id(args.location);
  request.set_state(static_cast<stockv1::Transfer::State>(args.state));
  return AskList<stockv1::StockService>(
      context, &Stub::ListTransfers, request, args.limit,
      &stockv1::ListTransfersResponse::transfers, [&](const stockv1::ListTransfersResponse& all) {
        context.PrintTable(TransferTable({all.transfers().begin(), all.transfers().end()}));
      });
}

Subcommand AddOne(Cli& cli, Subcommand group, const char* name, const char* description,
                  const char* example, int (*action)(Context&, const Args&),
                  const std::shared_ptr<Args>& args) {
  Subcommand command =
      cli.Command(group, name, description, example,
                  [args, action](Context& context) { return action(context, *args); });
  command.Option("TRANSFER", args->transfer, "Its id: the number of the transfer order").Required();
  command.Option("--reason", args->reason, "A code, kept in the log");
  return command;
}

void AddFact(Cli& cli, Subcommand group, const char* name, const char* description,
             const char* example, int (*action)(Context&, const Args&), const char* form) {
  const auto args = std::make_shared<Args>();
  Subcommand command = AddOne(cli, group, name, description, example, action, args);
  command.Option("LINES", args->lines, form);
  command.Option("--from", args->from, "The origin, if nobody asked for the transfer");
  command.Option("--to", args->to, "The destination, if nobody asked for it");
  command.Option("--effect-key", args->effect_key, "Makes line N happen once, for ever, as KEY/N");
  AddFactSource(command, args->fact_source);
  command.Flag("--last", args->last, "No more of it comes after this");
}

}  // namespace

void AddTransferCommands(Cli& cli) {
  Subcommand group = cli.Group("transfer", "Units on their way from one location to another",
                               "qm transfer request T-7 dc-1 store-5 A-1:4");
  const auto asked = std::make_shared<Args>();
  Subcommand request =
      AddOne(cli, group, "request", "Ask for units, and set them aside at the origin",
             "qm transfer request T-7 dc-1 store-5 A-1:4\n"
             "  qm transfer request T-8 dc-1 store-5 A-1:2@r42/0",
             AskFor, asked);
  request.Option("FROM", asked->from, "The origin").Required();
  request.Option("TO", asked->to, "The destination").Required();
  request
      .Option("LINES", asked->lines,
              "SKU:QUANTITY, or @RESERVATION/LINE of an order whose units they are")
      .Required();
  AddFact(cli, group, "ship", "Record that units left the origin: a fact",
          "qm transfer ship T-7 A-1:4 --effect-key asn-9", Ship, "SKU:QUANTITY");
  AddFact(cli, group, "receive", "Record that units came to the destination: a fact",
          "qm transfer receive T-7 A-1:3 A-1:1@damaged --last", Receive,
          "SKU:QUANTITY, or @CONDITION of what is not sellable");
  AddOne(
      cli, group, "close", "End it: what was not shipped is free, what is in transit lost",
      "qm transfer close T-7",
      [](Context& context, const Args& args) {
        return Tell(context, About<stockv1::CloseTransferRequest>(context, args),
                    &Stub::CloseTransfer);
      },
      std::make_shared<Args>());
  const auto id = std::make_shared<std::string>();
  Subcommand get = cli.Command(group, "get", "A transfer as it is", "qm transfer get T-7",
                               [id](Context& context) {
                                 stockv1::GetTransferRequest query;
                                 query.set_transfer_id(*id);
                                 return Tell(context, query, &Stub::GetTransfer);
                               });
  get.Option("TRANSFER", *id, "Its id").Required();
  const auto list_args = std::make_shared<ListArgs>();
  Subcommand list =
      cli.Command(group, "list", "Transfers, a row for each line",
                  "qm transfer list --location store-5 --state shipped",
                  [list_args](Context& context) { return List(context, *list_args); });
  list.Option("--location", list_args->location, "From or to this location");
  AddEnumOption(list, "--state", list_args->state, stockv1::Transfer::State_descriptor(),
                "In this state");
  list.Option("--limit", list_args->limit, "At most so many").InRange(1, 1'000'000).ShowDefault();
}

}  // namespace quartermaster::qm
