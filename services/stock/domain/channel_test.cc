// Channels: lines for them, the demand of tills, buffers, versions.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/stock/domain/testing/shop.h"

namespace quartermaster::stock {
namespace {

class ChannelTest : public testing::Test {
 protected:
  ChannelTest() {
    shop_.Receive("A", "S1", 5);
    shop_.Receive("A", "S2", 3);
    shop_.Pool("all", {"S1", "S2"});
    shop_.Pool("S1 only", {"S1"});
  }
  std::optional<RejectionKind> Ask(HoldLines lines) {
    Events events;
    return KindOf(Decide(shop_.state(), shop_.Reserve("somebody", std::move(lines)), shop_.now(),
                         shop_.next_position(), events));
  }
  Shop shop_;
};

TEST_F(ChannelTest, AChannelSellsFromItsPool) {
  shop_.Channel("web", "S1 only");
  EXPECT_EQ(shop_.AvailableFor("A", "web"), 5);
  EXPECT_EQ(Ask({shop_.For("A", 6, "web")}), RejectionKind::kInsufficientStock);
  const ReservationId hold = shop_.Hold("cart", {shop_.For("A", 5, "web")});
  EXPECT_EQ(shop_.Get(hold).lines[0].channel, shop_.state().channel_names.Find("web"));
  EXPECT_EQ(shop_.Get(hold).lines[0].pool, shop_.state().pool_names.Find("S1 only"));
  EXPECT_EQ(shop_.AvailableFor("A", "web"), 0);
  // Set anew, it sells from another one; the hold stays where it was made.
  shop_.Channel("web", "all");
  EXPECT_EQ(shop_.AvailableFor("A", "web"), 3);
  EXPECT_EQ(shop_.Get(hold).lines[0].pool, shop_.state().pool_names.Find("S1 only"));
}

TEST_F(ChannelTest, ABufferLowersWhatIsPublishedAndNotWhatIsAccepted) {
  shop_.Channel("marketplace", "all", Demand::kOnline, 2);
  EXPECT_EQ(shop_.AvailableFor("A", "marketplace"), 6);
  EXPECT_EQ(shop_.AvailableInPool("A", "all"), 8);
  EXPECT_EQ(Ask({shop_.For("A", 9, "marketplace")}), RejectionKind::kInsufficientStock);
  shop_.Hold("order", {shop_.For("A", 8, "marketplace")});
  EXPECT_EQ(shop_.AvailableFor("A", "marketplace"), 0);
}

TEST_F(ChannelTest, TillsMayHaveSafetyStock) {
  shop_.Channel("web", "all");
  shop_.Channel("till", "S1 only", Demand::kTill);
  shop_.KeepBack("A", "S1", 4);
  EXPECT_EQ(shop_.AvailableFor("A", "web"), 4);
  EXPECT_EQ(shop_.AvailableFor("A", "till"), 5);
  EXPECT_EQ(Ask({shop_.For("A", 5, "web")}), RejectionKind::kInsufficientStock);
  shop_.Hold("customer", {shop_.For("A", 5, "till")});
  EXPECT_EQ(shop_.AvailableFor("A", "web"), 3);
}

TEST_F(ChannelTest, OnlineLinesAreServedBeforeThoseOfTillsWhateverTheirOrder) {
  shop_.Channel("web", "all");
  shop_.Channel("till", "S1 only", Demand::kTill);
  shop_.KeepBack("A", "S1", 4);
  const auto web = [&](int64_t units) { return shop_.For("A", units, "web"); };
  const auto till = [&](int64_t units) { return shop_.For("A", units, "till"); };
  // Of the till's 5, one may go to S2's with the web's: there are 4 for it, and 4 more in all.
  EXPECT_EQ(Ask({web(4), till(4)}), std::nullopt);
  EXPECT_EQ(Ask({till(4), web(4)}), std::nullopt);
  EXPECT_EQ(Ask({till(5), web(4)}), RejectionKind::kInsufficientStock);
  EXPECT_EQ(Ask({till(3), web(5)}), RejectionKind::kInsufficientStock);
}

TEST_F(ChannelTest, ATillMovesHoldsToSafetyStockElsewhere) {
  shop_.Channel("web", "all");
  shop_.Channel("till", "S1 only", Demand::kTill);
  const ReservationId cart = shop_.Hold("cart", {shop_.For("A", 3, "web")});
  shop_.KeepBack("A", "", 3);
  shop_.Hold("customer", {shop_.For("A", 5, "till")});
  const Placements stand = shop_.Stand(cart, 0);
  ASSERT_EQ(stand.size(), 1u);
  EXPECT_EQ(stand[0].location, shop_.state().locations.Find("S2"));
}

TEST_F(ChannelTest, ATillsHoldIsBoundToSafetyStock) {
  shop_.Channel("till", "all", Demand::kTill);
  shop_.KeepBack("A", "S1", 5);
  const ReservationId till = shop_.Hold("customer", {shop_.For("A", 2, "till")});
  const auto bind = [&](ReservationId id) {
    return KindOf(
        shop_.Do(BindReservation{id, {{"0", {{shop_.Location("S1"), Quantity(2)}}}}, {}}));
  };
  EXPECT_EQ(bind(till), std::nullopt);
  shop_.KeepBack("A", "", 1);
  shop_.KeepBack("A", "S1", 3);
  const ReservationId cart = shop_.Hold("cart", {shop_.From("A", 2, "all")});
  EXPECT_EQ(bind(cart), RejectionKind::kInsufficientStock);
}

TEST_F(ChannelTest, AnUnknownChannelAndAnUnknownPoolAreRefused) {
  HoldLine line = shop_.For("A", 1, "web");
  EXPECT_EQ(Ask({line}), RejectionKind::kChannelNotFound);
  line.channel = ChannelIndex{9};
  EXPECT_EQ(Ask({line}), RejectionKind::kChannelNotFound);
  EXPECT_EQ(KindOf(shop_.Do(SetChannel{"web", PoolIndex{9}, Demand::kOnline, {}, {}, {}})),
            RejectionKind::kPoolNotFound);
  EXPECT_EQ(shop_.last_events(), 0u);
}

TEST_F(ChannelTest, AChannelIsSetOnlyIfItIsAsExpected) {
  SetChannel set{"web", PoolIndex{1}, Demand::kOnline, {}, 1, {}};
  EXPECT_EQ(KindOf(shop_.Do(set)), RejectionKind::kVersionChanged);
  set.expected_version = 0;
  const Decision first = shop_.Do(set);
  ASSERT_EQ(KindOf(first), std::nullopt);
  EXPECT_EQ(shop_.Do(set).rejection->actual, Quantity(*first.version));
  set.expected_version = first.version;
  const Decision second = shop_.Do(set);
  ASSERT_EQ(KindOf(second), std::nullopt);
  EXPECT_GT(*second.version, *first.version);
}

}  // namespace
}  // namespace quartermaster::stock
