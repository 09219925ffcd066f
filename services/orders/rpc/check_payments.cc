// What is told of payments.
#include "services/orders/rpc/checks.h"

namespace quartermaster::orders {

using runtime::FieldChecker;
using runtime::FieldPath;
using runtime::Presence;

void Check(const v1::RecordPaymentsRequest& request, FieldChecker& check) {
  check.Id("request_id", request.request_id());
  check.Size("payments", request.payments_size(), 1, kFactsMax);
  check.Attribution("attribution", request.attribution());
}

void Check(const v1::PaymentFact& fact, const FieldPath& path, FieldChecker& check) {
  const bool by_external_id = fact.order_id().empty();
  const Presence external = by_external_id ? Presence::kRequired : Presence::kOptional;
  check.Id({path, "order_id"}, fact.order_id(), Presence::kOptional);
  check.Id({path, "channel_id"}, fact.channel_id(), external);
  check.Id({path, "external_id"}, fact.external_id(), external);
  check.True({path, "order_id"},
             by_external_id || (fact.channel_id().empty() && fact.external_id().empty()),
             "must be empty when channel_id and external_id are set");
  CheckPayment(fact, path, check);
}

void CheckPayment(const v1::PaymentFact& fact, const FieldPath& path, FieldChecker& check) {
  check.Enum({path, "kind"}, fact.kind(), v1::PaymentFact::Kind_IsValid);
  check.Id({path, "payment_ref"}, fact.payment_ref());
  check.Id({path, "event_ref"}, fact.event_ref());
  check.Id({path, "method"}, fact.method(), Presence::kOptional);
  check.Id({path, "reason_code"}, fact.reason_code(), Presence::kOptional);
  const bool needs_amount =
      fact.kind() != v1::PaymentFact::FAILED && fact.kind() != v1::PaymentFact::VOIDED;
  const FieldPath amount(path, "amount");
  if (fact.has_amount()) {
    check.Money(amount, fact.amount());
    check.Range({amount, "amount_minor"}, fact.amount().amount_minor(), needs_amount ? 1 : 0,
                kAmountMax);
  } else {
    check.Required(amount, !needs_amount);
  }
  check.Id({path, "intent_id"}, fact.intent_id(), Presence::kOptional);
  if (fact.has_business_time()) check.Timestamp({path, "business_time"}, fact.business_time());
}

void Check(const v1::ListPaymentIntentsRequest& request, FieldChecker& check) {
  check.Id("order_id", request.order_id(), Presence::kOptional);
  if (check.Enum("state", request.state(), v1::PaymentIntent::State_IsValid, Presence::kOptional)) {
    const bool any_order = request.state() == v1::PaymentIntent::STATE_UNSPECIFIED ||
                           request.state() == v1::PaymentIntent::OPEN;
    check.True("state", any_order || !request.order_id().empty(), "needs an order_id, unless OPEN");
  }
  check.Range("page_size", request.page_size(), 0, kPageSizeMax);
}

}  // namespace quartermaster::orders
