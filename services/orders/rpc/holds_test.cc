// Orders that are kept back, over real gRPC.
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <thread>

#include "services/orders/rpc/order_service_fixture.h"

namespace quartermaster::orders {
namespace {

using Stub = v1::OrderService::Stub;

class HoldsTest : public OrderServiceTest {
 protected:
  std::string Release(const std::string& request_id, const std::string& order_id,
                      const std::string& hold_id = "") {
    v1::ReleaseHoldRequest request;
    request.set_request_id(request_id);
    request.set_order_id(order_id);
    request.set_hold_id(hold_id);
    return Call(&Stub::ReleaseHold, request);
  }
  static v1::HoldOrderRequest HoldRequest(const std::string& request_id,
                                          const std::string& order_id) {
    v1::HoldOrderRequest request;
    request.set_request_id(request_id);
    request.set_order_id(order_id);
    request.mutable_hold()->set_kind(v1::MANUAL);
    return request;
  }
};

TEST_F(HoldsTest, KeepAnOrderBackFromTheStart) {
  v1::PlaceOrderRequest place = Order("p1", "tea", 3);
  place.add_holds()->set_kind(v1::PAYMENT);
  place.add_holds()->set_kind(v1::FRAUD);
  const std::string order_id = Place(place);
  v1::Order order = Get(order_id);
  EXPECT_EQ(order.state(), v1::Order::ON_HOLD);
  EXPECT_EQ(order.lines(0).allocated(), 3);
  EXPECT_EQ(order.lines(0).held_back(), 3);
  EXPECT_EQ(order.tasks_size(), 0);
  ASSERT_EQ(order.holds_size(), 2);

  EXPECT_EQ(Release("r0", order_id, order_id + ".h3"), "HOLD_NOT_FOUND");
  EXPECT_EQ(Release("r1", order_id, order.holds(0).hold_id()), "OK");
  EXPECT_EQ(Get(order_id).state(), v1::Order::ON_HOLD);
  EXPECT_EQ(Release("r2", order_id), "OK");
  order = Get(order_id);
  EXPECT_EQ(order.state(), v1::Order::OPEN);
  EXPECT_EQ(order.lines(0).held_back(), 0);
  ASSERT_EQ(order.tasks_size(), 1);
  EXPECT_EQ(order.holds(1).state(), v1::Order::Hold::RELEASED);
}

TEST_F(HoldsTest, RefuseWorkAndKeepFacts) {
  const std::string order_id = Place(Order("p1", "tea", 3));
  const std::string task_id = Get(order_id).tasks(0).task_id();
  ASSERT_EQ(Call(&Stub::HoldOrder, HoldRequest("h1", order_id)), "OK");
  EXPECT_TRUE(Get(order_id).tasks(0).on_hold());
  v1::AcceptTaskRequest accept;
  accept.set_request_id("a");
  accept.set_task_id(task_id);
  EXPECT_EQ(Call(&Stub::AcceptTask, accept), "ORDER_ON_HOLD");
  EXPECT_EQ(Call(&Stub::AcceptTask, accept), "ORDER_ON_HOLD") << "the same answer again";
  v1::RecordShipmentsRequest ship;
  ship.set_request_id("s");
  ship.add_shipments()->set_task_id(task_id);
  v1::RecordShipmentsResponse shipped;
  ASSERT_EQ(Call(&Stub::RecordShipments, ship, &shipped), "OK");
  EXPECT_EQ(Describe(shipped.results(0).status()), "OK");
  v1::ListExceptionsResponse queue;
  ASSERT_EQ(Call(&Stub::ListExceptions, v1::ListExceptionsRequest(), &queue), "OK");
  ASSERT_EQ(queue.exceptions_size(), 1);
  EXPECT_EQ(queue.exceptions(0).kind(), v1::ExceptionItem::SHIPPED_ON_HOLD);
  EXPECT_EQ(Call(&Stub::HoldOrder, HoldRequest("h2", order_id)), "ILLEGAL_TRANSITION");
}

TEST_F(HoldsTest, ACancelGivesBackWhatIsKeptBack) {
  v1::PlaceOrderRequest place = Order("p1", "tea", 3);
  place.add_holds()->set_kind(v1::ADDRESS);
  const std::string order_id = Place(place);
  v1::CancelOrderRequest cancel;
  cancel.set_request_id("c");
  cancel.set_order_id(order_id);
  ASSERT_EQ(Call(&Stub::CancelOrder, cancel), "OK");
  EXPECT_EQ(Get(order_id).state(), v1::Order::CANCELLED);
  EXPECT_EQ(Release("r", order_id), "OK");
  EXPECT_EQ(Get(order_id).tasks_size(), 0);
  // All of it can be had again.
  Place(Order("p2", "tea", 10));
}

TEST_F(HoldsTest, EndByThemselves) {
  v1::PlaceOrderRequest place = Order("p1", "tea", 3);
  place.add_holds()->set_kind(v1::PAYMENT);
  place.mutable_holds(0)->mutable_ttl()->set_seconds(1);
  place.mutable_holds(0)->set_on_expiry(v1::NewHold::CANCEL_ORDER);
  const std::string order_id = Place(place);
  EXPECT_EQ(Get(order_id).state(), v1::Order::ON_HOLD);
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (Get(order_id).state() == v1::Order::ON_HOLD &&
         std::chrono::steady_clock::now() < give_up) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  EXPECT_EQ(Get(order_id).state(), v1::Order::CANCELLED);
  EXPECT_EQ(Get(order_id).holds(0).state(), v1::Order::Hold::EXPIRED);
}

}  // namespace
}  // namespace quartermaster::orders
