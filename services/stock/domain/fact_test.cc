// Facts: AdjustStock, and what the catalog registers.
#include <gtest/gtest.h>

#include "services/stock/domain/testing/shop.h"

namespace quartermaster::stock {
namespace {

AdjustStock CompareAndSet(int64_t expected, int64_t value, const std::string& key = "") {
  AdjustStock fact = Shop::Fact(AdjustmentKind::kCounted, "A", "S1", 0, key);
  fact.adjustment.compare_and_set = true;
  fact.adjustment.expected = Quantity(expected);
  fact.adjustment.value = Quantity(value);
  return fact;
}

AdjustStock In(Condition condition, int64_t delta) {
  AdjustStock fact =
      Shop::Fact(delta < 0 ? AdjustmentKind::kSold : AdjustmentKind::kReturned, "A", "S1", delta);
  fact.adjustment.condition = condition;
  return fact;
}

TEST(FactTest, EveryKindChangesOnHandAndIsToldApartInTheLedger) {
  Shop shop;
  const std::tuple<AdjustmentKind, int64_t, ChangeKind> kinds[] = {
      {AdjustmentKind::kReceived, 10, ChangeKind::kReceived},
      {AdjustmentKind::kReturned, 1, ChangeKind::kReturned},
      {AdjustmentKind::kSold, -2, ChangeKind::kSold},
      {AdjustmentKind::kTransferredIn, 4, ChangeKind::kTransferredIn},
      {AdjustmentKind::kTransferredOut, -5, ChangeKind::kTransferredOut},
      {AdjustmentKind::kCounted, -1, ChangeKind::kCounted}};
  int64_t on_hand = 0;
  for (const auto& [kind, delta, change] : kinds) {
    ASSERT_FALSE(shop.Do(Shop::Fact(kind, "A", "S1", delta)).rejection);
    on_hand += delta;
    EXPECT_EQ(shop.BalancesOf("A", "S1").on_hand, Quantity(on_hand));
    EXPECT_EQ(shop.changes().back().kind, change);
    EXPECT_EQ(shop.changes().back().after, shop.BalancesOf("A", "S1"));
  }
}

TEST(FactTest, AFactRegistersWhatNobodyKnewAndSaysSo) {
  Shop shop;
  shop.Receive("A", "S1", 1);
  EXPECT_EQ(shop.last_events(), 3u);
  EXPECT_TRUE(std::get<SkuRegistered>(shop.log()[0].event).implicit);
  EXPECT_TRUE(std::get<LocationRegistered>(shop.log()[1].event).implicit);
  shop.Receive("A", "S2", 1);
  EXPECT_EQ(shop.last_events(), 2u);
  // A duplicate is about the same position, and one that nobody knows about none.
  const AdjustStock again = Shop::Fact(AdjustmentKind::kReceived, "A", "S2", 1, "again");
  for (int i = 0; i < 2; ++i) {
    const Decision decision = shop.Do(again);
    EXPECT_EQ(decision.sku, shop.Sku("A"));
    EXPECT_EQ(decision.location, shop.Location("S2"));
  }
  EXPECT_EQ(shop.Do(Shop::Fact(AdjustmentKind::kReceived, "X", "S2", 1, "again")).sku,
            SkuIndex::kNone);
  // The catalog, late, changes nothing more.
  shop.Do(RegisterSku{"A"});
  EXPECT_EQ(shop.last_events(), 0u);
  shop.Do(RegisterLocation{"S1", false});
  EXPECT_EQ(shop.last_events(), 0u);
  shop.Do(RegisterLocation{"S3", true});
  EXPECT_EQ(shop.last_events(), 2u);
  EXPECT_FALSE(std::get<LocationRegistered>(shop.log()[shop.log().size() - 2].event).implicit);
}

TEST(FactTest, ASaleIsNeverRefusedAndTheShortageIsSeen) {
  Shop shop;
  shop.Receive("A", "S1", 3);
  shop.Hold("cart", {shop.At("A", 2, "S1")});
  ASSERT_FALSE(shop.Do(Shop::Fact(AdjustmentKind::kSold, "A", "S1", -5)).rejection);
  const Balances balances = shop.BalancesOf("A", "S1");
  EXPECT_EQ(balances.on_hand, Quantity(-2));
  EXPECT_EQ(balances.shortage(), Quantity(4));
  EXPECT_EQ(shop.Available("A", "S1"), 0);
  // What comes in covers the promised units first.
  shop.Receive("A", "S1", 4);
  EXPECT_EQ(shop.Available("A", "S1"), 0);
  EXPECT_EQ(shop.BalancesOf("A", "S1").shortage(), Quantity(0));
  shop.Receive("A", "S1", 1);
  EXPECT_EQ(shop.Available("A", "S1"), 1);
}

TEST(FactTest, AnEffectHappensOnceAndItsKeyIsNotForAnother) {
  Shop shop;
  const AdjustStock sale = Shop::Fact(AdjustmentKind::kSold, "A", "S1", -1, "till-1/7");
  EXPECT_FALSE(shop.Do(sale).duplicate);
  for (int i = 0; i < 2; ++i) {
    const Decision again = shop.Do(sale);
    EXPECT_FALSE(again.rejection);
    EXPECT_TRUE(again.duplicate);
    EXPECT_EQ(shop.last_events(), 0u);
  }
  EXPECT_EQ(shop.BalancesOf("A", "S1").on_hand, Quantity(-1));
  // Whatever of its content differs; when it happened is not of its content.
  AdjustStock later = sale;
  later.adjustment.business_time = {5};
  EXPECT_TRUE(shop.Do(later).duplicate);
  AdjustStock others[6] = {sale, sale, sale, sale, sale, sale};
  others[0].adjustment.delta = Quantity(-2);
  others[1].adjustment.sku = "B";
  others[2].adjustment.location = "S2";
  others[3].adjustment.kind = AdjustmentKind::kTransferredOut;
  others[4].adjustment.condition = Condition::kDamaged;
  others[5].adjustment.compare_and_set = true;
  for (const AdjustStock& other : others) {
    EXPECT_EQ(KindOf(shop.Do(other)), RejectionKind::kEffectKeyReused);
  }
  EXPECT_EQ(shop.state().skus.Find("B"), SkuIndex::kNone);
}

TEST(FactTest, AnEffectsFingerprintNeverChanges) {
  Shop shop;
  shop.Do(Shop::Fact(AdjustmentKind::kReceived, "A", "S1", 3, "delta"));
  shop.Do(CompareAndSet(3, 5, "set"));
  // Stored in the log: these numbers are a format.
  EXPECT_EQ(*shop.state().FindEffect("delta"), 4149065925295634978u);
  EXPECT_EQ(*shop.state().FindEffect("set"), 9299219004095002305u);
}

TEST(FactTest, CompareAndSetTellsWhatItFound) {
  Shop shop;
  shop.Receive("A", "S1", 5);
  const Decision d = shop.Do(CompareAndSet(4, 9));
  ASSERT_EQ(KindOf(d), RejectionKind::kExpectationFailed);
  EXPECT_EQ(d.rejection->expected, Quantity(4));
  EXPECT_EQ(d.rejection->actual, Quantity(5));
  ASSERT_FALSE(shop.Do(CompareAndSet(5, 2)).rejection);
  EXPECT_EQ(shop.BalancesOf("A", "S1").on_hand, Quantity(2));
  // A refused one did not happen: its key is free. An accepted one is not tried again.
  EXPECT_TRUE(shop.Do(CompareAndSet(7, 1, "k")).rejection);
  EXPECT_FALSE(shop.Do(CompareAndSet(2, 1, "k")).rejection);
  EXPECT_TRUE(shop.Do(CompareAndSet(2, 1, "k")).duplicate);
  EXPECT_EQ(shop.BalancesOf("A", "S1").on_hand, Quantity(1));
}

TEST(FactTest, OnlySellableUnitsAreUsable) {
  Shop shop;
  shop.Receive("A", "S1", 5);
  for (const Condition condition :
       {Condition::kDamaged, Condition::kQuarantine, Condition::kInspection}) {
    ASSERT_FALSE(shop.Do(In(condition, 2)).rejection);
  }
  EXPECT_EQ(shop.BalancesOf("A", "S1"), (Balances{Quantity(11), {}, {}, Quantity(6)}));
  EXPECT_EQ(shop.Available("A", "S1"), 5);
  ASSERT_FALSE(shop.Do(In(Condition::kDamaged, -2)).rejection);
  EXPECT_EQ(shop.BalancesOf("A", "S1"), (Balances{Quantity(9), {}, {}, Quantity(4)}));
  // More damaged units leave than were known: they were among the sellable.
  ASSERT_FALSE(shop.Do(In(Condition::kDamaged, -1)).rejection);
  EXPECT_EQ(shop.BalancesOf("A", "S1"), (Balances{Quantity(8), {}, {}, Quantity(4)}));
}

TEST(FactTest, OfUnitsInAConditionOnlyThoseThatWereNotKnownWereSellable) {
  Shop shop;
  shop.Receive("A", "S1", 10);
  ASSERT_FALSE(shop.Do(In(Condition::kDamaged, 3)).rejection);
  AdjustStock gone = In(Condition::kDamaged, -5);
  gone.adjustment.effect_key = "waste/1";
  gone.attribution.actor = "anna";
  ASSERT_FALSE(shop.Do(gone).rejection);
  EXPECT_EQ(shop.BalancesOf("A", "S1"), (Balances{Quantity(8), {}, {}, {}}));
  EXPECT_EQ(shop.Available("A", "S1"), 8);
  ASSERT_EQ(shop.last_events(), 2u);
  const auto& damaged = std::get<StockAdjusted>(shop.log()[shop.log().size() - 2].event);
  const auto& sellable = std::get<StockAdjusted>(shop.log().back().event);
  EXPECT_EQ(damaged.condition, Condition::kDamaged);
  EXPECT_EQ(damaged.delta, Quantity(-3));
  EXPECT_EQ(damaged.effect_key, "waste/1");
  EXPECT_EQ(sellable.condition, Condition::kSellable);
  EXPECT_EQ(sellable.delta, Quantity(-2));
  EXPECT_EQ(sellable.effect_key, "");
  EXPECT_EQ(sellable.attribution.actor, "anna");
  // It happened once, both parts of it.
  EXPECT_TRUE(shop.Do(gone).duplicate);
  EXPECT_EQ(shop.last_events(), 0u);
}

}  // namespace
}  // namespace quartermaster::stock
