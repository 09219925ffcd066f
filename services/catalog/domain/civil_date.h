// Dates as people write them, and days as numbers that can be counted with.
//
//   std::optional<Day> day = ParseDate("2026-12-25");
//   WeekdayOf(*day);        // 5: a Friday
//   FormatDate(*day + 1);   // "2026-12-26"
#ifndef QUARTERMASTER_SERVICES_CATALOG_DOMAIN_CIVIL_DATE_H_
#define QUARTERMASTER_SERVICES_CATALOG_DOMAIN_CIVIL_DATE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace quartermaster::catalog {

// Days since 1970-01-01 in the proleptic Gregorian calendar; may be negative.
using Day = int32_t;

// "2026-12-25", years 1970 to 9999; nullopt for all else, also for dates that no year has.
std::optional<Day> ParseDate(std::string_view text);

// For a day that ParseDate could have given.
std::string FormatDate(Day day);

// 1 (Monday) to 7 (Sunday), as ISO 8601 counts.
int32_t WeekdayOf(Day day);

}  // namespace quartermaster::catalog

#endif  // QUARTERMASTER_SERVICES_CATALOG_DOMAIN_CIVIL_DATE_H_
