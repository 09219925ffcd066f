// The gRPC peers against services that only remember what they were asked and say what they were
// told to say.
#include "services/orders/rpc/grpc_peers.h"

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <future>
#include <string>

#include "quartermaster/routing/v1/routing.grpc.pb.h"
#include "quartermaster/stock/v1/stock.grpc.pb.h"
#include "services/runtime/rpc_error.h"

namespace quartermaster::orders {
namespace {

namespace rpb = routing::v1;
namespace spb = stock::v1;

template <typename Request, typename Response>
struct Script {
  grpc::Status status;
  Request asked;
  Response answer;
  grpc::Status Run(const Request* request, Response* response) {
    asked = *request;
    *response = answer;
    return status;
  }
};

class ScriptedStock : public spb::StockService::Service {
 public:
  grpc::Status Reserve(grpc::ServerContext*, const spb::ReserveRequest* request,
                       spb::ReserveResponse* response) override {
    return reserve.Run(request, response);
  }
  grpc::Status ConfirmReservation(grpc::ServerContext*,
                                  const spb::ConfirmReservationRequest* request,
                                  spb::Reservation* response) override {
    return confirm.Run(request, response);
  }
  grpc::Status ReleaseReservation(grpc::ServerContext*,
                                  const spb::ReleaseReservationRequest* request,
                                  spb::Reservation* response) override {
    return release.Run(request, response);
  }
  grpc::Status AdjustStock(grpc::ServerContext*, const spb::AdjustStockRequest* request,
                           spb::AdjustStockResponse* response) override {
    return adjust.Run(request, response);
  }
  grpc::Status ListReservations(grpc::ServerContext*, const spb::ListReservationsRequest* request,
                                spb::ListReservationsResponse* response) override {
    return list.Run(request, response);
  }
  void Reset() {
    reserve = {};
    confirm = {};
    release = {};
    adjust = {};
    list = {};
  }
  Script<spb::ReserveRequest, spb::ReserveResponse> reserve;
  Script<spb::ConfirmReservationRequest, spb::Reservation> confirm;
  Script<spb::ReleaseReservationRequest, spb::Reservation> release;
  Script<spb::AdjustStockRequest, spb::AdjustStockResponse> adjust;
  Script<spb::ListReservationsRequest, spb::ListReservationsResponse> list;
};

class ScriptedRouting : public rpb::RoutingService::Service {
 public:
  grpc::Status PlanOrder(grpc::ServerContext*, const rpb::PlanOrderRequest* request,
                         rpb::Plan* response) override {
    return plan.Run(request, response);
  }
  Script<rpb::PlanOrderRequest, rpb::Plan> plan;
};

// One server for all tests, never destroyed: when the last channel of a process that had made
// asynchronous calls goes, gRPC 1.51 races with itself (its callback queue is unreferenced twice).
struct Peers {
  Peers() {
    grpc::ServerBuilder builder;
    builder.RegisterService(&stock_service);
    builder.RegisterService(&routing_service);
    server = builder.BuildAndStart();
    const auto channel = server->InProcessChannel(grpc::ChannelArguments());
    stock = NewGrpcStockPeer(channel, Seconds(10));
    routing = NewGrpcRoutingPeer(channel, Seconds(10));
  }
  static Peers& Get() {
    static auto* const peers = new Peers();
    return *peers;
  }
  ScriptedStock stock_service;
  ScriptedRouting routing_service;
  std::unique_ptr<grpc::Server> server;
  std::unique_ptr<StockPeer> stock;
  std::unique_ptr<RoutingPeer> routing;
};

class GrpcPeersTest : public testing::Test {
 protected:
  GrpcPeersTest() {
    stock_service_.Reset();
    routing_service_.plan = {};
  }

  template <typename T, typename Ask>
  static PeerResult<T> Await(Ask ask) {
    std::promise<PeerResult<T>> promise;
    ask([&promise](PeerResult<T> result) { promise.set_value(std::move(result)); });
    return promise.get_future().get();
  }

  ScriptedStock& stock_service_ = Peers::Get().stock_service;
  ScriptedRouting& routing_service_ = Peers::Get().routing_service;
  StockPeer* const stock_ = Peers::Get().stock.get();
  RoutingPeer* const routing_ = Peers::Get().routing.get();
};

TEST_F(GrpcPeersTest, ReserveGoesThereAndBack) {
  spb::Reservation& held = *stock_service_.reserve.answer.mutable_reservation();
  held.set_reservation_id("r-1");
  held.set_owner_id("o-1/1");
  held.set_state(spb::Reservation::HELD);
  held.mutable_expire_time()->set_seconds(1'795'737'720);
  spb::Reservation::Line* line = held.add_lines();
  line->set_line_id("0");
  line->set_sku("tea");
  spb::Reservation::Placement* placement = line->add_placements();
  placement->set_location_id("w1");
  placement->set_quantity(5);
  const auto result = Await<StockReservation>([&](auto done) {
    stock_->Reserve({.request_id = "q",
                     .owner_id = "o-1/1",
                     .lines = {{"0", "tea", "w1", Quantity(5)}},
                     .ttl = Seconds(120),
                     .takes_over_reservation_id = "cart",
                     .channel_id = "web",
                     .customer_ref = "c-7"},
                    std::move(done));
  });
  const StockReservation& reservation = std::get<StockReservation>(result);
  EXPECT_EQ(reservation.reservation_id, "r-1");
  EXPECT_EQ(reservation.expire_time, Instant{1'795'737'720'000'000});
  ASSERT_EQ(reservation.open.size(), 1u);
  EXPECT_EQ(reservation.open[0].quantity, Quantity(5));
  const spb::ReserveRequest& asked = stock_service_.reserve.asked;
  EXPECT_EQ(asked.request_id(), "q");
  EXPECT_EQ(asked.ttl().seconds(), 120);
  EXPECT_EQ(asked.takes_over_reservation_id(), "cart");
  EXPECT_EQ(asked.lines(0).location_id(), "w1");
  EXPECT_EQ(asked.channel_id(), "web");
  EXPECT_EQ(asked.customer_id(), "c-7");
}

TEST_F(GrpcPeersTest, ConfirmCarriesWhatToHoldAgain) {
  stock_service_.confirm.answer.set_reservation_id("r-2");
  stock_service_.confirm.answer.set_state(spb::Reservation::CONFIRMED);
  const auto result = Await<StockReservation>([&](auto done) {
    stock_->Confirm({.request_id = "q",
                     .reservation_id = "r-1",
                     .rehold_lines = {{"0", "tea", "w1", Quantity(5)}},
                     .owner_id = "o-1/1",
                     .channel_id = "web",
                     .customer_ref = "c-7"},
                    std::move(done));
  });
  EXPECT_EQ(std::get<StockReservation>(result).reservation_id, "r-2");
  EXPECT_EQ(std::get<StockReservation>(result).state, StockReservation::State::kConfirmed);
  EXPECT_EQ(stock_service_.confirm.asked.rehold_lines(0).quantity(), 5);
  EXPECT_EQ(stock_service_.confirm.asked.owner_id(), "o-1/1");
  EXPECT_EQ(stock_service_.confirm.asked.channel_id(), "web");
  EXPECT_EQ(stock_service_.confirm.asked.customer_id(), "c-7");
}

TEST_F(GrpcPeersTest, ReleaseNamesPartsAndWhetherTheyAreMissing) {
  Await<StockReservation>([&](auto done) {
    stock_->Release({.request_id = "q",
                     .reservation_id = "r-1",
                     .parts = {{"0", "w1", Quantity(2)}},
                     .missing = true},
                    std::move(done));
  });
  const spb::ReleaseReservationRequest& asked = stock_service_.release.asked;
  EXPECT_TRUE(asked.missing());
  EXPECT_EQ(asked.parts(0).location_id(), "w1");
  EXPECT_EQ(asked.parts(0).quantity(), 2);
}

TEST_F(GrpcPeersTest, AdjustSaysWhichItemsWereRefused) {
  stock_service_.adjust.answer.add_results();
  *stock_service_.adjust.answer.add_results()->mutable_status() =
      runtime::ToRpcStatus(runtime::RpcError(common::v1::EFFECT_KEY_REUSED, "used"));
  const auto result = Await<StockAdjusted>([&](auto done) {
    stock_->Adjust({.request_id = "q",
                    .adjustments = {{.sku = "tea",
                                     .location_id = "s1",
                                     .kind = StockAdjustment::Kind::kSold,
                                     .delta = -Quantity(2),
                                     .effect_key = "k1"},
                                    {.sku = "tea",
                                     .location_id = "s1",
                                     .kind = StockAdjustment::Kind::kReturned,
                                     .delta = Quantity(1),
                                     .condition = StockAdjustment::Condition::kDamaged,
                                     .effect_key = "k2"}},
                    .attribution = {.actor_id = "till"}},
                   std::move(done));
  });
  const StockAdjusted& items = std::get<StockAdjusted>(result);
  ASSERT_EQ(items.size(), 2u);
  EXPECT_FALSE(items[0].has_value());
  EXPECT_EQ(items[1]->reason, common::v1::EFFECT_KEY_REUSED);
  EXPECT_FALSE(items[1]->retriable);
  const spb::AdjustStockRequest& asked = stock_service_.adjust.asked;
  EXPECT_EQ(asked.adjustments(0).delta(), -2);
  EXPECT_EQ(asked.adjustments(0).kind(), spb::Adjustment::SOLD);
  EXPECT_EQ(asked.adjustments(1).condition(), spb::Adjustment::DAMAGED);
  EXPECT_EQ(asked.attribution().actor_id(), "till");
}

TEST_F(GrpcPeersTest, FindsAnOwnersOpenHoldOrNone) {
  using Found = std::optional<StockReservation>;
  const auto find = [&] {
    return std::get<Found>(
        Await<Found>([&](auto done) { stock_->FindHold("o-1/1", std::move(done)); }));
  };
  EXPECT_FALSE(find().has_value());
  stock_service_.list.answer.add_reservations()->set_reservation_id("r-9");
  EXPECT_EQ(find()->reservation_id, "r-9");
  EXPECT_EQ(stock_service_.list.asked.owner_id(), "o-1/1");
  EXPECT_EQ(stock_service_.list.asked.state(), spb::Reservation::HELD);
}

TEST_F(GrpcPeersTest, ARefusalKeepsItsReasonAndShortLines) {
  common::v1::InsufficientStock shortage;
  auto* line = shortage.add_lines();
  line->set_line_id("0");
  line->set_sku("tea");
  line->set_location_id("w1");
  line->set_asked(5);
  line->set_available(2);
  runtime::RpcError refusal(common::v1::INSUFFICIENT_STOCK, "short");
  refusal.SetInsufficientStock(shortage);
  stock_service_.reserve.status = runtime::ToGrpcStatus(refusal);
  const auto result = Await<StockReservation>(
      [&](auto done) { stock_->Reserve({.request_id = "q"}, std::move(done)); });
  const PeerError* error = GetError(result);
  ASSERT_NE(error, nullptr);
  EXPECT_EQ(error->reason, common::v1::INSUFFICIENT_STOCK);
  EXPECT_FALSE(error->retriable);
  ASSERT_EQ(error->short_lines.size(), 1u);
  EXPECT_EQ(error->short_lines[0].available, Quantity(2));
  EXPECT_EQ(error->short_lines[0].location_id, "w1");
}

TEST_F(GrpcPeersTest, OnlyAPeersOwnRefusalIsFinal) {
  const auto retriable = [&](const grpc::Status& status) {
    stock_service_.reserve.status = status;
    return GetError(Await<StockReservation>(
                        [&](auto done) { stock_->Reserve({.request_id = "q"}, std::move(done)); }))
        ->retriable;
  };
  const auto ours = [&](common::v1::ErrorReason reason) {
    return retriable(runtime::ToGrpcStatus(runtime::RpcError(reason, "")));
  };
  // Of the transport or of a proxy: whatever it says, the outcome is not known.
  for (int code = grpc::StatusCode::CANCELLED; code <= grpc::StatusCode::UNAUTHENTICATED; ++code) {
    EXPECT_TRUE(retriable(grpc::Status(static_cast<grpc::StatusCode>(code), ""))) << code;
  }
  EXPECT_TRUE(retriable(runtime::ToGrpcStatus(runtime::NotServing())));
  EXPECT_TRUE(retriable(runtime::ToGrpcStatus(runtime::Overloaded())));
  // Whatever a peer says of what it was asked, also what only later versions ask.
  for (const auto reason :
       {common::v1::CHANNEL_NOT_FOUND, common::v1::KIT_HAS_NO_STOCK, common::v1::GROUP_TORN_APART,
        common::v1::TRANSFER_REUSED, common::v1::MESSAGE_REUSED, common::v1::ITEM_NOT_ELIGIBLE,
        common::v1::REQUEST_TOO_LARGE}) {
    EXPECT_FALSE(ours(reason)) << reason;
  }
  for (const auto reason : {common::v1::PARTITION_NOT_FOUND, common::v1::PARTITION_FENCED,
                            common::v1::LOG_FAILED, common::v1::LOG_DAMAGED}) {
    EXPECT_TRUE(ours(reason)) << reason;
  }
  EXPECT_TRUE(ours(common::v1::INTERNAL_DEFECT));
  EXPECT_TRUE(ours(common::v1::PARTITION_FENCED));
  EXPECT_TRUE(ours(common::v1::LOG_FAILED));
  EXPECT_FALSE(ours(common::v1::RESERVATION_EXPIRED));
  EXPECT_FALSE(ours(common::v1::ITEM_NOT_FOUND));
  EXPECT_FALSE(ours(common::v1::REQUEST_ID_REUSED));
  EXPECT_FALSE(retriable(runtime::ToGrpcStatus(runtime::InvalidField("ttl", "too long"))));
}

TEST_F(GrpcPeersTest, PlanGoesThereAndBack) {
  rpb::Plan& plan = routing_service_.plan.answer;
  rpb::Plan::Assignment* assignment = plan.add_assignments();
  assignment->set_group_id("g");
  assignment->set_line_id("l");
  assignment->set_sku("tea");
  assignment->set_location_id("w1");
  assignment->set_quantity(3);
  plan.add_short_lines()->set_line_id("m");
  plan.mutable_explanation()->set_strategy("default@1");
  PlanRequest request;
  request.groups.push_back({.group_id = "g",
                            .method = PlanMethod::kPickup,
                            .destination = PlanPoint{44.4, 26.1},
                            .location_id = "s1",
                            .lines = {{"l", "tea", Quantity(3)}}});
  request.credits.push_back({"tea", "w1", Quantity(1)});
  request.overrides.push_back({"tea", "w2", Quantity(0)});
  request.excluded_location_ids.push_back("w3");
  request.allow_partial = true;
  const auto result =
      Await<RoutePlan>([&](auto done) { routing_->Plan(request, std::move(done)); });
  const RoutePlan& got = std::get<RoutePlan>(result);
  ASSERT_EQ(got.assignments.size(), 1u);
  EXPECT_EQ(got.assignments[0].quantity, Quantity(3));
  EXPECT_EQ(got.short_lines[0].line_id, "m");
  rpb::Plan stored;
  ASSERT_TRUE(stored.ParseFromString(got.decision));
  EXPECT_EQ(stored.explanation().strategy(), "default@1");
  const rpb::PlanOrderRequest& asked = routing_service_.plan.asked;
  EXPECT_EQ(asked.groups(0).method(), rpb::PICKUP);
  EXPECT_DOUBLE_EQ(asked.groups(0).destination().latitude(), 44.4);
  EXPECT_EQ(asked.groups(0).location_id(), "s1");
  EXPECT_EQ(asked.credits(0).quantity(), 1);
  EXPECT_EQ(asked.overrides(0).location_id(), "w2");
  EXPECT_EQ(asked.excluded_location_ids(0), "w3");
  EXPECT_TRUE(asked.allow_partial());
}

TEST_F(GrpcPeersTest, AServerThatIsNotThereIsRetriable) {
  // Nothing listens on the port of TCP's discard service.
  const auto nowhere = NewGrpcRoutingPeer(
      grpc::CreateChannel("127.0.0.1:9", grpc::InsecureChannelCredentials()), Seconds(10));
  const auto result = Await<RoutePlan>([&](auto done) { nowhere->Plan({}, std::move(done)); });
  ASSERT_NE(GetError(result), nullptr);
  EXPECT_TRUE(GetError(result)->retriable);
}

}  // namespace
}  // namespace quartermaster::orders
