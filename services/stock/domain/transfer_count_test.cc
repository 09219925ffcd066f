// Transfers and counts: what a count has of a shipment or a receipt is not told to on hand again.
#include <gtest/gtest.h>

#include "services/stock/domain/testing/shop.h"
#include "services/stock/domain/transfers.h"

namespace quartermaster::stock {
namespace {

class TransferCountTest : public testing::Test {
 protected:
  TransferCountTest() {
    shop_.Receive("A", "W", 10);
    shop_.Location("S");
    shop_.Do(shop_.Transfer("t1", "W", "S", {{"A", 4}}));
  }
  // Of messages up to `sequence` of the source "wms"; 0: of whatever happened before it.
  void Count(const std::string& location, int64_t quantity, int64_t sequence = 0,
             CountBasis basis = CountBasis::kGross, Micros taken = {}) {
    shop_.Wait(Seconds(10));
    StageCount count = shop_.CountOf("c" + location + std::to_string(++counts_),
                                     {{"A", location, Quantity(quantity), {}}});
    if (sequence > 0) count.watermarks = {{"wms", sequence}};
    count.basis = basis;
    count.taken = count.taken + taken;
    EXPECT_FALSE(shop_.Do(count).rejection);
    shop_.Wait(Seconds(10));
  }
  // Units of a confirmed order, on their way from W to S as transfer t2.
  ReservationId ShipForAnOrder(int64_t quantity) {
    const ReservationId order = shop_.Hold("order", {shop_.At("A", quantity, "W")});
    shop_.Do(ConfirmReservation{order, {}, "", {}});
    TransferStock command = shop_.Transfer("t2", "W", "S", {{"A", quantity}});
    command.lines[0].of_order = true;
    command.lines[0].reservation = order;
    command.lines[0].reservation_line = "0";
    shop_.Do(command);
    shop_.Do(Shop::Shipped("t2", {{"A", quantity}}));
    return order;
  }
  static ShipTransfer Shipped(int64_t quantity, int64_t sequence = 0) {
    return From(Shop::Shipped("t1", {{"A", quantity}}), sequence);
  }
  static ReceiveTransfer Received(int64_t quantity, int64_t sequence = 0,
                                  Condition condition = Condition::kSellable) {
    return From(Shop::Received("t1", {{"A", quantity, condition}}), sequence);
  }
  template <typename Fact>
  static Fact From(Fact fact, int64_t sequence) {
    if (sequence > 0) fact.message = {"wms", sequence, ""};
    return fact;
  }
  template <typename Fact>
  Fact Earlier(Fact fact, int64_t seconds) const {
    fact.business_time = shop_.now() - Seconds(seconds);
    return fact;
  }
  Balances At(const std::string& location) const { return shop_.BalancesOf("A", location); }
  int64_t OnHand(const std::string& location) const { return At(location).on_hand.units(); }
  bool CountIsAskedFor(const std::string& location) {
    return shop_.state().counts.recounts.contains(
        PositionKey(shop_.Sku("A"), shop_.Location(location)));
  }

  Shop shop_;
  int counts_ = 0;
};

TEST_F(TransferCountTest, WhatWasCountedIsNotReceivedOnceMore) {
  shop_.Do(Shipped(4));
  Count("S", 4, 7);
  // By its number, by its time, and neither.
  shop_.Do(Received(1, 7));
  shop_.Do(Earlier(Received(2), 3'600));
  EXPECT_EQ(OnHand("S"), 4);
  EXPECT_EQ(shop_.Available("A", "S"), 4);
  EXPECT_EQ(shop_.InTransit("A", "S"), 1);
  shop_.Do(Received(1, 8));
  EXPECT_EQ(OnHand("S"), 5);
  EXPECT_EQ(shop_.InTransit("A", "S"), 0);
  EXPECT_EQ(shop_.ReportOf("t1").state, TransferState::kReceived);
}

TEST_F(TransferCountTest, WhatHadLeftWhenItWasCountedDoesNotLeaveAgain) {
  Count("W", 6, 7);
  EXPECT_EQ(shop_.Available("A", "W"), 2);
  shop_.Do(Shipped(1, 7));
  shop_.Do(Earlier(Shipped(2), 3'600));
  EXPECT_EQ(OnHand("W"), 6);
  EXPECT_EQ(At("W").allocated.units(), 1);
  EXPECT_EQ(shop_.Available("A", "W"), 5);
  EXPECT_EQ(shop_.InTransit("A", "S"), 3);
  // More than was allocated, too.
  shop_.Do(Shipped(2, 6));
  EXPECT_EQ(OnHand("W"), 6);
  EXPECT_EQ(shop_.Available("A", "W"), 6);
  shop_.Do(Shipped(1, 8));
  EXPECT_EQ(OnHand("W"), 5);
  EXPECT_FALSE(CountIsAskedFor("W"));
}

TEST_F(TransferCountTest, ACountThatComesBehindIsHeldAgainstNumberAndTime) {
  shop_.Do(Shipped(4, 7));
  // It was taken before they left, as its source says, though after that was told.
  Count("W", 10, 6);
  EXPECT_EQ(OnHand("W"), 6);
  shop_.Do(Earlier(Received(3, 9), 3'600));
  Count("S", 3, 8);
  EXPECT_EQ(OnHand("S"), 6) << "the count does not have them, whatever their time";
  Count("S", 3, 9);
  EXPECT_EQ(OnHand("S"), 3);
}

TEST_F(TransferCountTest, ACountNetOfAllocationsHasNotCountedWhatIsAllocated) {
  // 6 of 10 are nobody's; the 4 have left already, which is told later.
  Count("W", 6, 7, CountBasis::kNetOfAllocations);
  EXPECT_EQ(OnHand("W"), 10);
  shop_.Do(Shipped(4, 7));
  EXPECT_EQ(OnHand("W"), 6);
  EXPECT_EQ(shop_.Available("A", "W"), 6);
  // What was not allocated it had counted, and does not any more.
  shop_.Do(Shipped(2, 6));
  EXPECT_EQ(OnHand("W"), 6);
  // And in the other order.
  Count("W", 6, 7, CountBasis::kNetOfAllocations);
  EXPECT_EQ(OnHand("W"), 6);
}

// What it had counted goes by the message's number, whichever came first and whatever the time.
TEST_F(TransferCountTest, ACountNetOfAllocationsThatComesBehindIsHeldAgainstTheNumber) {
  shop_.Wait(Seconds(15));
  shop_.Do(Shipped(4, 7));
  // Taken before that was told; the 4 had left.
  Count("W", 6, 7, CountBasis::kNetOfAllocations, Seconds(-20));
  EXPECT_EQ(OnHand("W"), 6);
  // Taken behind it; the 4 were still there, and allocated.
  Count("W", 6, 6, CountBasis::kNetOfAllocations);
  EXPECT_EQ(OnHand("W"), 6);
}

TEST_F(TransferCountTest, UnitsOfAnOrderThatWereCountedAreTheOrders) {
  ShipForAnOrder(3);
  Count("S", 5, 7);
  EXPECT_EQ(shop_.Available("A", "S"), 5);
  shop_.Do(From(Shop::Received("t2", {{"A", 3}}), 7));
  EXPECT_EQ(OnHand("S"), 5);
  EXPECT_EQ(At("S").allocated.units(), 3);
  EXPECT_EQ(shop_.Available("A", "S"), 2);
}

TEST_F(TransferCountTest, DamagedUnitsThatWereCountedAreDamagedAsFarAsTheyAreThere) {
  shop_.Do(Shipped(4));
  Count("S", 3, 7);
  shop_.Do(Received(4, 7, Condition::kDamaged));
  EXPECT_EQ(OnHand("S"), 3);
  EXPECT_EQ(At("S").unusable.units(), 3);
  EXPECT_EQ(shop_.Available("A", "S"), 0);
  EXPECT_EQ(shop_.ReportOf("t1").lines.at(0).received.units(), 4);
}

// What an order's units became of is not hidden by a count that does not have them.
TEST_F(TransferCountTest, DamagedUnitsOfAnOrderAreMissingToItWhateverIsThere) {
  const ReservationId order = ShipForAnOrder(3);
  Count("S", 1, 7);
  shop_.Do(From(Shop::Received("t2", {{"A", 3, Condition::kDamaged}}), 7));
  EXPECT_EQ(shop_.Get(order).lines[0].missing.units(), 3);
  EXPECT_EQ(At("S").allocated.units(), 0);
  EXPECT_EQ(shop_.Available("A", "S"), 0);
  EXPECT_EQ(At("S").usable().units(), 0);
  EXPECT_TRUE(CountIsAskedFor("S"));
}

// A count had them by when they came, and the shipment says that it does not.
TEST_F(TransferCountTest, AShipmentThatTheCountDoesNotHaveAsksForAnother) {
  shop_.Do(Received(4));
  Count("W", 10, 7);
  EXPECT_EQ(OnHand("W"), 10);
  EXPECT_FALSE(CountIsAskedFor("W"));
  shop_.Do(Shipped(4, 8));
  EXPECT_TRUE(CountIsAskedFor("W"));
}

TEST_F(TransferCountTest, WhatIsPresumedToHaveLeftIsHeldAgainstWhenItCame) {
  Count("W", 10);
  // It came before the count, so it had left.
  shop_.Do(Earlier(Received(1), 3'600));
  EXPECT_EQ(OnHand("W"), 10);
  // It came after it: when it left nobody knows.
  shop_.Do(Received(2));
  EXPECT_EQ(OnHand("W"), 8);
  EXPECT_FALSE(CountIsAskedFor("W"));
  // Before the count, as it turns out.
  shop_.Do(Earlier(Shipped(3), 3'000));
  EXPECT_EQ(OnHand("W"), 8);
  EXPECT_TRUE(CountIsAskedFor("W"));
}

TEST_F(TransferCountTest, TooNearToACountToBeSureAsksForAnother) {
  shop_.Do(Shipped(4));
  StageCount count = shop_.CountOf("c", {{"A", "S", Quantity(4), {}}});
  count.doubt = Seconds(60);
  shop_.Do(count);
  shop_.Wait(Seconds(10));
  shop_.Do(Received(4));
  EXPECT_EQ(OnHand("S"), 8);
  EXPECT_TRUE(CountIsAskedFor("S"));
}

}  // namespace
}  // namespace quartermaster::stock
