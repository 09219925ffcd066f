#include "services/orders/domain/applier.h"

namespace quartermaster::orders {

void Applier::operator()(const FulfilmentPolicySet& e) {
  state_.policies.insert_or_assign(e.channel_id, SetPolicy{e.channel_id, e.policy, position_});
}

}  // namespace quartermaster::orders
