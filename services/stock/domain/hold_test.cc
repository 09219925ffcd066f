// Making, changing and confirming holds: Reserve, UpdateReservation, ExtendReservation,
// ConfirmReservation.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "services/stock/domain/testing/shop.h"

namespace quartermaster::stock {
namespace {

using ::testing::ElementsAre;

class HoldTest : public testing::Test {
 protected:
  HoldTest() {
    shop_.Receive("A", "S1", 10);
    shop_.Receive("A", "S2", 4);
    shop_.Pool("web", {"S1", "S2"});
  }
  Shop shop_;
};

TEST_F(HoldTest, AHoldTakesItsUnitsOutOfWhatIsAvailable) {
  const ReservationId id = shop_.Hold("cart", {shop_.At("A", 3, "S1")});
  const Reservation& hold = shop_.Get(id);
  EXPECT_EQ(hold.owner, "cart");
  EXPECT_EQ(hold.state, ReservationState::kHeld);
  EXPECT_EQ(hold.created, shop_.now());
  EXPECT_EQ(hold.expires, shop_.now() + kTtl);
  EXPECT_EQ(shop_.Available("A", "S1"), 7);
  EXPECT_EQ(shop_.BalancesOf("A", "S1"), (Balances{Quantity(10), Quantity(3), {}, {}}));
  EXPECT_EQ(shop_.changes().back().kind, ChangeKind::kReserved);
}

TEST_F(HoldTest, UnknownNamesAreNamedByTheirLine) {
  const auto refused = [&](const HoldLine& line) {
    const Decision d = shop_.Do(shop_.Reserve("cart", {shop_.At("A", 1, "S1"), line}));
    EXPECT_EQ(d.rejection->line, 1);
    EXPECT_EQ(shop_.last_events(), 0u);
    return KindOf(d);
  };
  HoldLine line = shop_.At("A", 1, "S1");
  line.sku = SkuIndex::kNone;
  EXPECT_EQ(refused(line), RejectionKind::kItemNotFound);
  line = shop_.At("A", 1, "S1");
  line.location = LocationIndex::kNone;
  EXPECT_EQ(refused(line), RejectionKind::kLocationNotFound);
  line.from_pool = true;
  EXPECT_EQ(refused(line), RejectionKind::kPoolNotFound);
  line.sku = static_cast<SkuIndex>(99);
  EXPECT_EQ(refused(line), RejectionKind::kItemNotFound);
}

TEST_F(HoldTest, AllOrNothingNamesEveryShortLine) {
  const Decision d = shop_.Do(shop_.Reserve(
      "cart", {shop_.At("A", 11, "S1"), shop_.At("A", 4, "S2"), shop_.At("A", 1, "S2")}));
  ASSERT_EQ(KindOf(d), RejectionKind::kInsufficientStock);
  EXPECT_EQ(d.rejection->line, 0);
  ASSERT_EQ(d.rejection->short_lines.size(), 2u);
  EXPECT_EQ(d.rejection->short_lines[0].asked, Quantity(11));
  EXPECT_EQ(d.rejection->short_lines[0].available, Quantity(10));
  EXPECT_EQ(d.rejection->short_lines[1].line, 2);
  EXPECT_EQ(d.rejection->short_lines[1].available, Quantity(0));
  EXPECT_EQ(shop_.Available("A", "S2"), 4);
}

TEST_F(HoldTest, LinesOfOneSkuAddUpBeforeTheyAreChecked) {
  EXPECT_EQ(
      KindOf(shop_.Do(shop_.Reserve("cart", {shop_.At("A", 6, "S1"), shop_.At("A", 5, "S1")}))),
      RejectionKind::kInsufficientStock);
  // A pool line that comes first leaves the units to the line that has no other place to go.
  const ReservationId id = shop_.Hold("cart", {shop_.From("A", 4, "web"), shop_.At("A", 10, "S1")});
  EXPECT_THAT(shop_.Stand(id, 0), ElementsAre(Placement{shop_.Location("S2"), Quantity(4)}));
  EXPECT_EQ(shop_.AvailableInPool("A", "web"), 0);
}

TEST_F(HoldTest, APartialHoldGetsWhatThereIsButNotNothing) {
  ReserveStock partial = shop_.Reserve("cart", {shop_.At("A", 6, "S2"), shop_.At("A", 2, "S1")});
  partial.allow_partial = true;
  const Decision d = shop_.Do(partial);
  ASSERT_FALSE(d.rejection);
  ASSERT_EQ(d.short_lines.size(), 1u);
  EXPECT_EQ(d.short_lines[0].available, Quantity(4));
  EXPECT_EQ(shop_.Get(d.reservation).lines[0].quantity, Quantity(4));
  // One line gets nothing at all: it stays, empty, and keeps where it was asked from.
  partial = shop_.Reserve("other", {shop_.At("A", 1, "S2"), shop_.At("A", 1, "S1")});
  partial.allow_partial = true;
  const Decision second = shop_.Do(partial);
  ASSERT_FALSE(second.rejection);
  EXPECT_TRUE(shop_.Get(second.reservation).lines[0].placements.empty());
  EXPECT_EQ(shop_.Get(second.reservation).lines[0].location, shop_.Location("S2"));
  partial = shop_.Reserve("third", {shop_.At("A", 1, "S2")});
  partial.allow_partial = true;
  EXPECT_EQ(KindOf(shop_.Do(partial)), RejectionKind::kInsufficientStock);
}

TEST_F(HoldTest, APoolHoldIsSplitOnlyIfNoSinglePlaceHasEnough) {
  const ReservationId whole = shop_.Hold("a", {shop_.From("A", 4, "web")});
  EXPECT_THAT(shop_.Stand(whole, 0), ElementsAre(Placement{shop_.Location("S1"), Quantity(4)}));
  EXPECT_TRUE(shop_.Get(whole).lines[0].placements.empty());
  const ReservationId split = shop_.Hold("b", {shop_.From("A", 9, "web")});
  const auto& reserved = std::get<StockReserved>(shop_.log().back().event);
  EXPECT_THAT(reserved.lines[0].placements,
              ElementsAre(Placement{shop_.Location("S1"), Quantity(6)},
                          Placement{shop_.Location("S2"), Quantity(3)}));
  EXPECT_EQ(shop_.Get(split).lines[0].pool, shop_.state().pool_names.Find("web"));
  const Decision d = shop_.Do(shop_.Reserve("c", {shop_.From("A", 2, "web")}));
  ASSERT_EQ(KindOf(d), RejectionKind::kInsufficientStock);
  EXPECT_EQ(d.rejection->short_lines[0].available, Quantity(1));
}

TEST_F(HoldTest, APausedLocationLeavesItsPoolsButKeepsItsHoldsAndItsOwnSales) {
  const ReservationId id = shop_.Hold("a", {shop_.From("A", 2, "web")});
  shop_.Pause("S1");
  EXPECT_EQ(shop_.AvailableInPool("A", "web"), 4);
  // The 2 may leave it, but nobody else's may come.
  EXPECT_EQ(shop_.Available("A", "S1"), 10);
  EXPECT_EQ(shop_.Available("A", "S2"), 4);
  EXPECT_EQ(KindOf(shop_.Do(shop_.Reserve("b", {shop_.From("A", 5, "web")}))),
            RejectionKind::kInsufficientStock);
  shop_.Hold("till", {shop_.At("A", 8, "S1")});
  EXPECT_EQ(shop_.Get(id).lines[0].open(), Quantity(2));
  shop_.Pause("S1", false);
  EXPECT_EQ(shop_.AvailableInPool("A", "web"), 4);
}

TEST_F(HoldTest, APoolThatIsSetAnewForgetsItsOldLocations) {
  shop_.Pool("web", {"S2"});
  EXPECT_EQ(shop_.AvailableInPool("A", "web"), 4);
  shop_.Pool("web", {"S1"});
  EXPECT_EQ(shop_.AvailableInPool("A", "web"), 10);
  SetPool unknown{"web", {shop_.Location("S1"), LocationIndex::kNone}, {}};
  const Decision d = shop_.Do(unknown);
  EXPECT_EQ(KindOf(d), RejectionKind::kLocationNotFound);
  EXPECT_EQ(d.rejection->line, 1);
}

TEST_F(HoldTest, TheOwnersNewHoldTakesThePlaceOfTheOld) {
  const ReservationId old = shop_.Hold("cart", {shop_.At("A", 8, "S1")});
  // Its own 8 count as free; another owner's would not.
  EXPECT_EQ(KindOf(shop_.Do(shop_.Reserve("other", {shop_.At("A", 3, "S1")}))),
            RejectionKind::kInsufficientStock);
  const ReservationId now = shop_.Hold("cart", {shop_.At("A", 10, "S1")});
  EXPECT_EQ(shop_.Get(old).state, ReservationState::kReplaced);
  EXPECT_EQ(shop_.Get(old).replaced_by, now);
  EXPECT_EQ(shop_.BalancesOf("A", "S1").reserved, Quantity(10));
  // On failure the old one stands.
  EXPECT_EQ(KindOf(shop_.Do(shop_.Reserve("cart", {shop_.At("A", 11, "S1")}))),
            RejectionKind::kInsufficientStock);
  EXPECT_EQ(shop_.Get(now).state, ReservationState::kHeld);
}

TEST_F(HoldTest, AHoldTakesOverAnothersIfThatIsStillOpen) {
  const ReservationId cart = shop_.Hold("cart", {shop_.At("A", 10, "S1")});
  ReserveStock order = shop_.Reserve("order", {shop_.At("A", 10, "S1")});
  order.takes_over = cart;
  const Decision taken = shop_.Do(order);
  ASSERT_FALSE(taken.rejection);
  EXPECT_EQ(shop_.Get(cart).state, ReservationState::kReplaced);
  EXPECT_EQ(shop_.Get(cart).replaced_by, taken.reservation);
  // Ended, confirmed or never made: ignored.
  shop_.Do(ConfirmReservation{taken.reservation, {}, "", {}});
  for (const ReservationId other : {cart, taken.reservation, static_cast<ReservationId>(999)}) {
    ReserveStock next = shop_.Reserve("next", {shop_.At("A", 1, "S2")});
    next.takes_over = other;
    ASSERT_FALSE(shop_.Do(next).rejection);
  }
  EXPECT_EQ(shop_.Get(taken.reservation).state, ReservationState::kConfirmed);
  // Both its own and the one it takes over.
  const ReservationId own = shop_.Hold("both", {shop_.At("A", 1, "S2")});
  const ReservationId others = shop_.Hold("x", {shop_.At("A", 2, "S2")});
  ReserveStock both = shop_.Reserve("both", {shop_.At("A", 3, "S2")});
  both.takes_over = others;
  ASSERT_FALSE(shop_.Do(both).rejection);
  EXPECT_EQ(shop_.Get(own).state, ReservationState::kReplaced);
  EXPECT_EQ(shop_.Get(others).state, ReservationState::kReplaced);
}

TEST_F(HoldTest, MoreLinesThanTheDraftSearchesOneByOne) {
  // 40 SKUs, the last line asks the first one's units again.
  HoldLines lines;
  for (int i = 0; i < 40; ++i) {
    const std::string sku = absl::StrCat("K", i);
    shop_.Receive(sku, "S1", 2);
    lines.push_back(shop_.At(sku, 1, "S1"));
  }
  lines.push_back(shop_.At("K0", 1, "S1"));
  lines.push_back(shop_.At("K39", 1, "S1"));
  HoldLines too_many = lines;
  too_many.push_back(shop_.At("K0", 1, "S1"));
  too_many.push_back(shop_.At("K39", 1, "S1"));
  const Decision d = shop_.Do(shop_.Reserve("cart", too_many));
  ASSERT_EQ(KindOf(d), RejectionKind::kInsufficientStock);
  ASSERT_EQ(d.rejection->short_lines.size(), 2u);
  EXPECT_EQ(d.rejection->short_lines[0].line, 42);
  EXPECT_EQ(d.rejection->short_lines[1].line, 43);
  const ReservationId id = shop_.Hold("cart", lines);
  // All of it is freed for the owner's next hold.
  lines[0].quantity = Quantity(1);
  EXPECT_NE(shop_.Hold("cart", lines), id);
  EXPECT_EQ(shop_.Available("K0", "S1"), 0);
  EXPECT_EQ(shop_.Available("K1", "S1"), 1);
}

TEST_F(HoldTest, AnUpdateSetsTheLinesOrLeavesTheOldHoldStanding) {
  const ReservationId old = shop_.Hold("cart", {shop_.At("A", 2, "S1")});
  const Instant deadline = shop_.Get(old).expires;
  shop_.Wait(Seconds(100));
  EXPECT_EQ(KindOf(shop_.Do(UpdateReservation{old, {shop_.At("A", 5, "S2")}, {}, {}})),
            RejectionKind::kInsufficientStock);
  EXPECT_EQ(shop_.Get(old).state, ReservationState::kHeld);
  const Decision moved = shop_.Do(UpdateReservation{old, {shop_.At("A", 4, "S2")}, {}, {}});
  ASSERT_FALSE(moved.rejection);
  EXPECT_EQ(shop_.Get(moved.reservation).expires, deadline);
  EXPECT_EQ(shop_.Get(moved.reservation).owner, "cart");
  EXPECT_EQ(shop_.Available("A", "S1"), 10);
  const Decision longer =
      shop_.Do(UpdateReservation{moved.reservation, {shop_.At("A", 4, "S2")}, kTtl, {}});
  EXPECT_EQ(shop_.Get(longer.reservation).expires, shop_.now() + kTtl);
  HoldLine unknown = shop_.At("A", 1, "S1");
  unknown.sku = SkuIndex::kNone;
  EXPECT_EQ(KindOf(shop_.Do(UpdateReservation{longer.reservation, {unknown}, {}, {}})),
            RejectionKind::kItemNotFound);
}

TEST_F(HoldTest, AnExtensionMovesTheDeadlineBothWays) {
  const ReservationId id = shop_.Hold("cart", {shop_.At("A", 1, "S1")});
  ASSERT_FALSE(shop_.Do(ExtendReservation{id, Seconds(2'000), {}}).rejection);
  shop_.Wait(kTtl);
  shop_.Do(GetReservation{id});
  EXPECT_EQ(shop_.Get(id).state, ReservationState::kHeld);
  ASSERT_FALSE(shop_.Do(ExtendReservation{id, Seconds(1), {}}).rejection);
  shop_.Wait(Seconds(1));
  EXPECT_EQ(KindOf(shop_.Do(ExtendReservation{id, kTtl, {}})), RejectionKind::kReservationExpired);
}

TEST_F(HoldTest, AConfirmedHoldIsAllocatedAndNeverExpires) {
  const ReservationId id = shop_.Hold("cart", {shop_.At("A", 3, "S1")});
  ASSERT_FALSE(shop_.Do(ConfirmReservation{id, {}, "", {}}).rejection);
  EXPECT_EQ(shop_.BalancesOf("A", "S1"), (Balances{Quantity(10), {}, Quantity(3), {}}));
  EXPECT_EQ(shop_.Get(id).expires, kDistantFuture);
  shop_.Wait(Hours(10'000));
  shop_.Do(GetReservation{id});
  EXPECT_EQ(shop_.Get(id).state, ReservationState::kConfirmed);
  // The owner may hold again beside it.
  shop_.Hold("cart", {shop_.At("A", 7, "S1")});
  EXPECT_EQ(shop_.Get(id).state, ReservationState::kConfirmed);
}

TEST_F(HoldTest, AnExpiredHoldIsHeldAnewAndConfirmedAtOnceIfItsLinesAreGiven) {
  const ReservationId id = shop_.Hold("cart", {shop_.At("A", 10, "S1")});
  shop_.Wait(kTtl);
  EXPECT_EQ(KindOf(shop_.Do(ConfirmReservation{id, {}, "", {}})),
            RejectionKind::kReservationExpired);
  const ReservationId others = shop_.Hold("other", {shop_.At("A", 1, "S1")});
  const ConfirmReservation again{id, {shop_.At("A", 10, "S1")}, "order", {}};
  EXPECT_EQ(KindOf(shop_.Do(again)), RejectionKind::kInsufficientStock);
  shop_.Do(ReleaseReservation{others, {}, false, {}});
  const Decision d = shop_.Do(again);
  ASSERT_FALSE(d.rejection);
  EXPECT_NE(d.reservation, id);
  EXPECT_EQ(shop_.Get(d.reservation).state, ReservationState::kConfirmed);
  EXPECT_EQ(shop_.Get(d.reservation).owner, "order");
  EXPECT_EQ(shop_.Get(id).state, ReservationState::kExpired);
  EXPECT_EQ(shop_.BalancesOf("A", "S1").allocated, Quantity(10));
}

TEST_F(HoldTest, WhatExpiredIsHeldAgainOnce) {
  const ReservationId id = shop_.Hold("cart", {shop_.At("A", 2, "S1")});
  shop_.Wait(kTtl);
  const ConfirmReservation again{id, {shop_.At("A", 2, "S1")}, "order", {}};
  const Decision first = shop_.Do(again);
  ASSERT_FALSE(first.rejection);
  EXPECT_EQ(shop_.Get(id).replaced_by, first.reservation);
  EXPECT_EQ(KindOf(shop_.Do(again)), RejectionKind::kReservationReplaced);
  EXPECT_EQ(shop_.BalancesOf("A", "S1").allocated, Quantity(2));
  // Not even after that one has ended.
  shop_.Do(ReleaseReservation{first.reservation, {}, false, {}});
  EXPECT_EQ(KindOf(shop_.Do(again)), RejectionKind::kReservationReplaced);
}

TEST_F(HoldTest, AHoldThatIsOverButNotYetLoggedSoIsReplacedByItsOwnRehold) {
  const ReservationId id = shop_.Hold("cart", {shop_.At("A", 10, "S1")});
  const ReservationId others = shop_.Hold("order", {shop_.At("A", 4, "S2")});
  shop_.Wait(kTtl);
  shop_.set_expires(false);
  const Decision d = shop_.Do(ConfirmReservation{id, {shop_.At("A", 10, "S1")}, "order", {}});
  ASSERT_FALSE(d.rejection);
  EXPECT_EQ(shop_.Get(id).state, ReservationState::kReplaced);
  EXPECT_EQ(shop_.Get(others).state, ReservationState::kReplaced);
  EXPECT_EQ(shop_.Get(d.reservation).state, ReservationState::kConfirmed);
}

// Every prior end has a rejection of its own, for every command on a reservation.
TEST_F(HoldTest, EachEndHasItsOwnRejection) {
  const auto hold = [&](const std::string& owner) {
    return shop_.Hold(owner, {shop_.At("A", 1, "S1")}, Hours(1));
  };
  const ReservationId expired = shop_.Hold("e", {shop_.At("A", 1, "S1")}, Seconds(1));
  const ReservationId overdue = shop_.Hold("o", {shop_.At("A", 1, "S1")}, Seconds(60));
  const ReservationId released = hold("l");
  const ReservationId replaced = hold("p");
  const ReservationId fulfilled = hold("f");
  const ReservationId confirmed = hold("c");
  hold("p");
  shop_.Do(ReleaseReservation{released, {}, false, {}});
  shop_.Do(FulfilReservation{fulfilled, {}, {}});
  shop_.Do(ConfirmReservation{confirmed, {}, "", {}});
  shop_.Wait(Seconds(1));
  shop_.Do(GetReservation{expired});
  ASSERT_EQ(shop_.Get(expired).state, ReservationState::kExpired);
  shop_.Wait(Seconds(59));
  shop_.set_expires(false);

  const std::pair<ReservationId, RejectionKind> ends[] = {
      {expired, RejectionKind::kReservationExpired},
      {overdue, RejectionKind::kReservationExpired},
      {released, RejectionKind::kReservationReleased},
      {replaced, RejectionKind::kReservationReplaced},
      {fulfilled, RejectionKind::kReservationFulfilled},
      {static_cast<ReservationId>(12'345), RejectionKind::kReservationNotFound},
  };
  for (const auto& [id, kind] : ends) {
    const Command commands[] = {
        UpdateReservation{id, {shop_.At("A", 1, "S1")}, {}, {}},
        ExtendReservation{id, kTtl, {}},
        ConfirmReservation{id, {}, "", {}},
        BindReservation{id, {{"0", {{shop_.Location("S1"), Quantity(1)}}}}, {}},
        ReleaseReservation{id, {}, false, {}},
        FulfilReservation{id, {}, {}},
    };
    for (const Command& command : commands) {
      EXPECT_EQ(KindOf(shop_.Do(command)), kind) << "command " << command.index();
      EXPECT_EQ(shop_.last_events(), 0u);
    }
  }
  // A confirmed one is not confirmed, extended or updated, but everything else goes on.
  for (const Command& command :
       {Command(UpdateReservation{confirmed, {shop_.At("A", 1, "S1")}, {}, {}}),
        Command(ExtendReservation{confirmed, kTtl, {}}),
        Command(ConfirmReservation{confirmed, {}, "", {}})}) {
    EXPECT_EQ(KindOf(shop_.Do(command)), RejectionKind::kReservationAlreadyConfirmed);
  }
  EXPECT_EQ(KindOf(shop_.Do(GetReservation{static_cast<ReservationId>(12'345)})),
            RejectionKind::kReservationNotFound);
  EXPECT_FALSE(shop_.Do(GetReservation{released}).rejection);
}

}  // namespace
}  // namespace quartermaster::stock
