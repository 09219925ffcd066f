#include "services/orders/app/errors.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/orders/codec/errors.h"

namespace quartermaster::orders {

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

}  // namespace quartermaster::orders
