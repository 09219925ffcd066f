// OrderService over real gRPC: the flows that customers know.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "services/orders/rpc/order_service_fixture.h"

namespace quartermaster::orders {
namespace {

using Stub = v1::OrderService::Stub;

template <typename Request>
Request TaskRequest(const std::string& request_id, const std::string& task_id) {
  Request request;
  request.set_request_id(request_id);
  request.set_task_id(task_id);
  return request;
}

TEST_F(OrderServiceTest, ShipFromStore) {
  const std::string order_id = Place(Order("p1", "tea", 3));
  v1::Order order = Get(order_id);
  EXPECT_EQ(order.state(), v1::Order::OPEN);
  ASSERT_EQ(order.tasks_size(), 1);
  const std::string task_id = order.tasks(0).task_id();
  v1::Task task;
  EXPECT_EQ(Call(&Stub::AcceptTask, TaskRequest<v1::AcceptTaskRequest>("a", task_id), &task), "OK");
  EXPECT_EQ(task.state(), v1::Task::ACCEPTED);
  EXPECT_EQ(Call(&Stub::RecordPick, TaskRequest<v1::RecordPickRequest>("b", task_id), &task), "OK");
  EXPECT_EQ(Call(&Stub::PackTask, TaskRequest<v1::PackTaskRequest>("c", task_id), &task), "OK");
  v1::RecordShipmentsRequest ship;
  ship.set_request_id("d");
  ship.add_shipments()->set_task_id(task_id);
  ship.add_shipments()->set_task_id("no-such-task");
  ship.add_shipments()->set_task_id("");
  ship.add_shipments()->set_task_id(task_id);
  v1::RecordShipmentsResponse shipped;
  ASSERT_EQ(Call(&Stub::RecordShipments, ship, &shipped), "OK");
  ASSERT_EQ(shipped.results_size(), 4);
  EXPECT_EQ(Describe(shipped.results(0).status()), "OK");
  EXPECT_EQ(shipped.results(0).task().state(), v1::Task::SHIPPED);
  EXPECT_EQ(Describe(shipped.results(1).status()), "TASK_NOT_FOUND");
  EXPECT_EQ(Describe(shipped.results(2).status()), "INVALID_FIELD shipments[2].task_id");
  EXPECT_TRUE(shipped.results(3).duplicate());
  EXPECT_EQ(Get(order_id).state(), v1::Order::COMPLETED);

  v1::GetOrderHistoryRequest history_request;
  history_request.set_order_id(order_id);
  v1::GetOrderHistoryResponse history;
  ASSERT_EQ(Call(&Stub::GetOrderHistory, history_request, &history), "OK");
  std::vector<std::string> types;
  for (const v1::OrderEvent& event : history.events()) {
    if (event.type() != "StockSettled") types.push_back(event.type());
    EXPECT_EQ(event.order_id(), order_id);
    EXPECT_NE(event.detail_json().find(order_id), std::string::npos);
  }
  EXPECT_EQ(types,
            (std::vector<std::string>{"OrderPlaced", "OrderRouted", "StockConfirmed", "TaskCreated",
                                      "TaskAccepted", "TaskPicked", "TaskPacked", "TaskShipped"}));
}

TEST_F(OrderServiceTest, ATaskLeavesInParcelsAndCarriersSayWhatBecameOfThem) {
  const std::string order_id = Place(Order("p1", "cup", 3));
  const std::string task_id = Get(order_id).tasks(0).task_id();
  const std::string line_id = Get(order_id).lines(0).line_id();
  v1::RecordShipmentsRequest ship;
  ship.set_request_id("s1");
  v1::Shipment* parcel = ship.add_shipments();
  parcel->set_task_id(task_id);
  parcel->set_carrier("dhl");
  parcel->set_tracking_number("JD1");
  parcel->set_parcel_key("box-1");
  v1::Shipment::Line* line = parcel->add_lines();
  line->set_line_id(line_id);
  line->set_quantity(2);
  *ship.add_shipments() = *parcel;
  *ship.add_shipments() = *parcel;
  ship.mutable_shipments(2)->mutable_lines(0)->set_quantity(1);
  v1::RecordShipmentsResponse shipped;
  ASSERT_EQ(Call(&Stub::RecordShipments, ship, &shipped), "OK");
  EXPECT_EQ(shipped.results(0).task().state(), v1::Task::ACCEPTED);
  EXPECT_TRUE(shipped.results(1).duplicate());
  EXPECT_EQ(Describe(shipped.results(2).status()), "EFFECT_KEY_REUSED");
  ASSERT_EQ(shipped.results(0).task().parcels_size(), 1);
  EXPECT_EQ(shipped.results(0).task().parcels(0).lines(0).quantity(), 2);

  ship.set_request_id("s2");
  ship.mutable_shipments()->Clear();
  ship.add_shipments()->set_task_id(task_id);
  ship.mutable_shipments(0)->set_tracking_number("JD2");
  ASSERT_EQ(Call(&Stub::RecordShipments, ship, &shipped), "OK");
  EXPECT_EQ(shipped.results(0).task().state(), v1::Task::SHIPPED);

  v1::RecordDeliveriesRequest told;
  told.set_request_id("d1");
  v1::Delivery* delivered = told.add_deliveries();
  delivered->set_carrier("dhl");
  delivered->set_tracking_number("JD1");
  delivered->set_state(v1::Parcel::DELIVERED);
  v1::Delivery* refused = told.add_deliveries();
  refused->set_parcel_id(order_id + ".p2");
  refused->set_state(v1::Parcel::REFUSED);
  *told.add_deliveries() = *delivered;
  told.add_deliveries()->set_parcel_id(order_id + ".p9");
  told.mutable_deliveries(3)->set_state(v1::Parcel::LOST);
  told.add_deliveries()->set_parcel_id(order_id + ".p1");
  v1::RecordDeliveriesResponse heard;
  ASSERT_EQ(Call(&Stub::RecordDeliveries, told, &heard), "OK");
  EXPECT_EQ(heard.results(0).parcel().parcel_id(), order_id + ".p1");
  EXPECT_EQ(heard.results(0).parcel().state(), v1::Parcel::DELIVERED);
  EXPECT_EQ(heard.results(1).return_id(), order_id + ".r1");
  EXPECT_TRUE(heard.results(2).duplicate());
  EXPECT_EQ(Describe(heard.results(3).status()), "PARCEL_NOT_FOUND");
  EXPECT_EQ(Describe(heard.results(4).status()), "INVALID_FIELD deliveries[4].state");

  const v1::Order order = Get(order_id);
  EXPECT_EQ(order.lines(0).shipped(), 3);
  EXPECT_EQ(order.lines(0).delivered(), 2);
  EXPECT_EQ(order.lines(0).return_requested(), 1);
}

TEST_F(OrderServiceTest, ClickAndCollect) {
  const std::string order_id = Place(Order("p1", "cup", 2, "s1"));
  const std::string task_id = Get(order_id).tasks(0).task_id();
  v1::MarkReadyForPickupResponse ready;
  EXPECT_EQ(Call(&Stub::MarkReadyForPickup,
                 TaskRequest<v1::MarkReadyForPickupRequest>("too soon", task_id), &ready),
            "ILLEGAL_TRANSITION");
  EXPECT_EQ(ready.pickup_code(), "");
  ASSERT_EQ(Call(&Stub::RecordPick, TaskRequest<v1::RecordPickRequest>("pick", task_id)), "OK");
  const auto mark = TaskRequest<v1::MarkReadyForPickupRequest>("m", task_id);
  ASSERT_EQ(Call(&Stub::MarkReadyForPickup, mark, &ready), "OK");
  const std::string code = ready.pickup_code();
  EXPECT_EQ(code.size(), 6u);
  ASSERT_EQ(Call(&Stub::MarkReadyForPickup, mark, &ready), "OK");
  EXPECT_EQ(ready.pickup_code(), code) << "the same request, the same code";
  EXPECT_EQ(LogBytes().find(code), std::string::npos) << "the log must not know the code";

  auto hand_over = TaskRequest<v1::HandOverRequest>("h1", task_id);
  hand_over.set_pickup_code(code == "000000" ? "000001" : "000000");
  v1::Task task;
  EXPECT_EQ(Call(&Stub::HandOver, hand_over, &task), "PICKUP_CODE_WRONG");
  hand_over.set_request_id("h2");
  hand_over.set_pickup_code(code);
  ASSERT_EQ(Call(&Stub::HandOver, hand_over, &task), "OK");
  EXPECT_EQ(task.state(), v1::Task::HANDED_OVER);
  EXPECT_EQ(Get(order_id).state(), v1::Order::COMPLETED);
}

TEST_F(OrderServiceTest, ReturnInStore) {
  v1::RecordSalesRequest sales;
  sales.set_request_id("s");
  *sales.add_sales() = Sale(1, "cup", 3);
  v1::RecordSalesResponse sold;
  ASSERT_EQ(Call(&Stub::RecordSales, sales, &sold), "OK");
  EXPECT_EQ(peers_.OnHand("cup", "s1"), 1) << "settled before it was answered";

  v1::RequestReturnRequest announce;
  announce.set_request_id("r1");
  announce.set_order_id(sold.results(0).order_id());
  announce.add_lines()->set_line_id("0");
  announce.mutable_lines(0)->set_quantity(4);
  v1::Return item;
  EXPECT_EQ(Call(&Stub::RequestReturn, announce, &item), "QUANTITY_EXCEEDS_SOLD");
  announce.set_request_id("r2");
  announce.mutable_lines(0)->set_quantity(2);
  announce.mutable_lines(0)->set_sku("tea");
  EXPECT_EQ(Call(&Stub::RequestReturn, announce, &item), "INVALID_FIELD lines[0].sku");
  announce.mutable_lines(0)->set_sku("cup");
  ASSERT_EQ(Call(&Stub::RequestReturn, announce, &item), "OK");
  EXPECT_EQ(item.state(), v1::Return::REQUESTED);

  v1::ReceiveReturnRequest receive;
  receive.set_request_id("r3");
  receive.set_location_id("s2");
  receive.set_return_id(item.return_id());
  ASSERT_EQ(Call(&Stub::ReceiveReturn, receive, &item), "OK");
  EXPECT_EQ(item.state(), v1::Return::RECEIVED);
  v1::GetReturnRequest get;
  get.set_return_id(item.return_id());
  ASSERT_EQ(Call(&Stub::GetReturn, get, &item), "OK");
  EXPECT_EQ(item.location_id(), "s2");
  EXPECT_EQ(Get(announce.order_id()).lines(0).returned(), 2);
}

TEST_F(OrderServiceTest, AnUnmatchedReturnIsTakenInAndQueuedForAPerson) {
  v1::ReceiveReturnRequest receive;
  receive.set_request_id("r1");
  receive.set_location_id("s2");
  receive.add_lines()->set_sku("cup");
  receive.mutable_lines(0)->set_quantity(1);
  v1::Return item;
  ASSERT_EQ(Call(&Stub::ReceiveReturn, receive, &item), "OK");
  EXPECT_EQ(item.state(), v1::Return::UNMATCHED);
  v1::ListExceptionsResponse queue;
  ASSERT_EQ(Call(&Stub::ListExceptions, v1::ListExceptionsRequest(), &queue), "OK");
  ASSERT_EQ(queue.exceptions_size(), 1);
  EXPECT_EQ(queue.exceptions(0).kind(), v1::ExceptionItem::UNMATCHED_RETURN);
  EXPECT_EQ(queue.exceptions(0).return_id(), item.return_id());
  v1::ResolveExceptionRequest resolve;
  resolve.set_request_id("x");
  resolve.set_exception_id(queue.exceptions(0).exception_id());
  v1::ExceptionItem resolved;
  ASSERT_EQ(Call(&Stub::ResolveException, resolve, &resolved), "OK");
  EXPECT_TRUE(resolved.resolved());
  resolve.set_request_id("y");
  EXPECT_EQ(Call(&Stub::ResolveException, resolve, &resolved), "ILLEGAL_TRANSITION");
  receive.set_location_id("nowhere");
  receive.set_request_id("r2");
  EXPECT_EQ(Call(&Stub::ReceiveReturn, receive, &item), "OK") << "the goods are there";
  ASSERT_EQ(Call(&Stub::ListExceptions, v1::ListExceptionsRequest(), &queue), "OK");
  ASSERT_EQ(queue.exceptions_size(), 2);
  EXPECT_EQ(queue.exceptions(1).kind(), v1::ExceptionItem::UNKNOWN_ITEM);
  EXPECT_EQ(queue.exceptions(1).return_id(), item.return_id());
}

TEST_F(OrderServiceTest, AnUnmatchedReturnBecomesAnOrders) {
  v1::ReceiveReturnRequest receive;
  receive.set_request_id("r1");
  receive.set_location_id("s2");
  receive.add_lines()->set_sku("cup");
  receive.mutable_lines(0)->set_quantity(1);
  v1::Return item;
  ASSERT_EQ(Call(&Stub::ReceiveReturn, receive, &item), "OK");

  // The receipt has been found: it is a till's.
  v1::RecordSalesRequest sales;
  sales.set_request_id("s1");
  *sales.add_sales() = Sale(1, "cup", 1);
  v1::RecordSalesResponse sold;
  ASSERT_EQ(Call(&Stub::RecordSales, sales, &sold), "OK");
  v1::MatchReturnRequest match;
  EXPECT_EQ(Call(&Stub::MatchReturn, match), "INVALID_FIELD request_id, return_id, order_id");
  match.set_request_id("m1");
  match.set_return_id(item.return_id());
  match.set_order_id(sold.results(0).order_id());
  v1::Return matched;
  ASSERT_EQ(Call(&Stub::MatchReturn, match, &matched), "OK");
  EXPECT_EQ(matched.order_id(), match.order_id());
  EXPECT_EQ(matched.matched_from(), item.return_id());
  EXPECT_EQ(matched.location_id(), "s2");
  EXPECT_EQ(Get(match.order_id()).lines(0).returned(), 1);
  v1::GetReturnRequest get;
  get.set_return_id(item.return_id());
  ASSERT_EQ(Call(&Stub::GetReturn, get, &item), "OK");
  EXPECT_EQ(item.state(), v1::Return::MATCHED);
  EXPECT_EQ(item.matched_return_id(), matched.return_id());
  v1::ListExceptionsResponse queue;
  ASSERT_EQ(Call(&Stub::ListExceptions, v1::ListExceptionsRequest(), &queue), "OK");
  EXPECT_EQ(queue.exceptions_size(), 0);
}

TEST_F(OrderServiceTest, WhatIsToBeLookedAtIsListedUntilItWas) {
  v1::RecordSalesRequest sales;
  sales.set_request_id("s1");
  v1::Sale* sale = sales.add_sales();
  *sale = Sale(1, "cup", 2);
  sale->mutable_lines(0)->set_subtotal_minor(1'000);
  sale->mutable_amounts()->set_currency_code("EUR");
  sale->mutable_amounts()->set_total_minor(1'000);
  v1::RecordSalesResponse sold;
  ASSERT_EQ(Call(&Stub::RecordSales, sales, &sold), "OK");
  v1::ReceiveReturnRequest receive;
  receive.set_request_id("r1");
  receive.set_location_id("s2");
  receive.set_order_id(sold.results(0).order_id());
  receive.add_lines()->set_line_id("0");
  receive.mutable_lines(0)->set_quantity(2);
  receive.mutable_lines(0)->set_condition(v1::Return::INSPECTION);
  v1::Return item;
  ASSERT_EQ(Call(&Stub::ReceiveReturn, receive, &item), "OK");
  EXPECT_EQ(item.refund().amount_minor(), 0);
  EXPECT_EQ(item.lines(0).to_inspect(), 2);
  v1::ReceiveReturnRequest stray;
  stray.set_request_id("r2");
  stray.set_location_id("s1");
  stray.add_lines()->set_sku("tea");
  stray.mutable_lines(0)->set_quantity(1);
  v1::Return unmatched;
  ASSERT_EQ(Call(&Stub::ReceiveReturn, stray, &unmatched), "OK");

  const auto listed = [this](const std::string& order_id, const std::string& location_id) {
    v1::ListReturnsRequest list;
    list.set_order_id(order_id);
    list.set_location_id(location_id);
    list.set_page_size(1);
    std::string ids;
    do {
      v1::ListReturnsResponse page;
      EXPECT_EQ(Call(&Stub::ListReturns, list, &page), "OK");
      for (const v1::Return& shown : page.returns()) absl::StrAppend(&ids, shown.return_id(), " ");
      list.set_page_token(page.next_page_token());
    } while (!list.page_token().empty());
    return ids;
  };
  EXPECT_EQ(listed("", ""), absl::StrCat(item.return_id(), " ", unmatched.return_id(), " "));
  EXPECT_EQ(listed("", "s1"), unmatched.return_id() + " ");

  v1::InspectReturnRequest inspect;
  EXPECT_EQ(Call(&Stub::InspectReturn, inspect), "INVALID_FIELD request_id, return_id, lines");
  inspect.set_request_id("i1");
  inspect.set_return_id(item.return_id());
  inspect.add_lines()->set_condition(v1::Return::INSPECTION);
  EXPECT_EQ(Call(&Stub::InspectReturn, inspect),
            "INVALID_FIELD lines[0].sku, lines[0].quantity, lines[0].condition");
  inspect.clear_lines();
  for (const auto condition : {v1::Return::SELLABLE, v1::Return::DAMAGED}) {
    v1::InspectReturnRequest::Line* line = inspect.add_lines();
    line->set_line_id("0");
    line->set_quantity(1);
    line->set_condition(condition);
    line->set_refuse_refund(condition == v1::Return::DAMAGED);
  }
  ASSERT_EQ(Call(&Stub::InspectReturn, inspect, &item), "OK");
  EXPECT_EQ(item.refund().amount_minor(), 500);
  EXPECT_EQ(item.lines(0).to_inspect(), 0);
  EXPECT_EQ(item.lines(0).refund_refused(), 1);
  ASSERT_EQ(item.inspections_size(), 2);
  EXPECT_EQ(item.inspections(1).condition(), v1::Return::DAMAGED);
  ASSERT_EQ(Call(&Stub::InspectReturn, inspect), "OK") << "a retry";
  inspect.set_request_id("i2");
  EXPECT_EQ(Call(&Stub::InspectReturn, inspect), "QUANTITY_EXCEEDS_OPEN");
  EXPECT_EQ(listed("", ""), unmatched.return_id() + " ");
  EXPECT_EQ(listed(receive.order_id(), ""), item.return_id() + " ");
  EXPECT_EQ(Get(receive.order_id()).lines(0).amounts().refund_minor(), 500);
}

TEST_F(OrderServiceTest, ACancelAsksForWhatIsPicked) {
  const std::string order_id = Place(Order("p1", "tea", 3));
  const std::string task_id = Get(order_id).tasks(0).task_id();
  ASSERT_EQ(Call(&Stub::RecordPick, TaskRequest<v1::RecordPickRequest>("pick", task_id)), "OK");
  v1::CancelOrderRequest cancel;
  cancel.set_request_id("c1");
  cancel.set_order_id(order_id);
  cancel.add_lines()->set_line_id("0");
  cancel.mutable_lines(0)->set_quantity(2);
  v1::Order order;
  ASSERT_EQ(Call(&Stub::CancelOrder, cancel, &order), "OK");
  EXPECT_EQ(order.lines(0).cancelled(), 0);
  EXPECT_EQ(order.lines(0).cancel_requested(), 2);
  EXPECT_EQ(order.tasks(0).lines(0).cancel_requested(), 2);

  v1::PutBackRequest back = TaskRequest<v1::PutBackRequest>("b1", task_id);
  back.add_lines()->set_line_id("0");
  back.mutable_lines(0)->set_quantity(3);
  EXPECT_EQ(Call(&Stub::PutBack, back), "QUANTITY_EXCEEDS_OPEN");
  back.set_request_id("b2");
  back.mutable_lines(0)->set_quantity(1);
  v1::Task task;
  ASSERT_EQ(Call(&Stub::PutBack, back, &task), "OK");
  EXPECT_EQ(task.lines(0).cancelled(), 1);
  EXPECT_EQ(task.lines(0).cancel_requested(), 1);
  ASSERT_EQ(Call(&Stub::PutBack, back, &task), "OK") << "a retry";
  EXPECT_EQ(task.lines(0).cancelled(), 1);

  v1::RecordShipmentsRequest ship;
  ship.set_request_id("s1");
  ship.add_shipments()->set_task_id(task_id);
  ASSERT_EQ(Call(&Stub::RecordShipments, ship), "OK");
  order = Get(order_id);
  EXPECT_EQ(order.lines(0).fulfilled(), 2);
  EXPECT_EQ(order.lines(0).return_requested(), 1);
  EXPECT_EQ(Call(&Stub::PutBack, TaskRequest<v1::PutBackRequest>("b3", task_id)),
            "ILLEGAL_TRANSITION");
  v1::GetReturnRequest get;
  get.set_return_id(order_id + ".r1");
  v1::Return item;
  ASSERT_EQ(Call(&Stub::GetReturn, get, &item), "OK");
  EXPECT_EQ(item.state(), v1::Return::REQUESTED);
}

TEST_F(OrderServiceTest, OnlineChannelsSellOnlyWhatTheCatalogLetsThem) {
  v1::PlaceOrderRequest order = Order("p1", "cup", 1, "s1");
  v1::PlaceLine* line = order.mutable_groups(0)->add_lines();
  line->set_sku("book");
  line->set_quantity(1);
  v1::PlaceGroup* carry_out = order.add_groups();
  carry_out->set_method(routing::v1::CARRY_OUT);
  carry_out->set_location_id("s1");
  *carry_out->add_lines() = *line;
  *order.add_groups() = Order("", "gas", 1).groups(0);
  v1::PlaceOrderResponse response;
  EXPECT_EQ(Call(&Stub::PlaceOrder, order, &response),
            "ITEM_NOT_ELIGIBLE groups[0].lines[1].sku, groups[2].lines[0].sku");
  const storage::Position refused = head();
  EXPECT_EQ(Call(&Stub::PlaceOrder, order, &response),
            "ITEM_NOT_ELIGIBLE groups[0].lines[1].sku, groups[2].lines[0].sku");
  EXPECT_EQ(head(), refused) << "the same request, the same answer";

  // Over the counter: whatever is carried out, and all that a till's order names.
  order = Order("p2", "book", 1, "s1");
  order.mutable_groups(0)->set_method(routing::v1::CARRY_OUT);
  Place(order);
  order = Order("p3", "gas", 1, "s1");
  EXPECT_EQ(Call(&Stub::PlaceOrder, order, &response), "ITEM_NOT_ELIGIBLE groups[0].lines[0].sku");
  order.set_request_id("p4");
  order.set_channel_id("till");
  Place(order);

  // A sale is a fact.
  v1::RecordSalesRequest sales;
  sales.set_request_id("s1");
  *sales.add_sales() = Sale(1, "gas", 1);
  v1::RecordSalesResponse sold;
  ASSERT_EQ(Call(&Stub::RecordSales, sales, &sold), "OK");
  EXPECT_EQ(Describe(sold.results(0).status()), "OK");
}

TEST_F(OrderServiceTest, WhatIsNotReturnableIsTakenInAndLookedAt) {
  v1::RecordSalesRequest sales;
  sales.set_request_id("s1");
  *sales.add_sales() = Sale(1, "gas", 2);
  v1::RecordSalesResponse sold;
  ASSERT_EQ(Call(&Stub::RecordSales, sales, &sold), "OK");
  const std::string order_id = sold.results(0).order_id();
  v1::RequestReturnRequest announce;
  announce.set_request_id("r1");
  announce.set_order_id(order_id);
  announce.add_lines()->set_line_id("0");
  announce.mutable_lines(0)->set_quantity(1);
  EXPECT_EQ(Call(&Stub::RequestReturn, announce), "ITEM_NOT_ELIGIBLE");

  v1::ReceiveReturnRequest receive;
  receive.set_request_id("r2");
  receive.set_order_id(order_id);
  receive.set_location_id("s1");
  *receive.add_lines() = announce.lines(0);
  v1::Return item;
  ASSERT_EQ(Call(&Stub::ReceiveReturn, receive, &item), "OK");
  EXPECT_EQ(item.state(), v1::Return::RECEIVED);
  v1::ListExceptionsResponse queue;
  ASSERT_EQ(Call(&Stub::ListExceptions, v1::ListExceptionsRequest(), &queue), "OK");
  ASSERT_EQ(queue.exceptions_size(), 1);
  EXPECT_EQ(queue.exceptions(0).kind(), v1::ExceptionItem::NOT_RETURNABLE);
  EXPECT_EQ(queue.exceptions(0).return_id(), item.return_id());
}

TEST_F(OrderServiceTest, APersonIsReadAndErased) {
  v1::PlaceOrderRequest order = Order("p1", "tea", 1);
  order.mutable_subject()->set_name("Ana Pop");
  order.mutable_subject()->add_address_lines("Str. Lunga 7");
  const std::string order_id = Place(order);
  v1::GetSubjectRequest get;
  get.set_order_id(order_id);
  v1::Subject subject;
  ASSERT_EQ(Call(&Stub::GetSubject, get, &subject), "OK");
  EXPECT_EQ(subject.SerializeAsString(), order.subject().SerializeAsString());

  v1::EraseSubjectRequest erase;
  erase.set_request_id("p1");
  erase.set_order_id(order_id);
  erase.mutable_attribution()->set_actor_id("dpo-1");
  v1::EraseSubjectResponse erased;
  EXPECT_EQ(Call(&Stub::EraseSubject, erase, &erased), "REQUEST_ID_REUSED");
  EXPECT_EQ(Call(&Stub::GetSubject, get, &subject), "OK") << "nothing was erased";
  erase.set_request_id("e1");
  ASSERT_EQ(Call(&Stub::EraseSubject, erase, &erased), "OK");
  EXPECT_FALSE(erased.duplicate());
  EXPECT_EQ(Call(&Stub::GetSubject, get, &subject), "SUBJECT_NOT_FOUND");
  const storage::Position after = head();
  ASSERT_EQ(Call(&Stub::EraseSubject, erase, &erased), "OK") << "a retry";
  EXPECT_FALSE(erased.duplicate());
  EXPECT_EQ(head(), after);
  erase.set_request_id("e2");
  ASSERT_EQ(Call(&Stub::EraseSubject, erase, &erased), "OK");
  EXPECT_TRUE(erased.duplicate());

  v1::GetOrderHistoryRequest of_order;
  of_order.set_order_id(order_id);
  v1::GetOrderHistoryResponse history;
  ASSERT_EQ(Call(&Stub::GetOrderHistory, of_order, &history), "OK");
  ASSERT_GT(history.events_size(), 0);
  const v1::OrderEvent& last = history.events(history.events_size() - 1);
  EXPECT_EQ(last.type(), "SubjectErased");
  EXPECT_EQ(last.attribution().actor_id(), "dpo-1");
  // The retry of the placement finds its order, and brings nobody back.
  Place(order);
  EXPECT_EQ(Call(&Stub::GetSubject, get, &subject), "SUBJECT_NOT_FOUND");
}

TEST_F(OrderServiceTest, APersonIsReplacedUntilErased) {
  v1::PlaceOrderRequest order = Order("p1", "tea", 1);
  order.mutable_subject()->set_name("Ana Pop");
  const std::string order_id = Place(order);
  v1::UpdateSubjectRequest update;
  update.set_request_id("u1");
  update.set_order_id(order_id);
  update.mutable_subject()->set_name("Ana Pop");
  update.mutable_subject()->add_address_lines("Str. Scurta 1");
  update.mutable_attribution()->set_actor_id("clerk-3");
  ASSERT_EQ(Call(&Stub::UpdateSubject, update), "OK");
  EXPECT_EQ(LogBytes().find("Scurta"), std::string::npos) << "nobody's address is in the log";
  EXPECT_NE(LogBytes().find("clerk-3"), std::string::npos) << "who changed it is";
  v1::GetSubjectRequest get;
  get.set_order_id(order_id);
  v1::Subject subject;
  ASSERT_EQ(Call(&Stub::GetSubject, get, &subject), "OK");
  EXPECT_EQ(subject.SerializeAsString(), update.subject().SerializeAsString());
  const storage::Position after = head();
  ASSERT_EQ(Call(&Stub::UpdateSubject, update), "OK") << "a retry";
  EXPECT_EQ(head(), after);
  update.mutable_subject()->set_name("Somebody else");
  EXPECT_EQ(Call(&Stub::UpdateSubject, update), "REQUEST_ID_REUSED");
  update.set_request_id("u2");
  update.mutable_subject()->set_note("card 4111 1111 1111 1111");
  EXPECT_EQ(Call(&Stub::UpdateSubject, update), "INVALID_FIELD subject.note");
  update.mutable_subject()->clear_note();

  v1::EraseSubjectRequest erase;
  erase.set_request_id("e1");
  erase.set_order_id(order_id);
  ASSERT_EQ(Call(&Stub::EraseSubject, erase), "OK");
  EXPECT_EQ(Call(&Stub::UpdateSubject, update), "SUBJECT_NOT_FOUND");
  EXPECT_EQ(Call(&Stub::GetSubject, get), "SUBJECT_NOT_FOUND");
  update.set_order_id("o-none");
  EXPECT_EQ(Call(&Stub::UpdateSubject, update), "ORDER_NOT_FOUND");
}

TEST_F(OrderServiceTest, OrdersAreListedBySkuAndTime) {
  const std::string tea = Place(Order("p1", "tea", 1));
  v1::PlaceOrderRequest late = Order("p2", "cup", 1);
  late.mutable_groups(0)->mutable_promised_by()->set_seconds(1);
  const std::string cup = Place(late);
  const auto list = [this](const v1::ListOrdersRequest& request) {
    v1::ListOrdersResponse response;
    const std::string told = Call(&Stub::ListOrders, request, &response);
    if (told != "OK") return told;
    std::string ids;
    for (const v1::Order& order : response.orders()) {
      absl::StrAppend(&ids, ids.empty() ? "" : ",", order.order_id());
    }
    return ids;
  };
  v1::ListOrdersRequest request;
  EXPECT_EQ(list(request), absl::StrCat(cup, ",", tea));
  request.set_order_by("create_time");
  EXPECT_EQ(list(request), absl::StrCat(tea, ",", cup));
  request.set_page_size(1);
  v1::ListOrdersResponse page;
  ASSERT_EQ(Call(&Stub::ListOrders, request, &page), "OK");
  request.set_page_token(page.next_page_token());
  EXPECT_EQ(list(request), cup);
  request.set_order_by("create_time desc");
  EXPECT_EQ(list(request), "PAGE_TOKEN_INVALID") << "it is another list's";
  request = v1::ListOrdersRequest();
  request.set_sku("tea");
  EXPECT_EQ(list(request), tea);
  request.set_overdue(true);
  EXPECT_EQ(list(request), "");
  request.clear_sku();
  EXPECT_EQ(list(request), cup);
  request.clear_overdue();
  *request.mutable_created_before() = Get(tea).create_time();
  EXPECT_EQ(list(request), "");
  request.clear_created_before();
  *request.mutable_created_from() = Get(tea).create_time();
  EXPECT_EQ(list(request), absl::StrCat(cup, ",", tea));
  request.set_order_by("price");
  request.set_sku(std::string(65, 's'));
  EXPECT_EQ(list(request), "INVALID_FIELD sku, order_by");
}

TEST_F(OrderServiceTest, APersonOfNoOrderIsNotFound) {
  v1::GetSubjectRequest get;
  get.set_order_id("o-none");
  EXPECT_EQ((Call<v1::GetSubjectRequest, v1::Subject>(&Stub::GetSubject, get)), "ORDER_NOT_FOUND");
  v1::EraseSubjectRequest erase;
  erase.set_request_id("e1");
  erase.set_order_id("o-none");
  EXPECT_EQ((Call<v1::EraseSubjectRequest, v1::EraseSubjectResponse>(&Stub::EraseSubject, erase)),
            "ORDER_NOT_FOUND");
  get.set_order_id(Place(Order("p1", "tea", 1)));
  EXPECT_EQ((Call<v1::GetSubjectRequest, v1::Subject>(&Stub::GetSubject, get)),
            "SUBJECT_NOT_FOUND");
}

TEST_F(OrderServiceTest, WhatDoesNotServeAnswersNoRead) {
  const std::string order_id = Place(Order("p1", "tea", 1));
  app_->Stop();
  v1::GetOrderRequest get;
  get.set_order_id(order_id);
  EXPECT_EQ((Call<v1::GetOrderRequest, v1::Order>(&Stub::GetOrder, get)), "NOT_SERVING");
  EXPECT_EQ((Call<v1::ListOrdersRequest, v1::ListOrdersResponse>(&Stub::ListOrders, {})),
            "NOT_SERVING");
  v1::GetOrderHistoryRequest history;
  history.set_order_id(order_id);
  EXPECT_EQ((Call<v1::GetOrderHistoryRequest, v1::GetOrderHistoryResponse>(&Stub::GetOrderHistory,
                                                                           history)),
            "NOT_SERVING");
  EXPECT_EQ((Call<v1::ListTasksRequest, v1::ListTasksResponse>(&Stub::ListTasks, {})),
            "NOT_SERVING");
  EXPECT_EQ(
      (Call<v1::ListExceptionsRequest, v1::ListExceptionsResponse>(&Stub::ListExceptions, {})),
      "NOT_SERVING");
  v1::GetReturnRequest item;
  item.set_return_id("u-1");
  EXPECT_EQ((Call<v1::GetReturnRequest, v1::Return>(&Stub::GetReturn, item)), "NOT_SERVING");
}

TEST_F(OrderServiceTest, SalesAreEachOnTheirOwn) {
  v1::RecordSalesRequest request;
  request.set_request_id("s1");
  *request.add_sales() = Sale(1, "cup", 1);
  *request.add_sales() = Sale(2, "cup", 0);
  *request.add_sales() = Sale(1, "cup", 1);
  *request.add_sales() = Sale(1, "cup", 2);
  *request.add_sales() = Sale(3, "gold", 1);
  request.mutable_sales(1)->set_business_day("2026-02-29");
  v1::RecordSalesResponse response;
  ASSERT_EQ(Call(&Stub::RecordSales, request, &response), "OK");
  ASSERT_EQ(response.results_size(), 5);
  EXPECT_EQ(Describe(response.results(0).status()), "OK");
  EXPECT_FALSE(response.results(0).duplicate());
  EXPECT_EQ(Describe(response.results(1).status()),
            "INVALID_FIELD sales[1].business_day, sales[1].lines[0].quantity");
  EXPECT_TRUE(response.results(2).duplicate());
  EXPECT_EQ(response.results(2).order_id(), response.results(0).order_id());
  EXPECT_EQ(Describe(response.results(3).status()), "EFFECT_KEY_REUSED");
  EXPECT_EQ(Describe(response.results(4).status()), "OK") << "it happened";
  v1::ListExceptionsResponse queue;
  ASSERT_EQ(Call(&Stub::ListExceptions, v1::ListExceptionsRequest(), &queue), "OK");
  ASSERT_EQ(queue.exceptions_size(), 1);
  EXPECT_EQ(queue.exceptions(0).kind(), v1::ExceptionItem::UNKNOWN_ITEM);

  v1::RecordSalesResponse again;
  ASSERT_EQ(Call(&Stub::RecordSales, request, &again), "OK");
  EXPECT_EQ(again.DebugString(), response.DebugString());
  EXPECT_EQ(peers_.OnHand("cup", "s1"), 3);
}

TEST_F(OrderServiceTest, RetriesAreTheSameAndReusedIdsAreRefused) {
  const std::string order_id = Place(Order("p1", "tea", 3));
  EXPECT_EQ(Place(Order("p1", "tea", 3)), order_id);
  EXPECT_EQ(Call(&Stub::PlaceOrder, Order("p1", "tea", 4)), "REQUEST_ID_REUSED");
  v1::CancelOrderRequest cancel;
  cancel.set_request_id("c1");
  cancel.set_order_id(order_id);
  v1::Order order;
  EXPECT_EQ(Call(&Stub::CancelOrder, cancel, &order), "OK");
  EXPECT_EQ(order.state(), v1::Order::CANCELLED);
  EXPECT_EQ(Call(&Stub::CancelOrder, cancel, &order), "OK") << "a retry";
  cancel.set_order_id("o-other");
  EXPECT_EQ(Call(&Stub::CancelOrder, cancel, &order), "REQUEST_ID_REUSED");
}

TEST_F(OrderServiceTest, ARefusalSaysWhatIsShort) {
  v1::PlaceOrderResponse response;
  EXPECT_EQ(Call(&Stub::PlaceOrder, Order("p1", "tea", 11), &response), "NO_PLAN");
  EXPECT_EQ(Call(&Stub::PlaceOrder, Order("p2", "gold", 1), &response), "ITEM_NOT_FOUND");
  v1::PlaceOrderRequest drop = Order("p3", "tea", 11);
  drop.mutable_groups(0)->mutable_lines(0)->set_on_shortage(v1::PlaceLine::DROP_LINE);
  ASSERT_EQ(Call(&Stub::PlaceOrder, drop, &response), "OK");
  ASSERT_EQ(response.dropped_lines_size(), 1);
  EXPECT_EQ(response.dropped_lines(0).asked(), 11);
  EXPECT_EQ(response.dropped_lines(0).available(), 10);
  EXPECT_EQ(response.order().lines(0).ordered(), 10);
}

TEST_F(OrderServiceTest, PersonalDataReachesTheVaultAndNothingElse) {
  v1::PlaceOrderRequest request = Order("p1", "tea", 1);
  v1::Subject* subject = request.mutable_subject();
  subject->set_name("PLANTED-NAME");
  subject->set_email("planted@example.org");
  subject->add_address_lines("PLANTED-STREET 7");
  const std::string order_id = Place(request);
  EXPECT_EQ(LogBytes().find("PLANTED"), std::string::npos);
  EXPECT_EQ(LogBytes().find("planted"), std::string::npos);
  v1::Subject kept;
  ASSERT_TRUE(kept.ParseFromString(app_->vault().Get(order_id).value()));
  EXPECT_EQ(kept.name(), "PLANTED-NAME");
  const common::v1::GeoPoint point = Get(order_id).groups(0).destination().point();
  EXPECT_DOUBLE_EQ(point.latitude(), 44.4);
  EXPECT_DOUBLE_EQ(point.longitude(), 26.1);
  subject->set_name("SOMEONE ELSE");
  EXPECT_EQ(Call(&Stub::PlaceOrder, request), "REQUEST_ID_REUSED");
}

TEST_F(OrderServiceTest, ListsInPagesNewestFirst) {
  std::vector<std::string> ids;
  for (int i = 0; i < 5; ++i) {
    v1::PlaceOrderRequest request = Order(absl::StrCat("p", i), "tea", 1);
    request.set_customer_ref(i % 2 == 0 ? "even" : "odd");
    ids.push_back(Place(request));
  }
  v1::ListOrdersRequest list;
  list.set_page_size(2);
  std::vector<std::string> seen;
  v1::ListOrdersResponse page;
  do {
    list.set_page_token(page.next_page_token());
    ASSERT_EQ(Call(&Stub::ListOrders, list, &page), "OK");
    for (const v1::Order& order : page.orders()) seen.push_back(order.order_id());
  } while (!page.next_page_token().empty());
  EXPECT_EQ(seen, std::vector<std::string>(ids.rbegin(), ids.rend()));

  list.clear_page_token();
  list.set_customer_ref("odd");
  ASSERT_EQ(Call(&Stub::ListOrders, list, &page), "OK");
  EXPECT_EQ(page.orders_size(), 2);
  EXPECT_EQ(page.next_page_token(), "");
  list.set_customer_ref("even");
  ASSERT_EQ(Call(&Stub::ListOrders, list, &page), "OK");
  list.set_page_token(page.next_page_token());
  list.set_customer_ref("odd");
  EXPECT_EQ(Call(&Stub::ListOrders, list, &page), "PAGE_TOKEN_INVALID");
  list.set_page_token("junk");
  EXPECT_EQ(Call(&Stub::ListOrders, list, &page), "PAGE_TOKEN_INVALID");

  v1::ListTasksRequest tasks;
  tasks.set_location_id("w1");
  tasks.set_state(v1::Task::CREATED);
  tasks.set_page_size(3);
  v1::ListTasksResponse work;
  ASSERT_EQ(Call(&Stub::ListTasks, tasks, &work), "OK");
  ASSERT_EQ(work.tasks_size(), 3);
  EXPECT_EQ(work.tasks(0).order_id(), ids[0]) << "oldest first";
  tasks.set_page_token(work.next_page_token());
  ASSERT_EQ(Call(&Stub::ListTasks, tasks, &work), "OK");
  EXPECT_EQ(work.tasks_size(), 2);
}

}  // namespace
}  // namespace quartermaster::orders
