// Opening hours as people write them: "mon-fri 09:00-12:00 13:00-18:00", "sat 18:00-26:00" (until 2
// in the night), and days that are otherwise: "2026-12-24 09:00-14:00", "2026-12-25 closed".
//
//   if (!AddOpeningHours("mon-fri 09:00-18:00", &location)) return context.Usage(...);
#ifndef QUARTERMASTER_TOOLS_QM_INPUT_OPENING_HOURS_H_
#define QUARTERMASTER_TOOLS_QM_INPUT_OPENING_HOURS_H_

#include <string>
#include <string_view>
#include <vector>

#include "quartermaster/catalog/v1/catalog.pb.h"

namespace quartermaster::qm {

// Both add what the text says and return true, or change nothing and return false. Times are HH:MM,
// 00:00 to 48:00. What the server refuses (dates that no year has, spans that overlap) passes.
bool AddOpeningHours(std::string_view text, catalog::v1::Location* location);
bool AddSpecialDay(std::string_view text, catalog::v1::Location* location);

// What the functions above take, in as few texts as there are, in the order of the days.
std::vector<std::string> OpeningHoursTexts(const catalog::v1::Location& location);
std::vector<std::string> SpecialDayTexts(const catalog::v1::Location& location);

}  // namespace quartermaster::qm

#endif  // QUARTERMASTER_TOOLS_QM_INPUT_OPENING_HOURS_H_
