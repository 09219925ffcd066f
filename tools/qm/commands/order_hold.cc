#include "tools/qm/commands/order_hold.h"

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "google/protobuf/util/time_util.h"
#include "quartermaster/orders/v1/orders.grpc.pb.h"
#include "tools/qm/cli.h"
#include "tools/qm/commands/ask.h"
#include "tools/qm/commands/names.h"
#include "tools/qm/commands/order_output.h"
#include "tools/qm/input/values.h"

namespace quartermaster::qm {
namespace {

namespace ordersv1 = ::quartermaster::orders::v1;
using Stub = ordersv1::OrderService::Stub;

struct HoldArgs {
  std::string order;
  std::string hold;
  std::string etag;
  std::string reason;
};

int HoldBack(Context& context, const HoldArgs& args) {
  ordersv1::HoldOrderRequest request;
  request.set_request_id(context.RequestId());
  request.set_order_id(args.order);
  request.set_etag(args.etag);
  request.mutable_attribution()->set_reason_code(args.reason);
  const std::string problem = ParseHold(args.hold, request.mutable_hold());
  if (!problem.empty()) return context.Usage(problem);
  return Ask<ordersv1::OrderService>(
      context, &Stub::HoldOrder, request,
      [&](const ordersv1::Order& order) { return PrintOrder(context, order); });
}

int Release(Context& context, const HoldArgs& args) {
  ordersv1::ReleaseHoldRequest request;
  request.set_request_id(context.RequestId());
  request.set_order_id(args.order);
  request.set_hold_id(args.hold);
  request.set_etag(args.etag);
  request.mutable_attribution()->set_reason_code(args.reason);
  return Ask<ordersv1::OrderService>(
      context, &Stub::ReleaseHold, request,
      [&](const ordersv1::Order& order) { return PrintOrder(context, order); });
}

}  // namespace

std::string ParseHold(const std::string& text, ordersv1::NewHold* hold) {
  const std::vector<std::string> parts = SplitList(text, ':');
  const auto kinds = EnumNames(ordersv1::HoldKind_descriptor());
  const auto kind = parts.empty() ? kinds.end() : kinds.find(parts[0]);
  const bool cancels = parts.size() == 3 && parts[2] == "cancel";
  if (kind == kinds.end() || parts.size() > 3 || (parts.size() == 3 && !cancels)) {
    return absl::StrCat("'", text, "' is not KIND[:TTL[:cancel]], with a kind of ",
                        EnumChoices(ordersv1::HoldKind_descriptor()));
  }
  hold->set_kind(static_cast<ordersv1::HoldKind>(kind->second));
  if (parts.size() == 1) return "";
  const auto ttl = ParseDuration(parts[1]);
  if (!ttl) return absl::StrCat("'", parts[1], "' is not like 90s or 2h");
  *hold->mutable_ttl() = google::protobuf::util::TimeUtil::MicrosecondsToDuration(ttl->count());
  if (cancels) hold->set_on_expiry(ordersv1::NewHold::CANCEL_ORDER);
  return "";
}

void AddOrderHoldCommands(Cli& cli, Subcommand order) {
  const auto hold_args = std::make_shared<HoldArgs>();
  Subcommand hold = cli.Command(
      order, "hold", "Keep an order back: its units stay bound, and no location is given them",
      "qm order hold o-1 fraud --reason SCORE\n"
      "  qm order hold o-1 payment:2h:cancel",
      [hold_args](Context& context) { return HoldBack(context, *hold_args); });
  hold.Option("ORDER", hold_args->order, "Its id").Required();
  hold.Option("KIND", hold_args->hold,
              "KIND[:TTL[:cancel]]: payment, fraud, address or manual; 1s to 366d, then it ends by "
              "itself, or with cancel cancels what has not left")
      .Required();
  hold.Option("--etag", hold_args->etag, "Only if the order is still this one");
  hold.Option("--reason", hold_args->reason, "A code, kept with the hold");

  const auto release_args = std::make_shared<HoldArgs>();
  Subcommand release = cli.Command(
      order, "release-hold", "End a hold, or all of them: the last one to end lets the order go on",
      "qm order release-hold o-1 o-1.h1",
      [release_args](Context& context) { return Release(context, *release_args); });
  release.Option("ORDER", release_args->order, "Its id").Required();
  release.Option("HOLD", release_args->hold, "The hold's id (default: all that are open)");
  release.Option("--etag", release_args->etag, "Only if the order is still this one");
  release.Option("--reason", release_args->reason, "A code, kept in the history");
}

}  // namespace quartermaster::qm
