// Payments: what was told of them, and that no more is asked of any than it has.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "tools/qm/verify/orders_auditor.h"

namespace quartermaster::qm {

namespace orders_events = ::quartermaster::orders::events::v1;
using orders::v1::PaymentFact;
using orders::v1::PaymentIntent;

int64_t OrdersAuditor::AskedOf(const BookedOrder& order, PaymentIntent::Kind kind, int payment) {
  int64_t sum = 0;
  for (const auto& intent : order.intents) {
    const bool open = intent.state == PaymentIntent::OPEN;
    if (open && intent.kind == kind && intent.payment == payment) sum += intent.amount;
  }
  return sum;
}

void OrdersAuditor::On(const orders_events::PaymentRecorded& event) {
  BookedOrder* order = FindOrder(event.order_id());
  if (order == nullptr) return;
  auto payment = std::find_if(order->payments.begin(), order->payments.end(),
                              [&](const auto& one) { return one.ref == event.payment_ref(); });
  const bool is_new = payment == order->payments.end();
  if (is_new) {
    order->payments.push_back({.ref = event.payment_ref(), .on_the_spot = event.on_the_spot()});
    payment = order->payments.end() - 1;
  }
  const bool failed = event.kind() == PaymentFact::FAILED;
  if (event.intent() != 0) {
    auto* intent = At(order->intents, static_cast<size_t>(event.intent()) - 1, "intent");
    if (intent == nullptr) return;
    intent->state = failed ? PaymentIntent::FAILED : PaymentIntent::DONE;
    if (failed && intent->kind != PaymentIntent::CAPTURE && !is_new) return;
  }
  const auto left = [&payment] { return std::max<int64_t>(0, payment->left()); };
  switch (event.kind()) {
    case PaymentFact::AUTHORISED:
      if (payment->lapsed) payment->authorised -= left();
      payment->authorised += event.amount();
      payment->lapsed = false;
      break;
    case PaymentFact::CAPTURED:
      payment->captured += event.amount();
      break;
    case PaymentFact::VOIDED:
      payment->voided += event.amount() == 0 ? left() : std::min(event.amount(), left());
      break;
    case PaymentFact::REFUNDED:
      payment->refunded += event.amount();
      break;
    case PaymentFact::FAILED:
      payment->lapsed = true;
      break;
    default:
      return Difference(absl::StrCat("a payment's fact of kind ", event.kind()));
  }
  // What it no longer has cannot be captured or voided: the newest intents are withdrawn.
  const int number = static_cast<int>(payment - order->payments.begin()) + 1;
  for (auto intent = order->intents.rbegin(); intent != order->intents.rend(); ++intent) {
    const int64_t asked = AskedOf(*order, PaymentIntent::CAPTURE, number) +
                          AskedOf(*order, PaymentIntent::VOID, number);
    if (asked <= (payment->lapsed ? 0 : left())) break;
    if (intent->payment == number && intent->state == PaymentIntent::OPEN &&
        intent->kind != PaymentIntent::REFUND) {
      intent->state = PaymentIntent::WITHDRAWN;
    }
  }
}

void OrdersAuditor::On(const orders_events::PaymentIntended& event) {
  BookedOrder* order = FindOrder(event.order_id());
  if (order == nullptr) return;
  const std::string what = absl::StrCat("intent ", event.intent());
  if (event.intent() != static_cast<int>(order->intents.size()) + 1) {
    Difference(what + " is not the next one");
  }
  if (event.amount() <= 0) Difference(what + " is of nothing");
  const auto kind = static_cast<PaymentIntent::Kind>(event.kind());
  order->intents.push_back({.kind = kind, .payment = event.payment(), .amount = event.amount()});
  if (kind == PaymentIntent::COLLECT) {
    if (event.payment() != 0) Difference(what + " is to be collected, and names a payment");
    return;
  }
  const auto* payment = At(order->payments, static_cast<size_t>(event.payment()) - 1, "payment");
  if (payment == nullptr) return;
  const auto asked = [&](PaymentIntent::Kind of) { return AskedOf(*order, of, event.payment()); };
  if (kind == PaymentIntent::REFUND) {
    if (asked(kind) > payment->captured - payment->refunded) {
      Difference(what + " refunds more than was collected");
    }
    return;
  }
  if (payment->lapsed ||
      asked(PaymentIntent::CAPTURE) + asked(PaymentIntent::VOID) > payment->left()) {
    Difference(what + " is of more than is authorised");
  }
  int64_t open = 0;
  int64_t gone = 0;
  for (const auto& line : order->lines) {
    open += line.bound() + line.unallocated();
    gone += line.ShareOf(line.total, line.fulfilled);
  }
  if (kind == PaymentIntent::VOID && open > 0) {
    Difference(what + " voids what may still be needed");
  }
  // Captured, or to be.
  int64_t taken = 0;
  for (size_t i = 0; i < order->payments.size(); ++i) {
    if (order->payments[i].on_the_spot) continue;
    taken += order->payments[i].captured;
    taken += AskedOf(*order, PaymentIntent::CAPTURE, static_cast<int>(i) + 1);
  }
  if (kind == PaymentIntent::CAPTURE && taken > gone) {
    Difference(what + " captures more than has left");
  }
}

void OrdersAuditor::On(const orders_events::PaymentIntentWithdrawn& event) {
  BookedOrder* order = FindOrder(event.order_id());
  if (order == nullptr) return;
  auto* intent = At(order->intents, static_cast<size_t>(event.intent()) - 1, "intent");
  if (intent == nullptr) return;
  if (intent->kind != PaymentIntent::COLLECT ||
      (intent->state != PaymentIntent::OPEN && intent->state != PaymentIntent::FAILED)) {
    Difference(absl::StrCat("intent ", event.intent(), " cannot be withdrawn"));
  }
  intent->state = PaymentIntent::WITHDRAWN;
}

}  // namespace quartermaster::qm
