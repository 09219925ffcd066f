// States that are never stored: that of an order follows from its lines, that of a line from where
// its units are. Each is a list of rules, of which the first that holds gives the state.
//
//   StateOf(order.lines[0])         -> kAwaitingStock, as long as one unit awaits stock
//   StateOf(order)                  -> kAwaitingStock, as a line is
//   OrderRules().front().condition  -> "every line is CANCELLED"
//
// What is still to be done counts before what has been: a line is FULFILLED when all of it is.
#ifndef QUARTERMASTER_SERVICES_ORDERS_DOMAIN_DERIVED_STATE_H_
#define QUARTERMASTER_SERVICES_ORDERS_DOMAIN_DERIVED_STATE_H_

#include <cstdint>
#include <span>
#include <string_view>

#include "services/orders/domain/state.h"

namespace quartermaster::orders {

enum class LineState : uint8_t {
  kCancelled,
  kFulfilled,
  kAwaitingStock,
  kBackordered,
  kRouting,
  kConfirming,
  kAllocated,
};

template <typename Derived, typename Thing>
struct Rule {
  Derived state;
  // For people.
  std::string_view condition;
  bool (*holds)(const Thing& thing);
};

using LineRule = Rule<LineState, OrderLine>;
using OrderRule = Rule<OrderState, Order>;

// In the order in which they are asked; the last one always holds.
std::span<const LineRule> LineRules();
std::span<const OrderRule> OrderRules();

LineState StateOf(const OrderLine& line);

std::string_view NameOf(LineState state);

}  // namespace quartermaster::orders

#endif  // QUARTERMASTER_SERVICES_ORDERS_DOMAIN_DERIVED_STATE_H_
