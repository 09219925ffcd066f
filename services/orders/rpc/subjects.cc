// Personal data: read, replaced and erased.
#include "services/orders/rpc/checks.h"
#include "services/orders/rpc/service_impl.h"

namespace quartermaster::orders {

using runtime::FieldChecker;

OrderServiceImpl::Reactor* OrderServiceImpl::GetSubject(Context* context,
                                                        const v1::GetSubjectRequest* request,
                                                        v1::Subject* response) {
  Reactor* reactor = context->DefaultReactor();
  FieldChecker check;
  check.Id("order_id", request->order_id());
  if (const auto refusal = RefusalOf(check)) return Finish(reactor, *refusal);
  // A subject is kept before its order is placed; until then it is nobody's.
  const auto order = app_->view().FindOrder(request->order_id());
  if (order == nullptr) return Finish(reactor, OrderNotFoundError(request->order_id()));
  if (order->subject_erased) {
    return Finish(reactor,
                  runtime::NotFound(common::v1::SUBJECT_NOT_FOUND, "subject", request->order_id()));
  }
  app_->ReadSubject(
      request->order_id(), [reactor, request, response](absl::StatusOr<std::string> bytes) {
        if (absl::IsNotFound(bytes.status())) {
          Finish(reactor,
                 runtime::NotFound(common::v1::SUBJECT_NOT_FOUND, "subject", request->order_id()));
        } else if (!bytes.ok() || !response->ParseFromString(*bytes)) {
          response->Clear();
          Finish(reactor, runtime::InternalDefect("a subject cannot be read", bytes.status()));
        } else {
          Finish(reactor);
        }
      });
  return reactor;
}

OrderServiceImpl::Reactor* OrderServiceImpl::UpdateSubject(Context* context,
                                                           const v1::UpdateSubjectRequest* request,
                                                           v1::Subject* response) {
  Reactor* reactor = context->DefaultReactor();
  FieldChecker check;
  Check(*request, check);
  if (const auto refusal = RefusalOf(check)) return Finish(reactor, *refusal);
  if (app_->view().FindOrder(request->order_id()) == nullptr) {
    return Finish(reactor, OrderNotFoundError(request->order_id()));
  }
  std::string subject = request->subject().SerializeAsString();
  v1::UpdateSubjectRequest without = *request;
  without.clear_subject();
  Call call = CallOf(context, without);
  call.fingerprint = KeyedFingerprint(without, subject, app_->codes());
  call.commands.push_back(ToCommand(*request));
  app_->SubmitSubject(std::move(call), request->order_id(), std::move(subject),
                      [reactor, request, response](Answer answer) {
                        FinishWith(reactor, answer, [request, response](const Result&) {
                          *response = request->subject();
                        });
                      });
  return reactor;
}

OrderServiceImpl::Reactor* OrderServiceImpl::EraseSubject(Context* context,
                                                          const v1::EraseSubjectRequest* request,
                                                          v1::EraseSubjectResponse* response) {
  Reactor* reactor = context->DefaultReactor();
  FieldChecker check;
  check.Id("request_id", request->request_id());
  check.Id("order_id", request->order_id());
  check.Attribution("attribution", request->attribution());
  if (const auto refusal = RefusalOf(check)) return Finish(reactor, *refusal);
  if (app_->view().FindOrder(request->order_id()) == nullptr) {
    return Finish(reactor, OrderNotFoundError(request->order_id()));
  }
  Call call = CallOf(context, *request);
  call.commands.push_back(ToCommand(*request));
  app_->SubmitErased(std::move(call), request->order_id(), [reactor, response](Answer answer) {
    FinishWith(reactor, answer,
               [response](const Result& result) { response->set_duplicate(result.duplicate); });
  });
  return reactor;
}

}  // namespace quartermaster::orders
