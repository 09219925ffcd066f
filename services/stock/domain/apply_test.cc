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
       "below zero"},
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
  Reservation ghost;
  ghost.owner = "ghost";
  EXPECT_TRUE(broken_by([&] { state.holds.Add(&ghost); }, [&] { state.holds.Remove(ghost); }));
}

}  // namespace
}  // namespace quartermaster::stock
