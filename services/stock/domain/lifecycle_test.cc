// What becomes of a reservation's units: BindReservation, ReleaseReservation, FulfilReservation.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "services/stock/domain/testing/shop.h"

namespace quartermaster::stock {
namespace {

using ::testing::ElementsAre;

LinePart AnyOf(const std::string& line, int64_t quantity) {
  return {line, true, LocationIndex::kNone, Quantity(quantity)};
}

class LifecycleTest : public testing::Test {
 protected:
  LifecycleTest() {
    shop_.Receive("A", "S1", 6);
    shop_.Receive("A", "S2", 6);
    shop_.Pool("web", {"S1", "S2"});
  }
  Placement Place(const std::string& location, int64_t quantity) {
    return {shop_.Location(location), Quantity(quantity)};
  }
  LinePart PartAt(const std::string& line, const std::string& location, int64_t quantity) {
    return {line, false, shop_.Location(location), Quantity(quantity)};
  }
  Decision Bind(ReservationId id, std::vector<BindReservation::Line> lines) {
    return shop_.Do(BindReservation{id, std::move(lines), {}});
  }
  Decision Release(ReservationId id, std::vector<LinePart> parts, bool missing = false) {
    return shop_.Do(ReleaseReservation{id, std::move(parts), missing, {}});
  }
  Decision Fulfil(ReservationId id, std::vector<LinePart> parts) {
    return shop_.Do(FulfilReservation{id, std::move(parts), {}});
  }
  Shop shop_;
};

TEST_F(LifecycleTest, BindMovesUnitsWithoutAGap) {
  const ReservationId id = shop_.Hold("a", {shop_.From("A", 4, "web")});
  ASSERT_FALSE(Bind(id, {{"0", {Place("S2", 3), Place("S1", 1)}}}).rejection);
  EXPECT_THAT(shop_.Get(id).lines[0].placements, ElementsAre(Place("S2", 3), Place("S1", 1)));
  EXPECT_EQ(shop_.Available("A", "S1"), 5);
  EXPECT_EQ(shop_.Available("A", "S2"), 3);
  EXPECT_EQ(shop_.last_events(), 1u);
  // An allocation moves like a hold.
  shop_.Do(ConfirmReservation{id, {}, "", {}});
  ASSERT_FALSE(Bind(id, {{"0", {Place("S2", 4)}}}).rejection);
  EXPECT_EQ(shop_.BalancesOf("A", "S2").allocated, Quantity(4));
  EXPECT_EQ(shop_.BalancesOf("A", "S1").allocated, Quantity(0));
}

TEST_F(LifecycleTest, TheLinesOwnUnitsAreFreeToItWhenItIsBound) {
  // Nothing is left anywhere: the two lines can still swap places.
  const ReservationId id = shop_.Hold("a", {shop_.At("A", 6, "S1"), shop_.At("A", 6, "S2")});
  ASSERT_FALSE(Bind(id, {{"0", {Place("S2", 6)}}, {"1", {Place("S1", 6)}}}).rejection);
  EXPECT_THAT(shop_.Get(id).lines[0].placements, ElementsAre(Place("S2", 6)));
  // One alone cannot: the other's units are taken.
  const Decision d = Bind(id, {{"0", {Place("S1", 5), Place("S2", 1)}}});
  ASSERT_EQ(KindOf(d), RejectionKind::kInsufficientStock);
  EXPECT_EQ(d.rejection->short_lines[0].asked, Quantity(5));
  EXPECT_EQ(d.rejection->short_lines[0].available, Quantity(0));
  EXPECT_THAT(shop_.Get(id).lines[0].placements, ElementsAre(Place("S2", 6)));
}

TEST_F(LifecycleTest, BindWorksAtAPausedLocation) {
  const ReservationId id = shop_.Hold("a", {shop_.From("A", 2, "web")});
  shop_.Pause("S2");
  EXPECT_FALSE(Bind(id, {{"0", {Place("S2", 2)}}}).rejection);
}

TEST_F(LifecycleTest, BindNamesWhatIsWrong) {
  const ReservationId id = shop_.Hold("a", {shop_.At("A", 2, "S1"), shop_.At("A", 3, "S1")});
  EXPECT_EQ(KindOf(Bind(id, {{"0", {{LocationIndex::kNone, Quantity(2)}}}})),
            RejectionKind::kLocationNotFound);
  Decision d = Bind(id, {{"0", {Place("S1", 2)}}, {"2", {Place("S1", 2)}}});
  EXPECT_EQ(KindOf(d), RejectionKind::kLineNotFound);
  EXPECT_EQ(d.rejection->line, 1);
  for (const int64_t quantity : {1, 4}) {
    d = Bind(id, {{"0", {Place("S1", 2)}}, {"1", {Place("S2", quantity)}}});
    EXPECT_EQ(KindOf(d), RejectionKind::kQuantityExceedsOpen);
    EXPECT_EQ(d.rejection->line, 1);
  }
}

TEST_F(LifecycleTest, ALineIsBoundOnceAndHasOneName) {
  // Freed twice over, 3 and 3 would pass as 6 and 6.
  const ReservationId id = shop_.Hold("a", {shop_.At("A", 3, "S1")});
  ASSERT_FALSE(Bind(id, {{"0", {Place("S1", 3)}}}).rejection);
  shop_.Hold("b", {shop_.At("A", 3, "S1"), shop_.At("A", 6, "S2")});
  EXPECT_EQ(KindOf(Bind(id, {{"0", {Place("S1", 3)}}, {"0", {Place("S1", 3)}}})),
            RejectionKind::kQuantityExceedsOpen);
  EXPECT_EQ(KindOf(Bind(id, {{"00", {Place("S1", 3)}}})), RejectionKind::kLineNotFound);
  for (const char* name : {"", "00", "+0", "0 ", "-0", "1", "4294967296"}) {
    EXPECT_EQ(FindLine(shop_.Get(id), name), std::nullopt) << name;
  }
}

TEST_F(LifecycleTest, LinesAreFoundByTheirOwnIdFirst) {
  HoldLine named = shop_.At("A", 1, "S1");
  named.line_id = "blue";
  const ReservationId id = shop_.Hold("a", {named, shop_.At("A", 1, "S1")});
  EXPECT_EQ(FindLine(shop_.Get(id), "blue"), 0u);
  EXPECT_EQ(FindLine(shop_.Get(id), "1"), 1u);
  EXPECT_EQ(FindLine(shop_.Get(id), "0"), std::nullopt);
}

// What each part looks at does not grow with the parts before it.
TEST_F(LifecycleTest, AsManyPartsAsPlacesAreTakenOneByOne) {
  constexpr int kPlaces = 3'000;
  std::vector<std::string> places;
  for (int i = 0; i < kPlaces; ++i) {
    places.push_back(absl::StrCat("P", i));
    shop_.Receive("B", places.back(), 1);
  }
  shop_.Pool("all", places);
  const ReservationId id = shop_.Hold("a", {shop_.From("B", kPlaces, "all")});
  BindReservation::Line line{"0", {}};
  for (const std::string& place : places) line.placements.push_back(Place(place, 1));
  ASSERT_FALSE(Bind(id, {line}).rejection);
  ASSERT_FALSE(Fulfil(id, std::vector<LinePart>(kPlaces - 1, AnyOf("0", 1))).rejection);
  EXPECT_THAT(shop_.Get(id).lines[0].placements, ElementsAre(Place(places.back(), 1)));
  EXPECT_EQ(KindOf(Fulfil(id, {AnyOf("0", 1), AnyOf("0", 1)})),
            RejectionKind::kQuantityExceedsOpen);
}

TEST_F(LifecycleTest, ReleaseGivesBackAllOrParts) {
  const ReservationId id = shop_.Hold("a", {shop_.From("A", 8, "web"), shop_.At("A", 2, "S2")});
  ASSERT_FALSE(Release(id, {AnyOf("0", 1), PartAt("0", "S2", 2), AnyOf("0", 1)}).rejection);
  EXPECT_THAT(shop_.Stand(id, 0), ElementsAre(Place("S1", 4)));
  EXPECT_EQ(shop_.Get(id).lines[0].released, Quantity(4));
  ASSERT_FALSE(Release(id, {}).rejection);
  EXPECT_EQ(shop_.Get(id).state, ReservationState::kReleased);
  EXPECT_EQ(shop_.AvailableInPool("A", "web"), 12);
  // The owner's next hold is a first one again.
  shop_.Hold("a", {shop_.At("A", 1, "S1")});
  EXPECT_EQ(shop_.Get(id).state, ReservationState::kReleased);
}

TEST_F(LifecycleTest, PartsNameWhatIsWrong) {
  const ReservationId id = shop_.Hold("a", {shop_.From("A", 8, "web")});
  ASSERT_FALSE(Bind(id, {{"0", {Place("S1", 6), Place("S2", 2)}}}).rejection);
  const auto wrong = [&](std::vector<LinePart> parts) {
    const Decision released = Release(id, parts);
    const Decision fulfilled = Fulfil(id, parts);
    EXPECT_EQ(KindOf(released), KindOf(fulfilled));
    EXPECT_EQ(released.rejection->line, static_cast<int>(parts.size()) - 1);
    return KindOf(released);
  };
  EXPECT_EQ(wrong({AnyOf("0", 1), {"0", false, LocationIndex::kNone, Quantity(1)}}),
            RejectionKind::kLocationNotFound);
  EXPECT_EQ(wrong({AnyOf("0", 1), AnyOf("1", 1)}), RejectionKind::kLineNotFound);
  EXPECT_EQ(wrong({AnyOf("0", 9)}), RejectionKind::kQuantityExceedsOpen);
  EXPECT_EQ(wrong({AnyOf("0", 8), AnyOf("0", 1)}), RejectionKind::kQuantityExceedsOpen);
  EXPECT_EQ(wrong({PartAt("0", "S2", 3)}), RejectionKind::kQuantityExceedsOpen);
  EXPECT_EQ(wrong({PartAt("0", "S2", 1), PartAt("0", "S2", 2)}),
            RejectionKind::kQuantityExceedsOpen);
  EXPECT_EQ(shop_.Get(id).lines[0].open(), Quantity(8));
}

TEST_F(LifecycleTest, MissingUnitsBecomeSuspectAndStayOnHand) {
  const ReservationId id = shop_.Hold("a", {shop_.At("A", 4, "S1")});
  shop_.Do(ConfirmReservation{id, {}, "", {}});
  ASSERT_FALSE(Fulfil(id, {AnyOf("0", 3)}).rejection);
  ASSERT_FALSE(Release(id, {AnyOf("0", 1)}, /*missing=*/true).rejection);
  EXPECT_EQ(shop_.BalancesOf("A", "S1"), (Balances{Quantity(3), {}, {}, Quantity(1)}));
  EXPECT_EQ(shop_.Available("A", "S1"), 2);
  EXPECT_EQ(shop_.Get(id).lines[0].missing, Quantity(1));
  EXPECT_EQ(shop_.Get(id).state, ReservationState::kFulfilled);
  EXPECT_EQ(shop_.changes().back().kind, ChangeKind::kMissing);
}

TEST_F(LifecycleTest, FulfilTakesUnitsOffHandFromAHoldAsFromAnAllocation) {
  const ReservationId held = shop_.Hold("a", {shop_.At("A", 2, "S1")});
  ASSERT_FALSE(Fulfil(held, {}).rejection);
  EXPECT_EQ(shop_.BalancesOf("A", "S1"), (Balances{Quantity(4), {}, {}, {}}));
  EXPECT_EQ(shop_.Get(held).state, ReservationState::kFulfilled);
  const ReservationId allocated = shop_.Hold("a", {shop_.At("A", 3, "S2")});
  shop_.Do(ConfirmReservation{allocated, {}, "", {}});
  ASSERT_FALSE(Fulfil(allocated, {AnyOf("0", 1)}).rejection);
  EXPECT_EQ(shop_.Get(allocated).state, ReservationState::kConfirmed);
  EXPECT_EQ(shop_.BalancesOf("A", "S2"), (Balances{Quantity(5), {}, Quantity(2), {}}));
  ASSERT_FALSE(Fulfil(allocated, {}).rejection);
  EXPECT_EQ(shop_.Get(allocated).state, ReservationState::kFulfilled);
  EXPECT_EQ(shop_.BalancesOf("A", "S2").on_hand, Quantity(3));
}

TEST_F(LifecycleTest, AFulfilmentMayTakeOnHandBelowZero) {
  const ReservationId id = shop_.Hold("a", {shop_.At("A", 6, "S1")});
  shop_.Do(Shop::Fact(AdjustmentKind::kCounted, "A", "S1", -5));
  EXPECT_EQ(shop_.BalancesOf("A", "S1").shortage(), Quantity(5));
  ASSERT_FALSE(Fulfil(id, {}).rejection);
  EXPECT_EQ(shop_.BalancesOf("A", "S1").on_hand, Quantity(-5));
}

}  // namespace
}  // namespace quartermaster::stock
