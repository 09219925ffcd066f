// order place|get|list|cancel|reroute; holds are in order_hold.cc, what happened to orders is in
// order_events.cc.
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "google/protobuf/util/json_util.h"
#include "quartermaster/orders/v1/orders.grpc.pb.h"
#include "tools/qm/cli.h"
#include "tools/qm/commands/ask.h"
#include "tools/qm/commands/commands.h"
#include "tools/qm/commands/names.h"
#include "tools/qm/commands/order_events.h"
#include "tools/qm/commands/order_hold.h"
#include "tools/qm/commands/order_output.h"
#include "tools/qm/input/values.h"

namespace quartermaster::qm {
namespace {

namespace ordersv1 = ::quartermaster::orders::v1;
using Stub = ordersv1::OrderService::Stub;

struct PlaceArgs {
  std::vector<std::string> lines;
  std::string channel = "web";
  std::string external_id;
  std::string customer_ref;
  int method = routing::v1::SHIP;
  std::string to;
  std::string country;
  std::string postal_area;
  std::string at;
  std::string reservation;
  std::string file;
  bool drop_short = false;
  bool backorder = false;
  std::vector<std::string> holds;
};

// The request of a JSON file: protobuf's mapping of PlaceOrderRequest.
int ReadRequest(const Context& context, const std::string& path,
                ordersv1::PlaceOrderRequest* request) {
  std::string text;
  if (path == "-") {
    text.assign(std::istreambuf_iterator<char>(std::cin), {});
  } else {
    std::ifstream file(path);
    if (!file) return context.LocalFile(absl::NotFoundError(absl::StrCat("cannot read ", path)));
    text.assign(std::istreambuf_iterator<char>(file), {});
  }
  const auto status = google::protobuf::util::JsonStringToMessage(text, request);
  if (!status.ok()) {
    return context.Usage(absl::StrCat(path, ": ", std::string(status.message())));
  }
  return kOk;
}

int BuildRequest(const Context& context, const PlaceArgs& args,
                 ordersv1::PlaceOrderRequest* request) {
  request->set_channel_id(args.channel);
  request->set_external_id(args.external_id);
  request->set_customer_ref(args.customer_ref);
  request->set_reservation_id(args.reservation);
  ordersv1::PlaceGroup* group = request->add_groups();
  group->set_method(static_cast<routing::v1::Method>(args.method));
  group->set_location_id(args.at);
  if (!args.to.empty()) {
    const std::optional<Point> point = ParsePoint(args.to);
    if (!point) return context.Usage("--to takes LATITUDE,LONGITUDE in degrees");
    group->mutable_destination()->mutable_point()->set_latitude(point->latitude);
    group->mutable_destination()->mutable_point()->set_longitude(point->longitude);
  }
  if (!args.country.empty()) group->mutable_destination()->set_country_code(args.country);
  if (!args.postal_area.empty()) group->mutable_destination()->set_postal_area(args.postal_area);
  for (const std::string& text : args.lines) {
    const std::optional<LineSpec> spec = ParseLine(text);
    if (!spec || spec->place)
      return context.Usage(absl::StrCat("'", text, "' is not SKU:QUANTITY"));
    ordersv1::PlaceLine* line = group->add_lines();
    line->set_sku(spec->sku);
    line->set_quantity(spec->quantity);
    if (args.drop_short) line->set_on_shortage(ordersv1::PlaceLine::DROP_LINE);
    if (args.backorder) line->set_on_shortage(ordersv1::PlaceLine::BACKORDER);
  }
  for (const std::string& text : args.holds) {
    const std::string problem = ParseHold(text, request->add_holds());
    if (!problem.empty()) return context.Usage(problem);
  }
  return kOk;
}

int Place(Context& context, const PlaceArgs& args) {
  if (args.file.empty() == args.lines.empty()) {
    return context.Usage("give either SKU:QUANTITY lines or --file");
  }
  if (args.drop_short && args.backorder) {
    return context.Usage("lines without stock are dropped or wait, not both");
  }
  ordersv1::PlaceOrderRequest request;
  const int problem = args.file.empty() ? BuildRequest(context, args, &request)
                                        : ReadRequest(context, args.file, &request);
  if (problem != kOk) return problem;
  if (request.request_id().empty()) request.set_request_id(context.RequestId());
  ordersv1::PlaceOrderResponse response;
  const auto stub = context.Stub<ordersv1::OrderService>();
  const grpc::Status status = context.Call(*stub, &Stub::PlaceOrder, request, &response);
  if (!status.ok()) return context.Refused(status);
  if (context.json()) return context.PrintJson(response);
  if (response.outcome() == ordersv1::PlaceOrderResponse::PENDING) {
    context.Note("The order stands; stock has yet to confirm: qm order get " +
                 response.order().order_id());
  }
  PrintOrder(context, response.order());
  for (const auto& line : response.dropped_lines()) {
    context.PrintLine(absl::StrCat("short: line ", line.line_id(), " ", line.sku(), " asked ",
                                   line.asked(), ", available ", line.available()));
  }
  return kOk;
}

struct EditArgs {
  std::string order, etag, group = "0", to, country, postal_area, reason;
  std::vector<std::string> less, added;
  bool backorder = false;
};

int Edit(Context& context, const EditArgs& args) {
  ordersv1::EditOrderRequest request;
  request.set_request_id(context.RequestId());
  request.set_order_id(args.order);
  request.set_etag(args.etag);
  request.mutable_attribution()->set_reason_code(args.reason);
  for (const std::string& text : args.less) {
    const std::optional<PartSpec> spec = ParsePart(text);
    if (!spec || !spec->location_id.empty()) {
      return context.Usage(absl::StrCat("'", text, "' is not LINE:QUANTITY"));
    }
    auto* line = request.add_less();
    line->set_line_id(spec->line_id);
    line->set_quantity(spec->quantity);
  }
  for (const std::string& text : args.added) {
    // LINE=SKU:QUANTITY
    const size_t at = text.find('=');
    const std::optional<LineSpec> spec =
        at == std::string::npos ? std::nullopt : ParseLine(text.substr(at + 1));
    if (!spec || spec->place) {
      return context.Usage(absl::StrCat("'", text, "' is not LINE=SKU:QUANTITY"));
    }
    auto* added = request.add_added();
    added->set_group_id(args.group);
    added->mutable_line()->set_line_id(text.substr(0, at));
    added->mutable_line()->set_sku(spec->sku);
    added->mutable_line()->set_quantity(spec->quantity);
    if (args.backorder) added->mutable_line()->set_on_shortage(ordersv1::PlaceLine::BACKORDER);
  }
  if (!args.to.empty()) {
    const std::optional<Point> point = ParsePoint(args.to);
    if (!point) return context.Usage("--to takes LATITUDE,LONGITUDE in degrees");
    auto* wanted = request.add_destinations();
    wanted->set_group_id(args.group);
    wanted->mutable_destination()->set_country_code(args.country);
    wanted->mutable_destination()->set_postal_area(args.postal_area);
    wanted->mutable_destination()->mutable_point()->set_latitude(point->latitude);
    wanted->mutable_destination()->mutable_point()->set_longitude(point->longitude);
  }
  return Ask<ordersv1::OrderService>(
      context, &Stub::EditOrder, request,
      [&](const ordersv1::Order& order) { return PrintOrder(context, order); });
}

int Get(Context& context, const std::string& order_id) {
  ordersv1::GetOrderRequest request;
  request.set_order_id(order_id);
  ordersv1::Order response;
  const auto stub = context.Stub<ordersv1::OrderService>();
  const grpc::Status status = context.Call(*stub, &Stub::GetOrder, request, &response);
  if (!status.ok()) return context.Refused(status);
  if (context.json()) return context.PrintJson(response);
  return PrintOrder(context, response);
}

struct ListArgs {
  std::string customer, channel, external_id, location, sku, from, before;
  int state = 0;
  bool overdue = false, oldest_first = false;
  int limit = 50;
};

int List(Context& context, const ListArgs& args) {
  ordersv1::ListOrdersRequest request;
  request.set_customer_ref(args.customer);
  request.set_channel_id(args.channel);
  request.set_external_id(args.external_id);
  request.set_location_id(args.location);
  request.set_state(static_cast<ordersv1::Order::State>(args.state));
  request.set_sku(args.sku);
  request.set_overdue(args.overdue);
  if (args.oldest_first) request.set_order_by("create_time");
  if ((!args.from.empty() && !ParseTime(args.from, request.mutable_created_from())) ||
      (!args.before.empty() && !ParseTime(args.before, request.mutable_created_before()))) {
    return context.Usage("--from and --before take times like 2026-11-27T20:00:00Z");
  }
  return AskList<ordersv1::OrderService>(
      context, &Stub::ListOrders, request, args.limit, &ordersv1::ListOrdersResponse::orders,
      [&](const ordersv1::ListOrdersResponse& all) {
        Table table(
            {"ORDER", "STATE", "CHANNEL", "EXTERNAL ID", "LINES", "UNITS", "TASKS", "PLACED"});
        for (const auto& order : all.orders()) {
          int64_t units = 0;
          for (const auto& line : order.lines()) units += line.ordered();
          table.Row({order.order_id(), StateName(order.state()), order.channel_id(),
                     order.external_id(), absl::StrCat(order.lines_size()), absl::StrCat(units),
                     absl::StrCat(order.tasks_size()), TimeText(order.create_time())});
        }
        context.PrintTable(table);
      });
}

struct CancelArgs {
  std::string order;
  std::vector<std::string> lines;
  std::string etag;
  std::string reason;
};

int Cancel(Context& context, const CancelArgs& args) {
  ordersv1::CancelOrderRequest request;
  request.set_request_id(context.RequestId());
  request.set_order_id(args.order);
  request.set_etag(args.etag);
  request.mutable_attribution()->set_reason_code(args.reason);
  for (const std::string& text : args.lines) {
    const std::optional<PartSpec> spec = ParsePart(text);
    if (!spec || !spec->location_id.empty()) {
      return context.Usage(absl::StrCat("'", text, "' is not LINE:QUANTITY"));
    }
    auto* line = request.add_lines();
    line->set_line_id(spec->line_id);
    line->set_quantity(spec->quantity);
  }
  return Ask<ordersv1::OrderService>(
      context, &Stub::CancelOrder, request,
      [&](const ordersv1::Order& order) { return PrintOrder(context, order); });
}

struct RerouteArgs {
  std::string order;
  std::vector<std::string> tasks;
  std::string etag;
  std::string reason;
};

int Reroute(Context& context, const RerouteArgs& args) {
  ordersv1::RerouteOrderRequest request;
  request.set_request_id(context.RequestId());
  request.set_order_id(args.order);
  request.set_etag(args.etag);
  request.mutable_attribution()->set_reason_code(args.reason);
  for (const std::string& task : args.tasks) request.add_task_ids(task);
  return Ask<ordersv1::OrderService>(
      context, &Stub::RerouteOrder, request,
      [&](const ordersv1::Order& order) { return PrintOrder(context, order); });
}

void AddReroute(Cli& cli, Subcommand group) {
  const auto args = std::make_shared<RerouteArgs>();
  Subcommand reroute =
      cli.Command(group, "reroute", "Route again, now, what has no stock, and what tasks give up",
                  "qm order reroute o-1 --task o-1.t2",
                  [args](Context& context) { return Reroute(context, *args); });
  reroute.Option("ORDER", args->order, "Its id").Required();
  reroute.Option("--task", args->tasks, "Take it from its location; may be repeated");
  reroute.Option("--etag", args->etag, "Only if the order is still this one");
  reroute.Option("--reason", args->reason, "A code, kept in the history");
}

void AddPlace(Cli& cli, Subcommand group) {
  const auto args = std::make_shared<PlaceArgs>();
  Subcommand place = cli.Command(
      group, "place", "Plan, hold, place and confirm an order",
      "qm order place A-1:2 B-2:1 --channel web --method ship --to 46.77,23.59\n"
      "  qm order place A-1:1 --method pickup --at store-5\n"
      "  qm order place A-1:1 --to 46.77,23.59 --hold payment:2h:cancel\n"
      "  qm order place --file order.json        (a PlaceOrderRequest as JSON; - reads it from "
      "standard input)",
      [args](Context& context) { return Place(context, *args); });
  place.Option("LINE", args->lines, "SKU:QUANTITY");
  place.Option("--channel", args->channel, "web, app, marketplace, till, phone").ShowDefault();
  place.Option("--external-id", args->external_id, "Unique within the channel");
  place.Option("--customer-ref", args->customer_ref, "An opaque reference, no name");
  AddEnumOption(place, "--method", args->method, routing::v1::Method_descriptor(), "Default ship");
  place.Option("--to", args->to, "Destination, or near where: LATITUDE,LONGITUDE");
  place.Option("--country", args->country, "Of the destination: RO");
  place.Option("--postal-area", args->postal_area, "Of the destination: 400");
  place.Option("--at", args->at, "The pickup or carry-out store");
  place.Option("--reservation", args->reservation, "The checkout hold that it comes from");
  place.Flag("--drop-short", args->drop_short, "Drop lines without stock, not the order");
  place.Flag("--backorder", args->backorder, "Lines without stock wait for it to come");
  place.Option("--hold", args->holds,
               "Keep it back from the start: KIND[:TTL[:cancel]], as order hold has it; may be "
               "repeated");
  place.Option("--file", args->file, "The whole request as JSON, several groups included");
}

}  // namespace

void AddOrderCommands(Cli& cli) {
  Subcommand group = cli.Group("order", "Orders: place, look at, cancel, reroute",
                               "qm order place A-1:2 --to 46.77,23.59");
  AddPlace(cli, group);

  const auto id = std::make_shared<std::string>();
  Subcommand get =
      cli.Command(group, "get", "An order with its lines and tasks", "qm order get o-1",
                  [id](Context& context) { return Get(context, *id); });
  get.Option("ORDER", *id, "Its id").Required();

  const auto list_args = std::make_shared<ListArgs>();
  Subcommand list =
      cli.Command(group, "list", "Orders, newest first",
                  "qm order list --channel web --state open\n"
                  "  qm order list --overdue --oldest-first",
                  [list_args](Context& context) { return List(context, *list_args); });
  list.Option("--customer-ref", list_args->customer, "Of this customer");
  list.Option("--channel", list_args->channel, "Of this channel");
  list.Option("--external-id", list_args->external_id, "With this id in its channel");
  list.Option("--location", list_args->location, "With a task at this location");
  AddEnumOption(list, "--state", list_args->state, ordersv1::Order::State_descriptor(),
                "In this state");
  list.Option("--sku", list_args->sku, "With a line of it");
  list.Option("--from", list_args->from, "Placed then or later (RFC 3339)");
  list.Option("--before", list_args->before, "Placed before then (RFC 3339)");
  list.Flag("--overdue", list_args->overdue, "Promised for earlier than now, and still open");
  list.Flag("--oldest-first", list_args->oldest_first, "Instead of the newest first");
  list.Option("--limit", list_args->limit, "At most so many").InRange(1, 1'000'000).ShowDefault();

  const auto cancel_args = std::make_shared<CancelArgs>();
  Subcommand cancel = cli.Command(
      group, "cancel", "Cancel what has not left: all of it, or lines", "qm order cancel o-1 0:1",
      [cancel_args](Context& context) { return Cancel(context, *cancel_args); });
  cancel.Option("ORDER", cancel_args->order, "Its id").Required();
  cancel.Option("LINE", cancel_args->lines, "LINE:QUANTITY (default: everything)");
  cancel.Option("--etag", cancel_args->etag, "Only if the order is still this one");
  cancel.Option("--reason", cancel_args->reason, "A code, kept in the history");

  const auto edit_args = std::make_shared<EditArgs>();
  Subcommand edit = cli.Command(
      group, "edit", "Take units out, add lines, send it elsewhere: all of it, or nothing",
      "qm order edit o-1 --less 0:1 --add 7=B-2:3\n"
      "  qm order edit o-1 --to 46.8,23.6 --country RO",
      [edit_args](Context& context) { return Edit(context, *edit_args); });
  edit.Option("ORDER", edit_args->order, "Its id").Required();
  edit.Option("--less", edit_args->less, "LINE:QUANTITY to take out; again for more");
  edit.Option("--add", edit_args->added, "LINE=SKU:QUANTITY, LINE a new id; again for more");
  edit.Option("--group", edit_args->group, "Whose lines or destination").ShowDefault();
  edit.Flag("--backorder", edit_args->backorder, "What is added waits for stock, if there is none");
  edit.Option("--to", edit_args->to, "The new destination: LATITUDE,LONGITUDE");
  edit.Option("--country", edit_args->country, "Of the new destination");
  edit.Option("--postal-area", edit_args->postal_area, "Of the new destination");
  edit.Option("--etag", edit_args->etag, "Only if the order is still this one");
  edit.Option("--reason", edit_args->reason, "A code, kept in the history");

  AddReroute(cli, group);
  AddOrderHoldCommands(cli, group);
  AddOrderEventCommands(cli, group);
}

}  // namespace quartermaster::qm
