// Availability over gRPC: for every kind of key, date and owner, what is said to be available is
// what Reserve accepts.
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "services/runtime/validation.h"
#include "services/stock/rpc/test_server.h"

namespace quartermaster::stock {
namespace {

class AvailabilityServiceTest : public StockServiceTest {
 protected:
  // Two locations in a pool, a channel of it with a buffer, goods on order, a kit of both items,
  // and holds: one of them the owner's that asks.
  AvailabilityServiceTest() {
    Receive("cup", "S1", 10);
    Receive("cup", "S2", 3);
    Receive("plate", "S1", 4);
    Receive("plate", "S2", 5);
    SetPool("web", {"S1", "S2"});
    v1::SetChannelRequest channel;
    channel.set_request_id(NewId());
    channel.set_channel_id("app");
    channel.set_pool_id("web");
    channel.set_buffer(1);
    Get(&Stub::SetChannel, channel);
    v1::SetStockPolicyRequest policy;
    policy.set_request_id(NewId());
    policy.set_sku("cup");
    policy.set_location_id("S1");
    policy.set_safety_stock(2);
    Get(&Stub::SetStockPolicy, policy);
    // A SKU is registered by a fact; a kit must have no stock, so it goes again.
    Receive("set", "S1", 1);
    v1::AdjustStockRequest gone;
    gone.set_request_id(NewId());
    v1::Adjustment& a = *gone.add_adjustments();
    a.set_sku("set");
    a.set_location_id("S1");
    a.set_kind(v1::Adjustment::COUNTED);
    a.set_delta(-1);
    Get(&Stub::AdjustStock, gone);
    v1::DefineKitRequest kit;
    kit.set_request_id(NewId());
    kit.set_sku("set");
    for (const auto& [sku, quantity] : {std::pair("cup", 2), std::pair("plate", 1)}) {
      auto& part = *kit.add_components();
      part.set_sku(sku);
      part.set_count(quantity);
    }
    Get(&Stub::DefineKit, kit);
    Expect("cup", "S1", 6, 100);
    Expect("plate", "S2", 2, 200);
    Get(&Stub::Reserve, HoldOf("another", "plate", 2, "S1"));
    Get(&Stub::Reserve, HoldOf("me", "cup", 3, "S1"));
  }
  void Expect(const std::string& sku, const std::string& location, int64_t quantity, int seconds) {
    v1::ExpectSupplyRequest request;
    request.set_request_id(NewId());
    request.set_supply_id(absl::StrCat("po-", sku));
    request.set_revision(1);
    v1::ExpectSupplyRequest::Line& line = *request.add_lines();
    line.set_line_id("1");
    line.set_sku(sku);
    line.set_location_id(location);
    line.set_quantity(quantity);
    *line.mutable_due_time() = In(seconds);
    Get(&Stub::ExpectSupply, request);
  }
  google::protobuf::Timestamp In(int seconds) const {
    return runtime::TimestampOf(clock_.Now() + Seconds(seconds));
  }
  // Whether a hold of so many is accepted; it is given back at once.
  bool Accepts(const v1::AvailabilityKey& key, const std::string& owner, std::optional<int> by,
               int64_t quantity) {
    v1::ReserveRequest request;
    request.set_request_id(NewId());
    request.set_owner_id(owner);
    v1::ReserveLine& line = *request.add_lines();
    line.set_sku(key.sku());
    line.set_quantity(static_cast<int>(quantity));
    if (!key.location_id().empty()) line.set_location_id(key.location_id());
    if (!key.pool_id().empty()) line.set_pool_id(key.pool_id());
    if (!key.channel_id().empty()) line.set_channel_id(key.channel_id());
    if (by) *line.mutable_wait_until() = In(*by);
    v1::ReserveResponse response;
    const std::string outcome = Call(&Stub::Reserve, request, &response);
    if (outcome != "OK") {
      EXPECT_EQ(outcome, "INSUFFICIENT_STOCK");
      return false;
    }
    v1::ReleaseReservationRequest release;
    release.set_request_id(NewId());
    release.set_reservation_id(response.reservation().reservation_id());
    Get(&Stub::ReleaseReservation, release);
    if (owner == "me") Get(&Stub::Reserve, HoldOf("me", "cup", 3, "S1"));
    return true;
  }
};

TEST_F(AvailabilityServiceTest, IsWhatReserveAccepts) {
  std::set<int64_t> figures;
  for (const std::string sku : {"cup", "plate", "set"}) {
    for (const std::string place : {"S1", "S2", "~web", "^app"}) {
      for (const std::string owner : {"", "me"}) {
        for (const std::optional<int> by :
             {std::optional<int>(), std::optional(50), std::optional(150), std::optional(250)}) {
          SCOPED_TRACE(absl::StrCat(sku, " ", place, " for ", owner, " by ", by.value_or(0)));
          const v1::Availability said =
              Availability(sku, place, [&](v1::GetAvailabilityRequest& request) {
                request.set_owner_id(owner);
                if (by) *request.mutable_by_time() = In(*by);
              });
          // The buffer is not published; but whoever asks for it has it.
          const int64_t buffer = place == "^app" ? 1 : 0;
          const int64_t units = by ? said.available_by() : said.available();
          EXPECT_LE(said.available(), units + (by ? 0 : 1));
          figures.insert(units);
          const std::string asks = owner.empty() ? "somebody" : owner;
          if (units + buffer > 0) {
            EXPECT_TRUE(Accepts(said.key(), asks, by, units + buffer)) << units;
          }
          EXPECT_FALSE(Accepts(said.key(), asks, by, units + buffer + 1)) << units;
        }
      }
    }
  }
  // They differ, or nothing was compared.
  EXPECT_GT(figures.size(), 6u);
}

// One cut, whatever it is asked of.
TEST_F(AvailabilityServiceTest, AThousandKeysAreAnsweredInTheirOrder) {
  v1::AdjustStockRequest goods;
  goods.set_request_id(NewId());
  v1::GetAvailabilityRequest request;
  for (int i = 0; i < 1'000; ++i) {
    v1::Adjustment& a = *goods.add_adjustments();
    a.set_sku(absl::StrCat("sku-", i));
    a.set_location_id("S1");
    a.set_kind(v1::Adjustment::RECEIVED);
    a.set_delta(1 + i);
    v1::AvailabilityKey& key = *request.add_keys();
    key.set_sku(absl::StrCat("sku-", 999 - i));
    if (i % 3 == 0) key.set_location_id("S1");
    if (i % 3 == 1) key.set_pool_id("web");
    if (i % 3 == 2) key.set_channel_id("app");
  }
  Get(&Stub::AdjustStock, goods);
  *request.mutable_by_time() = In(1'000);
  const v1::GetAvailabilityResponse response = Get(&Stub::GetAvailability, request);
  ASSERT_EQ(response.availabilities_size(), 1'000);
  for (int i = 0; i < 1'000; ++i) {
    const v1::Availability& a = response.availabilities(i);
    const int64_t buffer = i % 3 == 2 ? 1 : 0;
    EXPECT_EQ(a.key().SerializeAsString(), request.keys(i).SerializeAsString());
    EXPECT_EQ(a.available(), 1'000 - i - buffer);
    EXPECT_EQ(a.available_by(), a.available());
    EXPECT_EQ(a.status(), a.available() > 0 ? v1::Availability::IN_STOCK : v1::Availability::OUT);
  }
  *request.add_keys() = request.keys(0);
  EXPECT_EQ(Call(&Stub::GetAvailability, request), "INVALID_FIELD keys");
}

// A status of what was, and of what a channel may sell.
TEST_F(AvailabilityServiceTest, AStatusIsOfWhatIsAskedFor) {
  v1::GetAvailabilityRequest query;
  query.add_keys()->set_sku("cup");
  query.mutable_keys(0)->set_channel_id("app");
  query.set_low_at(100);
  EXPECT_EQ(Get(&Stub::GetAvailability, query).availabilities(0).status(), v1::Availability::LOW);
  query.clear_low_at();
  const v1::GetAvailabilityResponse before = Get(&Stub::GetAvailability, query);
  EXPECT_EQ(before.availabilities(0).status(), v1::Availability::IN_STOCK);
  const int64_t all = before.availabilities(0).available();
  v1::ReserveRequest hold;
  hold.set_request_id(NewId());
  hold.set_owner_id("everything");
  hold.add_lines()->set_sku("cup");
  hold.mutable_lines(0)->set_channel_id("app");
  hold.mutable_lines(0)->set_quantity(static_cast<int>(all + 1));
  Get(&Stub::Reserve, hold);
  EXPECT_EQ(Get(&Stub::GetAvailability, query).availabilities(0).status(), v1::Availability::OUT);
  *query.mutable_by_time() = In(150);
  EXPECT_EQ(Get(&Stub::GetAvailability, query).availabilities(0).status(),
            v1::Availability::BACKORDER);
  // Not together with a past moment, of which neither is kept.
  query.set_as_of_position(before.position());
  EXPECT_EQ(Call(&Stub::GetAvailability, query), "INVALID_FIELD by_time");
  query.clear_by_time();
  query.set_owner_id("me");
  EXPECT_EQ(Call(&Stub::GetAvailability, query), "INVALID_FIELD owner_id");
  query.clear_owner_id();
  query.mutable_keys(0)->set_location_id("S1");
  const v1::Availability past = Get(&Stub::GetAvailability, query).availabilities(0);
  EXPECT_EQ(past.status(), v1::Availability::IN_STOCK);
  EXPECT_EQ(past.reserved(), 3);
}

}  // namespace
}  // namespace quartermaster::stock
