// Kits and groups at one location, over gRPC.
#include <gtest/gtest.h>

#include "services/runtime/validation.h"
#include "services/stock/rpc/test_server.h"

namespace quartermaster::stock {
namespace {

class KitServiceTest : public StockServiceTest {
 protected:
  KitServiceTest() {
    RegisterKitSkus();
    Receive("cup", "S1", 10);
    Receive("plate", "S1", 3);
    Receive("cup", "W1", 2);
    Receive("plate", "W1", 4);
    SetPool("web", {"S1", "W1"});
  }
  // A SKU is registered by a fact; a kit must have no stock, so it goes again.
  void RegisterKitSkus() {
    for (const char* sku : {"set", "table"}) {
      Receive(sku, "S1", 1);
      Adjust(sku, "S1", v1::Adjustment::COUNTED, -1);
    }
  }
  v1::AdjustStockResponse::Result Adjust(
      const std::string& sku, const std::string& location, v1::Adjustment::Kind kind, int delta,
      const std::string& key = "", v1::Adjustment::Condition condition = v1::Adjustment::SELLABLE) {
    v1::AdjustStockRequest request;
    request.set_request_id(NewId());
    v1::Adjustment& a = *request.add_adjustments();
    a.set_sku(sku);
    a.set_location_id(location);
    a.set_kind(kind);
    a.set_delta(delta);
    a.set_effect_key(key);
    a.set_condition(condition);
    return Get(&Stub::AdjustStock, request).results(0);
  }
  v1::DefineKitRequest KitOf(const std::string& sku,
                             const std::vector<std::pair<std::string, int>>& components,
                             bool same_location = false) {
    v1::DefineKitRequest request;
    request.set_request_id(NewId());
    request.set_sku(sku);
    for (const auto& [component, count] : components) {
      v1::KitComponent& out = *request.add_components();
      out.set_sku(component);
      out.set_count(count);
    }
    request.set_same_location(same_location);
    return request;
  }
  v1::ReserveRequest HoldIn(const std::string& owner, const std::string& sku, int quantity,
                            const std::string& pool) {
    v1::ReserveRequest request = HoldOf(owner, sku, quantity, "");
    request.mutable_lines(0)->set_pool_id(pool);
    return request;
  }
  v1::Reservation Read(const std::string& id) {
    v1::GetReservationRequest get;
    get.set_reservation_id(id);
    return Get(&Stub::GetReservation, get);
  }
};

TEST_F(KitServiceTest, AKitIsHeldAsItsPartsAndToldAsALine) {
  v1::DefineKitRequest define = KitOf("set", {{"cup", 2}, {"plate", 1}});
  define.set_etag("0");
  const v1::Kit kit = Get(&Stub::DefineKit, define);
  EXPECT_EQ(kit.parts_size(), 2);
  EXPECT_NE(kit.etag(), "0");
  // The same request again is told the same.
  EXPECT_EQ(Get(&Stub::DefineKit, define).etag(), kit.etag());
  EXPECT_EQ(Availability("set", "S1").available(), 3);
  EXPECT_EQ(Availability("set", "~web").available(), 6);
  EXPECT_EQ(Availability("set", "~web").on_hand(), 0);
  const v1::ReserveRequest request = HoldOf("cart", "set", 2, "S1");
  const v1::ReserveResponse held = Get(&Stub::Reserve, request);
  ASSERT_EQ(held.reservation().lines_size(), 1);
  const v1::Reservation::Line& line = held.reservation().lines(0);
  EXPECT_EQ(line.line_id(), "0");
  EXPECT_EQ(line.sku(), "set");
  EXPECT_EQ(line.quantity(), 2);
  EXPECT_EQ(line.open(), 2);
  EXPECT_EQ(line.location_id(), "S1");
  ASSERT_EQ(line.components_size(), 2);
  EXPECT_EQ(line.components(0).sku(), "cup");
  EXPECT_EQ(line.components(0).quantity(), 4);
  EXPECT_EQ(line.components(0).per_kit(), 2);
  EXPECT_EQ(line.components(0).placements(0).quantity(), 4);
  EXPECT_EQ(line.components(1).quantity(), 2);
  EXPECT_EQ(Availability("cup", "S1").available(), 6);
  EXPECT_EQ(Availability("set", "S1").available(), 1);
  const auto before = [&](auto& r) { r.set_as_of_position(kit.position()); };
  EXPECT_EQ(Availability("set", "S1", before).available(), 3);
  EXPECT_EQ(Availability("set", "~web", before).available(), 6);
  EXPECT_EQ(Availability("set", "~web", before).on_hand(), 0);
  // Told again as the first time, and by others.
  EXPECT_EQ(Get(&Stub::Reserve, request).SerializeAsString(), held.SerializeAsString());
  EXPECT_EQ(Read(held.reservation().reservation_id()).lines(0).SerializeAsString(),
            line.SerializeAsString());
}

TEST_F(KitServiceTest, AShortKitNamesItsLineAndThePartThatLacks) {
  Get(&Stub::DefineKit, KitOf("set", {{"cup", 2}, {"plate", 1}}));
  v1::ReserveResponse response;
  grpc::ClientContext context;
  const grpc::Status status = stub_->Reserve(&context, HoldOf("cart", "set", 5, "S1"), &response);
  const auto error = runtime::FromGrpcStatus(status);
  ASSERT_TRUE(error.details().insufficient_stock.has_value());
  const auto& line = error.details().insufficient_stock->lines(0);
  EXPECT_EQ(line.line_id(), "0");
  EXPECT_EQ(line.sku(), "set");
  EXPECT_EQ(line.component_sku(), "plate");
  EXPECT_EQ(line.asked(), 5);
  EXPECT_EQ(line.available(), 3);
}

TEST_F(KitServiceTest, PartsLeaveAndComeBackOneByOne) {
  Get(&Stub::DefineKit, KitOf("set", {{"cup", 2}, {"plate", 1}}));
  const v1::Reservation held = Get(&Stub::Reserve, HoldOf("cart", "set", 3, "S1")).reservation();
  v1::FulfilReservationRequest fulfil;
  fulfil.set_request_id(NewId());
  fulfil.set_reservation_id(held.reservation_id());
  v1::ReservationPart& part = *fulfil.add_parts();
  part.set_line_id("0");
  part.set_quantity(2);
  v1::Reservation after = Get(&Stub::FulfilReservation, fulfil);
  EXPECT_EQ(after.lines(0).fulfilled(), 2);
  EXPECT_EQ(after.lines(0).open(), 1);
  EXPECT_EQ(Availability("cup", "S1").on_hand(), 6);
  EXPECT_EQ(Availability("plate", "S1").on_hand(), 1);
  v1::ReleaseReservationRequest release;
  release.set_request_id(NewId());
  release.set_reservation_id(held.reservation_id());
  *release.add_parts() = part;
  release.mutable_parts(0)->set_quantity(1);
  release.mutable_parts(0)->set_component_sku("saucer");
  EXPECT_EQ(Call(&Stub::ReleaseReservation, release), "LINE_NOT_FOUND parts[0]");
  release.set_request_id(NewId());
  release.mutable_parts(0)->set_component_sku("cup");
  after = Get(&Stub::ReleaseReservation, release);
  EXPECT_EQ(after.lines(0).open(), 0);
  EXPECT_EQ(after.lines(0).components(0).released(), 1);
  EXPECT_EQ(after.lines(0).components(0).open(), 1);
  EXPECT_EQ(after.lines(0).components(1).open(), 1);
  // Of a set that was sold a cup comes back broken, at another place; the plate stays away. What
  // the set is by now is no matter.
  Get(&Stub::DefineKit, KitOf("set", {{"plate", 9}}));
  const v1::Reservation sold = Read(held.reservation_id());
  EXPECT_EQ(sold.lines(0).components(0).per_kit(), 2);
  Adjust("cup", "W1", v1::Adjustment::RETURNED, 1, "return-7/cup", v1::Adjustment::DAMAGED);
  EXPECT_EQ(Availability("cup", "W1").on_hand(), 3);
  EXPECT_EQ(Availability("cup", "W1").available(), 2);
  EXPECT_EQ(Availability("plate", "W1").on_hand(), 4);
}

TEST_F(KitServiceTest, PartsOfAKitAreBoundTogetherEachToItsPlaces) {
  Get(&Stub::DefineKit, KitOf("set", {{"cup", 2}, {"plate", 1}}));
  const v1::Reservation held = Get(&Stub::Reserve, HoldIn("cart", "set", 2, "web")).reservation();
  v1::BindReservationRequest bind;
  bind.set_request_id(NewId());
  bind.set_reservation_id(held.reservation_id());
  const auto place = [&](const std::string& part, const std::string& location, int64_t quantity) {
    v1::BindReservationRequest::Line& line = *bind.add_lines();
    line.set_line_id("0");
    line.set_component_sku(part);
    v1::Reservation::Placement& placement = *line.add_placements();
    placement.set_location_id(location);
    placement.set_quantity(quantity);
  };
  place("cup", "S1", 4);
  place("plate", "W1", 2);
  const v1::Reservation bound = Get(&Stub::BindReservation, bind);
  EXPECT_EQ(bound.lines(0).components(0).placements(0).location_id(), "S1");
  EXPECT_EQ(bound.lines(0).components(1).placements(0).location_id(), "W1");
  bind.set_request_id(NewId());
  place("cup", "S1", 4);
  EXPECT_EQ(Call(&Stub::BindReservation, bind), "INVALID_FIELD lines[2].line_id");
}

TEST_F(KitServiceTest, AFactAboutAKitIsOneAboutItsPartsAndOneEffect) {
  Get(&Stub::DefineKit, KitOf("set", {{"cup", 2}, {"plate", 1}}));
  Get(&Stub::DefineKit, KitOf("table", {{"set", 2}, {"plate", 1}}));
  for (const bool again : {false, true}) {
    const auto result = Adjust("table", "S1", v1::Adjustment::SOLD, -1, "receipt-1/1");
    EXPECT_EQ(result.status().code(), 0);
    EXPECT_EQ(result.duplicate(), again);
    EXPECT_EQ(Availability("cup", "S1").on_hand(), 6);
    EXPECT_EQ(Availability("plate", "S1").on_hand(), 0);
  }
  v1::AdjustStockRequest set;
  set.set_request_id(NewId());
  v1::Adjustment& a = *set.add_adjustments();
  a.set_sku("set");
  a.set_location_id("S1");
  a.set_kind(v1::Adjustment::COUNTED);
  a.mutable_compare_and_set()->set_value(4);
  EXPECT_EQ(Describe(Get(&Stub::AdjustStock, set).results(0).status()), "KIT_HAS_NO_STOCK");
  v1::ChangeConditionRequest move;
  move.set_request_id(NewId());
  move.set_sku("set");
  move.set_location_id("S1");
  move.set_from(v1::Adjustment::SELLABLE);
  move.set_to(v1::Adjustment::DAMAGED);
  move.set_quantity(1);
  EXPECT_EQ(Call(&Stub::ChangeCondition, move), "KIT_HAS_NO_STOCK sku");
  v1::ApplyCountRequest count;
  count.set_request_id(NewId());
  count.set_count_id("count-1");
  count.set_source("warehouse");
  *count.mutable_taken_time() = runtime::TimestampOf(clock_.Now());
  count.set_basis(v1::ApplyCountRequest::GROSS);
  for (const char* sku : {"cup", "set"}) {
    v1::ApplyCountRequest::Row& row = *count.add_rows();
    row.set_sku(sku);
    row.set_location_id("S1");
  }
  EXPECT_EQ(Call(&Stub::ApplyCount, count), "KIT_HAS_NO_STOCK rows[1].sku");
}

TEST_F(KitServiceTest, WhatCannotBeAKitIsRefusedWithTheFieldThatSaysSo) {
  EXPECT_EQ(Call(&Stub::DefineKit, KitOf("nothing", {{"cup", 1}})), "ITEM_NOT_FOUND sku");
  EXPECT_EQ(Call(&Stub::DefineKit, KitOf("set", {{"cup", 1}, {"spoon", 1}})),
            "ITEM_NOT_FOUND components[1].sku");
  EXPECT_EQ(Call(&Stub::DefineKit, KitOf("set", {{"cup", 1}, {"cup", 2}})),
            "INVALID_FIELD components[1].sku");
  EXPECT_EQ(Call(&Stub::DefineKit, KitOf("set", {{"cup", 0}})),
            "INVALID_FIELD components[0].count");
  EXPECT_EQ(Call(&Stub::DefineKit, KitOf("cup", {{"plate", 1}})), "SKU_HAS_STOCK");
  EXPECT_EQ(Call(&Stub::DefineKit, KitOf("set", {{"cup", 1}, {"set", 1}})),
            "KIT_INVALID components[1]");
  Get(&Stub::DefineKit, KitOf("set", {{"cup", 1'000'000}}));
  EXPECT_EQ(Call(&Stub::DefineKit, KitOf("table", {{"set", 2}})), "KIT_INVALID components[0]");
  EXPECT_EQ(Call(&Stub::Reserve, HoldOf("cart", "set", 1'000'001, "S1")),
            "INVALID_FIELD lines[0].quantity");
  v1::GetKitRequest get;
  get.set_sku("cup");
  EXPECT_EQ(Call(&Stub::GetKit, get), "KIT_NOT_FOUND");
  get.set_sku("set");
  const v1::Kit kit = Get(&Stub::GetKit, get);
  EXPECT_EQ(kit.components(0).count(), 1'000'000);
  v1::DefineKitRequest again = KitOf("set", {});
  again.set_etag("0");
  EXPECT_EQ(Call(&Stub::DefineKit, again), "ETAG_MISMATCH");
  again.set_request_id(NewId());
  again.set_etag(kit.etag());
  EXPECT_EQ(Get(&Stub::DefineKit, again).etag(), "0");
  EXPECT_EQ(Call(&Stub::GetKit, get), "KIT_NOT_FOUND");
}

TEST_F(KitServiceTest, LinesOfAGroupAndWholeKitsAreAtOneLocation) {
  const v1::Kit kit =
      Get(&Stub::DefineKit, KitOf("set", {{"cup", 2}, {"plate", 1}}, /*same_location=*/true));
  EXPECT_TRUE(kit.same_location());
  // Three at S1, one at W1: though there are cups and plates for six.
  EXPECT_EQ(Availability("set", "~web").available(), 4);
  EXPECT_EQ(Availability("set", "~web", [](auto& r) { r.set_owner_id("cart"); }).available(), 4);
  EXPECT_EQ(Call(&Stub::Reserve, HoldIn("cart", "set", 5, "web")), "INSUFFICIENT_STOCK");
  v1::ReserveRequest group = HoldIn("cart", "cup", 2, "web");
  *group.add_lines() = group.lines(0);
  group.mutable_lines(1)->set_sku("plate");
  group.mutable_lines(1)->set_quantity(4);
  for (v1::ReserveLine& line : *group.mutable_lines()) line.set_same_location_group("parcel");
  const v1::Reservation held = Get(&Stub::Reserve, group).reservation();
  ASSERT_EQ(held.lines_size(), 2);
  EXPECT_EQ(held.lines(1).line_id(), "1");
  EXPECT_EQ(held.lines(1).same_location_group(), 1);
  for (const v1::Reservation::Line& line : held.lines()) {
    ASSERT_EQ(line.placements_size(), 1);
    EXPECT_EQ(line.placements(0).location_id(), "W1");
  }
  EXPECT_EQ(Availability("set", "~web").available(), 3);
  EXPECT_EQ(Availability("set", "~web", [&](auto& r) { r.set_as_of_position(kit.position()); })
                .available(),
            4);
  // One of them alone is not to be bound.
  v1::BindReservationRequest bind;
  bind.set_request_id(NewId());
  bind.set_reservation_id(held.reservation_id());
  v1::BindReservationRequest::Line& line = *bind.add_lines();
  line.set_line_id("0");
  v1::Reservation::Placement& place = *line.add_placements();
  place.set_location_id("S1");
  place.set_quantity(2);
  EXPECT_EQ(Call(&Stub::BindReservation, bind), "GROUP_TORN_APART lines[0]");
  group.set_request_id(NewId());
  group.mutable_lines(1)->set_location_id("S1");
  EXPECT_EQ(Call(&Stub::Reserve, group), "INVALID_FIELD lines[1].same_location_group");
}

}  // namespace
}  // namespace quartermaster::stock
