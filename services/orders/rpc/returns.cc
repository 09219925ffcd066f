// Returns: announced, received, unmatched.
#include "services/orders/rpc/checks.h"
#include "services/orders/rpc/service_impl.h"

namespace quartermaster::orders {

using runtime::FieldChecker;

OrderServiceImpl::Reactor* OrderServiceImpl::RequestReturn(Context* context,
                                                           const v1::RequestReturnRequest* request,
                                                           v1::Return* response) {
  FieldChecker check;
  Check(*request, check);
  if (!check.ok()) return Finish(context->DefaultReactor(), check.error());
  return Submit(
      context, CallOf(context, *request), ToCommand(*request),
      [this, response](const Result& result) { RenderReturn(result.return_id, response); });
}

OrderServiceImpl::Reactor* OrderServiceImpl::ReceiveReturn(Context* context,
                                                           const v1::ReceiveReturnRequest* request,
                                                           v1::Return* response) {
  FieldChecker check;
  Check(*request, check);
  if (!check.ok()) return Finish(context->DefaultReactor(), check.error());
  if (!app_->KnowsLocation(request->location_id())) {
    return Finish(context->DefaultReactor(), runtime::NotFound(common::v1::LOCATION_NOT_FOUND,
                                                               "location", request->location_id()));
  }
  orders::ReceiveReturn command = ToCommand(*request, app_->tenant());
  for (const ReceivedLine& line : command.lines) {
    if (!line.sku.empty() && !app_->KnowsItem(line.sku)) command.unknown_item = true;
  }
  return Submit(
      context, CallOf(context, *request), std::move(command),
      [this, response](const Result& result) { RenderReturn(result.return_id, response); });
}

OrderServiceImpl::Reactor* OrderServiceImpl::GetReturn(Context* context,
                                                       const v1::GetReturnRequest* request,
                                                       v1::Return* response) {
  Reactor* reactor = context->DefaultReactor();
  FieldChecker check;
  check.Id("return_id", request->return_id());
  if (!check.ok()) return Finish(reactor, check.error());
  RenderReturn(request->return_id(), response);
  if (response->return_id().empty()) {
    return Finish(reactor,
                  runtime::NotFound(common::v1::RETURN_NOT_FOUND, "return", request->return_id()));
  }
  return Finish(reactor);
}

}  // namespace quartermaster::orders
