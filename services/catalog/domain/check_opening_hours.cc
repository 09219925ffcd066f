#include "services/catalog/domain/check_opening_hours.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "absl/container/btree_map.h"
#include "absl/container/btree_set.h"
#include "absl/strings/str_cat.h"

namespace quartermaster::catalog {
namespace {

constexpr int32_t kMinutesPerWeek = 7 * kMinutesPerDay;

// A span on a time line, and where the caller wrote it.
struct Placed {
  // In minutes. Of days to come these are more than 32 bits can hold.
  int64_t begin = 0;
  int64_t end = 0;
  bool special = false;
  std::string field;
};

class HoursCheck {
 public:
  explicit HoursCheck(const OpeningHours& hours) : hours_(hours) {}

  std::vector<Violation> Run() {
    CheckWeek();
    CheckSpecialDays();
    if (violations_.empty()) FindOverlapsInWeek();
    if (violations_.empty()) FindOverlapsOnSpecialDays();
    return std::move(violations_);
  }

 private:
  void Add(std::string field, std::string description) {
    violations_.push_back({std::move(field), std::move(description)});
  }

  static std::string WeeklyField(size_t i) { return absl::StrCat("opening_hours[", i, "]"); }
  static std::string SpecialField(size_t day, size_t span) {
    return absl::StrCat("special_days[", day, "].spans[", span, "]");
  }

  void CheckMinutes(const OpenSpan& span, const std::string& field) {
    if (span.open_minute < 0 || span.open_minute >= kMinutesPerDay) {
      Add(field + ".open_minute", absl::StrCat("must be 0 to ", kMinutesPerDay - 1));
    } else if (span.close_minute <= span.open_minute || span.close_minute > 2 * kMinutesPerDay) {
      Add(field + ".close_minute",
          absl::StrCat("must be ", span.open_minute + 1, " to ", 2 * kMinutesPerDay));
    }
  }

  void CheckWeek() {
    if (hours_.weekly.size() > kMaxWeeklySpans) {
      Add("opening_hours", absl::StrCat("must have at most ", kMaxWeeklySpans, " entries"));
      return;
    }
    for (size_t i = 0; i < hours_.weekly.size(); ++i) {
      const OpenSpan& span = hours_.weekly[i];
      if (span.weekday < 1 || span.weekday > 7) {
        Add(WeeklyField(i) + ".weekday", "must be 1 to 7");
      }
      CheckMinutes(span, WeeklyField(i));
    }
  }

  void CheckSpecialDays() {
    if (hours_.special_days.size() > kMaxSpecialDays) {
      Add("special_days", absl::StrCat("must have at most ", kMaxSpecialDays, " entries"));
      return;
    }
    for (size_t i = 0; i < hours_.special_days.size(); ++i) {
      const SpecialDay& special = hours_.special_days[i];
      const std::string field = absl::StrCat("special_days[", i, "]");
      if (const std::optional<Day> day = ParseDate(special.date); !day.has_value()) {
        Add(field + ".date", "is not a date like 2026-12-25");
      } else if (!special_.emplace(*day, i).second) {
        Add(field + ".date", "is listed twice");
      }
      if (special.spans.size() > kMaxDaySpans) {
        Add(field + ".spans", absl::StrCat("must have at most ", kMaxDaySpans, " entries"));
        continue;
      }
      for (size_t j = 0; j < special.spans.size(); ++j) {
        if (special.spans[j].weekday != 0) Add(SpecialField(i, j) + ".weekday", "must be 0");
        CheckMinutes(special.spans[j], SpecialField(i, j));
      }
    }
  }

  static void Sort(std::vector<Placed>& spans) {
    std::stable_sort(spans.begin(), spans.end(),
                     [](const Placed& a, const Placed& b) { return a.begin < b.begin; });
  }

  void FindOverlapsInWeek() {
    std::vector<Placed> spans;
    for (size_t i = 0; i < hours_.weekly.size(); ++i) Place(i, 0, spans);
    if (spans.empty()) return;
    Sort(spans);
    // Sunday may go on into Monday.
    Placed next_week = spans.front();
    next_week.begin += kMinutesPerWeek;
    spans.push_back(std::move(next_week));
    for (size_t i = 1; i < spans.size(); ++i) {
      if (spans[i - 1].end > spans[i].begin) {
        Add(spans[i].field, absl::StrCat("overlaps ", spans[i - 1].field));
      }
    }
  }

  // Special days against themselves and against the days beside them, on which the week may count.
  void FindOverlapsOnSpecialDays() {
    absl::btree_set<Day> days;
    for (const auto& [day, index] : special_) days.insert({day - 1, day, day + 1});
    std::vector<Placed> spans;
    for (const Day day : days) PlaceDay(day, spans);
    Sort(spans);
    for (size_t i = 1; i < spans.size(); ++i) {
      const Placed& first = spans[i - 1];
      const Placed& second = spans[i];
      if (first.end <= second.begin) continue;
      if (second.special) {
        Add(second.field, absl::StrCat("overlaps ", first.field));
      } else if (first.special) {
        Add(first.field, absl::StrCat("overlaps ", second.field));
      }
    }
  }

  void PlaceDay(Day day, std::vector<Placed>& spans) const {
    const auto special = special_.find(day);
    if (special == special_.end()) {
      // Without hours it is open all day.
      if (hours_.weekly.empty()) {
        const int64_t midnight = int64_t{day} * kMinutesPerDay;
        spans.push_back({midnight, midnight + kMinutesPerDay, /*special=*/false, "opening_hours"});
        return;
      }
      const int32_t weekday = WeekdayOf(day);
      for (size_t i = 0; i < hours_.weekly.size(); ++i) {
        // As if the week began on the Monday before.
        if (hours_.weekly[i].weekday == weekday) Place(i, day - (weekday - 1), spans);
      }
      return;
    }
    const int64_t midnight = int64_t{day} * kMinutesPerDay;
    const auto& own = hours_.special_days[special->second].spans;
    for (size_t j = 0; j < own.size(); ++j) {
      spans.push_back({midnight + own[j].open_minute, midnight + own[j].close_minute,
                       /*special=*/true, SpecialField(special->second, j)});
    }
  }

  // Of a week that begins on that day.
  void Place(size_t i, Day monday, std::vector<Placed>& spans) const {
    const OpenSpan& span = hours_.weekly[i];
    const int64_t midnight = (int64_t{monday} + span.weekday - 1) * kMinutesPerDay;
    spans.push_back({midnight + span.open_minute, midnight + span.close_minute,
                     /*special=*/false, WeeklyField(i)});
  }

  const OpeningHours& hours_;
  // Those with a date, by day; the first of each.
  absl::btree_map<Day, size_t> special_;
  std::vector<Violation> violations_;
};

}  // namespace

std::vector<Violation> CheckOpeningHours(const OpeningHours& hours) {
  return HoursCheck(hours).Run();
}

}  // namespace quartermaster::catalog
