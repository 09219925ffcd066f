// Backoff: how long to wait before the n-th retry: exponential, with jitter, bounded.
#ifndef QUARTERMASTER_SERVICES_ORDERS_APP_BACKOFF_H_
#define QUARTERMASTER_SERVICES_ORDERS_APP_BACKOFF_H_

#include <algorithm>
#include <cstdint>
#include <random>

#include "services/base/time.h"

namespace quartermaster::orders {

// `retry` counts from 0: half of 20 ms to 20 ms, doubling up to 5 s.
inline Micros Backoff(int retry, std::mt19937_64& random) {
  const int64_t most =
      std::min<int64_t>(Milliseconds(20).count << std::min(retry, 20), Seconds(5).count);
  return {most / 2 + static_cast<int64_t>(random() % static_cast<uint64_t>(most / 2 + 1))};
}

}  // namespace quartermaster::orders

#endif  // QUARTERMASTER_SERVICES_ORDERS_APP_BACKOFF_H_
