#include "services/catalog/domain/opening_hours.h"

#include <algorithm>
#include <utility>

namespace quartermaster::catalog {
namespace {

bool IsBefore(const SpecialDay& a, const SpecialDay& b) { return a.date < b.date; }

// Null if the week counts on that day.
const SpecialDay* FindSpecial(const OpeningHours& hours, Day day) {
  if (hours.special_days.empty()) return nullptr;
  SpecialDay wanted;
  wanted.date = FormatDate(day);
  const auto found =
      std::lower_bound(hours.special_days.begin(), hours.special_days.end(), wanted, IsBefore);
  return found != hours.special_days.end() && found->date == wanted.date ? &*found : nullptr;
}

}  // namespace

OpeningHours Canonical(OpeningHours hours) {
  std::sort(hours.weekly.begin(), hours.weekly.end());
  for (SpecialDay& day : hours.special_days) std::sort(day.spans.begin(), day.spans.end());
  std::sort(hours.special_days.begin(), hours.special_days.end(), IsBefore);
  return hours;
}

std::vector<OpenSpan> SpansOn(const OpeningHours& hours, Day day) {
  if (const SpecialDay* special = FindSpecial(hours, day)) return special->spans;
  if (hours.weekly.empty()) return {{.open_minute = 0, .close_minute = kMinutesPerDay}};
  const int32_t weekday = WeekdayOf(day);
  std::vector<OpenSpan> spans;
  for (const OpenSpan& span : hours.weekly) {
    if (span.weekday == weekday) spans.push_back(span);
  }
  return spans;
}

std::optional<int32_t> CloseOf(const OpeningHours& hours, Day day) {
  // They do not overlap: the last to begin is the last to end.
  const std::vector<OpenSpan> spans = SpansOn(hours, day);
  if (spans.empty()) return std::nullopt;
  return spans.back().close_minute;
}

}  // namespace quartermaster::catalog
