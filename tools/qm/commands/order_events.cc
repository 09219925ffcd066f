#include "tools/qm/commands/order_events.h"

#include <iostream>
#include <limits>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "quartermaster/orders/v1/orders.grpc.pb.h"
#include "tools/qm/cli.h"
#include "tools/qm/commands/ask.h"
#include "tools/qm/commands/follow.h"
#include "tools/qm/commands/names.h"
#include "tools/qm/commands/order_output.h"

namespace quartermaster::qm {
namespace {

namespace ordersv1 = ::quartermaster::orders::v1;
using ordersv1::OrderService;
using Stub = ordersv1::OrderService::Stub;

// With the stored event as JSON in JSON, not as text in it.
Json EventToJson(const ordersv1::OrderEvent& event) {
  Json json = MessageToJson(event);
  Json detail = Json::parse(event.detail_json(), nullptr, /*allow_exceptions=*/false);
  if (!detail.is_discarded()) {
    json.erase("detail_json");
    json["detail"] = std::move(detail);
  }
  return json;
}

int History(Context& context, const std::string& order) {
  ordersv1::GetOrderHistoryRequest request;
  request.set_order_id(order);
  ordersv1::GetOrderHistoryResponse all;
  const auto stub = context.Stub<OrderService>();
  do {
    ordersv1::GetOrderHistoryResponse page;
    const grpc::Status status = context.Call(*stub, &Stub::GetOrderHistory, request, &page);
    if (!status.ok()) return context.Refused(status);
    request.set_page_token(page.next_page_token());
    all.MergeFrom(page);
  } while (!request.page_token().empty());
  if (context.json()) {
    Json events = Json::array();
    for (const auto& event : all.events()) {
      if (context.ndjson()) context.PrintJson(EventToJson(event));
      events.push_back(EventToJson(event));
    }
    return context.ndjson() ? kOk : context.PrintJson(Json{{"events", events}});
  }
  Table table({"POSITION", "TIME", "EVENT", "REASON", "DETAIL"});
  for (const auto& event : all.events()) {
    table.Row({event.position(), TimeText(event.time()), event.type(),
               event.attribution().reason_code(), event.detail_json()});
  }
  return context.PrintTable(table);
}

struct WatchArgs {
  std::string since, order, location;
  std::vector<std::string> types;
  int64_t limit = 0;
};

// `on_message` sees every message, and returns false when it has had enough.
template <typename OnMessage>
int WatchAll(Context& context, const std::string& since, const OnMessage& on_message) {
  ordersv1::WatchOrdersRequest request;
  request.set_resume_position(since);
  const auto stub = context.Stub<OrderService>();
  Follow follow(context);
  grpc::Status status;
  bool more = true;
  do {
    grpc::ClientContext call;
    const auto stream = stub->WatchOrders(&call, request);
    ordersv1::WatchOrdersResponse message;
    while (more && stream->Read(&message)) {
      follow.Heard();
      status = on_message(message, &more);
      request.set_resume_position(message.position());
      more = more && status.ok() && OutputIsOpen();
    }
    if (!more) call.TryCancel();
    const grpc::Status ended = stream->Finish();
    if (more) status = ended;
  } while (more && follow.Again(status));
  return status.ok() ? kOk : context.Refused(status);
}

int WatchOrders(Context& context, const WatchArgs& args) {
  const std::set<std::string> types(args.types.begin(), args.types.end());
  int64_t printed = 0;
  return WatchAll(context, args.since,
                  [&](const ordersv1::WatchOrdersResponse& message, bool* more) {
                    for (const auto& event : message.events()) {
                      if (!args.order.empty() && event.order_id() != args.order) continue;
                      if (!types.empty() && !types.contains(event.type())) continue;
                      if (context.json()) {
                        std::cout << Compact(EventToJson(event)) << '\n';
                      } else {
                        std::cout << event.position() << "  " << TimeText(event.time()) << "  "
                                  << event.order_id() << "  " << event.type() << "  "
                                  << event.detail_json() << '\n';
                      }
                      *more = ++printed != args.limit;
                      if (!*more) break;
                    }
                    return grpc::Status::OK;
                  });
}

// Tasks as they are, whenever something has happened to their orders and changed them.
int WatchTasks(Context& context, const WatchArgs& args) {
  const auto stub = context.Stub<OrderService>();
  std::map<std::string, std::string> shown;
  int64_t printed = 0;
  return WatchAll(
      context, args.since, [&](const ordersv1::WatchOrdersResponse& message, bool* more) {
        std::set<std::string> orders;
        for (const auto& event : message.events()) orders.insert(event.order_id());
        for (const std::string& order : orders) {
          ordersv1::ListTasksRequest request;
          request.set_order_id(order);
          request.set_location_id(args.location);
          request.set_page_size(kMostOfAPage);
          ordersv1::ListTasksResponse response;
          const grpc::Status status = context.Call(*stub, &Stub::ListTasks, request, &response);
          if (!status.ok()) return status;
          for (ordersv1::Task& task : *response.mutable_tasks()) {
            const Json json = MessageToJson(task);
            task.clear_position();
            std::string& before = shown[task.task_id()];
            std::string now = task.SerializeAsString();
            if (before == now) continue;
            before = std::move(now);
            if (context.json()) {
              std::cout << Compact(json) << '\n';
            } else {
              std::cout << task.task_id() << "  " << StateName(task.state()) << "  "
                        << MethodName(task.method()) << " at " << task.location_id() << "  order "
                        << task.order_id() << '\n';
            }
            *more = ++printed != args.limit;
            if (!*more) return grpc::Status::OK;
          }
        }
        return grpc::Status::OK;
      });
}

void AddWatchOptions(Subcommand command, WatchArgs* args) {
  command.Option("--since", args->since,
                 "A position that was printed; 0 is the beginning (default: from now on)");
  command.Option("--limit", args->limit, "End after so many lines")
      .InRange(1, std::numeric_limits<int64_t>::max());
}

}  // namespace

void AddOrderEventCommands(Cli& cli, Subcommand group) {
  const auto order = std::make_shared<std::string>();
  Subcommand history =
      cli.Command(group, "history", "Every event of an order, oldest first", "qm order history o-1",
                  [order](Context& context) { return History(context, *order); });
  history.Option("ORDER", *order, "Its id").Required();

  const auto args = std::make_shared<WatchArgs>();
  Subcommand watch = cli.Command(group, "watch",
                                 "Every event of every order, a line each, with any -o json an "
                                 "object a line. Goes on when the "
                                 "server comes back",
                                 "qm order watch --type OrderPlaced --type UnitsCancelled\n"
                                 "  qm order watch --order o-1 --since 0",
                                 [args](Context& context) { return WatchOrders(context, *args); });
  watch.Option("--order", args->order, "Of this order only");
  watch.Option("--type", args->types, "Of this name only; may be repeated");
  AddWatchOptions(watch, args.get());
}

void AddTaskWatchCommand(Cli& cli, Subcommand group) {
  const auto args = std::make_shared<WatchArgs>();
  Subcommand watch = cli.Command(
      group, "watch",
      "Tasks that are new or have changed, as they are then, a line each, with any -o json an "
      "object a line",
      "qm task watch --location store-5",
      [args](Context& context) { return WatchTasks(context, *args); });
  watch.Option("--location", args->location, "At this location only");
  AddWatchOptions(watch, args.get());
}

}  // namespace quartermaster::qm
