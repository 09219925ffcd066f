// Keeping orders back.
#include "services/orders/rpc/checks.h"

namespace quartermaster::orders {

using runtime::FieldChecker;
using runtime::FieldPath;
using runtime::Presence;

void CheckHold(const v1::NewHold& hold, const FieldPath& path, FieldChecker& check) {
  check.Enum({path, "kind"}, hold.kind(), v1::HoldKind_IsValid);
  if (hold.has_ttl()) check.Duration({path, "ttl"}, hold.ttl(), kHoldTtlMin, kHoldTtlMax);
  const FieldPath on_expiry(path, "on_expiry");
  if (check.Enum(on_expiry, hold.on_expiry(), v1::NewHold::OnExpiry_IsValid, Presence::kOptional)) {
    check.True(on_expiry, hold.has_ttl() || hold.on_expiry() == v1::NewHold::ON_EXPIRY_UNSPECIFIED,
               "needs a ttl");
  }
}

void Check(const v1::HoldOrderRequest& request, FieldChecker& check) {
  check.Id("request_id", request.request_id());
  check.Id("order_id", request.order_id());
  check.Id("etag", request.etag(), Presence::kOptional);
  check.Attribution("attribution", request.attribution());
  if (check.Required("hold", request.has_hold())) CheckHold(request.hold(), "hold", check);
}

void Check(const v1::ReleaseHoldRequest& request, FieldChecker& check) {
  check.Id("request_id", request.request_id());
  check.Id("order_id", request.order_id());
  check.Id("hold_id", request.hold_id(), Presence::kOptional);
  check.Id("etag", request.etag(), Presence::kOptional);
  check.Attribution("attribution", request.attribution());
}

}  // namespace quartermaster::orders
