#include <optional>

#include "services/stock/rpc/service_impl.h"
#include "services/stock/rpc/supply_requests.h"

namespace quartermaster::stock {

using runtime::RpcError;

template <typename Request>
StockServiceImpl::Reactor* StockServiceImpl::CallOnSupply(Context* context, const Request& request,
                                                          v1::Supply* response) {
  return Call(context, request,
              [&request, response](const Result& result, auto position) -> std::optional<RpcError> {
                if (result.rejection) return SupplyError(*result.rejection, request);
                RenderSupply(*result.supply, *response);
                response->set_position(PositionToken(position));
                return std::nullopt;
              });
}

StockServiceImpl::Reactor* StockServiceImpl::ExpectSupply(Context* context,
                                                          const v1::ExpectSupplyRequest* request,
                                                          v1::Supply* response) {
  return CallOnSupply(context, *request, response);
}

StockServiceImpl::Reactor* StockServiceImpl::ReceiveSupply(Context* context,
                                                           const v1::ReceiveSupplyRequest* request,
                                                           v1::Supply* response) {
  return CallOnSupply(context, *request, response);
}

StockServiceImpl::Reactor* StockServiceImpl::CancelSupply(Context* context,
                                                          const v1::CancelSupplyRequest* request,
                                                          v1::Supply* response) {
  return CallOnSupply(context, *request, response);
}

StockServiceImpl::Reactor* StockServiceImpl::GetSupply(Context* context,
                                                       const v1::GetSupplyRequest* request,
                                                       v1::Supply* response) {
  return CallOnSupply(context, *request, response);
}

}  // namespace quartermaster::stock
