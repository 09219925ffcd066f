// Transfers: what each step does to both ends, in whatever order the facts come.
#include <gtest/gtest.h>

#include "services/stock/domain/testing/shop.h"
#include "services/stock/domain/transfers.h"

namespace quartermaster::stock {
namespace {

class TransferTest : public testing::Test {
 protected:
  TransferTest() {
    shop_.Receive("A", "W", 10);
    shop_.Location("S");
  }
  Decision Request(int64_t quantity, const std::string& id = "t1") {
    return shop_.Do(shop_.Transfer(id, "W", "S", {{"A", quantity}}));
  }
  Decision Ship(int64_t quantity, bool last = false, const std::string& id = "t1") {
    return shop_.Do(Shop::Shipped(id, {{"A", quantity}}, last));
  }
  Decision Receive(int64_t quantity, bool last = false, Condition condition = Condition::kSellable,
                   const std::string& id = "t1") {
    return shop_.Do(Shop::Received(id, {{"A", quantity, condition}}, last));
  }
  TransferReport Report() const { return shop_.ReportOf("t1"); }
  TransferReport::Line Line() const { return Report().lines.at(0); }
  int64_t OnHand(const std::string& location) const {
    return shop_.BalancesOf("A", location).on_hand.units();
  }
  bool CountIsAskedFor(const std::string& location) {
    return shop_.state().counts.recounts.contains(
        PositionKey(shop_.Sku("A"), shop_.Location(location)));
  }
  // A confirmed order that has its units at W.
  ReservationId Order(int64_t quantity) {
    const ReservationId id = shop_.Hold("order", {shop_.At("A", quantity, "W")});
    EXPECT_FALSE(shop_.Do(ConfirmReservation{id, {}, "", {}}).rejection);
    return id;
  }
  Decision RequestFor(ReservationId order, int64_t quantity, const std::string& id = "t1") {
    TransferStock command = shop_.Transfer(id, "W", "S", {{"A", quantity}});
    command.lines[0].of_order = true;
    command.lines[0].reservation = order;
    command.lines[0].reservation_line = "0";
    return shop_.Do(command);
  }

  Shop shop_;
};

TEST_F(TransferTest, UnitsAreAllocatedThenInTransitThenThere) {
  EXPECT_FALSE(Request(4).rejection);
  EXPECT_EQ(Report().state, TransferState::kAllocated);
  EXPECT_EQ(Line().allocated.units(), 4);
  EXPECT_EQ(shop_.Available("A", "W"), 6);
  EXPECT_EQ(OnHand("W"), 10);
  Ship(4);
  EXPECT_EQ(Report().state, TransferState::kShipped);
  EXPECT_EQ(OnHand("W"), 6);
  EXPECT_EQ(shop_.Available("A", "W"), 6);
  EXPECT_EQ(shop_.InTransit("A", "S"), 4);
  EXPECT_EQ(shop_.Available("A", "S"), 0);
  Receive(4);
  EXPECT_EQ(Report().state, TransferState::kReceived);
  EXPECT_EQ(shop_.InTransit("A", "S"), 0);
  EXPECT_EQ(OnHand("S"), 4);
  EXPECT_EQ(shop_.Available("A", "S"), 4);
  EXPECT_FALSE(CountIsAskedFor("W"));
}

TEST_F(TransferTest, MoreThanIsAvailableIsRefusedAndTheSameAgainIsNot) {
  shop_.KeepBack("A", "W", 2);
  const Decision refused = Request(9);
  ASSERT_TRUE(refused.rejection);
  EXPECT_EQ(refused.rejection->kind, RejectionKind::kInsufficientStock);
  EXPECT_EQ(refused.rejection->short_lines.at(0).available.units(), 8);
  EXPECT_FALSE(Request(8).rejection);
  EXPECT_TRUE(Request(8).duplicate);
  EXPECT_EQ(shop_.last_events(), 0u);
  EXPECT_EQ(Request(7).rejection->kind, RejectionKind::kTransferReused);
}

TEST_F(TransferTest, FlexibleUnitsMakeRoom) {
  shop_.Receive("A", "V", 3);
  shop_.Pool("web", {"W", "V"});
  const ReservationId hold = shop_.Hold("cart", {shop_.From("A", 3, "web")});
  EXPECT_FALSE(Request(10).rejection);
  EXPECT_EQ(shop_.Stand(hold, 0)[0].location, shop_.Location("V"));
  EXPECT_EQ(shop_.Available("A", "W"), 0);
}

TEST_F(TransferTest, UnknownNamesAreRefused) {
  TransferStock command = shop_.Transfer("t1", "W", "S", {{"A", 1}});
  command.to = LocationIndex::kNone;
  EXPECT_EQ(shop_.Do(command).rejection->kind, RejectionKind::kLocationNotFound);
  command = shop_.Transfer("t1", "W", "S", {{"A", 1}});
  command.lines[0].sku = SkuIndex::kNone;
  EXPECT_EQ(shop_.Do(command).rejection->kind, RejectionKind::kItemNotFound);
  EXPECT_EQ(Ship(1).rejection->kind, RejectionKind::kTransferNotFound);
  EXPECT_EQ(Receive(1).rejection->kind, RejectionKind::kTransferNotFound);
  EXPECT_EQ(shop_.Do(CloseTransfer{"t1", {}}).rejection->kind, RejectionKind::kTransferNotFound);
  EXPECT_EQ(shop_.Do(GetTransfer{"t1"}).rejection->kind, RejectionKind::kTransferNotFound);
}

TEST_F(TransferTest, ShipmentsAndReceiptsComeInParts) {
  Request(5);
  Ship(2);
  EXPECT_EQ(Line().allocated.units(), 3);
  Receive(1);
  Ship(3);
  EXPECT_EQ(shop_.InTransit("A", "S"), 4);
  Receive(4);
  EXPECT_EQ(Report().state, TransferState::kReceived);
  EXPECT_EQ(OnHand("S"), 5);
}

TEST_F(TransferTest, TheLastShipmentFreesWhatIsLeft) {
  Request(5);
  Ship(2, /*last=*/true);
  EXPECT_EQ(shop_.Available("A", "W"), 8);
  EXPECT_EQ(Line().allocated.units(), 0);
  Receive(2);
  EXPECT_EQ(Report().state, TransferState::kReceived);
}

TEST_F(TransferTest, WhatDoesNotComeIsLostAndTheOriginIsToBeCounted) {
  Request(5);
  Ship(5);
  Receive(3, /*last=*/true);
  EXPECT_EQ(Report().state, TransferState::kReceived);
  EXPECT_EQ(Line().lost.units(), 2);
  EXPECT_EQ(shop_.InTransit("A", "S"), 0);
  EXPECT_EQ(OnHand("W") + OnHand("S"), 8);
  EXPECT_TRUE(CountIsAskedFor("W"));
  EXPECT_FALSE(CountIsAskedFor("S"));
  // It turns up.
  Receive(1);
  EXPECT_EQ(Line().lost.units(), 1);
  EXPECT_EQ(OnHand("S"), 4);
}

TEST_F(TransferTest, NothingThatCameAtAllIsLost) {
  Request(5);
  Ship(5);
  shop_.Do(CloseTransfer{"t1", {}});
  EXPECT_EQ(Report().state, TransferState::kLost);
  EXPECT_TRUE(shop_.Do(CloseTransfer{"t1", {}}).duplicate);
}

TEST_F(TransferTest, ClosedBeforeItWasShippedIsCancelled) {
  Request(5);
  shop_.Do(CloseTransfer{"t1", {}});
  EXPECT_EQ(Report().state, TransferState::kCancelled);
  EXPECT_EQ(shop_.Available("A", "W"), 10);
  EXPECT_FALSE(CountIsAskedFor("W"));
}

TEST_F(TransferTest, WhatIsReceivedBeforeItWasShippedWasShipped) {
  Request(5);
  Receive(3);
  EXPECT_EQ(OnHand("W"), 7);
  EXPECT_EQ(OnHand("S"), 3);
  EXPECT_EQ(Line().presumed.units(), 3);
  EXPECT_EQ(Line().allocated.units(), 2);
  EXPECT_EQ(shop_.InTransit("A", "S"), 0);
  // The shipment's message comes late.
  Ship(5);
  EXPECT_EQ(OnHand("W"), 5);
  EXPECT_EQ(Line().presumed.units(), 0);
  EXPECT_EQ(shop_.InTransit("A", "S"), 2);
  EXPECT_FALSE(CountIsAskedFor("W"));
}

TEST_F(TransferTest, AllOfItReceivedBeforeAnybodySaysThatItWasShippedWaitsForThat) {
  Request(5);
  Receive(5);
  EXPECT_EQ(Report().state, TransferState::kShipped);
  EXPECT_FALSE(CountIsAskedFor("W"));
  Ship(5);
  EXPECT_EQ(Report().state, TransferState::kReceived);
  EXPECT_EQ(OnHand("W"), 5);
}

TEST_F(TransferTest, MoreThanTheLastShipmentSaidIsADiscrepancyOfTheOrigin) {
  Request(5);
  Ship(5, /*last=*/true);
  Receive(6);
  EXPECT_EQ(OnHand("S"), 6);
  EXPECT_EQ(OnHand("W"), 4);
  EXPECT_EQ(Line().presumed.units(), 1);
  EXPECT_TRUE(CountIsAskedFor("W"));
  EXPECT_EQ(Report().state, TransferState::kReceived);
}

TEST_F(TransferTest, MoreThanIsThereIsShippedAllTheSame) {
  Request(5);
  Ship(12);
  EXPECT_EQ(OnHand("W"), -2);
  EXPECT_EQ(shop_.InTransit("A", "S"), 12);
  EXPECT_TRUE(CountIsAskedFor("W"));
}

TEST_F(TransferTest, MoreThanWasAllocatedLeavesOthersShort) {
  Request(5);
  const ReservationId hold = shop_.Hold("cart", {shop_.At("A", 5, "W")});
  Ship(7);
  EXPECT_EQ(shop_.BalancesOf("A", "W").shortage().units(), 2);
  EXPECT_EQ(shop_.Get(hold).lines[0].uncovered.units(), 2);
}

TEST_F(TransferTest, DamagedOnesAreThereAndNotSellable) {
  Request(5);
  Ship(5);
  Receive(1, false, Condition::kDamaged);
  Receive(4);
  EXPECT_EQ(Line().damaged.units(), 1);
  EXPECT_EQ(OnHand("S"), 5);
  EXPECT_EQ(shop_.Available("A", "S"), 4);
}

TEST_F(TransferTest, AFactNamesWhatNobodyAskedFor) {
  ShipTransfer shipped = Shop::Shipped("t9", {{"B", 2}});
  shipped.from = "W";
  shipped.to = "new store";
  EXPECT_FALSE(shop_.Do(shipped).rejection);
  EXPECT_EQ(shop_.InTransit("B", "new store"), 2);
  EXPECT_EQ(shop_.BalancesOf("B", "W").on_hand.units(), -2);
  EXPECT_FALSE(shop_.Do(Shop::Received("t9", {{"B", 2}, {"C", 1}})).rejection);
  EXPECT_EQ(shop_.BalancesOf("C", "new store").on_hand.units(), 1);
  EXPECT_EQ(shop_.ReportOf("t9").lines.size(), 2u);
  shipped.to = "S";
  EXPECT_EQ(shop_.Do(shipped).rejection->kind, RejectionKind::kTransferReused);
  EXPECT_EQ(Request(1, "t9").rejection->kind, RejectionKind::kTransferReused);
}

TEST_F(TransferTest, AnEffectHappensOnce) {
  Request(5);
  ShipTransfer shipped = Shop::Shipped("t1", {{"A", 2}});
  shipped.lines[0].effect_key = "asn-7/1";
  EXPECT_FALSE(shop_.Do(shipped).duplicate);
  EXPECT_TRUE(shop_.Do(shipped).duplicate);
  EXPECT_EQ(shop_.InTransit("A", "S"), 2);
  shipped.lines[0].quantity = Quantity(3);
  const Decision refused = shop_.Do(shipped);
  EXPECT_EQ(refused.rejection->kind, RejectionKind::kEffectKeyReused);
  EXPECT_EQ(refused.rejection->line, 0);
  // The one that is new happens.
  shipped = Shop::Shipped("t1", {{"A", 2}, {"A", 1}});
  shipped.lines[0].effect_key = "asn-7/1";
  shipped.lines[1].effect_key = "asn-7/2";
  EXPECT_FALSE(shop_.Do(shipped).duplicate);
  EXPECT_EQ(shop_.InTransit("A", "S"), 3);
}

TEST_F(TransferTest, ALineIsNamedOrElseTheLinesOfItsSku) {
  TransferStock command = shop_.Transfer("t1", "W", "S", {{"A", 2}, {"A", 3}});
  command.lines[0].line_id = "first";
  EXPECT_FALSE(shop_.Do(command).rejection);
  ShipTransfer shipped = Shop::Shipped("t1", {{"A", 1}});
  shipped.lines[0].line_id = "1";
  shop_.Do(shipped);
  Ship(3);
  EXPECT_EQ(Report().lines[0].shipped.units(), 2);
  EXPECT_EQ(Report().lines[1].shipped.units(), 2);
  EXPECT_EQ(Report().lines[1].allocated.units(), 1);
}

TEST_F(TransferTest, AnOrdersUnitsStayItsOwnOnTheirWay) {
  const ReservationId order = Order(4);
  EXPECT_EQ(RequestFor(order, 5).rejection->kind, RejectionKind::kQuantityExceedsOpen);
  EXPECT_FALSE(RequestFor(order, 3).rejection);
  // Others cannot have them too.
  EXPECT_EQ(RequestFor(order, 2, "t2").rejection->kind, RejectionKind::kQuantityExceedsOpen);
  EXPECT_EQ(Line().allocated.units(), 3);
  Ship(3);
  const ReservationLine& line = shop_.Get(order).lines[0];
  EXPECT_EQ(line.in_transit.units(), 3);
  EXPECT_EQ(line.open().units(), 1);
  EXPECT_EQ(shop_.BalancesOf("A", "W").allocated.units(), 1);
  EXPECT_EQ(OnHand("W"), 7);
  Receive(3);
  EXPECT_EQ(line.in_transit.units(), 0);
  EXPECT_EQ(line.open().units(), 4);
  EXPECT_EQ(shop_.BalancesOf("A", "S").allocated.units(), 3);
  EXPECT_EQ(shop_.Available("A", "S"), 0);
  EXPECT_FALSE(shop_.Do(FulfilReservation{order, {}, {}}).rejection);
  EXPECT_EQ(shop_.Get(order).state, ReservationState::kFulfilled);
  EXPECT_EQ(OnHand("S"), 0);
}

TEST_F(TransferTest, AnOrderIsOpenAsLongAsUnitsOfItAreOnTheirWay) {
  const ReservationId order = Order(2);
  RequestFor(order, 2);
  Ship(2);
  EXPECT_EQ(shop_.Get(order).state, ReservationState::kConfirmed);
  // Given up on their way: free when they come.
  EXPECT_FALSE(shop_.Do(ReleaseReservation{order, {}, false, {}}).rejection);
  EXPECT_EQ(shop_.Get(order).state, ReservationState::kReleased);
  EXPECT_EQ(shop_.Get(order).lines[0].released.units(), 2);
  Receive(2);
  EXPECT_EQ(shop_.Available("A", "S"), 2);
}

TEST_F(TransferTest, UnitsOfAHoldThatExpiresOnTheWayAreFreeWhenTheyCome) {
  const ReservationId hold = shop_.Hold("cart", {shop_.At("A", 2, "W")});
  RequestFor(hold, 2);
  Ship(2);
  shop_.Wait(kTtl);
  Receive(2);
  EXPECT_EQ(shop_.Get(hold).state, ReservationState::kExpired);
  EXPECT_EQ(shop_.Available("A", "S"), 2);
}

TEST_F(TransferTest, LostAndDamagedUnitsAreMissingToTheirOrder) {
  const ReservationId order = Order(4);
  RequestFor(order, 4);
  Ship(4);
  Receive(1, false, Condition::kDamaged);
  EXPECT_EQ(shop_.Get(order).lines[0].missing.units(), 1);
  Receive(2, /*last=*/true);
  const ReservationLine& line = shop_.Get(order).lines[0];
  EXPECT_EQ(line.missing.units(), 2);
  EXPECT_EQ(line.open().units(), 2);
  EXPECT_EQ(line.in_transit.units(), 0);
}

TEST_F(TransferTest, ClosingLeavesAnOrdersUnitsWhereTheyAre) {
  const ReservationId order = Order(4);
  RequestFor(order, 4);
  shop_.Do(CloseTransfer{"t1", {}});
  EXPECT_EQ(shop_.Get(order).lines[0].open().units(), 4);
  EXPECT_FALSE(RequestFor(order, 4, "t2").rejection);
}

TEST_F(TransferTest, AnAllocationThatSomebodyReleasedIsNoObstacle) {
  Request(5);
  const ReservationId own = shop_.state().transfers.At(TransferIndex{1}).lines[0].reservation;
  EXPECT_EQ(shop_.Get(own).owner, "transfer/t1");
  EXPECT_FALSE(shop_.Do(ReleaseReservation{own, {}, false, {}}).rejection);
  EXPECT_EQ(Report().state, TransferState::kRequested);
  Ship(5);
  EXPECT_EQ(OnHand("W"), 5);
  Receive(5);
  EXPECT_EQ(Report().state, TransferState::kReceived);
}

TEST_F(TransferTest, ALateShipmentOpensAClosedTransferAgain) {
  Request(5);
  shop_.Do(CloseTransfer{"t1", {}});
  Ship(2);
  EXPECT_EQ(Report().state, TransferState::kShipped);
  Receive(2);
  EXPECT_EQ(Report().state, TransferState::kReceived);
}

TEST_F(TransferTest, AreListedByPlaceAndState) {
  Request(1, "t1");
  Request(1, "t2");
  shop_.Do(shop_.Transfer("t3", "W", "X", {{"A", 1}}));
  Ship(1, false, "t2");
  const auto ids = [&](const ListTransfers& query) {
    std::string text;
    for (const TransferReport& report : ReportTransfers(shop_.state(), query).transfers) {
      text += report.id + " ";
    }
    return text;
  };
  EXPECT_EQ(ids({}), "t1 t2 t3 ");
  EXPECT_EQ(ids({.of_location = true, .location = shop_.Location("S")}), "t1 t2 ");
  EXPECT_EQ(ids({.state = TransferState::kAllocated}), "t1 t3 ");
  const TransferReports page = ReportTransfers(shop_.state(), {.limit = 2});
  EXPECT_EQ(page.more_after, TransferIndex{2});
  EXPECT_EQ(ids({.after = page.more_after}), "t3 ");
}

TEST_F(TransferTest, WhatLeavesIsWhatComesIsUnderWayOrIsLost) {
  Request(8);
  Ship(6);
  Receive(3);
  Receive(1, false, Condition::kInspection);
  int64_t out = 0;
  int64_t in = 0;
  for (const Change& change : shop_.changes()) {
    if (change.kind == ChangeKind::kTransferredOut) out -= change.delta.on_hand.units();
    if (change.kind == ChangeKind::kTransferredIn) in += change.delta.on_hand.units();
  }
  EXPECT_EQ(out, 6);
  EXPECT_EQ(in, 4);
  EXPECT_EQ(shop_.InTransit("A", "S"), 2);
}

}  // namespace
}  // namespace quartermaster::stock
