// A hand-forged event that does not fit the state never gets into it: the process ends.
#include "services/orders/domain/apply.h"

#include <gtest/gtest.h>

#include "services/orders/domain/invariants.h"
#include "services/orders/domain/testing/world.h"

namespace quartermaster::orders {
namespace {

class ApplyDeathTest : public testing::Test {
 protected:
  ApplyDeathTest() {
    PlaceOrder c;
    c.order_id = std::string("o");
    c.external_id = std::string("x");
    c.groups = {Ship("g"), Pickup("p", "w2")};
    c.lines = {Line("a", 0, "s1", 2), Line("b", 1, "s2", 1)};
    c.assignments = {{0, "w1", Quantity(2)}, {1, "w2", Quantity(1)}};
    world_.Place(c);
    state_ = world_.state();
  }

  void ConfirmIt() {
    world_.Confirm("o", 1);
    state_ = world_.state();
  }

  void Dies(const Event& event) {
    EXPECT_DEATH(Apply(state_, event, 100, Instant{1}), "check failed") << NameOf(event);
  }

  World world_;
  State state_;
};

TEST_F(ApplyDeathTest, OrdersAndRouting) {
  Dies(OrderPlaced{.order_id = "o"});
  Dies(OrderPlaced{});
  Dies(OrderPlaced{.order_id = "o2", .channel_id = "web", .external_id = "x"});
  Dies(OrderPlaced{.order_id = "o2", .lines = {Line("a", 0, "s", 1)}});
  Dies(OrderRouted{.order_id = "none", .attempt = 1});
  Dies(OrderRouted{.order_id = "o", .attempt = 2});
  Dies(OrderRouted{.order_id = "o", .attempt = 3, .assignments = {{0, "w", Quantity(1)}}});
  Dies(OrderRouted{.order_id = "o", .attempt = 2, .assignments = {{0, "w", Quantity(1)}}});
  Dies(OrderRouted{.order_id = "o", .attempt = 2, .assignments = {{9, "w", Quantity(1)}}});
  Dies(RoutingFailed{.order_id = "o", .lines = {{0, Quantity(1)}}});
}

TEST_F(ApplyDeathTest, StocksAnswers) {
  Dies(StockConfirmed{.order_id = "o", .attempt = 2});
  Dies(StockConfirmed{.order_id = "o", .attempt = 0});
  Dies(UnitsCarriedOut{.order_id = "o", .attempt = 1, .assignments = {{0, Quantity(2)}}});
  Dies(TaskCreated{.order_id = "o",
                   .task = 1,
                   .attempt = 1,
                   .location_id = "w1",
                   .assignments = {{0, Quantity(2)}}});
  Dies(StockSettled{.order_id = "o", .op = 1});
  ConfirmIt();
  Dies(StockConfirmed{.order_id = "o", .attempt = 1});
  Dies(StockConfirmFailed{.order_id = "o", .attempt = 1});
  Dies(UnitsCarriedOut{.order_id = "o", .attempt = 1, .assignments = {{0, Quantity(2)}}});
  // Its units are in a task already.
  Dies(TaskCreated{.order_id = "o",
                   .task = 3,
                   .attempt = 1,
                   .location_id = "w1",
                   .assignments = {{0, Quantity(2)}}});
}

TEST_F(ApplyDeathTest, Tasks) {
  ConfirmIt();
  Dies(TaskAccepted{.order_id = "o", .task = 3});
  Dies(TaskPacked{.order_id = "o", .task = 1});
  Dies(TaskShipped{.order_id = "o", .task = 2});
  Dies(TaskShippedLate{.order_id = "o", .task = 1, .lines = {{0, Quantity(1), Quantity(1)}}});
  Dies(TaskPicked{.order_id = "o", .task = 1, .lines = {{0, Quantity(1), Quantity(2)}}});
  Dies(TaskPicked{.order_id = "o", .task = 1, .lines = {{1, Quantity(1), Quantity(0)}}});
  Dies(PickupReady{.order_id = "o", .task = 2, .code_hmac = "h"});
  Dies(PickupCodeFailed{.order_id = "o", .task = 2});
  Dies(TaskHandedOver{.order_id = "o", .task = 2, .lines = {{0, Quantity(1), Quantity(0)}}});
}

TEST_F(ApplyDeathTest, Holds) {
  Dies(OrderHeld{.order_id = "none", .hold = 1});
  Dies(OrderHeld{.order_id = "o", .hold = 2});
  Dies(HoldEnded{.order_id = "o", .hold = 1});
  world_.Do(HoldOrder{.order_id = "o"});
  world_.Do(ReleaseHold{.order_id = "o"});
  state_ = world_.state();
  Dies(OrderHeld{.order_id = "o", .hold = 1});
  Dies(HoldEnded{.order_id = "o", .hold = 1});
  Dies(HoldEnded{.order_id = "o", .hold = 0});
  // Nothing is held back.
  Dies(UnitsCancelled{.order_id = "o", .held_back = {{1, 0, Quantity(1)}}});
  ConfirmIt();
  Dies(UnitsCancelled{.order_id = "o", .held_back = {{1, 0, Quantity(1)}}});
}

TEST_F(ApplyDeathTest, CancelRequests) {
  ConfirmIt();
  Dies(CancelRequested{"o", {{1, 0, Quantity(1)}}, {}});  // not picked
  world_.Do(RecordPick{.task_id = "o.t1"});
  state_ = world_.state();
  Dies(CancelRequested{"o", {{1, 0, Quantity(3)}}, {}});
  Dies(CancelRequested{"o", {{1, 0, Quantity(0)}}, {}});
  Dies(CancelRequested{"o", {{2, 0, Quantity(1)}}, {}});
}

TEST_F(ApplyDeathTest, Cancels) {
  Dies(UnitsCancelled{.order_id = "o", .unrouted = {{0, Quantity(1), Quantity(0)}}});
  Dies(UnitsCancelled{.order_id = "o", .unrouted = {{0, Quantity(-1), Quantity(0)}}});
  Dies(UnitsCancelled{.order_id = "o", .held = {{1, 0, Quantity(3)}}});
  Dies(UnitsCancelled{.order_id = "o", .tasks = {{1, 0, Quantity(1)}}});
  ConfirmIt();
  Dies(UnitsCancelled{.order_id = "o", .held = {{1, 0, Quantity(1)}}});
  Dies(UnitsCancelled{.order_id = "o", .tasks = {{1, 0, Quantity(3)}}});
}

TEST_F(ApplyDeathTest, ReturnsAndExceptions) {
  Dies(ReturnRequested{.order_id = "o", .return_id = "o.r2"});
  Dies(ReturnRequested{.order_id = "o", .return_id = "o.r1", .lines = {{0, Quantity(1)}}});
  Dies(ReturnReceived{.order_id = "o", .return_id = "o.r1"});
  Dies(ReturnReceived{
      .order_id = "o", .return_id = "o.r1", .location_id = "w", .lines = {{0, "s1", Quantity(1)}}});
  Dies(ReturnRestocked{.order_id = "o", .return_id = "o.r1"});
  Dies(ReturnRestocked{.return_id = "u-1"});
  Dies(SaleRecorded{.order_id = "o"});
  Dies(ExceptionRaised{.order_id = "none"});
  Dies(ExceptionResolved{.exception = 1, .order_id = "o"});
}

// The invariants see what no event could have made.
TEST_F(ApplyDeathTest, InvariantsFindADamagedState) {
  ConfirmIt();
  ASSERT_TRUE(CheckState(state_).empty());
  const auto damaged = [this](auto damage) {
    State state = state_;
    damage(state, state.orders.at("o"));
    return !CheckState(state).empty();
  };
  EXPECT_TRUE(damaged([](State&, Order& o) { o.lines[0].ordered += Quantity(1); }));
  EXPECT_TRUE(damaged([](State&, Order& o) {
    o.lines[0].allocated += Quantity(1);
    o.lines[0].ordered += Quantity(1);
  }));
  EXPECT_TRUE(damaged([](State&, Order& o) {
    o.lines[0].held_back += Quantity(1);
    o.lines[0].ordered += Quantity(1);
  }));
  EXPECT_TRUE(damaged([](State& s, Order&) {
    s.due.insert({Instant{1}, "o", DueKind::kHoldEnd, 1});
  })) << "no such hold is due";
  EXPECT_TRUE(damaged([](State&, Order& o) {
    o.holds.push_back({.number = 1, .expires_at = Instant{1}});
  })) << "a hold that will never end";
  EXPECT_TRUE(damaged([](State&, Order& o) { o.lines[0].returned = Quantity(1); }));
  EXPECT_TRUE(damaged([](State&, Order& o) { o.tasks[0].state = TaskState::kShipped; }));
  EXPECT_TRUE(damaged([](State&, Order& o) { o.tasks.pop_back(); }));
  EXPECT_TRUE(damaged([](State&, Order& o) { o.attempts[0].release_asked = Quantity(1); }));
  EXPECT_TRUE(damaged([](State&, Order& o) { o.attempts[0].number = 2; }));
  EXPECT_TRUE(damaged([](State&, Order& o) { o.exceptions.push_back(5); }));
  EXPECT_TRUE(damaged([](State&, Order& o) {
    o.lines[0].awaiting = o.lines[0].allocated;
    o.lines[0].allocated = Quantity();
    o.tasks[0].lines[0].cancelled = o.tasks[0].lines[0].quantity;
    o.tasks[0].state = TaskState::kCancelled;
    o.attempts[0].release_asked = o.lines[0].awaiting;
  })) << "awaiting without an exception";
  EXPECT_TRUE(damaged([](State& s, Order&) { s.external_ids.clear(); }));
  EXPECT_TRUE(damaged([](State& s, Order&) { s.external_ids.try_emplace({"a", "b"}, "o"); }));
  EXPECT_TRUE(
      damaged([](State& s, Order&) { s.exceptions[9] = {.position = 9, .order_id = "o"}; }));
}

}  // namespace
}  // namespace quartermaster::orders
