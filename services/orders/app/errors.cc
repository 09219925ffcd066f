#include "services/orders/app/errors.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/orders/codec/errors.h"

namespace quartermaster::orders {
namespace {

// True if the peer has decided: it did not do it, and would say so again.
bool IsRefusal(const runtime::RpcError& error) {
  switch (error.reason()) {
    case common::v1::INVALID_FIELD:
      // A proxy's INVALID_ARGUMENT names no field.
      return !error.details().fields.empty();
    case common::v1::REQUEST_ID_REUSED:
    case common::v1::REQUEST_TOO_LARGE:
    case common::v1::ITEM_NOT_FOUND:
    case common::v1::LOCATION_NOT_FOUND:
    case common::v1::POOL_NOT_FOUND:
    case common::v1::RESERVATION_NOT_FOUND:
    case common::v1::LINE_NOT_FOUND:
    case common::v1::INSUFFICIENT_STOCK:
    case common::v1::CAP_EXCEEDED:
    case common::v1::CUSTOMER_CAP_EXCEEDED:
    case common::v1::RESERVATION_EXPIRED:
    case common::v1::RESERVATION_RELEASED:
    case common::v1::RESERVATION_REPLACED:
    case common::v1::RESERVATION_ALREADY_CONFIRMED:
    case common::v1::RESERVATION_FULFILLED:
    case common::v1::QUANTITY_EXCEEDS_OPEN:
    case common::v1::EXPECTATION_FAILED:
    case common::v1::EFFECT_KEY_REUSED:
    case common::v1::LOCATION_NOT_ELIGIBLE:
    case common::v1::NO_PLAN:
    case common::v1::ILLEGAL_TRANSITION:
      return true;
    default:
      return false;
  }
}

}  // namespace

runtime::RpcError ToRpcError(const Rejection& rejection) {
  ErrorDescription description = Describe(rejection);
  runtime::RpcError error(description.reason, std::move(description.message));
  if (!description.resource_type.empty()) {
    error.SetResource(std::move(description.resource_type), std::move(description.resource_name));
  }
  for (auto& [key, value] : description.metadata) {
    error.AddMetadata(std::move(key), std::move(value));
  }
  return error;
}

runtime::RpcError ToRpcError(const PeerError& error) {
  switch (error.reason) {
    case common::v1::INVALID_FIELD:
    case common::v1::REQUEST_ID_REUSED:
    case common::v1::INTERNAL_DEFECT:
      return runtime::InternalDefect(absl::StrCat(
          "a peer refused with ", common::v1::ErrorReason_Name(error.reason), ": ", error.message));
    default:
      break;
  }
  runtime::RpcError result(error.reason, error.message);
  if (!error.short_lines.empty()) {
    common::v1::InsufficientStock shortage;
    for (const PeerShortLine& line : error.short_lines) {
      auto* to = shortage.add_lines();
      to->set_line_id(line.line_id);
      to->set_sku(line.sku);
      to->set_location_id(line.location_id);
      to->set_asked(line.asked.units());
      to->set_available(line.available.units());
    }
    result.SetInsufficientStock(std::move(shortage));
  }
  return result;
}

PeerError ToPeerError(const runtime::RpcError& error, std::string peer) {
  PeerError result;
  result.peer = std::move(peer);
  result.reason = error.reason();
  result.retriable = !IsRefusal(error);
  result.message = error.message();
  if (error.details().insufficient_stock) {
    for (const auto& line : error.details().insufficient_stock->lines()) {
      result.short_lines.push_back({line.line_id(), line.sku(), line.location_id(),
                                    Quantity(line.asked()), Quantity(line.available())});
    }
  }
  return result;
}

}  // namespace quartermaster::orders
