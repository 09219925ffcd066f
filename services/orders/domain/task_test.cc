// Tasks: picking, shipping, the counter.
#include <gtest/gtest.h>

#include "services/orders/domain/testing/world.h"

namespace quartermaster::orders {
namespace {

// Lines a (2 units) and b (1) of one group, at w1, confirmed.
void PlaceTwoLines(World& world, const Group& group) {
  PlaceOrder c;
  c.order_id = "o";
  c.groups = {group};
  c.lines = {Line("a", 0, "s1", 2), Line("b", 0, "s2", 1)};
  world.Place(c);
  world.Confirm("o", 1);
}

void PickAndMarkReady(World& world) {
  world.Do(RecordPick{.task_id = "o.t1"});
  world.Do(MarkReadyForPickup{.task_id = "o.t1", .code_hmac = "right"});
}

TEST(Task, RunsFromAcceptToShipment) {
  World world;
  PlaceTwoLines(world, Ship("g"));
  world.Do(AcceptTask{.task_id = "o.t1"});
  world.Do(RecordPick{.task_id = "o.t1"});
  EXPECT_EQ(world.task("o.t1").lines[0].picked, Quantity(2));
  world.Do(PackTask{.task_id = "o.t1"});
  world.Do(RecordShipment{.task_id = "o.t1", .carrier = "dhl", .tracking_number = "123"});
  EXPECT_EQ(world.task("o.t1").state, TaskState::kShipped);
  EXPECT_EQ(StateOf(world.order("o")), OrderState::kCompleted);
  const auto fulfil = FindIntent<FulfilStock>(world.order("o"));
  ASSERT_TRUE(fulfil.has_value());
  EXPECT_EQ(fulfil->parts.size(), 2u);
  // Once more: nothing.
  const Decision again = world.Do(RecordShipment{.task_id = "o.t1"});
  EXPECT_TRUE(again.result.duplicate);
  EXPECT_TRUE(again.events.empty());
}

TEST(Task, AnotherShipmentOfTheSameTaskIsRefused) {
  World world;
  PlaceTwoLines(world, Ship("g"));
  RecordShipment c{.task_id = "o.t1", .carrier = "dhl", .tracking_number = "123"};
  world.Do(c);
  EXPECT_TRUE(world.Do(c).result.duplicate);
  c.tracking_number = "124";
  EXPECT_TRUE(IsRejectedAs<ShipmentChanged>(world.Do(c)));
  c = {.task_id = "o.t1", .carrier = "ups", .tracking_number = "123"};
  EXPECT_TRUE(IsRejectedAs<ShipmentChanged>(world.Do(c)));

  // One that came after the cancel, too.
  PlaceOrder other;
  other.order_id = "p";
  other.groups = {Ship("g")};
  other.lines = {Line("a", 0, "s1", 1)};
  world.Place(other);
  world.Confirm("p", 1);
  world.Do(CancelOrder{.order_id = "p"});
  world.Do(RecordShipment{.task_id = "p.t1", .tracking_number = "7"});
  EXPECT_TRUE(world.Do(RecordShipment{.task_id = "p.t1", .tracking_number = "7"}).result.duplicate);
  EXPECT_TRUE(IsRejectedAs<ShipmentChanged>(
      world.Do(RecordShipment{.task_id = "p.t1", .tracking_number = "8"})));
}

TEST(Pick, AfterTheEndIsAFactAllTheSame) {
  World world;
  PlaceTwoLines(world, Ship("g"));
  world.Do(RecordShipment{.task_id = "o.t1"});
  EXPECT_TRUE(world.Do(RecordPick{.task_id = "o.t1"}).result.duplicate);
  EXPECT_TRUE(world.exceptions().empty()) << "it says what the shipment said";
  const RecordPick fewer{.task_id = "o.t1", .lines = {{"a", Quantity(1)}}};
  EXPECT_FALSE(world.Do(fewer).rejection.has_value());
  ASSERT_EQ(world.exceptions().size(), 1u);
  EXPECT_EQ(world.exceptions()[0].kind, ExceptionKind::kPickConflict);
  EXPECT_EQ(world.exceptions()[0].task_id, "o.t1");
  EXPECT_EQ(world.exceptions()[0].detail, "SHIPPED");
  EXPECT_TRUE(world.Do(fewer).result.duplicate) << "one exception is enough";
}

TEST(Pick, AfterACancelIsPutBack) {
  World world;
  PlaceTwoLines(world, Ship("g"));
  world.Do(CancelOrder{.order_id = "o"});
  const RecordPick nothing{.task_id = "o.t1", .lines = {{"a", Quantity(0)}, {"b", Quantity(0)}}};
  EXPECT_TRUE(world.Do(nothing).result.duplicate);
  EXPECT_FALSE(world.Do(RecordPick{.task_id = "o.t1"}).rejection.has_value());
  ASSERT_EQ(world.exceptions().size(), 1u);
  EXPECT_EQ(world.exceptions()[0].suggested_action, "PUT_BACK");
  EXPECT_EQ(world.exceptions()[0].detail, "CANCELLED");
}

TEST(Task, AShipmentFillsInWhatWasSkipped) {
  World world;
  PlaceTwoLines(world, Ship("g"));
  world.Do(RecordShipment{.task_id = "o.t1"});
  EXPECT_EQ(world.task("o.t1").state, TaskState::kShipped);
  EXPECT_EQ(world.task("o.t1").lines[1].picked, Quantity(1));
}

TEST(Task, AnIllegalMoveSaysWhatIsAllowed) {
  World world;
  PlaceTwoLines(world, Ship("g"));
  const Decision decision = world.Do(PackTask{.task_id = "o.t1"});
  ASSERT_NE(RejectedAs<IllegalTransition>(decision), nullptr);
  EXPECT_EQ(RejectedAs<IllegalTransition>(decision)->state, "CREATED");
  EXPECT_EQ(
      RejectedAs<IllegalTransition>(decision)->allowed,
      (std::vector<std::string>{"AcceptTask", "RejectTask", "RecordPick", "RecordShipments"}));
  EXPECT_EQ(decision.result.task_id, "o.t1");
  const Decision unknown = world.Do(AcceptTask{.task_id = "o.t2"});
  EXPECT_NE(RejectedAs<TaskNotFound>(unknown), nullptr);
  const Decision not_an_id = world.Do(AcceptTask{.task_id = "o.t01"});
  EXPECT_NE(RejectedAs<TaskNotFound>(not_an_id), nullptr);
}

TEST(Pick, TheMissingBecomeSuspectAndAreRoutedAgain) {
  World world;
  PlaceTwoLines(world, Ship("g"));
  const Decision too_many = world.Do(RecordPick{.task_id = "o.t1", .lines = {{"a", Quantity(3)}}});
  EXPECT_NE(RejectedAs<QuantityExceedsOpen>(too_many), nullptr);
  const Decision unknown = world.Do(RecordPick{.task_id = "o.t1", .lines = {{"z", Quantity(1)}}});
  EXPECT_NE(RejectedAs<LineNotFound>(unknown), nullptr);

  world.Do(RecordPick{.task_id = "o.t1", .lines = {{"a", Quantity(1)}}});
  const Task& task = world.task("o.t1");
  EXPECT_EQ(task.state, TaskState::kPicked);
  EXPECT_EQ(task.lines[0].picked, Quantity(1));
  EXPECT_EQ(task.lines[0].short_picked, Quantity(1));
  EXPECT_EQ(task.lines[1].picked, Quantity(1)) << "not named: in full";
  const auto release = FindIntent<ReleaseStock>(world.order("o"));
  ASSERT_TRUE(release.has_value());
  EXPECT_TRUE(release->missing);
  const auto reroute = FindIntent<Reroute>(world.order("o"));
  ASSERT_TRUE(reroute.has_value());
  EXPECT_EQ(reroute->excluded_locations, std::vector<std::string>{"w1"});
  EXPECT_EQ(reroute->groups[0].lines[0].quantity, Quantity(1));
  // The rest of the task goes on.
  world.Do(RecordShipment{.task_id = "o.t1"});
  EXPECT_EQ(world.order("o").lines[0].fulfilled, Quantity(1));
  EXPECT_EQ(StateOf(world.order("o")), OrderState::kOpen);
}

TEST(Pick, FindingNothingEndsTheTask) {
  World world;
  PlaceTwoLines(world, Ship("g"));
  world.Do(RecordPick{.task_id = "o.t1", .lines = {{"a", Quantity(0)}, {"b", Quantity(0)}}});
  EXPECT_EQ(world.task("o.t1").state, TaskState::kCancelled);
  const Decision shipped = world.Do(RecordShipment{.task_id = "o.t1"});
  EXPECT_NE(RejectedAs<IllegalTransition>(shipped), nullptr) << "there was nothing to ship";
}

TEST(Pickup, IsNeverSilentlySentElsewhere) {
  for (const bool reject : {true, false}) {
    World world;
    PlaceTwoLines(world, Pickup("g", "w1"));
    if (reject) {
      world.Do(RejectTask{.task_id = "o.t1"});
    } else {
      world.Do(RecordPick{.task_id = "o.t1", .lines = {{"a", Quantity(0)}}});
    }
    EXPECT_FALSE(FindIntent<Reroute>(world.order("o")).has_value());
    EXPECT_EQ(StateOf(world.order("o")), OrderState::kAwaitingStock);
    ASSERT_EQ(world.exceptions().size(), 1u);
    EXPECT_EQ(world.exceptions()[0].kind, ExceptionKind::kPickupUnfillable);
    EXPECT_EQ(world.exceptions()[0].task_id, "o.t1");
    const auto release = FindIntent<ReleaseStock>(world.order("o"));
    ASSERT_TRUE(release.has_value());
    EXPECT_EQ(release->missing, !reject);
    // A person says: try again. At the same store.
    world.Do(ResolveException{.exception_id = ExceptionId(world.exceptions()[0].position)});
    const auto reroute = FindIntent<Reroute>(world.order("o"));
    ASSERT_TRUE(reroute.has_value());
    EXPECT_EQ(reroute->groups[0].location_id, "w1");
    EXPECT_TRUE(reroute->excluded_locations.empty());
  }
}

TEST(Counter, HandedOverRefusedAndLeft) {
  World world;
  PlaceTwoLines(world, Pickup("g", "w1"));
  EXPECT_TRUE(IsRejectedAs<IllegalTransition>(
      world.Do(MarkReadyForPickup{.task_id = "o.t1", .code_hmac = "right"})));
  PickAndMarkReady(world);
  world.Do(
      HandOver{.task_id = "o.t1",
               .code_hmac = "right",
               .lines = {{.line_id = "a", .handed_over = Quantity(1), .refused = Quantity(1)}}});
  EXPECT_EQ(world.task("o.t1").state, TaskState::kReadyForPickup);
  EXPECT_EQ(world.order("o").lines[0].fulfilled, Quantity(1));
  EXPECT_EQ(world.order("o").lines[0].cancelled, Quantity(1));
  EXPECT_EQ(world.order("o").lines[1].allocated, Quantity(1)) << "left where it is";
  EXPECT_TRUE(FindIntent<FulfilStock>(world.order("o")).has_value());
  EXPECT_TRUE(FindIntent<ReleaseStock>(world.order("o")).has_value());
  const Decision too_many = world.Do(
      HandOver{.task_id = "o.t1",
               .code_hmac = "right",
               .lines = {{.line_id = "b", .handed_over = Quantity(1), .refused = Quantity(1)}}});
  EXPECT_NE(RejectedAs<QuantityExceedsOpen>(too_many), nullptr);
  world.Do(HandOver{.task_id = "o.t1", .code_hmac = "right"});
  EXPECT_EQ(world.task("o.t1").state, TaskState::kHandedOver);
  EXPECT_EQ(StateOf(world.order("o")), OrderState::kCompleted);
}

TEST(Counter, EverythingRefusedCancelsTheTask) {
  World world;
  PlaceTwoLines(world, Pickup("g", "w1"));
  PickAndMarkReady(world);
  world.Do(HandOver{.task_id = "o.t1",
                    .code_hmac = "right",
                    .lines = {{.line_id = "a", .refused = Quantity(2)},
                              {.line_id = "b", .refused = Quantity(1)}}});
  EXPECT_EQ(world.task("o.t1").state, TaskState::kCancelled);
  EXPECT_EQ(StateOf(world.order("o")), OrderState::kCancelled);
}

TEST(Counter, FiveWrongCodesLockForAQuarterOfAnHour) {
  World world;
  PlaceTwoLines(world, Pickup("g", "w1"));
  PickAndMarkReady(world);
  const HandOver wrong{.task_id = "o.t1", .code_hmac = "guess"};
  const HandOver right{.task_id = "o.t1", .code_hmac = "right"};
  for (int left = kMaxWrongCodes - 1; left >= 0; --left) {
    const Decision decision = world.Do(wrong);
    ASSERT_NE(RejectedAs<PickupCodeWrong>(decision), nullptr);
    EXPECT_EQ(RejectedAs<PickupCodeWrong>(decision)->tries_left, left);
    EXPECT_EQ(decision.events.size(), 1u) << "it is counted";
  }
  const Decision locked = world.Do(right);
  ASSERT_NE(RejectedAs<PickupCodeLocked>(locked), nullptr);
  EXPECT_EQ(RejectedAs<PickupCodeLocked>(locked)->until, world.now() + kPickupCodeLock);
  EXPECT_TRUE(locked.events.empty());
  world.Advance(kPickupCodeLock - Micros{1});
  EXPECT_TRUE(IsRejectedAs<PickupCodeLocked>(world.Do(right)));
  world.Advance(Micros{1});
  EXPECT_FALSE(world.Do(right).rejection.has_value());
}

TEST(LateShipment, IsRecordedAndComesBackAsAReturn) {
  World world;
  PlaceTwoLines(world, Ship("g"));
  world.Do(AcceptTask{.task_id = "o.t1"});
  world.Do(CancelOrder{.order_id = "o"});
  EXPECT_EQ(StateOf(world.order("o")), OrderState::kCancelled);
  const Decision decision = world.Do(RecordShipment{.task_id = "o.t1"});
  EXPECT_FALSE(decision.rejection.has_value());
  EXPECT_EQ(world.task("o.t1").state, TaskState::kShipped);
  EXPECT_EQ(StateOf(world.order("o")), OrderState::kCompleted);
  ASSERT_EQ(world.exceptions().size(), 1u);
  EXPECT_EQ(world.exceptions()[0].kind, ExceptionKind::kShippedAfterCancel);
  const auto sell = FindIntent<SellStock>(world.order("o"));
  ASSERT_TRUE(sell.has_value());
  ASSERT_EQ(sell->effects.size(), 2u);
  EXPECT_EQ(sell->effects[0].quantity, Quantity(2));
  EXPECT_EQ(sell->effects[0].location_id, "w1");
  EXPECT_TRUE(world.Do(RecordShipment{.task_id = "o.t1"}).result.duplicate);
  EXPECT_FALSE(world.Do(RequestReturn{.order_id = "o", .lines = {{"a", Quantity(2)}}})
                   .rejection.has_value());
}

TEST(LateShipment, OfARejectedTaskCountsOnlyWhatWasCancelled) {
  World world;
  PlaceTwoLines(world, Ship("g"));
  world.Do(RejectTask{.task_id = "o.t1"});
  world.Do(CancelOrder{.order_id = "o", .lines = {{"a", Quantity(1)}}});
  world.Do(RecordShipment{.task_id = "o.t1"});
  EXPECT_EQ(world.order("o").lines[0].fulfilled, Quantity(1));
  EXPECT_EQ(world.order("o").lines[0].to_route, Quantity(1)) << "still to be sent from elsewhere";
  EXPECT_EQ(world.order("o").lines[1].fulfilled, Quantity(0));
  EXPECT_EQ(FindIntent<SellStock>(world.order("o"))->effects.size(), 2u) << "all of it left";
}

// Both lines are picked, and the cancel of all of it is requested.
void RequestCancel(World& world, const Group& group) {
  PlaceTwoLines(world, group);
  world.Do(RecordPick{.task_id = "o.t1"});
  const Decision decision = world.Do(CancelOrder{.order_id = "o"});
  EXPECT_EQ(FindEvent<UnitsCancelled>(decision.events), nullptr);
  EXPECT_NE(FindEvent<CancelRequested>(decision.events), nullptr);
  EXPECT_EQ(world.task("o.t1").lines[0].cancel_requested, Quantity(2));
  EXPECT_EQ(StateOf(world.order("o")), OrderState::kOpen) << "nothing is cancelled yet";
}

TEST(CancelRequest, ThePutBackWins) {
  World world;
  RequestCancel(world, Ship("g"));
  EXPECT_TRUE(PendingIntents(world.order("o")).empty()) << "the units are still the order's";
  const PutBack too_much{.task_id = "o.t1", .lines = {{"a", Quantity(3)}}};
  EXPECT_EQ(RejectedAs<QuantityExceedsOpen>(world.Do(too_much))->open, Quantity(2));
  EXPECT_TRUE(IsRejectedAs<LineNotFound>(
      world.Do(PutBack{.task_id = "o.t1", .lines = {{"z", Quantity(1)}}})));
  world.Do(PutBack{.task_id = "o.t1", .lines = {{"a", Quantity(1)}}});
  EXPECT_EQ(world.task("o.t1").state, TaskState::kPicked);
  EXPECT_EQ(world.task("o.t1").lines[0].cancel_requested, Quantity(1));
  EXPECT_EQ(world.order("o").lines[0].cancelled, Quantity(1));
  EXPECT_EQ(FindIntent<ReleaseStock>(world.order("o"))->parts[0].quantity, Quantity(1));

  world.Do(PutBack{.task_id = "o.t1"});
  EXPECT_EQ(world.task("o.t1").state, TaskState::kCancelled);
  EXPECT_EQ(StateOf(world.order("o")), OrderState::kCancelled);
  // Then it is shipped all the same.
  world.Do(RecordShipment{.task_id = "o.t1"});
  ASSERT_EQ(world.exceptions().size(), 1u);
  EXPECT_EQ(world.exceptions()[0].kind, ExceptionKind::kShippedAfterCancel);
}

TEST(CancelRequest, TheShipmentWinsAndComesBack) {
  World world;
  PlaceTwoLines(world, Ship("g"));
  world.Do(RecordPick{.task_id = "o.t1"});
  world.Do(PackTask{.task_id = "o.t1"});
  world.Do(CancelOrder{.order_id = "o", .lines = {{"a", Quantity(1)}}});
  const Decision decision = world.Do(RecordShipment{.task_id = "o.t1"});
  EXPECT_EQ(StateOf(world.order("o")), OrderState::kCompleted);
  EXPECT_TRUE(world.exceptions().empty()) << "the order had not cancelled it";
  EXPECT_EQ(FindIntent<FulfilStock>(world.order("o"))->parts.size(), 2u);
  const auto* announced = FindEvent<ReturnRequested>(decision.events);
  ASSERT_NE(announced, nullptr);
  EXPECT_EQ(announced->lines, (std::vector<Units>{{0, Quantity(1)}}));
  EXPECT_EQ(decision.result.return_id, "o.r1");
  EXPECT_EQ(world.order("o").lines[0].return_requested, Quantity(1));
  EXPECT_EQ(world.task("o.t1").lines[0].cancel_requested, Quantity());
  EXPECT_TRUE(IsRejectedAs<IllegalTransition>(world.Do(PutBack{.task_id = "o.t1"})));
  EXPECT_TRUE(world.Do(RecordShipment{.task_id = "o.t1"}).result.duplicate);
  EXPECT_EQ(world.order("o").returns.size(), 1u);
}

TEST(CancelRequest, ARejectCancelsWhatWasAskedAndRoutesTheRest) {
  World world;
  PlaceTwoLines(world, Ship("g"));
  world.Do(RecordPick{.task_id = "o.t1"});
  world.Do(CancelOrder{.order_id = "o", .lines = {{"a", Quantity(1)}}});
  world.Do(RejectTask{.task_id = "o.t1"});
  EXPECT_EQ(world.task("o.t1").state, TaskState::kRejected);
  EXPECT_EQ(world.order("o").lines[0].cancelled, Quantity(1));
  EXPECT_EQ(world.order("o").lines[0].to_route, Quantity(1));
  EXPECT_EQ(world.order("o").lines[1].to_route, Quantity(1));

  World all;
  RequestCancel(all, Pickup("g", "w1"));
  all.Do(RejectTask{.task_id = "o.t1"});
  EXPECT_EQ(all.task("o.t1").state, TaskState::kCancelled);
  EXPECT_EQ(StateOf(all.order("o")), OrderState::kCancelled);
  EXPECT_TRUE(all.exceptions().empty()) << "nobody must be asked where else to send it";
}

TEST(CancelRequest, IsMadeOnce) {
  World world;
  RequestCancel(world, Ship("g"));
  const Decision again = world.Do(CancelOrder{.order_id = "o"});
  EXPECT_TRUE(again.result.duplicate);
  EXPECT_TRUE(again.events.empty());
  const Decision more = world.Do(CancelOrder{.order_id = "o", .lines = {{"a", Quantity(1)}}});
  ASSERT_NE(RejectedAs<QuantityExceedsOpen>(more), nullptr);
  EXPECT_EQ(RejectedAs<QuantityExceedsOpen>(more)->open, Quantity());
}

TEST(CancelRequest, WhatIsMissingIsCancelledFirst) {
  World world;
  PlaceTwoLines(world, Ship("g"));
  world.Do(RecordPick{.task_id = "o.t1"});
  world.Do(CancelOrder{.order_id = "o", .lines = {{"a", Quantity(1)}}});
  // One was not there after all: it is the one that nobody wants any more.
  world.Do(RecordPick{.task_id = "o.t1", .lines = {{"a", Quantity(1)}}});
  EXPECT_EQ(world.order("o").lines[0].cancelled, Quantity(1));
  EXPECT_EQ(world.order("o").lines[0].to_route, Quantity());
  EXPECT_EQ(world.task("o.t1").lines[0].cancel_requested, Quantity());
  EXPECT_TRUE(FindIntent<ReleaseStock>(world.order("o"))->missing);

  World pickup;
  PlaceTwoLines(pickup, Pickup("g", "w1"));
  pickup.Do(RecordPick{.task_id = "o.t1"});
  pickup.Do(CancelOrder{.order_id = "o", .lines = {{"a", Quantity(1)}}});
  pickup.Do(RecordPick{.task_id = "o.t1", .lines = {{"a", Quantity(0)}}});
  EXPECT_EQ(pickup.order("o").lines[0].awaiting, Quantity(1)) << "the other one";
  ASSERT_EQ(pickup.exceptions().size(), 1u);
  EXPECT_EQ(pickup.exceptions()[0].kind, ExceptionKind::kPickupUnfillable);
}

TEST(CancelRequest, AtTheCounterTheHandOverWins) {
  World world;
  PlaceTwoLines(world, Pickup("g", "w1"));
  PickAndMarkReady(world);
  world.Do(CancelOrder{.order_id = "o"});
  EXPECT_TRUE(IsRejectedAs<IllegalTransition>(world.Do(RejectTask{.task_id = "o.t1"})));
  // The customer takes one of a, and wants the other no more.
  world.Do(HandOver{
      .task_id = "o.t1", .code_hmac = "right", .lines = {{"a", Quantity(1), Quantity(1)}}});
  EXPECT_EQ(world.order("o").lines[0].fulfilled, Quantity(1));
  EXPECT_EQ(world.task("o.t1").lines[0].cancel_requested, Quantity());
  EXPECT_EQ(world.task("o.t1").lines[1].cancel_requested, Quantity(1));
  EXPECT_TRUE(world.order("o").returns.empty());
  world.Do(PutBack{.task_id = "o.t1"});
  EXPECT_EQ(world.task("o.t1").state, TaskState::kHandedOver);
  EXPECT_EQ(StateOf(world.order("o")), OrderState::kCompleted);
}

TEST(CancelRequest, AsksOnlyForWhatIsPicked) {
  World world;
  PlaceOrder c;
  c.order_id = "o";
  c.groups = {Ship("g")};
  c.lines = {Line("a", 0, "s1", 3)};
  c.assignments = {{0, "w1", Quantity(2)}, {0, "w2", Quantity(1)}};
  world.Place(c);
  world.Confirm("o", 1);
  world.Do(RecordPick{.task_id = "o.t1"});
  world.Do(CancelOrder{.order_id = "o", .lines = {{"a", Quantity(2)}}});
  EXPECT_EQ(world.task("o.t2").state, TaskState::kCancelled);
  EXPECT_EQ(world.task("o.t1").lines[0].cancel_requested, Quantity(1));
  EXPECT_EQ(world.order("o").lines[0].cancelled, Quantity(1));
}

TEST(PutBack, NeedsARequest) {
  World world;
  PlaceTwoLines(world, Ship("g"));
  world.Do(RecordPick{.task_id = "o.t1"});
  EXPECT_TRUE(IsRejectedAs<IllegalTransition>(world.Do(PutBack{.task_id = "o.t1"})));
  EXPECT_TRUE(IsRejectedAs<TaskNotFound>(world.Do(PutBack{.task_id = "o.t9"})));
}

TEST(Shipment, OfAPickupIsIllegal) {
  World world;
  PlaceTwoLines(world, Pickup("g", "w1"));
  EXPECT_TRUE(IsRejectedAs<IllegalTransition>(world.Do(RecordShipment{.task_id = "o.t1"})));
}

}  // namespace
}  // namespace quartermaster::orders
