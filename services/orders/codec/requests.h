// The API's requests -> commands. The requests are valid: ids, ranges, uniqueness, known enum
// values and what is required have been checked; defaults (a line's id is its index) are filled in
// here.
//
//   Command command = ToCommand(request);              // AcceptTaskRequest and its like
//   OrderContent content = ContentOf(request);         // PlaceOrderRequest: plan and hold first
#ifndef QUARTERMASTER_SERVICES_ORDERS_CODEC_REQUESTS_H_
#define QUARTERMASTER_SERVICES_ORDERS_CODEC_REQUESTS_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "quartermaster/orders/v1/orders.pb.h"
#include "services/orders/domain/commands.h"

namespace quartermaster::orders {

// What is to be ordered, before it is known from where. Coordinates are rounded already; personal
// data (the subject) is not in it.
struct OrderContent {
  std::string channel_id;
  std::string external_id;
  std::string customer_ref;
  std::vector<Group> groups;
  std::vector<PlacedLine> lines;
  // Beside `lines`: DROP_LINE.
  std::vector<bool> drop_on_shortage;
  // If it says what it costs; then each line has its share.
  std::optional<Amounts> amounts;
  // The checkout hold that is taken over; empty if there is none.
  std::string reservation_id;
  std::vector<NewHold> holds;
  Micros payment_grace = kPaymentGrace;
  // What is known of its payments; without an order_id.
  std::vector<RecordPayment> payments;
  Attribution attribution;
};

OrderContent ContentOf(const v1::PlaceOrderRequest& request);

Amounts FromMessage(const v1::Amounts& message);
// The lines as their amounts are allocated, in the order of groups.
std::vector<PricedLine> PricedLinesOf(const v1::PlaceOrderRequest& request);
std::vector<PricedLine> PricedLinesOf(const v1::Sale& sale);

CancelOrder ToCommand(const v1::CancelOrderRequest& request);
// Without what is held.
EditOrder ToCommand(const v1::EditOrderRequest& request);
RerouteOrder ToCommand(const v1::RerouteOrderRequest& request);
HoldOrder ToCommand(const v1::HoldOrderRequest& request);
ReleaseHold ToCommand(const v1::ReleaseHoldRequest& request);
UpdateSubject ToCommand(const v1::UpdateSubjectRequest& request);
EraseSubject ToCommand(const v1::EraseSubjectRequest& request);
AcceptTask ToCommand(const v1::AcceptTaskRequest& request);
RejectTask ToCommand(const v1::RejectTaskRequest& request);
PutBack ToCommand(const v1::PutBackRequest& request);
RecordPick ToCommand(const v1::RecordPickRequest& request);
PackTask ToCommand(const v1::PackTaskRequest& request);
RequestReturn ToCommand(const v1::RequestReturnRequest& request);
ResolveException ToCommand(const v1::ResolveExceptionRequest& request);
SetFulfilmentPolicy ToCommand(const v1::SetFulfilmentPolicyRequest& request);
// `code_hmac`: of the code that the answer will carry. `closes`: as the command has them.
MarkReadyForPickup ToCommand(const v1::MarkReadyForPickupRequest& request, std::string code_hmac,
                             std::vector<Instant> closes);
SetPickupProxy ToCommand(const v1::SetPickupProxyRequest& request, std::string code_hmac);
ExtendPickup ToCommand(const v1::ExtendPickupRequest& request, std::vector<Instant> closes);
// `code_hmac`: of the code in the request.
HandOver ToCommand(const v1::HandOverRequest& request, std::string code_hmac);
InspectReturn ToCommand(const v1::InspectReturnRequest& request);
MatchReturn ToCommand(const v1::MatchReturnRequest& request);
// Makes the id of an unmatched return. `unknown_item` is left to the caller, who has the catalog.
ReceiveReturn ToCommand(const v1::ReceiveReturnRequest& request, std::string_view tenant);
RecordShipment ToCommand(const v1::Shipment& shipment, const common::v1::Attribution& attribution);
RecordPayment ToCommand(const v1::PaymentFact& fact, const common::v1::Attribution& attribution);
RecordDelivery ToCommand(const v1::Delivery& delivery, const common::v1::Attribution& attribution);
// Makes the order's id from the natural key, and the content's fingerprint. `unknown_item` is left
// to the caller.
RecordSale ToCommand(const v1::Sale& sale, const common::v1::Attribution& attribution,
                     std::string_view tenant);

Attribution FromMessage(const common::v1::Attribution& message);
NewHold FromMessage(const v1::NewHold& message);
// What it leaves unset is the built-in policy's.
FulfilmentPolicy FromMessage(const v1::FulfilmentPolicy& message);

}  // namespace quartermaster::orders

#endif  // QUARTERMASTER_SERVICES_ORDERS_CODEC_REQUESTS_H_
