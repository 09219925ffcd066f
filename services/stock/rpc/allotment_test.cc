// Allotments over gRPC: quotas, borrowing, caps, and what many clients at once make of them.
#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "services/stock/rpc/test_server.h"

namespace quartermaster::stock {
namespace {

class AllotmentServiceTest : public StockServiceTest {
 protected:
  AllotmentServiceTest() {
    Receive("A", "S1", 40);
    Receive("A", "W1", 60);
    SetPool("all", {"S1", "W1"});
    for (const char* channel : {"web", "promotion"}) {
      v1::SetChannelRequest request;
      request.set_request_id(NewId());
      request.set_channel_id(channel);
      request.set_pool_id("all");
      Get(&Stub::SetChannel, request);
    }
  }
  v1::SetAllotmentRequest AllotmentOf(const std::string& channel) {
    v1::SetAllotmentRequest request;
    request.set_request_id(NewId());
    request.set_channel_id(channel);
    request.set_sku("A");
    return request;
  }
  v1::Allotment Read(const std::string& channel) {
    v1::GetAllotmentRequest request;
    request.set_channel_id(channel);
    request.set_sku("A");
    return Get(&Stub::GetAllotment, request);
  }
  v1::ReserveRequest HoldFor(const std::string& owner, const std::string& channel, int quantity) {
    v1::ReserveRequest request = HoldOf(owner, "A", quantity, "S1");
    request.mutable_lines(0)->set_channel_id(channel);
    return request;
  }
  common::v1::InsufficientStock::ShortLine Refused(const v1::ReserveRequest& request,
                                                   common::v1::ErrorReason reason) {
    v1::ReserveResponse response;
    grpc::ClientContext context;
    SetDeadline(context);
    const auto error = runtime::FromGrpcStatus(stub_->Reserve(&context, request, &response));
    EXPECT_EQ(error.reason(), reason);
    if (!error.details().insufficient_stock) return {};
    return error.details().insufficient_stock->lines(0);
  }
  // As many clients at once as there may be, each asking for one unit `times` times. How many they
  // got, and how many were refused for `reason`.
  std::pair<int, int> Rush(int clients, int times, const std::string& reason,
                           const std::function<v1::ReserveRequest(int client, int i)>& ask) {
    std::atomic<int> got = 0;
    std::atomic<int> refused = 0;
    std::vector<std::vector<v1::ReserveRequest>> requests(static_cast<size_t>(clients));
    for (int c = 0; c < clients; ++c) {
      for (int i = 0; i < times; ++i) requests[static_cast<size_t>(c)].push_back(ask(c, i));
    }
    std::vector<std::thread> threads;
    for (const std::vector<v1::ReserveRequest>& own : requests) {
      threads.emplace_back([&] {
        const auto stub = NewStub();
        for (const v1::ReserveRequest& request : own) {
          v1::ReserveResponse response;
          grpc::ClientContext context;
          SetDeadline(context);
          const std::string result = Describe(stub->Reserve(&context, request, &response));
          if (result == "OK") ++got;
          if (result == reason) ++refused;
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    return {got, refused};
  }
};

TEST_F(AllotmentServiceTest, ASettingIsReadBackWithWhatIsUsed) {
  EXPECT_EQ(Read("promotion").etag(), "0");
  v1::SetAllotmentRequest set = AllotmentOf("promotion");
  set.set_quota(20);
  set.set_cap(0);
  set.set_customer_cap(2);
  set.set_borrows(true);
  set.set_etag("0");
  const v1::Allotment made = Get(&Stub::SetAllotment, set);
  EXPECT_EQ(made.quota(), 20);
  EXPECT_TRUE(made.has_cap());
  EXPECT_EQ(Get(&Stub::SetAllotment, set).SerializeAsString(), made.SerializeAsString());
  v1::Allotment read = Read("promotion");
  EXPECT_EQ(read.etag(), made.etag());
  EXPECT_EQ(read.quota(), 20);
  EXPECT_TRUE(read.has_cap());
  EXPECT_EQ(read.customer_cap(), 2);
  EXPECT_TRUE(read.borrows());
  EXPECT_TRUE(read.has_window_start_time());
  set = AllotmentOf("promotion");
  set.set_quota(20);
  set.set_etag("0");
  EXPECT_EQ(Call(&Stub::SetAllotment, set), "ETAG_MISMATCH");
  set.set_request_id(NewId());
  set.set_etag(read.etag());
  Get(&Stub::SetAllotment, set);
  const v1::Reservation held = Get(&Stub::Reserve, HoldFor("order", "promotion", 3)).reservation();
  v1::FulfilReservationRequest fulfil;
  fulfil.set_request_id(NewId());
  fulfil.set_reservation_id(held.reservation_id());
  v1::ReservationPart& part = *fulfil.add_parts();
  part.set_line_id("0");
  part.set_quantity(2);
  Get(&Stub::FulfilReservation, fulfil);
  read = Read("promotion");
  EXPECT_EQ(read.open(), 1);
  EXPECT_EQ(read.sold(), 2);
  EXPECT_FALSE(read.has_cap());
  Get(&Stub::SetAllotment, AllotmentOf("promotion"));
  EXPECT_EQ(Read("promotion").etag(), "0");
}

TEST_F(AllotmentServiceTest, WhatNobodyNamedIsNotFound) {
  v1::SetAllotmentRequest set = AllotmentOf("nobody");
  EXPECT_EQ(Call(&Stub::SetAllotment, set), "CHANNEL_NOT_FOUND channel_id");
  set = AllotmentOf("web");
  set.set_sku("B");
  EXPECT_EQ(Call(&Stub::SetAllotment, set), "ITEM_NOT_FOUND sku");
  v1::GetAllotmentRequest get;
  get.set_channel_id("nobody");
  get.set_sku("A");
  EXPECT_EQ(Call(&Stub::GetAllotment, get), "CHANNEL_NOT_FOUND");
  get.set_channel_id("web");
  get.set_sku("B");
  EXPECT_EQ(Call(&Stub::GetAllotment, get), "ITEM_NOT_FOUND");
}

TEST_F(AllotmentServiceTest, AQuotaIsHeldForItsChannel) {
  v1::SetAllotmentRequest set = AllotmentOf("promotion");
  set.set_quota(70);
  Get(&Stub::SetAllotment, set);
  for (const char* owner : {"", "somebody"}) {
    const auto of = [&](v1::GetAvailabilityRequest& r) { r.set_owner_id(owner); };
    EXPECT_EQ(Availability("A", "^promotion", of).available(), 100);
    EXPECT_EQ(Availability("A", "^web", of).available(), 30);
    EXPECT_EQ(Availability("A", "~all", of).available(), 30);
    EXPECT_EQ(Availability("A", "S1", of).available(), 30);
    EXPECT_EQ(Availability("A", "W1", of).available(), 30);
  }
  EXPECT_EQ(Refused(HoldFor("cart", "web", 31), common::v1::INSUFFICIENT_STOCK).available(), 30);
  EXPECT_EQ(Call(&Stub::Reserve, HoldFor("order", "promotion", 100)), "OK");
}

TEST_F(AllotmentServiceTest, ALineFromElsewhereMayBeAChannels) {
  v1::SetAllotmentRequest set = AllotmentOf("promotion");
  set.set_quota(90);
  set.set_cap(30);
  Get(&Stub::SetAllotment, set);
  v1::ReserveRequest order = HoldOf("order", "A", 25, "S1");
  EXPECT_EQ(Refused(order, common::v1::INSUFFICIENT_STOCK).available(), 10);
  order.set_request_id(NewId());
  order.set_channel_id("promotion");
  const v1::Reservation held = Get(&Stub::Reserve, order).reservation();
  EXPECT_EQ(held.lines(0).location_id(), "S1");
  EXPECT_EQ(held.lines(0).channel_id(), "promotion");
  EXPECT_EQ(Get(&Stub::Reserve, order).reservation().SerializeAsString(), held.SerializeAsString());
  v1::GetReservationRequest get;
  get.set_reservation_id(held.reservation_id());
  EXPECT_EQ(Get(&Stub::GetReservation, get).lines(0).channel_id(), "promotion");
  EXPECT_EQ(Read("promotion").open(), 25);
  order = HoldOf("other", "A", 6, "W1");
  order.set_channel_id("promotion");
  EXPECT_EQ(Refused(order, common::v1::CAP_EXCEEDED).available(), 5);
  // A channel that nobody set is nobody's.
  order.set_request_id(NewId());
  order.set_channel_id("nobody");
  EXPECT_EQ(Get(&Stub::Reserve, order).reservation().lines(0).channel_id(), "");
}

TEST_F(AllotmentServiceTest, ACapIsNamedWithWhatIsLeftOfIt) {
  v1::SetAllotmentRequest set = AllotmentOf("promotion");
  set.set_cap(10);
  set.set_customer_cap(4);
  Get(&Stub::SetAllotment, set);
  EXPECT_EQ(Availability("A", "^promotion").available(), 10);
  v1::ReserveRequest first = HoldFor("cart-1", "promotion", 3);
  first.set_customer_id("c-7");
  const v1::Reservation held = Get(&Stub::Reserve, first).reservation();
  v1::ReserveRequest second = HoldFor("cart-2", "promotion", 2);
  second.set_customer_id("c-7");
  auto line = Refused(second, common::v1::CUSTOMER_CAP_EXCEEDED);
  EXPECT_EQ(line.sku(), "A");
  EXPECT_EQ(line.channel_id(), "promotion");
  EXPECT_EQ(line.asked(), 2);
  EXPECT_EQ(line.available(), 1);
  line = Refused(HoldFor("cart-3", "promotion", 8), common::v1::CAP_EXCEEDED);
  EXPECT_EQ(line.available(), 7);
  v1::ReserveRequest partial = HoldFor("cart-3", "promotion", 8);
  partial.set_allow_partial(true);
  const v1::ReserveResponse some = Get(&Stub::Reserve, partial);
  EXPECT_EQ(some.reservation().lines(0).quantity(), 7);
  EXPECT_EQ(some.short_lines(0).asked(), 8);
  EXPECT_EQ(some.short_lines(0).available(), 7);
  // Of a refusal, too, the same again is told the same.
  EXPECT_EQ(Refused(second, common::v1::CUSTOMER_CAP_EXCEEDED).available(), 1);
  // The order takes the cart's hold over: counted once.
  v1::ReserveRequest order = HoldFor("order", "promotion", 3);
  order.set_customer_id("c-7");
  order.set_takes_over_reservation_id(held.reservation_id());
  EXPECT_EQ(Call(&Stub::Reserve, order), "OK");
  EXPECT_EQ(Read("promotion").open(), 10);
}

TEST_F(AllotmentServiceTest, SimultaneousPromotionOrdersOversellMagentoInventory3072) {
  v1::SetAllotmentRequest set = AllotmentOf("promotion");
  set.set_cap(50);
  Get(&Stub::SetAllotment, set);
  const auto [got, refused] = Rush(16, 8, "CAP_EXCEEDED", [&](int client, int i) {
    return HoldFor(absl::StrCat("cart-", client, "-", i), "promotion", 1);
  });
  EXPECT_EQ(got, 50);
  EXPECT_EQ(refused, 16 * 8 - 50);
  EXPECT_EQ(Read("promotion").open(), 50);
  EXPECT_EQ(Availability("A", "~all").available(), 50);
}

TEST_F(AllotmentServiceTest, SimultaneousOrdersOfOneCustomerStayWithinItsCapMagentoInventory3072) {
  v1::SetAllotmentRequest set = AllotmentOf("promotion");
  set.set_customer_cap(3);
  Get(&Stub::SetAllotment, set);
  const auto [got, refused] = Rush(16, 4, "CUSTOMER_CAP_EXCEEDED", [&](int client, int i) {
    v1::ReserveRequest request = HoldFor(absl::StrCat("cart-", client, "-", i), "promotion", 1);
    request.set_customer_id(absl::StrCat("c-", i % 2));
    return request;
  });
  EXPECT_EQ(got, 6);
  EXPECT_EQ(refused, 16 * 4 - 6);
}

TEST_F(AllotmentServiceTest, AQuotaIsThereWhenItsChannelComesWhateverOthersDo) {
  v1::SetAllotmentRequest set = AllotmentOf("promotion");
  set.set_quota(30);
  Get(&Stub::SetAllotment, set);
  const auto [got, refused] = Rush(16, 8, "INSUFFICIENT_STOCK", [&](int client, int i) {
    const std::string owner = absl::StrCat("cart-", client, "-", i);
    if (i % 2 == 0) return HoldFor(owner, "web", 1);
    return HoldOf(owner, "A", 1, client % 2 == 0 ? "S1" : "W1");
  });
  EXPECT_EQ(got, 70);
  EXPECT_EQ(refused, 16 * 8 - 70);
  EXPECT_EQ(Call(&Stub::Reserve, HoldFor("order", "promotion", 30)), "OK");
}

}  // namespace
}  // namespace quartermaster::stock
