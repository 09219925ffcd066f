#include "services/orders/domain/payment_moves.h"

namespace quartermaster::orders {

namespace {

using PS = PaymentState;
using PA = PaymentAction;

constexpr Move<PaymentState, PaymentAction> kPaymentMoves[] = {
    {kNotYet, PA::kAuthorise, PS::kAuthorised, MoveKind::kFact},
    {kNotYet, PA::kCapture, PS::kCaptured, MoveKind::kFact},
    {kNotYet, PA::kFail, PS::kFailed, MoveKind::kFact},
    // Of what nobody has told.
    {kNotYet, PA::kVoid, PS::kVoided, MoveKind::kConflict},
    {kNotYet, PA::kRefund, PS::kRefunded, MoveKind::kConflict},

    {PS::kAuthorised, PA::kAuthorise, PS::kAuthorised, MoveKind::kFact},
    {PS::kAuthorised, PA::kCapture, PS::kCaptured, MoveKind::kFact},
    {PS::kAuthorised, PA::kVoid, PS::kVoided, MoveKind::kFact},
    {PS::kAuthorised, PA::kVoidPart, PS::kAuthorised, MoveKind::kFact},
    {PS::kAuthorised, PA::kRefund, PS::kRefunded, MoveKind::kConflict},
    {PS::kAuthorised, PA::kFail, PS::kFailed, MoveKind::kFact},

    {PS::kCaptured, PA::kAuthorise, PS::kCaptured, MoveKind::kFact},
    {PS::kCaptured, PA::kCapture, PS::kCaptured, MoveKind::kFact},
    {PS::kCaptured, PA::kVoid, PS::kCaptured, MoveKind::kFact},
    {PS::kCaptured, PA::kVoidPart, PS::kCaptured, MoveKind::kFact},
    {PS::kCaptured, PA::kRefund, PS::kRefunded, MoveKind::kFact},
    {PS::kCaptured, PA::kRefundPart, PS::kCaptured, MoveKind::kFact},
    {PS::kCaptured, PA::kFail, PS::kCaptured, MoveKind::kFact},

    {PS::kVoided, PA::kAuthorise, PS::kAuthorised, MoveKind::kFact},
    {PS::kVoided, PA::kCapture, PS::kCaptured, MoveKind::kConflict},
    {PS::kVoided, PA::kVoid, PS::kVoided, MoveKind::kConflict},
    {PS::kVoided, PA::kRefund, PS::kRefunded, MoveKind::kConflict},
    {PS::kVoided, PA::kFail, PS::kVoided, MoveKind::kFact},

    {PS::kRefunded, PA::kAuthorise, PS::kAuthorised, MoveKind::kFact},
    {PS::kRefunded, PA::kCapture, PS::kCaptured, MoveKind::kFact},
    {PS::kRefunded, PA::kVoid, PS::kRefunded, MoveKind::kFact},
    {PS::kRefunded, PA::kVoidPart, PS::kRefunded, MoveKind::kFact},
    {PS::kRefunded, PA::kRefund, PS::kRefunded, MoveKind::kConflict},
    {PS::kRefunded, PA::kFail, PS::kRefunded, MoveKind::kFact},

    {PS::kFailed, PA::kAuthorise, PS::kAuthorised, MoveKind::kFact},
    {PS::kFailed, PA::kCapture, PS::kCaptured, MoveKind::kConflict},
    {PS::kFailed, PA::kVoid, PS::kVoided, MoveKind::kFact},
    {PS::kFailed, PA::kVoidPart, PS::kFailed, MoveKind::kFact},
    {PS::kFailed, PA::kRefund, PS::kRefunded, MoveKind::kConflict},
    {PS::kFailed, PA::kFail, PS::kFailed, MoveKind::kFact},
};
constexpr PaymentState kPaymentCourse[] = {PS::kAuthorised, PS::kCaptured};
constexpr PaymentTable kPaymentTable(kPaymentMoves, kPaymentCourse);
static_assert(kPaymentTable.IsUnambiguous());

}  // namespace

const PaymentTable& PaymentMoves() { return kPaymentTable; }

PaymentAction ActionOf(const Payment& payment, PaymentFactKind kind, int64_t amount) {
  switch (kind) {
    case PaymentFactKind::kAuthorised:
      return PaymentAction::kAuthorise;
    case PaymentFactKind::kCaptured:
      return PaymentAction::kCapture;
    case PaymentFactKind::kVoided:
      return amount == 0 || amount >= payment.left() ? PaymentAction::kVoid
                                                     : PaymentAction::kVoidPart;
    case PaymentFactKind::kRefunded:
      return amount >= payment.collected() ? PaymentAction::kRefund : PaymentAction::kRefundPart;
    case PaymentFactKind::kFailed:
      return PaymentAction::kFail;
  }
  return PaymentAction::kFail;
}

std::string_view NameOf(PaymentAction action) {
  switch (action) {
    case PaymentAction::kAuthorise:
      return "authorised";
    case PaymentAction::kCapture:
      return "captured";
    case PaymentAction::kVoid:
      return "voided";
    case PaymentAction::kVoidPart:
      return "partly voided";
    case PaymentAction::kRefund:
      return "refunded";
    case PaymentAction::kRefundPart:
      return "partly refunded";
    case PaymentAction::kFail:
      return "failed";
  }
  return "";
}

}  // namespace quartermaster::orders
