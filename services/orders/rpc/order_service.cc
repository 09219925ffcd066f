#include "services/orders/rpc/order_service.h"

#include <algorithm>

#include "services/orders/rpc/service_impl.h"

namespace quartermaster::orders {

std::unique_ptr<grpc::Service> NewOrderService(OrdersApp* app) {
  return std::make_unique<OrderServiceImpl>(app);
}

Instant OrderServiceImpl::WaitUntil(Context* context) const {
  const Instant now = app_->clock().Now();
  const Instant deadline = runtime::InstantOf(context->deadline());
  if (deadline == kDistantFuture) return now + kConfirmWait;
  return std::min(now + kConfirmWait, now + Micros{(deadline - now).count / 2});
}

OrderServiceImpl::Reactor* OrderServiceImpl::Submit(Context* context, Call call, Command command,
                                                    Render render) {
  Reactor* reactor = context->DefaultReactor();
  call.commands.push_back(std::move(command));
  app_->engine().Submit(std::move(call),
                        [reactor, render = std::move(render)](Answer answer) mutable {
                          FinishWith(reactor, answer, std::move(render));
                        });
  return reactor;
}

void OrderServiceImpl::FinishWith(Reactor* reactor, const Answer& answer, Render render) {
  if (answer.error) {
    Finish(reactor, *answer.error);
  } else if (const auto& rejection = answer.outcomes[0].rejection) {
    Finish(reactor, ToRpcError(*rejection));
  } else {
    render(answer.outcomes[0].result);
    Finish(reactor);
  }
}

void OrderServiceImpl::RenderOrder(const std::string& order_id, v1::Order* response) const {
  const Position position = app_->view().head();
  if (const auto order = app_->view().FindOrder(order_id)) {
    *response = ToMessage(*order, std::max(position, order->changed_position));
  }
}

void OrderServiceImpl::RenderTask(const std::string& task_id, v1::Task* response) const {
  const Position position = app_->view().head();
  if (const auto ref = app_->view().FindTask(task_id)) {
    *response =
        ToMessage(*ref->order, ref->task(), std::max(position, ref->order->changed_position));
  }
}

void OrderServiceImpl::RenderReturn(const std::string& return_id, v1::Return* response) const {
  if (const auto ref = app_->view().ReadReturn(return_id)) {
    *response = ToMessage(ref->order.get(), ref->item, ref->position);
  }
}

runtime::RpcError OrderNotFoundError(const std::string& order_id) {
  return runtime::NotFound(common::v1::ORDER_NOT_FOUND, "order", order_id);
}

v1::OrderEvent ToMessage(LoggedEvent event) {
  v1::OrderEvent message;
  message.set_position(absl::StrCat(event.position));
  *message.mutable_time() = runtime::TimestampOf(event.time);
  message.set_order_id(std::move(event.order_id));
  message.set_type(std::move(event.type));
  message.set_detail_json(std::move(event.detail_json));
  if (event.attribution != Attribution{}) {
    *message.mutable_attribution() = ToMessage(event.attribution);
  }
  return message;
}

}  // namespace quartermaster::orders
