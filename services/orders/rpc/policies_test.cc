// Fulfilment policies over real gRPC: set, read, and in force.
#include <gtest/gtest.h>

#include <string>

#include "services/orders/rpc/order_service_fixture.h"

namespace quartermaster::orders {
namespace {

using Stub = v1::OrderService::Stub;

class PoliciesTest : public OrderServiceTest {
 protected:
  v1::FulfilmentPolicy GetPolicy(const std::string& channel_id) {
    v1::GetFulfilmentPolicyRequest request;
    request.set_channel_id(channel_id);
    v1::FulfilmentPolicy policy;
    EXPECT_EQ(Call(&Stub::GetFulfilmentPolicy, request, &policy), "OK");
    return policy;
  }
  std::string Set(const std::string& request_id, const v1::FulfilmentPolicy& policy,
                  v1::FulfilmentPolicy* response = nullptr) {
    v1::SetFulfilmentPolicyRequest request;
    request.set_request_id(request_id);
    *request.mutable_policy() = policy;
    v1::FulfilmentPolicy ignored;
    return Call(&Stub::SetFulfilmentPolicy, request, response == nullptr ? &ignored : response);
  }
};

TEST_F(PoliciesTest, WhatIsNotSetIsBuiltIn) {
  const v1::FulfilmentPolicy built_in = GetPolicy("web");
  EXPECT_EQ(built_in.channel_id(), "");
  EXPECT_EQ(built_in.etag(), "0");
  EXPECT_EQ(built_in.attempts_max(), 5);
  EXPECT_EQ(built_in.pickup_days(), 7);
  EXPECT_EQ(built_in.reminder_days(), 2);
  EXPECT_EQ(built_in.extensions_max(), 2);
  EXPECT_EQ(built_in.give_up_after().seconds(), 3 * 86'400);

  v1::FulfilmentPolicy policy;
  policy.set_channel_id("web");
  policy.set_reminder_days(0);
  policy.set_etag("0");
  v1::FulfilmentPolicy set;
  ASSERT_EQ(Set("s1", policy, &set), "OK");
  EXPECT_EQ(set.channel_id(), "web");
  EXPECT_EQ(set.reminder_days(), 0);
  EXPECT_EQ(set.extensions_max(), 2) << "not said";
  EXPECT_EQ(GetPolicy("web").SerializeAsString(), set.SerializeAsString());
  EXPECT_EQ(GetPolicy("app").etag(), "0");

  EXPECT_EQ(Set("s2", policy), "ETAG_MISMATCH");
  policy.set_etag(set.etag());
  EXPECT_EQ(Set("s3", policy, &set), "OK");
  EXPECT_NE(set.etag(), policy.etag());
}

TEST_F(PoliciesTest, AReasonSaysWhatFollows) {
  v1::FulfilmentPolicy policy;
  v1::ReasonEffect* lost = policy.add_reasons();
  lost->set_code("LOST");
  lost->set_units(v1::ReasonEffect::SUSPECT);
  lost->set_order(v1::ReasonEffect::ASK);
  lost->set_suggested_action("SEARCH_THE_SHELVES");
  ASSERT_EQ(Set("s1", policy), "OK");

  const std::string order_id = Place(Order("p1", "tea", 3));
  v1::RejectTaskRequest reject;
  reject.set_request_id("r");
  reject.set_task_id(Get(order_id).tasks(0).task_id());
  reject.mutable_attribution()->set_reason_code("LOST");
  ASSERT_EQ(Call(&Stub::RejectTask, reject), "OK");
  EXPECT_EQ(Get(order_id).state(), v1::Order::AWAITING_STOCK);
  v1::ListExceptionsResponse queue;
  ASSERT_EQ(Call(&Stub::ListExceptions, v1::ListExceptionsRequest(), &queue), "OK");
  ASSERT_EQ(queue.exceptions_size(), 1);
  EXPECT_EQ(queue.exceptions(0).suggested_action(), "SEARCH_THE_SHELVES");
  EXPECT_EQ(queue.exceptions(0).detail(), "LOST");
}

TEST_F(PoliciesTest, AShortPickHasAReasonPerLine) {
  v1::FulfilmentPolicy policy;
  policy.set_channel_id("web");
  v1::ReasonEffect* ask = policy.add_reasons();
  ask->set_code("DIRTY");
  ask->set_units(v1::ReasonEffect::AVAILABLE);
  ask->set_order(v1::ReasonEffect::ASK);
  ASSERT_EQ(Set("s1", policy), "OK");

  const std::string order_id = Place(Order("p1", "tea", 3));
  v1::RecordPickRequest pick;
  pick.set_request_id("r");
  pick.set_task_id(Get(order_id).tasks(0).task_id());
  auto* line = pick.add_lines();
  line->set_line_id("0");
  line->set_picked(1);
  line->set_reason_code("DIRTY");
  v1::Task task;
  ASSERT_EQ(Call(&Stub::RecordPick, pick, &task), "OK");
  EXPECT_EQ(task.lines(0).short_picked(), 2);
  EXPECT_EQ(Get(order_id).state(), v1::Order::AWAITING_STOCK);
  EXPECT_EQ(Get(order_id).lines(0).unallocated(), 2);
}

}  // namespace
}  // namespace quartermaster::orders
