// Click and collect over real gRPC: the code, the clock, the counter.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <thread>

#include "google/protobuf/util/time_util.h"
#include "services/orders/rpc/order_service_fixture.h"

namespace quartermaster::orders {
namespace {

using Stub = v1::OrderService::Stub;
using google::protobuf::util::TimeUtil;
using testing::ContainsRegex;

class PickupServiceTest : public OrderServiceTest {
 protected:
  template <typename Request>
  static Request Of(const std::string& request_id, const std::string& task_id) {
    Request request;
    request.set_request_id(request_id);
    request.set_task_id(task_id);
    return request;
  }

  // An order of two cups, picked at s1; its task's id.
  std::string PlaceAndPick(const std::string& name) {
    const std::string task_id = Place(Order(name, "cup", 2, "s1")) + ".t1";
    EXPECT_EQ(Call(&Stub::RecordPick, Of<v1::RecordPickRequest>("pick " + name, task_id)), "OK");
    return task_id;
  }
  v1::MarkReadyForPickupResponse MarkReady(const std::string& task_id) {
    v1::MarkReadyForPickupResponse ready;
    EXPECT_EQ(Call(&Stub::MarkReadyForPickup,
                   Of<v1::MarkReadyForPickupRequest>("ready " + task_id, task_id), &ready),
              "OK");
    return ready;
  }
  std::string HandOver(const std::string& request_id, const std::string& task_id,
                       const std::string& code) {
    auto request = Of<v1::HandOverRequest>(request_id, task_id);
    request.set_pickup_code(code);
    return Call(&Stub::HandOver, request);
  }
  v1::SetPickupProxyResponse SetProxy(const std::string& request_id, const std::string& task_id,
                                      bool revoke = false) {
    auto request = Of<v1::SetPickupProxyRequest>(request_id, task_id);
    request.set_revoke(revoke);
    v1::SetPickupProxyResponse response;
    EXPECT_EQ(Call(&Stub::SetPickupProxy, request, &response), "OK");
    return response;
  }
  v1::Task GetTask(const std::string& task_id) {
    return Get(task_id.substr(0, task_id.rfind(".t"))).tasks(0);
  }
  // Until the writer, whom nobody asks for anything, has brought it about.
  void WaitFor(const std::string& task_id, v1::Task::State state) {
    for (int i = 0; i < 1'000 && GetTask(task_id).state() != state; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    ASSERT_EQ(GetTask(task_id).state(), state);
  }
  // The events of its order, and the stored form of all of them.
  std::string History(const std::string& task_id, std::string* details) {
    v1::GetOrderHistoryRequest request;
    request.set_order_id(task_id.substr(0, task_id.rfind(".t")));
    v1::GetOrderHistoryResponse history;
    EXPECT_EQ(Call(&Stub::GetOrderHistory, request, &history), "OK");
    std::string types;
    for (const v1::OrderEvent& event : history.events()) {
      types += event.type() + " ";
      *details += event.detail_json();
    }
    return types;
  }
};

TEST_F(PickupServiceTest, AProxyHasACodeOfTheirOwn) {
  const std::string task_id = PlaceAndPick("p1");
  EXPECT_EQ(Call(&Stub::SetPickupProxy, Of<v1::SetPickupProxyRequest>("x0", task_id)),
            "ILLEGAL_TRANSITION");
  EXPECT_EQ(Call(&Stub::SetPickupProxy, Of<v1::SetPickupProxyRequest>("x1", "nobody")),
            "TASK_NOT_FOUND");
  const v1::MarkReadyForPickupResponse ready = MarkReady(task_id);
  const v1::SetPickupProxyResponse proxy = SetProxy("x2", task_id);
  EXPECT_TRUE(proxy.task().has_proxy());
  EXPECT_EQ(proxy.pickup_code().size(), 6u);
  EXPECT_NE(proxy.pickup_code(), ready.pickup_code());
  EXPECT_EQ(SetProxy("x2", task_id).pickup_code(), proxy.pickup_code()) << "a repetition";
  EXPECT_FALSE(SetProxy("x3", task_id, true).task().has_proxy());
  EXPECT_EQ(HandOver("h1", task_id, proxy.pickup_code()), "PICKUP_CODE_WRONG");
  const v1::SetPickupProxyResponse other = SetProxy("x4", task_id);
  EXPECT_EQ(HandOver("h2", task_id, other.qr_payload()), "OK");
  EXPECT_TRUE(GetTask(task_id).fetched_by_proxy());
  EXPECT_EQ(LogBytes().find(other.pickup_code()), std::string::npos);
}

TEST_F(PickupServiceTest, TheCodeIsTypedOrScanned) {
  const std::string task_id = PlaceAndPick("p1");
  const std::string other_id = PlaceAndPick("p2");
  const auto ready = MarkReady(task_id);
  const auto other = MarkReady(other_id);
  EXPECT_EQ(ready.pickup_code().size(), 6u);
  EXPECT_EQ(ready.qr_payload(), "QM1:" + task_id + ":" + ready.pickup_code());
  const auto again = MarkReady(task_id);
  EXPECT_EQ(again.qr_payload(), ready.qr_payload()) << "the same request";
  EXPECT_EQ(again.pickup_code(), ready.pickup_code());

  EXPECT_EQ(HandOver("h1", task_id, other.qr_payload()), "PICKUP_CODE_WRONG");
  // Of the task, with what is no code of it.
  EXPECT_EQ(HandOver("h2", task_id, "QM1:" + task_id + ":"), "PICKUP_CODE_WRONG");
  EXPECT_EQ(HandOver("h3", task_id, "QM2:" + task_id + ":" + ready.pickup_code()),
            "PICKUP_CODE_WRONG");
  EXPECT_EQ(HandOver("h4", task_id, ready.qr_payload() + "0"), "PICKUP_CODE_WRONG");
  EXPECT_EQ(HandOver("h5", task_id, ready.qr_payload()), "OK");
  EXPECT_EQ(GetTask(task_id).state(), v1::Task::HANDED_OVER);
  EXPECT_EQ(HandOver("h6", other_id, other.pickup_code()), "OK");
}

TEST_F(PickupServiceTest, PayloadsOfOtherTasksAreCountedAsGuesses) {
  const std::string task_id = PlaceAndPick("p1");
  const auto ready = MarkReady(task_id);
  const auto other = MarkReady(PlaceAndPick("p2"));
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(HandOver("h" + std::to_string(i), task_id, other.qr_payload()), "PICKUP_CODE_WRONG");
  }
  EXPECT_EQ(HandOver("h", task_id, ready.qr_payload()), "PICKUP_CODE_LOCKED");
}

TEST_F(PickupServiceTest, ATaskSaysUntilWhenItIsKept) {
  const std::string task_id = PlaceAndPick("p1");
  EXPECT_FALSE(GetTask(task_id).has_ready_time());
  const v1::Task task = MarkReady(task_id).task();
  ASSERT_TRUE(task.has_ready_time());
  const auto hours_until = [&](const google::protobuf::Timestamp& time) {
    return TimeUtil::DurationToHours(time - task.ready_time() + TimeUtil::SecondsToDuration(60));
  };
  // Of seven days on which it is open, one in three; reminded when two are left.
  EXPECT_EQ(hours_until(task.expire_time()), 7 * 72);
  EXPECT_EQ(hours_until(task.remind_time()), 5 * 72);
  EXPECT_FALSE(task.has_give_up_time());
  EXPECT_EQ(task.extensions(), 0);

  directory_.SetDay(Hours(96));
  v1::Task extended;
  const auto extend = Of<v1::ExtendPickupRequest>("x1", task_id);
  ASSERT_EQ(Call(&Stub::ExtendPickup, extend, &extended), "OK");
  EXPECT_EQ(hours_until(extended.expire_time()), 7 * 96);
  EXPECT_EQ(extended.extensions(), 1);
  ASSERT_EQ(Call(&Stub::ExtendPickup, extend, &extended), "OK") << "a retry";
  EXPECT_EQ(extended.extensions(), 1);
  directory_.SetDay(Hours(24));
  ASSERT_EQ(Call(&Stub::ExtendPickup, Of<v1::ExtendPickupRequest>("x2", task_id), &extended), "OK");
  EXPECT_EQ(hours_until(extended.expire_time()), 7 * 96) << "it was kept for longer already";
  EXPECT_EQ(extended.extensions(), 1);
  directory_.SetDay(Hours(120));
  ASSERT_EQ(Call(&Stub::ExtendPickup, Of<v1::ExtendPickupRequest>("x", task_id)), "OK");
  EXPECT_EQ(Call(&Stub::ExtendPickup, Of<v1::ExtendPickupRequest>("x3", task_id)),
            "ILLEGAL_TRANSITION");
}

TEST_F(PickupServiceTest, WhatNobodyFetchesIsPutBack) {
  directory_.SetDay(Milliseconds(20));
  const std::string task_id = PlaceAndPick("p1");
  const auto ready = MarkReady(task_id);
  WaitFor(task_id, v1::Task::EXPIRING);
  EXPECT_TRUE(GetTask(task_id).has_give_up_time());
  EXPECT_EQ(app_->view().expiring_pickups(), 1u);
  // What the store's people have to do.
  v1::ListTasksRequest list;
  list.set_location_id("s1");
  list.set_state(v1::Task::EXPIRING);
  v1::ListTasksResponse tasks;
  ASSERT_EQ(Call(&Stub::ListTasks, list, &tasks), "OK");
  ASSERT_EQ(tasks.tasks_size(), 1);
  EXPECT_EQ(tasks.tasks(0).task_id(), task_id);

  v1::Task task;
  ASSERT_EQ(Call(&Stub::PutBack, Of<v1::PutBackRequest>("b1", task_id), &task), "OK");
  EXPECT_EQ(task.state(), v1::Task::EXPIRED);
  EXPECT_EQ(task.lines(0).cancelled(), 2);
  EXPECT_EQ(app_->view().expiring_pickups(), 0u);
  EXPECT_EQ(Get(task.order_id()).state(), v1::Order::CANCELLED);
  EXPECT_EQ(HandOver("h1", task_id, ready.pickup_code()), "ILLEGAL_TRANSITION");

  std::string details;
  const std::string history = History(task_id, &details);
  // A writer that was held up for long has no reminder in between.
  EXPECT_THAT(history,
              ContainsRegex("PickupReady (PickupReminded )?PickupExpiring UnitsCancelled"));
  EXPECT_EQ(details.find("code"), std::string::npos) << "nothing of the code is shown";
}

TEST_F(PickupServiceTest, WhoComesLateStillGetsIt) {
  directory_.SetDay(Milliseconds(20));
  const std::string task_id = PlaceAndPick("p1");
  const auto ready = MarkReady(task_id);
  WaitFor(task_id, v1::Task::EXPIRING);
  directory_.SetDay(Hours(24));
  v1::Task task;
  ASSERT_EQ(Call(&Stub::ExtendPickup, Of<v1::ExtendPickupRequest>("x1", task_id), &task), "OK");
  EXPECT_EQ(task.state(), v1::Task::READY_FOR_PICKUP);
  EXPECT_FALSE(task.has_give_up_time());
  EXPECT_EQ(HandOver("h1", task_id, ready.pickup_code()), "OK") << "the code stays the same";
  EXPECT_EQ(GetTask(task_id).state(), v1::Task::HANDED_OVER);
}

}  // namespace
}  // namespace quartermaster::orders
