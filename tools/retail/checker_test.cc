// A checker that finds nothing proves nothing: each kind of damage, planted in a fake server's
// answers, must turn up as its own count.
#include "tools/retail/checker.h"

#include <grpcpp/grpcpp.h>

#include <map>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace quartermaster::retail {
namespace {

using orders::v1::Order;
using stock::v1::Reservation;

// Answers from maps that the test fills.
class FakeOrders : public orders::v1::OrderService::Service {
 public:
  grpc::Status GetOrder(grpc::ServerContext*, const orders::v1::GetOrderRequest* request,
                        Order* response) override {
    const auto found = orders.find(request->order_id());
    if (found == orders.end()) return {grpc::StatusCode::NOT_FOUND, "no such order"};
    *response = found->second;
    return grpc::Status::OK;
  }
  grpc::Status ListOrders(grpc::ServerContext*, const orders::v1::ListOrdersRequest* request,
                          orders::v1::ListOrdersResponse* response) override {
    for (const auto& [id, order] : orders) {
      if (order.external_id() == request->external_id()) *response->add_orders() = order;
    }
    return grpc::Status::OK;
  }
  grpc::Status GetReturn(grpc::ServerContext*, const orders::v1::GetReturnRequest* request,
                         orders::v1::Return* response) override {
    const auto found = returns.find(request->return_id());
    if (found == returns.end()) return {grpc::StatusCode::NOT_FOUND, "no such return"};
    response->set_state(found->second);
    return grpc::Status::OK;
  }

  std::map<std::string, Order> orders;
  std::map<std::string, orders::v1::Return::State> returns;
};

class FakeStock : public stock::v1::StockService::Service {
 public:
  grpc::Status GetReservation(grpc::ServerContext*, const stock::v1::GetReservationRequest* request,
                              Reservation* response) override {
    const auto found = reservations.find(request->reservation_id());
    if (found == reservations.end()) return {grpc::StatusCode::NOT_FOUND, "no such reservation"};
    *response = found->second;
    return grpc::Status::OK;
  }
  grpc::Status GetAvailability(grpc::ServerContext*,
                               const stock::v1::GetAvailabilityRequest* request,
                               stock::v1::GetAvailabilityResponse* response) override {
    for (const auto& key : request->keys()) {
      *response->add_availabilities() = availabilities[key.sku() + "@" + key.location_id()];
    }
    return grpc::Status::OK;
  }

  std::map<std::string, Reservation> reservations;
  std::map<std::string, stock::v1::Availability> availabilities;
};

// A world of one item and one place, in which one order of 3 was placed (2 shipped, 1 open), one
// was refused, one hold of 4 expired and one return of 1 came back; 10 units were received.
class CheckerTest : public ::testing::Test {
 protected:
  void SetUp() override {
    world_.items.resize(1);
    world_.items[0].sku = "sku";
    world_.places.resize(1);
    world_.places[0].id = "place";
    plan_.orders.resize(2);
    plan_.orders[0].external_id = "one";
    plan_.orders[1].external_id = "two";
    shop_ = std::make_unique<Shop>(world_, plan_, "run", 1);

    OrderRecord& placed = shop_->records.order(0);
    placed.fate = OrderRecord::Fate::kPlaced;
    placed.order_id = "order-1";
    LineRecord& line = placed.lines.emplace_back();
    line.ordered = 3;
    line.fulfilled = 2;
    line.returned = 1;
    line.open[0] = 1;
    OrderRecord& refused = shop_->records.order(1);
    refused.planned = 1;
    refused.fate = OrderRecord::Fate::kRefused;
    shop_->records.AddHold({"hold-1", HoldRecord::Fate::kExpires, {{0, 4}}});
    shop_->records.AddReturn({"return-1", true});
    shop_->records.AddAtKey(0, 0, &KeyRecord::received, 10);
    shop_->records.AddAtKey(0, 0, &KeyRecord::gone, 2);
    shop_->records.AddAtKey(0, 0, &KeyRecord::returned_sellable, 1);

    Order& order = orders_.orders["order-1"];
    order.set_order_id("order-1");
    order.set_external_id(shop_->RequestId("one", 0));
    Order::Line* answered = order.add_lines();
    answered->set_line_id("0");
    answered->set_ordered(3);
    answered->set_fulfilled(2);
    answered->set_allocated(1);
    answered->set_returned(1);
    Reservation& hold = stock_.reservations["hold-1"];
    hold.set_state(Reservation::EXPIRED);
    Reservation::Line* held = hold.add_lines();
    held->set_sku("sku");
    held->set_quantity(4);
    orders_.returns["return-1"] = orders::v1::Return::RECEIVED;
    Stock().set_on_hand(9);
    Stock().set_allocated(1);

    grpc::ServerBuilder builder;
    int port = 0;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(&orders_);
    builder.RegisterService(&stock_);
    server_ = builder.BuildAndStart();
    ASSERT_NE(server_, nullptr);
    addresses_ = *tools::AddressBook::Parse(absl::StrCat("127.0.0.1:", port));
  }

  stock::v1::Availability& Stock() { return stock_.availabilities["sku@place"]; }
  Order::Line* Line() { return orders_.orders["order-1"].mutable_lines(0); }
  // Does not wait for a server that will never settle.
  Verdict Checked() { return Check(shop_.get(), addresses_, 2, Seconds(0)); }

  World world_;
  Plan plan_;
  std::unique_ptr<Shop> shop_;
  FakeOrders orders_;
  FakeStock stock_;
  std::unique_ptr<grpc::Server> server_;
  tools::AddressBook addresses_;
};

TEST_F(CheckerTest, WhatIsAsRecordedGivesZeros) {
  const Verdict verdict = Checked();
  EXPECT_EQ(verdict.oversold, 0);
  EXPECT_EQ(verdict.lost, 0);
  EXPECT_EQ(verdict.stranded, 0);
  EXPECT_EQ(verdict.keys_differing, 0);
  EXPECT_EQ(verdict.orders_checked, 2);
  EXPECT_EQ(verdict.holds_checked, 1);
  EXPECT_EQ(verdict.returns_checked, 1);
  EXPECT_EQ(verdict.keys_checked, 1);
  EXPECT_EQ(verdict.open_orders, 1);
  EXPECT_TRUE(verdict.findings.empty());
  EXPECT_EQ(shop_->tally.unexpected, 0);
}

TEST_F(CheckerTest, AnOrderThatIsGoneIsLost) {
  orders_.orders.clear();
  EXPECT_EQ(Checked().lost, 1);
}

TEST_F(CheckerTest, AnOrderThatIsKnownDifferentlyIsLost) {
  Line()->set_cancelled(1);
  EXPECT_EQ(Checked().lost, 1);
  Line()->set_cancelled(0);
  Line()->set_fulfilled(3);
  EXPECT_EQ(Checked().lost, 1);
  orders_.orders["order-1"].clear_lines();
  EXPECT_EQ(Checked().lost, 1);
}

TEST_F(CheckerTest, AHoldThatIsGoneOrStillHeldIsLost) {
  stock_.reservations["hold-1"].set_state(Reservation::HELD);
  EXPECT_EQ(Checked().lost, 1);
  stock_.reservations["hold-1"].set_state(Reservation::EXPIRED);
  stock_.reservations["hold-1"].mutable_lines(0)->set_quantity(5);
  EXPECT_EQ(Checked().lost, 1);
  stock_.reservations.clear();
  EXPECT_EQ(Checked().lost, 1);
}

TEST_F(CheckerTest, AReturnThatIsGoneIsLost) {
  orders_.returns.clear();
  EXPECT_EQ(Checked().lost, 1);
}

TEST_F(CheckerTest, UnitsThatNothingExplainsAreStranded) {
  Stock().set_reserved(2);
  EXPECT_EQ(Checked().stranded, 2);
  Stock().set_reserved(0);
  Stock().set_allocated(4);
  EXPECT_EQ(Checked().stranded, 3);
  Stock().set_allocated(0);
  EXPECT_EQ(Checked().stranded, 1);
}

TEST_F(CheckerTest, ARefusedOrderThatExistsIsStranded) {
  orders_.orders["order-2"].set_external_id(shop_->RequestId("two", 0));
  EXPECT_EQ(Checked().stranded, 1);
}

TEST_F(CheckerTest, StockThatDoesNotAddUpDiffers) {
  Stock().set_on_hand(8);
  EXPECT_EQ(Checked().keys_differing, 1);
  Stock().set_on_hand(9);
  Stock().set_unusable(1);
  EXPECT_EQ(Checked().keys_differing, 1);
}

TEST_F(CheckerTest, MorePromisedAtAPlaceThanItHasIsOversold) {
  shop_->records.AddAtKey(0, 0, &KeyRecord::gone, 9);
  Stock().set_on_hand(0);
  EXPECT_EQ(Checked().oversold, 1);
}

TEST_F(CheckerTest, AnOversaleInBetweenStaysOne) {
  shop_->books.SupplySent(0, 1);
  shop_->books.AddSure(0, 3);
  shop_->books.AddSure(0, -3);
  EXPECT_EQ(Checked().oversold, 2);
}

}  // namespace
}  // namespace quartermaster::retail
