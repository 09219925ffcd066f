// Channels over gRPC.
#include <gtest/gtest.h>

#include "services/stock/rpc/test_server.h"

namespace quartermaster::stock {
namespace {

class ChannelServiceTest : public StockServiceTest {
 protected:
  ChannelServiceTest() {
    Receive("A", "S1", 5);
    Receive("A", "W1", 5);
    SetPool("web", {"S1", "W1"});
    SetPool("shop", {"S1"});
  }
  v1::SetChannelRequest ChannelOf(const std::string& id, const std::string& pool) {
    v1::SetChannelRequest request;
    request.set_request_id(NewId());
    request.set_channel_id(id);
    request.set_pool_id(pool);
    return request;
  }
  v1::ReserveRequest HoldFor(const std::string& owner, const std::string& channel, int quantity) {
    v1::ReserveRequest request = HoldOf(owner, "A", quantity, "S1");
    request.mutable_lines(0)->set_channel_id(channel);
    return request;
  }
};

TEST_F(ChannelServiceTest, ALineForAChannelIsOneOfItsPool) {
  v1::SetChannelRequest set = ChannelOf("marketplace", "web");
  set.set_buffer(3);
  const v1::Channel channel = Get(&Stub::SetChannel, set);
  EXPECT_EQ(channel.channel_id(), "marketplace");
  EXPECT_EQ(channel.pool_id(), "web");
  EXPECT_EQ(channel.demand_class(), v1::ONLINE);
  EXPECT_EQ(channel.buffer(), 3);
  EXPECT_NE(channel.etag(), "0");
  EXPECT_EQ(Availability("A", "^marketplace").available(), 7);
  EXPECT_EQ(Availability("A", "^marketplace").on_hand(), 10);
  const v1::ReserveRequest request = HoldFor("order", "marketplace", 10);
  const v1::ReserveResponse held = Get(&Stub::Reserve, request);
  const v1::Reservation::Line& line = held.reservation().lines(0);
  EXPECT_EQ(line.channel_id(), "marketplace");
  EXPECT_EQ(line.pool_id(), "web");
  EXPECT_EQ(line.backing_size(), 2);
  // The same again, whatever the channel is since.
  EXPECT_EQ(Get(&Stub::SetChannel, ChannelOf("marketplace", "shop")).pool_id(), "shop");
  EXPECT_EQ(Get(&Stub::Reserve, request).SerializeAsString(), held.SerializeAsString());
  v1::GetReservationRequest get;
  get.set_reservation_id(held.reservation().reservation_id());
  const v1::Reservation reservation = Get(&Stub::GetReservation, get);
  EXPECT_EQ(reservation.lines(0).channel_id(), "marketplace");
  EXPECT_EQ(reservation.lines(0).pool_id(), "web");
}

TEST_F(ChannelServiceTest, ATillMayHaveSafetyStock) {
  v1::SetChannelRequest set = ChannelOf("shop/till", "shop");
  set.set_demand_class(v1::TILL);
  EXPECT_EQ(Get(&Stub::SetChannel, set).demand_class(), v1::TILL);
  Get(&Stub::SetChannel, ChannelOf("web", "web"));
  v1::SetStockPolicyRequest policy;
  policy.set_request_id(NewId());
  policy.set_safety_stock(4);
  Get(&Stub::SetStockPolicy, policy);
  for (const char* owner : {"", "cart"}) {
    const auto of = [&](v1::GetAvailabilityRequest& r) { r.set_owner_id(owner); };
    EXPECT_EQ(Availability("A", "^web", of).available(), 2);
    EXPECT_EQ(Availability("A", "^web", of).safety_stock(), 8);
    EXPECT_EQ(Availability("A", "^shop/till", of).available(), 5);
    EXPECT_EQ(Availability("A", "^shop/till", of).safety_stock(), 0);
  }
  const auto before = [&](auto& r) { r.set_as_of_position("8"); };
  EXPECT_EQ(Availability("A", "^web", before).available(), 2);
  EXPECT_EQ(Availability("A", "^shop/till", before).available(), 5);
  EXPECT_EQ(Call(&Stub::Reserve, HoldFor("cart", "web", 3)), "INSUFFICIENT_STOCK");
  EXPECT_EQ(Call(&Stub::Reserve, HoldFor("customer", "shop/till", 5)), "OK");
}

TEST_F(ChannelServiceTest, AShortLineNamesItsChannel) {
  Get(&Stub::SetChannel, ChannelOf("web", "web"));
  v1::ReserveResponse response;
  grpc::ClientContext context;
  const grpc::Status status = stub_->Reserve(&context, HoldFor("cart", "web", 11), &response);
  const auto error = runtime::FromGrpcStatus(status);
  ASSERT_TRUE(error.details().insufficient_stock.has_value());
  const auto& line = error.details().insufficient_stock->lines(0);
  EXPECT_EQ(line.channel_id(), "web");
  EXPECT_EQ(line.asked(), 11);
  EXPECT_EQ(line.available(), 10);
}

TEST_F(ChannelServiceTest, WhatNobodyNamedIsNotFound) {
  EXPECT_EQ(Call(&Stub::Reserve, HoldFor("cart", "nobody", 1)),
            "CHANNEL_NOT_FOUND lines[0].channel_id");
  v1::GetAvailabilityRequest ask;
  ask.add_keys()->set_sku("A");
  ask.mutable_keys(0)->set_channel_id("nobody");
  EXPECT_EQ(Call(&Stub::GetAvailability, ask), "CHANNEL_NOT_FOUND keys[0]");
  EXPECT_EQ(Call(&Stub::SetChannel, ChannelOf("web", "nobody")), "POOL_NOT_FOUND pool_id");
  v1::GetChannelRequest get;
  get.set_channel_id("nobody");
  EXPECT_EQ(Call(&Stub::GetChannel, get), "CHANNEL_NOT_FOUND");
  grpc::ClientContext context;
  v1::Channel channel;
  EXPECT_EQ(stub_->GetChannel(&context, get, &channel).error_code(), grpc::StatusCode::NOT_FOUND);
}

TEST_F(ChannelServiceTest, AChannelIsSetOnlyIfItIsAsItWas) {
  v1::SetChannelRequest set = ChannelOf("web", "web");
  set.set_etag("0");
  const v1::Channel first = Get(&Stub::SetChannel, set);
  v1::GetChannelRequest get;
  get.set_channel_id("web");
  const v1::Channel read = Get(&Stub::GetChannel, get);
  EXPECT_EQ(read.etag(), first.etag());
  EXPECT_EQ(read.pool_id(), "web");
  EXPECT_EQ(read.demand_class(), v1::ONLINE);
  set.set_request_id(NewId());
  EXPECT_EQ(Call(&Stub::SetChannel, set), "ETAG_MISMATCH");
  set.set_request_id(NewId());
  set.set_etag(first.etag());
  EXPECT_NE(Get(&Stub::SetChannel, set).etag(), first.etag());
}

}  // namespace
}  // namespace quartermaster::stock
