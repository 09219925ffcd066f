// StockService over a real gRPC server: what a client of another process sees.
#include "services/stock/rpc/stock_service.h"

#include <atomic>
#include <set>

#include "services/runtime/answer_size.h"
#include "services/runtime/validation.h"
#include "services/stock/rpc/test_server.h"

namespace quartermaster::stock {
namespace {

TEST_F(StockServiceTest, AHoldFromReserveToFulfilment) {
  Receive("A", "S1", 10);
  Receive("A", "S2", 5);
  SetPool("web", {"S1", "S2"});
  v1::ReserveRequest request = HoldOf("cart", "A", 12, "S1");
  request.mutable_lines(0)->set_pool_id("web");
  request.mutable_lines(0)->set_line_id("blue");
  const v1::ReserveResponse made = Get(&Stub::Reserve, request);
  const v1::Reservation& hold = made.reservation();
  EXPECT_EQ(hold.state(), v1::Reservation::HELD);
  EXPECT_EQ(hold.owner_id(), "cart");
  EXPECT_EQ(hold.expire_time().seconds() - hold.create_time().seconds(), 900);
  ASSERT_EQ(hold.lines_size(), 1);
  EXPECT_EQ(hold.lines(0).open(), 12);
  EXPECT_EQ(hold.lines(0).pool_id(), "web");
  // It has no places yet, but real units behind it.
  EXPECT_EQ(hold.lines(0).placements_size(), 0);
  ASSERT_EQ(hold.lines(0).backing_size(), 2);
  EXPECT_EQ(hold.lines(0).backing(0).location_id(), "S1");
  EXPECT_EQ(hold.lines(0).backing(0).quantity(), 10);
  EXPECT_EQ(Availability("A", "S1").flexible(), 10);
  EXPECT_EQ(Availability("A", "S1").reserved(), 10);
  EXPECT_EQ(Availability("A", "~web").available(), 3);

  v1::BindReservationRequest bind;
  bind.set_request_id(NewId());
  bind.set_reservation_id(hold.reservation_id());
  bind.add_lines()->set_line_id("blue");
  for (const auto& [location, quantity] : {std::pair("S1", 8), std::pair("S2", 4)}) {
    v1::Reservation::Placement& p = *bind.mutable_lines(0)->add_placements();
    p.set_location_id(location);
    p.set_quantity(quantity);
  }
  const v1::Reservation bound = Get(&Stub::BindReservation, bind);
  EXPECT_EQ(bound.lines(0).placements(1).quantity(), 4);
  EXPECT_EQ(bound.lines(0).backing_size(), 0);
  EXPECT_EQ(Availability("A", "S1").flexible(), 0);
  v1::ConfirmReservationRequest confirm;
  confirm.set_request_id(NewId());
  confirm.set_reservation_id(hold.reservation_id());
  const v1::Reservation confirmed = Get(&Stub::ConfirmReservation, confirm);
  EXPECT_EQ(confirmed.state(), v1::Reservation::CONFIRMED);
  EXPECT_FALSE(confirmed.has_expire_time());
  v1::FulfilReservationRequest fulfil;
  fulfil.set_request_id(NewId());
  fulfil.set_reservation_id(hold.reservation_id());
  fulfil.add_parts()->set_line_id("blue");
  fulfil.mutable_parts(0)->set_quantity(5);
  EXPECT_EQ(Get(&Stub::FulfilReservation, fulfil).lines(0).fulfilled(), 5);
  v1::ReleaseReservationRequest missing;
  missing.set_request_id(NewId());
  missing.set_reservation_id(hold.reservation_id());
  missing.set_missing(true);
  const v1::Reservation ended = Get(&Stub::ReleaseReservation, missing);
  EXPECT_EQ(ended.state(), v1::Reservation::FULFILLED);
  EXPECT_EQ(ended.lines(0).missing(), 7);
  const v1::Availability s1 = Availability("A", "S1");
  EXPECT_EQ(s1.on_hand(), 5);
  EXPECT_EQ(s1.unusable(), 3);
  EXPECT_EQ(s1.available(), 2);
  fulfil.set_request_id(NewId());
  EXPECT_EQ(Call(&Stub::FulfilReservation, fulfil), "RESERVATION_FULFILLED");
  v1::GetReservationRequest get;
  get.set_reservation_id(hold.reservation_id());
  EXPECT_EQ(Get(&Stub::GetReservation, get).lines(0).missing(), 7);
}

TEST_F(StockServiceTest, ShortLinesAreNamedInTheirDetail) {
  Receive("A", "S1", 3);
  v1::ReserveRequest request = HoldOf("cart", "A", 2, "S1");
  *request.add_lines() = request.lines(0);
  request.mutable_lines(1)->set_line_id("red");
  v1::ReserveResponse response;
  grpc::ClientContext context;
  SetDeadline(context);
  const runtime::RpcError error =
      runtime::FromGrpcStatus(stub_->Reserve(&context, request, &response));
  EXPECT_EQ(error.reason(), common::v1::INSUFFICIENT_STOCK);
  ASSERT_TRUE(error.details().insufficient_stock.has_value());
  ASSERT_EQ(error.details().insufficient_stock->lines_size(), 1);
  const auto& line = error.details().insufficient_stock->lines(0);
  EXPECT_EQ(line.line_id(), "red");
  EXPECT_EQ(line.sku(), "A");
  EXPECT_EQ(line.location_id(), "S1");
  EXPECT_EQ(line.asked(), 2);
  EXPECT_EQ(line.available(), 1);
  request.set_request_id(NewId());
  request.set_allow_partial(true);
  response = Get(&Stub::Reserve, request);
  ASSERT_EQ(response.short_lines_size(), 1);
  EXPECT_EQ(response.short_lines(0).line_id(), "red");
  EXPECT_EQ(response.reservation().lines(1).open(), 1);
}

TEST_F(StockServiceTest, ARefusedBindNamesSkuAndLocation) {
  Receive("A", "S1", 9);
  Receive("A", "S2", 3);
  const v1::Reservation hold = Hold("cart", "A", 5, "S1");
  v1::BindReservationRequest bind;
  bind.set_request_id(NewId());
  bind.set_reservation_id(hold.reservation_id());
  v1::BindReservationRequest::Line& line = *bind.add_lines();
  line.set_line_id("0");
  for (const auto& [location, quantity] : {std::pair("S1", 1), std::pair("S2", 4)}) {
    v1::Reservation::Placement& p = *line.add_placements();
    p.set_location_id(location);
    p.set_quantity(quantity);
  }
  // The second time it is remembered.
  for (int i = 0; i < 2; ++i) {
    v1::Reservation response;
    grpc::ClientContext context;
    SetDeadline(context);
    const runtime::RpcError error =
        runtime::FromGrpcStatus(stub_->BindReservation(&context, bind, &response));
    EXPECT_EQ(error.reason(), common::v1::INSUFFICIENT_STOCK);
    ASSERT_EQ(error.details().insufficient_stock->lines_size(), 1);
    const auto& short_line = error.details().insufficient_stock->lines(0);
    EXPECT_EQ(short_line.line_id(), "0");
    EXPECT_EQ(short_line.sku(), "A");
    EXPECT_EQ(short_line.location_id(), "S2");
    EXPECT_EQ(short_line.asked(), 4);
    EXPECT_EQ(short_line.available(), 3);
  }
  line.mutable_placements(1)->set_location_id("S9");
  bind.set_request_id(NewId());
  for (int i = 0; i < 2; ++i) {
    v1::Reservation response;
    grpc::ClientContext context;
    SetDeadline(context);
    const runtime::RpcError error =
        runtime::FromGrpcStatus(stub_->BindReservation(&context, bind, &response));
    EXPECT_EQ(error.reason(), common::v1::LOCATION_NOT_FOUND);
    EXPECT_EQ(error.details().resource_name, "S9");
    ASSERT_EQ(error.details().fields.size(), 1u);
    EXPECT_EQ(error.details().fields[0].field, "lines[0].placements[1].location_id");
  }
}

TEST_F(StockServiceTest, UnknownNamesAreNotFoundAndTheRefusalIsRemembered) {
  Receive("A", "S1", 3);
  v1::ReserveRequest request = HoldOf("cart", "B", 1, "S1");
  EXPECT_EQ(Call(&Stub::Reserve, request), "ITEM_NOT_FOUND lines[0].sku");
  Receive("B", "S1", 3);
  EXPECT_EQ(Call(&Stub::Reserve, request), "ITEM_NOT_FOUND lines[0].sku");
  request.set_request_id(NewId());
  EXPECT_EQ(Call(&Stub::Reserve, request), "OK");
  EXPECT_EQ(Call(&Stub::Reserve, HoldOf("x", "A", 1, "S9")),
            "LOCATION_NOT_FOUND lines[0].location_id");
  request = HoldOf("x", "A", 1, "");
  request.mutable_lines(0)->set_pool_id("none");
  EXPECT_EQ(Call(&Stub::Reserve, request), "POOL_NOT_FOUND lines[0].pool_id");
  v1::SetPoolRequest pool;
  pool.set_request_id(NewId());
  pool.set_pool_id("web");
  pool.add_location_ids("S1");
  pool.add_location_ids("S9");
  EXPECT_EQ(Call(&Stub::SetPool, pool), "LOCATION_NOT_FOUND location_ids[1]");
}

TEST_F(StockServiceTest, ARetryIsAnsweredAsTheFirstTimeAndAReusedIdIsNot) {
  Receive("A", "S1", 10);
  const auto twice = [&](auto method, auto request) {
    const auto first = Get(method, request);
    const storage::Position before = head();
    const auto second = Get(method, request);
    EXPECT_EQ(first.SerializeAsString(), second.SerializeAsString());
    EXPECT_EQ(head(), before);
    return first;
  };
  v1::ReserveRequest reserve = HoldOf("cart", "A", 2, "S1");
  const std::string id = twice(&Stub::Reserve, reserve).reservation().reservation_id();
  reserve.mutable_lines(0)->set_quantity(3);
  EXPECT_EQ(Call(&Stub::Reserve, reserve), "REQUEST_ID_REUSED");
  // The id belongs to the first request, whatever method comes with it.
  v1::ExtendReservationRequest extend;
  extend.set_request_id(reserve.request_id());
  extend.set_reservation_id(id);
  extend.mutable_ttl()->set_seconds(100);
  EXPECT_EQ(Call(&Stub::ExtendReservation, extend), "REQUEST_ID_REUSED");
  extend.set_request_id(NewId());
  twice(&Stub::ExtendReservation, extend);
  v1::UpdateReservationRequest update;
  update.set_request_id(NewId());
  update.set_reservation_id(id);
  *update.add_lines() = reserve.lines(0);
  const std::string updated =
      twice(&Stub::UpdateReservation, update).reservation().reservation_id();
  v1::ConfirmReservationRequest confirm;
  confirm.set_request_id(NewId());
  confirm.set_reservation_id(updated);
  twice(&Stub::ConfirmReservation, confirm);
  v1::FulfilReservationRequest fulfil;
  fulfil.set_request_id(NewId());
  fulfil.set_reservation_id(updated);
  twice(&Stub::FulfilReservation, fulfil);
  v1::AdjustStockRequest adjust;
  adjust.set_request_id(NewId());
  v1::Adjustment& sold = *adjust.add_adjustments();
  sold.set_sku("A");
  sold.set_location_id("S1");
  sold.set_kind(v1::Adjustment::SOLD);
  sold.set_delta(-20);
  sold.set_effect_key("till/1");
  const v1::AdjustStockResponse adjusted = twice(&Stub::AdjustStock, adjust);
  EXPECT_EQ(adjusted.results(0).on_hand(), -13);
  EXPECT_EQ(adjusted.results(0).shortage(), 13);
  // Under another id it is the effect key that keeps it from happening twice.
  adjust.set_request_id(NewId());
  EXPECT_TRUE(Get(&Stub::AdjustStock, adjust).results(0).duplicate());
  adjust.set_request_id(NewId());
  adjust.mutable_adjustments(0)->set_delta(-1);
  EXPECT_EQ(Describe(Get(&Stub::AdjustStock, adjust).results(0).status()), "EFFECT_KEY_REUSED");
}

TEST_F(StockServiceTest, AReservationSaysWhatItGoesWithout) {
  Receive("A", "S1", 5);
  const v1::ReserveRequest reserve = HoldOf("cart", "A", 3, "S1");
  const std::string id = Get(&Stub::Reserve, reserve).reservation().reservation_id();
  v1::AdjustStockRequest adjust;
  adjust.set_request_id(NewId());
  v1::Adjustment& sold = *adjust.add_adjustments();
  sold.set_sku("A");
  sold.set_location_id("S1");
  sold.set_kind(v1::Adjustment::SOLD);
  sold.set_delta(-4);
  Get(&Stub::AdjustStock, adjust);
  v1::GetReservationRequest get;
  get.set_reservation_id(id);
  EXPECT_EQ(Get(&Stub::GetReservation, get).lines(0).uncovered(), 2);
  Receive("A", "S1", 2);
  EXPECT_EQ(Get(&Stub::GetReservation, get).lines(0).uncovered(), 0);
}

TEST_F(StockServiceTest, ACompareAndSetThatFailsSaysWhatItFound) {
  Receive("A", "S1", 5);
  v1::AdjustStockRequest request;
  request.set_request_id(NewId());
  v1::Adjustment& a = *request.add_adjustments();
  a.set_sku("A");
  a.set_location_id("S1");
  a.set_kind(v1::Adjustment::COUNTED);
  a.mutable_compare_and_set()->set_expected(4);
  a.mutable_compare_and_set()->set_value(9);
  *request.add_adjustments() = a;
  request.mutable_adjustments(1)->mutable_compare_and_set()->set_expected(5);
  const v1::AdjustStockResponse response = Get(&Stub::AdjustStock, request);
  const runtime::RpcError error = runtime::FromRpcStatus(response.results(0).status());
  EXPECT_EQ(error.reason(), common::v1::EXPECTATION_FAILED);
  EXPECT_EQ(error.details().expectation_failed->expected(), 4);
  EXPECT_EQ(error.details().expectation_failed->actual(), 5);
  EXPECT_EQ(response.results(0).on_hand(), 5);
  EXPECT_EQ(response.results(1).on_hand(), 9);
}

TEST_F(StockServiceTest, AvailabilityOfAnOwnerAndOfThePast) {
  Receive("A", "S1", 10);
  SetPool("web", {"S1"});
  const v1::Reservation hold = Hold("cart", "A", 4, "S1");
  const Instant then = clock_.Now();
  clock_.Advance(Seconds(60));
  Receive("A", "S1", 1);
  for (const char* place : {"S1", "~web"}) {
    EXPECT_EQ(Availability("A", place).available(), 7);
    EXPECT_EQ(Availability("A", place, [](auto& r) { r.set_owner_id("cart"); }).available(), 11);
    EXPECT_EQ(Availability("A", place, [](auto& r) { r.set_owner_id("x"); }).available(), 7);
    const auto at = [&](const std::string& position) {
      return Availability("A", place, [&](auto& r) { r.set_as_of_position(position); });
    };
    EXPECT_EQ(at("0").on_hand(), 0);
    EXPECT_EQ(at(hold.position()).available(), 6);
    EXPECT_EQ(at(hold.position()).reserved(), 4);
    EXPECT_EQ(at(absl::StrCat(head())).on_hand(), 11);
    const auto past = [&](Instant time) {
      return Availability("A", place, [&](v1::GetAvailabilityRequest& r) {
        *r.mutable_as_of_time() = runtime::TimestampOf(time);
      });
    };
    EXPECT_EQ(past(then).available(), 6);
    EXPECT_EQ(past(clock_.Now()).available(), 7);
  }
}

TEST_F(StockServiceTest, SafetyStockIsNotForOnlineDemandFromItsAnswerOn) {
  Receive("A", "S1", 10);
  Receive("A", "S2", 10);
  SetPool("web", {"S1", "S2"});
  v1::SetStockPolicyRequest request;
  const auto set = [&](const char* sku, const char* location, std::optional<int64_t> units) {
    request.set_request_id(NewId());
    request.set_sku(sku);
    request.set_location_id(location);
    request.clear_safety_stock();
    if (units) request.set_safety_stock(*units);
    return Get(&Stub::SetStockPolicy, request);
  };
  const v1::StockPolicy everywhere = set("", "", 1);
  EXPECT_NE(everywhere.etag(), "0");
  const v1::StockPolicy here = set("A", "S1", 4);
  EXPECT_EQ(here.safety_stock(), 4);
  // The same request again is answered the same.
  EXPECT_EQ(Get(&Stub::SetStockPolicy, request).etag(), here.etag());
  for (const char* owner : {"", "cart"}) {
    const auto of = [&](v1::GetAvailabilityRequest& r) { r.set_owner_id(owner); };
    EXPECT_EQ(Availability("A", "S1", of).available(), 6);
    EXPECT_EQ(Availability("A", "S2", of).available(), 9);
    EXPECT_EQ(Availability("A", "~web", of).available(), 15);
    EXPECT_EQ(Availability("A", "~web", of).safety_stock(), 5);
  }
  // As it is now, also of the past.
  const auto before = [&](auto& r) { r.set_as_of_position("4"); };
  EXPECT_EQ(Availability("A", "S1", before).available(), 6);
  EXPECT_EQ(Call(&Stub::Reserve, HoldOf("cart", "A", 7, "S1")), "INSUFFICIENT_STOCK");
  Hold("cart", "A", 6, "S1");
  // Only if it is as it was.
  request.set_request_id(NewId());
  request.set_etag(everywhere.etag());
  EXPECT_EQ(Call(&Stub::SetStockPolicy, request), "ETAG_MISMATCH");
  request.set_etag(here.etag());
  EXPECT_EQ(set("A", "S1", {}).etag(), "0");
  EXPECT_EQ(Availability("A", "S1").available(), 3);
  request.set_etag("0");
  EXPECT_NE(set("A", "S1", 0).etag(), here.etag());
  EXPECT_EQ(Availability("A", "S1").available(), 4);
  request.clear_etag();
  request.set_request_id(NewId());
  request.set_sku("Z");
  EXPECT_EQ(Call(&Stub::SetStockPolicy, request), "ITEM_NOT_FOUND sku");
  request.set_request_id(NewId());
  request.set_sku("A");
  request.set_location_id("Z");
  EXPECT_EQ(Call(&Stub::SetStockPolicy, request), "LOCATION_NOT_FOUND location_id");
}

TEST_F(StockServiceTest, APastThatIsNotKeptAndAFutureAreOutOfRange) {
  const Instant before = clock_.Now();
  clock_.Advance(Seconds(10));
  Receive("A", "S1", 10);
  v1::GetAvailabilityRequest request;
  request.add_keys()->set_sku("A");
  request.mutable_keys(0)->set_location_id("S1");
  const auto ask = [&](Instant time) {
    *request.mutable_as_of_time() = runtime::TimestampOf(time);
    return Call(&Stub::GetAvailability, request);
  };
  EXPECT_EQ(ask(before), "POSITION_OUT_OF_RANGE");
  EXPECT_EQ(ask(clock_.Now()), "OK");
  EXPECT_EQ(ask(clock_.Now() + Seconds(1)), "POSITION_OUT_OF_RANGE");
  // Nothing has happened since: known all the same.
  clock_.Advance(Seconds(10));
  EXPECT_EQ(ask(clock_.Now() + Seconds(-1)), "OK");
}

TEST_F(StockServiceTest, NobodyWaitsForThePastAfterTheDeadline) {
  Receive("A", "S1", 10);
  v1::GetAvailabilityRequest request;
  request.add_keys()->set_sku("A");
  request.mutable_keys(0)->set_location_id("S1");
  request.set_as_of_position(absl::StrCat(head()));
  EXPECT_EQ(Call(&Stub::GetAvailability, request), "OK");
  // By the server's clock, which is a day ahead of the client's.
  clock_.Advance(Hours(24));
  EXPECT_EQ(Call(&Stub::GetAvailability, request), "DEADLINE_PASSED");
}

TEST_F(StockServiceTest, NobodyWaitsForMovementsAfterTheDeadline) {
  Receive("A", "S1", 10);
  v1::ListMovementsRequest request;
  request.set_sku("A");
  request.set_location_id("S1");
  EXPECT_EQ(Call(&Stub::ListMovements, request), "OK");
  clock_.Advance(Hours(24));
  EXPECT_EQ(Call(&Stub::ListMovements, request), "DEADLINE_PASSED");
}

TEST_F(StockServiceTest, HowMuchOneCutMayLookAtIsBounded) {
  v1::SetPoolRequest pool;
  pool.set_request_id(NewId());
  pool.set_pool_id("all");
  v1::AdjustStockRequest facts;
  for (int i = 0; i < 2'000; ++i) {
    v1::Adjustment& a = *facts.add_adjustments();
    a.set_sku("A");
    a.set_location_id(absl::StrCat("S", i));
    a.set_kind(v1::Adjustment::RECEIVED);
    a.set_delta(1);
    pool.add_location_ids(a.location_id());
  }
  facts.set_request_id(NewId());
  Get(&Stub::AdjustStock, facts);
  Get(&Stub::SetPool, pool);
  v1::GetAvailabilityRequest request;
  v1::WatchAvailabilityRequest watched;
  for (int i = 0; i < 125; ++i) {
    request.add_keys()->set_sku("A");
    request.mutable_keys(i)->set_pool_id("all");
  }
  const auto check = [&](const std::string& expected) {
    for (const char* owner : {"", "cart"}) {
      request.set_owner_id(owner);
      EXPECT_EQ(Call(&Stub::GetAvailability, request), expected);
    }
  };
  check("OK");
  EXPECT_EQ(Availability("A", "~all").available(), 2'000);
  *request.add_keys() = request.keys(0);
  check("INVALID_FIELD keys");
  request.clear_owner_id();
  request.set_as_of_position("1");
  EXPECT_EQ(Call(&Stub::GetAvailability, request), "INVALID_FIELD keys");
  *watched.mutable_keys() = request.keys();
  grpc::ClientContext context;
  SetDeadline(context);
  const auto stream = stub_->WatchAvailability(&context, watched);
  v1::WatchAvailabilityResponse response;
  EXPECT_FALSE(stream->Read(&response));
  EXPECT_EQ(Describe(stream->Finish()), "INVALID_FIELD keys");
}

TEST_F(StockServiceTest, ListsArePagedToTheirEnd) {
  Receive("A", "S1", 100);
  for (int i = 0; i < 7; ++i) Hold(absl::StrCat("owner-", i % 6), "A", 1, "S1");
  v1::ListReservationsRequest request;
  request.set_page_size(3);
  std::vector<std::string> owners;
  int pages = 0;
  do {
    const v1::ListReservationsResponse page = Get(&Stub::ListReservations, request);
    EXPECT_LE(page.reservations_size(), 3);
    for (const auto& r : page.reservations()) owners.push_back(r.owner_id());
    request.set_page_token(page.next_page_token());
    ++pages;
  } while (!request.page_token().empty());
  EXPECT_EQ(pages, 3);
  EXPECT_EQ(owners, (std::vector<std::string>{"owner-0", "owner-1", "owner-2", "owner-3", "owner-4",
                                              "owner-5", "owner-0"}));
  // A token is one of its list and filter.
  request.set_page_token(Get(&Stub::ListReservations, request).next_page_token());
  request.set_owner_id("owner-0");
  EXPECT_EQ(Call(&Stub::ListReservations, request), "PAGE_TOKEN_INVALID");
  request.Clear();
  request.set_owner_id("owner-0");
  request.set_state(v1::Reservation::REPLACED);
  const v1::ListReservationsResponse replaced = Get(&Stub::ListReservations, request);
  ASSERT_EQ(replaced.reservations_size(), 1);
  EXPECT_FALSE(replaced.reservations(0).replaced_by().empty());

  v1::ListMovementsRequest moves;
  moves.set_sku("A");
  moves.set_location_id("S1");
  moves.set_page_size(4);
  moves.set_newest_first(true);
  std::vector<v1::Movement> all;
  do {
    const v1::ListMovementsResponse page = Get(&Stub::ListMovements, moves);
    all.insert(all.end(), page.movements().begin(), page.movements().end());
    moves.set_page_token(page.next_page_token());
  } while (!moves.page_token().empty());
  ASSERT_EQ(all.size(), 9u);
  EXPECT_EQ(all.front().kind(), v1::Movement::RESERVED);
  EXPECT_EQ(all.front().owner_id(), "owner-0");
  EXPECT_EQ(all.back().kind(), v1::Movement::RECEIVED);
  EXPECT_EQ(all.back().on_hand(), 100);

  moves.set_page_token(Get(&Stub::ListMovements, moves).next_page_token());
  moves.set_newest_first(false);
  EXPECT_EQ(Call(&Stub::ListMovements, moves), "PAGE_TOKEN_INVALID");
  moves.set_newest_first(true);
  moves.clear_page_token();

  // As of a moment: what led to the balances of then.
  moves.set_as_of_position(all[3].position());
  moves.set_page_size(2);
  const v1::ListMovementsResponse then = Get(&Stub::ListMovements, moves);
  ASSERT_EQ(then.movements_size(), 2);
  EXPECT_EQ(then.position(), all[3].position());
  EXPECT_EQ(then.movements(0).SerializeAsString(), all[3].SerializeAsString());
  moves.set_page_token(then.next_page_token());
  EXPECT_EQ(Get(&Stub::ListMovements, moves).movements(0).SerializeAsString(),
            all[5].SerializeAsString());
}

// Stock beside a catalog that is elsewhere, and that has too many questions already.
class ElsewhereTest : public StockServiceTest {
 protected:
  ElsewhereTest()
      : StockServiceTest({.learn_names = [this](absl::AnyInvocable<void(bool)>) {
          ++asked_;
          return false;
        }}) {}

  std::atomic<int> asked_{0};
};

TEST_F(ElsewhereTest, TheCatalogIsAskedOnlyForNamesThatStockDoesNotKnow) {
  Receive("A", "S1", 10);
  const int before = asked_;
  v1::GetAvailabilityRequest request;
  request.add_keys()->set_sku("A");
  request.mutable_keys(0)->set_location_id("S1");
  for (const char* owner : {"", "cart"}) {
    request.set_owner_id(owner);
    EXPECT_EQ(Call(&Stub::GetAvailability, request), "OK");
  }
  EXPECT_EQ(asked_, before);
  request.mutable_keys(0)->set_sku("B");
  EXPECT_EQ(Call(&Stub::GetAvailability, request), "OVERLOADED");
  EXPECT_EQ(asked_, before + 1);
}

TEST_F(StockServiceTest, PagesOfLargeReservationsAreShorter) {
  Receive("A", "S1", 100'000);
  constexpr size_t kHolds = 24;
  std::set<std::string> made;
  for (size_t hold = 0; hold < kHolds; ++hold) {
    v1::ReserveRequest request;
    request.set_request_id(NewId());
    request.set_owner_id(absl::StrCat("owner-", hold));
    request.mutable_ttl()->set_seconds(900);
    for (int i = 0; i < 2'000; ++i) {
      v1::ReserveLine& line = *request.add_lines();
      std::string id = absl::StrCat(i);
      id.resize(64, 'x');
      line.set_line_id(id);
      line.set_sku("A");
      line.set_location_id("S1");
      line.set_quantity(1);
    }
    made.insert(Get(&Stub::Reserve, request).reservation().reservation_id());
  }
  v1::ListReservationsRequest request;
  request.set_page_size(1'000);
  std::vector<std::string> listed;
  int pages = 0;
  do {
    const v1::ListReservationsResponse page = Get(&Stub::ListReservations, request);
    ASSERT_GT(page.reservations_size(), 0);
    EXPECT_LT(page.ByteSizeLong(), runtime::kAnswerBytesMax + 1'000);
    for (const auto& r : page.reservations()) listed.push_back(r.reservation_id());
    request.set_page_token(page.next_page_token());
    ++pages;
  } while (!request.page_token().empty());
  EXPECT_GT(pages, 1);
  EXPECT_EQ(listed.size(), kHolds) << "each once";
  EXPECT_EQ(std::set<std::string>(listed.begin(), listed.end()), made);
}

}  // namespace
}  // namespace quartermaster::stock
