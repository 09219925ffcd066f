// Placing, confirming, cancelling and routing again, rule by rule.
#include <gtest/gtest.h>

#include "services/orders/domain/testing/world.h"
#include "services/orders/domain/transitions.h"

namespace quartermaster::orders {
namespace {

// One shipping line of three units, from w1.
PlaceOrder Simple(const std::string& order_id) {
  PlaceOrder c;
  c.order_id = order_id;
  c.groups = {Ship("g")};
  c.lines = {Line("a", 0, "s1", 3)};
  return c;
}

CancelOrder Cancel(const std::string& order_id, int64_t units) {
  return {.order_id = order_id, .lines = {{.line_id = "a", .quantity = Quantity(units)}}};
}

TEST(PlaceOrder, IsPendingUntilStockConfirmsThenHasATaskPerPlace) {
  World world;
  PlaceOrder c = Simple("o");
  c.assignments = {{0, "w1", Quantity(2)}, {0, "w2", Quantity(1)}};
  world.Place(c);
  EXPECT_EQ(StateOf(world.order("o")), OrderState::kPending);
  const auto confirm = FindIntent<ConfirmStock>(world.order("o"));
  ASSERT_TRUE(confirm.has_value());
  EXPECT_EQ(confirm->key, "o/1/confirm");
  EXPECT_EQ(confirm->owner_id, "o/1");
  ASSERT_EQ(confirm->lines.size(), 2u);
  EXPECT_EQ(confirm->lines[1],
            (HoldLine{.line_id = "1", .sku = "s1", .location_id = "w2", .quantity = Quantity(1)}));

  // It was held again: another reservation.
  world.Do(ReportStockConfirmed{"o", 1, "r-again"});
  const Order& order = world.order("o");
  EXPECT_EQ(StateOf(order), OrderState::kOpen);
  EXPECT_EQ(order.attempts[0].reservation_id, "r-again");
  ASSERT_EQ(order.tasks.size(), 2u);
  EXPECT_EQ(world.task("o.t2").location_id, "w2");
  EXPECT_EQ(order.lines[0].allocated, Quantity(3));
  EXPECT_TRUE(PendingIntents(order).empty());
}

TEST(PlaceOrder, IsRefusedWithTooLittleTimeOnItsHold) {
  World world;
  PlaceOrder c = Simple("o");
  c.expires_at = world.now() + Seconds(30) - Micros{1};
  const Decision refused = world.Place(c);
  ASSERT_NE(RejectedAs<HoldTooShort>(refused), nullptr);
  EXPECT_EQ(RejectedAs<HoldTooShort>(refused)->left, Seconds(30) - Micros{1});
  EXPECT_EQ(FindOrder(world.state(), "o"), nullptr);
  c.expires_at = world.now() + Seconds(30);
  EXPECT_FALSE(world.Place(c).rejection.has_value());
}

TEST(PlaceOrder, ARetryIsTheSameOrderAndAReusedIdIsNot) {
  World world;
  PlaceOrder c = Simple("o");
  c.content = {1, 1};
  c.external_id = "x";
  world.Place(c);
  const Decision again = world.Place(c);
  EXPECT_TRUE(again.result.duplicate);
  EXPECT_TRUE(again.events.empty());
  c.content = {1, 2};
  const Decision reused = world.Place(c);
  EXPECT_NE(RejectedAs<RequestIdReused>(reused), nullptr);

  c.order_id = "o2";
  const Decision external = world.Place(c);
  ASSERT_NE(RejectedAs<ExternalIdReused>(external), nullptr);
  EXPECT_EQ(RejectedAs<ExternalIdReused>(external)->order_id, "o");
  c.channel_id = "app";
  EXPECT_FALSE(world.Place(c).rejection.has_value());
}

TEST(PlaceOrder, CarryOutLeavesAtOnce) {
  World world;
  PlaceOrder c = Simple("o");
  c.groups = {CarryOut("g", "w1")};
  world.Place(c);
  world.Confirm("o", 1);
  EXPECT_EQ(StateOf(world.order("o")), OrderState::kCompleted);
  EXPECT_TRUE(world.order("o").tasks.empty());
  const auto fulfil = FindIntent<FulfilStock>(world.order("o"));
  ASSERT_TRUE(fulfil.has_value());
  EXPECT_EQ(fulfil->key, "o/op1");
  EXPECT_EQ(fulfil->reservation_id, "r-o");
}

TEST(PlaceOrder, ThePickupStoreIsTheOneThatThePlanChose) {
  World world;
  PlaceOrder c = Simple("o");
  c.groups = {Pickup("g", "")};
  world.Place(c);
  EXPECT_EQ(world.order("o").groups[0].location_id, "w1");
}

TEST(Confirm, AFailureAwaitsStockInTheQueueAndCanBeTriedAgain) {
  World world;
  world.Place(Simple("o"));
  world.Do(ReportConfirmFailed{"o", 1, "INSUFFICIENT_STOCK"});
  EXPECT_EQ(StateOf(world.order("o")), OrderState::kAwaitingStock);
  ASSERT_EQ(world.exceptions().size(), 1u);
  EXPECT_EQ(world.exceptions()[0].kind, ExceptionKind::kAwaitingStock);
  EXPECT_EQ(world.exceptions()[0].detail, "INSUFFICIENT_STOCK");
  EXPECT_TRUE(PendingIntents(world.order("o")).empty());
  // The answer comes again.
  EXPECT_TRUE(world.Do(ReportConfirmFailed{"o", 1, "INSUFFICIENT_STOCK"}).result.duplicate);
  EXPECT_TRUE(IsRejectedAs<IntentStale>(world.Do(ReportStockConfirmed{"o", 1, "r"})));

  world.Do(ResolveException{.exception_id = ExceptionId(world.exceptions()[0].position)});
  EXPECT_TRUE(world.exceptions().empty());
  const auto reroute = FindIntent<Reroute>(world.order("o"));
  ASSERT_TRUE(reroute.has_value());
  EXPECT_EQ(reroute->attempt, 2);
  ASSERT_EQ(reroute->groups.size(), 1u);
  EXPECT_EQ(reroute->groups[0].lines[0].quantity, Quantity(3));

  world.Do(ReportRerouted{.order_id = "o",
                          .attempt = 2,
                          .revision = reroute->revision,
                          .reservation_id = "r2",
                          .expires_at = world.now() + Seconds(60),
                          .assignments = {{0, "w3", Quantity(2)}}});
  EXPECT_EQ(world.order("o").lines[0].confirming, Quantity(2));
  EXPECT_EQ(world.order("o").lines[0].awaiting, Quantity(1));
  EXPECT_EQ(world.exceptions().size(), 1u);
  world.Confirm("o", 2);
  EXPECT_EQ(StateOf(world.order("o")), OrderState::kAwaitingStock);
  world.Do(Cancel("o", 1));
  EXPECT_EQ(StateOf(world.order("o")), OrderState::kOpen);
  EXPECT_TRUE(world.exceptions().empty());
}

TEST(Cancel, WhilePendingReleasesOnlyAfterTheConfirm) {
  World world;
  world.Place(Simple("o"));
  world.Do(CancelOrder{.order_id = "o"});
  EXPECT_EQ(StateOf(world.order("o")), OrderState::kCancelled);
  // Still to be confirmed, all of it, under the same key.
  auto confirm = FindIntent<ConfirmStock>(world.order("o"));
  ASSERT_TRUE(confirm.has_value());
  EXPECT_EQ(confirm->lines[0].quantity, Quantity(3));
  EXPECT_FALSE(FindIntent<ReleaseStock>(world.order("o")).has_value());

  world.Confirm("o", 1);
  EXPECT_TRUE(world.order("o").tasks.empty());
  const auto release = FindIntent<ReleaseStock>(world.order("o"));
  ASSERT_TRUE(release.has_value());
  EXPECT_FALSE(release->missing);
  ASSERT_EQ(release->parts.size(), 1u);
  EXPECT_EQ(release->parts[0], (ReservationUnits{"0", "w1", Quantity(3)}));
  world.SettleStock("o");
  EXPECT_TRUE(PendingIntents(world.order("o")).empty());
}

TEST(Cancel, WhilePendingAndConfirmFailingLeavesNothing) {
  World world;
  world.Place(Simple("o"));
  world.Do(CancelOrder{.order_id = "o"});
  world.Do(ReportConfirmFailed{"o", 1, "INSUFFICIENT_STOCK"});
  EXPECT_TRUE(world.exceptions().empty());
  EXPECT_TRUE(PendingIntents(world.order("o")).empty());
  EXPECT_EQ(StateOf(world.order("o")), OrderState::kCancelled);
}

TEST(Cancel, IsAllOrNothing) {
  World world;
  world.Place(Simple("o"));
  world.Confirm("o", 1);
  const Decision too_many = world.Do(Cancel("o", 4));
  ASSERT_NE(RejectedAs<QuantityExceedsOpen>(too_many), nullptr);
  EXPECT_EQ(RejectedAs<QuantityExceedsOpen>(too_many)->open, Quantity(3));
  EXPECT_TRUE(IsRejectedAs<LineNotFound>(
      world.Do(CancelOrder{.order_id = "o", .lines = {{"z", Quantity(1)}}})));
  EXPECT_EQ(world.order("o").lines[0].cancelled, Quantity(0));

  world.Do(Cancel("o", 1));
  EXPECT_EQ(world.task("o.t1").open(), Quantity(2));
  // Named twice, they add up.
  const Decision twice =
      world.Do(CancelOrder{.order_id = "o", .lines = {{"a", Quantity(2)}, {"a", Quantity(1)}}});
  EXPECT_NE(RejectedAs<QuantityExceedsOpen>(twice), nullptr);
  world.Do(Cancel("o", 2));
  EXPECT_EQ(world.task("o.t1").state, TaskState::kCancelled);
  const Decision nothing_left = world.Do(CancelOrder{.order_id = "o"});
  ASSERT_NE(RejectedAs<IllegalTransition>(nothing_left), nullptr);
  EXPECT_EQ(RejectedAs<IllegalTransition>(nothing_left)->state, "CANCELLED");
}

TEST(Cancel, TakesFromTheTaskThatIsLeastFar) {
  World world;
  PlaceOrder c = Simple("o");
  c.assignments = {{0, "w1", Quantity(2)}, {0, "w2", Quantity(1)}};
  world.Place(c);
  world.Confirm("o", 1);
  world.Do(RecordPick{.task_id = "o.t2"});
  world.Do(Cancel("o", 2));
  EXPECT_EQ(world.task("o.t1").state, TaskState::kCancelled);
  EXPECT_EQ(world.task("o.t2").state, TaskState::kPicked);
}

TEST(Cancel, NeedsTheCurrentEtag) {
  World world;
  world.Place(Simple("o"));
  const std::string old = Etag(world.order("o"));
  world.Confirm("o", 1);
  CancelOrder c{.order_id = "o", .etag = old};
  const Decision stale = world.Do(c);
  ASSERT_NE(RejectedAs<EtagMismatch>(stale), nullptr);
  c.etag = RejectedAs<EtagMismatch>(stale)->current;
  EXPECT_FALSE(world.Do(c).rejection.has_value());
}

TEST(Cancel, AfterShipmentIsIllegalAndPointsToAReturn) {
  World world;
  world.Place(Simple("o"));
  world.Confirm("o", 1);
  world.Do(RecordShipment{.task_id = "o.t1"});
  const Decision decision = world.Do(CancelOrder{.order_id = "o"});
  ASSERT_NE(RejectedAs<IllegalTransition>(decision), nullptr);
  EXPECT_EQ(RejectedAs<IllegalTransition>(decision)->state, "COMPLETED");
  EXPECT_EQ(RejectedAs<IllegalTransition>(decision)->allowed,
            std::vector<std::string>{"RequestReturn"});
}

TEST(Reroute, LeavesOutThePlacesThatSaidNo) {
  World world;
  world.Place(Simple("o"));
  world.Confirm("o", 1);
  world.Do(RejectTask{.task_id = "o.t1"});
  EXPECT_EQ(StateOf(world.order("o")), OrderState::kOpen);
  const auto release = FindIntent<ReleaseStock>(world.order("o"));
  ASSERT_TRUE(release.has_value());
  EXPECT_EQ(release->parts[0].quantity, Quantity(3));
  const auto reroute = FindIntent<Reroute>(world.order("o"));
  ASSERT_TRUE(reroute.has_value());
  EXPECT_EQ(reroute->excluded_locations, std::vector<std::string>{"w1"});
  EXPECT_TRUE(world.exceptions().empty());

  // Some are cancelled while routing plans: its answer is to another question.
  world.Do(Cancel("o", 1));
  ReportRerouted report{.order_id = "o",
                        .attempt = 2,
                        .revision = reroute->revision,
                        .reservation_id = "r2",
                        .expires_at = world.now() + Seconds(60),
                        .assignments = {{0, "w2", Quantity(3)}}};
  EXPECT_TRUE(IsRejectedAs<IntentStale>(world.Do(report)));
  const auto next = FindIntent<Reroute>(world.order("o"));
  ASSERT_TRUE(next.has_value());
  EXPECT_NE(next->key, reroute->key);
  report.revision = next->revision;
  report.assignments[0].quantity = Quantity(2);
  report.expires_at = world.now() + Seconds(29);
  EXPECT_TRUE(IsRejectedAs<HoldTooShort>(world.Do(report)));
  report.expires_at = world.now() + Seconds(30);
  EXPECT_FALSE(world.Do(report).rejection.has_value());
  EXPECT_FALSE(FindIntent<Reroute>(world.order("o")).has_value());
  world.Confirm("o", 2);
  EXPECT_EQ(world.task("o.t2").location_id, "w2");
}

TEST(Reroute, GivesUpAfterFiveAttempts) {
  World world;
  world.Place(Simple("o"));
  for (int attempt = 1; attempt < FulfilmentPolicy().attempts_max; ++attempt) {
    world.Confirm("o", attempt);
    world.Do(RejectTask{.task_id = TaskId("o", attempt)});
    const auto reroute = FindIntent<Reroute>(world.order("o"));
    ASSERT_TRUE(reroute.has_value());
    world.Do(ReportRerouted{.order_id = "o",
                            .attempt = attempt + 1,
                            .revision = reroute->revision,
                            .reservation_id = "r",
                            .expires_at = world.now() + Seconds(60),
                            .assignments = {{0, "w2", Quantity(3)}}});
  }
  world.Confirm("o", 5);
  world.Do(RejectTask{.task_id = "o.t5"});
  EXPECT_FALSE(FindIntent<Reroute>(world.order("o")).has_value());
  EXPECT_EQ(StateOf(world.order("o")), OrderState::kAwaitingStock);
  ASSERT_EQ(world.exceptions().size(), 1u);
  EXPECT_EQ(world.exceptions()[0].kind, ExceptionKind::kAwaitingStock);
}

TEST(Reroute, NothingFoundAwaitsStock) {
  World world;
  world.Place(Simple("o"));
  world.Confirm("o", 1);
  world.Do(RejectTask{.task_id = "o.t1"});
  world.Do(ReportRerouted{
      .order_id = "o", .attempt = 2, .revision = FindIntent<Reroute>(world.order("o"))->revision});
  EXPECT_EQ(StateOf(world.order("o")), OrderState::kAwaitingStock);
  EXPECT_EQ(world.order("o").attempts.size(), 1u);
  EXPECT_EQ(world.exceptions().size(), 1u);
}

TEST(Reroute, APeersRefusalIsNamed) {
  World world;
  world.Place(Simple("o"));
  world.Confirm("o", 1);
  world.Do(RejectTask{.task_id = "o.t1"});
  const Decision decision =
      world.Do(ReportRerouted{.order_id = "o",
                              .attempt = 2,
                              .revision = FindIntent<Reroute>(world.order("o"))->revision,
                              .reason = "LOCATION_NOT_FOUND"});
  const auto* failed = FindEvent<RoutingFailed>(decision.events);
  ASSERT_NE(failed, nullptr);
  EXPECT_EQ(failed->reason, "LOCATION_NOT_FOUND");
  ASSERT_EQ(world.exceptions().size(), 1u);
  EXPECT_EQ(world.exceptions()[0].detail, "LOCATION_NOT_FOUND");
}

TEST(StockOps, ARefusalBecomesAnException) {
  World world;
  world.Place(Simple("o"));
  world.Confirm("o", 1);
  world.Do(RecordShipment{.task_id = "o.t1"});
  world.Do(ReportStockSettled{"o", 1, "QUANTITY_EXCEEDS_OPEN"});
  ASSERT_EQ(world.exceptions().size(), 1u);
  EXPECT_EQ(world.exceptions()[0].kind, ExceptionKind::kStockConflict);
  EXPECT_EQ(world.exceptions()[0].detail, "QUANTITY_EXCEEDS_OPEN");
  EXPECT_EQ(world.exceptions()[0].task_id, "o.t1");
  EXPECT_TRUE(PendingIntents(world.order("o")).empty());
  EXPECT_TRUE(world.Do(ReportStockSettled{"o", 1, ""}).result.duplicate);
  EXPECT_TRUE(IsRejectedAs<IntentStale>(world.Do(ReportStockSettled{"o", 2, ""})));

  const std::string id = ExceptionId(world.exceptions()[0].position);
  world.Do(ResolveException{.exception_id = id});
  const Decision again = world.Do(ResolveException{.exception_id = id});
  ASSERT_NE(RejectedAs<IllegalTransition>(again), nullptr);
  EXPECT_EQ(RejectedAs<IllegalTransition>(again)->state, "RESOLVED");
}

}  // namespace
}  // namespace quartermaster::orders
