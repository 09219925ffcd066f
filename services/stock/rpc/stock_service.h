// StockService over gRPC: parse, submit, translate. No business branch.
#ifndef QUARTERMASTER_SERVICES_STOCK_RPC_STOCK_SERVICE_H_
#define QUARTERMASTER_SERVICES_STOCK_RPC_STOCK_SERVICE_H_

#include <memory>

#include "services/stock/app/stock_engine.h"

namespace grpc {
class Service;
}

namespace quartermaster::stock {

// Thread-safe.
class StockRpc {
 public:
  // `engine` must outlive the service and every call on it.
  explicit StockRpc(StockEngine* engine);
  ~StockRpc();

  // quartermaster.stock.v1.StockService, on gRPC's callback API.
  grpc::Service* service();

  // Ends the open streams with NOT_SERVING, so that their clients go elsewhere; new ones are
  // refused. For the server's drain; does not block.
  void EndStreams();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace quartermaster::stock

#endif  // QUARTERMASTER_SERVICES_STOCK_RPC_STOCK_SERVICE_H_
