// What waits for stock to come, and what a person has routed again.
#include <gtest/gtest.h>

#include <algorithm>

#include "services/orders/domain/testing/world.h"

namespace quartermaster::orders {
namespace {

PlacedLine Backorder(const std::string& line_id, uint32_t group, const std::string& sku,
                     int64_t units) {
  PlacedLine line = Line(line_id, group, sku, units);
  line.backorder = true;
  return line;
}

// Two of five are there.
World PartlyServed() {
  World world;
  world.Place({.order_id = "o",
               .groups = {Ship("g")},
               .lines = {Backorder("a", 0, "s", 5)},
               .assignments = {{0, "w1", Quantity(2)}}});
  return world;
}

ReportBackorderFilled Filled(const Order& order, int64_t units) {
  const std::optional<Reroute> wanted = BackorderOf(order);
  EXPECT_TRUE(wanted.has_value());
  if (!wanted) return {};
  return {.order_id = order.order_id,
          .attempt = wanted->attempt,
          .revision = wanted->revision,
          .reservation_id = "r2",
          .expires_at = Instant{1'890'000'000'000'000},
          .assignments = {{0, "w2", Quantity(units)}}};
}

TEST(BackorderTest, WhatIsNotThereWaitsWithoutTroublingAnybody) {
  World world = PartlyServed();
  world.Confirm("o", 1);
  const OrderLine& line = world.order("o").lines[0];
  EXPECT_EQ(line.allocated, Quantity(2));
  EXPECT_EQ(line.backordered, Quantity(3));
  EXPECT_EQ(line.unallocated(), Quantity(3));
  EXPECT_EQ(StateOf(world.order("o")), OrderState::kBackordered);
  EXPECT_TRUE(world.exceptions().empty());
  // It is nothing to be done now.
  EXPECT_TRUE(PendingIntents(world.order("o")).empty());
}

TEST(BackorderTest, AnOrderOfWhichNothingIsThereIsAnOrder) {
  World world;
  PlaceOrder place{.order_id = "o", .groups = {Ship("g")}, .lines = {Backorder("a", 0, "s", 2)}};
  place.channel_id = "web";
  EXPECT_FALSE(world.Do(place).rejection.has_value());
  EXPECT_EQ(StateOf(world.order("o")), OrderState::kBackordered);
  EXPECT_TRUE(world.order("o").attempts.empty());
  // It is no order that has just been placed when its first units are held.
  world.Do(Filled(world.order("o"), 1));
  EXPECT_EQ(StateOf(world.order("o")), OrderState::kBackordered);
  world.Confirm("o", 1);
  EXPECT_EQ(world.order("o").lines[0].allocated, Quantity(1));
}

TEST(BackorderTest, StockThatComesServesIt) {
  World world = PartlyServed();
  // Not while something else of it is being routed.
  EXPECT_FALSE(BackorderOf(world.order("o")).has_value());
  world.Confirm("o", 1);
  const ReportBackorderFilled filled = Filled(world.order("o"), 2);
  EXPECT_FALSE(world.Do(filled).rejection.has_value());
  EXPECT_EQ(world.order("o").lines[0].backordered, Quantity(1));
  EXPECT_EQ(world.order("o").lines[0].confirming, Quantity(2));
  // The same answer once more is one to another question.
  EXPECT_TRUE(std::holds_alternative<IntentStale>(*world.Do(filled).rejection));
  world.Confirm("o", 2);
  EXPECT_EQ(world.task("o.t2").location_id, "w2");
  EXPECT_EQ(world.order("o").lines[0].allocated, Quantity(4));
}

TEST(BackorderTest, MoreThanWaitsIsNotTaken) {
  World world = PartlyServed();
  world.Confirm("o", 1);
  EXPECT_TRUE(
      std::holds_alternative<IntentStale>(*world.Do(Filled(world.order("o"), 4)).rejection));
  ReportBackorderFilled late = Filled(world.order("o"), 1);
  late.expires_at = world.now() + Seconds(5);
  EXPECT_TRUE(std::holds_alternative<HoldTooShort>(*world.Do(late).rejection));
}

TEST(BackorderTest, WhatStockCouldNotGiveInTheEndWaitsAgain) {
  World world = PartlyServed();
  world.Do(ReportConfirmFailed{"o", 1, "INSUFFICIENT_STOCK"});
  EXPECT_EQ(world.order("o").lines[0].backordered, Quantity(5));
  EXPECT_TRUE(world.exceptions().empty());
}

TEST(BackorderTest, IsCancelledBeforeWhatHasStock) {
  World world = PartlyServed();
  world.Confirm("o", 1);
  world.Do(CancelOrder{.order_id = "o", .lines = {{"a", Quantity(4)}}});
  const OrderLine& line = world.order("o").lines[0];
  EXPECT_EQ(line.backordered, Quantity());
  EXPECT_EQ(line.cancelled, Quantity(4));
  EXPECT_EQ(line.allocated, Quantity(1));
}

ReportRerouted NothingFound(const World& world, const std::string& reason = "") {
  const Order& order = world.order("o");
  return {.order_id = "o",
          .attempt = static_cast<int>(order.attempts.size()) + 1,
          .revision = order.route_revision,
          .reason = reason};
}

TEST(BackorderTest, WhatALocationGaveBackIsForAPersonToDecide) {
  World world = PartlyServed();
  world.Confirm("o", 1);
  world.Do(RecordPick{.task_id = "o.t1", .lines = {{"a", Quantity(1)}}});
  EXPECT_EQ(world.order("o").lines[0].to_route, Quantity(1));
  world.Do(NothingFound(world));
  EXPECT_EQ(world.order("o").lines[0].awaiting, Quantity(1));
  ASSERT_EQ(world.exceptions().size(), 1u);
  // Who says so lets the location be asked again: with the others, the unit waits for stock.
  world.Do(ResolveException{.exception_id = ExceptionId(world.exceptions()[0].position)});
  EXPECT_TRUE(world.order("o").excluded_locations.empty());
  world.Do(NothingFound(world));
  EXPECT_EQ(world.order("o").lines[0].backordered, Quantity(4));
  EXPECT_TRUE(world.exceptions().empty());
}

TEST(BackorderTest, APeersRefusalIsForAPersonToDecide) {
  World world = PartlyServed();
  world.Confirm("o", 1);
  world.Do(RerouteOrder{.order_id = "o"});
  world.Do(NothingFound(world, "CUSTOMER_CAP_EXCEEDED"));
  EXPECT_EQ(world.order("o").lines[0].awaiting, Quantity(3));
  ASSERT_EQ(world.exceptions().size(), 1u);
  EXPECT_EQ(world.exceptions()[0].detail, "CUSTOMER_CAP_EXCEEDED");
}

TEST(BackorderTest, AskedAgainIsAlsoWhoGaveSomethingBack) {
  World world = PartlyServed();
  world.Confirm("o", 1);
  world.Do(RejectTask{.task_id = "o.t1"});
  ReportRerouted rerouted = NothingFound(world);
  rerouted.reservation_id = "r2";
  rerouted.expires_at = world.now() + Seconds(120);
  rerouted.assignments = {{0, "w2", Quantity(2)}};
  world.Do(rerouted);
  world.Confirm("o", 2);
  EXPECT_EQ(world.order("o").excluded_locations, std::vector<std::string>{"w1"});
  EXPECT_TRUE(BackorderOf(world.order("o"))->excluded_locations.empty());
}

TEST(RerouteTest, TakesUpWhatHasNoStockAndEndsItsExceptions) {
  World world;
  world.Place({.order_id = "o",
               .groups = {Ship("g")},
               .lines = {Line("a", 0, "s", 2), Backorder("b", 0, "t", 2)},
               .assignments = {{0, "w1", Quantity(2)}}});
  world.Do(ReportConfirmFailed{"o", 1, "INSUFFICIENT_STOCK"});
  EXPECT_EQ(world.exceptions().size(), 1u);
  EXPECT_FALSE(world.Do(RerouteOrder{.order_id = "o"}).rejection.has_value());
  EXPECT_TRUE(world.exceptions().empty());
  EXPECT_EQ(world.order("o").lines[0].to_route, Quantity(2));
  EXPECT_EQ(world.order("o").lines[1].to_route, Quantity(2));
  EXPECT_EQ(PendingIntents(world.order("o")).size(), 1u);
}

TEST(RerouteTest, TakesATaskAwayFromItsLocation) {
  World world;
  world.Place({.order_id = "o",
               .groups = {Ship("g")},
               .lines = {Line("a", 0, "s", 2)},
               .assignments = {{0, "w1", Quantity(2)}}});
  world.Confirm("o", 1);
  world.Do(RerouteOrder{.order_id = "o", .task_ids = {"o.t1"}});
  EXPECT_EQ(world.task("o.t1").state, TaskState::kRejected);
  EXPECT_EQ(world.order("o").lines[0].to_route, Quantity(2));
  EXPECT_EQ(world.order("o").excluded_locations, std::vector<std::string>{"w1"});
}

TEST(RerouteTest, NeitherWhatIsPickedNorAPickup) {
  World world;
  world.Place({.order_id = "o",
               .groups = {Ship("g"), Pickup("p", "w1")},
               .lines = {Line("a", 0, "s", 2), Line("b", 1, "s", 1)},
               .assignments = {{0, "w1", Quantity(2)}, {1, "w1", Quantity(1)}}});
  world.Confirm("o", 1);
  const auto refusal = [&](const std::string& task_id) {
    return *world.Do(RerouteOrder{.order_id = "o", .task_ids = {task_id}}).rejection;
  };
  EXPECT_EQ(std::get<IllegalTransition>(refusal("o.t2")).state, "CREATED");
  world.Do(RecordPick{.task_id = "o.t1"});
  EXPECT_EQ(std::get<IllegalTransition>(refusal("o.t1")).state, "PICKED");
  EXPECT_TRUE(std::holds_alternative<TaskNotFound>(refusal("o2.t1")));
  // There is nothing else to route.
  EXPECT_EQ(std::get<IllegalTransition>(*world.Do(RerouteOrder{.order_id = "o"}).rejection).state,
            "OPEN");
}

TEST(RerouteTest, GoesByWhatTheCallerHasSeen) {
  World world = PartlyServed();
  world.Confirm("o", 1);
  world.Do(RecordShipment{.task_id = "o.t1"});
  const std::string etag = Etag(world.order("o"));
  const Instant changed_at = world.order("o").changed_at;
  // What is between us and stock does not make it another order.
  ASSERT_FALSE(world.order("o").stock_ops.empty());
  world.Advance(Seconds(1));
  world.SettleStock("o");
  EXPECT_EQ(Etag(world.order("o")), etag);
  EXPECT_EQ(world.order("o").changed_at, changed_at);
  EXPECT_TRUE(std::holds_alternative<EtagMismatch>(
      *world.Do(RerouteOrder{.order_id = "o", .etag = "1"}).rejection));
  EXPECT_FALSE(world.Do(RerouteOrder{.order_id = "o", .etag = etag}).rejection.has_value());
  EXPECT_NE(Etag(world.order("o")), etag);
}

TEST(BreakdownTest, SaysHowFarTheUnitsOfALineAre) {
  World world;
  world.Place(
      {.order_id = "o",
       .groups = {Ship("g"), Pickup("p", "w1")},
       .lines = {Line("a", 0, "s", 4), Line("b", 1, "s", 3)},
       .assignments = {{0, "w1", Quantity(3)}, {0, "w2", Quantity(1)}, {1, "w1", Quantity(3)}}});
  world.Confirm("o", 1);
  world.Do(RecordPick{.task_id = "o.t1"});
  EXPECT_EQ(BreakdownOf(world.order("o"))[0].picked, Quantity(3));
  EXPECT_EQ(BreakdownOf(world.order("o"))[0].packed, Quantity());
  world.Do(PackTask{.task_id = "o.t1"});
  EXPECT_EQ(BreakdownOf(world.order("o"))[0].packed, Quantity(3));
  world.Do(RecordShipment{.task_id = "o.t1"});
  EXPECT_EQ(BreakdownOf(world.order("o"))[0].picked, Quantity());
  EXPECT_EQ(BreakdownOf(world.order("o"))[0].shipped, Quantity(3));
  world.Do(RecordPick{.task_id = "o.t3"});
  world.Do(MarkReadyForPickup{.task_id = "o.t3", .code_hmac = "c"});
  EXPECT_EQ(BreakdownOf(world.order("o"))[1].packed, Quantity(3));
  world.Do(
      HandOver{.task_id = "o.t3", .code_hmac = "c", .lines = {{"b", Quantity(1), Quantity(1)}}});
  EXPECT_EQ(BreakdownOf(world.order("o"))[1].refused, Quantity(1));
  EXPECT_EQ(BreakdownOf(world.order("o"))[1].packed, Quantity(1));
  EXPECT_EQ(world.order("o").lines[1].fulfilled, Quantity(1));
  EXPECT_EQ(BreakdownOf(world.order("o"))[1].shipped, Quantity());
}

}  // namespace
}  // namespace quartermaster::orders
