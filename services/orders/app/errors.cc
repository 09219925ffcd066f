#include "services/orders/app/errors.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/orders/codec/errors.h"

namespace quartermaster::orders {
namespace {

// True if the peer has decided: it did not do it, and would say so again. What is unknown may
// change: a proxy's errors, a peer that is away, a defect.
bool IsRefusal(const runtime::RpcError& error) {
  switch (error.code()) {
    case absl::StatusCode::kInvalidArgument:
      // A proxy's names no field.
      return !error.details().fields.empty();
    case absl::StatusCode::kNotFound:
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kAlreadyExists:
    case absl::StatusCode::kOutOfRange:
      // Of the peer's log, and not of what was asked.
      return error.reason() != common::v1::PARTITION_NOT_FOUND;
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

PeerRefusal ToRefusal(const PeerError& error) {
  if (error.retriable) {
    const std::string peer = error.peer.empty() ? "stock or routing" : error.peer;
    return {runtime::PeerUnavailable(peer).SetRetryAfter(Seconds(1)), false};
  }
  runtime::RpcError refusal = ToRpcError(error);
  const bool recorded = refusal.reason() != common::v1::INTERNAL_DEFECT;
  return {std::move(refusal), recorded};
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
