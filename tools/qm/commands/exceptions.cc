// exceptions list|resolve: what people must look at.
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "quartermaster/orders/v1/orders.grpc.pb.h"
#include "tools/qm/cli.h"
#include "tools/qm/commands/ask.h"
#include "tools/qm/commands/commands.h"
#include "tools/qm/commands/names.h"

namespace quartermaster::qm {
namespace {

namespace ordersv1 = ::quartermaster::orders::v1;
using Stub = ordersv1::OrderService::Stub;

void AddRow(const ordersv1::ExceptionItem& item, Table& table) {
  table.Row({item.exception_id(), EnumName(ordersv1::ExceptionItem::Kind_descriptor(), item.kind()),
             item.order_id(), item.task_id(), item.return_id(), item.suggested_action(),
             item.resolved() ? "yes" : "no", TimeText(item.create_time())});
}

Table NewTable() {
  return Table({"EXCEPTION", "KIND", "ORDER", "TASK", "RETURN", "SUGGESTED", "RESOLVED", "SINCE"});
}

struct ListArgs {
  std::string order;
  bool all = false;
  int limit = 100;
};

int List(Context& context, const ListArgs& args) {
  ordersv1::ListExceptionsRequest request;
  request.set_order_id(args.order);
  request.set_include_resolved(args.all);
  return AskList<ordersv1::OrderService>(context, &Stub::ListExceptions, request, args.limit,
                                         &ordersv1::ListExceptionsResponse::exceptions,
                                         [&](const ordersv1::ListExceptionsResponse& all) {
                                           Table table = NewTable();
                                           for (const auto& item : all.exceptions())
                                             AddRow(item, table);
                                           context.PrintTable(table);
                                         });
}

struct ResolveArgs {
  std::string id;
  std::string reason;
};

int Resolve(Context& context, const ResolveArgs& args) {
  ordersv1::ResolveExceptionRequest request;
  request.set_request_id(context.RequestId());
  request.set_exception_id(args.id);
  request.mutable_attribution()->set_reason_code(args.reason);
  ordersv1::ExceptionItem response;
  const auto stub = context.Stub<ordersv1::OrderService>();
  const grpc::Status status = context.Call(*stub, &Stub::ResolveException, request, &response);
  if (!status.ok()) return context.Refused(status);
  if (context.json()) return context.PrintJson(response);
  Table table = NewTable();
  AddRow(response, table);
  return context.PrintTable(table);
}

}  // namespace

void AddExceptionCommands(Cli& cli) {
  Subcommand group = cli.Group("exceptions", "What people must look at", "qm exceptions list");

  const auto list_args = std::make_shared<ListArgs>();
  Subcommand list = cli.Command(
      group, "list", "Open exceptions, oldest first", "qm exceptions list --order o-1 --all",
      [list_args](Context& context) { return List(context, *list_args); });
  list.Option("--order", list_args->order, "Of this order");
  list.Flag("--all", list_args->all, "Also the resolved ones");
  list.Option("--limit", list_args->limit, "At most so many").InRange(1, 1'000'000).ShowDefault();

  const auto resolve_args = std::make_shared<ResolveArgs>();
  Subcommand resolve =
      cli.Command(group, "resolve", "It has been dealt with", "qm exceptions resolve e-4711",
                  [resolve_args](Context& context) { return Resolve(context, *resolve_args); });
  resolve.Option("EXCEPTION", resolve_args->id, "Its id").Required();
  resolve.Option("--reason", resolve_args->reason, "A code, kept in the history");
}

}  // namespace quartermaster::qm
