// What a request must be before it is submitted: every rule of orders.proto that needs no state.
//
//   FieldChecker check;
//   Check(request, check);
//   if (!check.ok()) return Finish(reactor, check.error());
#ifndef QUARTERMASTER_SERVICES_ORDERS_RPC_CHECKS_H_
#define QUARTERMASTER_SERVICES_ORDERS_RPC_CHECKS_H_

#include <vector>

#include "quartermaster/orders/v1/orders.pb.h"
#include "services/base/time.h"
#include "services/orders/domain/amounts.h"
#include "services/runtime/validation.h"

namespace quartermaster::orders {

inline constexpr int kLinesMax = 2'000;
inline constexpr int kGroupsMax = 100;
inline constexpr int kFactsMax = 1'000;
inline constexpr int64_t kQuantityMax = 1'000'000'000;
// How long a hold may keep an order back.
inline constexpr Micros kHoldTtlMin = Seconds(1);
inline constexpr Micros kHoldTtlMax = Hours(366 * 24);
inline constexpr int kPageSizeMax = 1'000;
inline constexpr int kPageSizeDefault = 100;
// How orders are listed.
inline constexpr char kByCreateTime[] = "create_time";
inline constexpr char kByCreateTimeDesc[] = "create_time desc";

// Each adds what is wrong under the exact path of its field.
void Check(const v1::PlaceOrderRequest& request, runtime::FieldChecker& check);
void Check(const v1::CancelOrderRequest& request, runtime::FieldChecker& check);
void Check(const v1::EditOrderRequest& request, runtime::FieldChecker& check);
void Check(const v1::RerouteOrderRequest& request, runtime::FieldChecker& check);
void Check(const v1::HoldOrderRequest& request, runtime::FieldChecker& check);
void Check(const v1::ReleaseHoldRequest& request, runtime::FieldChecker& check);
void Check(const v1::UpdateSubjectRequest& request, runtime::FieldChecker& check);
void Check(const v1::ListOrdersRequest& request, runtime::FieldChecker& check);
void Check(const v1::GetOrderHistoryRequest& request, runtime::FieldChecker& check);
void Check(const v1::ListTasksRequest& request, runtime::FieldChecker& check);
void Check(const v1::PutBackRequest& request, runtime::FieldChecker& check);
void Check(const v1::RecordPickRequest& request, runtime::FieldChecker& check);
void Check(const v1::HandOverRequest& request, runtime::FieldChecker& check);
void Check(const v1::RequestReturnRequest& request, runtime::FieldChecker& check);
void Check(const v1::MatchReturnRequest& request, runtime::FieldChecker& check);
void Check(const v1::InspectReturnRequest& request, runtime::FieldChecker& check);
void Check(const v1::ListReturnsRequest& request, runtime::FieldChecker& check);
void Check(const v1::ReceiveReturnRequest& request, runtime::FieldChecker& check);
void Check(const v1::ListExceptionsRequest& request, runtime::FieldChecker& check);
void Check(const v1::ResolveExceptionRequest& request, runtime::FieldChecker& check);
void Check(const v1::SetFulfilmentPolicyRequest& request, runtime::FieldChecker& check);
// The batch as such, not its facts.
void Check(const v1::RecordShipmentsRequest& request, runtime::FieldChecker& check);
void Check(const v1::RecordDeliveriesRequest& request, runtime::FieldChecker& check);
void Check(const v1::RecordPaymentsRequest& request, runtime::FieldChecker& check);
void Check(const v1::ListPaymentIntentsRequest& request, runtime::FieldChecker& check);
void Check(const v1::RecordSalesRequest& request, runtime::FieldChecker& check);
void CheckHold(const v1::NewHold& hold, const runtime::FieldPath& path,
               runtime::FieldChecker& check);
// One fact of a batch, at `path`.
void Check(const v1::Shipment& shipment, const runtime::FieldPath& path,
           runtime::FieldChecker& check);
void Check(const v1::Delivery& delivery, const runtime::FieldPath& path,
           runtime::FieldChecker& check);
void Check(const v1::PaymentFact& fact, const runtime::FieldPath& path,
           runtime::FieldChecker& check);
// But for the order that it is of.
void CheckPayment(const v1::PaymentFact& fact, const runtime::FieldPath& path,
                  runtime::FieldChecker& check);
void Check(const v1::Sale& sale, const runtime::FieldPath& path, runtime::FieldChecker& check);

// A line's own amounts (of PlaceLine and SaleLine), at `path`; `amounts`: the order's, or null.
template <typename Line>
void CheckLineAmounts(const Line& line, const v1::Amounts* amounts, const runtime::FieldPath& path,
                      runtime::FieldChecker& check) {
  const int64_t most = amounts == nullptr ? 0 : kAmountMax;
  check.Range({path, "subtotal_minor"}, line.subtotal_minor(), 0, most);
  check.Range({path, "tax_minor"}, line.tax_minor(), 0, most);
  if (amounts == nullptr || !line.has_unit_price()) return;
  check.True({runtime::FieldPath(path, "unit_price"), "currency_code"},
             line.unit_price().currency_code() == amounts->currency_code(),
             "is another currency than that of the order's amounts");
}
// All of them together.
void CheckAmounts(const v1::Amounts& amounts, const std::vector<PricedLine>& lines,
                  const runtime::FieldPath& path, runtime::FieldChecker& check);

// AcceptTask, RejectTask, PackTask, MarkReadyForPickup, ExtendPickup, SetPickupProxy.
template <typename TaskRequest>
void CheckTaskRequest(const TaskRequest& request, runtime::FieldChecker& check) {
  check.Id("request_id", request.request_id());
  check.Id("task_id", request.task_id());
  check.Attribution("attribution", request.attribution());
}

// The request as it is compared with its repetition: coordinates rounded to what is stored, without
// the subject (whose plain hash would be personal data).
v1::PlaceOrderRequest Canonical(const v1::PlaceOrderRequest& request);
v1::EditOrderRequest Canonical(const v1::EditOrderRequest& request);

}  // namespace quartermaster::orders

#endif  // QUARTERMASTER_SERVICES_ORDERS_RPC_CHECKS_H_
