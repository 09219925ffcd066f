#include "tools/retail/provider.h"

#include "absl/strings/str_cat.h"

namespace quartermaster::retail {
namespace {

using orders::v1::PaymentFact;
using orders::v1::PaymentIntent;

// The customer pays by transfer what no card was good for.
constexpr char kTransfer[] = "transfer";

PaymentFact::Kind AnswerTo(PaymentIntent::Kind kind) {
  switch (kind) {
    case PaymentIntent::VOID:
      return PaymentFact::VOIDED;
    case PaymentIntent::REFUND:
      return PaymentFact::REFUNDED;
    default:
      return PaymentFact::CAPTURED;
  }
}

}  // namespace

bool Provider::Tell(const std::string& request_id, const PaymentFact& fact, bool duplicate) {
  orders::v1::RecordPaymentsRequest request;
  orders::v1::RecordPaymentsResponse response;
  request.set_request_id(request_id);
  *request.add_payments() = fact;
  const grpc::Status status = client_.Call(CallKind::kOther, [&](grpc::ClientContext* context) {
    return client_.orders()->RecordPayments(context, request, &response);
  });
  if (!status.ok()) {
    shop_.Unexpected("RecordPayments", status);
    return false;
  }
  if (response.results_size() != 1 || response.results(0).status().code() != 0 ||
      response.results(0).duplicate() != duplicate) {
    shop_.Unexpected("RecordPayments", response.ShortDebugString());
    return false;
  }
  return true;
}

void Provider::Authorise(const orders::v1::Order& order, bool twice) {
  if (order.balance().total_minor() == 0) return;
  PaymentFact fact;
  fact.set_order_id(order.order_id());
  fact.set_kind(PaymentFact::AUTHORISED);
  fact.set_payment_ref(absl::StrCat("pi-", order.order_id()));
  fact.set_event_ref("authorised");
  fact.set_method("card");
  fact.mutable_amount()->set_currency_code(order.amounts().currency_code());
  fact.mutable_amount()->set_amount_minor(order.balance().total_minor());
  if (!Tell(absl::StrCat(order.order_id(), "/authorised"), fact, false) || !twice) return;
  if (Tell(absl::StrCat(order.order_id(), "/again"), fact, true)) ++shop_.tally.duplicates_sent;
}

void Provider::Do(const PaymentIntent& intent) {
  PaymentFact fact;
  fact.set_order_id(intent.order_id());
  fact.set_kind(AnswerTo(intent.kind()));
  fact.set_payment_ref(intent.payment_ref().empty() ? kTransfer : intent.payment_ref());
  fact.set_event_ref(intent.intent_id().substr(intent.order_id().size() + 1));
  fact.set_intent_id(intent.intent_id());
  *fact.mutable_amount() = intent.amount();
  if (Tell(absl::StrCat(intent.intent_id(), "/done"), fact, false)) ++shop_.tally.intents_done;
}

void Provider::DoIntents(const std::string& order_id) {
  // What is done has ended what was open: the next page begins at the start.
  while (true) {
    orders::v1::ListPaymentIntentsRequest request;
    orders::v1::ListPaymentIntentsResponse response;
    request.set_order_id(order_id);
    request.set_state(PaymentIntent::OPEN);
    const grpc::Status status = client_.Call(CallKind::kOther, [&](grpc::ClientContext* context) {
      return client_.orders()->ListPaymentIntents(context, request, &response);
    });
    if (!status.ok()) return shop_.Unexpected("ListPaymentIntents", status);
    if (response.intents().empty()) return;
    const int64_t before = shop_.tally.intents_done;
    for (const PaymentIntent& intent : response.intents()) Do(intent);
    if (shop_.tally.intents_done == before) return;
  }
}

}  // namespace quartermaster::retail
