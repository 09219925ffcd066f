// The state machine of payments, as a table. Facts only: what it has not as such, or has as a
// conflict, people look at.
#ifndef QUARTERMASTER_SERVICES_ORDERS_DOMAIN_PAYMENT_MOVES_H_
#define QUARTERMASTER_SERVICES_ORDERS_DOMAIN_PAYMENT_MOVES_H_

#include <cstdint>
#include <string_view>

#include "services/orders/domain/payment.h"
#include "services/orders/domain/state_table.h"

namespace quartermaster::orders {

enum class PaymentAction : uint8_t {
  kAuthorise,
  kCapture,
  // All that is left of what was authorised, or some of it.
  kVoid,
  kVoidPart,
  // All that was collected (or more), or some of it.
  kRefund,
  kRefundPart,
  kFail,
};

using PaymentTable = StateTable<PaymentState, PaymentAction>;
const PaymentTable& PaymentMoves();

// What a fact of the payment, as it stands, comes to. `amount` 0 of a void: all that is left.
PaymentAction ActionOf(const Payment& payment, PaymentFactKind kind, int64_t amount);

std::string_view NameOf(PaymentAction action);

}  // namespace quartermaster::orders

#endif  // QUARTERMASTER_SERVICES_ORDERS_DOMAIN_PAYMENT_MOVES_H_
