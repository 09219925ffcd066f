// task list|accept|reject|put-back|pick|pack|ship|ready|extend|hand-over: the work at a location.
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "quartermaster/orders/v1/orders.grpc.pb.h"
#include "tools/qm/cli.h"
#include "tools/qm/commands/ask.h"
#include "tools/qm/commands/commands.h"
#include "tools/qm/commands/fact_source.h"
#include "tools/qm/commands/names.h"
#include "tools/qm/commands/order_events.h"
#include "tools/qm/commands/order_output.h"
#include "tools/qm/input/values.h"

namespace quartermaster::qm {
namespace {

namespace ordersv1 = ::quartermaster::orders::v1;
using Stub = ordersv1::OrderService::Stub;

struct ListArgs {
  std::string location, order;
  int state = 0;
  int limit = 50;
};

int List(Context& context, const ListArgs& args) {
  ordersv1::ListTasksRequest request;
  request.set_location_id(args.location);
  request.set_order_id(args.order);
  request.set_state(static_cast<ordersv1::Task::State>(args.state));
  return AskList<ordersv1::OrderService>(
      context, &Stub::ListTasks, request, args.limit, &ordersv1::ListTasksResponse::tasks,
      [&](const ordersv1::ListTasksResponse& all) { context.PrintTable(TaskTable(all.tasks())); });
}

struct TaskArgs {
  std::string task;
  std::string reason;
};

// Those methods that name a task and answer with it.
template <typename Request>
int Simple(Context& context, const TaskArgs& args,
           grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, ordersv1::Task*)) {
  Request request;
  request.set_request_id(context.RequestId());
  request.set_task_id(args.task);
  request.mutable_attribution()->set_reason_code(args.reason);
  ordersv1::Task response;
  const auto stub = context.Stub<ordersv1::OrderService>();
  const grpc::Status status = context.Call(*stub, method, request, &response);
  if (!status.ok()) return context.Refused(status);
  if (context.json()) return context.PrintJson(response);
  return PrintTask(context, response);
}

struct PickArgs : TaskArgs {
  std::vector<std::string> lines;
};

int Pick(Context& context, const PickArgs& args) {
  ordersv1::RecordPickRequest request;
  request.set_request_id(context.RequestId());
  request.set_task_id(args.task);
  request.mutable_attribution()->set_reason_code(args.reason);
  for (const std::string& text : args.lines) {
    // LINE:PICKED or LINE:PICKED:REASON
    const std::vector<std::string> parts = SplitList(text, ':');
    const auto picked = parts.size() > 1 ? ParseInteger(parts[1]) : std::nullopt;
    if (!picked || parts.size() > 3) {
      return context.Usage(absl::StrCat("'", text, "' is not LINE:PICKED[:REASON]"));
    }
    auto* line = request.add_lines();
    line->set_line_id(parts[0]);
    line->set_picked(*picked);
    if (parts.size() > 2) line->set_reason_code(parts[2]);
  }
  ordersv1::Task response;
  const auto stub = context.Stub<ordersv1::OrderService>();
  const grpc::Status status = context.Call(*stub, &Stub::RecordPick, request, &response);
  if (!status.ok()) return context.Refused(status);
  if (context.json()) return context.PrintJson(response);
  return PrintTask(context, response);
}

struct ShipArgs : TaskArgs {
  std::string carrier, tracking, parcel, at;
  std::vector<std::string> lines;
};

int Ship(Context& context, const ShipArgs& args) {
  ordersv1::RecordShipmentsRequest request;
  request.set_request_id(context.RequestId());
  request.mutable_attribution()->set_reason_code(args.reason);
  ordersv1::Shipment* shipment = request.add_shipments();
  shipment->set_task_id(args.task);
  shipment->set_carrier(args.carrier);
  shipment->set_tracking_number(args.tracking);
  shipment->set_parcel_key(args.parcel);
  for (const std::string& text : args.lines) {
    const std::optional<PartSpec> spec = ParsePart(text);
    if (!spec || !spec->location_id.empty()) {
      return context.Usage(absl::StrCat("'", text, "' is not LINE:UNITS"));
    }
    auto* line = shipment->add_lines();
    line->set_line_id(spec->line_id);
    line->set_quantity(spec->quantity);
  }
  if (!args.at.empty() && !ParseTime(args.at, shipment->mutable_business_time())) {
    return context.Usage(kFactSourceUsage);
  }
  ordersv1::RecordShipmentsResponse response;
  const auto stub = context.Stub<ordersv1::OrderService>();
  const grpc::Status status = context.Call(*stub, &Stub::RecordShipments, request, &response);
  if (!status.ok()) return context.Refused(status);
  for (const auto& result : response.results()) {
    if (result.status().code() != 0) return context.Refused(ReadError(result.status()));
  }
  if (context.json()) return context.PrintJson(response);
  for (const auto& result : response.results()) {
    PrintTask(context, result.task());
    if (result.duplicate()) context.Note("It had shipped before: nothing changed.");
  }
  return kOk;
}

// Prints the code that the answer carries, if it does.
template <typename Request, typename Response, typename Method>
int Mint(Context& context, const TaskArgs& args, Method method, Request request) {
  request.set_request_id(context.RequestId());
  request.set_task_id(args.task);
  request.mutable_attribution()->set_reason_code(args.reason);
  Response response;
  const auto stub = context.Stub<ordersv1::OrderService>();
  const grpc::Status status = context.Call(*stub, method, request, &response);
  if (!status.ok()) return context.Refused(status);
  if (context.json()) return context.PrintJson(response);
  PrintTask(context, response.task());
  if (response.pickup_code().empty()) return kOk;
  context.PrintLine("pickup code: " + response.pickup_code());
  context.PrintLine("QR code of: " + response.qr_payload());
  return kOk;
}

int Ready(Context& context, const TaskArgs& args) {
  using Response = ordersv1::MarkReadyForPickupResponse;
  return Mint<ordersv1::MarkReadyForPickupRequest, Response>(context, args,
                                                             &Stub::MarkReadyForPickup, {});
}

struct ProxyArgs : TaskArgs {
  bool revoke = false;
};

int SetProxy(Context& context, const ProxyArgs& args) {
  ordersv1::SetPickupProxyRequest request;
  request.set_revoke(args.revoke);
  return Mint<ordersv1::SetPickupProxyRequest, ordersv1::SetPickupProxyResponse>(
      context, args, &Stub::SetPickupProxy, request);
}

struct HandOverArgs : TaskArgs {
  std::string code;
  std::vector<std::string> lines;
};

int HandOver(Context& context, const HandOverArgs& args) {
  ordersv1::HandOverRequest request;
  request.set_request_id(context.RequestId());
  request.set_task_id(args.task);
  request.set_pickup_code(args.code);
  request.mutable_attribution()->set_reason_code(args.reason);
  for (const std::string& text : args.lines) {
    // LINE:HANDED_OVER or LINE:HANDED_OVER:REFUSED
    const std::vector<std::string> parts = SplitList(text, ':');
    const auto given = parts.size() > 1 ? ParseInteger(parts[1]) : std::nullopt;
    const auto refused = parts.size() > 2 ? ParseInteger(parts[2]) : std::optional<int64_t>(0);
    if (!given || !refused || parts.size() > 3) {
      return context.Usage(absl::StrCat("'", text, "' is not LINE:HANDED_OVER[:REFUSED]"));
    }
    auto* line = request.add_lines();
    line->set_line_id(parts[0]);
    line->set_handed_over(*given);
    line->set_refused(*refused);
  }
  ordersv1::Task response;
  const auto stub = context.Stub<ordersv1::OrderService>();
  const grpc::Status status = context.Call(*stub, &Stub::HandOver, request, &response);
  if (!status.ok()) return context.Refused(status);
  if (context.json()) return context.PrintJson(response);
  return PrintTask(context, response);
}

void AddTaskOptions(Subcommand command, TaskArgs* args) {
  command.Option("TASK", args->task, "Its id").Required();
  command.Option("--reason", args->reason, "A code, kept in the history");
}

void AddSimpleCommands(Cli& cli, Subcommand group) {
  const auto accept = std::make_shared<TaskArgs>();
  AddTaskOptions(
      cli.Command(
          group, "accept", "The location takes the work", "qm task accept o-1.t1",
          [accept](Context& context) { return Simple(context, *accept, &Stub::AcceptTask); }),
      accept.get());
  const auto reject = std::make_shared<TaskArgs>();
  AddTaskOptions(cli.Command(group, "reject",
                             "The location cannot: it is routed again without it, unless the "
                             "channel's policy says otherwise of the reason",
                             "qm task reject o-1.t1 --reason CLOSED",
                             [reject](Context& context) {
                               return Simple(context, *reject, &Stub::RejectTask);
                             }),
                 reject.get());
  const auto put_back = std::make_shared<TaskArgs>();
  AddTaskOptions(
      cli.Command(
          group, "put-back",
          "What a cancel asked for, or nobody fetched, is back on the shelf: it is cancelled",
          "qm task put-back o-1.t1",
          [put_back](Context& context) { return Simple(context, *put_back, &Stub::PutBack); }),
      put_back.get());
  const auto pack = std::make_shared<TaskArgs>();
  AddTaskOptions(
      cli.Command(group, "pack", "Everything picked is packed", "qm task pack o-1.t1",
                  [pack](Context& context) { return Simple(context, *pack, &Stub::PackTask); }),
      pack.get());
  const auto ready = std::make_shared<TaskArgs>();
  AddTaskOptions(cli.Command(group, "ready", "Ready at the counter; prints the pickup code",
                             "qm task ready o-1.t1",
                             [ready](Context& context) { return Ready(context, *ready); }),
                 ready.get());
  const auto proxy = std::make_shared<ProxyArgs>();
  Subcommand set_proxy = cli.Command(
      group, "proxy", "Somebody else may fetch it: prints a code of their own",
      "qm task proxy o-1.t1", [proxy](Context& context) { return SetProxy(context, *proxy); });
  AddTaskOptions(set_proxy, proxy.get());
  set_proxy.Flag("--revoke", proxy->revoke, "Nobody but the customer may (any more)");
  const auto extend = std::make_shared<TaskArgs>();
  AddTaskOptions(cli.Command(group, "extend", "The customer needs more time: it is kept for longer",
                             "qm task extend o-1.t1",
                             [extend](Context& context) {
                               return Simple(context, *extend, &Stub::ExtendPickup);
                             }),
                 extend.get());
}

}  // namespace

void AddTaskCommands(Cli& cli) {
  Subcommand group = cli.Group("task", "Work at a location: pick, pack, ship, hand over",
                               "qm task list --location store-5 --state created");

  const auto list_args = std::make_shared<ListArgs>();
  Subcommand list = cli.Command(
      group, "list", "Tasks, oldest first", "qm task list --location store-5 --state created",
      [list_args](Context& context) { return List(context, *list_args); });
  list.Option("--location", list_args->location, "At this location");
  list.Option("--order", list_args->order, "Of this order");
  AddEnumOption(list, "--state", list_args->state, ordersv1::Task::State_descriptor(),
                "In this state");
  list.Option("--limit", list_args->limit, "At most so many").InRange(1, 1'000'000).ShowDefault();

  AddSimpleCommands(cli, group);

  const auto pick_args = std::make_shared<PickArgs>();
  Subcommand pick = cli.Command(group, "pick", "What was picked; the rest of a named line is short",
                                "qm task pick o-1.t1 0:2 1:0:LOST", [pick_args](Context& context) {
                                  return Pick(context, *pick_args);
                                });
  AddTaskOptions(pick, pick_args.get());
  pick.Option("LINE", pick_args->lines,
              "LINE:PICKED[:REASON]: why it is short, a code of the channel's policy (default: "
              "everything was picked)");

  const auto ship_args = std::make_shared<ShipArgs>();
  Subcommand ship =
      cli.Command(group, "ship", "A parcel has left; skipped steps are filled in",
                  "qm task ship o-1.t1 --carrier dhl --tracking 0034\n"
                  "  qm task ship o-1.t1 0:2 --parcel box-1",
                  [ship_args](Context& context) { return Ship(context, *ship_args); });
  AddTaskOptions(ship, ship_args.get());
  ship.Option("--carrier", ship_args->carrier, "A code");
  ship.Option("--tracking", ship_args->tracking, "The parcel's number");
  ship.Option("--parcel", ship_args->parcel, "The warehouse's name of the parcel");
  ship.Option("--at", ship_args->at, "When it left, if not now (RFC 3339)");
  ship.Option("LINE", ship_args->lines,
              "LINE:UNITS that are in it (default: all that the task has left)");

  const auto hand_args = std::make_shared<HandOverArgs>();
  Subcommand hand =
      cli.Command(group, "hand-over", "The customer collects: units handed over, and refused",
                  "qm task hand-over o-1.t1 --code 123456 0:1:1",
                  [hand_args](Context& context) { return HandOver(context, *hand_args); });
  AddTaskOptions(hand, hand_args.get());
  hand.Option("--code", hand_args->code, "The pickup code, or what its QR code says").Required();
  hand.Option("LINE", hand_args->lines,
              "LINE:HANDED_OVER[:REFUSED] (default: everything is handed over)");

  AddTaskWatchCommand(cli, group);
}

}  // namespace quartermaster::qm
