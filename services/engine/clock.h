// The clock that the engine is given: the system's in production, a fake one in tests.
#ifndef QUARTERMASTER_SERVICES_ENGINE_CLOCK_H_
#define QUARTERMASTER_SERVICES_ENGINE_CLOCK_H_

#include "services/base/time.h"

namespace quartermaster::engine {

// Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  // Wall-clock time; may jump, also backwards.
  virtual Instant Now() const = 0;
};

}  // namespace quartermaster::engine

#endif  // QUARTERMASTER_SERVICES_ENGINE_CLOCK_H_
