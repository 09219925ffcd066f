// Stock behind a real gRPC server, and a client of it.
#ifndef QUARTERMASTER_SERVICES_STOCK_RPC_TEST_SERVER_H_
#define QUARTERMASTER_SERVICES_STOCK_RPC_TEST_SERVER_H_

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "google/rpc/status.pb.h"
#include "quartermaster/stock/v1/stock.grpc.pb.h"
#include "services/runtime/rpc_error.h"
#include "services/runtime/server.h"
#include "services/stock/app/stock_engine.h"
#include "services/stock/rpc/stock_service.h"
#include "storage/memory_log.h"

namespace quartermaster::stock {

// "REASON field, field" of an error of ours; "code 13 message" of another.
inline std::string Describe(const runtime::RpcError& error) {
  std::string text = common::v1::ErrorReason_Name(error.reason());
  const char* separator = " ";
  for (const runtime::FieldViolation& violation : error.details().fields) {
    absl::StrAppend(&text, separator, violation.field);
    separator = ", ";
  }
  return text;
}
inline std::string Describe(const grpc::Status& status) {
  if (status.ok()) return "OK";
  if (status.error_details().empty()) {
    return absl::StrCat("code ", static_cast<int>(status.error_code()), " ",
                        status.error_message());
  }
  return Describe(runtime::FromGrpcStatus(status));
}
inline std::string Describe(const google::rpc::Status& status) {
  return status.code() == 0 ? "OK" : Describe(runtime::FromRpcStatus(status));
}

class TestClock final : public engine::Clock {
 public:
  TestClock()
      : now_us_(std::chrono::duration_cast<std::chrono::microseconds>(
                    std::chrono::system_clock::now().time_since_epoch())
                    .count()) {}
  Instant Now() const override { return {now_us_.load()}; }
  void Advance(Micros length) { now_us_ += length.count; }

 private:
  std::atomic<int64_t> now_us_;
};

class StockServiceTest : public testing::Test {
 protected:
  using Stub = v1::StockService::Stub;

  // Their partition and directory are the test's.
  explicit StockServiceTest(StockEngineOptions engine_options = {})
      : directory_(testing::TempDir() + "/stock_service_test_XXXXXX") {
    EXPECT_NE(mkdtemp(directory_.data()), nullptr);
    engine_options.sequencer.partition = {"default", "stock/0"};
    engine_options.store_directory = directory_;
    auto engine = StockEngine::Open(std::move(engine_options), log_.get(), &clock_);
    EXPECT_TRUE(engine.ok()) << engine.status();
    engine_ = *std::move(engine);
    EXPECT_TRUE(engine_->Acquire().ok());
    engine_->Start();
    rpc_ = std::make_unique<StockRpc>(engine_.get());
    runtime::GrpcServerOptions options;
    options.listen = "127.0.0.1:0";
    auto server = runtime::GrpcServer::Start(std::move(options),
                                             {runtime::Hosted<v1::StockService>(rpc_->service())});
    EXPECT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
    server_->OnDrain([this] { rpc_->EndStreams(); });
    stub_ = NewStub();
  }
  ~StockServiceTest() override {
    EXPECT_TRUE(server_->Drain());
    engine_->Stop();
    server_.reset();
    rpc_.reset();
    engine_.reset();
    std::filesystem::remove_all(directory_);
  }

  std::unique_ptr<Stub> NewStub() {
    return v1::StockService::NewStub(grpc::CreateChannel(
        absl::StrCat("127.0.0.1:", server_->port()), grpc::InsecureChannelCredentials()));
  }
  static void SetDeadline(grpc::ClientContext& context) {
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
  }

  // Calls a method with a deadline; the description of its status.
  template <typename Request, typename Response>
  std::string Call(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                   const Request& request, Response* response = nullptr) {
    Response ignored;
    grpc::ClientContext context;
    SetDeadline(context);
    return Describe((stub_.get()->*method)(&context, request, response ? response : &ignored));
  }
  // The same, which must be accepted.
  template <typename Request, typename Response>
  Response Get(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
               const Request& request) {
    Response response;
    EXPECT_EQ(Call(method, request, &response), "OK");
    return response;
  }

  std::string NewId() { return absl::StrCat("request-", ++ids_); }
  void Receive(const std::string& sku, const std::string& location, int quantity) {
    v1::AdjustStockRequest request;
    request.set_request_id(NewId());
    v1::Adjustment& a = *request.add_adjustments();
    a.set_sku(sku);
    a.set_location_id(location);
    a.set_kind(v1::Adjustment::RECEIVED);
    a.set_delta(quantity);
    EXPECT_EQ(Get(&Stub::AdjustStock, request).results(0).status().code(), 0);
  }
  void SetPool(const std::string& pool, const std::vector<std::string>& locations) {
    v1::SetPoolRequest request;
    request.set_request_id(NewId());
    request.set_pool_id(pool);
    for (const std::string& location : locations) request.add_location_ids(location);
    Get(&Stub::SetPool, request);
  }
  v1::ReserveRequest HoldOf(const std::string& owner, const std::string& sku, int quantity,
                            const std::string& location) {
    v1::ReserveRequest request;
    request.set_request_id(NewId());
    request.set_owner_id(owner);
    v1::ReserveLine& line = *request.add_lines();
    line.set_sku(sku);
    line.set_quantity(quantity);
    line.set_location_id(location);
    return request;
  }
  v1::Reservation Hold(const std::string& owner, const std::string& sku, int quantity,
                       const std::string& location) {
    return Get(&Stub::Reserve, HoldOf(owner, sku, quantity, location)).reservation();
  }
  // Asks for a key, with whatever `adapt` does to the request.
  template <typename Adapt>
  v1::Availability Availability(const std::string& sku, const std::string& place, Adapt adapt) {
    v1::GetAvailabilityRequest request;
    v1::AvailabilityKey& key = *request.add_keys();
    key.set_sku(sku);
    if (place[0] == '~') {
      key.set_pool_id(place.substr(1));
    } else if (place[0] == '^') {
      key.set_channel_id(place.substr(1));
    } else {
      key.set_location_id(place);
    }
    adapt(request);
    const v1::GetAvailabilityResponse response = Get(&Stub::GetAvailability, request);
    return response.availabilities_size() == 1 ? response.availabilities(0) : v1::Availability();
  }
  v1::Availability Availability(const std::string& sku, const std::string& place) {
    return Availability(sku, place, [](v1::GetAvailabilityRequest&) {});
  }
  storage::Position head() const { return engine_->sequencer().head(); }

  std::string directory_;
  TestClock clock_;
  std::unique_ptr<storage::EventLog> log_ = storage::NewMemoryLog();
  std::unique_ptr<StockEngine> engine_;
  std::unique_ptr<StockRpc> rpc_;
  std::unique_ptr<runtime::GrpcServer> server_;
  std::unique_ptr<Stub> stub_;
  int ids_ = 0;
};

}  // namespace quartermaster::stock

#endif  // QUARTERMASTER_SERVICES_STOCK_RPC_TEST_SERVER_H_
