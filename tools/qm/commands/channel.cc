// channel set|get|allot|allotment
#include <memory>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "google/protobuf/util/time_util.h"
#include "quartermaster/stock/v1/stock.grpc.pb.h"
#include "tools/qm/cli.h"
#include "tools/qm/commands/ask.h"
#include "tools/qm/commands/commands.h"
#include "tools/qm/commands/names.h"

namespace quartermaster::qm {
namespace {

namespace stockv1 = ::quartermaster::stock::v1;
using Stub = stockv1::StockService::Stub;

struct SetArgs {
  std::string channel;
  std::string pool;
  int demand = 0;
  int64_t buffer = 0;
  std::string etag;
  std::string reason;
};

int Print(Context& context, const stockv1::Channel& channel) {
  Table table({"CHANNEL", "POOL", "DEMAND", "BUFFER", "ETAG", "POSITION"});
  table.Row({channel.channel_id(), channel.pool_id(),
             EnumName(stockv1::DemandClass_descriptor(), channel.demand_class()),
             absl::StrCat(channel.buffer()), channel.etag(), channel.position()});
  return context.PrintTable(table);
}

int Set(Context& context, const SetArgs& args) {
  stockv1::SetChannelRequest request;
  request.set_request_id(context.RequestId());
  request.set_channel_id(args.channel);
  request.set_pool_id(args.pool);
  request.set_demand_class(static_cast<stockv1::DemandClass>(args.demand));
  request.set_buffer(args.buffer);
  request.set_etag(args.etag);
  request.mutable_attribution()->set_reason_code(args.reason);
  return Ask<stockv1::StockService>(
      context, &Stub::SetChannel, request,
      [&](const stockv1::Channel& channel) { return Print(context, channel); });
}

int Get(Context& context, const std::string& channel_id) {
  stockv1::GetChannelRequest request;
  request.set_channel_id(channel_id);
  return Ask<stockv1::StockService>(
      context, &Stub::GetChannel, request,
      [&](const stockv1::Channel& channel) { return Print(context, channel); });
}

struct AllotArgs {
  std::string channel;
  std::string sku;
  std::optional<int64_t> quota, cap, customer_cap;
  bool borrows = false;
  bool new_window = false;
  std::string etag;
  std::string reason;
};

int PrintAllotment(Context& context, const stockv1::Allotment& allotment) {
  const auto limit = [](bool has, int64_t units) { return has ? absl::StrCat(units) : "-"; };
  Table table({"CHANNEL", "SKU", "QUOTA", "CAP", "PER CUSTOMER", "BORROWS", "OPEN", "SOLD", "SINCE",
               "ETAG", "POSITION"});
  // What is used is told by `allotment` only.
  const bool told = allotment.has_window_start_time();
  table.Row({allotment.channel_id(), allotment.sku(),
             limit(allotment.has_quota(), allotment.quota()),
             limit(allotment.has_cap(), allotment.cap()),
             limit(allotment.has_customer_cap(), allotment.customer_cap()),
             allotment.borrows() ? "yes" : "no", limit(told, allotment.open()),
             limit(told, allotment.sold()),
             told ? google::protobuf::util::TimeUtil::ToString(allotment.window_start_time()) : "-",
             allotment.etag(), allotment.position()});
  return context.PrintTable(table);
}

int Allot(Context& context, const AllotArgs& args) {
  stockv1::SetAllotmentRequest request;
  request.set_request_id(context.RequestId());
  request.set_channel_id(args.channel);
  request.set_sku(args.sku);
  if (args.quota) request.set_quota(*args.quota);
  if (args.cap) request.set_cap(*args.cap);
  if (args.customer_cap) request.set_customer_cap(*args.customer_cap);
  request.set_borrows(args.borrows);
  request.set_new_window(args.new_window);
  request.set_etag(args.etag);
  request.mutable_attribution()->set_reason_code(args.reason);
  return Ask<stockv1::StockService>(
      context, &Stub::SetAllotment, request,
      [&](const stockv1::Allotment& allotment) { return PrintAllotment(context, allotment); });
}

int GetAllotment(Context& context, const AllotArgs& args) {
  stockv1::GetAllotmentRequest request;
  request.set_channel_id(args.channel);
  request.set_sku(args.sku);
  return Ask<stockv1::StockService>(
      context, &Stub::GetAllotment, request,
      [&](const stockv1::Allotment& allotment) { return PrintAllotment(context, allotment); });
}

void AddAllotmentCommands(Cli& cli, Subcommand group) {
  const auto args = std::make_shared<AllotArgs>();
  Subcommand allot = cli.Command(
      group, "allot", "Set what a channel may have of an item; with no limit, it has none any more",
      "qm channel allot marketplace-7 A-1 --quota 40 --cap 100\n"
      "  qm channel allot web A-1 --per-customer 2 --new-window\n"
      "  qm channel allot marketplace-7 A-1",
      [args](Context& context) { return Allot(context, *args); });
  allot.Option("CHANNEL", args->channel, "Its id").Required();
  allot.Option("SKU", args->sku, "The item").Required();
  allot.Option("--quota", args->quota, "Units that are held for it until it uses them");
  allot.Option("--cap", args->cap, "The most that it may have open and sold");
  allot.Option("--per-customer", args->customer_cap, "The most that one customer may");
  allot.Flag("--borrows", args->borrows, "It may use what is held for other channels");
  allot.Flag("--new-window", args->new_window, "What was sold before counts no longer");
  allot.Option("--etag", args->etag, "Only if it has this etag; 0: if there is none");
  allot.Option("--reason", args->reason, "A code, kept in the log");
  const auto get_args = std::make_shared<AllotArgs>();
  Subcommand get =
      cli.Command(group, "allotment", "What a channel may have of an item, and uses",
                  "qm channel allotment marketplace-7 A-1",
                  [get_args](Context& context) { return GetAllotment(context, *get_args); });
  get.Option("CHANNEL", get_args->channel, "Its id").Required();
  get.Option("SKU", get_args->sku, "The item").Required();
}

}  // namespace

void AddChannelCommands(Cli& cli) {
  Subcommand group = cli.Group("channel", "Who sells from which pool, and as what demand",
                               "qm channel set marketplace-7 web --buffer 2");
  const auto args = std::make_shared<SetArgs>();
  Subcommand set = cli.Command(group, "set", "Name a channel, or set it anew",
                               "qm channel set marketplace-7 web --buffer 2\n"
                               "  qm channel set store-12/till store-12 --demand till",
                               [args](Context& context) { return Set(context, *args); });
  set.Option("CHANNEL", args->channel, "Its id").Required();
  set.Option("POOL", args->pool, "The pool that it sells from").Required();
  AddEnumOption(set, "--demand", args->demand, stockv1::DemandClass_descriptor(),
                "Whether it leaves safety stock alone (online, the default) or may have it (till)");
  set.Option("--buffer", args->buffer, "Units of each SKU that are not published for it");
  set.Option("--etag", args->etag, "Only if the channel has this etag; 0: if there is none");
  set.Option("--reason", args->reason, "A code, kept in the log");
  const auto channel = std::make_shared<std::string>();
  Subcommand get =
      cli.Command(group, "get", "A channel as it is set", "qm channel get marketplace-7",
                  [channel](Context& context) { return Get(context, *channel); });
  get.Option("CHANNEL", *channel, "Its id").Required();
  AddAllotmentCommands(cli, group);
}

}  // namespace quartermaster::qm
