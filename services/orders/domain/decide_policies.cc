#include "services/orders/domain/decider.h"

namespace quartermaster::orders {

// Also with the content that it has already: whoever sets it is in the log, and its etag is new.
void Decider::operator()(const SetFulfilmentPolicy& c) {
  const auto own = state_.policies.find(c.channel_id);
  const std::string etag = Etag(own == state_.policies.end() ? SetPolicy() : own->second);
  if (!c.etag.empty() && c.etag != etag) return Reject(EtagMismatch{etag});
  Emit(FulfilmentPolicySet{
      .channel_id = c.channel_id, .policy = c.policy, .attribution = c.attribution});
}

}  // namespace quartermaster::orders
