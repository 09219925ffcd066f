// Time values. No clock: a clock is injected where one is needed (engine/clock.h).
#ifndef QUARTERMASTER_SERVICES_BASE_TIME_H_
#define QUARTERMASTER_SERVICES_BASE_TIME_H_

#include <compare>
#include <cstdint>
#include <limits>

namespace quartermaster {

// A length of time in microseconds; may be negative.
struct Micros {
  int64_t count = 0;

  friend constexpr auto operator<=>(Micros, Micros) = default;
  friend constexpr Micros operator+(Micros a, Micros b) { return {a.count + b.count}; }
  friend constexpr Micros operator-(Micros a, Micros b) { return {a.count - b.count}; }
};

constexpr Micros Milliseconds(int64_t n) { return {n * 1'000}; }
constexpr Micros Seconds(int64_t n) { return {n * 1'000'000}; }
constexpr Micros Hours(int64_t n) { return Seconds(n * 3'600); }

// A moment: microseconds since the Unix epoch, leap seconds ignored.
struct Instant {
  int64_t unix_us = 0;

  friend constexpr auto operator<=>(Instant, Instant) = default;
  friend constexpr Instant operator+(Instant t, Micros d) { return {t.unix_us + d.count}; }
  friend constexpr Instant operator-(Instant t, Micros d) { return {t.unix_us - d.count}; }
  friend constexpr Micros operator-(Instant a, Instant b) { return {a.unix_us - b.unix_us}; }
};

inline constexpr Instant kDistantPast{std::numeric_limits<int64_t>::min()};
inline constexpr Instant kDistantFuture{std::numeric_limits<int64_t>::max()};

}  // namespace quartermaster

#endif  // QUARTERMASTER_SERVICES_BASE_TIME_H_
