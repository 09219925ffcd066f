// channel set|get
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "quartermaster/stock/v1/stock.grpc.pb.h"
#include "tools/qm/cli.h"
#include "tools/qm/commands/ask.h"
#include "tools/qm/commands/commands.h"
#include "tools/qm/commands/names.h"

namespace quartermaster::qm {
namespace {

namespace v1 = ::quartermaster::stock::v1;
using Stub = v1::StockService::Stub;

struct SetArgs {
  std::string channel;
  std::string pool;
  int demand = 0;
  int64_t buffer = 0;
  std::string etag;
  std::string reason;
};

int Print(Context& context, const v1::Channel& channel) {
  Table table({"CHANNEL", "POOL", "DEMAND", "BUFFER", "ETAG", "POSITION"});
  table.Row({channel.channel_id(), channel.pool_id(),
             EnumName(v1::DemandClass_descriptor(), channel.demand_class()),
             absl::StrCat(channel.buffer()), channel.etag(), channel.position()});
  return context.PrintTable(table);
}

int Set(Context& context, const SetArgs& args) {
  v1::SetChannelRequest request;
  request.set_request_id(context.RequestId());
  request.set_channel_id(args.channel);
  request.set_pool_id(args.pool);
  request.set_demand_class(static_cast<v1::DemandClass>(args.demand));
  request.set_buffer(args.buffer);
  request.set_etag(args.etag);
  request.mutable_attribution()->set_reason_code(args.reason);
  return Ask<v1::StockService>(context, &Stub::SetChannel, request,
                               [&](const v1::Channel& channel) { return Print(context, channel); });
}

int Get(Context& context, const std::string& channel_id) {
  v1::GetChannelRequest request;
  request.set_channel_id(channel_id);
  return Ask<v1::StockService>(context, &Stub::GetChannel, request,
                               [&](const v1::Channel& channel) { return Print(context, channel); });
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
  AddEnumOption(set, "--demand", args->demand, v1::DemandClass_descriptor(),
                "Whether it leaves safety stock alone (online, the default) or may have it (till)");
  set.Option("--buffer", args->buffer, "Units of each SKU that are not published for it");
  set.Option("--etag", args->etag, "Only if the channel has this etag; 0: if there is none");
  set.Option("--reason", args->reason, "A code, kept in the log");
  const auto channel = std::make_shared<std::string>();
  Subcommand get =
      cli.Command(group, "get", "A channel as it is set", "qm channel get marketplace-7",
                  [channel](Context& context) { return Get(context, *channel); });
  get.Option("CHANNEL", *channel, "Its id").Required();
}

}  // namespace quartermaster::qm
