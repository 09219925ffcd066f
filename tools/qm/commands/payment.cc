// payment report|intents: what became of payments, and what providers are to be asked to do.
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "quartermaster/orders/v1/orders.grpc.pb.h"
#include "tools/qm/cli.h"
#include "tools/qm/commands/ask.h"
#include "tools/qm/commands/commands.h"
#include "tools/qm/commands/fact_source.h"
#include "tools/qm/commands/names.h"

namespace quartermaster::qm {
namespace {

namespace ordersv1 = ::quartermaster::orders::v1;
using Stub = ordersv1::OrderService::Stub;

struct ReportArgs {
  std::string order, channel, external_id, ref, event, method, currency, intent, at, reason;
  int64_t amount = 0;
  int kind = 0;
};

int Report(Context& context, const ReportArgs& args) {
  ordersv1::RecordPaymentsRequest request;
  request.set_request_id(context.RequestId());
  ordersv1::PaymentFact* fact = request.add_payments();
  fact->set_order_id(args.order);
  fact->set_channel_id(args.channel);
  fact->set_external_id(args.external_id);
  fact->set_kind(static_cast<ordersv1::PaymentFact::Kind>(args.kind));
  fact->set_payment_ref(args.ref);
  fact->set_event_ref(args.event);
  fact->set_method(args.method);
  fact->set_intent_id(args.intent);
  fact->set_reason_code(args.reason);
  if (args.amount != 0 || !args.currency.empty()) {
    fact->mutable_amount()->set_amount_minor(args.amount);
    fact->mutable_amount()->set_currency_code(args.currency);
  }
  if (!args.at.empty() && !ParseTime(args.at, fact->mutable_business_time())) {
    return context.Usage(kFactSourceUsage);
  }
  ordersv1::RecordPaymentsResponse response;
  const auto stub = context.Stub<ordersv1::OrderService>();
  const grpc::Status status = context.Call(*stub, &Stub::RecordPayments, request, &response);
  if (!status.ok()) return context.Refused(status);
  for (const auto& result : response.results()) {
    if (result.status().code() != 0) return context.Refused(ReadError(result.status()));
  }
  if (context.json()) return context.PrintJson(response);
  for (const auto& result : response.results()) {
    const ordersv1::Payment& payment = result.payment();
    context.PrintLine(absl::StrCat("payment ", payment.payment_ref(), "  ",
                                   EnumName(ordersv1::Payment::State_descriptor(), payment.state()),
                                   "  authorised ", payment.authorised_minor(), "  captured ",
                                   payment.captured_minor(), "  voided ", payment.voided_minor(),
                                   "  refunded ", payment.refunded_minor(), "  order ",
                                   result.order_id()));
    if (result.duplicate()) context.Note("It was told before: nothing changed.");
  }
  return kOk;
}

struct IntentArgs {
  std::string order;
  int state = 0;
  int limit = 100;
};

int Intents(Context& context, const IntentArgs& args) {
  ordersv1::ListPaymentIntentsRequest request;
  request.set_order_id(args.order);
  request.set_state(static_cast<ordersv1::PaymentIntent::State>(args.state));
  return AskList<ordersv1::OrderService>(
      context, &Stub::ListPaymentIntents, request, args.limit,
      &ordersv1::ListPaymentIntentsResponse::intents,
      [&](const ordersv1::ListPaymentIntentsResponse& all) {
        Table table({"INTENT", "KIND", "STATE", "PAYMENT", "AMOUNT", "CURRENCY", "SINCE"});
        for (const auto& intent : all.intents()) {
          table.Row({intent.intent_id(),
                     EnumName(ordersv1::PaymentIntent::Kind_descriptor(), intent.kind()),
                     EnumName(ordersv1::PaymentIntent::State_descriptor(), intent.state()),
                     intent.payment_ref(), absl::StrCat(intent.amount().amount_minor()),
                     intent.amount().currency_code(), TimeText(intent.create_time())});
        }
        context.PrintTable(table);
      });
}

}  // namespace

void AddPaymentCommands(Cli& cli) {
  Subcommand group = cli.Group("payment", "What was paid, and what is due", "qm payment intents");
  const auto args = std::make_shared<ReportArgs>();
  Subcommand report =
      cli.Command(group, "report", "What a provider, or a till, says of a payment",
                  "qm payment report o-1 --kind authorised --ref pi-1 --event ev-1 --amount 1999 "
                  "--currency EUR\n"
                  "  qm payment report o-1 --kind captured --ref pi-1 --event ev-2 --amount 1999 "
                  "--currency EUR --intent o-1.i1",
                  [args](Context& context) { return Report(context, *args); });
  report.Option("ORDER", args->order, "Its id; or --channel and --external-id");
  report.Option("--channel", args->channel, "The order's channel");
  report.Option("--external-id", args->external_id, "The channel's name of the order");
  AddEnumOption(report, "--kind", args->kind, ordersv1::PaymentFact::Kind_descriptor(),
                "What it says");
  report.Option("--ref", args->ref, "The provider's reference of the payment").Required();
  report.Option("--event", args->event, "The provider's reference of this event").Required();
  report.Option("--amount", args->amount, "Of this event alone, in minor units");
  report.Option("--currency", args->currency, "Its ISO 4217 code");
  report.Option("--method", args->method, "card, cash, ...");
  report.Option("--intent", args->intent, "The intent that it answers");
  report.Option("--at", args->at, "When, if not now (RFC 3339)");
  report.Option("--reason", args->reason, "The provider's code: why it failed");

  const auto intent_args = std::make_shared<IntentArgs>();
  Subcommand intents =
      cli.Command(group, "intents", "What providers are to be asked to do: open ones, oldest first",
                  "qm payment intents --order o-1 --state done",
                  [intent_args](Context& context) { return Intents(context, *intent_args); });
  intents.Option("--order", intent_args->order, "Of this order: all that it has had");
  AddEnumOption(intents, "--state", intent_args->state, ordersv1::PaymentIntent::State_descriptor(),
                "In this state");
  intents.Option("--limit", intent_args->limit, "At most so many")
      .InRange(1, 1'000'000)
      .ShowDefault();
}

}  // namespace quartermaster::qm
