// FakeClock: time that stands still until a test moves it.
#ifndef QUARTERMASTER_SERVICES_ORDERS_APP_TESTING_FAKE_CLOCK_H_
#define QUARTERMASTER_SERVICES_ORDERS_APP_TESTING_FAKE_CLOCK_H_

#include <atomic>
#include <cstdint>

#include "services/base/time.h"
#include "services/engine/clock.h"

namespace quartermaster::orders {

// Thread-safe.
class FakeClock : public engine::Clock {
 public:
  Instant Now() const override { return {now_us_.load()}; }
  void AdvanceTo(Instant when) {
    if (when > Now()) now_us_.store(when.unix_us);
  }
  void Advance(Micros by) { now_us_.fetch_add(by.count); }

 private:
  // 2026-11-27T00:00:00Z
  std::atomic<int64_t> now_us_{1'795'737'600'000'000};
};

}  // namespace quartermaster::orders

#endif  // QUARTERMASTER_SERVICES_ORDERS_APP_TESTING_FAKE_CLOCK_H_
