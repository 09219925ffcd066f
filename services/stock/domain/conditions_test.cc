// What condition units are in, and how they change it.
#include "services/stock/domain/conditions.h"

#include <gtest/gtest.h>

#include "services/stock/domain/testing/shop.h"

namespace quartermaster::stock {
namespace {

class ConditionsTest : public testing::Test {
 protected:
  ConditionsTest() { shop_.Receive("A", "S1", 10); }

  Decision Move(Condition from, Condition to, int64_t quantity) {
    return shop_.Do(ChangeCondition{
        shop_.Sku("A"), shop_.Location("S1"), from, to, Quantity(quantity), {"anna", "", "QC"}});
  }
  Decision MoveFact(Condition from, Condition to, int64_t quantity, const std::string& key = "") {
    AdjustStock fact = Shop::Fact(AdjustmentKind::kConditionChanged, "A", "S1", quantity, key);
    fact.adjustment.from_condition = from;
    fact.adjustment.condition = to;
    return shop_.Do(fact);
  }
  int64_t In(Condition condition) {
    return shop_.state().conditions.Get(shop_.Sku("A"), shop_.Location("S1")).of(condition).units();
  }
  Balances balances() const { return shop_.BalancesOf("A", "S1"); }

  Shop shop_;
};

TEST_F(ConditionsTest, AMoveLeavesOnHandAndIsAMovementFromOneToTheOther) {
  ASSERT_FALSE(Move(Condition::kSellable, Condition::kInspection, 4).rejection);
  EXPECT_EQ(balances(), (Balances{Quantity(10), {}, {}, Quantity(4)}));
  EXPECT_EQ(shop_.Available("A", "S1"), 6);
  EXPECT_EQ(shop_.changes().back().kind, ChangeKind::kConditionChanged);
  EXPECT_EQ(shop_.changes().back().from, Condition::kSellable);
  EXPECT_EQ(shop_.changes().back().to, Condition::kInspection);
  ASSERT_FALSE(Move(Condition::kInspection, Condition::kDamaged, 1).rejection);
  EXPECT_EQ(shop_.changes().back().delta, Balances{});
  EXPECT_EQ(shop_.changes().back().moved, Quantity(1));
  ASSERT_FALSE(Move(Condition::kInspection, Condition::kSellable, 3).rejection);
  EXPECT_EQ(In(Condition::kInspection), 0);
  EXPECT_EQ(In(Condition::kDamaged), 1);
  EXPECT_EQ(shop_.Available("A", "S1"), 9);
}

TEST_F(ConditionsTest, ARequestMovesNoMoreThanThereIs) {
  ASSERT_FALSE(Move(Condition::kSellable, Condition::kDamaged, 2).rejection);
  const Decision damaged = Move(Condition::kDamaged, Condition::kSellable, 3);
  ASSERT_EQ(damaged.rejection->kind, RejectionKind::kQuantityExceedsCondition);
  EXPECT_EQ(damaged.rejection->expected, Quantity(3));
  EXPECT_EQ(damaged.rejection->actual, Quantity(2));
  // Units that are promised may be set aside: what is then short shows.
  shop_.Hold("cart", {shop_.At("A", 8, "S1")});
  EXPECT_TRUE(Move(Condition::kSellable, Condition::kSuspect, 9).rejection);
  ASSERT_FALSE(Move(Condition::kSellable, Condition::kSuspect, 8).rejection);
  EXPECT_EQ(balances().shortage(), Quantity(8));
  shop_.Do(Shop::Fact(AdjustmentKind::kSold, "A", "S1", -5));
  const Decision nothing = Move(Condition::kSellable, Condition::kDamaged, 1);
  EXPECT_EQ(nothing.rejection->actual, Quantity(0));
  ChangeCondition unknown{};
  EXPECT_EQ(shop_.Do(unknown).rejection->kind, RejectionKind::kItemNotFound);
  unknown.sku = shop_.Sku("A");
  EXPECT_EQ(shop_.Do(unknown).rejection->kind, RejectionKind::kLocationNotFound);
}

TEST_F(ConditionsTest, AFactTakesWhatItsConditionLacksFromTheSellable) {
  ASSERT_FALSE(Move(Condition::kSellable, Condition::kDamaged, 2).rejection);
  ASSERT_FALSE(MoveFact(Condition::kDamaged, Condition::kQuarantine, 5, "wms/1").rejection);
  EXPECT_EQ(In(Condition::kDamaged), 0);
  EXPECT_EQ(In(Condition::kQuarantine), 5);
  EXPECT_EQ(balances(), (Balances{Quantity(10), {}, {}, Quantity(5)}));
  EXPECT_EQ(shop_.changes().back().from, Condition::kSellable);
  EXPECT_EQ(shop_.changes().back().moved, Quantity(3));
  // What is to be sellable and was not known to be anything else is so already.
  ASSERT_FALSE(MoveFact(Condition::kInspection, Condition::kSellable, 3, "wms/2").rejection);
  EXPECT_EQ(balances(), (Balances{Quantity(10), {}, {}, Quantity(5)}));
  for (const char* key : {"wms/1", "wms/2"}) EXPECT_NE(shop_.state().FindEffect(key), nullptr);
  EXPECT_TRUE(MoveFact(Condition::kDamaged, Condition::kQuarantine, 5, "wms/1").duplicate);
  EXPECT_EQ(MoveFact(Condition::kSuspect, Condition::kQuarantine, 5, "wms/1").rejection->kind,
            RejectionKind::kEffectKeyReused);
  EXPECT_EQ(In(Condition::kQuarantine), 5);
  // It may take what is usable below zero.
  ASSERT_FALSE(MoveFact(Condition::kSellable, Condition::kDamaged, 12).rejection);
  EXPECT_EQ(balances().usable(), Quantity(-7));
}

TEST_F(ConditionsTest, AFactRegistersWhatNobodyKnew) {
  AdjustStock fact = Shop::Fact(AdjustmentKind::kConditionChanged, "B", "S2", 1);
  fact.adjustment.from_condition = Condition::kSellable;
  fact.adjustment.condition = Condition::kDamaged;
  ASSERT_FALSE(shop_.Do(fact).rejection);
  EXPECT_EQ(shop_.last_events(), 3u);
  EXPECT_EQ(shop_.BalancesOf("B", "S2").unusable, Quantity(1));
}

TEST_F(ConditionsTest, MissingUnitsAreSuspect) {
  const ReservationId id = shop_.Hold("cart", {shop_.At("A", 3, "S1")});
  shop_.Do(ReleaseReservation{id, {{"0", true, LocationIndex::kNone, Quantity(2)}}, true, {}});
  EXPECT_EQ(In(Condition::kSuspect), 2);
  EXPECT_EQ(shop_.changes().back().from, Condition::kSellable);
  EXPECT_EQ(shop_.changes().back().to, Condition::kSuspect);
  // One turns up; the other is written off.
  ASSERT_FALSE(Move(Condition::kSuspect, Condition::kSellable, 1).rejection);
  AdjustStock lost = Shop::Fact(AdjustmentKind::kCounted, "A", "S1", -1);
  lost.adjustment.condition = Condition::kSuspect;
  ASSERT_FALSE(shop_.Do(lost).rejection);
  EXPECT_EQ(balances().unusable, Quantity(0));
  EXPECT_EQ(balances().on_hand, Quantity(9));
  EXPECT_EQ(shop_.state().conditions.size(), 0u);
}

// Before conditions were told apart, what left one of them was taken out of their sum.
TEST_F(ConditionsTest, AnOldEventThatTookFromTheSumStillApplies) {
  const ReservationId id = shop_.Hold("cart", {shop_.At("A", 3, "S1")});
  shop_.Do(ReleaseReservation{id, {}, true, {}});
  const StockAdjusted back{.sku = shop_.Sku("A"),
                           .location = shop_.Location("S1"),
                           .kind = AdjustmentKind::kReturned,
                           .delta = Quantity(1),
                           .condition = Condition::kInspection};
  shop_.Log(back);
  StockAdjusted lost = back;
  lost.kind = AdjustmentKind::kCounted;
  lost.delta = Quantity(-4);
  lost.condition = Condition::kQuarantine;
  shop_.Log(lost);
  EXPECT_EQ(balances(), (Balances{Quantity(7), {}, {}, {}}));
  shop_.Settle();
}

TEST(ConditionTableTest, OnlyPositionsWithUnusableUnitsAreKept) {
  ConditionTable table;
  ConditionCounts counts;
  table.Set(SkuIndex{1}, LocationIndex{2}, counts);
  EXPECT_EQ(table.size(), 0u);
  counts.Add(Condition::kSuspect, Quantity(2));
  table.Set(SkuIndex{1}, LocationIndex{2}, counts);
  table.ForEach([&](SkuIndex sku, LocationIndex location, const ConditionCounts& kept) {
    EXPECT_EQ(sku, SkuIndex{1});
    EXPECT_EQ(location, LocationIndex{2});
    EXPECT_EQ(kept, counts);
  });
  counts.Add(Condition::kSuspect, Quantity(-2));
  table.Set(SkuIndex{1}, LocationIndex{2}, counts);
  EXPECT_EQ(table.size(), 0u);
  EXPECT_EQ(table.Get(SkuIndex{1}, LocationIndex{2}), ConditionCounts{});
}

}  // namespace
}  // namespace quartermaster::stock
