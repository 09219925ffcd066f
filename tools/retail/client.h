// One client of the retailer's: a connection of its own, and calls that are repeated with the same
// request id until the server has answered, which is how every client is meant to call.
//
//   Client client("unix:/tmp/socket", &calls);
//   stock::v1::ReserveResponse response;
//   grpc::Status status = client.Call(CallKind::kReserve, [&](grpc::ClientContext* context) {
//     return client.stock()->Reserve(context, request, &response);
//   });
#ifndef QUARTERMASTER_TOOLS_RETAIL_CLIENT_H_
#define QUARTERMASTER_TOOLS_RETAIL_CLIENT_H_

#include <grpcpp/grpcpp.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "quartermaster/catalog/v1/catalog.grpc.pb.h"
#include "quartermaster/orders/v1/orders.grpc.pb.h"
#include "quartermaster/stock/v1/stock.grpc.pb.h"
#include "services/base/mutex.h"
#include "services/base/time.h"
#include "tools/client/address_book.h"
#include "tools/retail/draw.h"
#include "tools/retail/latency.h"

namespace quartermaster::retail {

enum class CallKind { kReserve, kPlaceOrder, kOther };

// What all clients' calls came to. Thread-safe.
struct Calls {
  Latency reserve;
  Latency place_order;
  std::atomic<int64_t> answered = 0;
  std::atomic<int64_t> retries = 0;
  // Calls that no retry got an answer to: their effect is unknown.
  std::atomic<int64_t> given_up = 0;
};

// The reason of a typed refusal, UNSPECIFIED if the status carries none.
common::v1::ErrorReason ReasonOf(const grpc::Status& status);

// Whether stock is what the request was refused for.
bool IsStockRefusal(const grpc::Status& status);

class Client {
 public:
  // `calls` must outlive it. `seed` draws the jitter.
  Client(const tools::AddressBook& addresses, Calls* calls, uint64_t seed);

  catalog::v1::CatalogService::Stub* catalog() { return catalog_.get(); }
  stock::v1::StockService::Stub* stock() { return stock_.get(); }
  orders::v1::OrderService::Stub* orders() { return orders_.get(); }

  // Calls until there is an answer: UNAVAILABLE, DEADLINE_EXCEEDED and RESOURCE_EXHAUSTED are
  // repeated with growing, jittered pauses, for two minutes. `attempt` must send the same request
  // each time. Returns the answer, or the last failure. Not thread-safe.
  grpc::Status Call(CallKind kind,
                    const std::function<grpc::Status(grpc::ClientContext*)>& attempt);

  // Once only, with a deadline from now.
  grpc::Status Once(Micros timeout,
                    const std::function<grpc::Status(grpc::ClientContext*)>& attempt);

 private:
  std::unique_ptr<catalog::v1::CatalogService::Stub> catalog_;
  std::unique_ptr<stock::v1::StockService::Stub> stock_;
  std::unique_ptr<orders::v1::OrderService::Stub> orders_;
  Calls* calls_;
  Draw draw_;
};

}  // namespace quartermaster::retail

#endif  // QUARTERMASTER_TOOLS_RETAIL_CLIENT_H_
