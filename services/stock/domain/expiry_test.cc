// Which holds run out, when, and in which order.
#include "services/stock/domain/expiry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/stock/domain/testing/shop.h"

namespace quartermaster::stock {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class ExpiryTest : public testing::Test {
 protected:
  ExpiryTest() {
    shop_.Receive("A", "S1", 100);
    shop_.Receive("B", "S1", 100);
    shop_.set_expires(false);
  }
  ReservationId Hold(const std::string& owner, const std::string& sku, Micros ttl) {
    return shop_.Hold(owner, {shop_.At(sku, 1, "S1")}, ttl);
  }
  // Ends at most `max` of what is due, as the writer does.
  std::vector<ReservationId> Expire(int max) {
    Events events;
    ExpireDue(shop_.state(), shop_.now(), max, events);
    return Logged(events);
  }
  std::vector<ReservationId> ExpireFor(OverdueHolds& overdue, const Command& command) {
    Events events;
    EXPECT_TRUE(overdue.ExpireFor(shop_.state(), command, 10, events));
    return Logged(events);
  }
  std::vector<ReservationId> Logged(const Events& events) {
    std::vector<ReservationId> ids;
    for (const Event& event : events) {
      ids.push_back(std::get<ReservationExpired>(event).reservation);
      shop_.Log(event);
    }
    return ids;
  }
  Shop shop_;
};

TEST_F(ExpiryTest, AHoldIsLiveBeforeItsDeadlineAndOverAtIt) {
  const ReservationId id = Hold("a", "A", Seconds(10));
  shop_.Wait({Seconds(10).count - 1});
  EXPECT_THAT(Expire(10), IsEmpty());
  EXPECT_FALSE(shop_.Do(ExtendReservation{id, Seconds(10), {}}).rejection);
  shop_.Wait(Seconds(10));
  EXPECT_TRUE(shop_.Do(ConfirmReservation{id, {}, "", {}}).rejection);
  EXPECT_THAT(Expire(10), ElementsAre(id));
  EXPECT_EQ(shop_.Get(id).state, ReservationState::kExpired);
  EXPECT_EQ(shop_.BalancesOf("A", "S1").reserved, Quantity(0));
  EXPECT_EQ(shop_.changes().back().kind, ChangeKind::kExpired);
}

TEST_F(ExpiryTest, TheEarliestDeadlineFirstAndNoMoreThanAllowed) {
  const ReservationId late = Hold("late", "A", Seconds(30));
  const ReservationId first = Hold("first", "A", Seconds(10));
  const ReservationId second = Hold("second", "A", Seconds(10));
  const ReservationId never = Hold("never", "A", Hours(1));
  shop_.Wait(Seconds(30));
  EXPECT_THAT(Expire(2), ElementsAre(first, second));
  EXPECT_THAT(Expire(2), ElementsAre(late));
  EXPECT_THAT(Expire(2), IsEmpty());
  EXPECT_EQ(shop_.Get(never).state, ReservationState::kHeld);
}

TEST_F(ExpiryTest, AHoldThatEndedOrWasConfirmedDoesNotExpire) {
  const ReservationId released = Hold("a", "A", Seconds(10));
  const ReservationId confirmed = Hold("b", "A", Seconds(10));
  Hold("c", "A", Seconds(10));
  const ReservationId replacing = Hold("c", "A", Seconds(10));
  shop_.Do(ReleaseReservation{released, {}, false, {}});
  shop_.Do(ConfirmReservation{confirmed, {}, "", {}});
  shop_.Wait(Seconds(10));
  EXPECT_THAT(Expire(10), ElementsAre(replacing));
}

TEST_F(ExpiryTest, ADeadlineThatWasSetTwiceEndsTheHoldOnce) {
  const ReservationId same = Hold("a", "A", Seconds(10));
  shop_.Do(ExtendReservation{same, Seconds(10), {}});
  const ReservationId back = Hold("b", "A", Seconds(10));
  shop_.Do(ExtendReservation{back, Seconds(60), {}});
  shop_.Do(ExtendReservation{back, Seconds(10), {}});
  shop_.Wait(Seconds(10));
  EXPECT_THAT(Expire(10), ElementsAre(same, back));
}

TEST_F(ExpiryTest, OverdueHoldsOnACommandsSkusEndBeforeIt) {
  const ReservationId a1 = Hold("a1", "A", Seconds(2));
  const ReservationId a2 = Hold("a2", "A", Seconds(1));
  const ReservationId b = Hold("b", "B", Seconds(1));
  const ReservationId live = Hold("c", "A", Hours(1));
  shop_.Wait(Seconds(5));
  OverdueHolds overdue;
  overdue.Update(shop_.state(), shop_.now());
  EXPECT_THAT(ExpireFor(overdue, shop_.Reserve("x", {shop_.At("A", 1, "S1")})),
              ElementsAre(a2, a1));
  EXPECT_THAT(ExpireFor(overdue, shop_.Reserve("x", {shop_.At("A", 1, "S1")})), IsEmpty());
  EXPECT_THAT(ExpireFor(overdue, ListReservations{}), IsEmpty());
  EXPECT_THAT(ExpireFor(overdue, GetReservation{b}), ElementsAre(b));
  EXPECT_THAT(ExpireFor(overdue, GetReservation{live}), IsEmpty());
}

TEST_F(ExpiryTest, EveryCommandThatNeedsUnitsFindsThoseOfOverdueHolds) {
  const ReservationId live = Hold("live", "A", Hours(1));
  const auto overdue_for = [&](auto make_command) {
    const ReservationId id = Hold("over", "A", Seconds(1));
    shop_.Wait(Seconds(1));
    OverdueHolds overdue;
    overdue.Update(shop_.state(), shop_.now());
    EXPECT_THAT(ExpireFor(overdue, make_command(id)), ElementsAre(id));
  };
  const HoldLine line = shop_.At("A", 1, "S1");
  overdue_for([&](ReservationId) { return UpdateReservation{live, {line}, {}, {}}; });
  overdue_for([&](ReservationId id) { return ConfirmReservation{id, {line}, "o", {}}; });
  overdue_for([&](ReservationId) { return BindReservation{live, {}, {}}; });
  overdue_for([&](ReservationId id) {
    ReserveStock reserve = shop_.Reserve("x", {shop_.At("B", 1, "S1")});
    reserve.takes_over = id;
    return reserve;
  });
  overdue_for([](ReservationId id) { return ReleaseReservation{id, {}, false, {}}; });
}

TEST_F(ExpiryTest, AnOwnersOverdueHoldEndsBeforeTheOwnersNextCommand) {
  const auto overdue_for = [&](const Command& command) {
    const ReservationId id = Hold("cart", "B", Seconds(1));
    shop_.Wait(Seconds(1));
    OverdueHolds overdue;
    overdue.Update(shop_.state(), shop_.now());
    EXPECT_THAT(ExpireFor(overdue, command), ElementsAre(id));
  };
  overdue_for(shop_.Reserve("cart", {shop_.At("A", 1, "S1")}));
  overdue_for(ConfirmReservation{ReservationId{1}, {shop_.At("A", 1, "S1")}, "cart", {}});
  overdue_for(ListReservations{"cart", {}, ReservationId::kNone, 10});
  overdue_for(GetAvailability{{}, "cart"});
}

TEST_F(ExpiryTest, AQueryAndAFactFindNoUnitsOfOverdueHoldsEither) {
  const auto overdue_for = [&](const Command& command) {
    const ReservationId id = Hold("over", "A", Seconds(1));
    shop_.Wait(Seconds(1));
    OverdueHolds overdue;
    overdue.Update(shop_.state(), shop_.now());
    EXPECT_THAT(ExpireFor(overdue, command), ElementsAre(id));
  };
  const SkuIndex sku = shop_.Sku("A");
  overdue_for(GetAvailability{{{.sku = sku, .location = shop_.Location("S1")}}, "x"});
  overdue_for(Shop::Fact(AdjustmentKind::kSold, "A", "S1", -1));
}

TEST_F(ExpiryTest, ACommandWaitsUntilAllOverdueHoldsOnItsSkuHaveEnded) {
  std::vector<ReservationId> ids;
  for (const char* owner : {"a", "b", "c", "d", "e"}) ids.push_back(Hold(owner, "A", Seconds(1)));
  shop_.Wait(Seconds(1));
  OverdueHolds overdue;
  overdue.Update(shop_.state(), shop_.now());
  const Command command = shop_.Reserve("x", {shop_.At("A", 1, "S1"), shop_.At("A", 2, "S1")});
  Events events;
  EXPECT_FALSE(overdue.ExpireFor(shop_.state(), command, 2, events));
  EXPECT_THAT(Logged(events), ElementsAre(ids[0], ids[1]));
  events.clear();
  EXPECT_FALSE(overdue.ExpireFor(shop_.state(), command, 0, events));
  EXPECT_THAT(events, IsEmpty());
  // The next batch ends one of itself.
  EXPECT_THAT(Expire(1), ElementsAre(ids[2]));
  overdue.Update(shop_.state(), shop_.now());
  EXPECT_TRUE(overdue.ExpireFor(shop_.state(), command, 2, events));
  EXPECT_THAT(Logged(events), ElementsAre(ids[3], ids[4]));
  EXPECT_FALSE(overdue.empty());
  EXPECT_THAT(Expire(1), IsEmpty());
  overdue.Update(shop_.state(), shop_.now());
  EXPECT_TRUE(overdue.empty());
}

TEST_F(ExpiryTest, WhatWaitsIsLookedAtOnceAndKeepsItsOrder) {
  std::vector<ReservationId> ids;
  for (int i = 0; i < 20; ++i) ids.push_back(Hold(std::to_string(i), "A", Seconds(20 - i)));
  shop_.Wait(Seconds(20));
  const auto look = [&] {
    int looked_at = 0;
    shop_.state().expiries.SetDueAside(shop_.now(), [&](const auto&) { ++looked_at; });
    return looked_at;
  };
  EXPECT_EQ(look(), 20);
  EXPECT_THAT(Expire(2), ElementsAre(ids[19], ids[18]));
  EXPECT_EQ(look(), 0);
  const ReservationId late = Hold("late", "A", Seconds(1));
  shop_.Wait(Seconds(1));
  EXPECT_EQ(look(), 1);
  const std::vector<ReservationId> rest = Expire(100);
  ASSERT_EQ(rest.size(), 19u);
  EXPECT_EQ(rest.front(), ids[17]);
  EXPECT_EQ(rest.back(), late);
}

TEST_F(ExpiryTest, StaleDeadlinesAreSweptOut) {
  const ReservationId id = Hold("a", "A", Seconds(5));
  const ReservationId other = Hold("b", "A", Seconds(7));
  for (int i = 0; i < 10'000; ++i) {
    shop_.Log(ReservationExtended{id, shop_.now() + Seconds(10 + i), {}});
  }
  EXPECT_LT(shop_.state().expiries.size(), 5'000u);
  shop_.Wait(Seconds(7));
  EXPECT_THAT(Expire(10), ElementsAre(other));
  shop_.Wait(Hours(10));
  EXPECT_THAT(Expire(10), ElementsAre(id));
}

}  // namespace
}  // namespace quartermaster::stock
