// Orders that are kept back: what is bound to locations, and not given to them.
#include <gtest/gtest.h>

#include "services/orders/domain/decide_holds.h"
#include "services/orders/domain/testing/world.h"

namespace quartermaster::orders {
namespace {

// Lines a (2 units) and b (1) of one group, at w1.
PlaceOrder OrderOfTwo(const Group& group) {
  PlaceOrder c;
  c.order_id = "o";
  c.groups = {group};
  c.lines = {Line("a", 0, "s1", 2), Line("b", 0, "s2", 1)};
  return c;
}

// Placed with the holds, and confirmed.
World HeldBack(const Group& group, const std::vector<NewHold>& holds) {
  World world;
  PlaceOrder c = OrderOfTwo(group);
  c.holds = holds;
  world.Place(c);
  world.Confirm("o", 1);
  return world;
}

// With a task at w1, and on hold since.
World HeldAtWork(const Group& group) {
  World world;
  world.Place(OrderOfTwo(group));
  world.Confirm("o", 1);
  EXPECT_FALSE(world.Do(HoldOrder{.order_id = "o"}).rejection.has_value());
  return world;
}

ReleaseHold ReleaseAll() { return {.order_id = "o"}; }

TEST(Hold, KeepsBackWhatStockConfirms) {
  World world = HeldBack(Ship("g"), {{.kind = HoldKind::kFraud}});
  const Order& order = world.order("o");
  EXPECT_TRUE(order.tasks.empty());
  EXPECT_EQ(order.lines[0].held_back, Quantity(2));
  EXPECT_EQ(order.lines[0].bound(), Quantity(2));
  EXPECT_EQ(order.lines[0].allocated, Quantity());
  EXPECT_EQ(StateOf(order), OrderState::kOnHold);
  EXPECT_TRUE(PendingIntents(order).empty()) << "stock keeps them bound";

  const Decision released = world.Do(ReleaseAll());
  EXPECT_EQ(NameOf(released.events[0]), "HoldEnded");
  EXPECT_EQ(world.task("o.t1").open(), Quantity(3));
  EXPECT_EQ(order.lines[0].held_back, Quantity());
  EXPECT_EQ(order.holds[0].state, HoldState::kReleased);
  EXPECT_EQ(StateOf(order), OrderState::kOpen);
}

TEST(Hold, IsThereBeforeStockCanConfirm) {
  World world;
  PlaceOrder c = OrderOfTwo(Ship("g"));
  c.holds = {{.kind = HoldKind::kPayment, .ttl = Seconds(60)}, {.kind = HoldKind::kAddress}};
  const Decision placed = world.Place(c);
  EXPECT_NE(FindEvent<OrderHeld>(placed.events), nullptr);
  EXPECT_EQ(StateOf(world.order("o")), OrderState::kOnHold);
  ASSERT_EQ(world.order("o").holds.size(), 2u);
  EXPECT_EQ(world.order("o").holds[0].expires_at, world.now() + Seconds(60));
  EXPECT_EQ(world.order("o").holds[1].expires_at, kDistantFuture);
  EXPECT_NE(PlacingAttempt(world.order("o")), nullptr) << "it is still the one it was placed with";
}

TEST(Hold, TheLastOneToEndLetsItGo) {
  World world = HeldBack(Ship("g"), {{.kind = HoldKind::kFraud}, {.kind = HoldKind::kPayment}});
  world.Do(ReleaseHold{.order_id = "o", .hold_id = "o.h2"});
  EXPECT_TRUE(world.order("o").tasks.empty());
  EXPECT_TRUE(world.Do(ReleaseHold{.order_id = "o", .hold_id = "o.h2"}).result.duplicate);
  world.Do(ReleaseHold{.order_id = "o", .hold_id = "o.h1"});
  EXPECT_EQ(world.order("o").tasks.size(), 1u);
  EXPECT_TRUE(world.Do(ReleaseAll()).result.duplicate);
}

TEST(Hold, AReleaseNamesAHoldOfTheOrder) {
  World world = HeldBack(Ship("g"), {{.kind = HoldKind::kFraud}});
  EXPECT_TRUE(IsRejectedAs<OrderNotFound>(world.Do(ReleaseHold{.order_id = "p"})));
  for (const std::string id : {"o.h2", "p.h1", "o.h01", "o.t1"}) {
    const Decision decision = world.Do(ReleaseHold{.order_id = "o", .hold_id = id});
    ASSERT_TRUE(IsRejectedAs<HoldNotFound>(decision)) << id;
    EXPECT_EQ(RejectedAs<HoldNotFound>(decision)->hold_id, id);
  }
  EXPECT_TRUE(IsRejectedAs<EtagMismatch>(world.Do(ReleaseHold{.order_id = "o", .etag = "1"})));
  EXPECT_FALSE(
      world.Do(ReleaseHold{.order_id = "o", .etag = Etag(world.order("o"))}).rejection.has_value());
}

TEST(Hold, NeedsSomethingToKeepBack) {
  World world;
  EXPECT_TRUE(IsRejectedAs<OrderNotFound>(world.Do(HoldOrder{.order_id = "o"})));
  world.Place(OrderOfTwo(Ship("g")));
  world.Confirm("o", 1);
  EXPECT_TRUE(IsRejectedAs<EtagMismatch>(world.Do(HoldOrder{.order_id = "o", .etag = "1"})));
  world.Do(RecordShipment{.task_id = "o.t1"});
  const Decision decision = world.Do(HoldOrder{.order_id = "o"});
  ASSERT_TRUE(IsRejectedAs<IllegalTransition>(decision));
  EXPECT_EQ(RejectedAs<IllegalTransition>(decision)->state, "COMPLETED");
}

TEST(Hold, WhatIsCarriedOutWaits) {
  World world = HeldBack(CarryOut("g", "w1"), {{.kind = HoldKind::kPayment}});
  EXPECT_EQ(world.order("o").lines[0].held_back, Quantity(2));
  world.Do(ReleaseAll());
  EXPECT_EQ(StateOf(world.order("o")), OrderState::kCompleted);
  EXPECT_EQ(FindIntent<FulfilStock>(world.order("o"))->parts.size(), 2u);
}

TEST(Hold, SeveralAttemptsAreGivenOutTogether) {
  World world;
  world.Place(OrderOfTwo(Ship("g")));
  world.Confirm("o", 1);
  world.Do(RejectTask{.task_id = "o.t1"});
  world.Do(HoldOrder{.order_id = "o"});
  // Routing goes on.
  ReportRerouted some{.order_id = "o",
                      .attempt = 2,
                      .revision = FindIntent<Reroute>(world.order("o"))->revision,
                      .reservation_id = "r2",
                      .expires_at = world.now() + Seconds(60),
                      .assignments = {{0, "w2", Quantity(2)}}};
  world.Do(some);
  world.Confirm("o", 2);
  world.Do(ResolveException{.exception_id = ExceptionId(world.exceptions()[0].position)});
  some.attempt = 3;
  some.reservation_id = "r3";
  some.assignments = {{1, "w3", Quantity(1)}};
  ASSERT_TRUE(FindIntent<Reroute>(world.order("o")).has_value());
  some.revision = FindIntent<Reroute>(world.order("o"))->revision;
  world.Do(some);
  world.Confirm("o", 3);
  EXPECT_EQ(world.order("o").tasks.size(), 1u);
  world.Do(ReleaseAll());
  EXPECT_EQ(world.task("o.t2").location_id, "w2");
  EXPECT_EQ(world.task("o.t3").location_id, "w3");
}

TEST(Hold, WhatIsCancelledMeanwhileGoesBackAtOnce) {
  World world = HeldBack(Ship("g"), {{.kind = HoldKind::kManual}});
  const Decision decision = world.Do(CancelOrder{.order_id = "o", .lines = {{"a", Quantity(1)}}});
  const auto* cancelled = FindEvent<UnitsCancelled>(decision.events);
  ASSERT_NE(cancelled, nullptr);
  EXPECT_EQ(cancelled->held_back, (std::vector<HeldUnits>{{1, 0, Quantity(1)}}));
  const auto release = FindIntent<ReleaseStock>(world.order("o"));
  ASSERT_TRUE(release.has_value());
  EXPECT_FALSE(release->missing);
  EXPECT_EQ(release->parts, (std::vector<ReservationUnits>{{"0", "w1", Quantity(1)}}));
  world.Do(ReleaseAll());
  EXPECT_EQ(world.task("o.t1").open(), Quantity(2)) << "what is left of it";

  World all = HeldBack(Ship("g"), {{.kind = HoldKind::kManual}});
  all.Do(CancelOrder{.order_id = "o"});
  EXPECT_EQ(StateOf(all.order("o")), OrderState::kCancelled);
  EXPECT_EQ(all.Do(ReleaseAll()).events.size(), 1u) << "the hold ends, and nothing else happens";
}

TEST(Hold, WhatWasCancelledBeforeTheConfirmStaysDropped) {
  World world;
  PlaceOrder c = OrderOfTwo(Ship("g"));
  c.holds = {{.kind = HoldKind::kPayment}};
  world.Place(c);
  world.Do(CancelOrder{.order_id = "o", .lines = {{"a", Quantity(2)}}});
  world.Confirm("o", 1);
  EXPECT_EQ(world.order("o").lines[0].held_back, Quantity());
  EXPECT_EQ(world.order("o").lines[1].held_back, Quantity(1));
  world.Do(ReleaseAll());
  EXPECT_EQ(world.task("o.t1").lines.size(), 1u);
}

TEST(HoldAtWork, RefusesToGoOn) {
  World world = HeldAtWork(Pickup("g", "w1"));
  const Decision accept = world.Do(AcceptTask{.task_id = "o.t1"});
  ASSERT_TRUE(IsRejectedAs<OrderOnHold>(accept));
  EXPECT_EQ(RejectedAs<OrderOnHold>(accept)->order_id, "o");
  EXPECT_TRUE(IsRejectedAs<IllegalTransition>(world.Do(PackTask{.task_id = "o.t1"})))
      << "what is illegal anyway is illegal";
  EXPECT_FALSE(world.Do(RecordPick{.task_id = "o.t1"}).rejection.has_value()) << "a fact";
  EXPECT_TRUE(IsRejectedAs<OrderOnHold>(world.Do(PackTask{.task_id = "o.t1"})));
  const MarkReadyForPickup ready{.task_id = "o.t1", .code_hmac = "right"};
  EXPECT_TRUE(IsRejectedAs<OrderOnHold>(world.Do(ready)));
  world.Do(ReleaseAll());
  world.Do(ready);
  world.Do(HoldOrder{.order_id = "o"});
  const Decision guess = world.Do(HandOver{.task_id = "o.t1", .code_hmac = "wrong"});
  EXPECT_TRUE(IsRejectedAs<OrderOnHold>(guess)) << "before the code is looked at";
  EXPECT_TRUE(guess.events.empty());
  world.Do(ReleaseAll());
  EXPECT_FALSE(world.Do(HandOver{.task_id = "o.t1", .code_hmac = "right"}).rejection.has_value());
}

TEST(HoldAtWork, TakesBackWhatComesBack) {
  World world = HeldAtWork(Ship("g"));
  world.Do(RecordPick{.task_id = "o.t1"});
  world.Do(CancelOrder{.order_id = "o", .lines = {{"a", Quantity(1)}}});
  EXPECT_FALSE(world.Do(PutBack{.task_id = "o.t1"}).rejection.has_value());
  EXPECT_FALSE(world.Do(RejectTask{.task_id = "o.t1"}).rejection.has_value());
  EXPECT_TRUE(FindIntent<Reroute>(world.order("o")).has_value()) << "routing goes on";
}

TEST(HoldAtWork, AShipmentIsAFactForAPerson) {
  World world = HeldAtWork(Ship("g"));
  EXPECT_FALSE(world.Do(RecordShipment{.task_id = "o.t1"}).rejection.has_value());
  EXPECT_EQ(StateOf(world.order("o")), OrderState::kCompleted);
  ASSERT_EQ(world.exceptions().size(), 1u);
  EXPECT_EQ(world.exceptions()[0].kind, ExceptionKind::kShippedOnHold);
  EXPECT_EQ(world.exceptions()[0].task_id, "o.t1");
  EXPECT_EQ(world.exceptions()[0].suggested_action, "RECALL_OR_RELEASE");
  EXPECT_TRUE(world.Do(RecordShipment{.task_id = "o.t1"}).result.duplicate);
}

TEST(HoldAtWork, SeveralParcelsOfATaskAreOneException) {
  World world = HeldAtWork(Ship("g"));
  world.Do(RecordShipment{.task_id = "o.t1", .parcel_key = "box-1", .lines = {{"a", Quantity(1)}}});
  world.Do(RecordShipment{.task_id = "o.t1", .parcel_key = "box-2"});
  EXPECT_EQ(world.order("o").parcels.size(), 2u);
  ASSERT_EQ(world.exceptions().size(), 1u);
  EXPECT_EQ(world.exceptions()[0].kind, ExceptionKind::kShippedOnHold);
}

TEST(HoldAtWork, KeepsWhatNobodyMayFetch) {
  World world;
  world.Place(OrderOfTwo(Pickup("g", "w1")));
  world.Confirm("o", 1);
  world.Do(RecordPick{.task_id = "o.t1"});
  world.Do(MarkReadyForPickup{.task_id = "o.t1",
                              .code_hmac = "right",
                              .closes = std::vector<Instant>(8, world.now() + Hours(24))});
  world.Do(HoldOrder{.order_id = "o"});
  const Instant end = world.task("o.t1").times.expires_at;
  ASSERT_NE(end, kDistantFuture);
  world.Advance(end - world.now() + Hours(100));
  for (const Event& event : world.DoDue()) {
    EXPECT_FALSE(std::holds_alternative<PickupReminded>(event)) << "nobody may fetch it";
  }
  EXPECT_EQ(world.task("o.t1").state, TaskState::kReadyForPickup);
  EXPECT_EQ(world.task("o.t1").times.extensions, 0) << "it is no extension of the customer's";
  EXPECT_TRUE(
      IsRejectedAs<OrderOnHold>(world.Do(HandOver{.task_id = "o.t1", .code_hmac = "right"})));
  world.Do(ReleaseHold{.order_id = "o"});
  world.Advance(Hours(24));
  world.DoDue();
  EXPECT_EQ(world.task("o.t1").state, TaskState::kExpiring);

  // Held when it is too late already: it is not given up meanwhile.
  world.Do(HoldOrder{.order_id = "o"});
  world.Advance(Hours(200));
  world.DoDue();
  EXPECT_EQ(world.task("o.t1").state, TaskState::kExpiring);
  EXPECT_EQ(world.task("o.t1").times.give_up_at, world.now() + Hours(24));
  EXPECT_FALSE(world.Do(PutBack{.task_id = "o.t1"}).rejection.has_value());
}

TEST(HoldAtWork, IsRefusedBehindAHundred) {
  World world;
  world.Place(OrderOfTwo(Pickup("g", "w1")));
  for (size_t i = 0; i < kHoldsMax; ++i) {
    world.Do(HoldOrder{.order_id = "o"});
    world.Do(ReleaseHold{.order_id = "o"});
  }
  EXPECT_TRUE(IsRejectedAs<IllegalTransition>(world.Do(HoldOrder{.order_id = "o"})));
}

TEST(HoldExpiry, LetsTheOrderGo) {
  World world = HeldBack(Ship("g"), {{.ttl = Seconds(60)}});
  world.Advance(Seconds(60) - Micros{1});
  EXPECT_TRUE(world.DoDue().empty());
  world.Advance(Micros{1});
  const std::vector<Event> events = world.DoDue();
  ASSERT_EQ(events.size(), 2u);
  EXPECT_TRUE(std::get<HoldEnded>(events[0]).expired);
  EXPECT_EQ(world.order("o").holds[0].state, HoldState::kExpired);
  EXPECT_EQ(world.task("o.t1").open(), Quantity(3));
  EXPECT_TRUE(world.state().due.empty());
}

TEST(HoldExpiry, LeavesItToTheOtherHolds) {
  World world = HeldBack(Ship("g"), {{.ttl = Seconds(60)}, {.kind = HoldKind::kFraud}});
  world.Advance(Seconds(60));
  EXPECT_EQ(world.DoDue().size(), 1u);
  EXPECT_TRUE(world.order("o").tasks.empty());
  world.Do(ReleaseAll());
  EXPECT_EQ(world.order("o").tasks.size(), 1u);
}

TEST(HoldExpiry, OfWhatEndedBeforeNeverComes) {
  World world = HeldBack(Ship("g"), {{.ttl = Seconds(60), .cancel_on_expiry = true}});
  world.Do(ReleaseAll());
  world.Advance(Seconds(60));
  EXPECT_TRUE(world.DoDue().empty());
  EXPECT_EQ(StateOf(world.order("o")), OrderState::kOpen);
}

TEST(HoldExpiry, MayCancelTheOrder) {
  World world = HeldBack(
      Ship("g"), {{.ttl = Seconds(60), .cancel_on_expiry = true}, {.kind = HoldKind::kFraud}});
  world.Advance(Seconds(60));
  world.DoDue();
  EXPECT_EQ(StateOf(world.order("o")), OrderState::kCancelled);
  EXPECT_TRUE(FindIntent<ReleaseStock>(world.order("o")).has_value());

  // What has been picked is to be put back.
  World at_work;
  at_work.Place(OrderOfTwo(Ship("g")));
  at_work.Confirm("o", 1);
  at_work.Do(RecordPick{.task_id = "o.t1"});
  at_work.Do(HoldOrder{.order_id = "o", .hold = {.ttl = Seconds(60), .cancel_on_expiry = true}});
  at_work.Advance(Seconds(60));
  const std::vector<Event> events = at_work.DoDue();
  EXPECT_NE(FindEvent<CancelRequested>(events), nullptr);
  EXPECT_EQ(at_work.task("o.t1").lines[0].cancel_requested, Quantity(2));
}

TEST(HoldExpiry, OfAnOrderThatIsDoneOnlyEnds) {
  World world;
  world.Place(OrderOfTwo(Ship("g")));
  world.Confirm("o", 1);
  world.Do(HoldOrder{.order_id = "o", .hold = {.ttl = Seconds(60), .cancel_on_expiry = true}});
  world.Do(RecordShipment{.task_id = "o.t1"});
  world.Advance(Seconds(60));
  EXPECT_EQ(world.DoDue().size(), 1u);
  EXPECT_EQ(StateOf(world.order("o")), OrderState::kCompleted);
}

}  // namespace
}  // namespace quartermaster::orders
