// Payments: what providers and tills tell of them.
#include <algorithm>

#include "services/orders/domain/decider.h"
#include "services/orders/domain/payment_moves.h"

namespace quartermaster::orders {

namespace {

// The oldest one of the fact's kind and payment that is open, or that was refused before it was
// done after all; one to be collected, if none was to be captured. 0: none.
int AnsweredBy(const Payments& payments, const Payment* tender, const RecordPayment& c) {
  if (c.kind == PaymentFactKind::kFailed) return 0;
  const bool on_the_spot = tender != nullptr ? tender->on_the_spot : c.on_the_spot;
  for (const bool collect : {false, true}) {
    if (collect && on_the_spot) break;
    for (const PaymentIntentState state :
         {PaymentIntentState::kOpen, PaymentIntentState::kFailed}) {
      for (const PaymentIntent& intent : payments.intents) {
        if (intent.state != state || !Answers(c.kind, intent.kind)) continue;
        if ((intent.kind == PaymentIntentKind::kCollect) != collect) continue;
        if (!collect && (tender == nullptr || intent.payment != tender->number)) continue;
        return intent.number;
      }
    }
  }
  return 0;
}

// What is told cannot be by what is known of the payment and of the order.
bool IsTooMuch(const Order& order, const Payment& before, PaymentFactKind kind, int64_t amount) {
  switch (kind) {
    case PaymentFactKind::kAuthorised:
    case PaymentFactKind::kFailed:
      return false;
    case PaymentFactKind::kCaptured: {
      if (before.authorised > 0 && before.captured + amount > before.authorised) return true;
      if (!order.amounts.has_value()) return false;
      int64_t total = 0;
      for (const OrderLine& line : order.lines) total += SumsOf(order, line).total;
      return order.payments.Collected() + amount > total;
    }
    case PaymentFactKind::kVoided:
      return amount > before.left();
    case PaymentFactKind::kRefunded:
      return amount > before.collected();
  }
  return false;
}

}  // namespace

const Order* Decider::NeedPaidOrder(const RecordPayment& c) {
  if (!c.order_id.empty()) return NeedOrder(c.order_id);
  const auto found = state_.external_ids.find({c.channel_id, c.external_id});
  if (found != state_.external_ids.end()) return NeedOrder(found->second);
  Reject(OrderNotFound{c.external_id});
  return nullptr;
}

void Decider::operator()(const RecordPayment& c) {
  const Order* const order = NeedPaidOrder(c);
  if (order == nullptr) return;
  decision_.result.payment_ref = c.payment_ref;
  const Payments& payments = order->payments;
  const Payment* const tender = payments.Find(c.payment_ref);
  const PaymentIntent* const named = FindIntent(*order, c.intent_id);
  if (!c.intent_id.empty()) {
    const bool fits =
        named != nullptr && Answers(c.kind, named->kind) &&
        (named->payment == 0 || (tender != nullptr && named->payment == tender->number));
    if (!fits) return Reject(PaymentIntentNotFound{c.intent_id});
  }
  for (const PaymentEntry& entry : payments.entries) {
    if (tender == nullptr || entry.payment != tender->number || entry.event_ref != c.event_ref) {
      continue;
    }
    const bool same_amount =
        entry.amount == c.amount || (c.kind == PaymentFactKind::kVoided && c.amount == 0);
    if (entry.kind == c.kind && same_amount) return Repeat();
    return Reject(PaymentChanged{c.event_ref});
  }
  const std::string& currency =
      order->amounts.has_value() ? order->amounts->currency_code : payments.currency_code;
  if (!c.currency_code.empty() && !currency.empty() && c.currency_code != currency) {
    return Reject(CurrencyMismatch{currency});
  }
  if (payments.entries.size() >= kPaymentFactsMax) return Reject(TooManyPayments{});

  const Payment before = tender != nullptr ? *tender : Payment{};
  const std::optional<PaymentState> from =
      tender != nullptr ? std::optional(tender->state) : std::nullopt;
  const int answered = named != nullptr ? named->number : AnsweredBy(payments, tender, c);
  int64_t amount = c.amount;
  // What was to be voided, unless it says how much was.
  if (c.kind == PaymentFactKind::kVoided && amount == 0 && answered != 0) {
    amount = payments.intents[static_cast<size_t>(answered) - 1].amount;
  }
  PaymentRecorded event{.order_id = order->order_id,
                        .kind = c.kind,
                        .payment_ref = c.payment_ref,
                        .event_ref = c.event_ref,
                        .method = c.method,
                        .amount = amount,
                        .currency_code = c.currency_code,
                        .intent = answered,
                        .reason_code = c.reason_code,
                        .business_time = NotLaterThan(now_, c.business_time),
                        .attribution = c.attribution,
                        .on_the_spot = tender != nullptr ? tender->on_the_spot : c.on_the_spot};
  const PaymentIntent* const failed = c.kind == PaymentFactKind::kFailed ? named : nullptr;
  // Done before, or more than was asked.
  const bool contradicts_named =
      named != nullptr && (named->state == PaymentIntentState::kDone || amount > named->amount);
  const bool conflict = contradicts_named || IsTooMuch(*order, before, c.kind, amount) ||
                        (failed == nullptr &&
                         !PaymentMoves().Next(from, ActionOf(before, c.kind, amount)).has_value());
  event.disputed = conflict && c.kind == PaymentFactKind::kCaptured;
  Emit(std::move(event));
  const auto raise = [&](ExceptionKind kind, std::string_view suggested_action,
                         std::string_view detail) {
    Emit(ExceptionRaised{.kind = kind,
                         .order_id = order->order_id,
                         .suggested_action = std::string(suggested_action),
                         .detail = std::string(detail)});
  };
  if (conflict) {
    raise(ExceptionKind::kPaymentConflict, "ASK_PROVIDER",
          from.has_value() ? NameOf(*from) : std::string_view());
  }
  if (failed != nullptr && !conflict) {
    raise(ExceptionKind::kPaymentFailed, "PAY_OTHERWISE", NameOf(failed->kind));
  }
  if (c.had_card_number) raise(ExceptionKind::kCardNumber, "ASK_PROVIDER", "");
}

}  // namespace quartermaster::orders
