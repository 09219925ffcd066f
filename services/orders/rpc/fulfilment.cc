// Tasks: the work of locations.
#include "services/orders/rpc/checks.h"
#include "services/orders/rpc/fill_page.h"
#include "services/orders/rpc/page_token.h"
#include "services/orders/rpc/service_impl.h"

namespace quartermaster::orders {

using runtime::FieldChecker;

OrderServiceImpl::Reactor* OrderServiceImpl::ListTasks(Context* context,
                                                       const v1::ListTasksRequest* request,
                                                       v1::ListTasksResponse* response) {
  Reactor* reactor = context->DefaultReactor();
  FieldChecker check;
  Check(*request, check);
  if (const auto refusal = RefusalOf(check)) return Finish(reactor, *refusal);
  const std::optional<Position> after = PageAfter(*request);
  if (!after) return Finish(reactor, PageTokenInvalid());
  TaskFilter wanted = {.location_id = request->location_id(),
                       .state = std::nullopt,
                       .order_id = request->order_id()};
  if (request->state() != v1::Task::STATE_UNSPECIFIED) {
    wanted.state = static_cast<TaskState>(request->state());
  }
  const Page<TaskRef> page = app_->view().ListTasks(wanted, *after, PageSize(request->page_size()));
  FillPage(
      *request, page, response->mutable_tasks(), response,
      [&page](const TaskRef& ref) { return ToMessage(*ref.order, ref.task(), page.position); },
      [](const TaskRef& ref) { return ref.task().position; });
  return Finish(reactor);
}

template <typename Request>
OrderServiceImpl::Reactor* OrderServiceImpl::SubmitTask(Context* context, const Request& request,
                                                        const FieldChecker& check,
                                                        v1::Task* response) {
  if (!check.ok()) return Finish(context->DefaultReactor(), check.error());
  return Submit(context, CallOf(context, request), ToCommand(request),
                [this, response](const Result& result) { RenderTask(result.task_id, response); });
}

OrderServiceImpl::Reactor* OrderServiceImpl::AcceptTask(Context* context,
                                                        const v1::AcceptTaskRequest* request,
                                                        v1::Task* response) {
  FieldChecker check;
  CheckTaskRequest(*request, check);
  return SubmitTask(context, *request, check, response);
}

OrderServiceImpl::Reactor* OrderServiceImpl::RejectTask(Context* context,
                                                        const v1::RejectTaskRequest* request,
                                                        v1::Task* response) {
  FieldChecker check;
  CheckTaskRequest(*request, check);
  return SubmitTask(context, *request, check, response);
}

OrderServiceImpl::Reactor* OrderServiceImpl::PutBack(Context* context,
                                                     const v1::PutBackRequest* request,
                                                     v1::Task* response) {
  FieldChecker check;
  Check(*request, check);
  return SubmitTask(context, *request, check, response);
}

OrderServiceImpl::Reactor* OrderServiceImpl::RecordPick(Context* context,
                                                        const v1::RecordPickRequest* request,
                                                        v1::Task* response) {
  FieldChecker check;
  Check(*request, check);
  return SubmitTask(context, *request, check, response);
}

OrderServiceImpl::Reactor* OrderServiceImpl::PackTask(Context* context,
                                                      const v1::PackTaskRequest* request,
                                                      v1::Task* response) {
  FieldChecker check;
  CheckTaskRequest(*request, check);
  return SubmitTask(context, *request, check, response);
}

OrderServiceImpl::Reactor* OrderServiceImpl::MarkReadyForPickup(
    Context* context, const v1::MarkReadyForPickupRequest* request,
    v1::MarkReadyForPickupResponse* response) {
  FieldChecker check;
  CheckTaskRequest(*request, check);
  if (!check.ok()) return Finish(context->DefaultReactor(), check.error());
  std::string code = app_->codes().Mint(request->task_id(), request->request_id());
  std::string hmac = app_->codes().Mac(request->task_id(), code);
  return Submit(context, CallOf(context, *request),
                ToCommand(*request, std::move(hmac), app_->NextCloses(request->task_id())),
                [this, response, code = std::move(code)](const Result& result) mutable {
                  RenderTask(result.task_id, response->mutable_task());
                  response->set_qr_payload(QrPayload(result.task_id, code));
                  response->set_pickup_code(std::move(code));
                });
}

OrderServiceImpl::Reactor* OrderServiceImpl::ExtendPickup(Context* context,
                                                          const v1::ExtendPickupRequest* request,
                                                          v1::Task* response) {
  FieldChecker check;
  CheckTaskRequest(*request, check);
  if (!check.ok()) return Finish(context->DefaultReactor(), check.error());
  return Submit(context, CallOf(context, *request),
                ToCommand(*request, app_->NextCloses(request->task_id())),
                [this, response](const Result& result) { RenderTask(result.task_id, response); });
}

OrderServiceImpl::Reactor* OrderServiceImpl::SetPickupProxy(
    Context* context, const v1::SetPickupProxyRequest* request,
    v1::SetPickupProxyResponse* response) {
  FieldChecker check;
  CheckTaskRequest(*request, check);
  if (!check.ok()) return Finish(context->DefaultReactor(), check.error());
  std::string code;
  std::string hmac;
  if (!request->revoke()) {
    code = app_->codes().Mint(request->task_id(), request->request_id());
    hmac = app_->codes().Mac(request->task_id(), code);
  }
  return Submit(context, CallOf(context, *request), ToCommand(*request, std::move(hmac)),
                [this, response, code = std::move(code)](const Result& result) mutable {
                  RenderTask(result.task_id, response->mutable_task());
                  if (code.empty()) return;
                  response->set_qr_payload(QrPayload(result.task_id, code));
                  response->set_pickup_code(std::move(code));
                });
}

OrderServiceImpl::Reactor* OrderServiceImpl::HandOver(Context* context,
                                                      const v1::HandOverRequest* request,
                                                      v1::Task* response) {
  FieldChecker check;
  Check(*request, check);
  if (!check.ok()) return Finish(context->DefaultReactor(), check.error());
  std::string hmac =
      app_->codes().Mac(request->task_id(), ShownCode(request->task_id(), request->pickup_code()));
  return Submit(context, CallOf(context, *request), ToCommand(*request, std::move(hmac)),
                [this, response](const Result& result) { RenderTask(result.task_id, response); });
}

}  // namespace quartermaster::orders
