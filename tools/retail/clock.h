// The driver's clock. The server runs on the same machine, so that its deadlines are comparable.
#ifndef QUARTERMASTER_TOOLS_RETAIL_CLOCK_H_
#define QUARTERMASTER_TOOLS_RETAIL_CLOCK_H_

#include <chrono>

#include "services/base/time.h"

namespace quartermaster::retail {

inline Instant WallClock() {
  return {std::chrono::duration_cast<std::chrono::microseconds>(
              std::chrono::system_clock::now().time_since_epoch())
              .count()};
}

}  // namespace quartermaster::retail

#endif  // QUARTERMASTER_TOOLS_RETAIL_CLOCK_H_
