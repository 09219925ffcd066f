// What fits through a shared log's gRPC face: both of its ends keep to these.
#ifndef QUARTERMASTER_STORAGE_SHARED_LOG_LIMITS_H_
#define QUARTERMASTER_STORAGE_SHARED_LOG_LIMITS_H_

#include <cstddef>

#include "services/base/time.h"
#include "storage/frame.h"

namespace quartermaster::storage {

// The longest message either way: gRPC's own default. The listener must accept requests this long.
inline constexpr int kSharedLogMessageBytesMax = 4 << 20;
// The longest frame, so that it fits into a message together with the rest of its request.
inline constexpr size_t kSharedLogFrameBytesMax = kFrameBytesMax;
static_assert(kSharedLogFrameBytesMax + (64 << 10) <= kSharedLogMessageBytesMax);
// What one reply to a read holds at most, unless its only frame is longer.
inline constexpr size_t kSharedLogReadBytesMax = 3 << 20;
// The longest that one call waits for a head.
inline constexpr Micros kSharedLogWaitMax = Seconds(10);

}  // namespace quartermaster::storage

#endif  // QUARTERMASTER_STORAGE_SHARED_LOG_LIMITS_H_
