#include "services/orders/rpc/order_service_fixture.h"

#include <vector>

#include "google/rpc/status.pb.h"

namespace quartermaster::orders {
namespace {

std::string Describe(const runtime::RpcError& error) {
  std::string text = common::v1::ErrorReason_Name(error.reason());
  const char* separator = " ";
  for (const runtime::FieldViolation& violation : error.details().fields) {
    absl::StrAppend(&text, separator, violation.field);
    separator = ", ";
  }
  return text;
}

}  // namespace

std::string Describe(const grpc::Status& status) {
  if (status.ok()) return "OK";
  if (status.error_details().empty()) {
    return absl::StrCat("code ", static_cast<int>(status.error_code()), " ",
                        status.error_message());
  }
  return Describe(runtime::FromGrpcStatus(status));
}

std::string Describe(const google::rpc::Status& status) {
  return status.code() == 0 ? "OK" : Describe(runtime::FromRpcStatus(status));
}

OrderServiceTest::OrderServiceTest() {
  peers_.Put("tea", "w1", 10);
  peers_.Put("cup", "s1", 4);
  peers_.Put("cup", "s2", 4);
  peers_.Put("book", "s1", 5);
  peers_.Put("gas", "s1", 5);
  auto app = OrdersApp::Open({.backorder_interval = Milliseconds(20)}, log_.get(), &clock_,
                             {&peers_, &peers_, &directory_});
  EXPECT_TRUE(app.ok()) << app.status();
  app_ = *std::move(app);
  EXPECT_TRUE(app_->Acquire().ok());
  service_ = NewOrderService(app_.get());
  auto server = runtime::GrpcServer::Start({.listen = "127.0.0.1:0"},
                                           {runtime::Hosted<v1::OrderService>(service_.get())});
  EXPECT_TRUE(server.ok()) << server.status();
  server_ = *std::move(server);
  server_->OnDrain([this] { app_->watch().CancelAll(); });
  app_->Start();
  stub_ = v1::OrderService::NewStub(grpc::CreateChannel(absl::StrCat("127.0.0.1:", server_->port()),
                                                        grpc::InsecureChannelCredentials()));
}

OrderServiceTest::~OrderServiceTest() {
  server_->Drain();
  app_->Stop();
}

v1::PlaceOrderRequest OrderServiceTest::Order(const std::string& request_id, const std::string& sku,
                                              int units, const std::string& pickup_at) {
  v1::PlaceOrderRequest request;
  request.set_request_id(request_id);
  request.set_channel_id("web");
  v1::PlaceGroup* group = request.add_groups();
  group->set_method(pickup_at.empty() ? routing::v1::SHIP : routing::v1::PICKUP);
  group->set_location_id(pickup_at);
  if (pickup_at.empty()) {
    group->mutable_destination()->mutable_point()->set_latitude(44.4268);
    group->mutable_destination()->mutable_point()->set_longitude(26.1025);
  }
  v1::PlaceLine* line = group->add_lines();
  line->set_sku(sku);
  line->set_quantity(units);
  return request;
}

std::string OrderServiceTest::Place(const v1::PlaceOrderRequest& request) {
  v1::PlaceOrderResponse response;
  EXPECT_EQ(Call(&v1::OrderService::Stub::PlaceOrder, request, &response), "OK");
  EXPECT_EQ(response.outcome(), v1::PlaceOrderResponse::PLACED);
  return response.order().order_id();
}

v1::Order OrderServiceTest::Get(const std::string& order_id) {
  v1::GetOrderRequest request;
  request.set_order_id(order_id);
  v1::Order order;
  EXPECT_EQ(Call(&v1::OrderService::Stub::GetOrder, request, &order), "OK");
  return order;
}

v1::Sale OrderServiceTest::Sale(int64_t sequence, const std::string& sku, int units) {
  v1::Sale sale;
  sale.set_location_id("s1");
  sale.set_terminal_id("till-1");
  sale.set_business_day("2026-11-27");
  sale.set_sequence(sequence);
  v1::SaleLine* line = sale.add_lines();
  line->set_sku(sku);
  line->set_quantity(units);
  return sale;
}

std::string OrderServiceTest::LogBytes() {
  std::string bytes;
  storage::Position next = 1;
  while (next <= head()) {
    const auto frames = log_->Read(app_->engine().partition(), next, 1 << 20);
    for (const std::string& frame : *frames) {
      bytes += frame;
      next = storage::FrameView::Parse(frame)->last_position() + 1;
    }
  }
  return bytes;
}

}  // namespace quartermaster::orders
