// Internal to the codec: amounts to and from their message. The API's and the stored one have the
// same fields under the same names.
#ifndef QUARTERMASTER_SERVICES_ORDERS_CODEC_AMOUNTS_MESSAGE_H_
#define QUARTERMASTER_SERVICES_ORDERS_CODEC_AMOUNTS_MESSAGE_H_

#include "services/orders/domain/amounts.h"

namespace quartermaster::orders {

template <typename Message>
void WriteAmounts(const Amounts& amounts, Message& message) {
  message.set_currency_code(amounts.currency_code);
  message.set_prices_include_tax(amounts.prices_include_tax);
  for (const Discount& discount : amounts.discounts) {
    auto& item = *message.add_discounts();
    item.set_code(discount.code);
    item.set_amount_minor(discount.amount);
    item.set_line_id(discount.line_id);
  }
  for (const Charge& charge : amounts.charges) {
    auto& item = *message.add_charges();
    item.set_kind(charge.kind);
    item.set_amount_minor(charge.amount);
    item.set_tax_minor(charge.tax);
    item.set_group_id(charge.group_id);
    item.set_refundable(charge.refundable);
  }
  message.set_total_minor(amounts.total);
}

template <typename Message>
Amounts ReadAmounts(const Message& message) {
  Amounts amounts{.currency_code = message.currency_code(),
                  .prices_include_tax = message.prices_include_tax(),
                  .total = message.total_minor()};
  for (const auto& item : message.discounts()) {
    amounts.discounts.push_back(
        {.code = item.code(), .amount = item.amount_minor(), .line_id = item.line_id()});
  }
  for (const auto& item : message.charges()) {
    amounts.charges.push_back({.kind = item.kind(),
                               .amount = item.amount_minor(),
                               .tax = item.tax_minor(),
                               .group_id = item.group_id(),
                               .refundable = item.refundable()});
  }
  return amounts;
}

}  // namespace quartermaster::orders

#endif  // QUARTERMASTER_SERVICES_ORDERS_CODEC_AMOUNTS_MESSAGE_H_
