#include "services/catalog/domain/civil_date.h"

#include "absl/strings/str_format.h"

namespace quartermaster::catalog {
namespace {

constexpr int32_t kDaysPerEra = 146'097;
// From 0000-03-01, on which the counting of years begins here, to 1970-01-01.
constexpr int32_t kEpoch = 719'468;

struct Date {
  int32_t year = 0;
  int32_t month = 0;
  int32_t day = 0;

  friend bool operator==(const Date&, const Date&) = default;
};

// Both after Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms" (days_from_civil and
// civil_from_days), for years from 0 on.
Day DayOf(const Date& date) {
  const int32_t year = date.month <= 2 ? date.year - 1 : date.year;
  const int32_t era = year / 400;
  const int32_t year_of_era = year - era * 400;
  const int32_t month = date.month > 2 ? date.month - 3 : date.month + 9;
  const int32_t day_of_year = (153 * month + 2) / 5 + date.day - 1;
  const int32_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * kDaysPerEra + day_of_era - kEpoch;
}

Date DateOf(Day day) {
  const int32_t shifted = day + kEpoch;
  const int32_t era = shifted / kDaysPerEra;
  const int32_t day_of_era = shifted - era * kDaysPerEra;
  const int32_t year_of_era =
      (day_of_era - day_of_era / 1'460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  const int32_t day_of_year =
      day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const int32_t month = (5 * day_of_year + 2) / 153;
  Date date;
  date.day = day_of_year - (153 * month + 2) / 5 + 1;
  date.month = month < 10 ? month + 3 : month - 9;
  date.year = year_of_era + era * 400 + (date.month <= 2 ? 1 : 0);
  return date;
}

// -1 if it is not all digits.
int32_t ReadDigits(std::string_view text) {
  int32_t value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return -1;
    value = value * 10 + (c - '0');
  }
  return value;
}

}  // namespace

std::optional<Day> ParseDate(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  const Date date{ReadDigits(text.substr(0, 4)), ReadDigits(text.substr(5, 2)),
                  ReadDigits(text.substr(8, 2))};
  if (date.year < 1970 || date.month < 1 || date.month > 12 || date.day < 1) return std::nullopt;
  const Day day = DayOf(date);
  // A day that its month does not have comes back as one of the next.
  if (DateOf(day) != date) return std::nullopt;
  return day;
}

std::string FormatDate(Day day) {
  const Date date = DateOf(day);
  return absl::StrFormat("%04d-%02d-%02d", date.year, date.month, date.day);
}

int32_t WeekdayOf(Day day) {
  // 1970-01-01 was a Thursday.
  const int32_t from_monday = (day + 3) % 7;
  return (from_monday < 0 ? from_monday + 7 : from_monday) + 1;
}

}  // namespace quartermaster::catalog
