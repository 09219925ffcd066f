// Parcels: what left locations, and what carriers say of it.
#include "services/orders/rpc/batch.h"
#include "services/orders/rpc/checks.h"
#include "services/orders/rpc/service_impl.h"
#include "services/runtime/answer_size.h"

namespace quartermaster::orders {

using runtime::FieldChecker;

OrderServiceImpl::Reactor* OrderServiceImpl::RecordShipments(
    Context* context, const v1::RecordShipmentsRequest* request,
    v1::RecordShipmentsResponse* response) {
  Reactor* reactor = context->DefaultReactor();
  FieldChecker check;
  Check(*request, check);
  if (!check.ok()) return Finish(reactor, check.error());
  Call call = CallOf(context, *request);
  std::vector<int> item_of_command =
      CheckItems("shipments", request->shipments(), response, call.commands,
                 [&](const v1::Shipment& item) { return ToCommand(item, request->attribution()); });
  if (call.commands.empty()) return Finish(reactor);
  app_->engine().Submit(std::move(call), [this, reactor, response,
                                          items = std::move(item_of_command)](Answer answer) {
    runtime::AnswerSize size;
    const auto error =
        FillResults(items, answer, response, [this, &size](const Result& done, auto* result) {
          RenderTask(done.task_id, result->mutable_task());
          if (size.Take(result->task())) return;
          result->mutable_task()->clear_lines();
          result->mutable_task()->clear_parcels();
        });
    error ? Finish(reactor, *error) : Finish(reactor);
  });
  return reactor;
}

OrderServiceImpl::Reactor* OrderServiceImpl::RecordDeliveries(
    Context* context, const v1::RecordDeliveriesRequest* request,
    v1::RecordDeliveriesResponse* response) {
  Reactor* reactor = context->DefaultReactor();
  FieldChecker check;
  Check(*request, check);
  if (!check.ok()) return Finish(reactor, check.error());
  Call call = CallOf(context, *request);
  std::vector<int> item_of_command =
      CheckItems("deliveries", request->deliveries(), response, call.commands,
                 [&](const v1::Delivery& item) { return ToCommand(item, request->attribution()); });
  if (call.commands.empty()) return Finish(reactor);
  app_->engine().Submit(std::move(call), [this, reactor, response,
                                          items = std::move(item_of_command)](Answer answer) {
    runtime::AnswerSize size;
    const auto error =
        FillResults(items, answer, response, [this, &size](const Result& done, auto* result) {
          result->set_order_id(done.order_id);
          result->set_return_id(done.return_id);
          const auto ref = app_->view().FindParcel(done.parcel_id);
          if (!ref.has_value()) return;
          *result->mutable_parcel() = ToMessage(*ref->order, ref->parcel());
          if (!size.Take(result->parcel())) result->mutable_parcel()->clear_lines();
        });
    error ? Finish(reactor, *error) : Finish(reactor);
  });
  return reactor;
}

}  // namespace quartermaster::orders
