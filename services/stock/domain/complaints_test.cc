// What users of other systems complain about, and what must hold here (DOMAIN, the table at its
// end): a test for each complaint about stock, by the number that it has in its tracker. The bug
// that each names is planted in tests/mutation, where this test must find it. Some are beside the
// nouns that they are about (flexible_test.cc, kit_test.cc). Those about many callers at once are
// here as what a frame makes of them, one after another at the same moment; with callers that do
// race, they are in rpc/complaints_test.cc.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/stock/domain/testing/shop.h"

namespace quartermaster::stock {
namespace {

using ::testing::ElementsAre;

class ComplaintTest : public testing::Test {
 protected:
  Decision Reserve(const std::string& owner, HoldLines lines) {
    return shop_.Do(shop_.Reserve(owner, std::move(lines)));
  }
  Decision Fulfil(ReservationId id) { return shop_.Do(FulfilReservation{id, {}, {}}); }
  Decision Release(ReservationId id) { return shop_.Do(ReleaseReservation{id, {}, false, {}}); }
  Decision Confirm(ReservationId id, HoldLines rehold = {}, const std::string& owner = "") {
    return shop_.Do(ConfirmReservation{id, std::move(rehold), owner, {}});
  }

  Shop shop_;
};

// The last unit is sold twice: the stock is checked when the cart is filled, taken when it is paid.
TEST_F(ComplaintTest, MagentoInventory2722AndVendure3508TheLastUnitIsSoldOnce) {
  shop_.Receive("A", "S1", 1);
  shop_.Pool("web", {"S1"});
  const ReservationId first = shop_.Hold("first", {shop_.From("A", 1, "web")});
  EXPECT_EQ(KindOf(Reserve("second", {shop_.From("A", 1, "web")})),
            RejectionKind::kInsufficientStock);
  EXPECT_EQ(KindOf(Reserve("pickup", {shop_.At("A", 1, "S1")})), RejectionKind::kInsufficientStock);
  // It expires while its payment runs; the second gets the unit, and the first cannot be paid.
  shop_.Wait(kTtl);
  const ReservationId second = shop_.Hold("second", {shop_.From("A", 1, "web")});
  EXPECT_EQ(KindOf(Confirm(first)), RejectionKind::kReservationExpired);
  EXPECT_EQ(KindOf(Confirm(first, {shop_.From("A", 1, "web")}, "first")),
            RejectionKind::kInsufficientStock);
  EXPECT_EQ(KindOf(Confirm(second)), std::nullopt);
  EXPECT_EQ(KindOf(Fulfil(second)), std::nullopt);
  EXPECT_EQ(shop_.BalancesOf("A", "S1").on_hand, Quantity(0));
}

// 400 holds on 100 units that come at once are all accepted, and the counter is at 37.
TEST_F(ComplaintTest, Medusa16569EveryHoldIsCounted) {
  shop_.Receive("A", "S1", 100);
  int64_t accepted = 0;
  for (int i = 0; i < 400; ++i) {
    const auto refused = KindOf(Reserve(absl::StrCat("race/", i), {shop_.At("A", 1, "S1")}));
    if (!refused) ++accepted;
    ASSERT_EQ(refused.value_or(RejectionKind::kInsufficientStock),
              RejectionKind::kInsufficientStock);
    ASSERT_EQ(shop_.BalancesOf("A", "S1").reserved, Quantity(accepted));
  }
  EXPECT_EQ(accepted, 100);
  EXPECT_EQ(shop_.Available("A", "S1"), 0);
}

// Of what is on promotion for a while, more is sold than there is: no order that comes at the same
// moment sees the others, until they have been booked.
TEST_F(ComplaintTest, MagentoInventory3072OrdersOfAPromotionSeeEachOther) {
  shop_.Receive("A", "S1", 20);
  shop_.Receive("B", "S1", 1);
  shop_.Pool("web", {"S1"});
  shop_.Channel("promotion", "web");
  shop_.Allot("promotion", "A", {.cap = Quantity(4)});
  std::vector<ReservationId> orders;
  const auto rush = [&](const char* sku, RejectionKind otherwise) {
    orders.clear();
    for (int i = 0; i < 10; ++i) {
      const Decision order = Reserve(absl::StrCat(sku, "/", i), {shop_.For(sku, 1, "promotion")});
      if (order.rejection) {
        EXPECT_EQ(order.rejection->kind, otherwise);
      } else {
        orders.push_back(order.reservation);
      }
    }
    return orders.size();
  };
  EXPECT_EQ(rush("B", RejectionKind::kInsufficientStock), 1u);
  EXPECT_EQ(rush("A", RejectionKind::kCapExceeded), 4u);
  // Nor is there more of it as they are paid, and shipped.
  const auto next = [&] { return KindOf(Reserve("next", {shop_.For("A", 1, "promotion")})); };
  for (const ReservationId order : orders) {
    EXPECT_EQ(KindOf(Confirm(order)), std::nullopt);
    EXPECT_EQ(next(), RejectionKind::kCapExceeded);
    EXPECT_EQ(KindOf(Fulfil(order)), std::nullopt);
    EXPECT_EQ(next(), RejectionKind::kCapExceeded);
  }
  EXPECT_EQ(shop_.Available("A", "S1"), 16);
}

// More are on the payment page than there are units, and all of them can pay.
TEST_F(ComplaintTest, WooCommerce12467WhatIsBeingPaidIsNotSoldAgain) {
  shop_.Receive("A", "S1", 4);
  shop_.Pool("web", {"S1"});
  const auto line = [&](int64_t units, bool from_pool) {
    return from_pool ? shop_.From("A", units, "web") : shop_.At("A", units, "S1");
  };
  std::vector<ReservationId> paid;
  for (int i = 0; i < 12; ++i) {
    const bool from_pool = i % 4 >= 2;
    const std::string shopper = absl::StrCat("shopper/", i);
    const Decision held = Reserve(shopper, {line(1, from_pool)});
    if (held.rejection) {
      EXPECT_EQ(held.rejection->kind, RejectionKind::kInsufficientStock);
      continue;
    }
    // Beside those who have paid there are not so many.
    const auto left = 4 - static_cast<int64_t>(paid.size());
    EXPECT_EQ(
        KindOf(shop_.Do(UpdateReservation{held.reservation, {line(left + 1, !from_pool)}, {}, {}})),
        RejectionKind::kInsufficientStock);
    EXPECT_EQ(KindOf(Confirm(held.reservation)), std::nullopt);
    paid.push_back(held.reservation);
  }
  EXPECT_EQ(paid.size(), 4u);
  for (const ReservationId order : paid) EXPECT_EQ(KindOf(Fulfil(order)), std::nullopt);
  EXPECT_EQ(shop_.BalancesOf("A", "S1"), Balances());
}

// The stock of all locations is summed up and one location is held; the first is chosen blindly.
TEST_F(ComplaintTest, Medusa14987And15132TheLocationThatIsCheckedIsTheOneThatIsHeld) {
  shop_.Location("S1");
  shop_.Receive("A", "S2", 5);
  shop_.Pool("web", {"S1", "S2"});
  EXPECT_EQ(KindOf(Reserve("blind", {shop_.At("A", 1, "S1")})), RejectionKind::kInsufficientStock);
  shop_.Hold("named", {shop_.At("A", 2, "S2")});
  const ReservationId pool = shop_.Hold("pool", {shop_.From("A", 3, "web")});
  EXPECT_THAT(shop_.Stand(pool, 0), ElementsAre(Placement{shop_.Location("S2"), Quantity(3)}));
  EXPECT_EQ(shop_.BalancesOf("A", "S1").reserved, Quantity(0));
  EXPECT_EQ(shop_.BalancesOf("A", "S2").reserved, Quantity(5));
}

// The reserved quantity goes below zero, and nothing repairs it.
TEST_F(ComplaintTest, Medusa12401WhatIsReservedNeverGoesBelowZero) {
  shop_.Receive("A", "S1", 5);
  const ReservationId id = shop_.Hold("cart", {shop_.At("A", 2, "S1")});
  const LinePart three{"0", true, LocationIndex::kNone, Quantity(3)};
  EXPECT_EQ(KindOf(shop_.Do(ReleaseReservation{id, {three}, false, {}})),
            RejectionKind::kQuantityExceedsOpen);
  EXPECT_EQ(KindOf(Release(id)), std::nullopt);
  EXPECT_EQ(KindOf(Release(id)), RejectionKind::kReservationReleased);
  EXPECT_EQ(KindOf(Fulfil(id)), RejectionKind::kReservationReleased);
  EXPECT_EQ(shop_.BalancesOf("A", "S1").reserved, Quantity(0));
  EXPECT_EQ(shop_.Available("A", "S1"), 5);
}

// A flow that fails or is cancelled leaves stock held.
TEST_F(ComplaintTest, Medusa13625And11266And11703WhatFailedOrWasCancelledHoldsNothing) {
  shop_.Receive("A", "S1", 5);
  shop_.Sku("B");
  EXPECT_EQ(KindOf(Reserve("failed", {shop_.At("A", 2, "S1"), shop_.At("B", 1, "S1")})),
            RejectionKind::kInsufficientStock);
  EXPECT_EQ(shop_.Available("A", "S1"), 5);
  const ReservationId changed = shop_.Hold("changed", {shop_.At("A", 2, "S1")});
  EXPECT_EQ(KindOf(shop_.Do(UpdateReservation{changed, {shop_.At("A", 6, "S1")}, {}, {}})),
            RejectionKind::kInsufficientStock);
  EXPECT_EQ(shop_.Available("A", "S1"), 3);
  const ReservationId cancelled = shop_.Hold("cancelled", {shop_.At("A", 1, "S1")});
  EXPECT_EQ(KindOf(Confirm(cancelled)), std::nullopt);
  EXPECT_EQ(KindOf(Release(cancelled)), std::nullopt);
  shop_.Hold("abandoned", {shop_.At("A", 1, "S1")});
  shop_.Wait(kTtl);
  shop_.Settle();
  EXPECT_EQ(shop_.Available("A", "S1"), 5);
}

// An order cannot be fulfilled because its own reservation has left nothing available.
TEST_F(ComplaintTest, Medusa6500AndErpNext49382TheOwnerConsumesItsHold) {
  shop_.Receive("A", "S1", 2);
  shop_.Pool("web", {"S1"});
  const ReservationId order = shop_.Hold("order", {shop_.From("A", 2, "web")});
  EXPECT_EQ(KindOf(Confirm(order)), std::nullopt);
  EXPECT_EQ(shop_.Available("A", "S1"), 0);
  EXPECT_EQ(KindOf(Fulfil(order)), std::nullopt);
  EXPECT_EQ(shop_.BalancesOf("A", "S1"), Balances());
}

// The same shipment reported again releases the reservation again.
TEST_F(ComplaintTest, MagentoInventory2420AShipmentThatIsRepeatedReleasesOnce) {
  shop_.Receive("A", "S1", 5);
  const ReservationId shipped = shop_.Hold("shipped", {shop_.At("A", 2, "S1")});
  shop_.Hold("other", {shop_.At("A", 2, "S1")});
  EXPECT_EQ(KindOf(Fulfil(shipped)), std::nullopt);
  EXPECT_EQ(KindOf(Fulfil(shipped)), RejectionKind::kReservationFulfilled);
  EXPECT_EQ(shop_.BalancesOf("A", "S1"), (Balances{Quantity(3), Quantity(2), {}, {}}));
}

// The same, of a shipment of some of it: the warehouse sends its message twice.
TEST_F(ComplaintTest, MagentoInventory2420APartialShipmentThatIsRepeatedReleasesOnce) {
  shop_.Receive("A", "S1", 5);
  const ReservationId order = shop_.Hold("order", {shop_.At("A", 4, "S1")});
  shop_.Do(ConfirmReservation{order, {}, "", {}});
  FulfilReservation shipped{order, {{.line_id = "0", .quantity = Quantity(2)}}, {}};
  shipped.message = {"wms", 7, ""};
  EXPECT_FALSE(shop_.Do(shipped).duplicate);
  EXPECT_TRUE(shop_.Do(shipped).duplicate);
  EXPECT_EQ(shop_.BalancesOf("A", "S1"), (Balances{Quantity(3), {}, Quantity(2), {}}));
  shipped.parts[0].quantity = Quantity(1);
  EXPECT_EQ(KindOf(shop_.Do(shipped)), RejectionKind::kMessageReused);
}

// An order that is split over locations has what it waits for, and not more goods than there are.
TEST_F(ComplaintTest, Solidus5669ASplitLeavesAwaitedUnitsAwaited) {
  shop_.Receive("A", "S1", 2);
  shop_.Location("S2");
  shop_.Pool("web", {"S1", "S2"});
  shop_.Expect("po", "A", "S2", 1, Seconds(50));
  HoldLine line = shop_.From("A", 3, "web");
  line.wait_until = shop_.now() + Seconds(100);
  const ReservationId order = shop_.Hold("order", {line}, Seconds(10'000));
  const auto now = [&] { return shop_.Get(order).lines[0]; };
  EXPECT_EQ(now().waiting, Quantity(1));
  const auto bind = [&](int64_t units) {
    return KindOf(
        shop_.Do(BindReservation{order, {{"0", {{shop_.Location("S1"), Quantity(units)}}}}, {}}));
  };
  EXPECT_EQ(bind(3), RejectionKind::kQuantityExceedsOpen);
  EXPECT_EQ(bind(2), std::nullopt);
  EXPECT_EQ(now().open(), Quantity(2));
  EXPECT_EQ(now().waiting, Quantity(1));
  EXPECT_THAT(now().placements, ElementsAre(Placement{shop_.Location("S1"), Quantity(2)}));
  const auto ship = [&](int64_t units) {
    return KindOf(
        shop_.Do(FulfilReservation{order, {{.line_id = "0", .quantity = Quantity(units)}}, {}}));
  };
  EXPECT_EQ(ship(3), RejectionKind::kQuantityExceedsOpen);
  EXPECT_EQ(ship(2), std::nullopt);
  EXPECT_EQ(now().open(), Quantity(0));
  EXPECT_EQ(now().waiting, Quantity(1));
  EXPECT_EQ(shop_.BalancesOf("A", "S2").on_hand, Quantity(0));
  shop_.Come("po", 1);
  EXPECT_EQ(now().waiting, Quantity(0));
  EXPECT_EQ(now().open(), Quantity(1));
  EXPECT_THAT(now().placements, ElementsAre(Placement{shop_.Location("S2"), Quantity(1)}));
}

// A refund and a cancel of the same order both put the goods back.
TEST_F(ComplaintTest, PrestaShop16869ARefundThenACancelRestocksOnce) {
  shop_.Receive("A", "S1", 1);
  const ReservationId order = shop_.Hold("order", {shop_.At("A", 1, "S1")});
  EXPECT_EQ(KindOf(Fulfil(order)), std::nullopt);
  const AdjustStock back =
      Shop::Fact(AdjustmentKind::kReturned, "A", "S1", 1, "order-1/line-1/unit-1");
  EXPECT_FALSE(shop_.Do(back).duplicate);
  EXPECT_EQ(KindOf(Release(order)), RejectionKind::kReservationFulfilled);
  EXPECT_TRUE(shop_.Do(back).duplicate);
  EXPECT_EQ(shop_.BalancesOf("A", "S1").on_hand, Quantity(1));
}

// A payment keeps a lock on the stock, for as long as the provider takes, and deadlocks with its
// webhook.
TEST_F(ComplaintTest, Saleor11168And14885And17123APaymentThatRunsLocksNobodyOut) {
  shop_.Receive("A", "S1", 3);
  shop_.Pool("web", {"S1"});
  const ReservationId paying = shop_.Hold("paying", {shop_.From("A", 1, "web")});
  // Everything else goes on beside it, with the same units' SKU and place.
  const ReservationId other = shop_.Hold("other", {shop_.From("A", 1, "web")});
  EXPECT_EQ(KindOf(Confirm(other)), std::nullopt);
  EXPECT_EQ(KindOf(Fulfil(other)), std::nullopt);
  EXPECT_EQ(KindOf(shop_.Do(Shop::Fact(AdjustmentKind::kSold, "A", "S1", -1))), std::nullopt);
  // The webhook comes twice: the first one confirms.
  EXPECT_EQ(KindOf(Confirm(paying)), std::nullopt);
  EXPECT_EQ(KindOf(Confirm(paying)), RejectionKind::kReservationAlreadyConfirmed);
  EXPECT_EQ(shop_.BalancesOf("A", "S1").allocated, Quantity(1));
}

// An error that says that something is out of stock, and neither which line nor how much there is.
TEST_F(ComplaintTest, Saleor10651And15064AShortageNamesItsLinesAndWhatThereIs) {
  shop_.Receive("A", "S1", 3);
  shop_.Receive("B", "S1", 1);
  const Decision refused =
      Reserve("cart", {shop_.At("A", 2, "S1"), shop_.At("B", 4, "S1"), shop_.At("A", 2, "S1")});
  ASSERT_EQ(KindOf(refused), RejectionKind::kInsufficientStock);
  ASSERT_EQ(refused.rejection->short_lines.size(), 2u);
  EXPECT_EQ(refused.rejection->short_lines[0].line, 1);
  EXPECT_EQ(refused.rejection->short_lines[0].asked, Quantity(4));
  EXPECT_EQ(refused.rejection->short_lines[0].available, Quantity(1));
  EXPECT_EQ(refused.rejection->short_lines[1].line, 2);
  EXPECT_EQ(refused.rejection->short_lines[1].available, Quantity(1));
}

// Returned goods are put back where they were sent from.
TEST_F(ComplaintTest, Spree4324ReturnedGoodsAreWhereTheyWereReceived) {
  shop_.Receive("A", "S1", 2);
  shop_.Location("S2");
  EXPECT_EQ(KindOf(Fulfil(shop_.Hold("order", {shop_.At("A", 1, "S1")}))), std::nullopt);
  shop_.Do(Shop::Fact(AdjustmentKind::kReturned, "A", "S2", 1));
  EXPECT_EQ(shop_.BalancesOf("A", "S1").on_hand, Quantity(1));
  EXPECT_EQ(shop_.BalancesOf("A", "S2").on_hand, Quantity(1));
}

// A number that nobody can explain; and stock that changes without an event.
TEST_F(ComplaintTest,
       MagentoInventory1971And2727And2130AndSaleor19449EveryNumberIsTheSumOfItsEvents) {
  shop_.Receive("A", "S1", 9);
  shop_.Receive("A", "S2", 2);
  shop_.Pool("web", {"S1", "S2"});
  const ReservationId sold = shop_.Hold("sold", {shop_.From("A", 4, "web")});
  Confirm(sold);
  Fulfil(sold);
  const ReservationId moved = shop_.Hold("moved", {shop_.From("A", 4, "web")});
  shop_.Hold("pickup", {shop_.At("A", 3, "S1")});
  Release(moved);
  shop_.Do(Shop::Fact(AdjustmentKind::kSold, "A", "S1", -1));
  shop_.Hold("expired", {shop_.At("A", 1, "S2")});
  shop_.Wait(kTtl);
  shop_.Settle();
  // What the ledger has adds up to what anybody is shown, at every step.
  std::map<std::pair<SkuIndex, LocationIndex>, Balances> sums;
  for (const Change& change : shop_.changes()) {
    Balances& sum = sums[{change.sku, change.location}];
    sum.on_hand += change.delta.on_hand;
    sum.reserved += change.delta.reserved;
    sum.allocated += change.delta.allocated;
    sum.unusable += change.delta.unusable;
    EXPECT_EQ(sum, change.after) << "record " << change.record;
  }
  for (const char* location : {"S1", "S2"}) {
    EXPECT_EQ((sums[{shop_.Sku("A"), shop_.Location(location)}]), shop_.BalancesOf("A", location));
  }
  // And the events alone make the same state.
  Shop replayed;
  for (const Shop::Logged& logged : shop_.log()) {
    Changes changes;
    Apply(replayed.state(), logged.event, logged.position, logged.time, changes);
  }
  EXPECT_EQ(DumpState(replayed.state()), DumpState(shop_.state()));
}

// A till that was offline sends everything twice; one sale that is wrong stops all behind it.
TEST_F(ComplaintTest, ErpNext11000And13388ATillSellsOnceAndABadSaleStopsNoOther) {
  shop_.Receive("A", "S1", 2);
  const auto sale = [](const std::string& key, int64_t units) {
    return Shop::Fact(AdjustmentKind::kSold, "A", "S1", -units, key);
  };
  EXPECT_FALSE(shop_.Do(sale("till-1/1", 1)).duplicate);
  // The same receipt line with other units: a changed duplicate, of no effect.
  EXPECT_EQ(KindOf(shop_.Do(sale("till-1/1", 2))), RejectionKind::kEffectKeyReused);
  // What was sold when the books had no more of it was sold all the same.
  EXPECT_EQ(KindOf(shop_.Do(sale("till-1/2", 3))), std::nullopt);
  for (const auto& [key, units] : {std::pair("till-1/1", 1), std::pair("till-1/2", 3)}) {
    EXPECT_TRUE(shop_.Do(sale(key, units)).duplicate);
  }
  EXPECT_EQ(shop_.BalancesOf("A", "S1").on_hand, Quantity(-2));
  EXPECT_EQ(shop_.Available("A", "S1"), 0);
}

}  // namespace
}  // namespace quartermaster::stock
