#include "tools/qm/input/opening_hours.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "tools/qm/input/values.h"

namespace quartermaster::qm {
namespace {

using catalog::v1::Location;
using catalog::v1::OpenSpan;

constexpr std::array<std::string_view, 7> kWeekdays = {"mon", "tue", "wed", "thu",
                                                       "fri", "sat", "sun"};
constexpr std::string_view kClosed = "closed";
constexpr size_t kDateBytes = 10;

// From 1 on; nullopt if it is none.
std::optional<int> ParseWeekday(std::string_view text) {
  const auto found = std::find(kWeekdays.begin(), kWeekdays.end(), text);
  if (found == kWeekdays.end()) return std::nullopt;
  return static_cast<int>(found - kWeekdays.begin()) + 1;
}

// "mon", "fri-mon": the weekdays in their order; none if it is no such text.
std::vector<int> ParseWeekdays(std::string_view text) {
  const size_t dash = text.find('-');
  const std::optional<int> first = ParseWeekday(text.substr(0, dash));
  const std::optional<int> last =
      dash == std::string_view::npos ? first : ParseWeekday(text.substr(dash + 1));
  if (!first || !last) return {};
  std::vector<int> weekdays = {*first};
  while (weekdays.back() != *last) weekdays.push_back(weekdays.back() % 7 + 1);
  return weekdays;
}

// "09:00": in minutes.
std::optional<int> ParseMinute(std::string_view text) {
  if (text.size() != 5 || text[2] != ':') return std::nullopt;
  int digits = 0;
  for (const size_t i : {0, 1, 3, 4}) {
    if (text[i] < '0' || text[i] > '9') return std::nullopt;
    digits = digits * 10 + (text[i] - '0');
  }
  const int hour = digits / 100;
  const int minute = digits % 100;
  if (minute > 59 || hour * 60 + minute > 48 * 60) return std::nullopt;
  return hour * 60 + minute;
}

// "09:00-18:00", without a weekday.
std::optional<OpenSpan> ParseSpan(std::string_view text) {
  const size_t dash = text.find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  const std::optional<int> open = ParseMinute(text.substr(0, dash));
  const std::optional<int> close = ParseMinute(text.substr(dash + 1));
  if (!open || !close) return std::nullopt;
  OpenSpan span;
  span.set_open_minute(*open);
  span.set_close_minute(*close);
  return span;
}

// All parts but the first; none if one of them is no span.
std::vector<OpenSpan> ParseSpans(const std::vector<std::string>& parts) {
  std::vector<OpenSpan> spans;
  for (size_t i = 1; i < parts.size(); ++i) {
    const std::optional<OpenSpan> span = ParseSpan(parts[i]);
    if (!span) return {};
    spans.push_back(*span);
  }
  return spans;
}

std::string MinuteText(int minute) {
  return absl::StrFormat("%02d:%02d", minute / 60, minute % 60);
}

// " 09:00-12:00 13:00-18:00".
template <typename Spans>
std::string SpansText(const Spans& spans) {
  std::string text;
  for (const OpenSpan& span : spans) {
    absl::StrAppend(&text, " ", MinuteText(span.open_minute()), "-",
                    MinuteText(span.close_minute()));
  }
  return text;
}

}  // namespace

bool AddOpeningHours(std::string_view text, Location* location) {
  const std::vector<std::string> parts = SplitList(text, ' ');
  const std::vector<OpenSpan> spans = ParseSpans(parts);
  if (spans.empty()) return false;
  const std::vector<int> weekdays = ParseWeekdays(parts[0]);
  for (const int weekday : weekdays) {
    for (const OpenSpan& span : spans) {
      OpenSpan& added = *location->add_opening_hours();
      added = span;
      added.set_weekday(weekday);
    }
  }
  return !weekdays.empty();
}

bool AddSpecialDay(std::string_view text, Location* location) {
  const std::vector<std::string> parts = SplitList(text, ' ');
  if (parts.size() < 2 || parts[0].size() != kDateBytes) return false;
  const bool closed = parts.size() == 2 && parts[1] == kClosed;
  const std::vector<OpenSpan> spans = ParseSpans(parts);
  if (spans.empty() && !closed) return false;
  auto& day = *location->add_special_days();
  day.set_date(parts[0]);
  for (const OpenSpan& span : spans) *day.add_spans() = span;
  return true;
}

std::vector<std::string> OpeningHoursTexts(const Location& location) {
  std::array<std::vector<OpenSpan>, kWeekdays.size()> days;
  for (const OpenSpan& span : location.opening_hours()) {
    // The server has no others.
    if (span.weekday() >= 1 && span.weekday() <= 7) days[span.weekday() - 1].push_back(span);
  }
  std::vector<std::string> texts;
  for (size_t first = 0; first < days.size();) {
    const std::string spans = SpansText(days[first]);
    size_t last = first;
    while (last + 1 < days.size() && SpansText(days[last + 1]) == spans) ++last;
    std::string weekdays(kWeekdays[first]);
    if (last > first) absl::StrAppend(&weekdays, "-", std::string(kWeekdays[last]));
    if (!spans.empty()) texts.push_back(weekdays + spans);
    first = last + 1;
  }
  return texts;
}

std::vector<std::string> SpecialDayTexts(const Location& location) {
  std::vector<std::string> texts;
  for (const auto& day : location.special_days()) {
    texts.push_back(day.spans().empty() ? absl::StrCat(day.date(), " ", std::string(kClosed))
                                        : day.date() + SpansText(day.spans()));
  }
  return texts;
}

}  // namespace quartermaster::qm
