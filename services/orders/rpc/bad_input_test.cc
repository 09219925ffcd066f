// Every RPC with everything that is wrong with it, over real gRPC: a typed error that names the
// field, and a log that has not moved.
#include <gtest/gtest.h>

#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "services/orders/rpc/order_service_fixture.h"

namespace quartermaster::orders {
namespace {

using Stub = v1::OrderService::Stub;

const std::string kLong(65, 'x');      // NOLINT: a test's constant
const std::string kControl = "a\nb";   // NOLINT
const std::string kNotUtf8 = "a\xFF";  // NOLINT

void AddLine(v1::Shipment& shipment, const std::string& line_id, int64_t quantity) {
  v1::Shipment::Line* line = shipment.add_lines();
  line->set_line_id(line_id);
  line->set_quantity(quantity);
}

class BadInputTest : public OrderServiceTest {
 protected:
  template <typename Request>
  struct Case {
    std::string expected;
    std::function<void(Request&)> spoil;
  };

  // Spoils a good request in each way; none may have an effect.
  template <typename Request, typename Response>
  void Check(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
             const Request& good, const std::vector<Case<Request>>& cases) {
    const storage::Position before = head();
    for (const Case<Request>& bad : cases) {
      Request request = good;
      bad.spoil(request);
      EXPECT_EQ(Call(method, request), bad.expected) << request.ShortDebugString();
    }
    EXPECT_EQ(head(), before) << "the log has moved";
  }
};

TEST_F(BadInputTest, PlaceOrder) {
  using R = v1::PlaceOrderRequest;
  const auto group = [](R& r) { return r.mutable_groups(0); };
  const auto line = [](R& r) { return r.mutable_groups(0)->mutable_lines(0); };
  Check<R, v1::PlaceOrderResponse>(
      &Stub::PlaceOrder, Order("bad", "tea", 1),
      {{"INVALID_FIELD request_id", [](R& r) { r.clear_request_id(); }},
       {"INVALID_FIELD request_id", [](R& r) { r.set_request_id(kLong); }},
       {"INVALID_FIELD request_id", [](R& r) { r.set_request_id(kControl); }},
       {"INVALID_FIELD channel_id", [](R& r) { r.clear_channel_id(); }},
       {"INVALID_FIELD channel_id", [](R& r) { r.set_channel_id(kLong); }},
       {"INVALID_FIELD external_id", [](R& r) { r.set_external_id(kLong); }},
       {"INVALID_FIELD customer_ref", [](R& r) { r.set_customer_ref(kControl); }},
       {"INVALID_FIELD reservation_id", [](R& r) { r.set_reservation_id(kLong); }},
       {"INVALID_FIELD attribution.actor_id",
        [](R& r) { r.mutable_attribution()->set_actor_id(kLong); }},
       {"INVALID_FIELD groups", [](R& r) { r.clear_groups(); }},
       {"INVALID_FIELD groups",
        [](R& r) {
          for (int i = 0; i < 100; ++i) *r.add_groups() = r.groups(0);
        }},
       {"INVALID_FIELD groups[0].method", [&](R& r) { group(r)->clear_method(); }},
       {"INVALID_FIELD groups[0].method",
        [&](R& r) { group(r)->set_method(static_cast<routing::v1::Method>(77)); }},
       {"INVALID_FIELD groups[0].group_id", [&](R& r) { group(r)->set_group_id(kLong); }},
       {"INVALID_FIELD groups[1].group_id",
        [&](R& r) {
          *r.add_groups() = r.groups(0);
          group(r)->set_group_id("1");
        }},
       {"INVALID_FIELD groups[0].location_id", [&](R& r) { group(r)->set_location_id("w1"); }},
       {"INVALID_FIELD groups[0].location_id",
        [&](R& r) { group(r)->set_method(routing::v1::CARRY_OUT); }},
       {"INVALID_FIELD groups[0].destination.point", [&](R& r) { group(r)->clear_destination(); }},
       {"INVALID_FIELD groups[0].destination.point",
        [&](R& r) {
          group(r)->set_method(routing::v1::PICKUP);
          group(r)->clear_destination();
        }},
       {"INVALID_FIELD groups[0].destination.point.latitude",
        [&](R& r) { group(r)->mutable_destination()->mutable_point()->set_latitude(91); }},
       {"INVALID_FIELD groups[0].destination.point.longitude",
        [&](R& r) {
          group(r)->mutable_destination()->mutable_point()->set_longitude(
              std::numeric_limits<double>::quiet_NaN());
        }},
       {"INVALID_FIELD groups[0].destination.country_code",
        [&](R& r) { group(r)->mutable_destination()->set_country_code("Romania"); }},
       {"INVALID_FIELD groups[0].destination.postal_area",
        [&](R& r) { group(r)->mutable_destination()->set_postal_area("12345678901234567"); }},
       {"INVALID_FIELD groups[0].lines", [&](R& r) { group(r)->clear_lines(); }},
       {"INVALID_FIELD groups[0].lines",
        [&](R& r) {
          for (int i = 0; i < 2'000; ++i) *group(r)->add_lines() = *line(r);
        }},
       {"INVALID_FIELD groups",
        [&](R& r) {
          for (int i = 0; i < 1'500; ++i) *group(r)->add_lines() = *line(r);
          *r.add_groups() = r.groups(0);
        }},
       {"INVALID_FIELD groups[0].lines[0].sku", [&](R& r) { line(r)->clear_sku(); }},
       {"INVALID_FIELD groups[0].lines[0].sku", [&](R& r) { line(r)->set_sku(kLong); }},
       {"INVALID_FIELD groups[0].lines[0].quantity", [&](R& r) { line(r)->set_quantity(0); }},
       {"INVALID_FIELD groups[0].lines[0].quantity", [&](R& r) { line(r)->set_quantity(-1); }},
       {"INVALID_FIELD groups[0].lines[0].quantity",
        [&](R& r) { line(r)->set_quantity(1'000'000'001); }},
       {"INVALID_FIELD groups[0].lines[0].line_id", [&](R& r) { line(r)->set_line_id(kLong); }},
       {"INVALID_FIELD groups[0].lines[1].line_id",
        [&](R& r) {
          *group(r)->add_lines() = *line(r);
          line(r)->set_line_id("1");
        }},
       {"INVALID_FIELD groups[0].lines[0].unit_price.currency_code",
        [&](R& r) { line(r)->mutable_unit_price()->set_amount_minor(5); }},
       {"INVALID_FIELD groups[0].lines[0].on_shortage",
        [&](R& r) { line(r)->set_on_shortage(static_cast<v1::PlaceLine::OnShortage>(9)); }},
       {"INVALID_FIELD holds",
        [](R& r) {
          for (int i = 0; i < 11; ++i) r.add_holds()->set_kind(v1::MANUAL);
        }},
       {"INVALID_FIELD holds[0].kind", [](R& r) { r.add_holds(); }},
       {"INVALID_FIELD holds[0].kind, holds[0].ttl",
        [](R& r) { r.add_holds()->mutable_ttl()->set_nanos(1); }},
       {"INVALID_FIELD subject.name",
        [](R& r) { r.mutable_subject()->set_name(std::string(257, 'n')); }},
       {"INVALID_FIELD subject.address_lines", [](R& r) {
          for (int i = 0; i < 11; ++i) r.mutable_subject()->add_address_lines(kControl);
        }}});
}

TEST_F(BadInputTest, BytesThatAreNoText) {
  const storage::Position before = head();
  v1::PlaceOrderRequest request = Order("bad", "tea", 1);
  request.set_channel_id(kNotUtf8);
  EXPECT_EQ(Call(&Stub::PlaceOrder, request).substr(0, 13), "INVALID_FIELD");
  v1::GetOrderRequest get;
  get.set_order_id(kNotUtf8);
  EXPECT_EQ(Call(&Stub::GetOrder, get).substr(0, 13), "INVALID_FIELD");
  EXPECT_EQ(head(), before);
}

TEST_F(BadInputTest, Orders) {
  using Back = v1::PutBackRequest;
  Back back;
  back.set_request_id("bad");
  back.set_task_id("o-1.t1");
  back.add_lines()->set_line_id("0");
  back.mutable_lines(0)->set_quantity(1);
  Check<Back, v1::Task>(
      &Stub::PutBack, back,
      {{"INVALID_FIELD request_id", [](Back& r) { r.clear_request_id(); }},
       {"INVALID_FIELD task_id", [](Back& r) { r.clear_task_id(); }},
       {"INVALID_FIELD lines[0].line_id", [](Back& r) { r.mutable_lines(0)->clear_line_id(); }},
       {"INVALID_FIELD lines[0].quantity", [](Back& r) { r.mutable_lines(0)->set_quantity(0); }},
       {"INVALID_FIELD lines[1].line_id", [](Back& r) { *r.add_lines() = r.lines(0); }}});

  Check<v1::GetSubjectRequest, v1::Subject>(
      &Stub::GetSubject, v1::GetSubjectRequest(),
      {{"INVALID_FIELD order_id", [](v1::GetSubjectRequest&) {}}});
  using Erase = v1::EraseSubjectRequest;
  Erase erase;
  erase.set_request_id("bad");
  erase.set_order_id("o-1");
  Check<Erase, v1::EraseSubjectResponse>(
      &Stub::EraseSubject, erase,
      {{"INVALID_FIELD request_id", [](Erase& r) { r.clear_request_id(); }},
       {"INVALID_FIELD order_id", [](Erase& r) { r.set_order_id(kLong); }},
       {"INVALID_FIELD attribution.actor_id",
        [](Erase& r) { r.mutable_attribution()->set_actor_id(kLong); }},
       {"ORDER_NOT_FOUND", [](Erase&) {}}});

  using Cancel = v1::CancelOrderRequest;
  Cancel cancel;
  cancel.set_request_id("bad");
  cancel.set_order_id("o-1");
  cancel.add_lines()->set_line_id("a");
  cancel.mutable_lines(0)->set_quantity(1);
  Check<Cancel, v1::Order>(
      &Stub::CancelOrder, cancel,
      {{"INVALID_FIELD request_id", [](Cancel& r) { r.clear_request_id(); }},
       {"INVALID_FIELD order_id", [](Cancel& r) { r.clear_order_id(); }},
       {"INVALID_FIELD lines[0].line_id", [](Cancel& r) { r.mutable_lines(0)->clear_line_id(); }},
       {"INVALID_FIELD lines[0].quantity", [](Cancel& r) { r.mutable_lines(0)->set_quantity(0); }},
       {"INVALID_FIELD lines[0].quantity",
        [](Cancel& r) { r.mutable_lines(0)->set_quantity(INT64_MAX); }},
       {"INVALID_FIELD lines[1].line_id", [](Cancel& r) { *r.add_lines() = r.lines(0); }},
       {"INVALID_FIELD etag", [](Cancel& r) { r.set_etag(kLong); }}});
  using List = v1::ListOrdersRequest;
  Check<List, v1::ListOrdersResponse>(
      &Stub::ListOrders, List(),
      {{"INVALID_FIELD page_size", [](List& r) { r.set_page_size(-1); }},
       {"INVALID_FIELD page_size", [](List& r) { r.set_page_size(1'001); }},
       {"INVALID_FIELD state", [](List& r) { r.set_state(static_cast<v1::Order::State>(99)); }},
       {"INVALID_FIELD customer_ref", [](List& r) { r.set_customer_ref(kLong); }},
       {"PAGE_TOKEN_INVALID", [](List& r) { r.set_page_token("x"); }}});
  Check<v1::GetOrderRequest, v1::Order>(
      &Stub::GetOrder, v1::GetOrderRequest(),
      {{"INVALID_FIELD order_id", [](v1::GetOrderRequest&) {}},
       {"ORDER_NOT_FOUND", [](v1::GetOrderRequest& r) { r.set_order_id("o-none"); }}});
  Check<v1::GetOrderHistoryRequest, v1::GetOrderHistoryResponse>(
      &Stub::GetOrderHistory, v1::GetOrderHistoryRequest(),
      {{"INVALID_FIELD order_id", [](v1::GetOrderHistoryRequest&) {}},
       {"INVALID_FIELD order_id, page_size",
        [](v1::GetOrderHistoryRequest& r) { r.set_page_size(1'001); }},
       {"ORDER_NOT_FOUND", [](v1::GetOrderHistoryRequest& r) { r.set_order_id("o-none"); }}});
}

TEST_F(BadInputTest, Holds) {
  using Hold = v1::HoldOrderRequest;
  Hold hold;
  hold.set_request_id("bad");
  hold.set_order_id("o-1");
  hold.mutable_hold()->set_kind(v1::FRAUD);
  Check<Hold, v1::Order>(
      &Stub::HoldOrder, hold,
      {{"INVALID_FIELD request_id", [](Hold& r) { r.clear_request_id(); }},
       {"INVALID_FIELD order_id", [](Hold& r) { r.clear_order_id(); }},
       {"INVALID_FIELD etag", [](Hold& r) { r.set_etag(kLong); }},
       {"INVALID_FIELD attribution.actor_id",
        [](Hold& r) { r.mutable_attribution()->set_actor_id(kLong); }},
       {"INVALID_FIELD hold", [](Hold& r) { r.clear_hold(); }},
       {"INVALID_FIELD hold.kind", [](Hold& r) { r.mutable_hold()->clear_kind(); }},
       {"INVALID_FIELD hold.kind",
        [](Hold& r) { r.mutable_hold()->set_kind(static_cast<v1::HoldKind>(5)); }},
       {"INVALID_FIELD hold.ttl", [](Hold& r) { r.mutable_hold()->mutable_ttl()->set_seconds(0); }},
       {"INVALID_FIELD hold.ttl",
        [](Hold& r) { r.mutable_hold()->mutable_ttl()->set_seconds(366 * 86'400 + 1); }},
       {"INVALID_FIELD hold.on_expiry",
        [](Hold& r) { r.mutable_hold()->set_on_expiry(v1::NewHold::CANCEL_ORDER); }},
       {"INVALID_FIELD hold.on_expiry", [](Hold& r) {
          r.mutable_hold()->mutable_ttl()->set_seconds(60);
          r.mutable_hold()->set_on_expiry(static_cast<v1::NewHold::OnExpiry>(3));
        }}});
  EXPECT_EQ(Call(&Stub::HoldOrder, hold), "ORDER_NOT_FOUND");
  using Release = v1::ReleaseHoldRequest;
  Release release;
  release.set_request_id("bad");
  release.set_order_id("o-1");
  Check<Release, v1::Order>(&Stub::ReleaseHold, release,
                            {{"INVALID_FIELD request_id", [](Release& r) { r.clear_request_id(); }},
                             {"INVALID_FIELD order_id", [](Release& r) { r.set_order_id(kLong); }},
                             {"INVALID_FIELD hold_id", [](Release& r) { r.set_hold_id(kLong); }},
                             {"INVALID_FIELD etag", [](Release& r) { r.set_etag(kControl); }}});
}

TEST_F(BadInputTest, Policies) {
  using Set = v1::SetFulfilmentPolicyRequest;
  Set set;
  set.set_request_id("bad");
  set.mutable_policy()->set_channel_id("web");
  set.mutable_policy()->add_reasons()->set_code("LOST");
  const auto reason = [](Set& r) { return r.mutable_policy()->mutable_reasons(0); };
  Check<Set, v1::FulfilmentPolicy>(
      &Stub::SetFulfilmentPolicy, set,
      {{"INVALID_FIELD request_id", [](Set& r) { r.clear_request_id(); }},
       {"INVALID_FIELD policy", [](Set& r) { r.clear_policy(); }},
       {"INVALID_FIELD attribution.actor_id",
        [](Set& r) { r.mutable_attribution()->set_actor_id(kLong); }},
       {"INVALID_FIELD policy.channel_id",
        [](Set& r) { r.mutable_policy()->set_channel_id(kLong); }},
       {"INVALID_FIELD policy.attempts_max",
        [](Set& r) { r.mutable_policy()->set_attempts_max(21); }},
       {"INVALID_FIELD policy.attempts_max",
        [](Set& r) { r.mutable_policy()->set_attempts_max(-1); }},
       {"INVALID_FIELD policy.reasons",
        [](Set& r) {
          for (int i = 0; i < 100; ++i) r.mutable_policy()->add_reasons();
        }},
       {"INVALID_FIELD policy.reasons[0].code", [&](Set& r) { reason(r)->clear_code(); }},
       {"INVALID_FIELD policy.reasons[1].code",
        [](Set& r) { r.mutable_policy()->add_reasons()->set_code("LOST"); }},
       {"INVALID_FIELD policy.reasons[0].units",
        [&](Set& r) { reason(r)->set_units(static_cast<v1::ReasonEffect::Units>(3)); }},
       {"INVALID_FIELD policy.reasons[0].order",
        [&](Set& r) { reason(r)->set_order(static_cast<v1::ReasonEffect::Order>(3)); }},
       {"INVALID_FIELD policy.reasons[0].suggested_action",
        [&](Set& r) { reason(r)->set_suggested_action(kLong); }},
       {"INVALID_FIELD policy.pickup_days",
        [](Set& r) { r.mutable_policy()->set_pickup_days(91); }},
       {"INVALID_FIELD policy.reminder_days",
        [](Set& r) { r.mutable_policy()->set_reminder_days(-1); }},
       {"INVALID_FIELD policy.extensions_max",
        [](Set& r) { r.mutable_policy()->set_extensions_max(21); }},
       {"INVALID_FIELD policy.give_up_after",
        [](Set& r) { r.mutable_policy()->mutable_give_up_after()->set_seconds(3'599); }},
       {"INVALID_FIELD policy.give_up_after",
        [](Set& r) { r.mutable_policy()->mutable_give_up_after()->set_seconds(90 * 86'400 + 1); }},
       {"INVALID_FIELD policy.etag", [](Set& r) { r.mutable_policy()->set_etag(kLong); }}});
  Check<v1::GetFulfilmentPolicyRequest, v1::FulfilmentPolicy>(
      &Stub::GetFulfilmentPolicy, v1::GetFulfilmentPolicyRequest(),
      {{"INVALID_FIELD channel_id",
        [](v1::GetFulfilmentPolicyRequest& r) { r.set_channel_id(kLong); }}});
}

TEST_F(BadInputTest, Tasks) {
  const auto good = [](auto request) {
    request.set_request_id("bad");
    request.set_task_id("t-1");
    return request;
  };
  const auto common = [&](auto method, auto request) {
    using R = decltype(request);
    const storage::Position before = head();
    R bad = request;
    bad.clear_request_id();
    EXPECT_EQ(Call(method, bad), "INVALID_FIELD request_id");
    bad = request;
    bad.set_task_id(kLong);
    EXPECT_EQ(Call(method, bad), "INVALID_FIELD task_id");
    bad = request;
    bad.mutable_attribution()->set_reason_code(kControl);
    EXPECT_EQ(Call(method, bad), "INVALID_FIELD attribution.reason_code");
    EXPECT_EQ(head(), before);
  };
  common(&Stub::AcceptTask, good(v1::AcceptTaskRequest()));
  common(&Stub::RejectTask, good(v1::RejectTaskRequest()));
  common(&Stub::PackTask, good(v1::PackTaskRequest()));
  common(&Stub::MarkReadyForPickup, good(v1::MarkReadyForPickupRequest()));
  common(&Stub::ExtendPickup, good(v1::ExtendPickupRequest()));
  common(&Stub::RecordPick, good(v1::RecordPickRequest()));
  auto hand_over = good(v1::HandOverRequest());
  hand_over.set_pickup_code("123456");
  common(&Stub::HandOver, hand_over);
  EXPECT_EQ(Call(&Stub::AcceptTask, good(v1::AcceptTaskRequest())), "TASK_NOT_FOUND");
  auto extend = good(v1::ExtendPickupRequest());
  extend.set_request_id("bad too");
  EXPECT_EQ(Call(&Stub::ExtendPickup, extend), "TASK_NOT_FOUND");

  using Pick = v1::RecordPickRequest;
  Pick pick = good(Pick());
  pick.add_lines()->set_line_id("a");
  Check<Pick, v1::Task>(
      &Stub::RecordPick, pick,
      {{"INVALID_FIELD lines[0].picked", [](Pick& r) { r.mutable_lines(0)->set_picked(-1); }},
       {"INVALID_FIELD lines[0].reason_code",
        [](Pick& r) { r.mutable_lines(0)->set_reason_code(kLong); }},
       {"INVALID_FIELD lines[1].line_id", [](Pick& r) { *r.add_lines() = r.lines(0); }}});
  using Hand = v1::HandOverRequest;
  Check<Hand, v1::Task>(&Stub::HandOver, hand_over,
                        {{"INVALID_FIELD pickup_code", [](Hand& r) { r.clear_pickup_code(); }},
                         {"INVALID_FIELD pickup_code", [](Hand& r) { r.set_pickup_code(kLong); }},
                         {"INVALID_FIELD lines[0].line_id, lines[0].refused",
                          [](Hand& r) { r.add_lines()->set_refused(-1); }}});
  using List = v1::ListTasksRequest;
  Check<List, v1::ListTasksResponse>(
      &Stub::ListTasks, List(),
      {{"INVALID_FIELD page_size", [](List& r) { r.set_page_size(1'001); }},
       {"INVALID_FIELD state", [](List& r) { r.set_state(static_cast<v1::Task::State>(99)); }},
       {"PAGE_TOKEN_INVALID", [](List& r) { r.set_page_token("x"); }}});
  using Ship = v1::RecordShipmentsRequest;
  Ship ship;
  ship.set_request_id("bad");
  Check<Ship, v1::RecordShipmentsResponse>(
      &Stub::RecordShipments, ship,
      {{"INVALID_FIELD shipments", [](Ship&) {}},
       {"INVALID_FIELD shipments",
        [](Ship& r) {
          for (int i = 0; i < 1'001; ++i) r.add_shipments()->set_task_id("t");
        }},
       {"OK", [](Ship& r) { r.add_shipments()->set_carrier(kLong); }}});
}

TEST_F(BadInputTest, Returns) {
  using Request = v1::RequestReturnRequest;
  Request request;
  request.set_request_id("bad");
  request.set_order_id("o-1");
  request.add_lines()->set_line_id("a");
  request.mutable_lines(0)->set_quantity(1);
  Check<Request, v1::Return>(
      &Stub::RequestReturn, request,
      {{"INVALID_FIELD request_id", [](Request& r) { r.clear_request_id(); }},
       {"INVALID_FIELD order_id", [](Request& r) { r.clear_order_id(); }},
       {"INVALID_FIELD lines", [](Request& r) { r.clear_lines(); }},
       {"INVALID_FIELD lines[0].quantity", [](Request& r) { r.mutable_lines(0)->set_quantity(0); }},
       {"INVALID_FIELD lines[0].condition",
        [](Request& r) {
          r.mutable_lines(0)->set_condition(static_cast<v1::Return::Condition>(9));
        }},
       {"INVALID_FIELD lines[1].line_id", [](Request& r) { *r.add_lines() = r.lines(0); }}});
  EXPECT_EQ(Call(&Stub::RequestReturn, request), "ORDER_NOT_FOUND");
  using Receive = v1::ReceiveReturnRequest;
  Receive receive;
  receive.set_request_id("bad2");
  receive.set_location_id("s1");
  receive.add_lines()->set_sku("cup");
  receive.mutable_lines(0)->set_quantity(1);
  Check<Receive, v1::Return>(
      &Stub::ReceiveReturn, receive,
      {{"INVALID_FIELD location_id", [](Receive& r) { r.clear_location_id(); }},
       {"INVALID_FIELD lines", [](Receive& r) { r.clear_lines(); }},
       {"INVALID_FIELD lines[0].sku", [](Receive& r) { r.mutable_lines(0)->clear_sku(); }},
       {"INVALID_FIELD lines[0].line_id", [](Receive& r) { r.set_order_id("o-1"); }},
       {"INVALID_FIELD order_id",
        [](Receive& r) {
          r.set_order_id("o-1");
          r.set_return_id("r-1");
          r.mutable_lines(0)->set_line_id("a");
        }},
       {"INVALID_FIELD lines[0].quantity",
        [](Receive& r) { r.mutable_lines(0)->set_quantity(-5); }}});
  receive.clear_lines();
  receive.set_return_id("no-such");
  EXPECT_EQ(Call(&Stub::ReceiveReturn, receive), "RETURN_NOT_FOUND");
  v1::GetReturnRequest get;
  get.set_return_id("no-such");
  EXPECT_EQ(Call(&Stub::GetReturn, get), "RETURN_NOT_FOUND");
}

TEST_F(BadInputTest, Parcels) {
  using Ship = v1::RecordShipmentsRequest;
  Ship ship;
  ship.set_request_id("bad");
  ship.add_shipments()->set_task_id("o-1.t1");
  const std::vector<std::pair<std::string, std::function<void(v1::Shipment&)>>> bad_shipments = {
      {"parcel_key", [](v1::Shipment& s) { s.set_parcel_key(kLong); }},
      {"parcel_key", [](v1::Shipment& s) { AddLine(s, "a", 1); }},
      {"lines[0].line_id",
       [](v1::Shipment& s) {
         s.set_parcel_key("k");
         AddLine(s, "", 1);
       }},
      {"lines[0].quantity",
       [](v1::Shipment& s) {
         s.set_tracking_number("n");
         AddLine(s, "a", 0);
       }},
      {"lines[1].line_id",
       [](v1::Shipment& s) {
         s.set_parcel_key("k");
         AddLine(s, "a", 1);
         AddLine(s, "a", 2);
       }},
      {"business_time", [](v1::Shipment& s) { s.mutable_business_time()->set_nanos(-1); }}};
  const storage::Position before = head();
  for (const auto& [field, spoil] : bad_shipments) {
    Ship request = ship;
    spoil(*request.mutable_shipments(0));
    v1::RecordShipmentsResponse response;
    EXPECT_EQ(Call(&Stub::RecordShipments, request, &response), "OK");
    ASSERT_EQ(response.results_size(), 1);
    EXPECT_EQ(Describe(response.results(0).status()),
              absl::StrCat("INVALID_FIELD shipments[0].", field));
  }

  using Told = v1::RecordDeliveriesRequest;
  Told told;
  told.set_request_id("bad2");
  told.add_deliveries()->set_parcel_id("o-1.p1");
  told.mutable_deliveries(0)->set_state(v1::Parcel::LOST);
  Check<Told, v1::RecordDeliveriesResponse>(
      &Stub::RecordDeliveries, told,
      {{"INVALID_FIELD request_id", [](Told& r) { r.clear_request_id(); }},
       {"INVALID_FIELD deliveries", [](Told& r) { r.clear_deliveries(); }}});
  const std::vector<std::pair<std::string, std::function<void(v1::Delivery&)>>> bad_deliveries = {
      {"tracking_number", [](v1::Delivery& d) { d.clear_parcel_id(); }},
      {"parcel_id", [](v1::Delivery& d) { d.set_tracking_number("n"); }},
      {"state", [](v1::Delivery& d) { d.clear_state(); }},
      {"state", [](v1::Delivery& d) { d.set_state(v1::Parcel::SHIPPED); }},
      {"state", [](v1::Delivery& d) { d.set_state(static_cast<v1::Parcel::State>(99)); }},
      {"business_time", [](v1::Delivery& d) { d.mutable_business_time()->set_nanos(-1); }}};
  for (const auto& [field, spoil] : bad_deliveries) {
    Told request = told;
    spoil(*request.mutable_deliveries(0));
    v1::RecordDeliveriesResponse response;
    EXPECT_EQ(Call(&Stub::RecordDeliveries, request, &response), "OK");
    ASSERT_EQ(response.results_size(), 1);
    EXPECT_EQ(Describe(response.results(0).status()),
              absl::StrCat("INVALID_FIELD deliveries[0].", field));
  }
  EXPECT_EQ(head(), before);
}

TEST_F(BadInputTest, Edits) {
  using Edit = v1::EditOrderRequest;
  Edit edit;
  edit.set_request_id("bad");
  edit.set_order_id(Place(Order("p1", "tea", 2)));
  edit.add_less()->set_line_id("0");
  edit.mutable_less(0)->set_quantity(1);
  auto* added = edit.add_added();
  added->set_group_id("0");
  added->mutable_line()->set_line_id("more");
  added->mutable_line()->set_sku("cup");
  added->mutable_line()->set_quantity(1);
  auto* wanted = edit.add_destinations();
  wanted->set_group_id("0");
  wanted->mutable_destination()->mutable_point()->set_latitude(50);
  const auto line = [](Edit& r) { return r.mutable_added(0)->mutable_line(); };
  const auto point = [](Edit& r) {
    return r.mutable_destinations(0)->mutable_destination()->mutable_point();
  };
  Check<Edit, v1::Order>(
      &Stub::EditOrder, edit,
      {{"INVALID_FIELD request_id", [](Edit& r) { r.set_request_id(kControl); }},
       {"INVALID_FIELD order_id", [](Edit& r) { r.clear_order_id(); }},
       {"INVALID_FIELD etag", [](Edit& r) { r.set_etag(kLong); }},
       {"INVALID_FIELD less[0].line_id", [](Edit& r) { r.mutable_less(0)->clear_line_id(); }},
       {"INVALID_FIELD less[0].quantity", [](Edit& r) { r.mutable_less(0)->set_quantity(-1); }},
       {"INVALID_FIELD less[1].line_id", [](Edit& r) { *r.add_less() = r.less(0); }},
       {"INVALID_FIELD added[0].group_id", [](Edit& r) { r.mutable_added(0)->clear_group_id(); }},
       {"INVALID_FIELD added[0].line.line_id", [&](Edit& r) { line(r)->clear_line_id(); }},
       {"INVALID_FIELD added[0].line.line_id", [&](Edit& r) { line(r)->set_line_id("0"); }},
       {"INVALID_FIELD added[1].line.line_id", [](Edit& r) { *r.add_added() = r.added(0); }},
       {"INVALID_FIELD added[0].line.sku", [&](Edit& r) { line(r)->set_sku(kLong); }},
       {"INVALID_FIELD added[0].line.quantity", [&](Edit& r) { line(r)->set_quantity(0); }},
       {"INVALID_FIELD added[0].line.tax_minor", [&](Edit& r) { line(r)->set_tax_minor(1); }},
       {"INVALID_FIELD added[0].line.on_shortage",
        [&](Edit& r) { line(r)->set_on_shortage(v1::PlaceLine::DROP_LINE); }},
       {"INVALID_FIELD destinations[0].group_id",
        [](Edit& r) { r.mutable_destinations(0)->clear_group_id(); }},
       {"INVALID_FIELD destinations[1].group_id",
        [](Edit& r) { *r.add_destinations() = r.destinations(0); }},
       {"INVALID_FIELD destinations[0].destination.point.latitude",
        [&](Edit& r) { point(r)->set_latitude(91); }},
       {"INVALID_FIELD destinations[0].destination.point.longitude",
        [&](Edit& r) { point(r)->set_longitude(std::numeric_limits<double>::quiet_NaN()); }}});

  using Update = v1::UpdateSubjectRequest;
  Update update;
  update.set_request_id("bad2");
  update.set_order_id(edit.order_id());
  Check<Update, v1::Subject>(
      &Stub::UpdateSubject, update,
      {{"INVALID_FIELD request_id", [](Update& r) { r.clear_request_id(); }},
       {"INVALID_FIELD order_id", [](Update& r) { r.set_order_id(kLong); }},
       {"INVALID_FIELD subject.name",
        [](Update& r) { r.mutable_subject()->set_name(std::string(257, 'x')); }},
       {"INVALID_FIELD subject.address_lines", [](Update& r) {
          for (int i = 0; i < 11; ++i) r.mutable_subject()->add_address_lines("x");
        }}});
}

TEST_F(BadInputTest, ReturnsThatAreMatchedAndLookedAt) {
  using Match = v1::MatchReturnRequest;
  Match match;
  match.set_request_id("bad");
  match.set_return_id("u-1");
  match.set_order_id("o-1");
  Check<Match, v1::Return>(&Stub::MatchReturn, match,
                           {{"INVALID_FIELD request_id", [](Match& r) { r.clear_request_id(); }},
                            {"INVALID_FIELD return_id", [](Match& r) { r.set_return_id(kLong); }},
                            {"INVALID_FIELD order_id", [](Match& r) { r.clear_order_id(); }}});
  EXPECT_EQ(Call(&Stub::MatchReturn, match), "RETURN_NOT_FOUND");
  using Look = v1::InspectReturnRequest;
  Look look;
  look.set_request_id("bad2");
  look.set_return_id("u-1");
  look.add_lines()->set_sku("cup");
  look.mutable_lines(0)->set_quantity(1);
  const auto line = [](Look& r) { return r.mutable_lines(0); };
  Check<Look, v1::Return>(
      &Stub::InspectReturn, look,
      {{"INVALID_FIELD request_id", [](Look& r) { r.clear_request_id(); }},
       {"INVALID_FIELD return_id", [](Look& r) { r.clear_return_id(); }},
       {"INVALID_FIELD lines", [](Look& r) { r.clear_lines(); }},
       {"INVALID_FIELD lines[0].sku", [&](Look& r) { line(r)->clear_sku(); }},
       {"INVALID_FIELD lines[0].line_id", [&](Look& r) { line(r)->set_line_id(kLong); }},
       {"INVALID_FIELD lines[0].quantity", [&](Look& r) { line(r)->set_quantity(1'000'000'001); }},
       {"INVALID_FIELD lines[0].condition",
        [&](Look& r) { line(r)->set_condition(v1::Return::INSPECTION); }}});
  EXPECT_EQ(Call(&Stub::InspectReturn, look), "RETURN_NOT_FOUND");
  using List = v1::ListReturnsRequest;
  Check<List, v1::ListReturnsResponse>(
      &Stub::ListReturns, List(),
      {{"INVALID_FIELD order_id", [](List& r) { r.set_order_id(kLong); }},
       {"INVALID_FIELD location_id", [](List& r) { r.set_location_id(kControl); }},
       {"INVALID_FIELD page_size", [](List& r) { r.set_page_size(1'001); }},
       {"PAGE_TOKEN_INVALID", [](List& r) { r.set_page_token("x-1"); }}});
  using Proxy = v1::SetPickupProxyRequest;
  Proxy proxy;
  proxy.set_request_id("bad3");
  proxy.set_task_id("o-1.t1");
  Check<Proxy, v1::SetPickupProxyResponse>(
      &Stub::SetPickupProxy, proxy,
      {{"INVALID_FIELD request_id", [](Proxy& r) { r.clear_request_id(); }},
       {"INVALID_FIELD task_id", [](Proxy& r) { r.set_task_id(kLong); }}});
}

TEST_F(BadInputTest, SalesAndExceptions) {
  using Sales = v1::RecordSalesRequest;
  Sales sales;
  sales.set_request_id("bad");
  *sales.add_sales() = Sale(1, "cup", 1);
  Check<Sales, v1::RecordSalesResponse>(
      &Stub::RecordSales, sales,
      {{"INVALID_FIELD request_id", [](Sales& r) { r.clear_request_id(); }},
       {"INVALID_FIELD sales", [](Sales& r) { r.clear_sales(); }},
       {"INVALID_FIELD sales", [](Sales& r) {
          for (int i = 0; i < 1'000; ++i) *r.add_sales() = r.sales(0);
        }}});
  const std::vector<std::pair<std::string, std::function<void(v1::Sale&)>>> bad = {
      {"location_id", [](v1::Sale& s) { s.clear_location_id(); }},
      {"terminal_id", [](v1::Sale& s) { s.set_terminal_id(kLong); }},
      {"business_day", [](v1::Sale& s) { s.clear_business_day(); }},
      {"business_day", [](v1::Sale& s) { s.set_business_day("2026-13-01"); }},
      {"business_day", [](v1::Sale& s) { s.set_business_day("27.11.2026"); }},
      {"sequence", [](v1::Sale& s) { s.set_sequence(0); }},
      {"business_time", [](v1::Sale& s) { s.mutable_business_time()->set_nanos(-1); }},
      {"lines", [](v1::Sale& s) { s.clear_lines(); }},
      {"lines[0].sku", [](v1::Sale& s) { s.mutable_lines(0)->clear_sku(); }},
      {"lines[0].quantity", [](v1::Sale& s) { s.mutable_lines(0)->set_quantity(-3); }},
      {"lines[1].line_id", [](v1::Sale& s) {
         *s.add_lines() = s.lines(0);
         s.mutable_lines(0)->set_line_id("1");
       }}};
  const storage::Position before = head();
  for (const auto& [field, spoil] : bad) {
    Sales request = sales;
    spoil(*request.mutable_sales(0));
    v1::RecordSalesResponse response;
    EXPECT_EQ(Call(&Stub::RecordSales, request, &response), "OK");
    ASSERT_EQ(response.results_size(), 1);
    EXPECT_EQ(Describe(response.results(0).status()),
              absl::StrCat("INVALID_FIELD sales[0].", field));
  }
  EXPECT_EQ(head(), before);

  using Resolve = v1::ResolveExceptionRequest;
  Resolve resolve;
  resolve.set_request_id("bad3");
  resolve.set_exception_id("e-1");
  Check<Resolve, v1::ExceptionItem>(
      &Stub::ResolveException, resolve,
      {{"INVALID_FIELD request_id", [](Resolve& r) { r.clear_request_id(); }},
       {"INVALID_FIELD exception_id", [](Resolve& r) { r.clear_exception_id(); }}});
  EXPECT_EQ(Call(&Stub::ResolveException, resolve), "EXCEPTION_NOT_FOUND");
  using List = v1::ListExceptionsRequest;
  Check<List, v1::ListExceptionsResponse>(
      &Stub::ListExceptions, List(),
      {{"INVALID_FIELD page_size", [](List& r) { r.set_page_size(-1); }},
       {"INVALID_FIELD order_id", [](List& r) { r.set_order_id(kLong); }},
       {"PAGE_TOKEN_INVALID", [](List& r) { r.set_page_token("x-1"); }}});
}

}  // namespace
}  // namespace quartermaster::orders
