// Sources, counts and differences over gRPC.
#include "services/runtime/validation.h"
#include "services/stock/rpc/test_server.h"

namespace quartermaster::stock {
namespace {

using v1::Adjustment;
using v1::ApplyCountRequest;

class CountServiceTest : public StockServiceTest {
 protected:
  v1::AdjustStockRequest Told(Adjustment::Kind kind, int delta, const std::string& source,
                              int64_t sequence, const std::string& sku = "A") {
    v1::AdjustStockRequest request;
    request.set_request_id(NewId());
    Adjustment& a = *request.add_adjustments();
    a.set_sku(sku);
    a.set_location_id("S1");
    a.set_kind(kind);
    a.set_delta(delta);
    a.mutable_message()->set_source(source);
    a.mutable_message()->set_sequence(sequence);
    return request;
  }
  v1::AdjustStockResponse::Result Tell(const v1::AdjustStockRequest& request) {
    return Get(&Stub::AdjustStock, request).results(0);
  }
  ApplyCountRequest CountOf(const std::string& id, int64_t quantity, int64_t watermark) {
    ApplyCountRequest request;
    request.set_request_id(NewId());
    request.set_count_id(id);
    request.set_source("wms1");
    *request.mutable_taken_time() = runtime::TimestampOf(clock_.Now());
    ApplyCountRequest::Watermark& mark = *request.add_watermarks();
    mark.set_source("wms1");
    mark.set_sequence(watermark);
    ApplyCountRequest::Row& row = *request.add_rows();
    row.set_sku("A");
    row.set_location_id("S1");
    row.set_quantity(quantity);
    return request;
  }
};

// What a warehouse ships, receives and hands out is held against its counts as what it adjusts is.
TEST_F(CountServiceTest, WhatLeftOrCameBeforeACountIsNotToldToItAgain) {
  Receive("A", "S1", 10);
  Receive("A", "W1", 9);
  const auto hold = [&](const std::string& owner) {
    const std::string id =
        Get(&Stub::Reserve, HoldOf(owner, "A", 2, "S1")).reservation().reservation_id();
    v1::FulfilReservationRequest fulfil;
    fulfil.set_request_id(NewId());
    fulfil.set_reservation_id(id);
    fulfil.mutable_message()->set_source("wms1");
    return fulfil;
  };
  v1::FulfilReservationRequest counted = hold("a");
  v1::FulfilReservationRequest later = hold("b");
  v1::TransferStockRequest transfer;
  transfer.set_request_id(NewId());
  transfer.set_transfer_id("t1");
  transfer.set_from_location_id("W1");
  transfer.set_to_location_id("S1");
  transfer.add_lines()->set_sku("A");
  transfer.mutable_lines(0)->set_quantity(4);
  Get(&Stub::TransferStock, transfer);
  Get(&Stub::ApplyCount, CountOf("night", 12, 7));
  EXPECT_EQ(Availability("A", "S1").on_hand(), 12);
  EXPECT_EQ(Availability("A", "S1").available(), 8);

  counted.mutable_message()->set_sequence(6);
  EXPECT_EQ(Get(&Stub::FulfilReservation, counted).state(), v1::Reservation::FULFILLED);
  EXPECT_EQ(Availability("A", "S1").on_hand(), 12);
  EXPECT_EQ(Availability("A", "S1").available(), 10);
  // The warehouse sends everything twice, and once with something else.
  counted.set_request_id(NewId());
  EXPECT_EQ(Get(&Stub::FulfilReservation, counted).state(), v1::Reservation::FULFILLED);
  counted.set_request_id(NewId());
  counted.add_parts()->set_line_id("0");
  counted.mutable_parts(0)->set_quantity(1);
  EXPECT_EQ(Call(&Stub::FulfilReservation, counted), "MESSAGE_REUSED");
  later.mutable_message()->set_sequence(8);
  Get(&Stub::FulfilReservation, later);
  EXPECT_EQ(Availability("A", "S1").on_hand(), 10);
  later.set_request_id(NewId());
  later.mutable_business_time()->set_nanos(-1);
  EXPECT_EQ(Call(&Stub::FulfilReservation, later), "INVALID_FIELD business_time");

  v1::ReceiveTransferRequest received;
  received.set_request_id(NewId());
  received.set_transfer_id("t1");
  received.add_lines()->set_sku("A");
  received.mutable_lines(0)->set_quantity(4);
  *received.mutable_business_time() = runtime::TimestampOf(clock_.Now() - Seconds(7'200));
  EXPECT_EQ(Get(&Stub::ReceiveTransfer, received).state(), v1::Transfer::SHIPPED);
  EXPECT_EQ(Availability("A", "S1").on_hand(), 10);
  EXPECT_EQ(Availability("A", "W1").on_hand(), 5);
  v1::ShipTransferRequest shipped;
  shipped.set_request_id(NewId());
  shipped.set_transfer_id("t1");
  *shipped.mutable_lines()->Add()->mutable_sku() = "A";
  shipped.mutable_lines(0)->set_quantity(4);
  shipped.mutable_business_time()->set_nanos(-1);
  EXPECT_EQ(Call(&Stub::ShipTransfer, shipped), "INVALID_FIELD business_time");
  shipped.clear_business_time();
  EXPECT_EQ(Get(&Stub::ShipTransfer, shipped).state(), v1::Transfer::RECEIVED);
}

TEST_F(CountServiceTest, ACountSetsOnHandAndTellsTheVariance) {
  Tell(Told(Adjustment::RECEIVED, 10, "wms1", 1));
  Tell(Told(Adjustment::SOLD, -2, "wms1", 2));
  const ApplyCountRequest request = CountOf("night", 9, 1);
  const v1::Count count = Get(&Stub::ApplyCount, request);
  EXPECT_EQ(count.state(), v1::Count::APPLIED);
  EXPECT_EQ(count.positions(), 1);
  EXPECT_EQ(count.differing(), 1);
  EXPECT_EQ(count.deficit(), 1);
  EXPECT_EQ(Availability("A", "S1").on_hand(), 7);
  // The same request, and the same part under another id.
  EXPECT_EQ(Get(&Stub::ApplyCount, request).SerializeAsString(), count.SerializeAsString());
  ApplyCountRequest again = request;
  again.set_request_id(NewId());
  EXPECT_EQ(Get(&Stub::ApplyCount, again).state(), v1::Count::APPLIED);
  again.set_request_id(NewId());
  again.mutable_rows(0)->set_quantity(8);
  EXPECT_EQ(Call(&Stub::ApplyCount, again), "COUNT_REUSED");
  v1::GetCountRequest get;
  get.set_count_id("night");
  EXPECT_EQ(Get(&Stub::GetCount, get).deficit(), 1);
  get.set_count_id("none");
  EXPECT_EQ(Call(&Stub::GetCount, get), "COUNT_NOT_FOUND");

  // What the count has, told late, is on record only; and the ledger says by what on hand was set.
  v1::AdjustStockRequest late = Told(Adjustment::SOLD, -3, "wms1", 1);
  late.mutable_adjustments(0)->mutable_message()->set_message_id("late");
  EXPECT_TRUE(Tell(late).in_count());
  v1::ListMovementsRequest list;
  list.set_sku("A");
  list.set_location_id("S1");
  const v1::ListMovementsResponse moves = Get(&Stub::ListMovements, list);
  ASSERT_EQ(moves.movements_size(), 4);
  EXPECT_EQ(moves.movements(1).message().source(), "wms1");
  EXPECT_EQ(moves.movements(1).message().sequence(), 2);
  EXPECT_EQ(moves.movements(2).count_id(), "night");
  EXPECT_EQ(moves.movements(2).on_hand_delta(), -1);
  EXPECT_EQ(moves.movements(3).on_hand_delta(), 0);
  EXPECT_EQ(moves.movements(3).moved(), -3);
  EXPECT_EQ(moves.movements(3).on_hand(), 7);
}

TEST_F(CountServiceTest, ALargeCountComesInPartsAndIsSwitchedWhileOthersWork) {
  constexpr int kSkus = 3'000;
  constexpr int kParts = 3;
  for (int part = 1; part <= kParts; ++part) {
    v1::GetCountRequest get;
    get.set_count_id("big");
    EXPECT_EQ(Call(&Stub::GetCount, get), part == 1 ? "COUNT_NOT_FOUND" : "OK");
    ApplyCountRequest request = CountOf("big", 0, 0);
    *request.mutable_taken_time() = runtime::TimestampOf({Seconds(1'700'000'000).count});
    request.clear_rows();
    request.set_parts(kParts);
    request.set_part(kParts + 1 - part);
    for (int i = 0; i < kSkus / kParts; ++i) {
      ApplyCountRequest::Row& row = *request.add_rows();
      row.set_sku(absl::StrCat("K", i * kParts + part));
      row.set_location_id("S1");
      row.set_quantity(2);
    }
    const v1::Count count = Get(&Stub::ApplyCount, request);
    EXPECT_EQ(count.parts_staged(), part);
    EXPECT_EQ(count.missing_parts_size(), kParts - part);
  }
  v1::Count count;
  do {
    v1::GetCountRequest get;
    get.set_count_id("big");
    count = Get(&Stub::GetCount, get);
    // Others are answered meanwhile.
    Receive("other", "S1", 1);
  } while (count.state() == v1::Count::SWITCHING);
  EXPECT_EQ(count.state(), v1::Count::APPLIED);
  EXPECT_EQ(count.positions(), kSkus);
  EXPECT_EQ(count.surplus(), 2 * kSkus);
  EXPECT_EQ(Availability("K1", "S1").available(), 2);
  EXPECT_EQ(Availability("K2999", "S1").available(), 2);
}

TEST_F(CountServiceTest, GapsDifferencesAndRequestsAreListedPerSource) {
  Tell(Told(Adjustment::RECEIVED, 1, "wms1", 5));
  const v1::AdjustStockResponse::Result sale = Tell(Told(Adjustment::SOLD, -3, "till", 1));
  EXPECT_EQ(sale.on_hand(), -2);
  EXPECT_TRUE(sale.count_requested());
  EXPECT_EQ(sale.newly_short(), 2);
  Tell(Told(Adjustment::RECEIVED, 4, "wms1", 9, "B"));
  v1::ListSourcesRequest sources;
  sources.set_page_size(1);
  v1::ListSourcesResponse page = Get(&Stub::ListSources, sources);
  ASSERT_EQ(page.sources_size(), 1);
  EXPECT_EQ(page.sources(0).source(), "wms1");
  EXPECT_TRUE(page.sources(0).suspect());
  EXPECT_TRUE(page.sources(0).has_suspect_since());
  EXPECT_EQ(page.sources(0).missing_messages(), 3);
  EXPECT_EQ(page.sources(0).gaps(0).first(), 6);
  EXPECT_EQ(page.sources(0).gaps(0).last(), 8);
  const std::string token = page.next_page_token();
  sources.set_page_token(token);
  sources.set_page_size(7);
  page = Get(&Stub::ListSources, sources);
  EXPECT_EQ(page.sources(0).source(), "till");
  EXPECT_EQ(page.next_page_token(), "");
  ApplyCountRequest count = CountOf("c", 3, 9);
  count.mutable_rows(0)->set_sku("B");
  Get(&Stub::ApplyCount, count);
  v1::ListDifferencesRequest list;
  v1::ListDifferencesResponse all = Get(&Stub::ListDifferences, list);
  ASSERT_EQ(all.differences_size(), 2);
  EXPECT_EQ(all.differences(0).recount_cause(), v1::StockDifference::SOLD_BELOW_ZERO);
  EXPECT_EQ(all.differences(0).recount_source(), "till");
  EXPECT_FALSE(all.differences(0).has_found());
  EXPECT_EQ(all.differences(1).sku(), "B");
  EXPECT_EQ(all.differences(1).variance(), -1);
  EXPECT_EQ(all.differences(1).cause(), v1::StockDifference::SOURCE_GAP);
  EXPECT_EQ(all.differences(1).count_id(), "c");
  EXPECT_FALSE(all.differences(1).has_since());
  // A token is one of its list and filter.
  list.set_page_token(token);
  EXPECT_EQ(Call(&Stub::ListDifferences, list), "PAGE_TOKEN_INVALID");
  list.clear_page_token();
  list.set_page_size(1);
  all = Get(&Stub::ListDifferences, list);
  ASSERT_EQ(all.differences_size(), 1);
  list.set_page_token(all.next_page_token());
  EXPECT_EQ(Get(&Stub::ListDifferences, list).differences(0).sku(), "B");
  sources.set_page_token(all.next_page_token());
  EXPECT_EQ(Call(&Stub::ListSources, sources), "PAGE_TOKEN_INVALID");
  list.set_source("till");
  EXPECT_EQ(Call(&Stub::ListDifferences, list), "PAGE_TOKEN_INVALID");
  list.clear_page_token();
  EXPECT_EQ(Get(&Stub::ListDifferences, list).differences_size(), 1);
  list.set_source("nobody");
  EXPECT_EQ(Call(&Stub::ListDifferences, list), "SOURCE_NOT_FOUND");
}

TEST_F(CountServiceTest, OneBadSaleNeverStopsTheRestAndEachHasItsResult) {
  Receive("A", "S1", 2);
  Hold("cart", "A", 2, "S1");
  v1::AdjustStockRequest day = Told(Adjustment::SOLD, -1, "till", 1);
  *day.add_adjustments() = day.adjustments(0);
  *day.add_adjustments() = day.adjustments(0);
  day.mutable_adjustments(1)->mutable_message()->set_sequence(0);
  day.mutable_adjustments(2)->set_delta(-2);
  *day.add_adjustments() = day.adjustments(0);
  day.mutable_adjustments(3)->mutable_message()->set_sequence(2);
  const v1::AdjustStockResponse answer = Get(&Stub::AdjustStock, day);
  ASSERT_EQ(answer.results_size(), 4);
  EXPECT_EQ(Describe(answer.results(0).status()), "OK");
  EXPECT_EQ(answer.results(0).newly_short(), 1);
  EXPECT_EQ(Describe(answer.results(1).status()),
            "INVALID_FIELD adjustments[1].message.message_id");
  EXPECT_EQ(Describe(answer.results(2).status()), "MESSAGE_REUSED");
  EXPECT_EQ(answer.results(3).on_hand(), 0);
  EXPECT_EQ(answer.results(3).shortage(), 2);
  EXPECT_FALSE(answer.results(3).count_requested());
  // The day is sent once more: nothing happens twice.
  day.set_request_id(NewId());
  EXPECT_TRUE(Tell(day).duplicate());
  EXPECT_EQ(Availability("A", "S1").on_hand(), 0);
  EXPECT_EQ(Availability("A", "S1").available(), 0);
}

}  // namespace
}  // namespace quartermaster::stock
