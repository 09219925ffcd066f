// Allotments: quotas, borrowing, caps, caps by customer, windows.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/stock/domain/invariants.h"
#include "services/stock/domain/testing/shop.h"

namespace quartermaster::stock {
namespace {

AllotmentTerms Quota(int64_t units) { return {.quota = Quantity(units)}; }
AllotmentTerms Cap(int64_t units) { return {.cap = Quantity(units)}; }
AllotmentTerms EachCustomer(int64_t units) { return {.customer_cap = Quantity(units)}; }
constexpr AllotmentTerms kBorrows{.borrows = true};

class AllotmentTest : public testing::Test {
 protected:
  AllotmentTest() {
    shop_.Receive("A", "S1", 6);
    shop_.Receive("A", "S2", 4);
    shop_.Pool("all", {"S1", "S2"});
    shop_.Pool("S1 only", {"S1"});
    shop_.Channel("web", "all");
    shop_.Channel("market", "all");
    shop_.Channel("store", "S1 only");
    shop_.Channel("till", "S1 only", Demand::kTill);
  }
  ~AllotmentTest() override {
    EXPECT_THAT(FindBrokenInvariants(shop_.state()), testing::IsEmpty());
  }
  ReserveStock Of(const std::string& customer, ReserveStock command) {
    command.customer = customer;
    return command;
  }
  std::optional<RejectionKind> Ask(HoldLines lines, const std::string& customer = "") {
    Events events;
    return KindOf(Decide(shop_.state(), Of(customer, shop_.Reserve("somebody", std::move(lines))),
                         shop_.now(), shop_.next_position(), events));
  }
  Shop shop_;
};

TEST_F(AllotmentTest, AnUnusedQuotaIsHeldForItsChannel) {
  shop_.Allot("market", "A", Quota(7));
  EXPECT_EQ(shop_.AvailableFor("A", "market"), 10);
  EXPECT_EQ(shop_.AvailableFor("A", "web"), 3);
  EXPECT_EQ(shop_.AvailableInPool("A", "all"), 3);
  EXPECT_EQ(shop_.AvailableInPool("A", "S1 only"), 3);
  EXPECT_EQ(shop_.Available("A", "S1"), 3);
  EXPECT_EQ(shop_.Available("A", "S2"), 3);
  EXPECT_EQ(shop_.AvailableFor("A", "till"), 3);
  EXPECT_EQ(Ask({shop_.At("A", 4, "S1")}), RejectionKind::kInsufficientStock);
  EXPECT_EQ(Ask({shop_.For("A", 3, "web")}), std::nullopt);
  // Each unit that it takes is one less that is held for it.
  const ReservationId hold = shop_.Hold("order", {shop_.For("A", 5, "market")});
  EXPECT_EQ(shop_.AvailableFor("A", "web"), 3);
  EXPECT_EQ(shop_.AvailableFor("A", "market"), 5);
  // And it has it again at once.
  shop_.Do(ReleaseReservation{hold, {}, false, {}});
  EXPECT_EQ(shop_.AvailableFor("A", "web"), 3);
  EXPECT_EQ(shop_.AvailableFor("A", "market"), 10);
  shop_.Allot("market", "A", {});
  EXPECT_EQ(shop_.AvailableFor("A", "web"), 10);
}

TEST_F(AllotmentTest, SoldUnitsUseAQuotaUpUntilANewWindow) {
  shop_.Allot("market", "A", Quota(4));
  const ReservationId hold = shop_.Hold("order", {shop_.For("A", 4, "market")});
  shop_.Do(FulfilReservation{hold, {}, {}});
  EXPECT_EQ(shop_.AllotmentOf("market", "A")->sold, Quantity(4));
  EXPECT_EQ(shop_.AvailableFor("A", "web"), 6);
  shop_.Allot("market", "A", Quota(5));
  EXPECT_EQ(shop_.AvailableFor("A", "web"), 5);
  shop_.Wait(Seconds(3600));
  shop_.Allot("market", "A", Quota(5), /*new_window=*/true);
  EXPECT_EQ(shop_.AvailableFor("A", "web"), 1);
  EXPECT_EQ(shop_.AllotmentOf("market", "A")->window_start, shop_.now());
}

TEST_F(AllotmentTest, WhatIsOpenWhenItIsSetCounts) {
  shop_.Hold("order", {shop_.For("A", 2, "market")});
  const ReservationId ended = shop_.Hold("other", {shop_.For("A", 3, "market")});
  shop_.Do(FulfilReservation{ended, {}, {}});
  shop_.Hold("cart", {shop_.For("A", 1, "web")});
  shop_.Allot("market", "A", Quota(3));
  EXPECT_EQ(shop_.AllotmentOf("market", "A")->open, Quantity(2));
  EXPECT_EQ(shop_.AllotmentOf("market", "A")->sold, Quantity(0));
  EXPECT_EQ(shop_.AvailableFor("A", "web"), 3);
}

TEST_F(AllotmentTest, WhoMayBorrowTakesWhatIsHeldForOthers) {
  shop_.Allot("market", "A", Quota(7));
  shop_.Allot("web", "A", kBorrows);
  EXPECT_EQ(shop_.AvailableFor("A", "web"), 10);
  shop_.Hold("cart", {shop_.For("A", 8, "web")});
  EXPECT_EQ(shop_.AvailableFor("A", "market"), 2);
  EXPECT_EQ(shop_.AvailableFor("A", "store"), 0);
  // Nothing that is free for others is free now, whoever sold it.
  EXPECT_EQ(Ask({shop_.For("A", 1, "store")}), RejectionKind::kInsufficientStock);
}

// Each would keep them from the other for ever.
TEST_F(AllotmentTest, QuotasThatContendAreServedAsTheyCome) {
  shop_.Allot("market", "A", Quota(10));
  shop_.Allot("web", "A", Quota(10));
  EXPECT_EQ(shop_.AvailableInPool("A", "all"), 0);
  EXPECT_EQ(shop_.AvailableFor("A", "market"), 10);
  EXPECT_EQ(shop_.AvailableFor("A", "web"), 10);
  shop_.Hold("order", {shop_.For("A", 6, "web")});
  EXPECT_EQ(shop_.AvailableFor("A", "market"), 4);
  EXPECT_EQ(shop_.AvailableFor("A", "web"), 4);
  shop_.Hold("other", {shop_.For("A", 4, "market")});
  EXPECT_EQ(shop_.AvailableFor("A", "web"), 0);
}

// Where quotas contend, what is taken elsewhere must leave them as they are: so a unit at the
// pool's only location is of the own part, whichever way it is named.
TEST_F(AllotmentTest, ThePoolsOnlyLocationIsThePool) {
  shop_.Pool("S2 only", {"S2"});
  shop_.Allot("store", "A", Quota(6));
  shop_.Allot("till", "A", Quota(4));
  HoldLine elsewhere = shop_.From("A", 2, "S2 only");
  elsewhere.channel = shop_.state().channel_names.Find("store");
  HoldLine named = shop_.At("A", 3, "S1");
  named.channel = elsewhere.channel;
  EXPECT_EQ(Ask({shop_.For("A", 3, "store"), elsewhere, named}), std::nullopt);
}

TEST_F(AllotmentTest, AQuotaStandsWhereOthersLeaveRoom) {
  // It may stand at S2, so that all of S1 but two is free; and the other way round.
  shop_.Allot("market", "A", Quota(6));
  EXPECT_EQ(shop_.Available("A", "S1"), 4);
  EXPECT_EQ(shop_.Available("A", "S2"), 4);
  shop_.Hold("cart", {shop_.At("A", 4, "S2")});
  EXPECT_EQ(shop_.Available("A", "S1"), 0);
  EXPECT_EQ(shop_.AvailableFor("A", "market"), 6);
  // A flexible hold's unit makes room for one that must be at S1.
  shop_.Allot("market", "A", {});
  shop_.Hold("flexible", {shop_.For("A", 1, "web")});
  shop_.Allot("store", "A", Quota(5));
  EXPECT_EQ(shop_.AvailableFor("A", "store"), 5);
  EXPECT_EQ(shop_.AvailableInPool("A", "all"), 0);
}

TEST_F(AllotmentTest, SafetyStockComesBeforeQuotas) {
  shop_.KeepBack("A", "", 4);
  shop_.Allot("market", "A", Quota(5));
  EXPECT_EQ(shop_.AvailableFor("A", "market"), 2);
  EXPECT_EQ(shop_.AvailableFor("A", "web"), 0);
  EXPECT_EQ(Ask({shop_.For("A", 3, "market")}), RejectionKind::kInsufficientStock);
  // Tills may have safety stock; what is held for others they leave.
  EXPECT_EQ(shop_.AvailableFor("A", "till"), 5);
}

TEST_F(AllotmentTest, WhatOneHasOneMayHaveAgain) {
  const ReservationId held = shop_.Hold("cart", {shop_.At("A", 6, "S1"), shop_.At("A", 4, "S2")});
  shop_.Allot("market", "A", Quota(8));
  EXPECT_EQ(shop_.AvailableFor("A", "market"), 0);
  const Decision again =
      shop_.Do(UpdateReservation{held, {shop_.At("A", 6, "S1"), shop_.At("A", 4, "S2")}, {}, {}});
  EXPECT_EQ(KindOf(again), std::nullopt);
  // What it gives up is the channel's.
  shop_.Do(UpdateReservation{again.reservation, {shop_.At("A", 6, "S1")}, {}, {}});
  EXPECT_EQ(shop_.AvailableFor("A", "market"), 4);
  EXPECT_EQ(shop_.Available("A", "S2"), 0);
}

TEST_F(AllotmentTest, AHoldIsReplacedWhoseUnitHasToLeaveToAQuota) {
  for (const char* location : {"T1", "T2", "T3"}) shop_.Receive("B", location, 1);
  shop_.Pool("three", {"T1", "T2", "T3"});
  shop_.Pool("T1 only", {"T1"});
  shop_.Channel("kiosk", "T1 only");
  const ReservationId held = shop_.Hold("cart", {shop_.From("B", 1, "three")});
  ASSERT_EQ(shop_.Stand(held, 0)[0].location, shop_.Location("T1"));
  shop_.Allot("kiosk", "B", Quota(1));
  shop_.Hold("cart", {shop_.From("B", 2, "three")});
  EXPECT_EQ(shop_.AvailableFor("B", "kiosk"), 1);
  EXPECT_EQ(shop_.AvailableInPool("B", "three"), 0);
}

TEST_F(AllotmentTest, FactsNeverAsk) {
  shop_.Allot("market", "A", Quota(10));
  EXPECT_EQ(KindOf(shop_.Do(Shop::Fact(AdjustmentKind::kSold, "A", "S1", -6))), std::nullopt);
  EXPECT_EQ(shop_.AvailableFor("A", "market"), 4);
}

TEST_F(AllotmentTest, ABoundHoldLeavesQuotasAlone) {
  shop_.Allot("store", "A", Quota(5));
  const ReservationId held = shop_.Hold("cart", {shop_.For("A", 4, "web")});
  BindReservation bind{
      held,
      {{"0", {{shop_.Location("S1"), Quantity(2)}, {shop_.Location("S2"), Quantity(2)}}}},
      {}};
  EXPECT_EQ(KindOf(shop_.Do(bind)), RejectionKind::kInsufficientStock);
  shop_.Allot("web", "A", kBorrows);
  EXPECT_EQ(KindOf(shop_.Do(bind)), std::nullopt);
  EXPECT_EQ(shop_.AvailableFor("A", "store"), 4);
}

TEST_F(AllotmentTest, ACapLimitsOpenAndSoldUnits) {
  shop_.Allot("web", "A", Cap(5));
  EXPECT_EQ(shop_.AvailableFor("A", "web"), 5);
  const ReservationId sold = shop_.Hold("order", {shop_.For("A", 2, "web")});
  shop_.Do(FulfilReservation{sold, {}, {}});
  const ReservationId held = shop_.Hold("cart", {shop_.For("A", 2, "web")});
  EXPECT_EQ(shop_.AvailableFor("A", "web"), 1);
  const Decision refused = shop_.Do(shop_.Reserve(
      "other", {shop_.At("A", 1, "S1"), shop_.For("A", 1, "web"), shop_.For("A", 2, "web")}));
  ASSERT_EQ(KindOf(refused), RejectionKind::kCapExceeded);
  EXPECT_THAT(refused.rejection->short_lines,
              testing::ElementsAre(ShortLine{2, Quantity(2), Quantity(0)}));
  // Its own hold does not stand in its way, and those who do not ask for the channel have no cap.
  EXPECT_EQ(KindOf(shop_.Do(UpdateReservation{held, {shop_.For("A", 3, "web")}, {}, {}})),
            std::nullopt);
  EXPECT_EQ(Ask({shop_.From("A", 5, "all")}), std::nullopt);
  shop_.Allot("web", "A", Cap(5), /*new_window=*/true);
  EXPECT_EQ(shop_.AvailableFor("A", "web"), 2);
}

TEST_F(AllotmentTest, WhoHasMoreThanACapKeepsIt) {
  const ReservationId held = shop_.Hold("cart", {shop_.For("A", 4, "web")});
  shop_.Allot("web", "A", Cap(2));
  EXPECT_EQ(shop_.AvailableFor("A", "web"), 0);
  const Decision again = shop_.Do(UpdateReservation{held, {shop_.For("A", 4, "web")}, {}, {}});
  ASSERT_EQ(KindOf(again), std::nullopt);
  EXPECT_EQ(
      KindOf(shop_.Do(UpdateReservation{again.reservation, {shop_.For("A", 5, "web")}, {}, {}})),
      RejectionKind::kCapExceeded);
}

TEST_F(AllotmentTest, APartialHoldTakesWhatIsLeftOfACap) {
  shop_.Allot("web", "A", Cap(3));
  ReserveStock partial =
      shop_.Reserve("cart", {shop_.For("A", 2, "web"), shop_.For("A", 2, "web")});
  partial.allow_partial = true;
  const Decision held = shop_.Do(partial);
  ASSERT_EQ(KindOf(held), std::nullopt);
  EXPECT_THAT(held.short_lines, testing::ElementsAre(ShortLine{1, Quantity(2), Quantity(1)}));
  EXPECT_EQ(shop_.Get(held.reservation).lines[1].open(), Quantity(1));
  partial.owner = "other";
  EXPECT_EQ(KindOf(shop_.Do(partial)), RejectionKind::kCapExceeded);
}

TEST_F(AllotmentTest, AnExpiredHoldIsHeldAgainOnlyWithinTheCap) {
  shop_.Allot("web", "A", Cap(3));
  const ReservationId late = shop_.Hold("cart", {shop_.For("A", 2, "web")}, Seconds(10));
  shop_.Wait(Seconds(20));
  const ReservationId other = shop_.Hold("other", {shop_.For("A", 2, "web")});
  const ConfirmReservation confirm{late, {shop_.For("A", 2, "web")}, "cart", {}, ""};
  EXPECT_EQ(KindOf(shop_.Do(confirm)), RejectionKind::kCapExceeded);
  shop_.Do(ReleaseReservation{other, {}, false, {}});
  EXPECT_EQ(KindOf(shop_.Do(confirm)), std::nullopt);
  EXPECT_EQ(shop_.AvailableFor("A", "web"), 1);
}

TEST_F(AllotmentTest, ACustomersHoldsAndOrdersCountTogether) {
  shop_.Allot("web", "A", EachCustomer(3));
  const Decision cart = shop_.Do(Of("c-7", shop_.Reserve("cart", {shop_.For("A", 2, "web")})));
  EXPECT_EQ(Ask({shop_.For("A", 2, "web")}, "c-7"), RejectionKind::kCustomerCapExceeded);
  EXPECT_EQ(Ask({shop_.For("A", 1, "web")}, "c-7"), std::nullopt);
  EXPECT_EQ(Ask({shop_.For("A", 3, "web")}, "c-8"), std::nullopt);
  EXPECT_EQ(Ask({shop_.For("A", 8, "web")}), std::nullopt);
  // The order takes the cart's hold over: that is not counted twice.
  ReserveStock order = Of("c-7", shop_.Reserve("order/1", {shop_.For("A", 3, "web")}));
  order.takes_over = cart.reservation;
  const Decision placed = shop_.Do(order);
  ASSERT_EQ(KindOf(placed), std::nullopt);
  shop_.Do(ConfirmReservation{placed.reservation, {}, "", {}, ""});
  EXPECT_EQ(Ask({shop_.For("A", 1, "web")}, "c-7"), RejectionKind::kCustomerCapExceeded);
  shop_.Do(FulfilReservation{placed.reservation, {{"0", true, {}, Quantity(2)}}, {}});
  EXPECT_EQ(Ask({shop_.For("A", 1, "web")}, "c-7"), RejectionKind::kCustomerCapExceeded);
  shop_.Do(ReleaseReservation{placed.reservation, {}, false, {}});
  EXPECT_EQ(Ask({shop_.For("A", 1, "web")}, "c-7"), std::nullopt);
  EXPECT_EQ(Ask({shop_.For("A", 2, "web")}, "c-7"), RejectionKind::kCustomerCapExceeded);
}

TEST_F(AllotmentTest, AnUpdateKeepsTheCustomer) {
  shop_.Allot("web", "A", EachCustomer(3));
  const Decision cart = shop_.Do(Of("c-7", shop_.Reserve("cart", {shop_.For("A", 2, "web")})));
  const Decision more =
      shop_.Do(UpdateReservation{cart.reservation, {shop_.For("A", 3, "web")}, {}, {}});
  ASSERT_EQ(KindOf(more), std::nullopt);
  EXPECT_EQ(
      KindOf(shop_.Do(UpdateReservation{more.reservation, {shop_.For("A", 4, "web")}, {}, {}})),
      RejectionKind::kCustomerCapExceeded);
  EXPECT_EQ(
      shop_.state().customers.Used(shop_.Sku("A"), shop_.state().channel_names.Find("web"), "c-7"),
      Quantity(3));
}

TEST_F(AllotmentTest, ASettingIsMadeOnlyIfItIsAsItWas) {
  SetAllotment set;
  set.channel = shop_.state().channel_names.Find("web");
  set.sku = shop_.Sku("A");
  set.terms = Cap(5);
  set.expected_version = 7;
  EXPECT_EQ(KindOf(shop_.Do(set)), RejectionKind::kVersionChanged);
  set.expected_version = 0;
  const Decision first = shop_.Do(set);
  EXPECT_EQ(first.version, shop_.AllotmentOf("web", "A")->version);
  EXPECT_EQ(KindOf(shop_.Do(set)), RejectionKind::kVersionChanged);
  set.expected_version = first.version;
  set.terms = {};
  EXPECT_EQ(shop_.Do(set).version, 0);
  EXPECT_EQ(shop_.AllotmentOf("web", "A"), nullptr);
  set.expected_version.reset();
  set.sku = SkuIndex::kNone;
  EXPECT_EQ(KindOf(shop_.Do(set)), RejectionKind::kItemNotFound);
  set.sku = shop_.Sku("A");
  set.channel = ChannelIndex::kNone;
  EXPECT_EQ(KindOf(shop_.Do(set)), RejectionKind::kChannelNotFound);
}

TEST_F(AllotmentTest, WhatACapRefusesIsNotInTheBooks) {
  shop_.Allot("web", "A", {.quota = Quantity(4), .cap = Quantity(6)});
  EXPECT_EQ(shop_.AvailableFor("A", "web"), 6);
  EXPECT_EQ(Ask({shop_.For("A", 7, "web")}), RejectionKind::kCapExceeded);
  EXPECT_EQ(shop_.BalancesOf("A", "S1").reserved, Quantity(0));
  EXPECT_EQ(shop_.AvailableFor("A", "market"), 6);
}

}  // namespace
}  // namespace quartermaster::stock
