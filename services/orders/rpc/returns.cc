// Returns: announced, received, matched, looked at, listed.
#include "services/orders/rpc/checks.h"
#include "services/orders/rpc/fill_page.h"
#include "services/orders/rpc/page_token.h"
#include "services/orders/rpc/service_impl.h"

namespace quartermaster::orders {

using runtime::FieldChecker;

absl::flat_hash_set<std::string> OrderServiceImpl::NotReturnable(
    const std::string& order_id) const {
  absl::flat_hash_set<std::string> skus;
  if (const auto order = app_->view().FindOrder(order_id)) {
    for (const OrderLine& line : order->lines) {
      if (app_->IsNotReturnable(line.sku)) skus.insert(line.sku);
    }
  }
  return skus;
}

// A line never changes its SKU, so that the durable order is as good as the writer's.
void OrderServiceImpl::CheckSkus(const v1::RequestReturnRequest& request,
                                 FieldChecker& check) const {
  const auto order = app_->view().FindOrder(request.order_id());
  if (order == nullptr) return;
  for (int i = 0; i < request.lines_size() && !check.full(); ++i) {
    const v1::Return::Line& line = request.lines(i);
    if (line.sku().empty()) continue;
    const std::optional<uint32_t> index = FindLine(*order, line.line_id());
    check.True({runtime::FieldPath("lines", i), "sku"},
               !index || order->lines[*index].sku == line.sku(), "is not the order line's");
  }
}

OrderServiceImpl::Reactor* OrderServiceImpl::RequestReturn(Context* context,
                                                           const v1::RequestReturnRequest* request,
                                                           v1::Return* response) {
  FieldChecker check;
  Check(*request, check);
  CheckSkus(*request, check);
  if (!check.ok()) return Finish(context->DefaultReactor(), check.error());
  orders::RequestReturn command = ToCommand(*request);
  command.not_returnable = NotReturnable(request->order_id());
  return Submit(
      context, CallOf(context, *request), std::move(command),
      [this, response](const Result& result) { RenderReturn(result.return_id, response); });
}

OrderServiceImpl::Reactor* OrderServiceImpl::ReceiveReturn(Context* context,
                                                           const v1::ReceiveReturnRequest* request,
                                                           v1::Return* response) {
  FieldChecker check;
  Check(*request, check);
  if (!check.ok()) return Finish(context->DefaultReactor(), check.error());
  orders::ReceiveReturn command = ToCommand(*request, app_->tenant());
  command.unknown_item = !app_->KnowsLocation(request->location_id());
  std::string order_id = request->order_id();
  if (const auto announced = app_->view().FindReturn(request->return_id())) {
    order_id = announced->order_id;
  }
  command.not_returnable = NotReturnable(order_id);
  for (const ReceivedLine& line : command.lines) {
    if (!line.sku.empty() && !app_->KnowsItem(line.sku)) command.unknown_item = true;
  }
  return Submit(
      context, CallOf(context, *request), std::move(command),
      [this, response](const Result& result) { RenderReturn(result.return_id, response); });
}

OrderServiceImpl::Reactor* OrderServiceImpl::MatchReturn(Context* context,
                                                         const v1::MatchReturnRequest* request,
                                                         v1::Return* response) {
  FieldChecker check;
  Check(*request, check);
  if (!check.ok()) return Finish(context->DefaultReactor(), check.error());
  orders::MatchReturn command = ToCommand(*request);
  command.not_returnable = NotReturnable(request->order_id());
  return Submit(
      context, CallOf(context, *request), std::move(command),
      [this, response](const Result& result) { RenderReturn(result.return_id, response); });
}

OrderServiceImpl::Reactor* OrderServiceImpl::InspectReturn(Context* context,
                                                           const v1::InspectReturnRequest* request,
                                                           v1::Return* response) {
  FieldChecker check;
  Check(*request, check);
  if (!check.ok()) return Finish(context->DefaultReactor(), check.error());
  return Submit(
      context, CallOf(context, *request), ToCommand(*request),
      [this, response](const Result& result) { RenderReturn(result.return_id, response); });
}

OrderServiceImpl::Reactor* OrderServiceImpl::ListReturns(Context* context,
                                                         const v1::ListReturnsRequest* request,
                                                         v1::ListReturnsResponse* response) {
  Reactor* reactor = context->DefaultReactor();
  FieldChecker check;
  Check(*request, check);
  if (const auto refusal = RefusalOf(check)) return Finish(reactor, *refusal);
  const std::optional<Position> after = PageAfter(*request);
  if (!after) return Finish(reactor, PageTokenInvalid());
  const ReturnFilter filter{.order_id = request->order_id(), .location_id = request->location_id()};
  const Page<ReturnRef> page =
      app_->view().ListReturns(filter, *after, PageSize(request->page_size()));
  FillPage(
      *request, page, response->mutable_returns(), response,
      [](const ReturnRef& ref) { return ToMessage(ref.order.get(), ref.item, ref.position); },
      [](const ReturnRef& ref) { return ref.item.position; });
  return Finish(reactor);
}

OrderServiceImpl::Reactor* OrderServiceImpl::GetReturn(Context* context,
                                                       const v1::GetReturnRequest* request,
                                                       v1::Return* response) {
  Reactor* reactor = context->DefaultReactor();
  FieldChecker check;
  check.Id("return_id", request->return_id());
  if (const auto refusal = RefusalOf(check)) return Finish(reactor, *refusal);
  RenderReturn(request->return_id(), response);
  if (response->return_id().empty()) {
    return Finish(reactor,
                  runtime::NotFound(common::v1::RETURN_NOT_FOUND, "return", request->return_id()));
  }
  return Finish(reactor);
}

}  // namespace quartermaster::orders
