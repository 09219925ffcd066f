// What is refused before anything is decided: each request with one thing wrong, the reason and the
// field that are named, and that nothing was recorded.
#include <functional>
#include <vector>

#include "services/stock/rpc/test_server.h"

namespace quartermaster::stock {
namespace {

using v1::Adjustment;

template <typename Request>
struct Case {
  const char* expected;
  std::function<void(Request&)> spoil;
};

class BadRequestTest : public StockServiceTest {
 protected:
  BadRequestTest() {
    Receive("A", "S1", 10);
    SetPool("web", {"S1"});
    hold_ = Hold("cart", "A", 1, "S1");
  }
  // Spoils a good request in each way in turn.
  template <typename Request, typename Response>
  void Check(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
             const Request& good, const std::vector<Case<Request>>& cases) {
    const storage::Position before = head();
    for (const Case<Request>& c : cases) {
      Request bad = good;
      c.spoil(bad);
      EXPECT_EQ(Call(method, bad), c.expected) << bad.ShortDebugString().substr(0, 300);
    }
    EXPECT_EQ(head(), before);
  }
  static std::string Long() { return std::string(65, 'x'); }

  v1::Reservation hold_;
};

// The same of every mutating request.
template <typename Request>
std::vector<Case<Request>> MutationCases() {
  return {
      {"INVALID_FIELD request_id", [](Request& r) { r.clear_request_id(); }},
      {"INVALID_FIELD request_id", [](Request& r) { r.set_request_id(std::string(65, 'x')); }},
      {"INVALID_FIELD request_id", [](Request& r) { r.set_request_id("tab\t"); }},
      {"INVALID_FIELD attribution.actor_id",
       [](Request& r) { r.mutable_attribution()->set_actor_id(std::string(65, 'x')); }},
  };
}
// The same of every request on a reservation.
template <typename Request>
std::vector<Case<Request>> ReservationCases() {
  std::vector<Case<Request>> cases = MutationCases<Request>();
  cases.push_back({"INVALID_FIELD reservation_id", [](Request& r) { r.clear_reservation_id(); }});
  return cases;
}
template <typename Request>
void Append(std::vector<Case<Request>>& cases, std::vector<Case<Request>> more) {
  for (Case<Request>& c : more) cases.push_back(std::move(c));
}

TEST_F(BadRequestTest, Reserve) {
  using R = v1::ReserveRequest;
  auto cases = MutationCases<R>();
  Append<R>(
      cases,
      {{"INVALID_FIELD owner_id", [](R& r) { r.clear_owner_id(); }},
       {"INVALID_FIELD owner_id", [](R& r) { r.set_owner_id(Long()); }},
       {"INVALID_FIELD takes_over_reservation_id",
        [](R& r) { r.set_takes_over_reservation_id(Long()); }},
       {"INVALID_FIELD takes_over_reservation_id",
        [](R& r) { r.set_takes_over_reservation_id("17"); }},
       {"INVALID_FIELD ttl", [](R& r) { r.mutable_ttl(); }},
       {"INVALID_FIELD ttl", [](R& r) { r.mutable_ttl()->set_seconds(-1); }},
       {"INVALID_FIELD ttl", [](R& r) { r.mutable_ttl()->set_nanos(999'999'999); }},
       {"INVALID_FIELD ttl", [](R& r) { r.mutable_ttl()->set_seconds(30 * 86'400 + 1); }},
       {"INVALID_FIELD ttl", [](R& r) { r.mutable_ttl()->set_seconds(INT64_MAX); }},
       {"INVALID_FIELD lines", [](R& r) { r.clear_lines(); }},
       {"INVALID_FIELD lines",
        [](R& r) {
          while (r.lines_size() < 2'001) *r.add_lines() = r.lines(0);
        }},
       {"INVALID_FIELD lines[0].sku", [](R& r) { r.mutable_lines(0)->clear_sku(); }},
       {"INVALID_FIELD lines[0].sku", [](R& r) { r.mutable_lines(0)->set_sku(Long()); }},
       {"INVALID_FIELD lines[0].quantity", [](R& r) { r.mutable_lines(0)->set_quantity(0); }},
       {"INVALID_FIELD lines[0].quantity", [](R& r) { r.mutable_lines(0)->set_quantity(-1); }},
       {"INVALID_FIELD lines[0].quantity",
        [](R& r) { r.mutable_lines(0)->set_quantity(1'000'000'001); }},
       {"INVALID_FIELD lines[0].source", [](R& r) { r.mutable_lines(0)->clear_source(); }},
       {"INVALID_FIELD lines[0].location_id",
        [](R& r) { r.mutable_lines(0)->set_location_id(""); }},
       {"INVALID_FIELD lines[0].pool_id", [](R& r) { r.mutable_lines(0)->set_pool_id(Long()); }},
       {"INVALID_FIELD customer_id", [](R& r) { r.set_customer_id(Long()); }},
       {"INVALID_FIELD channel_id", [](R& r) { r.set_channel_id(Long()); }},
       {"INVALID_FIELD lines[0].channel_id", [](R& r) { r.mutable_lines(0)->set_channel_id(""); }},
       {"INVALID_FIELD lines[0].line_id", [](R& r) { r.mutable_lines(0)->set_line_id(Long()); }},
       {"INVALID_FIELD lines[1].line_id",
        [](R& r) {
          r.mutable_lines(0)->set_line_id("same");
          *r.add_lines() = r.lines(0);
        }},
       // A line without an id is called by its index.
       {"INVALID_FIELD lines[0].line_id",
        [](R& r) {
          *r.add_lines() = r.lines(0);
          r.mutable_lines(0)->set_line_id("1");
        }},
       {"INVALID_FIELD owner_id, lines[0].sku", [](R& r) {
          r.clear_owner_id();
          r.mutable_lines(0)->clear_sku();
        }}});
  Check(&Stub::Reserve, HoldOf("cart", "A", 1, "S1"), cases);
}

TEST_F(BadRequestTest, CommandsOnAReservation) {
  using Update = v1::UpdateReservationRequest;
  Update update;
  update.set_request_id("u");
  update.set_reservation_id(hold_.reservation_id());
  *update.add_lines() = HoldOf("cart", "A", 1, "S1").lines(0);
  auto updates = ReservationCases<Update>();
  Append<Update>(updates, {{"INVALID_FIELD lines", [](Update& r) { r.clear_lines(); }},
                           {"INVALID_FIELD lines[0].quantity",
                            [](Update& r) { r.mutable_lines(0)->set_quantity(0); }},
                           {"INVALID_FIELD ttl", [](Update& r) { r.mutable_ttl(); }}});
  Check(&Stub::UpdateReservation, update, updates);

  using Extend = v1::ExtendReservationRequest;
  Extend extend;
  extend.set_request_id("e");
  extend.set_reservation_id(hold_.reservation_id());
  extend.mutable_ttl()->set_seconds(10);
  auto extends = ReservationCases<Extend>();
  Append<Extend>(extends,
                 {{"INVALID_FIELD ttl", [](Extend& r) { r.clear_ttl(); }},
                  {"INVALID_FIELD ttl", [](Extend& r) { r.mutable_ttl()->set_seconds(0); }}});
  Check(&Stub::ExtendReservation, extend, extends);

  using Confirm = v1::ConfirmReservationRequest;
  Confirm confirm;
  confirm.set_request_id("c");
  confirm.set_reservation_id(hold_.reservation_id());
  *confirm.add_rehold_lines() = update.lines(0);
  confirm.set_owner_id("cart");
  auto confirms = ReservationCases<Confirm>();
  Append<Confirm>(confirms, {{"INVALID_FIELD owner_id", [](Confirm& r) { r.clear_owner_id(); }},
                             {"INVALID_FIELD rehold_lines[0].sku",
                              [](Confirm& r) { r.mutable_rehold_lines(0)->clear_sku(); }}});
  Check(&Stub::ConfirmReservation, confirm, confirms);

  v1::ListReservationsRequest list;
  Check<v1::ListReservationsRequest, v1::ListReservationsResponse>(
      &Stub::ListReservations, list,
      {{"INVALID_FIELD page_size", [](auto& r) { r.set_page_size(-1); }},
       {"INVALID_FIELD page_size", [](auto& r) { r.set_page_size(1'001); }},
       {"INVALID_FIELD owner_id", [](auto& r) { r.set_owner_id(Long()); }},
       {"INVALID_FIELD state",
        [](auto& r) { r.set_state(static_cast<v1::Reservation::State>(99)); }},
       {"PAGE_TOKEN_INVALID", [](auto& r) { r.set_page_token("17"); }}});
  Check<v1::GetReservationRequest, v1::Reservation>(
      &Stub::GetReservation, {},
      {{"INVALID_FIELD reservation_id", [](auto&) {}},
       {"RESERVATION_NOT_FOUND", [](auto& r) { r.set_reservation_id("r99999"); }},
       {"RESERVATION_NOT_FOUND", [](auto& r) { r.set_reservation_id("not one"); }}});
}

TEST_F(BadRequestTest, BindReleaseAndFulfil) {
  using Bind = v1::BindReservationRequest;
  Bind bind;
  bind.set_request_id("b");
  bind.set_reservation_id(hold_.reservation_id());
  Bind::Line& line = *bind.add_lines();
  line.set_line_id("0");
  line.add_placements()->set_location_id("S1");
  line.mutable_placements(0)->set_quantity(1);
  auto binds = ReservationCases<Bind>();
  Append<Bind>(
      binds,
      {{"INVALID_FIELD lines", [](Bind& r) { r.clear_lines(); }},
       {"INVALID_FIELD lines[0].line_id", [](Bind& r) { r.mutable_lines(0)->clear_line_id(); }},
       {"INVALID_FIELD lines[1].line_id", [](Bind& r) { *r.add_lines() = r.lines(0); }},
       {"INVALID_FIELD lines[0].placements",
        [](Bind& r) { r.mutable_lines(0)->clear_placements(); }},
       {"INVALID_FIELD lines[0].placements[0].quantity",
        [](Bind& r) { r.mutable_lines(0)->mutable_placements(0)->set_quantity(INT64_MAX); }},
       {"INVALID_FIELD lines[0].placements[1].location_id",
        [](Bind& r) { *r.mutable_lines(0)->add_placements() = r.lines(0).placements(0); }}});
  Check(&Stub::BindReservation, bind, binds);

  const auto check_parts = [&](auto method, auto good) {
    using R = decltype(good);
    good.set_request_id("p");
    good.set_reservation_id(hold_.reservation_id());
    good.add_parts()->set_line_id("0");
    good.mutable_parts(0)->set_quantity(1);
    auto cases = ReservationCases<R>();
    Append<R>(
        cases,
        {{"INVALID_FIELD parts[0].line_id", [](R& r) { r.mutable_parts(0)->clear_line_id(); }},
         {"INVALID_FIELD parts[0].quantity", [](R& r) { r.mutable_parts(0)->set_quantity(0); }},
         {"INVALID_FIELD parts[0].quantity",
          [](R& r) { r.mutable_parts(0)->set_quantity(INT64_MIN); }},
         {"INVALID_FIELD parts[0].location_id",
          [](R& r) { r.mutable_parts(0)->set_location_id(Long()); }},
         {"INVALID_FIELD parts", [](R& r) {
            while (r.parts_size() < 2'001) *r.add_parts() = r.parts(0);
          }}});
    Check(method, good, cases);
  };
  check_parts(&Stub::ReleaseReservation, v1::ReleaseReservationRequest());
  check_parts(&Stub::FulfilReservation, v1::FulfilReservationRequest());
}

TEST_F(BadRequestTest, PoolsAvailabilityAndMovements) {
  using Pool = v1::SetPoolRequest;
  Pool pool;
  pool.set_request_id("p");
  pool.set_pool_id("web");
  pool.add_location_ids("S1");
  auto pools = MutationCases<Pool>();
  Append<Pool>(pools, {{"INVALID_FIELD pool_id", [](Pool& r) { r.clear_pool_id(); }},
                       {"INVALID_FIELD location_ids", [](Pool& r) { r.clear_location_ids(); }},
                       {"INVALID_FIELD location_ids[1]", [](Pool& r) { r.add_location_ids(""); }}});
  Check(&Stub::SetPool, pool, pools);
  pool.add_location_ids("S1");
  EXPECT_EQ(Call(&Stub::SetPool, pool).rfind("INVALID_FIELD location_ids[1]", 0), 0u);

  using Policy = v1::SetStockPolicyRequest;
  Policy policy;
  policy.set_request_id("q");
  policy.set_sku("A");
  policy.set_location_id("S1");
  policy.set_safety_stock(1);
  auto policies = MutationCases<Policy>();
  Append<Policy>(
      policies,
      {{"INVALID_FIELD sku", [](Policy& r) { r.set_sku(Long()); }},
       {"INVALID_FIELD location_id", [](Policy& r) { r.set_location_id(Long()); }},
       {"INVALID_FIELD safety_stock", [](Policy& r) { r.set_safety_stock(-1); }},
       {"INVALID_FIELD safety_stock", [](Policy& r) { r.set_safety_stock(1'000'000'001); }},
       {"INVALID_FIELD etag", [](Policy& r) { r.set_etag("x"); }},
       {"INVALID_FIELD etag", [](Policy& r) { r.set_etag("-1"); }}});
  Check(&Stub::SetStockPolicy, policy, policies);

  using SetChannel = v1::SetChannelRequest;
  SetChannel channel;
  channel.set_request_id("c");
  channel.set_channel_id("web");
  channel.set_pool_id("web");
  auto channels = MutationCases<SetChannel>();
  Append<SetChannel>(channels,
                     {{"INVALID_FIELD channel_id", [](SetChannel& r) { r.clear_channel_id(); }},
                      {"INVALID_FIELD channel_id", [](SetChannel& r) { r.set_channel_id(Long()); }},
                      {"INVALID_FIELD pool_id", [](SetChannel& r) { r.clear_pool_id(); }},
                      {"INVALID_FIELD demand_class",
                       [](SetChannel& r) { r.set_demand_class(static_cast<v1::DemandClass>(7)); }},
                      {"INVALID_FIELD buffer", [](SetChannel& r) { r.set_buffer(-1); }},
                      {"INVALID_FIELD buffer", [](SetChannel& r) { r.set_buffer(1'000'000'001); }},
                      {"INVALID_FIELD etag", [](SetChannel& r) { r.set_etag("x"); }}});
  Check(&Stub::SetChannel, channel, channels);

  using Allot = v1::SetAllotmentRequest;
  Allot allot;
  allot.set_request_id("a");
  allot.set_channel_id("web");
  allot.set_sku("A");
  auto allotments = MutationCases<Allot>();
  Append<Allot>(allotments,
                {{"INVALID_FIELD channel_id", [](Allot& r) { r.clear_channel_id(); }},
                 {"INVALID_FIELD sku", [](Allot& r) { r.set_sku(Long()); }},
                 {"INVALID_FIELD quota", [](Allot& r) { r.set_quota(-1); }},
                 {"INVALID_FIELD cap", [](Allot& r) { r.set_cap(1'000'000'001); }},
                 {"INVALID_FIELD customer_cap", [](Allot& r) { r.set_customer_cap(-1); }},
                 {"INVALID_FIELD etag", [](Allot& r) { r.set_etag("x"); }}});
  Check(&Stub::SetAllotment, allot, allotments);

  using Ask = v1::GetAvailabilityRequest;
  Ask ask;
  ask.add_keys()->set_sku("A");
  ask.mutable_keys(0)->set_location_id("S1");
  Check<Ask, v1::GetAvailabilityResponse>(
      &Stub::GetAvailability, ask,
      {{"INVALID_FIELD keys", [](Ask& r) { r.clear_keys(); }},
       {"INVALID_FIELD keys",
        [](Ask& r) {
          while (r.keys_size() < 1'001) *r.add_keys() = r.keys(0);
        }},
       {"INVALID_FIELD keys[0].sku", [](Ask& r) { r.mutable_keys(0)->clear_sku(); }},
       {"INVALID_FIELD keys[0].place", [](Ask& r) { r.mutable_keys(0)->clear_place(); }},
       {"INVALID_FIELD as_of_position", [](Ask& r) { r.set_as_of_position("x"); }},
       {"INVALID_FIELD as_of_position", [](Ask& r) { r.set_as_of_position("-1"); }},
       {"POSITION_OUT_OF_RANGE", [](Ask& r) { r.set_as_of_position("999999"); }},
       {"INVALID_FIELD owner_id",
        [](Ask& r) {
          r.set_as_of_position("1");
          r.set_owner_id("cart");
        }},
       {"ITEM_NOT_FOUND keys[1]",
        [](Ask& r) {
          r.add_keys()->set_sku("Z");
          r.mutable_keys(1)->set_location_id("S1");
        }},
       {"LOCATION_NOT_FOUND keys[0]", [](Ask& r) { r.mutable_keys(0)->set_location_id("Z"); }},
       {"POOL_NOT_FOUND keys[0]", [](Ask& r) { r.mutable_keys(0)->set_pool_id("Z"); }}});

  using Moves = v1::ListMovementsRequest;
  Moves moves;
  moves.set_sku("A");
  moves.set_location_id("S1");
  Check<Moves, v1::ListMovementsResponse>(
      &Stub::ListMovements, moves,
      {{"INVALID_FIELD sku", [](Moves& r) { r.clear_sku(); }},
       {"INVALID_FIELD page_size", [](Moves& r) { r.set_page_size(1'001); }},
       {"PAGE_TOKEN_INVALID", [](Moves& r) { r.set_page_token("4"); }},
       {"INVALID_FIELD as_of_position", [](Moves& r) { r.set_as_of_position("r4"); }},
       {"POSITION_OUT_OF_RANGE", [](Moves& r) { r.set_as_of_position("1000000"); }},
       {"POSITION_OUT_OF_RANGE",
        [](Moves& r) { r.mutable_as_of_time()->set_seconds(253'000'000'000); }},
       {"ITEM_NOT_FOUND", [](Moves& r) { r.set_sku("Z"); }},
       {"LOCATION_NOT_FOUND", [](Moves& r) { r.set_location_id("Z"); }}});
}

TEST_F(BadRequestTest, CountsSourcesAndDifferences) {
  using Count = v1::ApplyCountRequest;
  Count count;
  count.set_request_id("c");
  count.set_count_id("night");
  count.set_source("wms1");
  count.mutable_taken_time()->set_seconds(1'700'000'000);
  count.add_watermarks()->set_source("wms1");
  count.add_rows()->set_sku("A");
  count.mutable_rows(0)->set_location_id("S1");
  count.add_full_location_ids("S1");
  count.set_parts(2);
  auto counts = MutationCases<Count>();
  Append<Count>(
      counts,
      {{"INVALID_FIELD count_id", [](Count& r) { r.clear_count_id(); }},
       {"INVALID_FIELD source", [](Count& r) { r.set_source(Long()); }},
       {"INVALID_FIELD source_sequence", [](Count& r) { r.set_source_sequence(-1); }},
       {"INVALID_FIELD taken_time", [](Count& r) { r.clear_taken_time(); }},
       {"INVALID_FIELD taken_time", [](Count& r) { r.mutable_taken_time()->set_seconds(-1); }},
       {"INVALID_FIELD doubt_window", [](Count& r) { r.mutable_doubt_window()->set_seconds(-1); }},
       {"INVALID_FIELD doubt_window",
        [](Count& r) { r.mutable_doubt_window()->set_seconds(86'401); }},
       {"INVALID_FIELD basis", [](Count& r) { r.set_basis(static_cast<Count::Basis>(4)); }},
       {"INVALID_FIELD watermarks[0].source",
        [](Count& r) { r.mutable_watermarks(0)->clear_source(); }},
       {"INVALID_FIELD watermarks[0].sequence",
        [](Count& r) { r.mutable_watermarks(0)->set_sequence(INT64_MAX); }},
       {"INVALID_FIELD watermarks[1].source",
        [](Count& r) { *r.add_watermarks() = r.watermarks(0); }},
       {"INVALID_FIELD watermarks",
        [](Count& r) {
          for (int i = 0; i < 10'000; ++i) r.add_watermarks()->set_source(absl::StrCat("s", i));
        }},
       {"INVALID_FIELD full_location_ids[1]", [](Count& r) { r.add_full_location_ids(""); }},
       {"INVALID_FIELD parts, part",
        [](Count& r) {
          r.set_parts(5'001);
          r.set_part(5'002);
        }},
       {"INVALID_FIELD part", [](Count& r) { r.set_part(3); }},
       {"INVALID_FIELD part", [](Count& r) { r.set_part(-1); }},
       {"INVALID_FIELD rows",
        [](Count& r) {
          while (r.rows_size() < 2'001) *r.add_rows() = r.rows(0);
        }},
       {"INVALID_FIELD rows[0].sku", [](Count& r) { r.mutable_rows(0)->clear_sku(); }},
       {"INVALID_FIELD rows[0].location_id",
        [](Count& r) { r.mutable_rows(0)->set_location_id(Long()); }},
       {"INVALID_FIELD rows[0].quantity", [](Count& r) { r.mutable_rows(0)->set_quantity(-1); }},
       {"INVALID_FIELD rows[0].quantity",
        [](Count& r) { r.mutable_rows(0)->set_quantity(1'000'000'001); }},
       {"INVALID_FIELD rows[0].picked_and_staged",
        [](Count& r) { r.mutable_rows(0)->set_picked_and_staged(1); }},
       {"INVALID_FIELD rows[0].picked_and_staged", [](Count& r) {
          r.set_basis(Count::LESS_PICKED_AND_STAGED);
          r.mutable_rows(0)->set_picked_and_staged(-1);
        }}});
  Check(&Stub::ApplyCount, count, counts);
  count.add_full_location_ids("S1");
  EXPECT_EQ(Call(&Stub::ApplyCount, count).rfind("INVALID_FIELD full_location_ids[1]", 0), 0u);

  Check<v1::GetCountRequest, v1::Count>(&Stub::GetCount, {},
                                        {{"INVALID_FIELD count_id", [](auto&) {}}});
  Check<v1::ListSourcesRequest, v1::ListSourcesResponse>(
      &Stub::ListSources, {},
      {{"INVALID_FIELD page_size", [](auto& r) { r.set_page_size(1'001); }},
       {"PAGE_TOKEN_INVALID", [](auto& r) { r.set_page_token("17"); }}});
  Check<v1::ListDifferencesRequest, v1::ListDifferencesResponse>(
      &Stub::ListDifferences, {},
      {{"INVALID_FIELD page_size", [](auto& r) { r.set_page_size(-1); }},
       {"INVALID_FIELD source", [](auto& r) { r.set_source(Long()); }},
       {"PAGE_TOKEN_INVALID", [](auto& r) { r.set_page_token("d-1"); }}});
}

TEST_F(BadRequestTest, ChangesOfCondition) {
  using Change = v1::ChangeConditionRequest;
  Change change;
  change.set_request_id("c");
  change.set_sku("A");
  change.set_location_id("S1");
  change.set_from(Adjustment::SELLABLE);
  change.set_to(Adjustment::DAMAGED);
  change.set_quantity(1);
  auto changes = MutationCases<Change>();
  Append<Change>(
      changes,
      {{"INVALID_FIELD sku", [](Change& r) { r.clear_sku(); }},
       {"INVALID_FIELD location_id", [](Change& r) { r.set_location_id(Long()); }},
       {"INVALID_FIELD from", [](Change& r) { r.clear_from(); }},
       {"INVALID_FIELD from", [](Change& r) { r.set_from(static_cast<Adjustment::Condition>(6)); }},
       {"INVALID_FIELD to", [](Change& r) { r.clear_to(); }},
       {"INVALID_FIELD to", [](Change& r) { r.set_to(Adjustment::SELLABLE); }},
       {"INVALID_FIELD quantity", [](Change& r) { r.set_quantity(0); }},
       {"INVALID_FIELD quantity", [](Change& r) { r.set_quantity(-1); }},
       {"INVALID_FIELD quantity", [](Change& r) { r.set_quantity(1'000'000'001); }}});
  Check(&Stub::ChangeCondition, change, changes);
}

TEST_F(BadRequestTest, EachAdjustmentIsAnsweredForItself) {
  Adjustment good;
  good.set_sku("A");
  good.set_location_id("S1");
  good.set_kind(Adjustment::RECEIVED);
  good.set_delta(1);
  const std::vector<Case<Adjustment>> cases = {
      {"INVALID_FIELD sku", [](Adjustment& a) { a.clear_sku(); }},
      {"INVALID_FIELD location_id", [](Adjustment& a) { a.set_location_id(std::string(65, 'x')); }},
      {"INVALID_FIELD kind", [](Adjustment& a) { a.set_kind(static_cast<Adjustment::Kind>(77)); }},
      {"INVALID_FIELD condition",
       [](Adjustment& a) { a.set_condition(static_cast<Adjustment::Condition>(77)); }},
      {"INVALID_FIELD change", [](Adjustment& a) { a.clear_change(); }},
      {"INVALID_FIELD delta", [](Adjustment& a) { a.set_delta(0); }},
      {"INVALID_FIELD delta", [](Adjustment& a) { a.set_delta(-1); }},
      {"INVALID_FIELD delta", [](Adjustment& a) { a.set_delta(1'000'000'001); }},
      {"INVALID_FIELD delta", [](Adjustment& a) { a.set_kind(Adjustment::SOLD); }},
      {"INVALID_FIELD from_condition",
       [](Adjustment& a) { a.set_from_condition(Adjustment::DAMAGED); }},
      {"INVALID_FIELD from_condition",
       [](Adjustment& a) { a.set_kind(Adjustment::CONDITION_CHANGED); }},
      {"INVALID_FIELD from_condition",
       [](Adjustment& a) {
         a.set_kind(Adjustment::CONDITION_CHANGED);
         a.set_from_condition(Adjustment::SELLABLE);
       }},
      {"INVALID_FIELD delta",
       [](Adjustment& a) {
         a.set_kind(Adjustment::CONDITION_CHANGED);
         a.set_from_condition(Adjustment::DAMAGED);
         a.set_delta(-1);
       }},
      {"INVALID_FIELD message.source", [](Adjustment& a) { a.mutable_message()->set_sequence(1); }},
      {"INVALID_FIELD message.sequence",
       [](Adjustment& a) {
         a.mutable_message()->set_source("till");
         a.mutable_message()->set_message_id("m");
         a.mutable_message()->set_sequence(-1);
       }},
      {"INVALID_FIELD message.message_id",
       [](Adjustment& a) { a.mutable_message()->set_source("till"); }},
      {"INVALID_FIELD message.message_id",
       [](Adjustment& a) {
         a.mutable_message()->set_source("till");
         a.mutable_message()->set_message_id(std::string(129, 'x'));
       }},
      {"INVALID_FIELD message",
       [](Adjustment& a) {
         a.mutable_message()->set_source("till");
         a.mutable_message()->set_sequence(1);
         a.set_kind(Adjustment::COUNTED);
         a.mutable_compare_and_set()->set_value(1);
       }},
      {"INVALID_FIELD effect_key", [](Adjustment& a) { a.set_effect_key(std::string(129, 'x')); }},
      {"INVALID_FIELD kind", [](Adjustment& a) { a.mutable_compare_and_set()->set_value(1); }},
      {"INVALID_FIELD compare_and_set.value",
       [](Adjustment& a) {
         a.set_kind(Adjustment::COUNTED);
         a.mutable_compare_and_set()->set_value(-1);
       }},
  };
  v1::AdjustStockRequest request;
  request.set_request_id(NewId());
  for (const auto& c : cases) c.spoil(*request.add_adjustments() = good);
  const storage::Position before = head();
  const v1::AdjustStockResponse none = Get(&Stub::AdjustStock, request);
  EXPECT_EQ(head(), before);
  *request.add_adjustments() = good;
  const v1::AdjustStockResponse one = Get(&Stub::AdjustStock, request);
  for (int i = 0; i < static_cast<int>(cases.size()); ++i) {
    std::string expected = cases[static_cast<size_t>(i)].expected;
    expected.insert(expected.find(' ') + 1, absl::StrCat("adjustments[", i, "]."));
    EXPECT_EQ(Describe(none.results(i).status()), expected);
    EXPECT_EQ(Describe(one.results(i).status()), expected);
  }
  EXPECT_EQ(Describe(one.results(one.results_size() - 1).status()), "OK");
  EXPECT_EQ(one.results(one.results_size() - 1).on_hand(), 11);
  using Adjust = v1::AdjustStockRequest;
  auto whole = MutationCases<Adjust>();
  Append<Adjust>(whole, {{"INVALID_FIELD adjustments", [](Adjust& r) { r.clear_adjustments(); }},
                         {"INVALID_FIELD adjustments", [&](Adjust& r) {
                            while (r.adjustments_size() < 2'001) *r.add_adjustments() = good;
                          }}});
  Check(&Stub::AdjustStock, request, whole);
}

TEST_F(BadRequestTest, ADeadlineThatHasPassedHasNoEffect) {
  v1::ReleaseReservationRequest release;
  release.set_request_id(NewId());
  release.set_reservation_id(hold_.reservation_id());
  Get(&Stub::ReleaseReservation, release);
  // By the writer's clock, which is a day ahead of the client's.
  clock_.Advance(Hours(24));
  const v1::ReserveRequest request = HoldOf("cart", "A", 1, "S1");
  const storage::Position before = head();
  EXPECT_EQ(Call(&Stub::Reserve, request), "DEADLINE_PASSED");
  EXPECT_EQ(head(), before);
  // It was not remembered: the same id is decided now.
  clock_.Advance({-Hours(24).count});
  EXPECT_EQ(Call(&Stub::Reserve, request), "OK");
}

}  // namespace
}  // namespace quartermaster::stock
