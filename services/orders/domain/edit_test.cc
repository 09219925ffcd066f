// Edits (DOMAIN, rule 8): wholly applied, or not at all.
#include <gtest/gtest.h>

#include "services/orders/domain/testing/world.h"

namespace quartermaster::orders {
namespace {

// Lines a (2 units of s1) and b (1 of s2) of a group that ships from w1, with a task.
World UnderWay() {
  World world;
  PlaceOrder c;
  c.order_id = "o";
  c.groups = {Ship("g")};
  c.lines = {Line("a", 0, "s1", 2), Line("b", 0, "s2", 1)};
  world.Place(c);
  world.Confirm("o", 1);
  return world;
}

// One unit of s3 more, held at w2.
EditOrder AddOne(const World& world) {
  EditOrder c{.order_id = "o"};
  c.added = {{.group_id = "g", .line = Line("c", 0, "s3", 1)}};
  c.reservation_id = "r-edit";
  c.expires_at = world.now() + Seconds(120);
  c.attempt = static_cast<int>(world.order("o").attempts.size()) + 1;
  c.revision = world.order("o").route_revision;
  c.assignments = {{0, "w2", Quantity(1)}};
  return c;
}

// Two units of s3, of which there are none yet.
EditOrder Waiting(const World& world) {
  EditOrder c = AddOne(world);
  c.added[0].line.quantity = Quantity(2);
  c.added[0].line.backorder = true;
  c.assignments.clear();
  return c;
}

TEST(Edit, AddsLinesThatGoTheirWay) {
  World world = UnderWay();
  EXPECT_FALSE(world.Do(AddOne(world)).rejection.has_value());
  const Order& order = world.order("o");
  ASSERT_EQ(order.lines.size(), 3u);
  EXPECT_EQ(order.lines[2].confirming, Quantity(1));
  ASSERT_EQ(order.attempts.size(), 2u);
  EXPECT_EQ(order.attempts[1].reservation_id, "r-edit");
  world.Confirm("o", 2);
  EXPECT_EQ(world.task("o.t2").location_id, "w2");
  EXPECT_EQ(world.task("o.t1").open(), Quantity(3)) << "what was there goes on";
}

TEST(Edit, TakesOutAndAddsAtOnce) {
  World world = UnderWay();
  EditOrder c = AddOne(world);
  c.less = {{"a", Quantity(1)}};
  c.destinations = {{.group_id = "g", .destination = {.country_code = "PL"}}};
  world.Do(c);
  const Order& order = world.order("o");
  EXPECT_EQ(order.lines[0].cancelled, Quantity(1));
  EXPECT_EQ(order.lines[2].ordered, Quantity(1));
  EXPECT_EQ(order.groups[0].destination.country_code, "PL");
}

TEST(Edit, ChangesNothingIfAnyOfItMayNotBe) {
  World world = UnderWay();
  world.Do(RecordPick{.task_id = "o.t1"});
  const Order before = world.order("o");
  EditOrder c = AddOne(world);
  c.less = {{"a", Quantity(1)}};
  EXPECT_EQ(RejectedAs<QuantityExceedsOpen>(world.Do(c))->open, Quantity());
  c = AddOne(world);
  c.destinations = {{.group_id = "g", .destination = {.country_code = "PL"}}};
  EXPECT_EQ(RejectedAs<IllegalTransition>(world.Do(c))->state, "PICKED");
  c = AddOne(world);
  c.added[0].group_id = "h";
  EXPECT_EQ(RejectedAs<GroupNotFound>(world.Do(c))->group_id, "h");
  c = AddOne(world);
  c.less = {{"z", Quantity(1)}};
  EXPECT_TRUE(IsRejectedAs<LineNotFound>(world.Do(c)));
  c = AddOne(world);
  c.etag = "1";
  EXPECT_TRUE(IsRejectedAs<EtagMismatch>(world.Do(c)));
  c = AddOne(world);
  c.expires_at = world.now() + Seconds(1);
  EXPECT_TRUE(IsRejectedAs<HoldTooShort>(world.Do(c)));
  EXPECT_EQ(world.order("o"), before);
}

TEST(Edit, IsPlannedForTheOrderAsItIs) {
  World world = UnderWay();
  const EditOrder planned = AddOne(world);
  EditOrder c = planned;
  c.assignments[0].quantity = Quantity(2);
  EXPECT_TRUE(IsRejectedAs<IntentStale>(world.Do(c))) << "more than is added";
  c.assignments.clear();
  EXPECT_TRUE(IsRejectedAs<IntentStale>(world.Do(c))) << "nothing of it, and it may not wait";
  c = planned;
  c.added[0].line.amounts = LineAmounts{.subtotal = 1};
  EXPECT_TRUE(IsRejectedAs<IntentStale>(world.Do(c))) << "the order has no amounts";
  world.Do(RejectTask{.task_id = "o.t1"});
  world.Do(ReportRerouted{.order_id = "o",
                          .attempt = 2,
                          .revision = FindIntent<Reroute>(world.order("o"))->revision,
                          .reservation_id = "r2",
                          .expires_at = world.now() + Seconds(120),
                          .assignments = {{0, "w3", Quantity(2)}, {1, "w3", Quantity(1)}}});
  EXPECT_TRUE(IsRejectedAs<IntentStale>(world.Do(planned))) << "it would be attempt 2";
  EXPECT_FALSE(world.Do(AddOne(world)).rejection.has_value());
}

TEST(Edit, TheSameLineTwiceIsNone) {
  World world = UnderWay();
  EditOrder c = AddOne(world);
  c.added.push_back(c.added[0]);
  c.assignments.push_back({1, "w2", Quantity(1)});
  EXPECT_TRUE(IsRejectedAs<EtagMismatch>(world.Do(c)));
  c = AddOne(world);
  c.added[0].line.line_id = "a";
  EXPECT_TRUE(IsRejectedAs<EtagMismatch>(world.Do(c)));
}

TEST(Edit, WhatIsToBePaidFirstKeepsTheOrderBack) {
  World world;
  PlaceOrder place;
  place.order_id = "o";
  place.groups = {Ship("g")};
  place.groups[0].payment_term = PaymentTerm::kAsynchronous;
  place.lines = {Line("a", 0, "s1", 1)};
  place.lines[0].amounts = LineAmounts{.subtotal = 100};
  place.amounts = Amounts{.currency_code = "EUR", .total = 100};
  world.Place(place);
  world.Confirm("o", 1);
  const auto pay = [&world](const std::string& event_ref, int64_t amount) {
    world.Do(RecordPayment{.order_id = "o",
                           .kind = PaymentFactKind::kAuthorised,
                           .payment_ref = "card",
                           .event_ref = event_ref,
                           .amount = amount,
                           .currency_code = "EUR"});
  };
  pay("e1", 100);
  EXPECT_FALSE(OnHold(world.order("o")));
  EditOrder c = AddOne(world);
  c.added[0].line.amounts = LineAmounts{.subtotal = 100'000};
  world.Do(c);
  world.Confirm("o", 2);
  EXPECT_TRUE(OnHold(world.order("o")));
  EXPECT_EQ(world.order("o").lines[1].held_back, Quantity(1));
  EXPECT_EQ(world.order("o").holds.back().expires_at, kDistantFuture) << "what was paid stays";
  pay("e2", 100'000);
  EXPECT_FALSE(OnHold(world.order("o")));
  EXPECT_EQ(world.order("o").lines[1].allocated, Quantity(1));
}

TEST(Edit, GivesRoutingItsAttemptsBack) {
  World world = UnderWay();
  world.Do(AddOne(world));
  EXPECT_EQ(world.order("o").unattended_attempts, 1);
}

TEST(Edit, OfWhatIsOverIsIllegal) {
  World world = UnderWay();
  world.Do(CancelOrder{.order_id = "o"});
  EXPECT_EQ(RejectedAs<IllegalTransition>(world.Do(AddOne(world)))->state, "CANCELLED");
}

TEST(Edit, WhatIsAddedMayWaitForStock) {
  World world = UnderWay();
  world.Do(Waiting(world));
  EXPECT_EQ(world.order("o").lines[2].backordered, Quantity(2));
}

// w1 gave back what it was to send, and nobody else has it.
World Unserved() {
  World world = UnderWay();
  world.Do(RejectTask{.task_id = "o.t1"});
  world.Do(ReportRerouted{
      .order_id = "o", .attempt = 2, .revision = FindIntent<Reroute>(world.order("o"))->revision});
  return world;
}

TEST(Edit, WhatIsAddedToAnOrderThatWasGivenBackIsForAPerson) {
  World world = UnderWay();
  world.Do(RejectTask{.task_id = "o.t1"});
  world.Do(Waiting(world));
  EXPECT_EQ(world.order("o").lines[2].awaiting, Quantity(2));
  ASSERT_EQ(world.exceptions().size(), 1u);
  EXPECT_EQ(world.exceptions()[0].kind, ExceptionKind::kAwaitingStock);
}

TEST(Edit, TakingOutWhatAwaitsStockEndsItsException) {
  World world = Unserved();
  ASSERT_EQ(world.exceptions().size(), 1u);
  EditOrder c = AddOne(world);
  c.less = {{"a", Quantity(2)}};
  world.Do(c);
  EXPECT_EQ(world.exceptions().size(), 1u) << "the other line still waits";
  c = EditOrder{.order_id = "o", .less = {{"b", Quantity(1)}}};
  world.Do(c);
  EXPECT_TRUE(world.exceptions().empty());
}

TEST(Edit, OfWhatIsHeldAndNotConfirmedYet) {
  World world;
  world.Place({.order_id = "o", .groups = {Ship("g")}, .lines = {Line("a", 0, "s1", 2)}});
  EditOrder c = AddOne(world);
  c.less = {{"a", Quantity(1)}};
  world.Do(c);
  EXPECT_EQ(world.order("o").lines[0].confirming, Quantity(1));
  world.Confirm("o", 2);
  world.Confirm("o", 1);
  EXPECT_EQ(world.order("o").lines[0].allocated, Quantity(1));
  EXPECT_EQ(world.order("o").lines[1].allocated, Quantity(1));
  const auto release = FindIntent<ReleaseStock>(world.order("o"));
  ASSERT_TRUE(release.has_value());
  EXPECT_EQ(release->parts[0].quantity, Quantity(1));
}

TEST(Edit, APlanThatIsUnderWayIsOfAnotherOrder) {
  World world = UnderWay();
  world.Do(RejectTask{.task_id = "o.t1"});
  const auto reroute = FindIntent<Reroute>(world.order("o"));
  EditOrder c{.order_id = "o"};
  c.destinations = {{.group_id = "g", .destination = {.country_code = "PL"}}};
  world.Do(c);
  EXPECT_TRUE(IsRejectedAs<IntentStale>(world.Do(ReportRerouted{
      .order_id = "o", .attempt = reroute->attempt, .revision = reroute->revision})));
}

TEST(Edit, WhatIsAddedHasAmountsOfItsOwn) {
  World world;
  PlaceOrder place;
  place.order_id = "o";
  place.groups = {Ship("g")};
  place.lines = {Line("a", 0, "s1", 2)};
  place.lines[0].amounts = LineAmounts{.subtotal = 1'001};
  place.amounts = Amounts{.currency_code = "EUR", .total = 1'001};
  world.Place(place);
  world.Confirm("o", 1);
  EditOrder c = AddOne(world);
  c.added[0].line.amounts = LineAmounts{.subtotal = 500, .tax = 95};
  world.Do(c);
  const Order& order = world.order("o");
  EXPECT_EQ(order.amounts->total, 1'596);
  EXPECT_EQ(SumsOf(order, order.lines[0]).total, 1'001);
  EXPECT_EQ(SumsOf(order, order.lines[2 - 1]).total, 595);
}

TEST(Edit, OfAnOrderThatIsKeptBackIsKeptBack) {
  World world = UnderWay();
  world.Do(HoldOrder{.order_id = "o"});
  world.Do(AddOne(world));
  world.Confirm("o", 2);
  EXPECT_EQ(world.order("o").lines[2].held_back, Quantity(1));
  world.Do(ReleaseHold{.order_id = "o"});
  EXPECT_EQ(world.task("o.t2").open(), Quantity(1));
}

}  // namespace
}  // namespace quartermaster::orders
