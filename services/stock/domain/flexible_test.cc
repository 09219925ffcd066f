// Flexible holds (DOMAIN, "Pools"): no false stock-out, whoever comes first, and what becomes of
// their units.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "services/stock/domain/reservation_reports.h"
#include "services/stock/domain/testing/shop.h"

namespace quartermaster::stock {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class FlexibleTest : public testing::Test {
 protected:
  FlexibleTest() {
    shop_.Receive("A", "S1", 1);
    shop_.Receive("A", "S2", 1);
    shop_.Pool("web", {"S1", "S2"});
  }
  Placement Place(const std::string& location, int64_t quantity) {
    return {shop_.Location(location), Quantity(quantity)};
  }
  Decision Reserve(const std::string& owner, HoldLines lines, bool partial = false) {
    ReserveStock command = shop_.Reserve(owner, std::move(lines));
    command.allow_partial = partial;
    return shop_.Do(command);
  }
  // What moved in the last command, as (from, to, units).
  std::vector<std::string> Moves() const {
    std::vector<std::string> moves;
    for (size_t i = shop_.log().size() - shop_.last_events(); i < shop_.log().size(); ++i) {
      const auto* moved = std::get_if<BackingMoved>(&shop_.log()[i].event);
      if (moved == nullptr) continue;
      for (const BackingMove& move : moved->moves) {
        moves.push_back(absl::StrCat(shop_.state().locations.Name(move.from), ">",
                                     shop_.state().locations.Name(move.to), " ",
                                     move.quantity.units()));
      }
    }
    return moves;
  }
  Shop shop_;
};

TEST_F(FlexibleTest, AUnitThatOthersNeedMovesElsewhere) {
  const ReservationId web = shop_.Hold("web", {shop_.From("A", 1, "web")});
  ASSERT_THAT(shop_.Stand(web, 0), ElementsAre(Place("S1", 1)));
  EXPECT_EQ(shop_.Available("A", "S1"), 1);
  shop_.Hold("pickup", {shop_.At("A", 1, "S1")});
  EXPECT_THAT(Moves(), ElementsAre("S1>S2 1"));
  EXPECT_THAT(shop_.Stand(web, 0), ElementsAre(Place("S2", 1)));
  EXPECT_EQ(shop_.changes().back().kind, ChangeKind::kReserved);
  EXPECT_EQ(shop_.Available("A", "S1"), 0);
  EXPECT_EQ(shop_.Available("A", "S2"), 0);
}

// https://github.com/magento/inventory/issues/2032
TEST_F(FlexibleTest, MagentoInventory2032ShippingLeavesWhatIsPromisedToPickup) {
  shop_.Hold("pickup", {shop_.At("A", 1, "S1")});
  EXPECT_EQ(shop_.AvailableInPool("A", "web"), 1);
  EXPECT_EQ(KindOf(Reserve("ship", {shop_.From("A", 2, "web")})),
            RejectionKind::kInsufficientStock);
  const ReservationId ship = shop_.Hold("ship", {shop_.From("A", 1, "web")});
  EXPECT_THAT(shop_.Stand(ship, 0), ElementsAre(Place("S2", 1)));
  // Nor does it get the pickup's unit when it is bound.
  const Decision bound = shop_.Do(BindReservation{ship, {{"0", {Place("S1", 1)}}}, {}});
  ASSERT_EQ(KindOf(bound), RejectionKind::kInsufficientStock);
  EXPECT_EQ(bound.rejection->short_lines[0].location, shop_.Location("S1"));
}

// https://github.com/saleor/saleor/issues/9970
TEST_F(FlexibleTest, Saleor9970FranchiseStockIsNotGivenToTheWeb) {
  shop_.Receive("A", "franchise", 5);
  EXPECT_EQ(shop_.AvailableInPool("A", "web"), 2);
  shop_.Hold("web", {shop_.From("A", 2, "web")});
  EXPECT_EQ(KindOf(Reserve("more", {shop_.From("A", 1, "web")})),
            RejectionKind::kInsufficientStock);
  // Not to make room for others either.
  EXPECT_EQ(shop_.Available("A", "S1"), 0);
  EXPECT_EQ(shop_.Available("A", "franchise"), 5);
}

TEST_F(FlexibleTest, LinesOfOneRequestMakeRoomForEachOther) {
  shop_.Pool("first", {"S1"});
  // The wide line takes what the narrow ones leave, whatever their order.
  const ReservationId id =
      shop_.Hold("a", {shop_.From("A", 1, "web"), shop_.From("A", 1, "first")});
  EXPECT_THAT(Moves(), IsEmpty());
  EXPECT_THAT(shop_.Stand(id, 0), ElementsAre(Place("S2", 1)));
  EXPECT_THAT(shop_.Stand(id, 1), ElementsAre(Place("S1", 1)));
  // All of it or nothing; a part in the order of the lines, those at a location first.
  shop_.Do(ReleaseReservation{id, {}, false, {}});
  const HoldLines three = {shop_.From("A", 1, "web"), shop_.From("A", 1, "first"),
                           shop_.At("A", 1, "S2")};
  Decision d = Reserve("b", three);
  ASSERT_EQ(KindOf(d), RejectionKind::kInsufficientStock);
  ASSERT_EQ(d.rejection->short_lines.size(), 1u);
  EXPECT_EQ(d.rejection->short_lines[0].line, 1);
  d = Reserve("b", three, /*partial=*/true);
  ASSERT_FALSE(d.rejection);
  EXPECT_EQ(shop_.Get(d.reservation).lines[0].quantity, Quantity(1));
  EXPECT_EQ(shop_.Get(d.reservation).lines[1].quantity, Quantity(0));
}

// Who takes the units over plans with them: each of them can be had once.
TEST_F(FlexibleTest, NoUnitIsSaidToBeOfTwoLinesOfAReservation) {
  const ReservationId id = shop_.Hold("a", {shop_.From("A", 1, "web"), shop_.From("A", 1, "web")});
  EXPECT_THAT(shop_.Stand(id, 0), ElementsAre(Place("S1", 1)));
  EXPECT_THAT(shop_.Stand(id, 1), ElementsAre(Place("S2", 1)));
  const Reservation reported = ReportReservation(shop_.state(), shop_.Get(id));
  ASSERT_EQ(reported.lines.size(), 2u);
  EXPECT_THAT(reported.lines[0].placements, ElementsAre(Place("S1", 1)));
  EXPECT_THAT(reported.lines[1].placements, ElementsAre(Place("S2", 1)));
}

TEST_F(FlexibleTest, PoolsOfTheSameLocationsShareAClass) {
  shop_.Pool("marketplace", {"S2", "S1"});
  const Shop& shop = shop_;
  const auto eligible = [&](const char* pool) {
    return shop.state().PoolAt(shop.state().pool_names.Find(pool)).eligible;
  };
  EXPECT_EQ(eligible("web"), eligible("marketplace"));
  // A pool that is set anew leaves the holds before it as they were made.
  shop_.Hold("a", {shop_.From("A", 1, "web")});
  shop_.Pool("web", {"S2"});
  EXPECT_NE(eligible("web"), eligible("marketplace"));
  shop_.Hold("b", {shop_.From("A", 1, "web")});
  EXPECT_EQ(shop_.AvailableInPool("A", "marketplace"), 0);
  shop_.Pool("web", {"S1", "S2"});
  EXPECT_EQ(eligible("web"), eligible("marketplace"));
}

TEST_F(FlexibleTest, TheOwnersOwnUnitsAreFreeToItWhereverTheyStand) {
  shop_.Hold("a", {shop_.From("A", 2, "web")});
  EXPECT_EQ(KindOf(Reserve("b", {shop_.At("A", 1, "S2")})), RejectionKind::kInsufficientStock);
  const ReservationId id = shop_.Hold("a", {shop_.At("A", 1, "S2"), shop_.From("A", 1, "web")});
  EXPECT_THAT(shop_.Stand(id, 1), ElementsAre(Place("S1", 1)));
  EXPECT_EQ(shop_.BalancesOf("A", "S2").reserved, Quantity(1));
  shop_.Hold("a", {shop_.From("A", 1, "web")});
  EXPECT_EQ(shop_.AvailableInPool("A", "web"), 1);
}

TEST_F(FlexibleTest, ATillSaleTakesAHeldUnitAndTheHoldStandsElsewhere) {
  const ReservationId web = shop_.Hold("web", {shop_.From("A", 1, "web")});
  ASSERT_THAT(shop_.Stand(web, 0), ElementsAre(Place("S1", 1)));
  shop_.Do(Shop::Fact(AdjustmentKind::kSold, "A", "S1", -1));
  EXPECT_THAT(Moves(), ElementsAre("S1>S2 1"));
  EXPECT_EQ(shop_.BalancesOf("A", "S1").shortage(), Quantity(0));
  // The last one too: nothing is left for it, and everyone can see that.
  shop_.Do(Shop::Fact(AdjustmentKind::kSold, "A", "S2", -1));
  EXPECT_THAT(Moves(), IsEmpty());
  EXPECT_EQ(shop_.BalancesOf("A", "S2").shortage(), Quantity(1));
  EXPECT_EQ(shop_.Get(web).lines[0].open(), Quantity(1));
  // Whatever comes in is its own first.
  shop_.Receive("A", "S1", 2);
  EXPECT_THAT(Moves(), ElementsAre("S2>S1 1"));
  EXPECT_EQ(shop_.AvailableInPool("A", "web"), 1);
  EXPECT_EQ(shop_.BalancesOf("A", "S2").shortage(), Quantity(0));
}

TEST_F(FlexibleTest, WhatOthersGiveBackCoversWhoIsShort) {
  shop_.Hold("web", {shop_.From("A", 1, "web")}, Hours(2));  // at S1
  const ReservationId pickup = shop_.Hold("pickup", {shop_.At("A", 1, "S2")}, Seconds(60));
  shop_.Do(Shop::Fact(AdjustmentKind::kCounted, "A", "S1", -1));
  EXPECT_EQ(shop_.BalancesOf("A", "S1").shortage(), Quantity(1));
  shop_.Wait(Seconds(60));
  shop_.Settle();
  EXPECT_EQ(shop_.Get(pickup).state, ReservationState::kExpired);
  EXPECT_EQ(shop_.BalancesOf("A", "S1").shortage(), Quantity(0));
  EXPECT_EQ(shop_.Available("A", "S2"), 0);
}

TEST_F(FlexibleTest, APausedLocationGetsNoUnitsUntilItIsResumed) {
  shop_.Hold("web", {shop_.From("A", 1, "web")});  // at S1
  shop_.Pause("S2");
  shop_.Do(Shop::Fact(AdjustmentKind::kCounted, "A", "S1", -1));
  EXPECT_EQ(shop_.BalancesOf("A", "S1").shortage(), Quantity(1));
  EXPECT_EQ(shop_.Available("A", "S2"), 1);
  shop_.Pause("S2", false);
  EXPECT_THAT(Moves(), ElementsAre("S1>S2 1"));
  EXPECT_EQ(shop_.BalancesOf("A", "S1").shortage(), Quantity(0));
  EXPECT_EQ(shop_.Available("A", "S2"), 0);
}

TEST_F(FlexibleTest, ConfirmedUnitsStayFlexibleUntilTheyAreBound) {
  const ReservationId web = shop_.Hold("web", {shop_.From("A", 1, "web")});
  ASSERT_FALSE(shop_.Do(ConfirmReservation{web, {}, "", {}}).rejection);
  EXPECT_EQ(shop_.BalancesOf("A", "S1"), (Balances{Quantity(1), {}, Quantity(1), {}}));
  shop_.Hold("pickup", {shop_.At("A", 1, "S1")});
  EXPECT_EQ(shop_.BalancesOf("A", "S2").allocated, Quantity(1));
  ASSERT_FALSE(shop_.Do(BindReservation{web, {{"0", {Place("S2", 1)}}}, {}}).rejection);
  EXPECT_THAT(shop_.Get(web).lines[0].placements, ElementsAre(Place("S2", 1)));
  EXPECT_FALSE(shop_.Get(web).lines[0].flexible());
  EXPECT_TRUE(shop_.state().backings.empty());
  shop_.Pool("second", {"S2"});
  EXPECT_EQ(shop_.AvailableInPool("A", "second"), 0);
}

TEST_F(FlexibleTest, FulfilledUnitsLeaveFromWhereTheGoodsWere) {
  shop_.Receive("A", "S1", 2);
  const ReservationId web = shop_.Hold("web", {shop_.From("A", 2, "web")});
  ASSERT_THAT(shop_.Stand(web, 0), ElementsAre(Place("S1", 2)));
  FulfilReservation fulfil{web, {{"0", false, shop_.Location("S2"), Quantity(1)}}, {}};
  ASSERT_FALSE(shop_.Do(fulfil).rejection);
  EXPECT_THAT(Moves(), ElementsAre("S1>S2 1"));
  EXPECT_EQ(shop_.BalancesOf("A", "S2"), Balances{});
  EXPECT_EQ(shop_.BalancesOf("A", "S1").reserved, Quantity(1));
  // There is no second one.
  EXPECT_EQ(KindOf(shop_.Do(fulfil)), RejectionKind::kQuantityExceedsOpen);
  // Where nothing is said, from where they stand.
  ASSERT_FALSE(shop_.Do(FulfilReservation{web, {}, {}}).rejection);
  EXPECT_EQ(shop_.BalancesOf("A", "S1").on_hand, Quantity(2));
  EXPECT_EQ(shop_.Get(web).state, ReservationState::kFulfilled);
}

TEST_F(FlexibleTest, MissingUnitsBecomeSuspectWhereTheyWereLookedFor) {
  shop_.Receive("A", "S1", 1);
  const ReservationId web = shop_.Hold("web", {shop_.From("A", 2, "web")});
  const std::vector<LinePart> part = {{"0", false, shop_.Location("S2"), Quantity(1)}};
  ASSERT_FALSE(shop_.Do(ReleaseReservation{web, part, true, {}}).rejection);
  EXPECT_EQ(shop_.BalancesOf("A", "S2"), (Balances{Quantity(1), {}, {}, Quantity(1)}));
  EXPECT_EQ(shop_.Get(web).lines[0].missing, Quantity(1));
  EXPECT_EQ(shop_.Get(web).lines[0].open(), Quantity(1));
}

TEST_F(FlexibleTest, AnExpiredHoldIsHeldAnewAsFlexible) {
  const ReservationId web = shop_.Hold("web", {shop_.From("A", 2, "web")});
  shop_.Wait(kTtl);
  const Decision d = shop_.Do(ConfirmReservation{web, {shop_.From("A", 2, "web")}, "order", {}});
  ASSERT_FALSE(d.rejection);
  EXPECT_EQ(shop_.Get(d.reservation).state, ReservationState::kConfirmed);
  EXPECT_EQ(shop_.BalancesOf("A", "S1").allocated, Quantity(1));
  EXPECT_EQ(shop_.BalancesOf("A", "S1").reserved, Quantity(0));
}

class UncoveredTest : public FlexibleTest {
 protected:
  void Sell(const std::string& location, int64_t units) {
    ASSERT_FALSE(shop_.Do(Shop::Fact(AdjustmentKind::kSold, "A", location, -units)).rejection);
  }
  void Confirm(ReservationId id) {
    ASSERT_FALSE(shop_.Do(ConfirmReservation{id, {}, "", {}}).rejection);
  }
  // What the last command uncovered or covered: "owner units", or "owner units@location".
  template <typename Listing>
  std::vector<std::string> Listed() const {
    std::vector<std::string> listed;
    for (size_t i = shop_.log().size() - shop_.last_events(); i < shop_.log().size(); ++i) {
      const auto* event = std::get_if<Listing>(&shop_.log()[i].event);
      if (event == nullptr) continue;
      for (const UncoveredUnits& units : event->units) {
        std::string text =
            absl::StrCat(shop_.Get(units.reservation).owner, " ", units.quantity.units());
        if (units.location != LocationIndex::kNone) {
          absl::StrAppend(&text, "@", shop_.state().locations.Name(units.location));
        }
        listed.push_back(text);
      }
    }
    return listed;
  }
  std::vector<std::string> Uncovered() const { return Listed<UnitsUncovered>(); }
  std::vector<std::string> Covered() const { return Listed<UnitsCovered>(); }
};

TEST_F(UncoveredTest, CartsBeforePaidOrdersAndTheNewestFirst) {
  shop_.Receive("A", "S1", 5);
  Confirm(shop_.Hold("paid-1", {shop_.At("A", 2, "S1")}));
  shop_.Hold("cart-1", {shop_.At("A", 1, "S1")});
  Confirm(shop_.Hold("paid-2", {shop_.At("A", 1, "S1")}));
  shop_.Hold("cart-2", {shop_.At("A", 2, "S1")});
  shop_.Hold("elsewhere", {shop_.At("A", 1, "S2")});
  // A till sale is never refused. Each time those are listed who did not go without before.
  Sell("S1", 1);
  EXPECT_THAT(Uncovered(), ElementsAre("cart-2 1@S1"));
  Sell("S1", 2);
  EXPECT_THAT(Uncovered(), ElementsAre("cart-2 1@S1", "cart-1 1@S1"));
  Sell("S1", 2);
  EXPECT_THAT(Uncovered(), ElementsAre("paid-2 1@S1", "paid-1 1@S1"));
  Sell("S1", 4);
  EXPECT_THAT(Uncovered(), ElementsAre("paid-1 1@S1"));
  EXPECT_EQ(shop_.BalancesOf("A", "S1").shortage(), Quantity(9));
  // The other way round when goods come.
  shop_.Receive("A", "S1", 5);
  EXPECT_THAT(Covered(), ElementsAre("paid-1 2@S1"));
  shop_.Receive("A", "S1", 9);
  EXPECT_THAT(Covered(), ElementsAre("paid-2 1@S1", "cart-1 1@S1", "cart-2 2@S1"));
  EXPECT_TRUE(shop_.state().uncovered.empty());
}

TEST_F(UncoveredTest, APaidOrderIsServedByTheUnitOfACartElsewhere) {
  const ReservationId paid = shop_.Hold("paid", {shop_.From("A", 1, "web")});  // at S1
  Confirm(paid);
  shop_.Hold("cart", {shop_.At("A", 1, "S2")});
  Sell("S1", 1);
  EXPECT_THAT(Moves(), IsEmpty());
  EXPECT_THAT(Uncovered(), ElementsAre("cart 1@S2"));
}

TEST_F(UncoveredTest, BelowZeroMoreIsShortThanAnyoneWasPromised) {
  const ReservationId first = shop_.Hold("first", {shop_.At("A", 1, "S1")});
  const ReservationId second = shop_.Hold("second", {shop_.At("A", 1, "S2")});
  Sell("S1", 4);
  EXPECT_THAT(Uncovered(), ElementsAre("first 1@S1"));
  Sell("S2", 1);
  EXPECT_THAT(Uncovered(), ElementsAre("second 1@S2"));
  EXPECT_EQ(shop_.Get(second).lines[0].uncovered, Quantity(1));
  // S1 still has less than nothing; that is nothing to S2.
  shop_.Receive("A", "S2", 1);
  EXPECT_THAT(Covered(), ElementsAre("second 1@S2"));
  EXPECT_EQ(shop_.Get(second).lines[0].uncovered, Quantity(0));
  EXPECT_EQ(shop_.Get(first).lines[0].uncovered, Quantity(1));
}

TEST_F(UncoveredTest, UnitsOfOneLineGoWithoutWhereverItHelps) {
  shop_.Receive("A", "S1", 1);
  const ReservationId cart = shop_.Hold("cart", {shop_.From("A", 3, "web")});
  Sell("S1", 2);
  EXPECT_THAT(Uncovered(), ElementsAre("cart 2"));
  EXPECT_EQ(shop_.Get(cart).lines[0].uncovered, Quantity(2));
  shop_.Do(ReleaseReservation{cart, {{"0", true, LocationIndex::kNone, Quantity(2)}}, false, {}});
  EXPECT_EQ(shop_.Get(cart).lines[0].open(), Quantity(1));
}

TEST_F(UncoveredTest, FlexibleUnitsHaveNoPlaceToBeMissing) {
  shop_.Hold("first", {shop_.From("A", 1, "web")});
  shop_.Hold("second", {shop_.From("A", 1, "web")});
  Sell("S2", 1);
  EXPECT_THAT(Uncovered(), ElementsAre("second 1"));
}

TEST_F(UncoveredTest, WhoCannotMakeADifferenceIsLeftAlone) {
  shop_.Receive("A", "S3", 1);
  const ReservationId paid = shop_.Hold("paid", {shop_.From("A", 2, "web")});
  Confirm(paid);
  shop_.Hold("cart", {shop_.At("A", 1, "S3")});
  Sell("S1", 1);
  EXPECT_THAT(Uncovered(), ElementsAre("paid 1"));
}

TEST_F(UncoveredTest, UnitsThatEndAreNoLongerUncovered) {
  const ReservationId first = shop_.Hold("first", {shop_.At("A", 1, "S1")});
  shop_.Receive("A", "S1", 1);
  const ReservationId second = shop_.Hold("second", {shop_.At("A", 1, "S1")});
  Sell("S1", 1);
  EXPECT_THAT(Uncovered(), ElementsAre("second 1@S1"));
  shop_.Do(ReleaseReservation{second, {}, false, {}});
  EXPECT_THAT(Covered(), IsEmpty());
  EXPECT_TRUE(shop_.state().uncovered.empty());
  Sell("S1", 1);
  EXPECT_THAT(Uncovered(), ElementsAre("first 1@S1"));
  // What another gives back covers whoever goes without.
  shop_.Receive("A", "S1", 2);
  shop_.Hold("third", {shop_.At("A", 1, "S1")});
  Sell("S1", 1);
  EXPECT_THAT(Uncovered(), ElementsAre("third 1@S1"));
  shop_.Do(ReleaseReservation{first, {}, false, {}});
  EXPECT_THAT(Covered(), ElementsAre("third 1@S1"));
}

TEST_F(UncoveredTest, AFulfilmentOfUncoveredUnitsUncoversOthers) {
  const ReservationId first = shop_.Hold("first", {shop_.At("A", 1, "S1")});
  shop_.Receive("A", "S1", 1);
  const ReservationId second = shop_.Hold("second", {shop_.At("A", 1, "S1")});
  Sell("S1", 1);
  // It was there after all, for the second: then it is the first one's that is gone.
  ASSERT_FALSE(shop_.Do(FulfilReservation{second, {}, {}}).rejection);
  EXPECT_THAT(Uncovered(), ElementsAre("first 1@S1"));
  EXPECT_EQ(shop_.Get(first).lines[0].open(), Quantity(1));
}

TEST_F(UncoveredTest, PausedLocationsNeitherGiveNorTake) {
  shop_.Hold("web", {shop_.From("A", 1, "web")});  // at S1
  shop_.Pause("S2");
  shop_.Hold("cart", {shop_.At("A", 1, "S2")});
  Sell("S1", 1);
  EXPECT_THAT(Uncovered(), ElementsAre("web 1"));
}

// 500 holds over the same pool: as many entries as locations that they stand at, not as holds.
TEST_F(FlexibleTest, TheBackingGrowsWithClassesAndLocationsNotWithHolds) {
  shop_.Receive("A", "S1", 400);
  shop_.Receive("A", "S2", 400);
  for (int i = 0; i < 500; ++i) shop_.Hold(absl::StrCat("c", i), {shop_.From("A", 1, "web")});
  EXPECT_EQ(shop_.state().backings.Find(shop_.Sku("A"))->size(), 2u);
}

}  // namespace
}  // namespace quartermaster::stock
