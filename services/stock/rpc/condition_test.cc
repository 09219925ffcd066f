// Conditions over gRPC: requests, facts, figures and movements.
#include <gmock/gmock.h>

#include "services/stock/rpc/test_server.h"

namespace quartermaster::stock {
namespace {

using v1::Adjustment;

class ConditionTest : public StockServiceTest {
 protected:
  ConditionTest() { Receive("A", "S1", 10); }

  v1::ChangeConditionRequest Change(Adjustment::Condition from, Adjustment::Condition to,
                                    int quantity) {
    v1::ChangeConditionRequest request;
    request.set_request_id(NewId());
    request.set_sku("A");
    request.set_location_id("S1");
    request.set_from(from);
    request.set_to(to);
    request.set_quantity(quantity);
    return request;
  }
};

TEST_F(ConditionTest, AMoveShowsInTheFiguresNowAndThenAndInTheLedger) {
  const std::string before = std::to_string(head());
  v1::ChangeConditionRequest request = Change(Adjustment::SELLABLE, Adjustment::INSPECTION, 4);
  request.mutable_attribution()->set_reason_code("QC");
  const v1::ChangeConditionResponse moved = Get(&Stub::ChangeCondition, request);
  EXPECT_EQ(moved.availability().key().sku(), "A");
  EXPECT_EQ(moved.availability().available(), 6);
  EXPECT_EQ(moved.availability().inspection(), 4);
  // The same request again; then one step further.
  EXPECT_EQ(Get(&Stub::ChangeCondition, request).SerializeAsString(), moved.SerializeAsString());
  Get(&Stub::ChangeCondition, Change(Adjustment::INSPECTION, Adjustment::DAMAGED, 1));
  const v1::Availability now = Availability("A", "S1");
  EXPECT_EQ(now.on_hand(), 10);
  EXPECT_EQ(now.unusable(), 4);
  EXPECT_EQ(now.inspection(), 3);
  EXPECT_EQ(now.damaged(), 1);
  const v1::Availability then = Availability(
      "A", "S1", [&](v1::GetAvailabilityRequest& r) { r.set_as_of_position(moved.position()); });
  EXPECT_EQ(then.inspection(), 4);
  EXPECT_EQ(then.damaged(), 0);
  EXPECT_EQ(
      Availability("A", "S1", [&](v1::GetAvailabilityRequest& r) { r.set_as_of_position(before); })
          .unusable(),
      0);
  v1::ListMovementsRequest list;
  list.set_sku("A");
  list.set_location_id("S1");
  const v1::ListMovementsResponse movements = Get(&Stub::ListMovements, list);
  ASSERT_EQ(movements.movements_size(), 3);
  EXPECT_EQ(movements.movements(0).to_condition(), Adjustment::SELLABLE);
  EXPECT_EQ(movements.movements(1).kind(), v1::Movement::CONDITION_CHANGED);
  EXPECT_EQ(movements.movements(1).from_condition(), Adjustment::SELLABLE);
  EXPECT_EQ(movements.movements(1).to_condition(), Adjustment::INSPECTION);
  EXPECT_EQ(movements.movements(1).attribution().reason_code(), "QC");
  EXPECT_EQ(movements.movements(2).moved(), 1);
  EXPECT_EQ(movements.movements(2).on_hand_delta(), 0);
  EXPECT_EQ(movements.movements(2).unusable_delta(), 0);
}

TEST_F(ConditionTest, MoreThanThereIsIsRefusedAndAFactIsNot) {
  v1::ChangeConditionRequest request = Change(Adjustment::DAMAGED, Adjustment::SELLABLE, 1);
  grpc::ClientContext context;
  SetDeadline(context);
  v1::ChangeConditionResponse ignored;
  const grpc::Status status = stub_->ChangeCondition(&context, request, &ignored);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  const runtime::RpcError error = runtime::FromGrpcStatus(status);
  EXPECT_EQ(error.reason(), common::v1::QUANTITY_EXCEEDS_CONDITION);
  EXPECT_THAT(
      error.details().metadata,
      testing::UnorderedElementsAre(testing::Pair("asked", "1"), testing::Pair("actual", "0")));
  request.set_request_id(NewId());
  request.set_sku("Z");
  EXPECT_EQ(Call(&Stub::ChangeCondition, request), "ITEM_NOT_FOUND sku");
  request.set_request_id(NewId());
  request.set_sku("A");
  request.set_location_id("Z");
  EXPECT_EQ(Call(&Stub::ChangeCondition, request), "LOCATION_NOT_FOUND location_id");

  v1::AdjustStockRequest facts;
  facts.set_request_id(NewId());
  Adjustment& fact = *facts.add_adjustments();
  fact.set_sku("A");
  fact.set_location_id("S1");
  fact.set_kind(Adjustment::CONDITION_CHANGED);
  fact.set_delta(2);
  fact.set_from_condition(Adjustment::DAMAGED);
  fact.set_condition(Adjustment::QUARANTINE);
  EXPECT_EQ(Get(&Stub::AdjustStock, facts).results(0).status().code(), 0);
  EXPECT_EQ(Availability("A", "S1").quarantine(), 2);
  EXPECT_EQ(Availability("A", "S1").available(), 8);
}

TEST_F(ConditionTest, APoolSumsThem) {
  Receive("A", "S2", 5);
  SetPool("web", {"S1", "S2"});
  Get(&Stub::ChangeCondition, Change(Adjustment::SELLABLE, Adjustment::SUSPECT, 4));
  v1::ChangeConditionRequest other = Change(Adjustment::SELLABLE, Adjustment::SUSPECT, 1);
  other.set_location_id("S2");
  Get(&Stub::ChangeCondition, other);
  EXPECT_EQ(Availability("A", "~web").suspect(), 5);
  EXPECT_EQ(Availability("A", "~web").available(), 10);
  EXPECT_EQ(Availability("A", "~web",
                         [&](v1::GetAvailabilityRequest& r) {
                           r.set_as_of_position(std::to_string(head()));
                         })
                .suspect(),
            5);
}

}  // namespace
}  // namespace quartermaster::stock
