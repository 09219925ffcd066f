// How orders are fulfilled.
#include "services/orders/domain/fulfilment_policy.h"
#include "services/orders/rpc/checks.h"

namespace quartermaster::orders {
namespace {

using runtime::FieldChecker;
using runtime::FieldPath;
using runtime::Presence;

constexpr int kAttemptsMax = 20;
constexpr int kReasonsMax = 100;
constexpr int kExtensionsMax = 20;
constexpr Micros kGiveUpAfterMin = Hours(1);
constexpr Micros kGiveUpAfterMax = Hours(90 * 24);

void CheckReasons(const v1::FulfilmentPolicy& policy, const FieldPath& path, FieldChecker& check) {
  if (!check.Size({path, "reasons"}, policy.reasons_size(), 0, kReasonsMax)) return;
  for (int i = 0; i < policy.reasons_size() && !check.full(); ++i) {
    const v1::ReasonEffect& reason = policy.reasons(i);
    const FieldPath reason_path(path, "reasons", i);
    check.Id({reason_path, "code"}, reason.code());
    check.Enum({reason_path, "units"}, reason.units(), v1::ReasonEffect::Units_IsValid,
               Presence::kOptional);
    check.Enum({reason_path, "order"}, reason.order(), v1::ReasonEffect::Order_IsValid,
               Presence::kOptional);
    check.Id({reason_path, "suggested_action"}, reason.suggested_action(), Presence::kOptional);
  }
  check.Unique(path, "reasons", "code", policy.reasons_size(),
               [&](int i) -> const std::string& { return policy.reasons(i).code(); });
}

}  // namespace

void Check(const v1::SetFulfilmentPolicyRequest& request, FieldChecker& check) {
  check.Id("request_id", request.request_id());
  check.Attribution("attribution", request.attribution());
  const FieldPath path("policy");
  if (!check.Required(path, request.has_policy())) return;
  const v1::FulfilmentPolicy& policy = request.policy();
  check.Id({path, "channel_id"}, policy.channel_id(), Presence::kOptional);
  check.Range({path, "attempts_max"}, policy.attempts_max(), 0, kAttemptsMax);
  CheckReasons(policy, path, check);
  check.Range({path, "pickup_days"}, policy.pickup_days(), 0, kPickupDaysMax);
  check.Range({path, "reminder_days"}, policy.reminder_days(), 0, kPickupDaysMax);
  check.Range({path, "extensions_max"}, policy.extensions_max(), 0, kExtensionsMax);
  if (policy.has_give_up_after()) {
    check.Duration({path, "give_up_after"}, policy.give_up_after(), kGiveUpAfterMin,
                   kGiveUpAfterMax);
  }
  check.Id({path, "etag"}, policy.etag(), Presence::kOptional);
}

}  // namespace quartermaster::orders
