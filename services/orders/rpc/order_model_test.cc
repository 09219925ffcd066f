// One model for all channels, over real gRPC: quantities, amounts, back-orders, external ids.
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <thread>

#include "services/orders/rpc/order_service_fixture.h"

namespace quartermaster::orders {
namespace {

using Stub = v1::OrderService::Stub;

class OrderModelTest : public OrderServiceTest {
 protected:
  static v1::PlaceOrderRequest Backorder(const std::string& request_id, const std::string& sku,
                                         int units) {
    v1::PlaceOrderRequest request = Order(request_id, sku, units);
    request.mutable_groups(0)->mutable_lines(0)->set_on_shortage(v1::PlaceLine::BACKORDER);
    return request;
  }

  // 3 tea of 4.99 for 10.00 in all: 4.97 discount, and shipping of 1.90 that is not given back.
  static v1::PlaceOrderRequest Priced(const std::string& request_id) {
    v1::PlaceOrderRequest request = Order(request_id, "tea", 3);
    v1::PlaceLine& line = *request.mutable_groups(0)->mutable_lines(0);
    line.mutable_unit_price()->set_currency_code("EUR");
    line.mutable_unit_price()->set_amount_minor(499);
    line.set_subtotal_minor(1'497);
    line.set_tax_minor(160);
    v1::Amounts& amounts = *request.mutable_amounts();
    amounts.set_currency_code("EUR");
    amounts.set_prices_include_tax(true);
    v1::Amounts::Discount& discount = *amounts.add_discounts();
    discount.set_code("WELCOME");
    discount.set_amount_minor(497);
    v1::Amounts::Charge& charge = *amounts.add_charges();
    charge.set_kind("shipping");
    charge.set_amount_minor(190);
    charge.set_tax_minor(30);
    amounts.set_total_minor(1'190);
    return request;
  }

  template <typename Done>
  v1::Order WaitFor(const std::string& order_id, const Done& done) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    v1::Order order = Get(order_id);
    while (!done(order) && std::chrono::steady_clock::now() < end) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
      order = Get(order_id);
    }
    EXPECT_TRUE(done(order)) << order.ShortDebugString();
    return order;
  }

  void Ship(const v1::Order& order) {
    v1::RecordShipmentsRequest ship;
    ship.set_request_id("ship-" + order.order_id());
    for (const v1::Task& task : order.tasks()) ship.add_shipments()->set_task_id(task.task_id());
    v1::RecordShipmentsResponse shipped;
    ASSERT_EQ(Call(&Stub::RecordShipments, ship, &shipped), "OK");
    for (const auto& result : shipped.results()) EXPECT_EQ(Describe(result.status()), "OK");
  }
};

TEST_F(OrderModelTest, ABackorderIsServedWhenStockComes) {
  v1::PlaceOrderRequest request = Backorder("p1", "tea", 12);
  v1::PlaceOrderResponse placed;
  ASSERT_EQ(Call(&Stub::PlaceOrder, request, &placed), "OK");
  EXPECT_EQ(placed.outcome(), v1::PlaceOrderResponse::PLACED);
  EXPECT_EQ(placed.order().state(), v1::Order::BACKORDERED);
  ASSERT_EQ(placed.dropped_lines_size(), 1);
  EXPECT_EQ(placed.dropped_lines(0).asked(), 12);
  EXPECT_EQ(placed.dropped_lines(0).available(), 10);
  const v1::Order::Line& line = placed.order().lines(0);
  EXPECT_EQ(line.allocated(), 10);
  EXPECT_EQ(line.unallocated(), 2);
  EXPECT_EQ(line.backordered(), 2);

  peers_.Put("tea", "w1", 15);
  const v1::Order served = WaitFor(placed.order().order_id(), [](const v1::Order& order) {
    return order.lines(0).allocated() == 12;
  });
  EXPECT_EQ(served.state(), v1::Order::OPEN);
  EXPECT_EQ(served.tasks_size(), 2);
  Ship(served);
  EXPECT_EQ(Get(served.order_id()).state(), v1::Order::COMPLETED);
}

TEST_F(OrderModelTest, AnOrderOfWhichNothingIsThereWaitsAsAWhole) {
  Place(Order("p0", "tea", 10));
  const v1::PlaceOrderRequest request = Backorder("p1", "tea", 1);

  v1::PlaceOrderResponse placed;
  ASSERT_EQ(Call(&Stub::PlaceOrder, request, &placed), "OK");
  EXPECT_EQ(placed.outcome(), v1::PlaceOrderResponse::PLACED);
  EXPECT_EQ(placed.order().state(), v1::Order::BACKORDERED);
  EXPECT_EQ(placed.order().routing_attempts(), 0);
  // The same request again is the same order.
  v1::PlaceOrderResponse again;
  ASSERT_EQ(Call(&Stub::PlaceOrder, request, &again), "OK");
  EXPECT_EQ(again.order().order_id(), placed.order().order_id());

  v1::CancelOrderRequest cancel;
  cancel.set_request_id("c1");
  cancel.set_order_id(placed.order().order_id());
  v1::Order cancelled;
  ASSERT_EQ(Call(&Stub::CancelOrder, cancel, &cancelled), "OK");
  EXPECT_EQ(cancelled.state(), v1::Order::CANCELLED);
}

TEST_F(OrderModelTest, WhatIsTakenAlongCannotWait) {
  v1::PlaceOrderRequest request = Backorder("p1", "cup", 1);
  request.mutable_groups(0)->set_method(routing::v1::CARRY_OUT);
  request.mutable_groups(0)->set_location_id("s1");
  EXPECT_EQ(Call(&Stub::PlaceOrder, request), "INVALID_FIELD groups[0].lines[0].on_shortage");
}

TEST_F(OrderModelTest, WhatMustBeThereIsRefusedAllTheSame) {
  v1::PlaceOrderRequest request = Backorder("p1", "cup", 20);
  v1::PlaceLine& line = *request.mutable_groups(0)->add_lines();
  line.set_sku("tea");
  line.set_quantity(11);
  EXPECT_EQ(Call(&Stub::PlaceOrder, request), "NO_PLAN");
}

TEST_F(OrderModelTest, WhatItCostsIsCheckedAndShared) {
  const v1::PlaceOrderRequest request = Priced("p1");
  const std::string order_id = Place(request);
  v1::Order order = Get(order_id);
  EXPECT_EQ(order.amounts().SerializeAsString(), request.amounts().SerializeAsString());
  const v1::Order::LineAmounts& line = order.lines(0).amounts();
  EXPECT_EQ(line.subtotal_minor(), 1'497);
  EXPECT_EQ(line.discount_minor(), 497);
  EXPECT_EQ(line.charge_minor(), 190);
  EXPECT_EQ(line.tax_minor(), 190);
  EXPECT_EQ(line.total_minor(), 1'190);
  EXPECT_EQ(order.balance().total_minor(), 1'190);
  EXPECT_EQ(order.balance().fulfilled_minor(), 0);

  v1::CancelOrderRequest cancel;
  cancel.set_request_id("c1");
  cancel.set_order_id(order_id);
  cancel.add_lines()->set_line_id("0");
  cancel.mutable_lines(0)->set_quantity(1);
  ASSERT_EQ(Call(&Stub::CancelOrder, cancel, &order), "OK");
  // The first two have 793 of 1,190.
  EXPECT_EQ(order.balance().cancelled_minor(), 397);
  Ship(order);
  order = Get(order_id);
  EXPECT_EQ(order.balance().fulfilled_minor(), 793);

  int64_t refunds = 0;
  for (int i = 0; i < 2; ++i) {
    v1::ReceiveReturnRequest receive;
    receive.set_request_id(absl::StrCat("r", i));
    receive.set_location_id("s1");
    receive.set_order_id(order_id);
    receive.add_lines()->set_line_id("0");
    receive.mutable_lines(0)->set_quantity(1);
    v1::Return item;
    ASSERT_EQ(Call(&Stub::ReceiveReturn, receive, &item), "OK");
    EXPECT_EQ(item.refund().currency_code(), "EUR");
    EXPECT_EQ(item.refund().amount_minor(), item.lines(0).refund_minor());
    refunds += item.refund().amount_minor();
  }
  // Two of three units of the goods' 1,000.
  EXPECT_EQ(refunds, 666);
  EXPECT_EQ(Get(order_id).balance().refund_minor(), 666);
}

TEST_F(OrderModelTest, AmountsThatDoNotAddUpAreRefused) {
  v1::PlaceOrderRequest request = Priced("p1");
  request.mutable_amounts()->set_total_minor(1'191);
  EXPECT_EQ(Call(&Stub::PlaceOrder, request), "INVALID_FIELD amounts.total_minor");
  request = Priced("p1");
  request.mutable_amounts()->mutable_discounts(0)->set_amount_minor(1'498);
  EXPECT_EQ(Call(&Stub::PlaceOrder, request), "INVALID_FIELD amounts.discounts[0].amount_minor");
  request = Priced("p1");
  request.mutable_amounts()->mutable_discounts(0)->set_line_id("nine");
  EXPECT_EQ(Call(&Stub::PlaceOrder, request), "INVALID_FIELD amounts.discounts[0].line_id");
  request = Priced("p1");
  request.mutable_amounts()->mutable_charges(0)->set_group_id("nine");
  request.mutable_amounts()->mutable_charges(0)->set_tax_minor(-1);
  EXPECT_EQ(Call(&Stub::PlaceOrder, request), "INVALID_FIELD amounts.charges[0].tax_minor");
  request.mutable_amounts()->mutable_charges(0)->set_tax_minor(30);
  EXPECT_EQ(Call(&Stub::PlaceOrder, request), "INVALID_FIELD amounts.charges[0].group_id");
  request = Priced("p1");
  request.mutable_groups(0)->mutable_lines(0)->mutable_unit_price()->set_currency_code("RON");
  EXPECT_EQ(Call(&Stub::PlaceOrder, request),
            "INVALID_FIELD groups[0].lines[0].unit_price.currency_code");
  request = Priced("p1");
  request.clear_amounts();
  EXPECT_EQ(Call(&Stub::PlaceOrder, request),
            "INVALID_FIELD groups[0].lines[0].subtotal_minor, groups[0].lines[0].tax_minor");
}

TEST_F(OrderModelTest, ALineThatIsShortenedCostsLess) {
  v1::PlaceOrderRequest request = Priced("p1");
  v1::PlaceLine& line = *request.mutable_groups(0)->mutable_lines(0);
  line.set_quantity(20);
  line.set_on_shortage(v1::PlaceLine::DROP_LINE);
  const std::string order_id = Place(request);
  const v1::Order order = Get(order_id);
  EXPECT_EQ(order.lines(0).ordered(), 10);
  // Half of 1,497 - 497 + 190, each rounded down.
  EXPECT_EQ(order.balance().total_minor(), 748 - 248 + 95);
  EXPECT_EQ(order.amounts().total_minor(), 1'190);
}

TEST_F(OrderModelTest, ASaleHasAmountsToo) {
  v1::RecordSalesRequest sales;
  sales.set_request_id("s");
  v1::Sale& sale = *sales.add_sales();
  sale = Sale(1, "cup", 2);
  sale.mutable_lines(0)->set_subtotal_minor(700);
  sale.mutable_amounts()->set_currency_code("RON");
  sale.mutable_amounts()->set_total_minor(700);
  *sales.add_sales() = sale;
  sales.mutable_sales(1)->mutable_lines(0)->set_subtotal_minor(701);
  sales.mutable_sales(1)->mutable_amounts()->set_total_minor(701);
  *sales.add_sales() = sale;
  sales.mutable_sales(2)->mutable_amounts()->set_total_minor(1);
  v1::RecordSalesResponse sold;
  ASSERT_EQ(Call(&Stub::RecordSales, sales, &sold), "OK");
  EXPECT_EQ(Describe(sold.results(0).status()), "OK");
  EXPECT_EQ(Describe(sold.results(1).status()), "EFFECT_KEY_REUSED")
      << "another sale under its key";
  EXPECT_EQ(Describe(sold.results(2).status()), "INVALID_FIELD sales[2].amounts.total_minor");
  EXPECT_EQ(Get(sold.results(0).order_id()).balance().fulfilled_minor(), 700);
}

TEST_F(OrderModelTest, TheSameOrderUnderItsExternalIdIsAnsweredOnce) {
  v1::PlaceOrderRequest request = Order("p1", "tea", 6);
  request.set_external_id("AMZ-1");
  const std::string order_id = Place(request);
  // A marketplace that sends everything twice, with units that are there only once.
  request.set_request_id("p2");
  v1::PlaceOrderResponse again;
  ASSERT_EQ(Call(&Stub::PlaceOrder, request, &again), "OK");
  EXPECT_EQ(again.order().order_id(), order_id);
  ASSERT_EQ(Call(&Stub::PlaceOrder, request, &again), "OK") << "its repetition";
  EXPECT_EQ(again.order().order_id(), order_id);
  request.set_request_id("p3");
  request.mutable_groups(0)->mutable_lines(0)->set_quantity(1);
  EXPECT_EQ(Call(&Stub::PlaceOrder, request), "EXTERNAL_ID_REUSED");
}

TEST_F(OrderModelTest, QuantitiesSayHowFarALineIs) {
  v1::PlaceOrderRequest request = Order("p1", "cup", 3, "s1");
  request.mutable_groups(0)->mutable_promised_by()->set_seconds(1'790'000'000);
  request.mutable_groups(0)->set_payment_term(v1::AT_PICKUP);
  const std::string order_id = Place(request);
  v1::Order order = Get(order_id);
  EXPECT_EQ(order.groups(0).promised_by().seconds(), 1'790'000'000);
  EXPECT_EQ(order.groups(0).payment_term(), v1::AT_PICKUP);
  const std::string task_id = order.tasks(0).task_id();
  v1::RecordPickRequest pick;
  pick.set_request_id("pick");
  pick.set_task_id(task_id);
  ASSERT_EQ(Call(&Stub::RecordPick, pick), "OK");
  EXPECT_EQ(Get(order_id).lines(0).picked(), 3);
  EXPECT_EQ(Get(order_id).lines(0).packed(), 0);
  v1::MarkReadyForPickupRequest mark;
  mark.set_request_id("mark");
  mark.set_task_id(task_id);
  v1::MarkReadyForPickupResponse ready;
  ASSERT_EQ(Call(&Stub::MarkReadyForPickup, mark, &ready), "OK");
  EXPECT_EQ(Get(order_id).lines(0).packed(), 3);
  v1::HandOverRequest hand_over;
  hand_over.set_request_id("hand");
  hand_over.set_task_id(task_id);
  hand_over.set_pickup_code(ready.pickup_code());
  hand_over.add_lines()->set_line_id("0");
  hand_over.mutable_lines(0)->set_handed_over(1);
  hand_over.mutable_lines(0)->set_refused(1);
  ASSERT_EQ(Call(&Stub::HandOver, hand_over), "OK");
  order = Get(order_id);
  EXPECT_EQ(order.lines(0).handed_over(), 1);
  EXPECT_EQ(order.lines(0).shipped(), 0);
  EXPECT_EQ(order.lines(0).refused(), 1);
  EXPECT_EQ(order.lines(0).packed(), 1);
}

TEST_F(OrderModelTest, ATaskIsTakenAwayFromItsStore) {
  v1::PlaceOrderRequest request = Order("p1", "cup", 2);
  const std::string order_id = Place(request);
  const v1::Order before = Get(order_id);
  v1::RerouteOrderRequest reroute;
  reroute.set_request_id("r1");
  reroute.set_order_id(order_id);
  EXPECT_EQ(Call(&Stub::RerouteOrder, reroute), "ILLEGAL_TRANSITION")
      << "there is nothing to route";
  reroute.set_request_id("r2");
  reroute.add_task_ids(before.tasks(0).task_id());
  reroute.set_etag("1");
  EXPECT_EQ(Call(&Stub::RerouteOrder, reroute), "ETAG_MISMATCH");
  reroute.set_request_id("r3");
  reroute.set_etag(before.etag());
  v1::Order order;
  ASSERT_EQ(Call(&Stub::RerouteOrder, reroute, &order), "OK");
  order = WaitFor(order_id, [](const v1::Order& o) { return o.lines(0).allocated() == 2; });
  ASSERT_EQ(order.tasks_size(), 2);
  EXPECT_EQ(order.tasks(0).state(), v1::Task::REJECTED);
  EXPECT_NE(order.tasks(1).location_id(), order.tasks(0).location_id());
  reroute.set_request_id("r4");
  reroute.clear_etag();
  reroute.add_task_ids(before.tasks(0).task_id());
  EXPECT_EQ(Call(&Stub::RerouteOrder, reroute), "INVALID_FIELD task_ids[1]");
}

}  // namespace
}  // namespace quartermaster::orders
