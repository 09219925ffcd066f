// When a location is open, by its own clock: week by week, and on days that are otherwise.
//
//   const std::vector<OpenSpan>& spans = SpansOn(location.hours, day);
//   std::optional<int32_t> close = CloseOf(location.hours, day);   // 1080: at 18:00
#ifndef QUARTERMASTER_SERVICES_CATALOG_DOMAIN_OPENING_HOURS_H_
#define QUARTERMASTER_SERVICES_CATALOG_DOMAIN_OPENING_HOURS_H_

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "services/catalog/domain/civil_date.h"

namespace quartermaster::catalog {

inline constexpr int32_t kMinutesPerDay = 1'440;
inline constexpr size_t kMaxWeeklySpans = 28;
inline constexpr size_t kMaxSpecialDays = 400;
// Of one special day.
inline constexpr size_t kMaxDaySpans = 28;

struct OpenSpan {
  // 1 (Monday) to 7 (Sunday), as ISO 8601 counts; 0 within a special day.
  int32_t weekday = 0;
  // Minutes since midnight by the clock on the wall, whatever a change to summer time does: 0 to
  // 1,439, and more than that up to 2,880 (it closes on the next day).
  int32_t open_minute = 0;
  int32_t close_minute = 0;

  friend auto operator<=>(const OpenSpan&, const OpenSpan&) = default;
};

// A day on which the week does not count.
struct SpecialDay {
  // "2026-12-25". In a command it may be anything.
  std::string date;
  // Ascending, apart from each other. Empty: closed.
  std::vector<OpenSpan> spans;

  friend bool operator==(const SpecialDay&, const SpecialDay&) = default;
};

// Canonical: spans ascend and do not overlap, also not those of a day that go past midnight and
// those of the next day.
struct OpeningHours {
  // At most 28. Empty: every day, all day.
  std::vector<OpenSpan> weekly;
  // At most 400, by date, each once.
  std::vector<SpecialDay> special_days;

  // Nothing has been said: always open.
  bool empty() const { return weekly.empty() && special_days.empty(); }
  friend bool operator==(const OpeningHours&, const OpeningHours&) = default;
};

// Sorts spans and days.
OpeningHours Canonical(OpeningHours hours);

// The spans that begin on that day; none if it is closed. Of canonical hours.
std::vector<OpenSpan> SpansOn(const OpeningHours& hours, Day day);

// When the last span of that day ends, in minutes since the day's midnight: 1 to 2,880; nullopt if
// it is closed. Of canonical hours.
std::optional<int32_t> CloseOf(const OpeningHours& hours, Day day);

}  // namespace quartermaster::catalog

#endif  // QUARTERMASTER_SERVICES_CATALOG_DOMAIN_OPENING_HOURS_H_
