// Transfers: what each step does to both ends, in whatever order the facts come.
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
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
  Decision RequestFor(ReservationId order, int64_t quantity, const std::string& id = "t1",
                      const std::string& from = "W", const std::string& to = "S") {
    TransferStock command = shop_.Transfer(id, from, to, {{"A", quantity}});
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

TEST_F(TransferTest, UnitsThatAreATransfersOwnAreNoOrders) {
  // The hold that its own allocation would replace.
  const ReservationId hold = shop_.Hold("transfer/t1", {shop_.At("A", 5, "W")});
  TransferStock command = shop_.Transfer("t1", "W", "S", {{"A", 5}, {"A", 1}});
  command.lines[0].of_order = true;
  command.lines[0].reservation = hold;
  command.lines[0].reservation_line = "0";
  Decision refused = shop_.Do(command);
  ASSERT_TRUE(refused.rejection);
  EXPECT_EQ(refused.rejection->kind, RejectionKind::kReservationOfTransfer);
  EXPECT_EQ(refused.rejection->line, 0);
  EXPECT_EQ(shop_.last_events(), 0u);
  // What another transfer has allocated.
  EXPECT_FALSE(Request(3, "t2").rejection);
  const ReservationId own = shop_.state().transfers.At(TransferIndex{1}).lines[0].reservation;
  refused = RequestFor(own, 2, "t3");
  ASSERT_TRUE(refused.rejection);
  EXPECT_EQ(refused.rejection->kind, RejectionKind::kReservationOfTransfer);
}

TEST_F(TransferTest, WhatNeverCameIsLostWhicheverMessageIsFirst) {
  for (const bool shipped_first : {true, false}) {
    const std::string id = shipped_first ? "t1" : "t2";
    const ReservationId order = Order(5);
    RequestFor(order, 5, id);
    if (shipped_first) Ship(5, false, id);
    Receive(3, /*last=*/true, Condition::kSellable, id);
    if (!shipped_first) Ship(5, false, id);
    const ReservationLine& line = shop_.Get(order).lines[0];
    EXPECT_EQ(line.in_transit.units(), 0) << id;
    EXPECT_EQ(line.missing.units(), 2) << id;
    EXPECT_EQ(line.open().units(), 3) << id;
    const TransferReport report = shop_.ReportOf(id);
    EXPECT_EQ(report.state, TransferState::kReceived) << id;
    EXPECT_EQ(report.lines[0].lost.units(), 2) << id;
    EXPECT_EQ(report.lines[0].presumed.units(), 0) << id;
    EXPECT_TRUE(CountIsAskedFor("W"));
    EXPECT_EQ(shop_.InTransit("A", "S"), 0);
    EXPECT_FALSE(shop_.Do(ReleaseReservation{order, {}, false, {}}).rejection);
  }
  EXPECT_EQ(OnHand("W"), 0);
}

TEST_F(TransferTest, LateShipmentsGoOnLinesThatWereToHaveThem) {
  const ReservationId order = Order(2);
  TransferStock command = shop_.Transfer("t1", "W", "S", {{"A", 2}, {"A", 3}});
  command.lines[0].of_order = true;
  command.lines[0].reservation = order;
  command.lines[0].reservation_line = "0";
  EXPECT_FALSE(shop_.Do(command).rejection);
  ReceiveTransfer nothing = Shop::Received("t1", {}, /*last=*/true);
  EXPECT_FALSE(shop_.Do(nothing).rejection);
  EXPECT_EQ(Report().state, TransferState::kCancelled);
  Ship(5);
  EXPECT_EQ(Report().lines[0].lost.units(), 2);
  EXPECT_EQ(Report().lines[1].lost.units(), 3);
  EXPECT_EQ(shop_.Get(order).lines[0].missing.units(), 2);
}

TEST_F(TransferTest, ALastMessageAgainIsNoNews) {
  Request(5);
  Ship(5);
  ReceiveTransfer received = Shop::Received("t1", {{"A", 3}}, /*last=*/true);
  received.lines[0].effect_key = "grn-1";
  EXPECT_FALSE(shop_.Do(received).duplicate);
  EXPECT_EQ(Line().lost.units(), 2);
  // A shipment's message comes late.
  Ship(4);
  EXPECT_TRUE(shop_.Do(received).duplicate);
  EXPECT_EQ(shop_.last_events(), 0u);
  EXPECT_TRUE(shop_.Do(Shop::Received("t1", {}, /*last=*/true)).duplicate);
  EXPECT_EQ(shop_.last_events(), 0u);
}

TEST_F(TransferTest, ThatAKnownLineWasTheLastIsNewsOnce) {
  Request(5);
  ShipTransfer shipped = Shop::Shipped("t1", {{"A", 2}});
  shipped.lines[0].effect_key = "asn-1";
  shop_.Do(shipped);
  shipped.last = true;
  EXPECT_FALSE(shop_.Do(shipped).duplicate);
  EXPECT_TRUE(Report().all_shipped);
  EXPECT_EQ(Line().shipped.units(), 2);
  EXPECT_TRUE(shop_.Do(shipped).duplicate);
}

TEST_F(TransferTest, EachTransferHasItsOwnUnitsOfAnOrder) {
  const ReservationId order = Order(5);
  shop_.Location("S2");
  RequestFor(order, 3, "t1", "W", "S");
  RequestFor(order, 2, "t2", "W", "S2");
  // Two more than the order has with it: they are free.
  Ship(5, false, "t1");
  Ship(2, false, "t2");
  EXPECT_EQ(shop_.Get(order).lines[0].in_transit.units(), 5);
  Receive(5, false, Condition::kSellable, "t1");
  EXPECT_EQ(shop_.BalancesOf("A", "S").allocated.units(), 3);
  EXPECT_EQ(shop_.Available("A", "S"), 2);
  Receive(2, false, Condition::kSellable, "t2");
  EXPECT_EQ(shop_.BalancesOf("A", "S2").allocated.units(), 2);
  EXPECT_EQ(shop_.Available("A", "S2"), 0);
  EXPECT_EQ(shop_.Get(order).lines[0].in_transit.units(), 0);
}

TEST_F(TransferTest, UnitsThatAnOrderGaveUpBeforeTheyLeftAreNotItsOwn) {
  const ReservationId order = Order(5);
  shop_.Location("S2");
  RequestFor(order, 3, "t1", "W", "S");
  RequestFor(order, 2, "t2", "W", "S2");
  Ship(2, false, "t2");
  LinePart part;
  part.line_id = "0";
  part.quantity = Quantity(2);
  part.any_location = true;
  EXPECT_FALSE(shop_.Do(ReleaseReservation{order, {part}, false, {}}).rejection);
  Ship(3, false, "t1");
  EXPECT_EQ(shop_.Get(order).lines[0].in_transit.units(), 3);
  Receive(3, false, Condition::kSellable, "t1");
  EXPECT_EQ(shop_.BalancesOf("A", "S").allocated.units(), 1);
  shop_.Do(CloseTransfer{"t2", {}});
  EXPECT_EQ(shop_.Get(order).lines[0].missing.units(), 2);
}

TEST_F(TransferTest, AnOrdersUnitsAreTakenFromEachOriginOnTheirOwn) {
  shop_.Receive("A", "V", 5);
  shop_.Pool("web", {"W", "V"});
  const ReservationId order = shop_.Hold("order", {shop_.From("A", 10, "web")});
  EXPECT_FALSE(shop_.Do(ConfirmReservation{order, {}, "", {}}).rejection);
  BindReservation bind{order, {}, {}};
  bind.lines.push_back(
      {.line_id = "0",
       .placements = {{shop_.Location("W"), Quantity(5)}, {shop_.Location("V"), Quantity(5)}}});
  ASSERT_FALSE(shop_.Do(bind).rejection);
  EXPECT_FALSE(RequestFor(order, 5, "t1", "W", "S").rejection);
  EXPECT_FALSE(RequestFor(order, 5, "t2", "V", "S").rejection);
  EXPECT_EQ(RequestFor(order, 1, "t3", "V", "S").rejection->kind,
            RejectionKind::kQuantityExceedsOpen);
  // On from where they have come to, while the rest is still to leave.
  Ship(3, false, "t1");
  Receive(3, false, Condition::kSellable, "t1");
  EXPECT_FALSE(RequestFor(order, 3, "t4", "S", "T").rejection);
  EXPECT_EQ(RequestFor(order, 1, "t5", "S", "T").rejection->kind,
            RejectionKind::kQuantityExceedsOpen);
}

TEST_F(TransferTest, UnitsOfASkuAreAlikeWhicheverLineIsNamed) {
  const ReservationId order = Order(2);
  TransferStock command = shop_.Transfer("t1", "W", "S", {{"A", 2}, {"A", 3}});
  command.lines[0].of_order = true;
  command.lines[0].reservation = order;
  command.lines[0].reservation_line = "0";
  EXPECT_FALSE(shop_.Do(command).rejection);
  // The store names no line; the warehouse does.
  Receive(2);
  EXPECT_EQ(Report().lines[0].presumed.units(), 2);
  const auto ship = [&](const std::string& line, int64_t quantity) {
    ShipTransfer shipped = Shop::Shipped("t1", {{"A", quantity}});
    shipped.lines[0].line_id = line;
    EXPECT_FALSE(shop_.Do(shipped).rejection);
  };
  ship("1", 2);
  EXPECT_EQ(OnHand("W"), 8);
  EXPECT_EQ(shop_.InTransit("A", "S"), 0);
  EXPECT_EQ(Report().lines[0].presumed.units(), 0);
  ship("0", 2);
  ship("1", 1);
  EXPECT_EQ(OnHand("W"), 5);
  EXPECT_EQ(Report().lines[0].shipped.units(), 2);
  EXPECT_EQ(Report().lines[1].shipped.units(), 3);
  // And the other way round.
  ReceiveTransfer received = Shop::Received("t1", {{"A", 3}});
  received.lines[0].line_id = "0";
  EXPECT_FALSE(shop_.Do(received).rejection);
  EXPECT_EQ(Report().state, TransferState::kReceived);
  EXPECT_EQ(OnHand("W"), 5);
  EXPECT_EQ(shop_.BalancesOf("A", "S").allocated.units(), 2);
}

TEST_F(TransferTest, AFactIsAsLargeAsATransferMayBe) {
  const auto lines = [](size_t count) {
    std::vector<Shop::Goods> goods;
    for (size_t i = 0; i < count; ++i) goods.push_back({absl::StrCat("many-", i), 1});
    return goods;
  };
  ShipTransfer shipped = Shop::Shipped("t1", lines(kTransferLinesMax + 1));
  shipped.from = "W";
  shipped.to = "S";
  Decision refused = shop_.Do(shipped);
  ASSERT_TRUE(refused.rejection);
  EXPECT_EQ(refused.rejection->kind, RejectionKind::kTransferTooLarge);
  shipped.lines.pop_back();
  EXPECT_FALSE(shop_.Do(shipped).rejection);
  EXPECT_EQ(Report().lines.size(), kTransferLinesMax);
  // What it has already makes it no larger.
  EXPECT_FALSE(shop_.Do(Shop::Received("t1", {{"many-7", 1}})).rejection);
  refused = shop_.Do(Shop::Received("t1", {{"one more", 1}}));
  ASSERT_TRUE(refused.rejection);
  EXPECT_EQ(refused.rejection->kind, RejectionKind::kTransferTooLarge);
}

TEST_F(TransferTest, AKitCountsAsItsPartsInAFact) {
  DefineKit kit;
  kit.sku = shop_.Sku("kit");
  for (int i = 0; i < 100; ++i) kit.components.push_back({shop_.Sku(absl::StrCat("part-", i)), 2});
  ASSERT_FALSE(shop_.Do(kit).rejection);
  // 5,100 entries of a message, of 100 lines.
  ReceiveTransfer received =
      Shop::Received("t1", std::vector<Shop::Goods>(51, Shop::Goods{"kit", 1}));
  received.from = "W";
  received.to = "S";
  Decision refused = shop_.Do(received);
  ASSERT_TRUE(refused.rejection);
  EXPECT_EQ(refused.rejection->kind, RejectionKind::kTransferTooLarge);
  received.lines.pop_back();
  received.lines.back().quantity = Quantity(kMaxLineQuantity.units() / 2 + 1);
  refused = shop_.Do(received);
  ASSERT_TRUE(refused.rejection);
  EXPECT_EQ(refused.rejection->kind, RejectionKind::kKitQuantityTooLarge);
  EXPECT_EQ(refused.rejection->line, 49);
  received.lines.back().quantity = Quantity(1);
  EXPECT_FALSE(shop_.Do(received).rejection);
  EXPECT_EQ(Report().lines.size(), 100u);
  EXPECT_EQ(Line().received.units(), 100);
}

TEST_F(TransferTest, ARequestBehindItsOwnShipmentIsToldOfIt) {
  ShipTransfer shipped = Shop::Shipped("t1", {{"A", 3}});
  shipped.from = "W";
  shipped.to = "S";
  shop_.Do(shipped);
  const Decision late = Request(5);
  EXPECT_FALSE(late.rejection);
  EXPECT_TRUE(late.duplicate);
  EXPECT_EQ(shop_.last_events(), 0u);
  EXPECT_EQ(Line().shipped.units(), 3);
  EXPECT_EQ(Line().quantity.units(), 0);
  // An order's units cannot be told of it any more.
  const Decision refused = RequestFor(Order(2), 2);
  ASSERT_TRUE(refused.rejection);
  EXPECT_EQ(refused.rejection->kind, RejectionKind::kTransferToldBefore);
  // It runs elsewhere.
  EXPECT_EQ(shop_.Do(shop_.Transfer("t1", "W", "X", {{"A", 5}})).rejection->kind,
            RejectionKind::kTransferReused);
}

TEST_F(TransferTest, AMessageOfAFactHappensOnce) {
  Request(4);
  ShipTransfer shipped = Shop::Shipped("t1", {{"A", 3}});
  shipped.message = {"wms", 1, ""};
  EXPECT_FALSE(shop_.Do(shipped).duplicate);
  EXPECT_TRUE(shop_.Do(shipped).duplicate);
  EXPECT_EQ(OnHand("W"), 7);
  shipped.lines[0].quantity = Quantity(4);
  EXPECT_EQ(shop_.Do(shipped).rejection->kind, RejectionKind::kMessageReused);
  // The warehouse numbers all that it tells.
  ReceiveTransfer received = Shop::Received("t1", {{"A", 3}});
  received.message = {"wms", 3, ""};
  EXPECT_FALSE(shop_.Do(received).duplicate);
  const SourceIndex wms = shop_.state().sources.names.Find("wms");
  EXPECT_TRUE(shop_.state().sources.At(wms).suspect());
  shop_.Do(Shop::Told(Shop::Fact(AdjustmentKind::kCounted, "A", "W", -1), "wms", 2));
  EXPECT_FALSE(shop_.state().sources.At(wms).suspect());
  EXPECT_EQ(OnHand("S"), 3);
  // A count of one end only does not know of all that it tells.
  EXPECT_FALSE(shop_.state().sources.At(wms).IsCountedBy({shop_.Location("W")}));
  EXPECT_TRUE(
      shop_.state().sources.At(wms).IsCountedBy({shop_.Location("W"), shop_.Location("S")}));
}

TEST_F(TransferTest, TheSameMessageOfAnotherFactIsRefused) {
  Request(4);
  ShipTransfer shipped = Shop::Shipped("t1", {}, /*last=*/true);
  shipped.message = {"wms", 1, ""};
  shop_.Do(shipped);
  ReceiveTransfer received = Shop::Received("t1", {}, /*last=*/true);
  received.message = shipped.message;
  EXPECT_EQ(shop_.Do(received).rejection->kind, RejectionKind::kMessageReused);
}

TEST_F(TransferTest, AListLooksAtABoundedNumberOfLines) {
  std::vector<Shop::Goods> goods;
  for (size_t i = 0; i < kTransferLinesMax; ++i) goods.push_back({absl::StrCat("many-", i), 1});
  for (int t = 1; t <= 6; ++t) {
    ShipTransfer shipped = Shop::Shipped(absl::StrCat("t", t), goods);
    shipped.from = "W";
    shipped.to = "S";
    ASSERT_FALSE(shop_.Do(shipped).rejection);
  }
  Request(1, "t7");
  ListTransfers query{.state = TransferState::kAllocated};
  TransferReports page = ReportTransfers(shop_.state(), query);
  EXPECT_TRUE(page.transfers.empty());
  EXPECT_EQ(page.more_after, TransferIndex{4});
  query.after = page.more_after;
  page = ReportTransfers(shop_.state(), query);
  ASSERT_EQ(page.transfers.size(), 1u);
  EXPECT_EQ(page.transfers[0].id, "t7");
  // Those of other places cost nothing but a look.
  page = ReportTransfers(shop_.state(), {.of_location = true,
                                         .location = shop_.Location("elsewhere"),
                                         .state = TransferState::kAllocated});
  EXPECT_EQ(page.more_after, TransferIndex::kNone);
}

}  // namespace
}  // namespace quartermaster::stock
