// Pickups: until when goods wait at the counter, and what becomes of those that nobody fetches.
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "services/orders/domain/apply.h"
#include "services/orders/domain/due.h"
#include "services/orders/domain/invariants.h"
#include "services/orders/domain/pickups.h"
#include "services/orders/domain/testing/world.h"

namespace quartermaster::orders {
namespace {

constexpr Micros kDay = Hours(24);

Micros Days(int64_t n) { return Hours(24 * n); }

// A store that closes an hour from now and every day after that; on every third day it is closed.
std::vector<Instant> Closes(Instant now) {
  std::vector<Instant> closes;
  for (int day = 1; closes.size() < 100; ++day) {
    if (day % 3 != 0) closes.push_back(now + Hours(1) + Days(day));
  }
  return closes;
}

// Lines a (2 units) and b (1) of one group, picked up at w1: at the counter.
void MakeReady(World& world, const std::string& order_id = "o") {
  PlaceOrder c;
  c.order_id = order_id;
  c.groups = {Pickup("g", "w1")};
  c.lines = {Line("a", 0, "s1", 2), Line("b", 0, "s2", 1)};
  world.Place(c);
  world.Confirm(order_id, 1);
  const std::string task_id = TaskId(order_id, 1);
  world.Do(RecordPick{.task_id = task_id});
  world.Do(
      MarkReadyForPickup{.task_id = task_id, .code_hmac = "right", .closes = Closes(world.now())});
}

void LetItExpire(World& world) {
  MakeReady(world);
  world.Advance(world.task("o.t1").times.expires_at - world.now());
  world.DoDue();
  ASSERT_EQ(world.task("o.t1").state, TaskState::kExpiring);
}

HandOver Fetch(std::vector<HandOverLine> lines = {}) {
  return {.task_id = "o.t1", .code_hmac = "right", .lines = std::move(lines)};
}

ExtendPickup Extend(const World& world) {
  return {.task_id = "o.t1", .closes = Closes(world.now())};
}

void ExpectSound(const World& world) {
  for (const std::string& violation : CheckState(world.state())) ADD_FAILURE() << violation;
}

TEST(PickupDeadline, CountsTheDaysOnWhichTheStoreIsOpen) {
  const Instant now{0};
  const std::vector<Instant> closes = Closes(now);
  FulfilmentPolicy policy;
  // Of ten days, three are closed.
  EXPECT_EQ(DeadlineFrom(policy, closes, now).expires_at, now + Hours(1) + Days(10));
  EXPECT_EQ(DeadlineFrom(policy, closes, now).remind_at, now + Hours(1) + Days(7))
      << "two open days before the end";
  policy.pickup_days = 1;
  EXPECT_EQ(DeadlineFrom(policy, closes, now).expires_at, closes[0]);
}

TEST(PickupDeadline, RemindsBetweenTheFirstDayAndTheEnd) {
  const std::vector<Instant> closes = Closes({});
  const auto remind_at = [&](int pickup_days, int reminder_days) {
    FulfilmentPolicy policy;
    policy.pickup_days = pickup_days;
    policy.reminder_days = reminder_days;
    return DeadlineFrom(policy, closes, {}).remind_at;
  };
  EXPECT_EQ(remind_at(5, 4), closes[0]);
  EXPECT_EQ(remind_at(5, 1), closes[3]);
  EXPECT_EQ(remind_at(5, 0), kDistantFuture) << "that is the end itself";
  EXPECT_EQ(remind_at(5, 5), kDistantFuture) << "it has just been told that they are ready";
  EXPECT_EQ(remind_at(1, 2), kDistantFuture);
}

TEST(PickupDeadline, BehindWhatIsKnownADayHas24Hours) {
  FulfilmentPolicy policy;
  policy.pickup_days = 3;
  policy.reminder_days = 1;
  const Instant now{0};
  EXPECT_EQ(DeadlineFrom(policy, {}, now).expires_at, now + Days(3));
  EXPECT_EQ(DeadlineFrom(policy, {}, now).remind_at, now + Days(2));
  EXPECT_EQ(DeadlineFrom(policy, {now + Hours(30)}, now).expires_at, now + Hours(30) + Days(2));
  // What has passed by the log's clock is no day any more.
  EXPECT_EQ(DeadlineFrom(policy, {now - kDay, now, now + Hours(30)}, now).expires_at,
            now + Hours(30) + Days(2));
}

TEST(Pickup, IsKeptAndRemindedOfAsThePolicySays) {
  World world;
  MakeReady(world);
  const PickupTimes& times = world.task("o.t1").times;
  EXPECT_EQ(times.ready_at, world.now());
  EXPECT_EQ(times.expires_at, world.now() + Hours(1) + Days(10));
  ExpectSound(world);
  world.Advance(Hours(1) + Days(7) - Micros{1});
  EXPECT_TRUE(world.DoDue().empty());
  world.Advance(Micros{1});
  EXPECT_NE(FindEvent<PickupReminded>(world.DoDue()), nullptr);
  EXPECT_TRUE(times.reminded);
  EXPECT_LT(world.order("o").shown_position, world.order("o").changed_position)
      << "what is shown of it is as it was";
  EXPECT_TRUE(world.DoDue().empty()) << "once";
  ExpectSound(world);
  world.Advance(Days(3) - Micros{1});
  EXPECT_TRUE(world.DoDue().empty());
  EXPECT_EQ(world.task("o.t1").state, TaskState::kReadyForPickup);
  world.Advance(Micros{1});
  world.DoDue();
  EXPECT_EQ(world.task("o.t1").state, TaskState::kExpiring);
  EXPECT_EQ(times.give_up_at, world.now() + Hours(72));
  EXPECT_EQ(StateOf(world.order("o")), OrderState::kOpen) << "nothing is cancelled yet";
  ExpectSound(world);
}

TEST(Pickup, FollowsThePolicyOfItsChannel) {
  World world;
  MakeReady(world, "p");
  PlaceOrder c;
  c.order_id = "o";
  c.groups = {Pickup("g", "w1")};
  c.lines = {Line("a", 0, "s1", 1)};
  world.Place(c);
  world.Confirm("o", 1);
  world.Do(RecordPick{.task_id = "o.t1"});
  State state = world.state();
  state.policies["app"].policy.pickup_days = 2;
  const Command ready = MarkReadyForPickup{.task_id = "o.t1", .closes = Closes(world.now())};
  const auto expires_at = [&] {
    const Decision decision = Decide(state, ready, world.now());
    const auto* event = FindEvent<PickupReady>(decision.events);
    return event == nullptr ? Instant() : event->expires_at;
  };
  EXPECT_EQ(expires_at(), Closes(world.now())[6]) << "the channel is web: the built-in policy";
  state.policies["web"].policy = {.pickup_days = 4, .extensions_max = 0, .give_up_after = Hours(1)};
  EXPECT_EQ(expires_at(), Closes(world.now())[3]);

  const Decision extended = Decide(state, ExtendPickup{.task_id = "p.t1"}, world.now());
  EXPECT_TRUE(IsRejectedAs<IllegalTransition>(extended));
  const Instant end = world.task("p.t1").times.expires_at;
  const std::vector<Event> expired = DecideDue(state, end);
  ASSERT_NE(FindEvent<PickupExpiring>(expired), nullptr);
  EXPECT_EQ(FindEvent<PickupExpiring>(expired)->give_up_at, end + Hours(1));
}

TEST(Pickup, WhatIsReservedAndPaidAtTheCounterIsTheSame) {
  World world;
  PlaceOrder c;
  c.order_id = "o";
  c.groups = {Pickup("g", "w1")};
  c.groups[0].payment_term = PaymentTerm::kAtPickup;
  c.groups[0].promised_by = world.now() + Hours(2);
  c.lines = {Line("a", 0, "s1", 1)};
  world.Place(c);
  world.Confirm("o", 1);
  world.Do(RecordPick{.task_id = "o.t1"});
  world.Do(MarkReadyForPickup{.task_id = "o.t1", .code_hmac = "right"});
  world.Advance(Days(7));
  world.DoDue();
  world.Advance(Hours(72));
  world.DoDue();
  EXPECT_EQ(world.task("o.t1").state, TaskState::kExpired);
  EXPECT_EQ(StateOf(world.order("o")), OrderState::kCancelled) << "for sale again, and never paid";
}

TEST(Pickup, WhatIsLeftAtTheCounterHasItsDeadlineUnchanged) {
  World world;
  MakeReady(world);
  const PickupTimes before = world.task("o.t1").times;
  world.Advance(kDay);
  world.Do(Fetch({{"a", Quantity(1), Quantity()}}));
  EXPECT_EQ(world.task("o.t1").times, before);
  EXPECT_EQ(world.state().due.size(), 2u);
  world.Advance(before.expires_at - world.now());
  world.DoDue();
  EXPECT_EQ(world.task("o.t1").state, TaskState::kExpiring);
}

TEST(Pickup, WhatIsDueComesInOrder) {
  World world;
  for (const char* id : {"o", "n", "p"}) MakeReady(world, id);
  world.Advance(Micros{1});
  MakeReady(world, "a");
  world.Advance(Days(7) + Hours(1));
  std::vector<std::string> reminded;
  for (const Event& event : world.DoDue()) reminded.emplace_back(OrderIdOf(event));
  EXPECT_EQ(reminded, (std::vector<std::string>{"n", "o", "p", "a"})) << "by time, then by id";
  EXPECT_TRUE(world.DoDue().empty());
}

TEST(Pickup, NobodyIsRemindedOfWhatIsOver) {
  World world;
  MakeReady(world);
  world.Advance(Days(30));
  const std::vector<Event> events = world.DoDue();
  EXPECT_EQ(FindEvent<PickupReminded>(events), nullptr);
  ASSERT_NE(FindEvent<PickupExpiring>(events), nullptr);
  EXPECT_EQ(events.size(), 1u) << "the store has its time to put it back";
  ExpectSound(world);
}

TEST(Pickup, WhatWasReadyBeforeThereWereDeadlinesIsKept) {
  World world;
  MakeReady(world);
  // As version 1 of the event says it.
  State old;
  for (const World::Logged& logged : world.log()) {
    Event event = logged.event;
    if (auto* ready = std::get_if<PickupReady>(&event)) {
      ready->expires_at = ready->remind_at = kDistantFuture;
    }
    Apply(old, event, logged.position, logged.time);
  }
  EXPECT_TRUE(old.due.empty());
  EXPECT_TRUE(CheckState(old).empty());
  const Decision extended = Decide(old, Extend(world), world.now());
  EXPECT_TRUE(extended.result.duplicate) << "it is kept for ever";
}

// The customer sends somebody, who has a code of their own.
TEST(Proxy, MayFetchItUntilNobodyMayAnyMore) {
  World world;
  MakeReady(world);
  EXPECT_FALSE(
      world.Do(SetPickupProxy{.task_id = "o.t1", .code_hmac = "first"}).rejection.has_value());
  EXPECT_TRUE(world.Do(SetPickupProxy{.task_id = "o.t1", .code_hmac = "first"}).result.duplicate);
  world.Do(SetPickupProxy{.task_id = "o.t1", .code_hmac = "second"});
  HandOver fetch = Fetch({{.line_id = "a", .handed_over = Quantity(1)}});
  const std::string own = fetch.code_hmac;
  fetch.code_hmac = "first";
  EXPECT_TRUE(IsRejectedAs<PickupCodeWrong>(world.Do(fetch))) << "another one is sent";
  fetch.code_hmac = "second";
  EXPECT_FALSE(world.Do(fetch).rejection.has_value());
  EXPECT_TRUE(world.task("o.t1").fetched_by_proxy);
  world.Do(SetPickupProxy{.task_id = "o.t1"});
  EXPECT_TRUE(IsRejectedAs<PickupCodeWrong>(world.Do(fetch)));
  fetch.code_hmac.clear();
  EXPECT_TRUE(IsRejectedAs<PickupCodeWrong>(world.Do(fetch))) << "no code is none";
  fetch.code_hmac = own;
  EXPECT_FALSE(world.Do(fetch).rejection.has_value()) << "the customer's own is good all along";
}

TEST(Proxy, IsOnlyOfWhatIsAtTheCounter) {
  World world;
  MakeReady(world);
  world.Do(Fetch());
  EXPECT_EQ(RejectedAs<IllegalTransition>(
                world.Do(SetPickupProxy{.task_id = "o.t1", .code_hmac = "late"}))
                ->state,
            "HANDED_OVER");
  EXPECT_TRUE(world.task("o.t1").proxy_code_hmac.empty());
}

TEST(Expiry, AHandOverStillWins) {
  World world;
  LetItExpire(world);
  EXPECT_TRUE(
      IsRejectedAs<PickupCodeWrong>(world.Do(HandOver{.task_id = "o.t1", .code_hmac = "guess"})));
  EXPECT_FALSE(world.Do(Fetch()).rejection.has_value());
  EXPECT_EQ(world.task("o.t1").state, TaskState::kHandedOver);
  EXPECT_EQ(StateOf(world.order("o")), OrderState::kCompleted);
  ExpectSound(world);
  world.Advance(Days(30));
  EXPECT_TRUE(world.DoDue().empty()) << "the expiry is cancelled";
}

TEST(Expiry, WhatIsLeftAtTheCounterIsStillToBePutBack) {
  World world;
  LetItExpire(world);
  const Instant give_up_at = world.task("o.t1").times.give_up_at;
  world.Advance(Hours(1));
  world.Do(Fetch({{"a", Quantity(1), Quantity(1)}}));
  EXPECT_EQ(world.task("o.t1").state, TaskState::kExpiring);
  EXPECT_EQ(world.task("o.t1").times.give_up_at, give_up_at) << "the deadline is unchanged";
  EXPECT_EQ(world.task("o.t1").lines[0].refused, Quantity(1));
  world.Do(PutBack{.task_id = "o.t1"});
  EXPECT_EQ(world.task("o.t1").state, TaskState::kHandedOver) << "some of it was";
  EXPECT_EQ(world.order("o").lines[1].cancelled, Quantity(1));
  EXPECT_EQ(StateOf(world.order("o")), OrderState::kCompleted);
  ExpectSound(world);
}

TEST(Expiry, ThePutBackEndsIt) {
  World world;
  LetItExpire(world);
  EXPECT_TRUE(IsRejectedAs<QuantityExceedsOpen>(
      world.Do(PutBack{.task_id = "o.t1", .lines = {{"a", Quantity(3)}}})));
  EXPECT_TRUE(IsRejectedAs<LineNotFound>(
      world.Do(PutBack{.task_id = "o.t1", .lines = {{"z", Quantity(1)}}})));
  world.Do(PutBack{.task_id = "o.t1", .lines = {{"a", Quantity(1)}}});
  EXPECT_EQ(world.task("o.t1").state, TaskState::kExpiring) << "the rest may still be fetched";
  EXPECT_EQ(world.order("o").lines[0].cancelled, Quantity(1));
  EXPECT_EQ(FindIntent<ReleaseStock>(world.order("o"))->parts[0].quantity, Quantity(1))
      << "for sale again";
  world.Do(PutBack{.task_id = "o.t1"});
  EXPECT_EQ(world.task("o.t1").state, TaskState::kExpired);
  EXPECT_EQ(StateOf(world.order("o")), OrderState::kCancelled);
  EXPECT_TRUE(world.exceptions().empty());
  ExpectSound(world);
  EXPECT_TRUE(IsRejectedAs<IllegalTransition>(world.Do(Fetch())));
  EXPECT_TRUE(IsRejectedAs<IllegalTransition>(world.Do(PutBack{.task_id = "o.t1"})));
  EXPECT_TRUE(IsRejectedAs<IllegalTransition>(world.Do(Extend(world))));
  world.Advance(Days(30));
  EXPECT_TRUE(world.DoDue().empty());
}

TEST(Expiry, WhatNobodyPutsBackIsGivenUp) {
  World world;
  LetItExpire(world);
  world.Advance(Hours(72) - Micros{1});
  EXPECT_TRUE(world.DoDue().empty());
  world.Advance(Micros{1});
  const std::vector<Event> events = world.DoDue();
  const auto* cancelled = FindEvent<UnitsCancelled>(events);
  ASSERT_NE(cancelled, nullptr);
  EXPECT_TRUE(cancelled->given_up);
  EXPECT_EQ(world.task("o.t1").state, TaskState::kExpired);
  EXPECT_EQ(StateOf(world.order("o")), OrderState::kCancelled);
  EXPECT_EQ(FindIntent<ReleaseStock>(world.order("o"))->parts.size(), 2u);
  EXPECT_TRUE(world.DoDue().empty());
  ExpectSound(world);
  // Somebody had it in his hands all the same.
  EXPECT_TRUE(world.Do(RecordPick{.task_id = "o.t1"}).result.duplicate);
  EXPECT_TRUE(IsRejectedAs<IllegalTransition>(
      world.Do(MarkReadyForPickup{.task_id = "o.t1", .code_hmac = "right"})));
}

TEST(Expiry, ACancelAsksForWhatIsToBePutBackAnyhow) {
  World world;
  LetItExpire(world);
  world.Do(CancelOrder{.order_id = "o", .lines = {{"a", Quantity(1)}}});
  EXPECT_EQ(world.task("o.t1").lines[0].cancel_requested, Quantity(1));
  world.Do(PutBack{.task_id = "o.t1"});
  EXPECT_EQ(world.task("o.t1").state, TaskState::kExpired);
  EXPECT_EQ(world.task("o.t1").lines[0].cancel_requested, Quantity());
  EXPECT_EQ(StateOf(world.order("o")), OrderState::kCancelled);
}

TEST(Expiry, WhatIsMissingAtThePutBackIsAsked) {
  World world;
  LetItExpire(world);
  world.Do(RecordPick{.task_id = "o.t1", .lines = {{"a", Quantity(0)}, {"b", Quantity(0)}}});
  EXPECT_EQ(world.task("o.t1").state, TaskState::kExpired);
  EXPECT_TRUE(FindIntent<ReleaseStock>(world.order("o"))->missing);
  ExpectSound(world);
}

TEST(Extension, MovesTheDeadlineAndKeepsTheCode) {
  World world;
  MakeReady(world);
  world.Advance(Days(8));
  world.DoDue();
  ASSERT_TRUE(world.task("o.t1").times.reminded);
  world.Do(Extend(world));
  const PickupTimes& times = world.task("o.t1").times;
  EXPECT_EQ(times.expires_at, world.now() + Hours(1) + Days(10));
  EXPECT_EQ(times.extensions, 1);
  EXPECT_FALSE(times.reminded) << "there is a new end to be reminded of";
  ExpectSound(world);
  world.Advance(Days(3));
  EXPECT_TRUE(world.DoDue().empty()) << "the old end is none any more";
  EXPECT_FALSE(world.Do(Fetch()).rejection.has_value());
  EXPECT_TRUE(world.state().due.empty());
}

TEST(Extension, BringsBackWhatIsExpiring) {
  World world;
  LetItExpire(world);
  world.Do(PutBack{.task_id = "o.t1", .lines = {{"a", Quantity(1)}}});
  EXPECT_FALSE(world.Do(Extend(world)).rejection.has_value());
  EXPECT_EQ(world.task("o.t1").state, TaskState::kReadyForPickup);
  EXPECT_EQ(world.task("o.t1").times.give_up_at, kDistantFuture);
  EXPECT_EQ(world.task("o.t1").open(), Quantity(2)) << "what is on the shelf stays there";
  ExpectSound(world);
  world.Advance(Days(9));
  EXPECT_EQ(FindEvent<UnitsCancelled>(world.DoDue()), nullptr) << "it is not given up";
  EXPECT_TRUE(IsRejectedAs<IllegalTransition>(world.Do(PutBack{.task_id = "o.t1"})));
  world.Do(Fetch());
  EXPECT_EQ(world.task("o.t1").state, TaskState::kHandedOver);
}

TEST(Extension, IsLimited) {
  World world;
  MakeReady(world);
  for (int i = 0; i < FulfilmentPolicy().extensions_max; ++i) {
    world.Advance(kDay);
    const Decision extended = world.Do(Extend(world));
    EXPECT_FALSE(extended.rejection.has_value() || extended.result.duplicate);
  }
  world.Advance(kDay);
  const Decision decision = world.Do(Extend(world));
  const auto* rejection = RejectedAs<IllegalTransition>(decision);
  ASSERT_NE(rejection, nullptr);
  EXPECT_EQ(rejection->state, "READY_FOR_PICKUP");
  EXPECT_EQ(rejection->extensions, 2);
  EXPECT_EQ(rejection->allowed,
            (std::vector<std::string>{"RecordPick", "HandOver", "SetPickupProxy"}));
  EXPECT_EQ(decision.result.task_id, "o.t1");
  EXPECT_TRUE(IsRejectedAs<TaskNotFound>(world.Do(ExtendPickup{.task_id = "o.t2"})));
}

TEST(Extension, OfWhatIsNotReadyIsIllegal) {
  World world;
  PlaceOrder c;
  c.order_id = "o";
  c.groups = {Pickup("g", "w1")};
  c.lines = {Line("a", 0, "s1", 2)};
  world.Place(c);
  world.Confirm("o", 1);
  world.Do(RecordPick{.task_id = "o.t1"});
  const Decision decision = world.Do(Extend(world));
  ASSERT_NE(RejectedAs<IllegalTransition>(decision), nullptr);
  EXPECT_EQ(RejectedAs<IllegalTransition>(decision)->extensions, std::nullopt);
}

TEST(Extension, OfWhatIsKeptForAsLongAlreadyChangesNothing) {
  World world;
  MakeReady(world);
  EXPECT_TRUE(world.Do(Extend(world)).result.duplicate) << "it has just become ready";
  // The policy has become shorter: that takes nothing away.
  world.Advance(Days(2));
  State state = world.state();
  state.policies[""].policy.pickup_days = 1;
  const Decision decision = Decide(state, Extend(world), world.now());
  EXPECT_TRUE(decision.result.duplicate);
  EXPECT_TRUE(decision.events.empty());
  EXPECT_EQ(world.task("o.t1").times.extensions, 0);
}

TEST(Pickup, WhatEndsIsNoLongerDue) {
  // By each of the ways to its end.
  const std::vector<Command> ends = {
      Fetch(),
      Fetch({{"a", Quantity(), Quantity(2)}, {"b", Quantity(), Quantity(1)}}),
      RecordPick{.task_id = "o.t1", .lines = {{"a", Quantity(0)}, {"b", Quantity(0)}}},
  };
  for (const Command& end : ends) {
    World world;
    MakeReady(world);
    EXPECT_EQ(world.state().due.size(), 2u);
    world.Do(end);
    EXPECT_TRUE(world.task("o.t1").ended());
    EXPECT_TRUE(world.state().due.empty());
  }
  World world;
  MakeReady(world);
  world.Do(CancelOrder{.order_id = "o"});
  EXPECT_EQ(world.state().due.size(), 2u) << "the location has yet to put it back";
  world.Do(PutBack{.task_id = "o.t1"});
  EXPECT_EQ(world.task("o.t1").state, TaskState::kCancelled);
  EXPECT_TRUE(world.state().due.empty());
}

// A hand-forged event cannot get in.
TEST(PickupApplyDeathTest, ChecksWhatNoDecideCouldHaveMade) {
  World world;
  MakeReady(world);
  State state = world.state();
  Apply(state, PickupReminded{.order_id = "o", .task = 1}, 1'000, world.now());
  EXPECT_DEATH(Apply(state, PickupReminded{.order_id = "o", .task = 1}, 1'001, world.now()),
               "reminding of task 1");
  Apply(state, PickupExpiring{.order_id = "o", .task = 1, .give_up_at = world.now()}, 1'001,
        world.now());
  EXPECT_DEATH(Apply(state, PickupExpiring{.order_id = "o", .task = 1}, 1'002, world.now()),
               "of what is EXPIRING");
}

}  // namespace
}  // namespace quartermaster::orders
