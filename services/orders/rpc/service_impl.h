// OrderServiceImpl: the handlers of OrderService, by their nouns: placing.cc (orders),
// subjects.cc (personal data), fulfilment.cc (tasks), parcels.cc, returns.cc, sales.cc,
// exceptions.cc, policies.cc, watching.cc.
#ifndef QUARTERMASTER_SERVICES_ORDERS_RPC_SERVICE_IMPL_H_
#define QUARTERMASTER_SERVICES_ORDERS_RPC_SERVICE_IMPL_H_

#include <grpcpp/grpcpp.h>

#include <optional>
#include <string>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/functional/any_invocable.h"
#include "absl/strings/str_cat.h"
#include "quartermaster/orders/v1/orders.grpc.pb.h"
#include "services/orders/app/errors.h"
#include "services/orders/app/orders_app.h"
#include "services/orders/codec/messages.h"
#include "services/orders/codec/requests.h"
#include "services/runtime/rpc_error.h"
#include "services/runtime/validation.h"

namespace quartermaster::orders {

class OrderServiceImpl final : public v1::OrderService::CallbackService {
 public:
  using Reactor = grpc::ServerUnaryReactor;
  using Context = grpc::CallbackServerContext;

  explicit OrderServiceImpl(OrdersApp* app) : app_(app) {}

  // placing.cc
  Reactor* PlaceOrder(Context* context, const v1::PlaceOrderRequest* request,
                      v1::PlaceOrderResponse* response) override;
  Reactor* GetOrder(Context* context, const v1::GetOrderRequest* request,
                    v1::Order* response) override;
  Reactor* ListOrders(Context* context, const v1::ListOrdersRequest* request,
                      v1::ListOrdersResponse* response) override;
  Reactor* GetOrderHistory(Context* context, const v1::GetOrderHistoryRequest* request,
                           v1::GetOrderHistoryResponse* response) override;
  Reactor* CancelOrder(Context* context, const v1::CancelOrderRequest* request,
                       v1::Order* response) override;
  Reactor* EditOrder(Context* context, const v1::EditOrderRequest* request,
                     v1::Order* response) override;
  Reactor* RerouteOrder(Context* context, const v1::RerouteOrderRequest* request,
                        v1::Order* response) override;
  Reactor* HoldOrder(Context* context, const v1::HoldOrderRequest* request,
                     v1::Order* response) override;
  Reactor* ReleaseHold(Context* context, const v1::ReleaseHoldRequest* request,
                       v1::Order* response) override;
  // subjects.cc
  Reactor* GetSubject(Context* context, const v1::GetSubjectRequest* request,
                      v1::Subject* response) override;
  Reactor* UpdateSubject(Context* context, const v1::UpdateSubjectRequest* request,
                         v1::Subject* response) override;
  Reactor* EraseSubject(Context* context, const v1::EraseSubjectRequest* request,
                        v1::EraseSubjectResponse* response) override;
  // watching.cc
  grpc::ServerWriteReactor<v1::WatchOrdersResponse>* WatchOrders(
      Context* context, const v1::WatchOrdersRequest* request) override;
  // fulfilment.cc
  Reactor* ListTasks(Context* context, const v1::ListTasksRequest* request,
                     v1::ListTasksResponse* response) override;
  Reactor* AcceptTask(Context* context, const v1::AcceptTaskRequest* request,
                      v1::Task* response) override;
  Reactor* RejectTask(Context* context, const v1::RejectTaskRequest* request,
                      v1::Task* response) override;
  Reactor* PutBack(Context* context, const v1::PutBackRequest* request,
                   v1::Task* response) override;
  Reactor* RecordPick(Context* context, const v1::RecordPickRequest* request,
                      v1::Task* response) override;
  Reactor* PackTask(Context* context, const v1::PackTaskRequest* request,
                    v1::Task* response) override;
  Reactor* MarkReadyForPickup(Context* context, const v1::MarkReadyForPickupRequest* request,
                              v1::MarkReadyForPickupResponse* response) override;
  Reactor* ExtendPickup(Context* context, const v1::ExtendPickupRequest* request,
                        v1::Task* response) override;
  Reactor* SetPickupProxy(Context* context, const v1::SetPickupProxyRequest* request,
                          v1::SetPickupProxyResponse* response) override;
  Reactor* HandOver(Context* context, const v1::HandOverRequest* request,
                    v1::Task* response) override;
  // parcels.cc
  Reactor* RecordShipments(Context* context, const v1::RecordShipmentsRequest* request,
                           v1::RecordShipmentsResponse* response) override;
  Reactor* RecordDeliveries(Context* context, const v1::RecordDeliveriesRequest* request,
                            v1::RecordDeliveriesResponse* response) override;
  // payments.cc
  Reactor* RecordPayments(Context* context, const v1::RecordPaymentsRequest* request,
                          v1::RecordPaymentsResponse* response) override;
  Reactor* ListPaymentIntents(Context* context, const v1::ListPaymentIntentsRequest* request,
                              v1::ListPaymentIntentsResponse* response) override;
  // returns.cc
  Reactor* RequestReturn(Context* context, const v1::RequestReturnRequest* request,
                         v1::Return* response) override;
  Reactor* ReceiveReturn(Context* context, const v1::ReceiveReturnRequest* request,
                         v1::Return* response) override;
  Reactor* InspectReturn(Context* context, const v1::InspectReturnRequest* request,
                         v1::Return* response) override;
  Reactor* ListReturns(Context* context, const v1::ListReturnsRequest* request,
                       v1::ListReturnsResponse* response) override;
  Reactor* MatchReturn(Context* context, const v1::MatchReturnRequest* request,
                       v1::Return* response) override;
  Reactor* GetReturn(Context* context, const v1::GetReturnRequest* request,
                     v1::Return* response) override;
  // sales.cc
  Reactor* RecordSales(Context* context, const v1::RecordSalesRequest* request,
                       v1::RecordSalesResponse* response) override;
  // exceptions.cc
  Reactor* ListExceptions(Context* context, const v1::ListExceptionsRequest* request,
                          v1::ListExceptionsResponse* response) override;
  Reactor* ResolveException(Context* context, const v1::ResolveExceptionRequest* request,
                            v1::ExceptionItem* response) override;
  // policies.cc
  Reactor* SetFulfilmentPolicy(Context* context, const v1::SetFulfilmentPolicyRequest* request,
                               v1::FulfilmentPolicy* response) override;
  Reactor* GetFulfilmentPolicy(Context* context, const v1::GetFulfilmentPolicyRequest* request,
                               v1::FulfilmentPolicy* response) override;

 private:
  // Writes the answer of a command that was accepted.
  using Render = absl::AnyInvocable<void(const Result&)>;

  static Reactor* Finish(Reactor* reactor, const runtime::RpcError& error) {
    reactor->Finish(runtime::ToGrpcStatus(error));
    return reactor;
  }
  static Reactor* Finish(Reactor* reactor) {
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }

  // Why a read is refused: its request, or that this process does not serve: what it has in memory
  // may be older than what the partition's owner has acknowledged.
  std::optional<runtime::RpcError> RefusalOf(const runtime::FieldChecker& check) const {
    if (!check.ok()) return check.error();
    if (!app_->engine().serving()) return runtime::NotServing();
    return std::nullopt;
  }

  template <typename Request>
  static Call CallOf(Context* context, const Request& request) {
    return {.request_id = request.request_id(),
            .fingerprint = runtime::RequestFingerprint(request),
            .deadline = runtime::InstantOf(context->deadline()),
            .bytes = 256 + request.ByteSizeLong()};
  }
  // When an answer that waits for other services should go out all the same.
  Instant WaitUntil(Context* context) const;

  // Finishes with the refusal of a one-command answer, or with what `render` makes of its result.
  static void FinishWith(Reactor* reactor, const Answer& answer, Render render);
  // Checks and submits a command about an order.
  template <typename Request>
  Reactor* SubmitOrder(Context* context, const Request& request, v1::Order* response);
  // One command: its refusal, or what `render` makes of its result.
  Reactor* Submit(Context* context, Call call, Command command, Render render);
  // Checks and submits a batch of facts, which are in `field`. `make(item)` makes the command of a
  // valid one; `render(result, size, message)` adds what an accepted one shows, as far as `size` of
  // the answer allows. Defined in submit_facts.h.
  template <typename Request, typename Items, typename Response, typename Make, typename RenderItem>
  Reactor* SubmitFacts(Context* context, const Request& request, const char* field,
                       const Items& items, Response* response, Make make, RenderItem render);
  // Checks and submits a command about a task.
  template <typename Request>
  Reactor* SubmitTask(Context* context, const Request& request, const runtime::FieldChecker& check,
                      v1::Task* response);
  // The order's SKUs that the catalog says are not returnable; none if there is no such order.
  absl::flat_hash_set<std::string> NotReturnable(const std::string& order_id) const;
  void CheckSkus(const v1::RequestReturnRequest& request, runtime::FieldChecker& check) const;
  // The state of what the result names, as it is durable now.
  void RenderOrder(const std::string& order_id, v1::Order* response) const;
  void RenderTask(const std::string& task_id, v1::Task* response) const;
  void RenderReturn(const std::string& return_id, v1::Return* response) const;

  OrdersApp* const app_;
};

runtime::RpcError OrderNotFoundError(const std::string& order_id);

// A logged event in the API's form.
v1::OrderEvent ToMessage(LoggedEvent event);

// Of a request without its subject, as it is stored. The subject goes in under a key: its plain
// hash would be personal data.
Fingerprint KeyedFingerprint(const google::protobuf::Message& request, const std::string& subject,
                             const PickupCodes& codes);

}  // namespace quartermaster::orders

#endif  // QUARTERMASTER_SERVICES_ORDERS_RPC_SERVICE_IMPL_H_
