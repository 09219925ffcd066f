// What reason codes mean, and how often an order is routed, by the policy of its channel.
#include "services/orders/domain/fulfilment_policy.h"

#include <gtest/gtest.h>

#include "services/orders/domain/testing/world.h"

namespace quartermaster::orders {
namespace {

FulfilmentPolicy Reasons() {
  FulfilmentPolicy policy;
  policy.reasons = {
      {.code = "CLOSED", .keep_location = true},
      {.code = "LOST", .units = UnitsEffect::kSuspect},
      {.code = "RESERVED", .units = UnitsEffect::kAvailable, .keep_location = true},
      {.code = "RECALL", .order = OrderEffect::kAsk, .suggested_action = "CALL_QUALITY"},
      {.code = "OTHER_COLOUR", .order = OrderEffect::kReroute, .suggested_action = "OFFER_COLOUR"},
  };
  return policy;
}

// Lines a (2 units) and b (1) of one group of channel "web", at w1, confirmed.
World TwoLines(const Group& group) {
  World world;
  world.Do(SetFulfilmentPolicy{.channel_id = "web", .policy = Reasons()});
  world.Place({.order_id = "o",
               .groups = {group},
               .lines = {Line("a", 0, "s1", 2), Line("b", 0, "s2", 1)}});
  world.Confirm("o", 1);
  return world;
}

RejectTask Reject(const std::string& reason) {
  return {.task_id = "o.t1", .attribution = {.reason_code = reason}};
}

std::vector<ReleaseStock> Releases(const Order& order) {
  std::vector<ReleaseStock> releases;
  for (const Intent& intent : PendingIntents(order)) {
    if (const auto* release = std::get_if<ReleaseStock>(&intent)) releases.push_back(*release);
  }
  return releases;
}

TEST(FulfilmentPolicy, TheChannelsOwnThenThatOfAllThenTheBuiltIn) {
  World world;
  EXPECT_EQ(PolicyOf(world.state().policies, "web"), SetPolicy());
  FulfilmentPolicy all;
  all.attempts_max = 2;
  world.Do(SetFulfilmentPolicy{.policy = all});
  EXPECT_EQ(PolicyOf(world.state().policies, "web").policy, all);
  EXPECT_EQ(PolicyOf(world.state().policies, "web").channel_id, "");
  world.Do(SetFulfilmentPolicy{.channel_id = "web", .policy = Reasons()});
  EXPECT_EQ(PolicyOf(world.state().policies, "web").policy, Reasons());
  EXPECT_EQ(PolicyOf(world.state().policies, "web").channel_id, "web");
  EXPECT_EQ(PolicyOf(world.state().policies, "app").policy, all);
}

TEST(FulfilmentPolicy, AnEtagIsThatOfTheChannelsOwn) {
  World world;
  SetFulfilmentPolicy c{.channel_id = "web", .etag = "0"};
  EXPECT_FALSE(world.Do(c).rejection.has_value()) << "it has none";
  const Decision stale = world.Do(c);
  ASSERT_NE(RejectedAs<EtagMismatch>(stale), nullptr);
  const std::string current = Etag(PolicyOf(world.state().policies, "web"));
  EXPECT_EQ(RejectedAs<EtagMismatch>(stale)->current, current);
  c.channel_id = "app";
  EXPECT_FALSE(world.Do(c).rejection.has_value()) << "another channel";
  // The same content once more has another etag.
  c = {.channel_id = "web", .etag = current};
  EXPECT_FALSE(world.Do(c).rejection.has_value());
  EXPECT_NE(Etag(PolicyOf(world.state().policies, "web")), current);
}

TEST(FulfilmentPolicy, SaysHowOftenAnOrderIsRouted) {
  World world;
  FulfilmentPolicy once;
  once.attempts_max = 1;
  world.Do(SetFulfilmentPolicy{.channel_id = "web", .policy = once});
  world.Place({.order_id = "o", .groups = {Ship("g")}, .lines = {Line("a", 0, "s1", 2)}});
  world.Confirm("o", 1);
  world.Do(RejectTask{.task_id = "o.t1"});
  EXPECT_EQ(world.order("o").lines[0].awaiting, Quantity(2));
  ASSERT_EQ(world.exceptions().size(), 1u);
  EXPECT_EQ(world.exceptions()[0].suggested_action, "REROUTE_OR_CANCEL");
}

TEST(RejectReason, AnUnknownOneCountsAsNone) {
  World world = TwoLines(Ship("g"));
  world.Do(Reject("RAIN"));
  const auto reroute = FindIntent<Reroute>(world.order("o"));
  ASSERT_TRUE(reroute.has_value());
  EXPECT_EQ(reroute->excluded_locations, std::vector<std::string>{"w1"});
  EXPECT_FALSE(FindIntent<ReleaseStock>(world.order("o"))->missing);
}

TEST(RejectReason, MayLeaveTheLocationToBeAskedAgain) {
  World world = TwoLines(Ship("g"));
  world.Do(Reject("CLOSED"));
  EXPECT_TRUE(FindIntent<Reroute>(world.order("o"))->excluded_locations.empty());
}

TEST(RejectReason, MayMakeTheUnitsSuspect) {
  World world = TwoLines(Ship("g"));
  world.Do(Reject("LOST"));
  EXPECT_TRUE(FindIntent<ReleaseStock>(world.order("o"))->missing);
  EXPECT_TRUE(FindIntent<Reroute>(world.order("o")).has_value());
}

TEST(RejectReason, SuspectIsAlsoWhatWasToBePutBack) {
  for (const Group& group : {Ship("g"), Pickup("g", "w1")}) {
    World world = TwoLines(group);
    world.Do(RecordPick{.task_id = "o.t1"});
    world.Do(CancelOrder{.order_id = "o", .lines = {{"a", Quantity(1)}}});
    world.Do(Reject("LOST"));
    EXPECT_EQ(world.order("o").lines[0].cancelled, Quantity(1));
    const std::vector<ReleaseStock> releases = Releases(world.order("o"));
    ASSERT_EQ(releases.size(), 1u);
    EXPECT_TRUE(releases[0].missing);
    EXPECT_EQ(releases[0].parts[0].quantity, Quantity(2));
    EXPECT_EQ(world.order("o").lines[0].to_route + world.order("o").lines[0].awaiting, Quantity(1));

    World all = TwoLines(group);
    all.Do(RecordPick{.task_id = "o.t1"});
    all.Do(CancelOrder{.order_id = "o"});
    all.Do(Reject("LOST"));
    EXPECT_EQ(StateOf(all.order("o")), OrderState::kCancelled);
    EXPECT_TRUE(all.exceptions().empty()) << "nobody wants it any more";
  }
}

TEST(RejectReason, MayAskAPerson) {
  World world = TwoLines(Ship("g"));
  world.Do(Reject("RECALL"));
  EXPECT_FALSE(FindIntent<Reroute>(world.order("o")).has_value());
  EXPECT_EQ(StateOf(world.order("o")), OrderState::kAwaitingStock);
  ASSERT_EQ(world.exceptions().size(), 1u);
  EXPECT_EQ(world.exceptions()[0].kind, ExceptionKind::kAwaitingStock);
  EXPECT_EQ(world.exceptions()[0].suggested_action, "CALL_QUALITY");
  EXPECT_EQ(world.exceptions()[0].detail, "RECALL");
}

TEST(RejectReason, NeverReroutesAPickup) {
  World world = TwoLines(Pickup("g", "w1"));
  world.Do(Reject("OTHER_COLOUR"));
  EXPECT_FALSE(FindIntent<Reroute>(world.order("o")).has_value());
  ASSERT_EQ(world.exceptions().size(), 1u);
  EXPECT_EQ(world.exceptions()[0].kind, ExceptionKind::kPickupUnfillable);
  EXPECT_EQ(world.exceptions()[0].suggested_action, "OFFER_COLOUR");
}

TEST(PickReason, MayLeaveTheUnitsForSale) {
  World world = TwoLines(Ship("g"));
  world.Do(RecordPick{.task_id = "o.t1",
                      .lines = {{"a", Quantity(1), "RESERVED"}, {"b", Quantity(0), "RESERVED"}}});
  const std::vector<ReleaseStock> releases = Releases(world.order("o"));
  ASSERT_EQ(releases.size(), 1u);
  EXPECT_FALSE(releases[0].missing);
  EXPECT_EQ(releases[0].parts.size(), 2u);
  EXPECT_TRUE(FindIntent<Reroute>(world.order("o"))->excluded_locations.empty());
}

TEST(PickReason, KeepsTheLocationOnlyIfAllOfThemDo) {
  World world = TwoLines(Ship("g"));
  world.Do(RecordPick{.task_id = "o.t1",
                      .lines = {{"a", Quantity(1), "RESERVED"}, {"b", Quantity(0), ""}}});
  const std::vector<ReleaseStock> releases = Releases(world.order("o"));
  ASSERT_EQ(releases.size(), 2u);
  EXPECT_TRUE(releases[0].missing);
  EXPECT_EQ(releases[0].parts, (std::vector<ReservationUnits>{{"1", "w1", Quantity(1)}}));
  EXPECT_FALSE(releases[1].missing);
  EXPECT_EQ(releases[1].parts, (std::vector<ReservationUnits>{{"0", "w1", Quantity(1)}}));
  EXPECT_EQ(FindIntent<Reroute>(world.order("o"))->excluded_locations,
            std::vector<std::string>{"w1"});
}

TEST(PickReason, AsksForTheLinesThatItIsGivenFor) {
  World world = TwoLines(Ship("g"));
  const Decision decision = world.Do(RecordPick{
      .task_id = "o.t1", .lines = {{"a", Quantity(0), "RECALL"}, {"b", Quantity(0), "RAIN"}}});
  EXPECT_EQ(world.order("o").lines[0].awaiting, Quantity(2));
  EXPECT_EQ(world.order("o").lines[1].to_route, Quantity(1));
  ASSERT_EQ(world.exceptions().size(), 1u);
  EXPECT_EQ(world.exceptions()[0].suggested_action, "CALL_QUALITY");
  const auto* picked = FindEvent<TaskPicked>(decision.events);
  ASSERT_NE(picked, nullptr);
  EXPECT_TRUE(picked->reroute);
  EXPECT_EQ(picked->lines[1].reason_code, "RAIN") << "what was said is kept";

  World all = TwoLines(Ship("g"));
  all.Do(RecordPick{.task_id = "o.t1", .lines = {{"a", Quantity(1), "RECALL"}}});
  EXPECT_FALSE(FindIntent<Reroute>(all.order("o")).has_value());
  EXPECT_EQ(all.exceptions().size(), 1u);
}

TEST(PickReason, OfWhatIsNotShortMeansNothing) {
  World world = TwoLines(Ship("g"));
  const Decision decision =
      world.Do(RecordPick{.task_id = "o.t1", .lines = {{"a", Quantity(2), "RECALL"}}});
  const auto* picked = FindEvent<TaskPicked>(decision.events);
  ASSERT_NE(picked, nullptr);
  EXPECT_EQ(picked->lines, (std::vector<PickedUnits>{{.index = 0, .picked = Quantity(2)}}));
  EXPECT_FALSE(picked->reroute || picked->keep_location);
  EXPECT_TRUE(world.exceptions().empty());
}

TEST(PickReason, WhatWasToBePutBackAsksNobody) {
  World world = TwoLines(Ship("g"));
  world.Do(RecordPick{.task_id = "o.t1"});
  world.Do(CancelOrder{.order_id = "o", .lines = {{"a", Quantity(1)}}});
  world.Do(RecordPick{.task_id = "o.t1",
                      .lines = {{"a", Quantity(1), "RECALL"}, {"b", Quantity(0), ""}}});
  EXPECT_EQ(world.order("o").lines[0].cancelled, Quantity(1));
  EXPECT_EQ(world.order("o").lines[0].awaiting, Quantity());
  EXPECT_EQ(world.order("o").lines[1].to_route, Quantity(1));
  EXPECT_TRUE(world.exceptions().empty());
}

}  // namespace
}  // namespace quartermaster::orders
