// Supply over gRPC: promises by date, who waits, and who has it when it comes.
#include <gmock/gmock.h>

#include "google/protobuf/util/time_util.h"
#include "services/runtime/validation.h"
#include "services/stock/rpc/test_server.h"

namespace quartermaster::stock {
namespace {

using v1::Supply;

class SupplyServiceTest : public StockServiceTest {
 protected:
  SupplyServiceTest() { Receive("A", "W", 1); }

  google::protobuf::Timestamp In(int seconds) const {
    return runtime::TimestampOf(clock_.Now() + Seconds(seconds));
  }
  v1::ExpectSupplyRequest Expected(int quantity, int seconds, int revision = 1) {
    v1::ExpectSupplyRequest request;
    request.set_request_id(NewId());
    request.set_supply_id("po-1");
    request.set_revision(revision);
    v1::ExpectSupplyRequest::Line& line = *request.add_lines();
    line.set_line_id("1");
    line.set_sku("A");
    line.set_location_id("W");
    line.set_quantity(quantity);
    *line.mutable_due_time() = In(seconds);
    return request;
  }
  v1::ReceiveSupplyRequest Received(int quantity) {
    v1::ReceiveSupplyRequest request;
    request.set_request_id(NewId());
    request.set_supply_id("po-1");
    v1::ReceiveSupplyRequest::Line& line = *request.add_lines();
    line.set_line_id("1");
    line.set_quantity(quantity);
    return request;
  }
  v1::ReserveRequest Waiting(const std::string& owner, int quantity, int seconds) {
    v1::ReserveRequest request = HoldOf(owner, "A", quantity, "W");
    *request.mutable_lines(0)->mutable_wait_until() = In(seconds);
    return request;
  }
  v1::Availability By(int seconds) {
    return Availability("A", "W", [&](v1::GetAvailabilityRequest& request) {
      *request.mutable_by_time() = In(seconds);
    });
  }
};

TEST_F(SupplyServiceTest, WhatIsOnOrderIsPromisedAndServesWhoeverWaits) {
  const v1::ExpectSupplyRequest expected = Expected(4, 100);
  const Supply supply = Get(&Stub::ExpectSupply, expected);
  EXPECT_EQ(supply.lines(0).open(), 4);
  EXPECT_EQ(Get(&Stub::ExpectSupply, expected).SerializeAsString(), supply.SerializeAsString());
  EXPECT_EQ(By(99).available_by(), 1);
  EXPECT_EQ(By(100).available_by(), 5);
  EXPECT_EQ(By(100).available(), 1);
  EXPECT_EQ(By(100).expected(), 4);
  const v1::ReserveRequest waiting = Waiting("cart", 3, 100);
  const v1::ReserveResponse held = Get(&Stub::Reserve, waiting);
  EXPECT_EQ(held.reservation().lines(0).quantity(), 3);
  EXPECT_EQ(held.reservation().lines(0).open(), 1);
  EXPECT_EQ(held.reservation().lines(0).waiting(), 2);
  EXPECT_EQ(held.reservation().lines(0).needed_by().seconds(),
            waiting.lines(0).wait_until().seconds());
  EXPECT_EQ(Get(&Stub::Reserve, waiting).SerializeAsString(), held.SerializeAsString());
  EXPECT_EQ(By(100).available_by(), 2);
  EXPECT_EQ(By(100).waiting(), 2);
  EXPECT_EQ(Call(&Stub::Reserve, Waiting("other", 3, 100)), "INSUFFICIENT_STOCK");
  Get(&Stub::ReceiveSupply, Received(3));
  v1::GetReservationRequest get;
  get.set_reservation_id(held.reservation().reservation_id());
  EXPECT_EQ(Get(&Stub::GetReservation, get).lines(0).open(), 3);
  EXPECT_EQ(Get(&Stub::GetReservation, get).lines(0).waiting(), 0);
  EXPECT_EQ(Availability("A", "W").available(), 1);
  EXPECT_EQ(Availability("A", "W").reserved(), 3);
  v1::ListMovementsRequest list;
  list.set_sku("A");
  list.set_location_id("W");
  const v1::ListMovementsResponse movements = Get(&Stub::ListMovements, list);
  ASSERT_EQ(movements.movements_size(), 4);
  EXPECT_EQ(movements.movements(2).kind(), v1::Movement::RECEIVED);
  EXPECT_EQ(movements.movements(3).kind(), v1::Movement::SERVED);
  EXPECT_EQ(movements.movements(3).owner_id(), "cart");
}

TEST_F(SupplyServiceTest, LateSupplyNamesWhomItLeavesWithout) {
  Get(&Stub::ExpectSupply, Expected(4, 100));
  const std::string id =
      Get(&Stub::Reserve, Waiting("cart", 4, 110)).reservation().reservation_id();
  const Supply late = Get(&Stub::ExpectSupply, Expected(4, 120, 2));
  ASSERT_EQ(late.late_size(), 1);
  EXPECT_EQ(late.late(0).reservation_id(), id);
  EXPECT_EQ(late.late(0).owner_id(), "cart");
  EXPECT_EQ(late.late(0).late(), 3);
  EXPECT_EQ(late.late_units(), 3);
  v1::GetReservationRequest get;
  get.set_reservation_id(id);
  EXPECT_EQ(Get(&Stub::GetReservation, get).lines(0).late(), 3);
  v1::CancelSupplyRequest cancel;
  cancel.set_request_id(NewId());
  cancel.set_supply_id("po-1");
  cancel.set_revision(1);
  EXPECT_FALSE(Get(&Stub::CancelSupply, cancel).lines(0).closed());
  cancel.set_request_id(NewId());
  cancel.set_revision(-1);
  EXPECT_EQ(Call(&Stub::CancelSupply, cancel), "INVALID_FIELD revision");
  cancel.set_revision(3);
  EXPECT_TRUE(Get(&Stub::CancelSupply, cancel).lines(0).closed());
  v1::GetSupplyRequest show;
  show.set_supply_id("po-1");
  EXPECT_EQ(Get(&Stub::GetSupply, show).lines(0).open(), 0);
}

// What to tell a customer, and from when.
TEST_F(SupplyServiceTest, AStatusSaysWhatCanBeOrdered) {
  const auto ask = [&](std::optional<int> by, int64_t low_at) {
    v1::GetAvailabilityRequest query;
    query.add_keys()->set_sku("A");
    query.mutable_keys(0)->set_location_id("W");
    if (by) *query.mutable_by_time() = In(*by);
    query.set_low_at(low_at);
    return Get(&Stub::GetAvailability, query).availabilities(0);
  };
  EXPECT_EQ(ask({}, 0).status(), v1::Availability::IN_STOCK);
  EXPECT_EQ(ask({}, 1).status(), v1::Availability::LOW);
  Get(&Stub::ExpectSupply, Expected(4, 100));
  EXPECT_EQ(ask(100, 4).status(), v1::Availability::LOW);
  EXPECT_FALSE(ask(100, 0).has_available_from());
  Get(&Stub::Reserve, Waiting("cart", 1, 200));
  EXPECT_EQ(ask({}, 0).status(), v1::Availability::OUT);
  EXPECT_EQ(ask(99, 0).status(), v1::Availability::OUT);
  EXPECT_FALSE(ask(99, 0).has_available_from());
  const v1::Availability later = ask(200, 0);
  EXPECT_EQ(later.status(), v1::Availability::BACKORDER);
  EXPECT_EQ(later.available_from().seconds(), In(100).seconds());
  Get(&Stub::Reserve, Waiting("another", 4, 200));
  EXPECT_EQ(ask(200, 0).status(), v1::Availability::OUT);
  v1::GetAvailabilityRequest query;
  query.add_keys()->set_sku("A");
  query.mutable_keys(0)->set_location_id("W");
  query.set_low_at(-1);
  EXPECT_EQ(Call(&Stub::GetAvailability, query), "INVALID_FIELD low_at");
}

TEST_F(SupplyServiceTest, RefusalsNameTheField) {
  const auto refused = [&](auto change) {
    v1::ExpectSupplyRequest request = Expected(4, 100);
    change(request);
    return Call(&Stub::ExpectSupply, request);
  };
  using Request = v1::ExpectSupplyRequest;
  EXPECT_EQ(refused([](Request& r) { r.set_revision(0); }), "INVALID_FIELD revision");
  EXPECT_EQ(refused([](Request& r) { r.clear_lines(); }), "INVALID_FIELD lines");
  EXPECT_EQ(refused([](Request& r) { r.mutable_lines(0)->clear_due_time(); }),
            "INVALID_FIELD lines[0].due_time");
  EXPECT_EQ(refused([](Request& r) { r.mutable_lines(0)->set_sku("X"); }),
            "ITEM_NOT_FOUND lines[0].sku");
  EXPECT_EQ(refused([](Request& r) { r.mutable_lines(0)->set_location_id("X"); }),
            "LOCATION_NOT_FOUND lines[0].location_id");
  EXPECT_EQ(Call(&Stub::ReceiveSupply, Received(1)), "SUPPLY_NOT_FOUND lines[0].line_id");
  EXPECT_EQ(Call(&Stub::ReceiveSupply, Received(0)), "INVALID_FIELD lines[0].quantity");
  v1::CancelSupplyRequest cancel;
  cancel.set_request_id(NewId());
  cancel.set_supply_id("po-1");
  EXPECT_EQ(Call(&Stub::CancelSupply, cancel), "SUPPLY_NOT_FOUND");
  Get(&Stub::ExpectSupply, Expected(4, 100));
  EXPECT_EQ(Call(&Stub::ExpectSupply, Expected(5, 100)), "SUPPLY_REUSED lines[0]");
  v1::ReceiveSupplyRequest received = Received(1);
  received.mutable_lines(0)->set_effect_key("grn-1");
  EXPECT_EQ(Get(&Stub::ReceiveSupply, received).lines(0).received(), 1);
  received.set_request_id(NewId());
  EXPECT_EQ(Get(&Stub::ReceiveSupply, received).lines(0).received(), 1);
  received.set_request_id(NewId());
  received.mutable_lines(0)->set_quantity(2);
  EXPECT_EQ(Call(&Stub::ReceiveSupply, received), "EFFECT_KEY_REUSED lines[0].effect_key");
  v1::ReceiveSupplyRequest told = Received(1);
  told.mutable_message()->set_source("wms");
  EXPECT_EQ(Call(&Stub::ReceiveSupply, told), "INVALID_FIELD message.message_id");
  told.mutable_message()->set_sequence(1);
  EXPECT_EQ(Get(&Stub::ReceiveSupply, told).lines(0).received(), 2);
  told.set_request_id(NewId());
  EXPECT_EQ(Get(&Stub::ReceiveSupply, told).lines(0).received(), 2);
  told.set_request_id(NewId());
  told.mutable_lines(0)->set_quantity(2);
  EXPECT_EQ(Call(&Stub::ReceiveSupply, told), "MESSAGE_REUSED");
  v1::GetAvailabilityRequest query;
  query.add_keys()->set_sku("A");
  query.mutable_keys(0)->set_location_id("W");
  query.set_as_of_position("1");
  *query.mutable_by_time() = In(1);
  EXPECT_EQ(Call(&Stub::GetAvailability, query), "INVALID_FIELD by_time");
}

}  // namespace
}  // namespace quartermaster::stock
