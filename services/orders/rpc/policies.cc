// How the orders of channels are fulfilled.
#include "services/orders/rpc/checks.h"
#include "services/orders/rpc/service_impl.h"

namespace quartermaster::orders {

using runtime::FieldChecker;

OrderServiceImpl::Reactor* OrderServiceImpl::SetFulfilmentPolicy(
    Context* context, const v1::SetFulfilmentPolicyRequest* request,
    v1::FulfilmentPolicy* response) {
  FieldChecker check;
  Check(*request, check);
  if (!check.ok()) return Finish(context->DefaultReactor(), check.error());
  return Submit(context, CallOf(context, *request), ToCommand(*request),
                [this, request, response](const Result&) {
                  *response = ToMessage(app_->view().FindPolicy(request->policy().channel_id()));
                });
}

OrderServiceImpl::Reactor* OrderServiceImpl::GetFulfilmentPolicy(
    Context* context, const v1::GetFulfilmentPolicyRequest* request,
    v1::FulfilmentPolicy* response) {
  Reactor* reactor = context->DefaultReactor();
  FieldChecker check;
  check.Id("channel_id", request->channel_id(), runtime::Presence::kOptional);
  if (const auto refusal = RefusalOf(check)) return Finish(reactor, *refusal);
  *response = ToMessage(app_->view().FindPolicy(request->channel_id()));
  return Finish(reactor);
}

}  // namespace quartermaster::orders
