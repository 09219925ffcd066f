#include "services/orders/domain/fulfilment_policy.h"

#include <algorithm>

namespace quartermaster::orders {

const ReasonEffect* FindReason(const FulfilmentPolicy& policy, std::string_view code) {
  const auto found =
      std::find_if(policy.reasons.begin(), policy.reasons.end(),
                   [code](const ReasonEffect& reason) { return reason.code == code; });
  return found == policy.reasons.end() ? nullptr : &*found;
}

}  // namespace quartermaster::orders
