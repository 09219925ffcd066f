// Parcels: what left locations, and what carriers say of it.
#include "services/orders/rpc/batch.h"
#include "services/orders/rpc/checks.h"
#include "services/orders/rpc/service_impl.h"
#include "services/runtime/answer_size.h"

namespace quartermaster::orders {

using runtime::FieldChecker;

template <typename Request, typename Items, typename Response, typename RenderItem>
OrderServiceImpl::Reactor* OrderServiceImpl::SubmitFacts(Context* context, const Request& request,
                                                         const char* field, const Items& items,
                                                         Response* response, RenderItem render) {
  Reactor* reactor = context->DefaultReactor();
  FieldChecker check;
  Check(request, check);
  if (!check.ok()) return Finish(reactor, check.error());
  Call call = CallOf(context, request);
  std::vector<int> item_of_command =
      CheckItems(field, items, response, call.commands,
                 [&](const auto& item) { return ToCommand(item, request.attribution()); });
  if (call.commands.empty()) return Finish(reactor);
  app_->engine().Submit(std::move(call), [reactor, response, render,
                                          commanded = std::move(item_of_command)](Answer answer) {
    runtime::AnswerSize size;
    const auto error =
        FillResults(commanded, answer, response,
                    [&](const Result& done, auto* result) { render(done, size, result); });
    error ? Finish(reactor, *error) : Finish(reactor);
  });
  return reactor;
}

OrderServiceImpl::Reactor* OrderServiceImpl::RecordShipments(
    Context* context, const v1::RecordShipmentsRequest* request,
    v1::RecordShipmentsResponse* response) {
  return SubmitFacts(context, *request, "shipments", request->shipments(), response,
                     [this](const Result& done, runtime::AnswerSize& size, auto* result) {
                       RenderTask(done.task_id, result->mutable_task());
                       if (size.Take(result->task())) return;
                       result->mutable_task()->clear_lines();
                       result->mutable_task()->clear_parcels();
                     });
}

OrderServiceImpl::Reactor* OrderServiceImpl::RecordDeliveries(
    Context* context, const v1::RecordDeliveriesRequest* request,
    v1::RecordDeliveriesResponse* response) {
  return SubmitFacts(context, *request, "deliveries", request->deliveries(), response,
                     [this](const Result& done, runtime::AnswerSize& size, auto* result) {
                       result->set_order_id(done.order_id);
                       result->set_return_id(done.return_id);
                       const auto ref = app_->view().FindParcel(done.parcel_id);
                       if (!ref.has_value()) return;
                       *result->mutable_parcel() = ToMessage(*ref->order, ref->parcel());
                       if (!size.Take(result->parcel())) result->mutable_parcel()->clear_lines();
                     });
}

}  // namespace quartermaster::orders
