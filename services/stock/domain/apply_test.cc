// Apply is total over what decide makes, and stops at anything else.
#include "services/stock/domain/apply.h"

#include <gtest/gtest.h>

#include "services/stock/domain/invariants.h"
#include "services/stock/domain/testing/shop.h"

namespace quartermaster::stock {
namespace {

class ApplyDeathTest : public testing::Test {
 protected:
  ApplyDeathTest() {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    shop_.Receive("A", "S1", 5);
    hold_ = shop_.Hold("cart", {shop_.At("A", 2, "S1")});
    ended_ = shop_.Hold("other", {shop_.At("A", 1, "S1")});
    shop_.Do(ReleaseReservation{ended_, {}, false, {}});
  }
  LocationIndex s1() { return shop_.Location("S1"); }

  Shop shop_;
  ReservationId hold_{};
  ReservationId ended_{};
};

// Logs of the first release have pool holds whose units were placed for good.
TEST(ApplyTest, APoolsLineWithoutAClassKeepsItsPlaces) {
  Shop shop;
  shop.Receive("A", "S1", 2);
  shop.Receive("A", "S2", 2);
  StockReserved reserved;
  reserved.owner = "cart";
  reserved.expires = shop.now() + kTtl;
  StockReserved::Line& line = reserved.lines.emplace_back();
  line.sku = shop.Sku("A");
  line.pool = shop.Pool("web", {"S1", "S2"});
  line.placements = {{shop.Location("S1"), Quantity(2)}, {shop.Location("S2"), Quantity(1)}};
  const auto id = static_cast<ReservationId>(shop.next_position());
  shop.Log(reserved);
  EXPECT_FALSE(shop.Get(id).lines[0].flexible());
  EXPECT_TRUE(shop.state().backings.empty());
  EXPECT_EQ(shop.Available("A", "S1"), 0);
  EXPECT_EQ(shop.AvailableInPool("A", "web"), 1);
  shop.Do(ConfirmReservation{id, {}, "", {}});
  EXPECT_EQ(shop.BalancesOf("A", "S1").allocated, Quantity(2));
  ASSERT_FALSE(shop.Do(ReleaseReservation{id, {}, false, {}}).rejection);
  EXPECT_EQ(shop.AvailableInPool("A", "web"), 4);
}

TEST_F(ApplyDeathTest, FlexibleUnitsThatAreNotThereEndTheProcess) {
  shop_.Receive("A", "S2", 5);
  shop_.Pool("web", {"S1", "S2"});
  const ReservationId web = shop_.Hold("web", {shop_.From("A", 2, "web")});  // at S2
  const LocationIndex s2 = shop_.Location("S2");
  const ClassIndex eligible = shop_.Get(web).lines[0].eligible;
  StockReserved unknown;
  unknown.owner = "y";
  unknown.lines.emplace_back();
  unknown.lines[0].sku = shop_.Sku("A");
  unknown.lines[0].eligible = static_cast<ClassIndex>(9);
  unknown.lines[0].placements = {{s2, Quantity(1)}};
  StockReserved replacing;
  replacing.owner = "web";
  replacing.replaces = {web};
  ReservationBound without_from{web, {}, {}};
  without_from.lines.emplace_back();
  without_from.lines[0].placements = {{s2, Quantity(2)}};
  const std::pair<Event, const char*> events[] = {
      {ReservationExpired{web, {}}, "leaves out flexible units"},
      {ReservationExpired{web, {{0, s2, Quantity(3)}}}, "leaves out flexible units"},
      {ReservationExpired{web, {{0, s1(), Quantity(2)}}}, "do not stand there"},
      {ReservationExpired{hold_, {{0, s1(), Quantity(2)}}}, "a line with places of its own"},
      {ReservationConfirmed{web, {}, {}}, "leaves out flexible units"},
      {ReservationReleased{web, {{0, s2, Quantity(3)}}, false, {}}, "more than is open"},
      {ReservationReleased{web, {{0, s1(), Quantity(1)}}, false, {}}, "do not stand there"},
      {without_from, "bound units differ"},
      {replacing, "leaves out flexible units"},
      {unknown, "unknown class"},
      {BackingMoved{shop_.Sku("A"), {{{eligible, false}, s2, s1(), Quantity(3)}}},
       "more units than stand there"},
      {BackingMoved{shop_.Sku("A"), {{{eligible, true}, s2, s1(), Quantity(1)}}},
       "do not stand there"},
  };
  for (const auto& [event, message] : events) {
    Changes changes;
    EXPECT_DEATH(Apply(shop_.state(), event, shop_.next_position(), shop_.now(), changes), message);
  }
}

TEST_F(ApplyDeathTest, WhatDoesNotFitTheStateEndsTheProcess) {
  const auto unknown = static_cast<ReservationId>(777);
  const SkuIndex a = shop_.Sku("A");
  StockReserved second;
  second.owner = "cart";
  StockReserved replaces_ended;
  replaces_ended.owner = "x";
  replaces_ended.replaces = {ended_};
  StockAdjusted effect{.sku = a, .location = s1(), .delta = Quantity(1), .effect_key = "k"};
  shop_.Log(effect);
  const std::pair<Event, const char*> events[] = {
      {ReservationExpired{ended_}, "needs an open one"},
      {ReservationConfirmed{unknown, {}}, "needs an open one"},
      {ReservationReleased{hold_, {{0, s1(), Quantity(3)}}, false, {}}, "more than is open"},
      {ReservationFulfilled{hold_, {{0, shop_.Location("S2"), Quantity(1)}}, {}},
       "more than is open"},
      {ReservationReleased{hold_, {{1, s1(), Quantity(1)}}, false, {}}, "lines.size"},
      {ReservationBound{hold_, {{0, {{s1(), Quantity(1)}}}}, {}}, "bound units differ"},
      {second, "second open hold"},
      {replaces_ended, "needs an open one"},
      {effect, "happened twice"},
      {SkuRegistered{static_cast<SkuIndex>(9), "Z", false}, "given in order"},
      {SkuRegistered{shop_.state().skus.next(), "A", false}, "known already"},
      {LocationPaused{static_cast<LocationIndex>(99), true}, "Knows"},
      {StockAdjusted{
           .sku = a, .location = s1(), .delta = Quantity(-1), .condition = Condition::kDamaged},
       "more leaves a condition than all have"},
      {ConditionChanged{
           .sku = a, .location = s1(), .from = Condition::kSuspect, .quantity = Quantity(1)},
       "more leaves a condition than all have"},
      {ConditionChanged{.sku = a,
                        .location = s1(),
                        .from = Condition::kSellable,
                        .to = Condition::kDamaged,
                        .effect_key = "k"},
       "happened twice"},
  };
  for (const auto& [event, message] : events) {
    Changes changes;
    EXPECT_DEATH(Apply(shop_.state(), event, shop_.next_position(), shop_.now(), changes), message);
  }
}

TEST(InvariantsTest, DamageOfEveryKindIsFound) {
  Shop shop;
  shop.Receive("A", "S1", 5);
  const ReservationId id = shop.Hold("cart", {shop.At("A", 2, "S1")});
  State& state = shop.state();
  const SkuIndex a = shop.Sku("A");
  const LocationIndex s1 = shop.Location("S1");
  const auto broken_by = [&](auto damage, auto repair) {
    damage();
    const bool found = !FindBrokenInvariants(state).empty();
    repair();
    EXPECT_TRUE(FindBrokenInvariants(state).empty());
    return found;
  };
  Balances& p = state.positions.At(a, s1);
  Reservation& r = *state.FindReservation(id);
  const Quantity one(1);
  EXPECT_TRUE(broken_by([&] { p.reserved += one; }, [&] { p.reserved -= one; }));
  EXPECT_TRUE(broken_by([&] { p.allocated += one; }, [&] { p.allocated -= one; }));
  EXPECT_TRUE(broken_by([&] { p.unusable -= one; }, [&] { p.unusable += one; }));
  EXPECT_TRUE(broken_by([&] { r.lines[0].released += one; }, [&] { r.lines[0].released -= one; }));
  EXPECT_TRUE(broken_by([&] { r.expires = r.expires + Seconds(1); },
                        [&] { r.expires = r.expires - Seconds(1); }));
  EXPECT_TRUE(broken_by([&] { r.state = ReservationState::kReleased; },
                        [&] { r.state = ReservationState::kHeld; }));
  EXPECT_TRUE(broken_by([&] { state.holds.Remove(r); }, [&] { state.holds.Add(&r); }));
  ConditionCounts one_damaged;
  one_damaged.Add(Condition::kDamaged, one);
  EXPECT_TRUE(broken_by([&] { state.conditions.Set(a, s1, one_damaged); },
                        [&] { state.conditions.Set(a, s1, {}); }));
  EXPECT_TRUE(broken_by([&] { state.conditions.Set(a, LocationIndex{9}, one_damaged); },
                        [&] { state.conditions.Set(a, LocationIndex{9}, {}); }));
  Reservation ghost;
  ghost.owner = "ghost";
  EXPECT_TRUE(broken_by([&] { state.holds.Add(&ghost); }, [&] { state.holds.Remove(ghost); }));
}

}  // namespace
}  // namespace quartermaster::stock
