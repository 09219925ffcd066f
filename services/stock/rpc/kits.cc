#include <optional>

#include "services/stock/rpc/kit_requests.h"
#include "services/stock/rpc/service_impl.h"

namespace quartermaster::stock {

using runtime::FieldChecker;
using runtime::RpcError;

StockServiceImpl::Reactor* StockServiceImpl::DefineKit(Context* context,
                                                       const v1::DefineKitRequest* request,
                                                       v1::Kit* response) {
  return Call(
      context, *request,
      [this, request, response](const Result& result, auto position) -> std::optional<RpcError> {
        if (result.rejection) {
          return RejectionError(*result.rejection, {.kit = request});
        }
        engine_->view().With([&](const StockSnapshot& s) {
          RenderKit(s.inventory, s.inventory.skus.Find(request->sku()), *response);
        });
        // What was asked; its parts are as of now.
        response->set_sku(request->sku());
        *response->mutable_components() = request->components();
        response->set_same_location(request->same_location());
        response->set_etag(PositionToken(*result.version));
        response->set_position(PositionToken(position));
        return std::nullopt;
      });
}

StockServiceImpl::Reactor* StockServiceImpl::GetKit(Context* context,
                                                    const v1::GetKitRequest* request,
                                                    v1::Kit* response) {
  FieldChecker check;
  check.Id("sku", request->sku());
  if (!check.ok()) return Refuse(context, check.error());
  if (!engine_->sequencer().serving()) return Refuse(context, runtime::NotServing());
  const bool found = engine_->view().With([&](const StockSnapshot& s) {
    response->set_position(PositionToken(s.head));
    return RenderKit(s.inventory, s.inventory.skus.Find(request->sku()), *response);
  });
  if (!found) {
    return Refuse(context, runtime::NotFound(common::v1::KIT_NOT_FOUND, "kit", request->sku()));
  }
  return Finish(context);
}

}  // namespace quartermaster::stock
