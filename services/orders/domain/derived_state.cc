#include "services/orders/domain/derived_state.h"

#include <algorithm>

namespace quartermaster::orders {

namespace {

bool IsCancelled(const OrderLine& line) { return StateOf(line) == LineState::kCancelled; }

bool IsAwaitingStock(const OrderLine& line) { return StateOf(line) == LineState::kAwaitingStock; }

bool IsBackordered(const OrderLine& line) { return StateOf(line) == LineState::kBackordered; }

bool IsDone(const OrderLine& line) {
  const LineState state = StateOf(line);
  return state == LineState::kCancelled || state == LineState::kFulfilled;
}

constexpr LineRule kLineRules[] = {
    {LineState::kCancelled, "all of it is cancelled",
     [](const OrderLine& line) { return line.cancelled == line.ordered; }},
    {LineState::kFulfilled, "all that is not cancelled is fulfilled",
     [](const OrderLine& line) { return line.fulfilled == line.ordered - line.cancelled; }},
    {LineState::kAwaitingStock, "units await stock, and a person",
     [](const OrderLine& line) { return line.awaiting.IsPositive(); }},
    {LineState::kBackordered, "units wait for stock to come",
     [](const OrderLine& line) { return line.backordered.IsPositive(); }},
    {LineState::kRouting, "units are to be routed",
     [](const OrderLine& line) { return line.to_route.IsPositive(); }},
    {LineState::kConfirming, "units are held, for stock to confirm",
     [](const OrderLine& line) { return line.confirming.IsPositive(); }},
    {LineState::kAllocated, "otherwise: units are in the tasks of locations, or held back for them",
     [](const OrderLine&) { return true; }},
};

constexpr OrderRule kOrderRules[] = {
    {OrderState::kCancelled, "every line is CANCELLED",
     [](const Order& order) {
       return std::all_of(order.lines.begin(), order.lines.end(), IsCancelled);
     }},
    {OrderState::kCompleted, "every line is FULFILLED or CANCELLED",
     [](const Order& order) {
       return std::all_of(order.lines.begin(), order.lines.end(), IsDone);
     }},
    {OrderState::kOnHold, "a hold of it is open", OnHold},
    {OrderState::kPending,
     "the routing attempt that it was placed with is CONFIRMING, and its only",
     [](const Order& order) {
       const Attempt* placing = PlacingAttempt(order);
       return placing != nullptr && placing->state == AttemptState::kConfirming &&
              order.attempts.size() == 1;
     }},
    {OrderState::kAwaitingStock, "a line is AWAITING_STOCK",
     [](const Order& order) {
       return std::any_of(order.lines.begin(), order.lines.end(), IsAwaitingStock);
     }},
    {OrderState::kBackordered, "a line is BACKORDERED",
     [](const Order& order) {
       return std::any_of(order.lines.begin(), order.lines.end(), IsBackordered);
     }},
    {OrderState::kOpen, "otherwise", [](const Order&) { return true; }},
};

template <typename Derived, typename Thing>
Derived FirstThatHolds(std::span<const Rule<Derived, Thing>> rules, const Thing& thing) {
  return std::find_if(rules.begin(), rules.end(),
                      [&thing](const Rule<Derived, Thing>& rule) { return rule.holds(thing); })
      ->state;
}

}  // namespace

std::span<const LineRule> LineRules() { return kLineRules; }

std::span<const OrderRule> OrderRules() { return kOrderRules; }

LineState StateOf(const OrderLine& line) { return FirstThatHolds(LineRules(), line); }

OrderState StateOf(const Order& order) { return FirstThatHolds(OrderRules(), order); }

std::string_view NameOf(LineState state) {
  switch (state) {
    case LineState::kCancelled:
      return "CANCELLED";
    case LineState::kFulfilled:
      return "FULFILLED";
    case LineState::kAwaitingStock:
      return "AWAITING_STOCK";
    case LineState::kBackordered:
      return "BACKORDERED";
    case LineState::kRouting:
      return "ROUTING";
    case LineState::kConfirming:
      return "CONFIRMING";
    case LineState::kAllocated:
      return "ALLOCATED";
  }
  return "";
}

}  // namespace quartermaster::orders
