// Payments: what was told of them, and what is intended.
#include "services/orders/domain/applier.h"
#include "services/orders/domain/payment_moves.h"

namespace quartermaster::orders {

void Applier::operator()(const PaymentRecorded& e) {
  Payments& payments = GetOrder(e.order_id).payments;
  if (payments.currency_code.empty()) payments.currency_code = e.currency_code;
  const Payment* const known = payments.Find(e.payment_ref);
  const bool is_new = known == nullptr;
  if (is_new) {
    payments.tenders.push_back({.number = static_cast<int>(payments.tenders.size()) + 1,
                                .payment_ref = e.payment_ref,
                                .method = e.method,
                                .on_the_spot = e.on_the_spot,
                                .created_at = now_});
  }
  Payment& tender =
      is_new ? payments.tenders.back() : payments.tenders[static_cast<size_t>(known->number) - 1];
  payments.entries.push_back({tender.number, e.event_ref, e.kind, e.amount});

  if (e.intent != 0) {
    PaymentIntent& intent = GetIntent(payments, e.intent);
    const bool refused = e.kind == PaymentFactKind::kFailed;
    intent.state = refused ? PaymentIntentState::kFailed : PaymentIntentState::kDone;
    // Only what cannot be captured says something of the payment as a whole; and what the customer
    // tried in vain.
    if (refused && intent.kind != PaymentIntentKind::kCapture && !is_new) return;
  }

  const PaymentAction action = ActionOf(tender, e.kind, e.amount);
  const std::optional<PaymentState> from = is_new ? std::nullopt : std::optional(tender.state);
  auto next = PaymentMoves().Next(from, action);
  if (!next.has_value()) next = PaymentMoves().Conflict(from, action);
  QM_CHECK(next.has_value()) << "payment " << tender.number << " of order " << e.order_id << ": "
                             << NameOf(action) << ", at position " << position_;
  tender.state = *next;
  switch (e.kind) {
    case PaymentFactKind::kAuthorised:
      // Anew: what was left before is no more.
      if (tender.lapsed) tender.authorised -= tender.left();
      tender.authorised += e.amount;
      tender.lapsed = false;
      break;
    case PaymentFactKind::kCaptured:
      tender.captured += e.amount;
      if (e.disputed) tender.disputed += e.amount;
      break;
    case PaymentFactKind::kVoided:
      tender.voided += e.amount == 0 ? tender.left() : std::min(e.amount, tender.left());
      break;
    case PaymentFactKind::kRefunded:
      tender.refunded += e.amount;
      break;
    case PaymentFactKind::kFailed:
      tender.lapsed = true;
      break;
  }
  WithdrawUnservable(payments, tender);
}

void Applier::WithdrawUnservable(Payments& payments, const Payment& tender) {
  for (auto intent = payments.intents.rbegin(); intent != payments.intents.rend(); ++intent) {
    const int64_t asked = payments.Asked(PaymentIntentKind::kCapture, tender.number) +
                          payments.Asked(PaymentIntentKind::kVoid, tender.number);
    if (asked <= tender.capturable()) return;
    const bool of_it = intent->payment == tender.number &&
                       intent->state == PaymentIntentState::kOpen &&
                       intent->kind != PaymentIntentKind::kRefund;
    if (of_it) intent->state = PaymentIntentState::kWithdrawn;
  }
}

void Applier::operator()(const PaymentIntended& e) {
  Payments& payments = GetOrder(e.order_id).payments;
  QM_CHECK(e.intent == static_cast<int>(payments.intents.size()) + 1)
      << "intent " << e.intent << " of order " << e.order_id << " at position " << position_;
  payments.intents.push_back({.number = e.intent,
                              .kind = e.kind,
                              .payment = e.payment,
                              .amount = e.amount,
                              .created_at = now_,
                              .position = position_});
}

void Applier::operator()(const PaymentIntentWithdrawn& e) {
  GetIntent(GetOrder(e.order_id).payments, e.intent).state = PaymentIntentState::kWithdrawn;
}

PaymentIntent& Applier::GetIntent(Payments& payments, int number) {
  QM_CHECK(number >= 1 && static_cast<size_t>(number) <= payments.intents.size())
      << "there is no intent " << number << ", at position " << position_;
  return payments.intents[static_cast<size_t>(number) - 1];
}

}  // namespace quartermaster::orders
