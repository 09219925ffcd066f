// Parcels: what left locations, and what carriers say of it.
#include "services/orders/rpc/submit_facts.h"
#include "services/runtime/answer_size.h"

namespace quartermaster::orders {

OrderServiceImpl::Reactor* OrderServiceImpl::RecordShipments(
    Context* context, const v1::RecordShipmentsRequest* request,
    v1::RecordShipmentsResponse* response) {
  return SubmitFacts(context, *request, "shipments", request->shipments(), response,
                     MakerOf(*request),
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
                     MakerOf(*request),
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
