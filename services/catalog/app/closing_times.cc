#include "services/catalog/app/closing_times.h"

#include <date/tz.h>

#include <chrono>
#include <exception>
#include <optional>
#include <string>

#include "services/catalog/domain/opening_hours.h"

namespace quartermaster::catalog {
namespace {

using Microseconds = std::chrono::microseconds;

// The clock on a location's wall.
class WallClock {
 public:
  explicit WallClock(const std::string& time_zone) {
    // The library reports by exceptions: none may pass this function.
    try {
      zone_ = date::locate_zone(time_zone);
    } catch (const std::exception&) {
    }
  }

  Day DayAt(Instant time) const {
    const date::sys_time<Microseconds> utc{Microseconds(time.unix_us)};
    Microseconds since_epoch = utc.time_since_epoch();
    if (zone_ != nullptr) since_epoch += zone_->get_info(utc).offset;
    return static_cast<Day>(date::floor<date::days>(date::local_time<Microseconds>(since_epoch))
                                .time_since_epoch()
                                .count());
  }

  Instant InstantOf(Day day, int32_t minute) const {
    const date::local_time<Microseconds> local =
        date::local_days(date::days(day)) + std::chrono::minutes(minute);
    if (zone_ == nullptr) return {local.time_since_epoch().count()};
    // Of what does not exist it makes the moment of the change, whichever is chosen.
    return {zone_->to_sys(local, date::choose::latest).time_since_epoch().count()};
  }

 private:
  // Null: UTC.
  const date::time_zone* zone_ = nullptr;
};

}  // namespace

std::vector<Instant> ClosingTimes(const Location& location, Instant after, int days) {
  const WallClock clock(location.time_zone);
  const auto closing = [&](Day day) -> std::optional<Instant> {
    const std::optional<int32_t> minute = CloseOf(location.hours, day);
    if (!minute.has_value()) return std::nullopt;
    return clock.InstantOf(day, *minute);
  };
  Day day = clock.DayAt(after);
  // Before the day begins, the one before it ends.
  if (const std::optional<Instant> yesterday = closing(day - 1); yesterday > after) --day;
  std::vector<Instant> times;
  // Ends: a week has an open day, unless it is one of the at most 400 special ones.
  while (static_cast<int>(times.size()) < days) {
    if (const std::optional<Instant> time = closing(++day)) times.push_back(*time);
  }
  return times;
}

}  // namespace quartermaster::catalog
