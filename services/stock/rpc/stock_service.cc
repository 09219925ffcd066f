#include "services/stock/rpc/stock_service.h"

#include "services/stock/rpc/service_impl.h"

namespace quartermaster::stock {

class StockRpc::Impl {
 public:
  explicit Impl(StockEngine* engine) : service(engine, &streams) {}
  LiveStreams streams;
  StockServiceImpl service;
};

StockRpc::StockRpc(StockEngine* engine) : impl_(std::make_unique<Impl>(engine)) {}
StockRpc::~StockRpc() = default;
grpc::Service* StockRpc::service() { return &impl_->service; }
void StockRpc::EndStreams() { impl_->streams.EndAll(); }

}  // namespace quartermaster::stock
