// The open exceptions of an order.
#ifndef QUARTERMASTER_SERVICES_ORDERS_DOMAIN_OPEN_EXCEPTIONS_H_
#define QUARTERMASTER_SERVICES_ORDERS_DOMAIN_OPEN_EXCEPTIONS_H_

#include <algorithm>

#include "services/orders/domain/state.h"

namespace quartermaster::orders {

// One of them is so: `which(item)`.
template <typename Which>
bool HasOpenException(const State& state, const Order& order, Which which) {
  return std::any_of(order.exceptions.begin(), order.exceptions.end(), [&](Position position) {
    const auto found = state.exceptions.find(position);
    return found != state.exceptions.end() && which(found->second);
  });
}

}  // namespace quartermaster::orders

#endif  // QUARTERMASTER_SERVICES_ORDERS_DOMAIN_OPEN_EXCEPTIONS_H_
