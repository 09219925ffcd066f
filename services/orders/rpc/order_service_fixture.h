// OrderServiceTest: OrderService on a real gRPC server, over a log in memory, with peers that
// answer at once. Stock: 10 tea at w1, 4 cups at s1 and 4 at s2, 5 books and 5 gas at s1.
#ifndef QUARTERMASTER_SERVICES_ORDERS_RPC_ORDER_SERVICE_FIXTURE_H_
#define QUARTERMASTER_SERVICES_ORDERS_RPC_ORDER_SERVICE_FIXTURE_H_

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "quartermaster/orders/v1/orders.grpc.pb.h"
#include "services/orders/app/orders_app.h"
#include "services/orders/app/testing/direct_peers.h"
#include "services/orders/rpc/order_service.h"
#include "services/runtime/rpc_error.h"
#include "services/runtime/server.h"
#include "services/runtime/system_clock.h"
#include "storage/memory_log.h"

namespace quartermaster::orders {

// Knows what the fixture's stock has, and nothing else. An old book is discontinued, gas is sold
// over the counter only, and neither is returnable.
class TestDirectory : public Directory {
 public:
  std::optional<ItemTerms> FindItem(std::string_view sku) const override {
    if (sku == "tea" || sku == "cup") return ItemTerms{};
    if (sku == "book") return ItemTerms{.discontinued = true, .returnable = false};
    if (sku == "gas") return ItemTerms{.online = false, .returnable = false};
    return std::nullopt;
  }
  bool HasLocation(std::string_view id) const override {
    return id == "w1" || id == "s1" || id == "s2";
  }
  // From one opening day to the next it is so long.
  void SetDay(Micros day) { day_us_ = day.count; }
  std::vector<Instant> NextCloses(std::string_view id, Instant after, int days) const override {
    std::vector<Instant> closes;
    if (!HasLocation(id)) return closes;
    for (int day = 1; day <= days; ++day) closes.push_back(after + Micros{day * day_us_});
    return closes;
  }

 private:
  std::atomic<int64_t> day_us_ = Hours(72).count;
};

// "REASON field, field" of an error of ours; "OK"; "code 13 message" of another.
std::string Describe(const grpc::Status& status);
std::string Describe(const google::rpc::Status& status);

class OrderServiceTest : public testing::Test {
 protected:
  OrderServiceTest();
  ~OrderServiceTest() override;

  // Calls a method with a deadline of ten seconds; what it answered, in words.
  template <typename Request, typename Response>
  std::string Call(grpc::Status (v1::OrderService::Stub::*method)(grpc::ClientContext*,
                                                                  const Request&, Response*),
                   const Request& request, Response* response) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(10));
    return Describe((stub_.get()->*method)(&context, request, response));
  }
  // The same without its answer.
  template <typename Request, typename Response>
  std::string Call(grpc::Status (v1::OrderService::Stub::*method)(grpc::ClientContext*,
                                                                  const Request&, Response*),
                   const Request& request) {
    Response response;
    return Call(method, request, &response);
  }

  // An order of `units` of a SKU: shipped, or (with a location) picked up.
  static v1::PlaceOrderRequest Order(const std::string& request_id, const std::string& sku,
                                     int units, const std::string& pickup_at = "");
  // Places it; its id. Fails the test if it is not placed.
  std::string Place(const v1::PlaceOrderRequest& request);
  v1::Order Get(const std::string& order_id);
  v1::Sale Sale(int64_t sequence, const std::string& sku, int units);
  storage::Position head() const { return app_->engine().head(); }
  std::string LogBytes();

  runtime::SystemClock clock_;
  TestDirectory directory_;
  DirectPeers peers_{&clock_};
  std::unique_ptr<storage::EventLog> log_ = storage::NewMemoryLog();
  std::unique_ptr<OrdersApp> app_;
  std::unique_ptr<grpc::Service> service_;
  std::unique_ptr<runtime::GrpcServer> server_;
  std::unique_ptr<v1::OrderService::Stub> stub_;
};

}  // namespace quartermaster::orders

#endif  // QUARTERMASTER_SERVICES_ORDERS_RPC_ORDER_SERVICE_FIXTURE_H_
