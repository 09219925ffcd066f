#include "tools/qm/commands/policy_fulfilment.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "google/protobuf/util/time_util.h"
#include "quartermaster/orders/v1/orders.grpc.pb.h"
#include "tools/qm/cli.h"
#include "tools/qm/commands/ask.h"
#include "tools/qm/commands/names.h"
#include "tools/qm/input/values.h"

namespace quartermaster::qm {
namespace {

namespace ordersv1 = ::quartermaster::orders::v1;
using google::protobuf::util::TimeUtil;
using ordersv1::ReasonEffect;
using Stub = ordersv1::OrderService::Stub;

struct SetArgs {
  std::string channel;
  std::vector<std::string> codes;
  int attempts = 0;
  int pickup_days = 0;
  std::optional<int> reminder_days, extensions;
  std::string give_up_after;
  std::string etag;
  std::string reason;
};

int Print(Context& context, const ordersv1::FulfilmentPolicy& policy) {
  Table table({"CHANNEL", "ATTEMPTS", "PICKUP DAYS", "REMINDED BEFORE", "EXTENSIONS",
               "GIVEN UP AFTER", "ETAG"});
  table.Row({policy.channel_id().empty() ? "all others" : policy.channel_id(),
             absl::StrCat(policy.attempts_max()), absl::StrCat(policy.pickup_days()),
             absl::StrCat(policy.reminder_days()), absl::StrCat(policy.extensions_max()),
             TimeUtil::ToString(policy.give_up_after()), policy.etag()});
  context.PrintTable(table);
  if (policy.reasons().empty()) return kOk;
  context.PrintLine("");
  Table reasons({"REASON", "UNITS", "ORDER", "LOCATION", "SUGGESTED"});
  for (const ReasonEffect& reason : policy.reasons()) {
    const auto name = [](const auto* type, int value) {
      return value == 0 ? "as usual" : EnumName(type, value);
    };
    reasons.Row({reason.code(), name(ReasonEffect::Units_descriptor(), reason.units()),
                 name(ReasonEffect::Order_descriptor(), reason.order()),
                 reason.keep_location() ? "may be asked again" : "as usual",
                 reason.suggested_action().empty() ? "as usual" : reason.suggested_action()});
  }
  return context.PrintTable(reasons);
}

int Set(Context& context, const SetArgs& args) {
  ordersv1::SetFulfilmentPolicyRequest request;
  request.set_request_id(context.RequestId());
  request.mutable_attribution()->set_reason_code(args.reason);
  ordersv1::FulfilmentPolicy& policy = *request.mutable_policy();
  policy.set_channel_id(args.channel);
  policy.set_attempts_max(args.attempts);
  policy.set_pickup_days(args.pickup_days);
  if (args.reminder_days) policy.set_reminder_days(*args.reminder_days);
  if (args.extensions) policy.set_extensions_max(*args.extensions);
  policy.set_etag(args.etag);
  for (const std::string& text : args.codes) {
    if (!ParseReason(text, policy.add_reasons())) {
      return context.Usage(absl::StrCat("'", text, "' is not CODE[:EFFECT]..."));
    }
  }
  if (!args.give_up_after.empty()) {
    const auto length = ParseDuration(args.give_up_after);
    if (!length) return context.Usage("--give-up-after takes a length of time: 3d");
    *policy.mutable_give_up_after() = TimeUtil::MicrosecondsToDuration(length->count());
  }
  return Ask<ordersv1::OrderService>(
      context, &Stub::SetFulfilmentPolicy, request,
      [&](const ordersv1::FulfilmentPolicy& set) { return Print(context, set); });
}

int Show(Context& context, const std::string& channel_id) {
  ordersv1::GetFulfilmentPolicyRequest request;
  request.set_channel_id(channel_id);
  return Ask<ordersv1::OrderService>(
      context, &Stub::GetFulfilmentPolicy, request,
      [&](const ordersv1::FulfilmentPolicy& policy) { return Print(context, policy); });
}

}  // namespace

bool ParseReason(const std::string& text, ReasonEffect* reason) {
  const std::vector<std::string> parts = SplitList(text, ':');
  if (parts.empty()) return false;
  reason->set_code(parts[0]);
  const auto units = EnumNames(ReasonEffect::Units_descriptor());
  const auto order = EnumNames(ReasonEffect::Order_descriptor());
  for (size_t i = 1; i < parts.size(); ++i) {
    if (const auto found = units.find(parts[i]); found != units.end()) {
      reason->set_units(static_cast<ReasonEffect::Units>(found->second));
    } else if (const auto wanted = order.find(parts[i]); wanted != order.end()) {
      reason->set_order(static_cast<ReasonEffect::Order>(wanted->second));
    } else if (parts[i] == "keep-location") {
      reason->set_keep_location(true);
    } else if (parts[i].starts_with("suggest=") && reason->suggested_action().empty()) {
      reason->set_suggested_action(parts[i].substr(8));
    } else {
      return false;
    }
  }
  return true;
}

void AddFulfilmentPolicyCommands(Cli& cli, Subcommand policy) {
  Subcommand group = cli.Group(policy, "fulfilment",
                               "Attempts, reason codes and pickup times of a channel's orders",
                               "qm policy fulfilment show web");
  const auto args = std::make_shared<SetArgs>();
  Subcommand set = cli.Command(
      group, "set", "Set all of a channel's policy; what is not given is as built in",
      "qm policy fulfilment set web --attempts 3 --code LOST:suspect --code CLOSED:keep-location\n"
      "  qm policy fulfilment set --code RECALL:ask:suggest=CALL_QUALITY --pickup-days 5",
      [args](Context& context) { return Set(context, *args); });
  set.Option("CHANNEL", args->channel, "Its id; default: all channels that have none of their own");
  set.Option("--code", args->codes,
             "What a reason means: CODE[:EFFECT]..., of available, suspect, reroute, ask, "
             "keep-location, suggest=ACTION; may be repeated");
  set.Option("--attempts", args->attempts, "How often an order is routed before a person is asked")
      .InRange(1, 20);
  set.Option("--pickup-days", args->pickup_days, "Open days for which ready goods are kept")
      .InRange(1, 90);
  set.Option("--reminder-days", args->reminder_days, "Open days before the end, for a reminder");
  set.Option("--extensions", args->extensions, "How often a pickup may be extended");
  set.Option("--give-up-after", args->give_up_after,
             "1h to 90d after its end, what nobody has put back is given up");
  set.Option("--etag", args->etag, "Only if the channel's own has this etag; 0: if it has none");
  set.Option("--reason", args->reason, "A code, kept in the log");

  const auto channel = std::make_shared<std::string>();
  Subcommand show =
      cli.Command(group, "show", "What holds for a channel", "qm policy fulfilment show web",
                  [channel](Context& context) { return Show(context, *channel); });
  show.Option("CHANNEL", *channel, "Its id; default: any that has none of its own");
}

}  // namespace quartermaster::qm
