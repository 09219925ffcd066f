#include "services/orders/domain/fulfilment_policy.h"

#include <algorithm>

namespace quartermaster::orders {

ReasonEffect EffectOf(const FulfilmentPolicy& policy, std::string_view code) {
  const auto found =
      std::find_if(policy.reasons.begin(), policy.reasons.end(),
                   [code](const ReasonEffect& reason) { return reason.code == code; });
  return found == policy.reasons.end() ? ReasonEffect() : *found;
}

}  // namespace quartermaster::orders
