// The exception queue.
#include "services/orders/rpc/checks.h"
#include "services/orders/rpc/page_token.h"
#include "services/orders/rpc/service_impl.h"

namespace quartermaster::orders {

using runtime::FieldChecker;

OrderServiceImpl::Reactor* OrderServiceImpl::ListExceptions(
    Context* context, const v1::ListExceptionsRequest* request,
    v1::ListExceptionsResponse* response) {
  Reactor* reactor = context->DefaultReactor();
  FieldChecker check;
  Check(*request, check);
  if (const auto refusal = RefusalOf(check)) return Finish(reactor, *refusal);
  const std::optional<Position> after = PageAfter(*request);
  if (!after) return Finish(reactor, PageTokenInvalid());
  const Page<ExceptionItem> page = app_->view().ListExceptions(
      {.include_resolved = request->include_resolved(), .order_id = request->order_id()}, *after,
      PageSize(request->page_size()));
  for (const ExceptionItem& item : page.items) *response->add_exceptions() = ToMessage(item);
  if (page.more) response->set_next_page_token(NextPageToken(*request, page.last));
  return Finish(reactor);
}

OrderServiceImpl::Reactor* OrderServiceImpl::ResolveException(
    Context* context, const v1::ResolveExceptionRequest* request, v1::ExceptionItem* response) {
  FieldChecker check;
  Check(*request, check);
  if (!check.ok()) return Finish(context->DefaultReactor(), check.error());
  return Submit(context, CallOf(context, *request), ToCommand(*request),
                [this, response](const Result& result) {
                  if (const auto item = app_->view().FindException(result.exception_id)) {
                    *response = ToMessage(*item);
                  }
                });
}

}  // namespace quartermaster::orders
