#include <optional>

#include "services/runtime/page_token.h"
#include "services/stock/rpc/service_impl.h"
#include "services/stock/rpc/transfer_requests.h"

namespace quartermaster::stock {

using runtime::RpcError;

template <typename Request>
StockServiceImpl::Reactor* StockServiceImpl::CallOnTransfer(Context* context,
                                                            const Request& request,
                                                            v1::Transfer* response) {
  return Call(context, request,
              [&request, response](const Result& result, auto position) -> std::optional<RpcError> {
                if (result.rejection) return TransferError(*result.rejection, request);
                RenderTransfer(*result.transfer, *response);
                response->set_position(PositionToken(position));
                return std::nullopt;
              });
}

StockServiceImpl::Reactor* StockServiceImpl::TransferStock(Context* context,
                                                           const v1::TransferStockRequest* request,
                                                           v1::Transfer* response) {
  return CallOnTransfer(context, *request, response);
}

StockServiceImpl::Reactor* StockServiceImpl::ShipTransfer(Context* context,
                                                          const v1::ShipTransferRequest* request,
                                                          v1::Transfer* response) {
  return CallOnTransfer(context, *request, response);
}

StockServiceImpl::Reactor* StockServiceImpl::ReceiveTransfer(
    Context* context, const v1::ReceiveTransferRequest* request, v1::Transfer* response) {
  return CallOnTransfer(context, *request, response);
}

StockServiceImpl::Reactor* StockServiceImpl::CloseTransfer(Context* context,
                                                           const v1::CloseTransferRequest* request,
                                                           v1::Transfer* response) {
  return CallOnTransfer(context, *request, response);
}

StockServiceImpl::Reactor* StockServiceImpl::GetTransfer(Context* context,
                                                         const v1::GetTransferRequest* request,
                                                         v1::Transfer* response) {
  return CallOnTransfer(context, *request, response);
}

StockServiceImpl::Reactor* StockServiceImpl::ListTransfers(Context* context,
                                                           const v1::ListTransfersRequest* request,
                                                           v1::ListTransfersResponse* response) {
  if (!runtime::PageAfter(*request)) return Refuse(context, runtime::PageTokenInvalid());
  return Call(context, *request,
              [request, response](const Result& result, auto position) -> std::optional<RpcError> {
                if (result.rejection) return TransferError(*result.rejection, *request);
                RenderTransfers(*request, result, position, *response);
                return std::nullopt;
              });
}

}  // namespace quartermaster::stock
