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
  StockReserved of_no_kit;
  of_no_kit.owner = "y";
  of_no_kit.lines.emplace_back().sku = a;
  of_no_kit.lines[0].per_kit = 2;
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
      {GroupMoved{hold_, {{0, {{s1(), Quantity(2)}}}}}, "moves units that are bound"},
      {GroupMoved{ended_, {}}, "needs an open one"},
      {KitDefined{static_cast<SkuIndex>(9), {{a, 1}}, false, {}}, "a kit of unknown names"},
      {KitDefined{a, {{static_cast<SkuIndex>(9), 1}}, false, {}}, "a kit of unknown names"},
      {KitDefined{a, {{a, 1}}, false, {}}, "a kit that cannot be"},
      {of_no_kit, "a part of no kit"},
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

TEST_F(ApplyDeathTest, CountsAndSourcesThatNobodyKnowsEndTheProcess) {
  const SkuIndex a = shop_.Sku("A");
  StageCount part = shop_.CountOf("staging", {{"A", "S1", Quantity(5), {}}});
  part.parts = 2;
  shop_.Do(part);
  const CountIndex staging = shop_.state().counts.names().Find("staging");
  shop_.set_slice(1);
  shop_.Receive("B", "S1", 5);
  shop_.Do(
      shop_.CountOf("switching", {{"A", "S1", Quantity(5), {}}, {"B", "S1", Quantity(5), {}}}));
  const CountIndex switching = shop_.state().counts.names().Find("switching");
  ASSERT_EQ(shop_.state().counts.next_to_switch(), switching);
  const auto no_source = static_cast<SourceIndex>(9);
  const auto no_count = static_cast<CountIndex>(9);
  const auto no_sku = static_cast<SkuIndex>(9);
  const auto no_location = static_cast<LocationIndex>(9);
  const CountIndex next = shop_.state().counts.names().next();
  CountTerms terms{.source = shop_.state().sources.names.Find("counter")};
  CountTerms full = terms;
  full.full_at = {no_location};
  CountTerms marked = terms;
  marked.watermarks = {{no_source, 1}};
  const std::pair<Event, const char*> events[] = {
      {StockAdjusted{.sku = a,
                     .location = s1(),
                     .delta = Quantity(1),
                     .message = {.source = no_source, .sequence = 1, .id = "", .fingerprint = 1}},
       "unknown source"},
      {StockAdjusted{
           .sku = a, .location = s1(), .delta = Quantity(1), .message = {.source = no_source}},
       "unknown source"},
      {SourceMessageSeen{{.source = SourceIndex::kNone, .id = "x", .fingerprint = 1}},
       "unknown source"},
      {SourceGapOpened{no_source, {1, 2}}, "unknown source"},
      {SourceGapsClosed{no_source}, "unknown source"},
      {CountRequested{no_sku, s1()}, "unknown name"},
      {CountRequested{a, no_location}, "unknown name"},
      {CountRequested{a, s1(), DiscrepancyCause::kUnexplained, no_source}, "unknown source"},
      {CountStarted{.count = next, .id = "x", .terms = {}}, "unknown source"},
      {CountStarted{.count = next, .id = "x", .terms = full}, "unknown name"},
      {CountStarted{.count = next, .id = "x", .terms = marked}, "unknown source"},
      {CountStarted{.count = next, .id = "x", .terms = terms, .parts = 0}, "of 0 parts"},
      {CountStarted{.count = next, .id = "x", .terms = terms, .parts = -1}, "of -1 parts"},
      {CountStarted{.count = no_count, .id = "x", .terms = terms}, "given in order"},
      {CountStarted{.count = next, .id = "staging", .terms = terms}, "known already"},
      {CountPartStaged{.count = no_count}, "unknown count"},
      {CountPartStaged{.count = staging, .part = 2, .rows = {{no_sku, s1()}}}, "unknown name"},
      {CountPartStaged{.count = staging, .part = 3}, "part 3"},
      {CountPartStaged{.count = staging, .part = 1}, "comes twice"},
      {StockCounted{.count = no_count, .sku = a}, "unknown count"},
      {StockCounted{.count = switching, .sku = no_sku}, "unknown name"},
      {StockCounted{
           .count = switching, .sku = shop_.Sku("B"), .lines = {{.location = no_location}}},
       "unknown name"},
      {StockCounted{.count = staging, .sku = a}, "switches a SKU again"},
      {CountCompleted{no_count}, "unknown count"},
      {CountCompleted{staging}, "not complete"},
      {CountAbandoned{no_count}, "unknown count"},
      {CountAbandoned{switching}, "is complete"},
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
  EXPECT_TRUE(broken_by([&] { ++state.sources.suspects; }, [&] { --state.sources.suspects; }));
  EXPECT_TRUE(
      broken_by([&] { state.counts.AddStagedRows(1); }, [&] { state.counts.AddStagedRows(-1); }));
  shop.Do(shop.CountOf("count", {{"A", "S1", Quantity(4), {}}}));
  Count& count = state.counts.At(CountIndex{1});
  EXPECT_TRUE(broken_by([&] { count.state = CountState::kSwitching; },
                        [&] { count.state = CountState::kApplied; }));
  Difference& difference = state.counts.differences.begin()->second;
  EXPECT_TRUE(broken_by([&] { difference.variance += one; }, [&] { difference.variance -= one; }));
  Reservation ghost;
  ghost.owner = "ghost";
  EXPECT_TRUE(broken_by([&] { state.holds.Add(&ghost); }, [&] { state.holds.Remove(ghost); }));
}

}  // namespace
}  // namespace quartermaster::stock
