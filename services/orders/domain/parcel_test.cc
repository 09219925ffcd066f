// Parcels: several of one task, what is told twice or otherwise, and what carriers say of them.
#include "services/orders/domain/parcel.h"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "services/orders/domain/apply.h"
#include "services/orders/domain/testing/enum_values.h"
#include "services/orders/domain/testing/world.h"
#include "services/orders/domain/transitions.h"

namespace quartermaster::orders {
namespace {

// The task o.t1 of lines a (5 units) and b (2), as it was created.
World Placed() {
  World world;
  world.Place({.order_id = "o",
               .groups = {Ship("g")},
               .lines = {Line("a", 0, "s1", 5), Line("b", 0, "s2", 2)}});
  world.Confirm("o", 1);
  return world;
}

RecordShipment Parcel1(std::vector<LineQuantity> lines = {{"a", Quantity(3)}}) {
  return {.task_id = "o.t1",
          .carrier = "dhl",
          .tracking_number = "1",
          .parcel_key = "box-1",
          .lines = std::move(lines)};
}

RecordDelivery Told(ParcelState state) { return {.parcel_id = "o.p1", .state = state}; }

TEST(Parcel, ATaskLeavesInAsManyAsItNeeds) {
  World world = Placed();
  const Decision first = world.Do(Parcel1());
  EXPECT_EQ(first.result.parcel_id, "o.p1");
  EXPECT_EQ(world.task("o.t1").state, TaskState::kAccepted) << "the rest of it goes on";
  EXPECT_EQ(world.order("o").lines[0].fulfilled, Quantity(3));
  EXPECT_EQ(world.order("o").lines[0].allocated, Quantity(2));
  const auto fulfil = FindIntent<FulfilStock>(world.order("o"));
  ASSERT_TRUE(fulfil.has_value());
  EXPECT_EQ(fulfil->parts, (std::vector<ReservationUnits>{{"0", "w1", Quantity(3)}}))
      << "stock is told of what left, not of what stays";

  world.Do(RecordPick{.task_id = "o.t1"});
  world.Do(
      RecordShipment{.task_id = "o.t1", .tracking_number = "2", .lines = {{"b", Quantity(2)}}});
  EXPECT_EQ(world.task("o.t1").state, TaskState::kPicked);
  // Whatever is left needs no lines and no name.
  world.Do(RecordShipment{.task_id = "o.t1"});
  EXPECT_EQ(world.task("o.t1").state, TaskState::kShipped);
  EXPECT_EQ(StateOf(world.order("o")), OrderState::kCompleted);
  ASSERT_EQ(world.order("o").parcels.size(), 3u);
  EXPECT_EQ(world.order("o").parcels[2].lines, (std::vector<Units>{{0, Quantity(2)}}));
}

TEST(Parcel, ToldTwiceLeavesOnce) {
  World world = Placed();
  world.Do(Parcel1());
  EXPECT_TRUE(world.Do(Parcel1()).result.duplicate);
  RecordShipment by_key{.task_id = "o.t1", .parcel_key = "box-1"};
  EXPECT_TRUE(world.Do(by_key).result.duplicate) << "what it does not say again is not other";
  RecordShipment by_number{
      .task_id = "o.t1", .tracking_number = "1", .lines = {{"a", Quantity(3)}}};
  const Decision again = world.Do(by_number);
  EXPECT_TRUE(again.result.duplicate);
  EXPECT_EQ(again.result.parcel_id, "o.p1");
  EXPECT_EQ(world.order("o").lines[0].fulfilled, Quantity(3));
  EXPECT_EQ(world.order("o").parcels.size(), 1u);

  world.Do(RecordShipment{.task_id = "o.t1"});
  EXPECT_TRUE(world.Do(Parcel1()).result.duplicate) << "also behind the last one";
}

TEST(Parcel, OfTheSameNameWithAnotherContentIsRefused) {
  World world = Placed();
  world.Do(Parcel1());
  EXPECT_TRUE(IsRejectedAs<ShipmentChanged>(world.Do(Parcel1({{"a", Quantity(2)}}))));
  EXPECT_TRUE(
      IsRejectedAs<ShipmentChanged>(world.Do(Parcel1({{"a", Quantity(3)}, {"b", Quantity(1)}}))));
  RecordShipment renumbered = Parcel1();
  renumbered.tracking_number = "9";
  EXPECT_TRUE(IsRejectedAs<ShipmentChanged>(world.Do(renumbered)));
  EXPECT_EQ(world.order("o").parcels.size(), 1u);
}

TEST(Parcel, OfACancelledLineIsLateAlone) {
  for (const bool another_before : {false, true}) {
    World world = Placed();
    if (another_before) {
      world.Do(RecordShipment{.task_id = "o.t1", .parcel_key = "0", .lines = {{"b", Quantity(1)}}});
    }
    world.Do(CancelOrder{.order_id = "o", .lines = {{"a", Quantity(5)}}});
    world.Do(Parcel1({{"a", Quantity(5)}}));
    EXPECT_EQ(world.order("o").lines[0].fulfilled, Quantity(5));
    EXPECT_EQ(world.task("o.t1").state, TaskState::kAccepted) << "it goes on for b";
    EXPECT_EQ(world.exceptions().size(), 1u);
    world.Do(RecordShipment{.task_id = "o.t1"});
    EXPECT_EQ(world.task("o.t1").state, TaskState::kShipped);
  }
}

TEST(Parcel, OfWhatWasLookedForInVainIsRecorded) {
  World world = Placed();
  world.Do(RecordPick{.task_id = "o.t1", .lines = {{"a", Quantity(3)}}});
  EXPECT_EQ(world.order("o").lines[0].to_route, Quantity(2));
  const Decision shipped = world.Do(Parcel1({{"a", Quantity(5)}}));
  EXPECT_FALSE(shipped.rejection.has_value());
  EXPECT_EQ(world.order("o").lines[0].fulfilled, Quantity(3));
  EXPECT_EQ(world.order("o").lines[0].to_route, Quantity(2)) << "they may be on their way already";
  EXPECT_EQ(world.task("o.t1").lines[0].found, Quantity(2));
  const auto sell = FindIntent<SellStock>(world.order("o"));
  ASSERT_TRUE(sell.has_value());
  EXPECT_EQ(sell->effects[0].quantity, Quantity(2)) << "they are no longer there";
  EXPECT_EQ(world.exceptions().size(), 1u);
  EXPECT_TRUE(world.Do(Parcel1({{"a", Quantity(5)}})).result.duplicate);
}

TEST(Parcel, OfTheRestOfATaskThatACancelEndedIsLate) {
  const auto cancelled_behind_a_parcel = [] {
    World world = Placed();
    world.Do(Parcel1());
    world.Do(CancelOrder{.order_id = "o"});
    EXPECT_EQ(world.task("o.t1").state, TaskState::kShipped);
    return world;
  };
  for (const RecordShipment& rest :
       {RecordShipment{.task_id = "o.t1"}, RecordShipment{.task_id = "o.t1", .parcel_key = "2"}}) {
    World world = cancelled_behind_a_parcel();
    const Decision decision = world.Do(rest);
    EXPECT_FALSE(decision.rejection.has_value() || decision.result.duplicate);
    EXPECT_EQ(world.order("o").lines[0].fulfilled, Quantity(5));
    EXPECT_EQ(world.exceptions().size(), 1u);
    EXPECT_TRUE(world.Do(rest).result.duplicate);
    EXPECT_TRUE(world.Do(RecordShipment{.task_id = "o.t1"}).result.duplicate);
  }
}

TEST(Parcel, WhatIsInThePickersHandsBehindItsCancelIsPutBack) {
  World world = Placed();
  world.Do(Parcel1());
  world.Do(CancelOrder{.order_id = "o"});
  world.Do(RecordPick{.task_id = "o.t1"});
  ASSERT_EQ(world.exceptions().size(), 1u);
  EXPECT_EQ(world.exceptions()[0].kind, ExceptionKind::kPickConflict);
  EXPECT_EQ(world.exceptions()[0].suggested_action, "PUT_BACK");
}

TEST(Parcel, OfWhatNobodyOrderedIsNotGivenBack) {
  World world = Placed();
  world.Do(RecordPick{.task_id = "o.t1", .lines = {{"a", Quantity(3)}}});
  world.Do(Parcel1({{"a", Quantity(5)}}));
  world.Do(Told(ParcelState::kReturnedToSender));
  EXPECT_EQ(world.order("o").lines[0].return_requested, Quantity(3)) << "two were sent beside them";
}

TEST(Parcel, MayFollowOneThatTookTheRestIfUnitsHadBeenCancelled) {
  World world = Placed();
  world.Do(CancelOrder{.order_id = "o", .lines = {{"a", Quantity(2)}}});
  world.Do(Parcel1({{"a", Quantity(3)}, {"b", Quantity(2)}}));
  EXPECT_EQ(world.task("o.t1").state, TaskState::kShipped);
  world.Do(RecordShipment{.task_id = "o.t1", .parcel_key = "2"});
  EXPECT_EQ(world.order("o").lines[0].fulfilled, Quantity(5))
      << "the warehouse had not heard of it";
  EXPECT_TRUE(world.Do(RecordShipment{.task_id = "o.t1"}).result.duplicate);
}

TEST(Parcel, APickThatIsToldAgainBehindItIsNoNews) {
  World world = Placed();
  world.Do(CancelOrder{.order_id = "o", .lines = {{"a", Quantity(2)}}});
  world.Do(RecordPick{.task_id = "o.t1"});
  world.Do(RecordShipment{.task_id = "o.t1"});
  EXPECT_TRUE(world.Do(RecordPick{.task_id = "o.t1"}).result.duplicate);
  EXPECT_TRUE(world.exceptions().empty());
}

TEST(Parcel, APickThatIsToldAgainBetweenTwoIsNoMoreThanThereIs) {
  World world = Placed();
  const RecordPick pick{.task_id = "o.t1", .lines = {{"a", Quantity(5)}}};
  world.Do(pick);
  world.Do(Parcel1());
  EXPECT_FALSE(world.Do(pick).rejection.has_value());
  EXPECT_EQ(world.task("o.t1").lines[0].picked, Quantity(5));
  EXPECT_EQ(world.task("o.t1").lines[0].short_picked, Quantity(0));
}

TEST(Parcel, IsAnnouncedOnceWhateverItsCarrierSays) {
  World world = Placed();
  world.Do(Parcel1());
  world.Do(RecordShipment{.task_id = "o.t1", .parcel_key = "2"});
  for (const ParcelState told :
       {ParcelState::kRefused, ParcelState::kDelivered, ParcelState::kReturnedToSender}) {
    world.Do(Told(told));
  }
  EXPECT_EQ(world.order("o").lines[0].return_requested, Quantity(3));
}

TEST(Parcel, OfACarrierWhoseClockIsAhead) {
  World world = Placed();
  world.Do(Parcel1());
  RecordDelivery ahead = Told(ParcelState::kRefused);
  ahead.business_time = world.now() + Seconds(300);
  world.Do(ahead);
  world.Advance(Seconds(10));
  world.Do(Told(ParcelState::kDelivered));
  world.Advance(Seconds(10));
  EXPECT_TRUE(world.Do(ahead).result.duplicate);
  EXPECT_EQ(world.order("o").parcels[0].state, ParcelState::kDelivered);
}

TEST(Parcel, OfMoreThanThereIsIsRefused) {
  World world = Placed();
  const Decision more = world.Do(Parcel1({{"a", Quantity(6)}}));
  const auto* rejection = RejectedAs<QuantityExceedsOpen>(more);
  ASSERT_NE(rejection, nullptr);
  EXPECT_EQ(rejection->line_id, "a");
  EXPECT_EQ(rejection->open, Quantity(5));
  EXPECT_TRUE(IsRejectedAs<LineNotFound>(world.Do(Parcel1({{"c", Quantity(1)}}))));
  EXPECT_TRUE(world.order("o").parcels.empty());
}

TEST(Parcel, MayHoldWhatHadBeenCancelled) {
  World world = Placed();
  world.Do(CancelOrder{.order_id = "o", .lines = {{"a", Quantity(2)}}});
  const Decision shipped = world.Do(Parcel1({{"a", Quantity(4)}, {"b", Quantity(2)}}));
  EXPECT_FALSE(shipped.rejection.has_value());
  const Order& order = world.order("o");
  EXPECT_EQ(order.lines[0].fulfilled, Quantity(4));
  EXPECT_EQ(order.lines[0].cancelled, Quantity(1));
  EXPECT_EQ(world.task("o.t1").state, TaskState::kShipped);
  ASSERT_EQ(order.parcels.size(), 1u) << "it is one parcel all the same";
  EXPECT_EQ(order.parcels[0].lines, (std::vector<Units>{{0, Quantity(4)}, {1, Quantity(2)}}));
  ASSERT_EQ(world.exceptions().size(), 1u);
  EXPECT_EQ(world.exceptions()[0].kind, ExceptionKind::kShippedAfterCancel);
  EXPECT_TRUE(world.Do(Parcel1({{"a", Quantity(4)}, {"b", Quantity(2)}})).result.duplicate);
}

TEST(Parcel, OfACancelledTaskIsLateEachOnItsOwn) {
  World world = Placed();
  world.Do(CancelOrder{.order_id = "o"});
  world.Do(Parcel1({{"a", Quantity(2)}}));
  EXPECT_EQ(world.task("o.t1").state, TaskState::kShipped);
  const Decision second =
      world.Do(RecordShipment{.task_id = "o.t1", .parcel_key = "2", .lines = {{"a", Quantity(3)}}});
  EXPECT_EQ(second.result.parcel_id, "o.p2");
  EXPECT_EQ(world.order("o").lines[0].fulfilled, Quantity(5));
  EXPECT_TRUE(IsRejectedAs<QuantityExceedsOpen>(world.Do(
      RecordShipment{.task_id = "o.t1", .parcel_key = "3", .lines = {{"a", Quantity(1)}}})));
}

TEST(Parcel, WithWhatWasToBePutBackComesBack) {
  World world = Placed();
  world.Do(RecordPick{.task_id = "o.t1"});
  world.Do(CancelOrder{.order_id = "o", .lines = {{"a", Quantity(2)}}});
  // Three of five: the other two can still be put back.
  EXPECT_TRUE(world.Do(Parcel1()).result.return_id.empty());
  EXPECT_EQ(world.task("o.t1").lines[0].cancel_requested, Quantity(2));
  // One of these goes as well.
  const Decision second = world.Do(
      {RecordShipment{.task_id = "o.t1", .parcel_key = "2", .lines = {{"a", Quantity(1)}}}});
  EXPECT_EQ(second.result.return_id, "o.r1");
  EXPECT_EQ(world.order("o").lines[0].return_requested, Quantity(1));
  EXPECT_EQ(world.task("o.t1").lines[0].cancel_requested, Quantity(1));
  world.Do(PutBack{.task_id = "o.t1"});
  EXPECT_EQ(world.order("o").lines[0].cancelled, Quantity(1));
}

TEST(Parcel, WhatIsLeftMayBeRejectedOrCancelled) {
  World world = Placed();
  world.Do(Parcel1());
  world.Do(CancelOrder{.order_id = "o"});
  EXPECT_EQ(world.task("o.t1").state, TaskState::kShipped) << "some of it has gone";

  World other = Placed();
  other.Do(Parcel1());
  other.Do(RejectTask{.task_id = "o.t1"});
  EXPECT_EQ(other.task("o.t1").state, TaskState::kShipped);
  EXPECT_EQ(other.order("o").lines[0].to_route, Quantity(2));
  EXPECT_EQ(other.order("o").lines[0].fulfilled, Quantity(3));
}

TEST(Parcel, SaysWhenItLeft) {
  World world = Placed();
  const Instant left = world.now() - Hours(5);
  RecordShipment c = Parcel1();
  c.business_time = left;
  world.Do(c);
  EXPECT_EQ(world.order("o").parcels[0].shipped_at, left);
  const auto fulfil = FindIntent<FulfilStock>(world.order("o"));
  ASSERT_TRUE(fulfil.has_value());
  EXPECT_EQ(fulfil->business_time, left) << "a count that was taken since has it";

  c = {.task_id = "o.t1", .tracking_number = "2", .business_time = world.now() + Hours(1)};
  world.Do(c);
  EXPECT_EQ(world.order("o").parcels[1].shipped_at, world.now()) << "no clock is ahead of ours";
}

TEST(Parcel, IsFoundByItsNumber) {
  World world = Placed();
  world.Do(Parcel1());
  const RecordDelivery c{
      .carrier = "dhl", .tracking_number = "1", .state = ParcelState::kDelivered};
  EXPECT_EQ(world.Do(c).result.parcel_id, "o.p1");
  EXPECT_EQ(BreakdownOf(world.order("o"))[0].delivered, Quantity(3));
  EXPECT_TRUE(world.Do(c).result.duplicate);
  RecordDelivery unknown = c;
  unknown.tracking_number = "2";
  const Decision none = world.Do(unknown);
  ASSERT_NE(RejectedAs<ParcelNotFound>(none), nullptr);
  EXPECT_EQ(RejectedAs<ParcelNotFound>(none)->parcel, "dhl 2");
  EXPECT_TRUE(IsRejectedAs<ParcelNotFound>(world.Do(RecordDelivery{.parcel_id = "o.p2"})));
}

TEST(Parcel, ThatComesBackIsAnnouncedOnce) {
  World world = Placed();
  world.Do(Parcel1());
  const Decision refused = world.Do(Told(ParcelState::kRefused));
  EXPECT_EQ(refused.result.return_id, "o.r1");
  EXPECT_EQ(world.order("o").lines[0].return_requested, Quantity(3));
  EXPECT_TRUE(world.Do(Told(ParcelState::kReturnedToSender)).result.return_id.empty());
  EXPECT_EQ(world.order("o").lines[0].return_requested, Quantity(3));
  EXPECT_TRUE(world.exceptions().empty());
  world.Do(ReceiveReturn{.location_id = "w1", .return_id = "o.r1"});
  EXPECT_EQ(world.order("o").lines[0].returned, Quantity(3));
}

TEST(Parcel, AnnouncesNoMoreThanMayComeBack) {
  World world = Placed();
  world.Do(Parcel1());
  world.Do(RequestReturn{.order_id = "o", .lines = {{"a", Quantity(2)}}});
  world.Do(Told(ParcelState::kReturnedToSender));
  EXPECT_EQ(world.order("o").lines[0].return_requested, Quantity(3));
}

TEST(Parcel, ThatIsLostIsForAPersonUntilItIsFound) {
  World world = Placed();
  world.Do(Parcel1());
  world.Do(Told(ParcelState::kLost));
  EXPECT_EQ(BreakdownOf(world.order("o"))[0].lost, Quantity(3));
  ASSERT_EQ(world.exceptions().size(), 1u);
  EXPECT_EQ(world.exceptions()[0].kind, ExceptionKind::kParcelLost);
  EXPECT_EQ(world.exceptions()[0].detail, "o.p1");
  world.Do(Told(ParcelState::kDelivered));
  EXPECT_TRUE(world.exceptions().empty());
}

TEST(Parcel, NewsThatAreToldTwiceCountOnce) {
  World world = Placed();
  world.Do(Parcel1());
  world.Do(Told(ParcelState::kDelivered));
  world.Do(Told(ParcelState::kLost));
  EXPECT_EQ(world.exceptions().size(), 1u) << "who says so is asked";
  EXPECT_TRUE(world.Do(Told(ParcelState::kLost)).result.duplicate);
  EXPECT_TRUE(world.Do(Told(ParcelState::kDelivered)).result.duplicate);
  EXPECT_EQ(world.exceptions().size(), 1u);
  RecordDelivery next = Told(ParcelState::kDelivered);
  for (size_t i = 2; i < kParcelReportsMax; ++i) {
    world.Advance(Seconds(1));
    next.business_time = world.now();
    next.state =
        next.state == ParcelState::kRefused ? ParcelState::kDelivered : ParcelState::kRefused;
    world.Do(next);
  }
  world.Advance(Seconds(1));
  next.business_time = world.now();
  next.state = ParcelState::kReturnedToSender;
  EXPECT_TRUE(world.Do(next).result.duplicate) << "nobody listens any more";
}

TEST(Parcel, OldNewsChangeNothing) {
  World world = Placed();
  world.Do(Parcel1());
  RecordDelivery delivered = Told(ParcelState::kDelivered);
  delivered.business_time = world.now() - Seconds(60);
  world.Do(delivered);
  RecordDelivery lost = Told(ParcelState::kLost);
  lost.business_time = world.now() - Seconds(120);
  EXPECT_FALSE(world.Do(lost).events.empty()) << "it is recorded";
  EXPECT_EQ(world.order("o").parcels[0].state, ParcelState::kDelivered);
  EXPECT_TRUE(world.exceptions().empty());
}

TEST(Parcel, DecideAndApplyGoByTheTable) {
  const std::map<ParcelState, std::vector<ParcelState>> ways = {
      {ParcelState::kShipped, {}},
      {ParcelState::kDelivered, {ParcelState::kDelivered}},
      {ParcelState::kRefused, {ParcelState::kRefused}},
      {ParcelState::kLost, {ParcelState::kLost}},
      {ParcelState::kReturnedToSender, {ParcelState::kReturnedToSender}}};
  for (const ParcelState from : ValuesOf<ParcelState>()) {
    for (const ParcelState told : ValuesOf<ParcelState>()) {
      if (told == ParcelState::kShipped) continue;
      SCOPED_TRACE(std::string(NameOf(from)) + " " + std::string(NameOf(told)));
      World world = Placed();
      world.Do(Parcel1());
      for (const ParcelState step : ways.at(from)) world.Do(Told(step));
      const size_t exceptions = world.exceptions().size();
      const Decision decision = world.Do(Told(told));
      const ParcelState after = world.order("o").parcels[0].state;
      ASSERT_FALSE(decision.rejection.has_value()) << "it is a fact";
      if (from == told) {
        EXPECT_TRUE(decision.result.duplicate);
      } else if (const auto next = ParcelMoves().Next(from, ActionOf(told))) {
        EXPECT_EQ(after, *next);
      } else {
        EXPECT_EQ(after, ParcelMoves().Conflict(from, ActionOf(told)));
        ASSERT_EQ(world.exceptions().size(), exceptions + 1);
        EXPECT_EQ(world.exceptions().back().kind, ExceptionKind::kParcelConflict);
      }
    }
  }
}

}  // namespace
}  // namespace quartermaster::orders
