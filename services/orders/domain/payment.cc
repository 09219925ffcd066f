#include "services/orders/domain/payment.h"

namespace quartermaster::orders {

const Payment* Payments::Find(std::string_view payment_ref) const {
  const auto found = std::find_if(
      tenders.begin(), tenders.end(),
      [payment_ref](const Payment& tender) { return tender.payment_ref == payment_ref; });
  return found == tenders.end() ? nullptr : &*found;
}

int64_t Payments::Collected() const {
  int64_t sum = 0;
  for (const Payment& tender : tenders) sum += tender.collected();
  return sum;
}

namespace {

// `refused`: also what providers refused.
int64_t AskedOf(const std::vector<PaymentIntent>& intents, PaymentIntentKind kind, int payment,
                bool refused) {
  int64_t sum = 0;
  for (const PaymentIntent& intent : intents) {
    if (intent.kind != kind || (payment != 0 && intent.payment != payment)) continue;
    const bool counts = intent.state == PaymentIntentState::kOpen ||
                        (refused && intent.state == PaymentIntentState::kFailed);
    if (counts) sum += intent.amount;
  }
  return sum;
}

}  // namespace

int64_t Payments::Asked(PaymentIntentKind kind, int payment) const {
  return AskedOf(intents, kind, payment, false);
}

int64_t Payments::AskedOrRefused(PaymentIntentKind kind, int payment) const {
  return AskedOf(intents, kind, payment, true);
}

bool Answers(PaymentFactKind fact, PaymentIntentKind intent) {
  switch (fact) {
    case PaymentFactKind::kAuthorised:
      return false;
    case PaymentFactKind::kCaptured:
      return intent == PaymentIntentKind::kCapture || intent == PaymentIntentKind::kCollect;
    case PaymentFactKind::kVoided:
      return intent == PaymentIntentKind::kVoid;
    case PaymentFactKind::kRefunded:
      return intent == PaymentIntentKind::kRefund;
    case PaymentFactKind::kFailed:
      return true;
  }
  return false;
}

std::string_view NameOf(PaymentFactKind kind) {
  switch (kind) {
    case PaymentFactKind::kAuthorised:
      return "AUTHORISED";
    case PaymentFactKind::kCaptured:
      return "CAPTURED";
    case PaymentFactKind::kVoided:
      return "VOIDED";
    case PaymentFactKind::kRefunded:
      return "REFUNDED";
    case PaymentFactKind::kFailed:
      return "FAILED";
  }
  return "";
}

std::string_view NameOf(PaymentState state) {
  switch (state) {
    case PaymentState::kAuthorised:
      return "AUTHORISED";
    case PaymentState::kCaptured:
      return "CAPTURED";
    case PaymentState::kVoided:
      return "VOIDED";
    case PaymentState::kRefunded:
      return "REFUNDED";
    case PaymentState::kFailed:
      return "FAILED";
  }
  return "";
}

std::string_view NameOf(PaymentIntentKind kind) {
  switch (kind) {
    case PaymentIntentKind::kCapture:
      return "CAPTURE";
    case PaymentIntentKind::kVoid:
      return "VOID";
    case PaymentIntentKind::kRefund:
      return "REFUND";
    case PaymentIntentKind::kCollect:
      return "COLLECT";
  }
  return "";
}

std::string_view NameOf(PaymentIntentState state) {
  switch (state) {
    case PaymentIntentState::kOpen:
      return "OPEN";
    case PaymentIntentState::kDone:
      return "DONE";
    case PaymentIntentState::kFailed:
      return "FAILED";
    case PaymentIntentState::kWithdrawn:
      return "WITHDRAWN";
  }
  return "";
}

}  // namespace quartermaster::orders
