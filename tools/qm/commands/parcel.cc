// parcel report: what a carrier says of a parcel.
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "quartermaster/orders/v1/orders.grpc.pb.h"
#include "tools/qm/cli.h"
#include "tools/qm/commands/commands.h"
#include "tools/qm/commands/fact_source.h"
#include "tools/qm/commands/names.h"

namespace quartermaster::qm {
namespace {

namespace ordersv1 = ::quartermaster::orders::v1;
using Stub = ordersv1::OrderService::Stub;

struct ReportArgs {
  std::string parcel, carrier, tracking, at, reason;
  int state = 0;
};

int Report(Context& context, const ReportArgs& args) {
  ordersv1::RecordDeliveriesRequest request;
  request.set_request_id(context.RequestId());
  request.mutable_attribution()->set_reason_code(args.reason);
  ordersv1::Delivery* delivery = request.add_deliveries();
  delivery->set_parcel_id(args.parcel);
  delivery->set_carrier(args.carrier);
  delivery->set_tracking_number(args.tracking);
  delivery->set_state(static_cast<ordersv1::Parcel::State>(args.state));
  if (!args.at.empty() && !ParseTime(args.at, delivery->mutable_business_time())) {
    return context.Usage(kFactSourceUsage);
  }
  ordersv1::RecordDeliveriesResponse response;
  const auto stub = context.Stub<ordersv1::OrderService>();
  const grpc::Status status = context.Call(*stub, &Stub::RecordDeliveries, request, &response);
  if (!status.ok()) return context.Refused(status);
  for (const auto& result : response.results()) {
    if (result.status().code() != 0) return context.Refused(ReadError(result.status()));
  }
  if (context.json()) return context.PrintJson(response);
  for (const auto& result : response.results()) {
    const ordersv1::Parcel& parcel = result.parcel();
    context.PrintLine(absl::StrCat("parcel ", parcel.parcel_id(), "  ",
                                   EnumName(ordersv1::Parcel::State_descriptor(), parcel.state()),
                                   "  order ", result.order_id()));
    if (!result.return_id().empty()) context.Note("It comes back as return " + result.return_id());
    if (result.duplicate()) context.Note("It was told before: nothing changed.");
  }
  return kOk;
}

}  // namespace

void AddParcelCommands(Cli& cli) {
  Subcommand group =
      cli.Group("parcel", "What became of parcels", "qm parcel report o-1.p1 --state delivered");
  const auto args = std::make_shared<ReportArgs>();
  Subcommand report =
      cli.Command(group, "report", "What a carrier says of a parcel",
                  "qm parcel report o-1.p1 --state delivered\n"
                  "  qm parcel report --carrier dhl --tracking 0034 --state returned-to-sender",
                  [args](Context& context) { return Report(context, *args); });
  report.Option("PARCEL", args->parcel, "Its id; or --carrier and --tracking");
  report.Option("--carrier", args->carrier, "A code");
  report.Option("--tracking", args->tracking, "The carrier's number");
  AddEnumOption(report, "--state", args->state, ordersv1::Parcel::State_descriptor(),
                "What it says");
  report.Option("--at", args->at, "When, if not now (RFC 3339)");
  report.Option("--reason", args->reason, "A code, kept in the history");
}

}  // namespace quartermaster::qm
