// What is left of a timeout, for a wait on a condition variable that may wake early.
#ifndef QUARTERMASTER_STORAGE_WAIT_DEADLINE_H_
#define QUARTERMASTER_STORAGE_WAIT_DEADLINE_H_

#include <algorithm>
#include <chrono>

#include "services/base/time.h"

namespace quartermaster::storage {

class WaitDeadline {
 public:
  explicit WaitDeadline(Micros timeout)
      : end_(Now() + std::chrono::microseconds(std::min(timeout, kLongest).count)) {}

  // Zero or negative once the time has passed.
  Micros Left() const {
    return {std::chrono::duration_cast<std::chrono::microseconds>(end_ - Now()).count()};
  }

 private:
  // Keeps the sum in range.
  static constexpr Micros kLongest = Hours(24 * 365);
  static std::chrono::steady_clock::time_point Now() { return std::chrono::steady_clock::now(); }

  std::chrono::steady_clock::time_point end_;
};

}  // namespace quartermaster::storage

#endif  // QUARTERMASTER_STORAGE_WAIT_DEADLINE_H_
