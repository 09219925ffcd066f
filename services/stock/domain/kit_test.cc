// Kits: held, sold and returned as their parts.
#include <gtest/gtest.h>

#include "services/stock/domain/testing/shop.h"

namespace quartermaster::stock {
namespace {

constexpr int64_t kMillion = 1'000'000;

class KitTest : public testing::Test {
 protected:
  KitTest() {
    shop_.Receive("cup", "S1", 10);
    shop_.Receive("plate", "S1", 3);
    shop_.Receive("cup", "W1", 2);
    shop_.Receive("plate", "W1", 4);
    shop_.Pool("web", {"S1", "W1"});
    shop_.Kit("set", {{"cup", 2}, {"plate", 1}});
  }
  std::optional<RejectionKind> Refusal(const Command& command) {
    const Decision decision = shop_.Do(command);
    return decision.rejection ? std::optional(decision.rejection->kind) : std::nullopt;
  }
  DefineKit Definition(const std::string& sku,
                       const std::vector<std::pair<std::string, int64_t>>& components) {
    DefineKit command{.sku = shop_.Sku(sku)};
    for (const auto& [component, count] : components) {
      command.components.push_back({shop_.Sku(component), count});
    }
    return command;
  }
  LinePart PartOf(const std::string& line, int64_t quantity, const std::string& part = "") {
    LinePart named;
    named.line_id = line;
    named.quantity = Quantity(quantity);
    named.of_part = !part.empty();
    if (named.of_part) named.part = shop_.Sku(part);
    return named;
  }
  int64_t OnHand(const std::string& sku, const std::string& location) {
    return shop_.BalancesOf(sku, location).on_hand.units();
  }

  Shop shop_;
};

// https://github.com/medusajs/medusa/issues/16502
TEST_F(KitTest, Medusa16502LinesThatShareAComponentAddUpBeforeAnyCheck) {
  shop_.Kit("pair", {{"cup", 2}});
  // Each for itself there is enough of: 3 sets have 6 cups, 2 pairs 4, and 1 is a cup; together 11.
  ReserveStock reserve = shop_.Reserve(
      "cart", {shop_.At("set", 3, "S1"), shop_.At("pair", 2, "S1"), shop_.At("cup", 1, "S1")});
  const Decision refused = shop_.Do(reserve);
  ASSERT_TRUE(refused.rejection.has_value());
  EXPECT_EQ(refused.rejection->kind, RejectionKind::kInsufficientStock);
  ASSERT_EQ(refused.rejection->short_lines.size(), 1u);
  EXPECT_EQ(refused.rejection->short_lines[0].line, 2);
  EXPECT_EQ(refused.rejection->short_lines[0].available, Quantity(0));
  reserve.lines.pop_back();
  EXPECT_FALSE(shop_.Do(reserve).rejection);
  EXPECT_EQ(shop_.BalancesOf("cup", "S1").reserved, Quantity(10));
  EXPECT_EQ(shop_.Available("cup", "S1"), 0);
}

TEST_F(KitTest, AvailabilityOfAKitIsWhatReserveAccepts) {
  EXPECT_EQ(shop_.Available("set", "S1"), 3);
  EXPECT_EQ(shop_.Available("set", "W1"), 1);
  // 12 cups and 7 plates, wherever.
  EXPECT_EQ(shop_.AvailableInPool("set", "web"), 6);
  shop_.Channel("market", "web", Demand::kOnline, 2);
  EXPECT_EQ(shop_.AvailableFor("set", "market"), 4);
  shop_.KeepBack("cup", "", 1);
  EXPECT_EQ(shop_.AvailableInPool("set", "web"), 5);
  EXPECT_EQ(Refusal(shop_.Reserve("cart", {shop_.From("set", 6, "web")})),
            RejectionKind::kInsufficientStock);
  EXPECT_EQ(Refusal(shop_.Reserve("cart", {shop_.From("set", 5, "web")})), std::nullopt);
}

TEST_F(KitTest, OfAPartialHoldOnlyWholeKitsAreHeld) {
  ReserveStock reserve =
      shop_.Reserve("cart", {shop_.At("set", 5, "S1"), shop_.At("cup", 9, "S1")});
  reserve.allow_partial = true;
  const Decision held = shop_.Do(reserve);
  ASSERT_FALSE(held.rejection);
  const Reservation& r = shop_.Get(held.reservation);
  ASSERT_EQ(r.lines.size(), 3u);
  EXPECT_EQ(r.lines[0].quantity, Quantity(6));
  EXPECT_EQ(r.lines[1].quantity, Quantity(3));
  // What the kits that there are not have no need of.
  EXPECT_EQ(r.lines[2].quantity, Quantity(4));
  ASSERT_EQ(held.short_lines.size(), 2u);
  EXPECT_EQ(held.short_lines[0].available, Quantity(3));
  EXPECT_EQ(held.short_lines[0].sku, shop_.Sku("plate"));
  EXPECT_EQ(held.short_lines[1].available, Quantity(4));
  EXPECT_EQ(held.short_lines[1].sku, SkuIndex::kNone);
}

TEST_F(KitTest, KitsOfKitsComeToTheirParts) {
  shop_.Kit("table", {{"set", 2}, {"cup", 1}, {"lamp", 1}});
  shop_.Receive("lamp", "S1", 1);
  EXPECT_EQ(shop_.Available("table", "S1"), 1);
  const Reservation& r = shop_.Get(shop_.Hold("cart", {shop_.At("table", 1, "S1")}));
  ASSERT_EQ(r.lines.size(), 3u);
  EXPECT_EQ(r.lines[0].quantity, Quantity(5));
  EXPECT_EQ(r.lines[0].per_kit, 5u);
  EXPECT_EQ(r.lines[0].kit, shop_.Sku("table"));
  // What the inner one is becomes what the outer one is, for those who come after it.
  shop_.Kit("set", {{"cup", 1}});
  EXPECT_EQ(r.lines[0].per_kit, 5u);
  VisitParts(shop_.state().kits, shop_.Sku("table"), [&](SkuIndex sku, int64_t count) {
    EXPECT_EQ(count, sku == shop_.Sku("cup") ? 3 : 1);
    EXPECT_NE(sku, shop_.Sku("plate"));
  });
  shop_.Kit("set", {});
  EXPECT_EQ(shop_.state().kits.Find(shop_.Sku("set")), nullptr);
  EXPECT_EQ(shop_.Available("table", "S1"), 0);
  shop_.Receive("set", "S1", 9);
  EXPECT_EQ(shop_.Available("table", "S1"), 0);
  shop_.Receive("lamp", "S1", 2);
  EXPECT_EQ(shop_.Available("table", "S1"), 2);
}

TEST_F(KitTest, WhatCannotBeAKitIsRefused) {
  EXPECT_EQ(Refusal(Definition("cup", {{"plate", 1}})), RejectionKind::kSkuHasStock);
  EXPECT_EQ(Refusal(Definition("set", {{"set", 1}})), RejectionKind::kKitContainsItself);
  shop_.Kit("k1", {{"set", 1}});
  shop_.Kit("k2", {{"k1", 1}, {"spoon", 1}});
  EXPECT_EQ(Refusal(Definition("set", {{"spoon", 1}, {"k2", 1}})),
            RejectionKind::kKitContainsItself);
  for (int i = 3; i <= 7; ++i) {
    shop_.Kit("k" + std::to_string(i), {{"k" + std::to_string(i - 1), 1}});
  }
  EXPECT_EQ(Refusal(Definition("k8", {{"k7", 1}})), RejectionKind::kKitTooDeep);
  // So would the kits be that it is in.
  EXPECT_EQ(Refusal(Definition("spoon", {{"cup", 1}})), std::nullopt);
  shop_.Kit("tray", {{"spoon", 1}});
  EXPECT_EQ(Refusal(Definition("cup-of-trays", {{"tray", 1}})), std::nullopt);
  shop_.Kit("saucer", {{"cup-of-trays", 1}});
  EXPECT_EQ(Refusal(Definition("k1", {{"saucer", 1}})), RejectionKind::kKitTooDeep);
  EXPECT_EQ(Refusal(Definition("many", {{"cup", kMillion}})), std::nullopt);
  EXPECT_EQ(Refusal(Definition("more", {{"many", 2}})), RejectionKind::kKitTooLarge);
  DefineKit wide{.sku = shop_.Sku("wide")};
  for (int i = 0; i < 99; ++i) {
    wide.components.push_back({shop_.Sku("part" + std::to_string(i)), 1});
  }
  EXPECT_EQ(Refusal(wide), std::nullopt);
  EXPECT_EQ(Refusal(Definition("wider", {{"wide", 1}, {"set", 1}})), RejectionKind::kKitTooLarge);
  EXPECT_EQ(Refusal(shop_.Reserve("cart", {shop_.At("many", 1'000'001, "S1")})),
            RejectionKind::kKitQuantityTooLarge);
}

TEST_F(KitTest, WholeKitsAndPartsOfThemEndOnTheirOwn) {
  const ReservationId id = shop_.Hold("cart", {shop_.From("set", 3, "web")});
  EXPECT_EQ(Refusal(FulfilReservation{id, {PartOf("0", 1)}, {}}), std::nullopt);
  const Reservation& r = shop_.Get(id);
  EXPECT_EQ(r.lines[0].fulfilled, Quantity(2));
  EXPECT_EQ(r.lines[1].fulfilled, Quantity(1));
  EXPECT_EQ(Refusal(ReleaseReservation{id, {PartOf("0", 3, "cup")}, true, {}}), std::nullopt);
  EXPECT_EQ(r.lines[0].missing, Quantity(3));
  EXPECT_EQ(r.lines[1].missing, Quantity(0));
  // One cup and two plates are left: that is no kit.
  EXPECT_EQ(Refusal(FulfilReservation{id, {PartOf("0", 1)}, {}}),
            RejectionKind::kQuantityExceedsOpen);
  EXPECT_EQ(Refusal(FulfilReservation{id, {PartOf("0", 1, "lamp")}, {}}),
            RejectionKind::kLineNotFound);
  BindReservation bind{id, {{"0", {{shop_.Location("S1"), Quantity(1)}}}}, {}};
  EXPECT_EQ(Refusal(bind), RejectionKind::kQuantityExceedsOpen);
  bind.lines[0].of_part = true;
  bind.lines[0].part = shop_.Sku("cup");
  EXPECT_EQ(Refusal(bind), std::nullopt);
  EXPECT_FALSE(r.lines[0].flexible());
  EXPECT_TRUE(r.lines[1].flexible());
  EXPECT_EQ(Refusal(FulfilReservation{id, {}, {}}), std::nullopt);
  EXPECT_EQ(r.state, ReservationState::kFulfilled);
}

TEST_F(KitTest, AKitIsBoundAsAWhole) {
  const ReservationId id = shop_.Hold("cart", {shop_.From("set", 2, "web")});
  const Decision bound = shop_.Do(BindReservation{
      id, {{"0", {{shop_.Location("S1"), Quantity(1)}, {shop_.Location("W1"), Quantity(1)}}}}, {}});
  ASSERT_FALSE(bound.rejection);
  const Reservation& r = shop_.Get(id);
  ASSERT_EQ(r.lines[0].placements.size(), 2u);
  EXPECT_EQ(r.lines[0].placements[1].quantity, Quantity(2));
  EXPECT_EQ(r.lines[1].placements[1].quantity, Quantity(1));
  const ReservationId other = shop_.Hold("other", {shop_.From("set", 1, "web")});
  const Decision refused =
      shop_.Do(BindReservation{other, {{"0", {{shop_.Location("W1"), Quantity(1)}}}}, {}});
  ASSERT_TRUE(refused.rejection.has_value());
  ASSERT_EQ(refused.rejection->short_lines.size(), 1u);
  EXPECT_EQ(refused.rejection->short_lines[0].sku, shop_.Sku("cup"));
  EXPECT_EQ(refused.rejection->short_lines[0].asked, Quantity(2));
}

TEST_F(KitTest, FactsAboutAKitAreAboutItsPartsAndHappenOnce) {
  EXPECT_EQ(Refusal(Shop::Fact(AdjustmentKind::kSold, "set", "S1", -2, "receipt-1")), std::nullopt);
  EXPECT_EQ(OnHand("cup", "S1"), 6);
  EXPECT_EQ(OnHand("plate", "S1"), 1);
  EXPECT_TRUE(shop_.Do(Shop::Fact(AdjustmentKind::kSold, "set", "S1", -2, "receipt-1")).duplicate);
  EXPECT_EQ(Refusal(Shop::Fact(AdjustmentKind::kSold, "set", "S1", -3, "receipt-1")),
            RejectionKind::kEffectKeyReused);
  EXPECT_EQ(OnHand("cup", "S1"), 6);
  // In a message of a source, of which it is one, too.
  const AdjustStock told =
      Shop::Told(Shop::Fact(AdjustmentKind::kSold, "set", "S1", -1), "till-1", 1);
  EXPECT_FALSE(shop_.Do(told).duplicate);
  EXPECT_TRUE(shop_.Do(told).duplicate);
  EXPECT_EQ(OnHand("cup", "S1"), 4);
  EXPECT_EQ(OnHand("plate", "S1"), 0);
  // Below zero, as for any SKU: of which a count is asked for.
  EXPECT_EQ(Refusal(Shop::Fact(AdjustmentKind::kSold, "set", "S1", -1)), std::nullopt);
  EXPECT_EQ(OnHand("plate", "S1"), -1);
  EXPECT_EQ(shop_.state().counts.recounts.size(), 1u);
  EXPECT_EQ(shop_.BalancesOf("set", "S1"), Balances{});
  EXPECT_EQ(Refusal(Shop::Fact(AdjustmentKind::kReceived, "set", "S1", 1'000'000'000)),
            RejectionKind::kKitQuantityTooLarge);
}

// Rule 7: know the components sold; restock only accepted ones, at the receiving location, in their
// condition.
TEST_F(KitTest, OfAKitThatComesBackOnlyAcceptedPartsAreRestockedWhereTheyAre) {
  const ReservationId sold = shop_.Hold("order", {shop_.At("set", 1, "S1")});
  EXPECT_FALSE(shop_.Do(ConfirmReservation{sold, {}, "", {}}).rejection);
  EXPECT_FALSE(shop_.Do(FulfilReservation{sold, {}, {}}).rejection);
  shop_.Kit("set", {{"lamp", 4}});
  // The reservation knows what was sold, whatever a set is by now.
  const Reservation& r = shop_.Get(sold);
  EXPECT_EQ(r.lines[0].sku, shop_.Sku("cup"));
  EXPECT_EQ(r.lines[0].per_kit, 2u);
  EXPECT_EQ(r.lines[0].fulfilled, Quantity(2));
  AdjustStock broken = Shop::Fact(AdjustmentKind::kReturned, "cup", "W1", 1, "return-1/cup");
  broken.adjustment.condition = Condition::kDamaged;
  EXPECT_FALSE(shop_.Do(broken).rejection);
  EXPECT_FALSE(shop_.Do(Shop::Fact(AdjustmentKind::kReturned, "plate", "W1", 1, "return-1/plate"))
                   .rejection);
  EXPECT_EQ(OnHand("cup", "W1"), 3);
  EXPECT_EQ(shop_.Available("cup", "W1"), 2);
  EXPECT_EQ(shop_.Available("plate", "W1"), 5);
  EXPECT_EQ(OnHand("cup", "S1"), 8);
  EXPECT_EQ(OnHand("lamp", "W1"), 0);
}

TEST_F(KitTest, AKitHasNoStockToSetCountOrMove) {
  AdjustStock set = Shop::Fact(AdjustmentKind::kCounted, "set", "S1", 0);
  set.adjustment.compare_and_set = true;
  set.adjustment.value = Quantity(3);
  EXPECT_EQ(Refusal(set), RejectionKind::kKitHasNoStock);
  EXPECT_EQ(Refusal(shop_.CountOf(
                "c1", {{"cup", "S1", Quantity(3), {}}, {"set", "S1", Quantity(3), {}}})),
            RejectionKind::kKitHasNoStock);
  EXPECT_EQ(Refusal(ChangeCondition{shop_.Sku("set"),
                                    shop_.Location("S1"),
                                    Condition::kSellable,
                                    Condition::kDamaged,
                                    Quantity(1),
                                    {}}),
            RejectionKind::kKitHasNoStock);
  // That its parts are damaged is a fact.
  AdjustStock damaged = Shop::Fact(AdjustmentKind::kConditionChanged, "set", "S1", 1);
  damaged.adjustment.from_condition = Condition::kSellable;
  damaged.adjustment.condition = Condition::kDamaged;
  EXPECT_EQ(Refusal(damaged), std::nullopt);
  EXPECT_EQ(shop_.Available("cup", "S1"), 8);
}

TEST_F(KitTest, OverdueHoldsOfItsPartsAreInNobodysWay) {
  shop_.Receive("lamp", "S1", 1);
  shop_.Hold("first", {shop_.At("lamp", 1, "S1")}, Seconds(4));
  shop_.Hold("cart", {shop_.At("plate", 3, "S1")}, Seconds(5));
  shop_.Wait(Seconds(10));
  // The frame ends the first of them by itself.
  shop_.set_expiries_per_frame(1);
  EXPECT_EQ(Refusal(shop_.Reserve("other", {shop_.At("set", 3, "S1")})), std::nullopt);
}

TEST_F(KitTest, ADefinitionHasAVersion) {
  DefineKit define = Definition("bowl", {{"cup", 1}});
  define.expected_version = 0;
  const Decision first = shop_.Do(define);
  ASSERT_FALSE(first.rejection);
  EXPECT_EQ(Refusal(define), RejectionKind::kVersionChanged);
  define.expected_version = first.version;
  define.components.clear();
  EXPECT_EQ(shop_.Do(define).version, 0);
}

}  // namespace
}  // namespace quartermaster::stock
