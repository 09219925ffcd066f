// How long a request asks peers that do not answer, and which answers are none.
#ifndef QUARTERMASTER_SERVICES_ORDERS_APP_PATIENCE_H_
#define QUARTERMASTER_SERVICES_ORDERS_APP_PATIENCE_H_

#include <algorithm>

#include "quartermaster/common/v1/common.pb.h"
#include "services/base/time.h"

namespace quartermaster::orders {

inline constexpr Micros kPeerPatience = Seconds(10);

// When peers that do not answer are no longer asked: early enough, by an eighth of what is left,
// for the caller to hear why.
inline Instant GiveUpTime(Instant now, Instant deadline) {
  if (deadline == kDistantFuture) return now + kPeerPatience;
  return std::min(now + kPeerPatience, deadline - Micros{(deadline - now).count / 8});
}

// The reasons behind the codes that README promises may be repeated: they are no answers.
inline bool IsToBeRepeated(common::v1::ErrorReason reason) {
  return reason == common::v1::NOT_SERVING || reason == common::v1::OVERLOADED ||
         reason == common::v1::DEADLINE_PASSED;
}

}  // namespace quartermaster::orders

#endif  // QUARTERMASTER_SERVICES_ORDERS_APP_PATIENCE_H_
