// SystemClock: the machine's own time.
#ifndef QUARTERMASTER_SERVICES_RUNTIME_SYSTEM_CLOCK_H_
#define QUARTERMASTER_SERVICES_RUNTIME_SYSTEM_CLOCK_H_

#include <chrono>

#include "services/base/time.h"
#include "services/engine/clock.h"

namespace quartermaster::runtime {

class SystemClock final : public engine::Clock {
 public:
  Instant Now() const override {
    const auto since = std::chrono::system_clock::now().time_since_epoch();
    return {std::chrono::duration_cast<std::chrono::microseconds>(since).count()};
  }
};

}  // namespace quartermaster::runtime

#endif  // QUARTERMASTER_SERVICES_RUNTIME_SYSTEM_CLOCK_H_
