// What users of other systems complain about, where it is orders' to be right: each by the name of
// its report. tests/mutation plants the defect of each.
#include <gtest/gtest.h>

#include <algorithm>

#include "services/orders/domain/testing/world.h"

namespace quartermaster::orders {
namespace {

// The one open intent of its kind; the test fails if there is none, or another.
template <typename T>
T OnlyIntent(const Order& order) {
  T found;
  int count = 0;
  for (const Intent& intent : PendingIntents(order)) {
    if (const auto* one = std::get_if<T>(&intent)) {
      found = *one;
      ++count;
    }
  }
  EXPECT_EQ(count, 1);
  return found;
}

// Three units, shipped from w1.
World Shipped() {
  World world;
  world.Place(
      {.order_id = "o", .groups = {Ship("g")}, .lines = {Line("a", 0, "s", 3)}, .assignments = {}});
  world.Confirm("o", 1);
  world.Do(RecordShipment{.task_id = "o.t1", .carrier = "dhl", .tracking_number = "JJD1"});
  return world;
}

TEST(OrderComplaintTest, Medusa13625And11266And11703WhatIsCancelledHoldsNothing) {
  World world;
  world.Place({.order_id = "o",
               .groups = {Ship("g")},
               .lines = {Line("a", 0, "s", 3)},
               .assignments = {{0, "w1", Quantity(3)}}});
  world.Do(CancelOrder{.order_id = "o", .lines = {{"a", Quantity(2)}}});
  world.Confirm("o", 1);
  const auto release = OnlyIntent<ReleaseStock>(world.order("o"));
  ASSERT_EQ(release.parts.size(), 1u);
  EXPECT_EQ(release.parts[0].quantity, Quantity(2));
  world.SettleStock("o");
  world.Do(CancelOrder{.order_id = "o"});
  EXPECT_EQ(OnlyIntent<ReleaseStock>(world.order("o")).parts[0].quantity, Quantity(1));
  world.SettleStock("o");
  EXPECT_TRUE(PendingIntents(world.order("o")).empty());
  EXPECT_EQ(StateOf(world.order("o")), OrderState::kCancelled);
}

TEST(OrderComplaintTest, Medusa6500AndErpNext49382AnOrderConsumesItsOwnHold) {
  const World world = Shipped();
  const auto fulfil = OnlyIntent<FulfilStock>(world.order("o"));
  EXPECT_EQ(fulfil.reservation_id, world.order("o").attempts[0].reservation_id);
  ASSERT_EQ(fulfil.parts.size(), 1u);
  EXPECT_EQ(fulfil.parts[0].quantity, Quantity(3));
}

TEST(OrderComplaintTest, MagentoInventory2420AShipmentThatIsRepeatedLeavesOnce) {
  World world = Shipped();
  EXPECT_TRUE(
      world.Do(RecordShipment{.task_id = "o.t1", .carrier = "dhl", .tracking_number = "JJD1"})
          .result.duplicate);
  EXPECT_EQ(OnlyIntent<FulfilStock>(world.order("o")).parts[0].quantity, Quantity(3));
  EXPECT_EQ(world.order("o").lines[0].fulfilled, Quantity(3));
}

TEST(OrderComplaintTest, PrestaShop16869ARefundThenACancelRestocksOnce) {
  World world = Shipped();
  world.SettleStock("o");
  world.Do(ReceiveReturn{.location_id = "w1",
                         .order_id = "o",
                         .lines = {{.line_id = "a", .quantity = Quantity(3)}},
                         .unmatched_return_id = "u"});
  const Decision cancel = world.Do(CancelOrder{.order_id = "o"});
  ASSERT_TRUE(cancel.rejection.has_value());
  EXPECT_EQ(std::get<IllegalTransition>(*cancel.rejection).state, "COMPLETED");
  const auto restock = OnlyIntent<RestockReturn>(world.order("o"));
  ASSERT_EQ(restock.effects.size(), 1u);
  EXPECT_EQ(restock.effects[0].quantity, Quantity(3));
  EXPECT_EQ(PendingIntents(world.order("o")).size(), 1u);
}

TEST(OrderComplaintTest, Spree4324AReturnIsRestockedWhereItWasReceived) {
  World world = Shipped();
  world.SettleStock("o");
  world.Do(ReceiveReturn{.location_id = "s9",
                         .order_id = "o",
                         .lines = {{.line_id = "a", .quantity = Quantity(1)}},
                         .unmatched_return_id = "u"});
  EXPECT_EQ(OnlyIntent<RestockReturn>(world.order("o")).effects[0].location_id, "s9");
}

TEST(OrderComplaintTest, Solidus5669ASplitLeavesBackorderedUnitsWaiting) {
  World world;
  PlacedLine line = Line("a", 0, "s", 5);
  line.backorder = true;
  world.Place({.order_id = "o",
               .groups = {Ship("g")},
               .lines = {line},
               .assignments = {{0, "w1", Quantity(2)}, {0, "w2", Quantity(1)}}});
  world.Confirm("o", 1);
  world.Do(RecordShipment{.task_id = "o.t1"});
  EXPECT_EQ(world.order("o").lines[0].fulfilled, Quantity(2));
  EXPECT_EQ(world.order("o").lines[0].allocated, Quantity(1));
  EXPECT_EQ(world.order("o").lines[0].backordered, Quantity(2));
  EXPECT_EQ(OnlyIntent<FulfilStock>(world.order("o")).parts[0].quantity, Quantity(2));
  EXPECT_EQ(StateOf(world.order("o")), OrderState::kBackordered);
}

TEST(OrderComplaintTest, HotWaxBopis251ARejectedPickupIsNotBrokeredElsewhere) {
  World world;
  world.Place({.order_id = "o",
               .groups = {Pickup("g", "s1")},
               .lines = {Line("a", 0, "s", 2)},
               .assignments = {{0, "s1", Quantity(2)}}});
  world.Confirm("o", 1);
  world.Do(RejectTask{.task_id = "o.t1"});
  EXPECT_EQ(world.order("o").lines[0].awaiting, Quantity(2));
  ASSERT_EQ(world.exceptions().size(), 1u);
  EXPECT_EQ(world.exceptions()[0].kind, ExceptionKind::kPickupUnfillable);
  for (const Intent& intent : PendingIntents(world.order("o"))) {
    EXPECT_FALSE(std::holds_alternative<Reroute>(intent));
  }
}

TEST(OrderComplaintTest, ErpNext11000And13388ATillSyncsTwiceAndSellsOnce) {
  World world;
  RecordSale sale{.order_id = "s-1", .content = {1, 1}, .location_id = "s1"};
  sale.lines = {Line("0", 0, "s", 2)};
  EXPECT_FALSE(world.Do(sale).rejection.has_value());
  const Decision again = world.Do(sale);
  EXPECT_FALSE(again.rejection.has_value());
  EXPECT_TRUE(again.result.duplicate);
  EXPECT_EQ(OnlyIntent<SellStock>(world.order("s-1")).effects[0].quantity, Quantity(2));
  // Another one under its key is refused by itself.
  sale.content = {1, 2};
  EXPECT_TRUE(std::holds_alternative<SaleKeyReused>(*world.Do(sale).rejection));
}

}  // namespace
}  // namespace quartermaster::orders
