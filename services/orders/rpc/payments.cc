// Payments: what became of them, and what is intended.
#include <string>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "services/base/card_number.h"
#include "services/orders/rpc/page_token.h"
#include "services/orders/rpc/submit_facts.h"

namespace quartermaster::orders {
namespace {

// Facts whose references had card numbers.
using Redacted = absl::flat_hash_set<const v1::PaymentFact*>;

// What takes a card number's place: the same for the same one, so that repetitions are known. Of
// the number itself it tells nothing to who has not the key.
std::string Replacement(const std::string& reference, const PickupCodes& codes) {
  constexpr size_t kBytes = 8;
  const std::string tag = codes.SubjectMac(reference).substr(0, kBytes);
  return absl::StrCat("card-number-", absl::BytesToHexString(tag));
}

Redacted Redact(v1::RecordPaymentsRequest& request, const PickupCodes& codes) {
  Redacted redacted;
  for (v1::PaymentFact& fact : *request.mutable_payments()) {
    for (std::string* reference : {fact.mutable_payment_ref(), fact.mutable_event_ref(),
                                   fact.mutable_method(), fact.mutable_reason_code()}) {
      if (!HasCardNumber(*reference)) continue;
      *reference = Replacement(*reference, codes);
      redacted.insert(&fact);
    }
  }
  return redacted;
}

}  // namespace

OrderServiceImpl::Reactor* OrderServiceImpl::RecordPayments(
    Context* context, const v1::RecordPaymentsRequest* request,
    v1::RecordPaymentsResponse* response) {
  // Before anything is made of it: a fingerprint is kept, too.
  v1::RecordPaymentsRequest kept = *request;
  const Redacted redacted = Redact(kept, app_->codes());
  return SubmitFacts(
      context, kept, "payments", kept.payments(), response,
      [&kept, &redacted](const v1::PaymentFact& fact) {
        RecordPayment command = ToCommand(fact, kept.attribution());
        command.had_card_number = redacted.contains(&fact);
        return command;
      },
      [this](const Result& done, runtime::AnswerSize& size, auto* result) {
        result->set_order_id(done.order_id);
        const auto order = app_->view().FindOrder(done.order_id);
        if (order == nullptr) return;
        const Payment* payment = order->payments.Find(done.payment_ref);
        if (payment != nullptr) *result->mutable_payment() = ToMessage(*payment);
        // A payment is small: even of a thousand there is room.
        size.Take(result->payment());
      });
}

OrderServiceImpl::Reactor* OrderServiceImpl::ListPaymentIntents(
    Context* context, const v1::ListPaymentIntentsRequest* request,
    v1::ListPaymentIntentsResponse* response) {
  Reactor* reactor = context->DefaultReactor();
  runtime::FieldChecker check;
  Check(*request, check);
  if (const auto refusal = RefusalOf(check)) return Finish(reactor, *refusal);
  const std::optional<Position> after = PageAfter(*request);
  if (!after) return Finish(reactor, PageTokenInvalid());
  IntentFilter filter{.order_id = request->order_id()};
  if (request->state() != v1::PaymentIntent::STATE_UNSPECIFIED) {
    filter.state = static_cast<PaymentIntentState>(request->state());
  } else if (filter.order_id.empty()) {
    filter.state = PaymentIntentState::kOpen;
  }
  const Page<IntentRef> page =
      app_->view().ListIntents(filter, *after, PageSize(request->page_size()));
  for (const IntentRef& ref : page.items) {
    *response->add_intents() = ToMessage(*ref.order, ref.intent());
  }
  if (page.more) response->set_next_page_token(NextPageToken(*request, page.last));
  return Finish(reactor);
}

}  // namespace quartermaster::orders
