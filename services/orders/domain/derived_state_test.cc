// The rules of derived states, in their order, and against sums over all lines.
#include "services/orders/domain/derived_state.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "services/orders/domain/testing/enum_values.h"

namespace quartermaster::orders {
namespace {

// A line with a unit in each place whose bit is set.
OrderLine LineOf(unsigned bits) {
  OrderLine line;
  for (Quantity* const place :
       {&line.allocated, &line.held_back, &line.confirming, &line.to_route, &line.awaiting,
        &line.backordered, &line.fulfilled, &line.cancelled}) {
    if (bits & 1) *place = Quantity(1);
    bits >>= 1;
  }
  line.ordered = line.open() + line.fulfilled + line.cancelled;
  return line;
}
constexpr unsigned kLines = 1u << 8;

template <typename Rule>
std::string NamesOf(std::span<const Rule> rules) {
  std::string names;
  for (const Rule& rule : rules) names += std::string(NameOf(rule.state)) + " ";
  return names;
}

TEST(DerivedState, RulesAreAskedInThisOrder) {
  EXPECT_EQ(NamesOf(LineRules()),
            "CANCELLED FULFILLED AWAITING_STOCK BACKORDERED ROUTING CONFIRMING ALLOCATED ");
  EXPECT_EQ(NamesOf(OrderRules()),
            "CANCELLED COMPLETED ON_HOLD PENDING AWAITING_STOCK BACKORDERED OPEN ");
  EXPECT_EQ(LineRules().size(), ValuesOf<LineState>().size());
  EXPECT_EQ(OrderRules().size(), ValuesOf<OrderState>().size());
}

TEST(DerivedState, OfALineIsThatOfTheUnitsThatAreLeastFar) {
  for (unsigned bits = 0; bits < kLines; ++bits) {
    const OrderLine line = LineOf(bits);
    LineState expected = LineState::kCancelled;
    if (!line.fulfilled.IsZero()) expected = LineState::kFulfilled;
    if (!line.bound().IsZero()) expected = LineState::kAllocated;
    if (!line.confirming.IsZero()) expected = LineState::kConfirming;
    if (!line.to_route.IsZero()) expected = LineState::kRouting;
    if (!line.backordered.IsZero()) expected = LineState::kBackordered;
    if (!line.awaiting.IsZero()) expected = LineState::kAwaitingStock;
    EXPECT_EQ(StateOf(line), expected) << bits;
  }
}

OrderState FromSums(const Order& order) {
  Quantity kept;  // ordered and not cancelled
  Quantity fulfilled;
  Quantity awaiting;
  Quantity backordered;
  for (const OrderLine& line : order.lines) {
    kept += line.ordered - line.cancelled;
    fulfilled += line.fulfilled;
    awaiting += line.awaiting;
    backordered += line.backordered;
  }
  if (kept.IsZero()) return OrderState::kCancelled;
  if (kept == fulfilled) return OrderState::kCompleted;
  if (!order.holds.empty() && order.holds[0].state == HoldState::kOpen) return OrderState::kOnHold;
  if (order.attempts.size() == 1 && order.attempts[0].state == AttemptState::kConfirming &&
      order.attempts[0].position == order.position + 1) {
    return OrderState::kPending;
  }
  if (awaiting.IsPositive()) return OrderState::kAwaitingStock;
  if (backordered.IsPositive()) return OrderState::kBackordered;
  return OrderState::kOpen;
}

TEST(DerivedState, OfAnOrderIsWhatItsSumsSay) {
  const Attempt confirming{.state = AttemptState::kConfirming, .position = 1};
  const Attempt later{.state = AttemptState::kConfirming, .position = 2};
  const Attempt confirmed{.state = AttemptState::kConfirmed};
  const Attempt failed{.state = AttemptState::kFailed};
  const std::vector<std::vector<Attempt>> attempts = {
      {}, {confirming}, {later}, {confirmed}, {failed}, {failed, confirming}};
  const std::vector<std::vector<Hold>> holds = {
      {}, {{.state = HoldState::kOpen}}, {{.state = HoldState::kExpired}}};
  for (const auto& made : attempts) {
    for (const auto& kept_back : holds) {
      for (unsigned first = 0; first < kLines; ++first) {
        for (unsigned second = 0; second < kLines; ++second) {
          const Order order{
              .lines = {LineOf(first), LineOf(second)}, .attempts = made, .holds = kept_back};
          ASSERT_EQ(StateOf(order), FromSums(order)) << first << " " << second;
        }
      }
    }
  }
}

}  // namespace
}  // namespace quartermaster::orders
