// Transfers over gRPC: what each step shows in answers, figures and the ledger.
#include <gmock/gmock.h>

#include "services/stock/rpc/test_server.h"

namespace quartermaster::stock {
namespace {

using v1::Adjustment;
using v1::Transfer;

class TransferServiceTest : public StockServiceTest {
 protected:
  TransferServiceTest() {
    Receive("A", "W", 10);
    Receive("A", "S", 1);
  }

  v1::TransferStockRequest Asked(const std::string& id, int quantity) {
    v1::TransferStockRequest request;
    request.set_request_id(NewId());
    request.set_transfer_id(id);
    request.set_from_location_id("W");
    request.set_to_location_id("S");
    v1::TransferStockRequest::Line& line = *request.add_lines();
    line.set_sku("A");
    line.set_quantity(quantity);
    return request;
  }
  v1::ShipTransferRequest Shipped(const std::string& id, int quantity) {
    v1::ShipTransferRequest request;
    request.set_request_id(NewId());
    request.set_transfer_id(id);
    v1::ShipTransferRequest::Line& line = *request.add_lines();
    line.set_sku("A");
    line.set_quantity(quantity);
    return request;
  }
  v1::ReceiveTransferRequest Received(const std::string& id, int quantity) {
    v1::ReceiveTransferRequest request;
    request.set_request_id(NewId());
    request.set_transfer_id(id);
    v1::ReceiveTransferRequest::Line& line = *request.add_lines();
    line.set_sku("A");
    line.set_quantity(quantity);
    return request;
  }
  v1::CloseTransferRequest Closed(const std::string& id) {
    v1::CloseTransferRequest request;
    request.set_request_id(NewId());
    request.set_transfer_id(id);
    return request;
  }
  v1::ListMovementsResponse Movements(const std::string& location) {
    v1::ListMovementsRequest request;
    request.set_sku("A");
    request.set_location_id(location);
    return Get(&Stub::ListMovements, request);
  }
  Transfer Show(const std::string& id) {
    v1::GetTransferRequest request;
    request.set_transfer_id(id);
    return Get(&Stub::GetTransfer, request);
  }
};

TEST_F(TransferServiceTest, RunsFromRequestToReceipt) {
  v1::TransferStockRequest asked = Asked("t1", 4);
  asked.mutable_attribution()->set_reason_code("REPLENISH");
  const Transfer allocated = Get(&Stub::TransferStock, asked);
  EXPECT_EQ(allocated.state(), Transfer::ALLOCATED);
  EXPECT_EQ(allocated.lines(0).allocated(), 4);
  EXPECT_EQ(Availability("A", "W").available(), 6);
  EXPECT_EQ(Availability("A", "W").allocated(), 4);
  // The same request is answered as it was, whatever has happened since.
  const Transfer shipped = Get(&Stub::ShipTransfer, Shipped("t1", 4));
  EXPECT_EQ(shipped.state(), Transfer::SHIPPED);
  EXPECT_EQ(Get(&Stub::TransferStock, asked).SerializeAsString(), allocated.SerializeAsString());
  EXPECT_EQ(Availability("A", "W").on_hand(), 6);
  EXPECT_EQ(Availability("A", "S").in_transit(), 4);
  EXPECT_EQ(Availability("A", "S").available(), 1);
  SetPool("both", {"W", "S"});
  EXPECT_EQ(Availability("A", "~both").in_transit(), 4);
  v1::ReceiveTransferRequest received = Received("t1", 1);
  received.mutable_lines(0)->set_condition(Adjustment::DAMAGED);
  *received.add_lines() = Received("t1", 3).lines(0);
  const Transfer done = Get(&Stub::ReceiveTransfer, received);
  EXPECT_EQ(done.state(), Transfer::RECEIVED);
  EXPECT_EQ(done.lines(0).received(), 4);
  EXPECT_EQ(done.lines(0).damaged(), 1);
  const v1::Availability there = Availability("A", "S");
  EXPECT_EQ(there.in_transit(), 0);
  EXPECT_EQ(there.on_hand(), 5);
  EXPECT_EQ(there.damaged(), 1);
  EXPECT_EQ(there.available(), 4);
}

TEST_F(TransferServiceTest, TheLedgerNamesTheTransfer) {
  v1::TransferStockRequest asked = Asked("t1", 2);
  asked.mutable_attribution()->set_reason_code("REPLENISH");
  Get(&Stub::TransferStock, asked);
  Get(&Stub::ShipTransfer, Shipped("t1", 3));
  v1::ReceiveTransferRequest received = Received("t1", 2);
  received.set_last(true);
  received.mutable_attribution()->set_actor_id("clerk-9");
  Get(&Stub::ReceiveTransfer, received);
  const v1::ListMovementsResponse from = Movements("W");
  ASSERT_EQ(from.movements_size(), 5);
  EXPECT_EQ(from.movements(1).kind(), v1::Movement::RESERVED);
  EXPECT_EQ(from.movements(1).owner_id(), "transfer/t1");
  EXPECT_EQ(from.movements(1).attribution().reason_code(), "REPLENISH");
  EXPECT_EQ(from.movements(2).kind(), v1::Movement::CONFIRMED);
  // Two that were allocated, and one that was not.
  EXPECT_EQ(from.movements(3).kind(), v1::Movement::TRANSFERRED_OUT);
  EXPECT_EQ(from.movements(3).on_hand_delta(), -2);
  EXPECT_EQ(from.movements(3).allocated_delta(), -2);
  EXPECT_EQ(from.movements(3).transfer_id(), "t1");
  EXPECT_EQ(from.movements(4).on_hand_delta(), -1);
  const v1::ListMovementsResponse to = Movements("S");
  ASSERT_EQ(to.movements_size(), 4);
  EXPECT_EQ(to.movements(1).kind(), v1::Movement::IN_TRANSIT);
  EXPECT_EQ(to.movements(1).in_transit_delta(), 3);
  EXPECT_EQ(to.movements(1).on_hand_delta(), 0);
  EXPECT_EQ(to.movements(2).kind(), v1::Movement::TRANSFERRED_IN);
  EXPECT_EQ(to.movements(2).on_hand(), 3);
  EXPECT_EQ(to.movements(2).in_transit_delta(), -2);
  EXPECT_EQ(to.movements(2).attribution().actor_id(), "clerk-9");
  EXPECT_EQ(to.movements(3).kind(), v1::Movement::LOST_IN_TRANSIT);
  EXPECT_EQ(to.movements(3).in_transit_delta(), -1);
  v1::ListDifferencesRequest query;
  const v1::ListDifferencesResponse asked_for = Get(&Stub::ListDifferences, query);
  ASSERT_EQ(asked_for.differences_size(), 1);
  EXPECT_EQ(asked_for.differences(0).location_id(), "W");
  EXPECT_EQ(asked_for.differences(0).recount_cause(), v1::StockDifference::TRANSFER);
}

TEST_F(TransferServiceTest, AnOrdersUnitsStayItsOwn) {
  const std::string order = Hold("order", "A", 3, "W").reservation_id();
  v1::ConfirmReservationRequest confirm;
  confirm.set_request_id(NewId());
  confirm.set_reservation_id(order);
  Get(&Stub::ConfirmReservation, confirm);
  v1::TransferStockRequest asked = Asked("t1", 3);
  asked.mutable_lines(0)->set_reservation_id(order);
  asked.mutable_lines(0)->set_reservation_line_id("0");
  const Transfer transfer = Get(&Stub::TransferStock, asked);
  EXPECT_EQ(transfer.lines(0).reservation_id(), order);
  EXPECT_EQ(transfer.lines(0).reservation_line_id(), "0");
  EXPECT_EQ(Availability("A", "W").available(), 7);
  Get(&Stub::ShipTransfer, Shipped("t1", 3));
  v1::GetReservationRequest get;
  get.set_reservation_id(order);
  EXPECT_EQ(Get(&Stub::GetReservation, get).lines(0).in_transit(), 3);
  EXPECT_EQ(Get(&Stub::GetReservation, get).lines(0).open(), 0);
  Get(&Stub::ReceiveTransfer, Received("t1", 3));
  const v1::Reservation reservation = Get(&Stub::GetReservation, get);
  EXPECT_EQ(reservation.state(), v1::Reservation::CONFIRMED);
  EXPECT_EQ(reservation.lines(0).open(), 3);
  EXPECT_EQ(reservation.lines(0).placements(0).location_id(), "S");
  EXPECT_EQ(Availability("A", "S").available(), 1);
}

TEST_F(TransferServiceTest, RefusalsNameTheFieldAndTheLine) {
  v1::TransferStockRequest asked = Asked("t1", 11);
  grpc::ClientContext context;
  SetDeadline(context);
  Transfer ignored;
  const grpc::Status status = stub_->TransferStock(&context, asked, &ignored);
  const runtime::RpcError error = runtime::FromGrpcStatus(status);
  EXPECT_EQ(error.reason(), common::v1::INSUFFICIENT_STOCK);
  EXPECT_EQ(Describe(status), "INSUFFICIENT_STOCK");
  const auto refused = [&](auto change) {
    v1::TransferStockRequest request = Asked("t1", 1);
    change(request);
    return Call(&Stub::TransferStock, request);
  };
  using Request = v1::TransferStockRequest;
  EXPECT_EQ(refused([](Request& r) { r.set_from_location_id("X"); }),
            "LOCATION_NOT_FOUND from_location_id");
  EXPECT_EQ(refused([](Request& r) { r.set_to_location_id("X"); }),
            "LOCATION_NOT_FOUND to_location_id");
  EXPECT_EQ(refused([](Request& r) { r.set_to_location_id("W"); }), "INVALID_FIELD to_location_id");
  EXPECT_EQ(refused([](Request& r) { r.mutable_lines(0)->set_sku("X"); }),
            "ITEM_NOT_FOUND lines[0].sku");
  EXPECT_EQ(refused([](Request& r) { r.clear_lines(); }), "INVALID_FIELD lines");
  EXPECT_EQ(refused([](Request& r) { r.mutable_lines(0)->set_quantity(0); }),
            "INVALID_FIELD lines[0].quantity");
  EXPECT_EQ(refused([](Request& r) { r.mutable_lines(0)->set_reservation_id("r1"); }),
            "INVALID_FIELD lines[0].reservation_line_id");
  EXPECT_EQ(refused([](Request& r) {
              r.mutable_lines(0)->set_reservation_id("r1");
              r.mutable_lines(0)->set_reservation_line_id("0");
            }),
            "RESERVATION_NOT_FOUND lines[0].reservation_id");
  const std::string hold = Hold("cart", "A", 1, "W").reservation_id();
  EXPECT_EQ(refused([&](Request& r) {
              r.mutable_lines(0)->set_reservation_id(hold);
              r.mutable_lines(0)->set_reservation_line_id("7");
            }),
            "LINE_NOT_FOUND lines[0].reservation_line_id");
  EXPECT_EQ(refused([&](Request& r) {
              r.mutable_lines(0)->set_quantity(2);
              r.mutable_lines(0)->set_reservation_id(hold);
              r.mutable_lines(0)->set_reservation_line_id("0");
            }),
            "QUANTITY_EXCEEDS_OPEN lines[0].quantity");
  const std::string own = Get(&Stub::TransferStock, Asked("t0", 1)).lines(0).reservation_id();
  EXPECT_EQ(refused([&](Request& r) {
              r.mutable_lines(0)->set_reservation_id(own);
              r.mutable_lines(0)->set_reservation_line_id("0");
            }),
            "INVALID_FIELD lines[0].reservation_id");
  EXPECT_EQ(Call(&Stub::ShipTransfer, Shipped("t1", 1)), "TRANSFER_NOT_FOUND");
  EXPECT_EQ(Call(&Stub::ReceiveTransfer, Received("t1", 1)), "TRANSFER_NOT_FOUND");
  EXPECT_EQ(Call(&Stub::CloseTransfer, Closed("t1")), "TRANSFER_NOT_FOUND");
  Get(&Stub::TransferStock, Asked("t1", 1));
  EXPECT_EQ(Call(&Stub::TransferStock, Asked("t1", 1)), "OK");
  EXPECT_EQ(Call(&Stub::TransferStock, Asked("t1", 2)), "TRANSFER_REUSED");
}

TEST_F(TransferServiceTest, FactsAreMalformedOrRecorded) {
  v1::ShipTransferRequest shipped = Shipped("t1", 2);
  shipped.set_from_location_id("W");
  shipped.set_to_location_id("a new store");
  shipped.mutable_lines(0)->set_effect_key("asn-1/1");
  EXPECT_EQ(Get(&Stub::ShipTransfer, shipped).lines(0).in_transit(), 2);
  EXPECT_EQ(Availability("A", "a new store").in_transit(), 2);
  shipped.set_request_id(NewId());
  EXPECT_EQ(Get(&Stub::ShipTransfer, shipped).lines(0).shipped(), 2);
  shipped.set_request_id(NewId());
  shipped.mutable_lines(0)->set_quantity(3);
  EXPECT_EQ(Call(&Stub::ShipTransfer, shipped), "EFFECT_KEY_REUSED lines[0].effect_key");
  shipped.set_request_id(NewId());
  *shipped.add_lines() = shipped.lines(0);
  EXPECT_EQ(Call(&Stub::ShipTransfer, shipped), "INVALID_FIELD lines[1].effect_key");
  v1::ReceiveTransferRequest received = Received("t1", 2);
  received.mutable_message()->set_source("wms");
  EXPECT_EQ(Call(&Stub::ReceiveTransfer, received), "INVALID_FIELD message.message_id");
  received.clear_message();
  received.clear_lines();
  EXPECT_EQ(Call(&Stub::ReceiveTransfer, received), "INVALID_FIELD lines");
  received.set_last(true);
  EXPECT_EQ(Get(&Stub::ReceiveTransfer, received).state(), Transfer::LOST);
  EXPECT_EQ(Show("t1").lines(0).lost(), 2);
  EXPECT_EQ(Get(&Stub::CloseTransfer, Closed("t1")).state(), Transfer::LOST);
}

TEST_F(TransferServiceTest, ARequestBehindItsShipmentIsAnsweredWithIt) {
  v1::ShipTransferRequest shipped = Shipped("t1", 2);
  shipped.set_from_location_id("W");
  shipped.set_to_location_id("S");
  Get(&Stub::ShipTransfer, shipped);
  const Transfer late = Get(&Stub::TransferStock, Asked("t1", 3));
  EXPECT_EQ(late.state(), Transfer::SHIPPED);
  EXPECT_EQ(late.lines(0).shipped(), 2);
  EXPECT_EQ(late.lines(0).allocated(), 0);
  v1::TransferStockRequest of_order = Asked("t1", 1);
  of_order.mutable_lines(0)->set_reservation_id(Hold("cart", "A", 1, "W").reservation_id());
  of_order.mutable_lines(0)->set_reservation_line_id("0");
  EXPECT_EQ(Call(&Stub::TransferStock, of_order), "TRANSFER_REUSED");
}

TEST_F(TransferServiceTest, AreListedPageByPage) {
  for (const char* id : {"t1", "t2", "t3"}) Get(&Stub::TransferStock, Asked(id, 1));
  Get(&Stub::ShipTransfer, Shipped("t2", 1));
  v1::ListTransfersRequest request;
  request.set_location_id("S");
  request.set_state(Transfer::ALLOCATED);
  request.set_page_size(1);
  v1::ListTransfersResponse page = Get(&Stub::ListTransfers, request);
  ASSERT_EQ(page.transfers_size(), 1);
  EXPECT_EQ(page.transfers(0).transfer_id(), "t1");
  request.set_page_token(page.next_page_token());
  page = Get(&Stub::ListTransfers, request);
  ASSERT_EQ(page.transfers_size(), 1);
  EXPECT_EQ(page.transfers(0).transfer_id(), "t3");
  EXPECT_EQ(page.next_page_token(), "");
  request.set_state(Transfer::SHIPPED);
  EXPECT_EQ(Call(&Stub::ListTransfers, request), "PAGE_TOKEN_INVALID");
  request.clear_page_token();
  request.set_location_id("X");
  EXPECT_EQ(Call(&Stub::ListTransfers, request), "LOCATION_NOT_FOUND location_id");
}

}  // namespace
}  // namespace quartermaster::stock
