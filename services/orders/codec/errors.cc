#include "services/orders/codec/errors.h"

#include <variant>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/orders/domain/payment.h"

namespace quartermaster::orders {

namespace {

namespace commonpb = quartermaster::common::v1;

ErrorDescription NotFound(commonpb::ErrorReason reason, const std::string& type,
                          const std::string& name) {
  return {.reason = reason,
          .message = absl::StrCat("there is no ", type, " ", name),
          .resource_type = type,
          .resource_name = name};
}

ErrorDescription Exceeds(commonpb::ErrorReason reason, const std::string& line_id, Quantity asked,
                         Quantity open) {
  return {
      .reason = reason,
      .message =
          absl::StrCat("line ", line_id, ": ", asked.units(), " asked, ", open.units(), " open"),
      .resource_type = "line",
      .resource_name = line_id,
      .metadata = {{"asked", absl::StrCat(asked.units())}, {"open", absl::StrCat(open.units())}}};
}

struct Describer {
  ErrorDescription operator()(const OrderNotFound& r) const {
    return NotFound(commonpb::ORDER_NOT_FOUND, "order", r.order_id);
  }
  ErrorDescription operator()(const TaskNotFound& r) const {
    return NotFound(commonpb::TASK_NOT_FOUND, "task", r.task_id);
  }
  ErrorDescription operator()(const ParcelNotFound& r) const {
    return NotFound(commonpb::PARCEL_NOT_FOUND, "parcel", r.parcel);
  }
  ErrorDescription operator()(const ReturnNotFound& r) const {
    return NotFound(commonpb::RETURN_NOT_FOUND, "return", r.return_id);
  }
  ErrorDescription operator()(const ExceptionNotFound& r) const {
    return NotFound(commonpb::EXCEPTION_NOT_FOUND, "exception", r.exception_id);
  }
  ErrorDescription operator()(const HoldNotFound& r) const {
    return NotFound(commonpb::HOLD_NOT_FOUND, "hold", r.hold_id);
  }
  ErrorDescription operator()(const OrderOnHold& r) const {
    return {.reason = commonpb::ORDER_ON_HOLD,
            .message = absl::StrCat("order ", r.order_id, " is kept back by a hold"),
            .resource_type = "order",
            .resource_name = r.order_id};
  }
  ErrorDescription operator()(const GroupNotFound& r) const {
    return NotFound(commonpb::GROUP_NOT_FOUND, "group", r.group_id);
  }
  ErrorDescription operator()(const SubjectGone& r) const {
    return NotFound(commonpb::SUBJECT_NOT_FOUND, "subject", r.order_id);
  }
  ErrorDescription operator()(const LineNotFound& r) const {
    return NotFound(commonpb::LINE_NOT_FOUND, "line", r.line_id);
  }
  ErrorDescription operator()(const QuantityExceedsOpen& r) const {
    return Exceeds(commonpb::QUANTITY_EXCEEDS_OPEN, r.line_id, r.asked, r.open);
  }
  ErrorDescription operator()(const QuantityExceedsSold& r) const {
    return Exceeds(commonpb::QUANTITY_EXCEEDS_SOLD, r.line_id, r.asked, r.open);
  }
  ErrorDescription operator()(const ItemNotReturnable& r) const {
    return {.reason = commonpb::ITEM_NOT_ELIGIBLE,
            .message = absl::StrCat("the item of line ", r.line_id, " is not returnable"),
            .resource_type = "line",
            .resource_name = r.line_id};
  }
  ErrorDescription operator()(const IllegalTransition& r) const {
    const std::string allowed = absl::StrJoin(r.allowed, ",");
    ErrorDescription description{
        .reason = commonpb::ILLEGAL_TRANSITION,
        .message = absl::StrCat("it is ", r.state, ", which allows ",
                                allowed.empty() ? "nothing more" : allowed),
        .metadata = {{"state", r.state}, {"allowed", allowed}}};
    if (r.extensions.has_value()) {
      description.message = absl::StrCat("it is ", r.state, ", and has been extended ",
                                         *r.extensions, " times, as often as may be");
      description.metadata.emplace_back("extensions", absl::StrCat(*r.extensions));
    }
    return description;
  }
  ErrorDescription operator()(const PickupCodeWrong& r) const {
    return {
        .reason = commonpb::PICKUP_CODE_WRONG,
        .message = absl::StrCat("the pickup code does not match; ", r.tries_left, " more tries"),
        .metadata = {{"tries_left", absl::StrCat(r.tries_left)}}};
  }
  ErrorDescription operator()(const PickupCodeLocked& r) const {
    return {.reason = commonpb::PICKUP_CODE_LOCKED,
            .message = "too many wrong pickup codes",
            .metadata = {{"until_unix_us", absl::StrCat(r.until.unix_us)}}};
  }
  ErrorDescription operator()(const ExternalIdReused& r) const {
    return {.reason = commonpb::EXTERNAL_ID_REUSED,
            .message = absl::StrCat("order ", r.order_id, " of the channel has this external id"),
            .resource_type = "order",
            .resource_name = r.order_id};
  }
  ErrorDescription operator()(const RequestIdReused& r) const {
    return {
        .reason = commonpb::REQUEST_ID_REUSED,
        .message = absl::StrCat("the request id made order ", r.order_id, " from other content"),
        .resource_type = "order",
        .resource_name = r.order_id};
  }
  ErrorDescription operator()(const SaleKeyReused& r) const {
    return {.reason = commonpb::EFFECT_KEY_REUSED,
            .message =
                absl::StrCat("the sale's key is that of ", r.order_id, ", which has other content"),
            .resource_type = "order",
            .resource_name = r.order_id};
  }
  ErrorDescription operator()(const ShipmentChanged& r) const {
    return {.reason = commonpb::EFFECT_KEY_REUSED,
            .message = absl::StrCat("task ", r.task_id,
                                    " has shipped otherwise: with another content, carrier or "
                                    "tracking number, or all of it in other parcels"),
            .resource_type = "task",
            .resource_name = r.task_id};
  }
  ErrorDescription operator()(const HoldTooShort& r) const {
    return {.reason = commonpb::HOLD_TOO_SHORT,
            .message = absl::StrCat(r.left.count / 1'000'000, " s are left on the hold"),
            .metadata = {{"left_us", absl::StrCat(r.left.count)}}};
  }
  ErrorDescription operator()(const EtagMismatch& r) const {
    return {.reason = commonpb::ETAG_MISMATCH,
            .message = absl::StrCat("the etag is now ", r.current),
            .metadata = {{"current", r.current}}};
  }
  ErrorDescription operator()(const PaymentIntentNotFound& r) const {
    return NotFound(commonpb::INTENT_NOT_FOUND, "intent", r.intent_id);
  }
  ErrorDescription operator()(const PaymentChanged& r) const {
    return {.reason = commonpb::EFFECT_KEY_REUSED,
            .message = absl::StrCat("event ", r.event_ref,
                                    " of the payment was told with another kind or amount"),
            .resource_type = "payment event",
            .resource_name = r.event_ref};
  }
  ErrorDescription operator()(const CurrencyMismatch& r) const {
    return {.reason = commonpb::CURRENCY_MISMATCH,
            .message = absl::StrCat("the order is paid in ", r.currency_code),
            .resource_type = "currency",
            .resource_name = r.currency_code};
  }
  ErrorDescription operator()(const TooManyPayments&) const {
    return {.reason = commonpb::TOO_MANY_PAYMENTS,
            .message = absl::StrCat("the order has ", kPaymentFactsMax,
                                    " facts of payments, as many as it may have")};
  }
  ErrorDescription operator()(const TooLarge&) const {
    return {.reason = commonpb::REQUEST_TOO_LARGE,
            .message = "what the fact would cause does not fit into the log with those before it"};
  }
  // Only the saga sees it, and it has no caller.
  ErrorDescription operator()(const IntentStale&) const {
    return {.reason = commonpb::INTERNAL_DEFECT, .message = "the intent is no longer open"};
  }
};

}  // namespace

ErrorDescription Describe(const Rejection& rejection) { return std::visit(Describer(), rejection); }

}  // namespace quartermaster::orders
