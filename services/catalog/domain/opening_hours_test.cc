// Opening hours: dates, what is open when, and what is refused.
#include "services/catalog/domain/opening_hours.h"

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gtest/gtest.h"
#include "services/catalog/domain/check_opening_hours.h"

namespace quartermaster::catalog {
namespace {

constexpr int32_t kHour = 60;

OpenSpan Weekly(int32_t weekday, int32_t open_hour, int32_t close_hour) {
  return {weekday, open_hour * kHour, close_hour * kHour};
}

OpenSpan Special(int32_t open_hour, int32_t close_hour) { return Weekly(0, open_hour, close_hour); }

// Monday to Friday 9 to 18, at noon closed for an hour; Saturday until 2 in the night.
OpeningHours Shop() {
  OpeningHours hours;
  for (int32_t weekday = 1; weekday <= 5; ++weekday) {
    hours.weekly.push_back(Weekly(weekday, 9, 12));
    hours.weekly.push_back(Weekly(weekday, 13, 18));
  }
  hours.weekly.push_back(Weekly(6, 10, 26));
  return hours;
}

std::string Problems(const OpeningHours& hours) {
  return absl::StrJoin(CheckOpeningHours(hours), "; ",
                       [](std::string* out, const Violation& violation) {
                         absl::StrAppend(out, violation.field, " ", violation.description);
                       });
}

Day On(const std::string& date) { return ParseDate(date).value(); }

TEST(CivilDate, CountsEveryDayOfFourHundredYears) {
  EXPECT_EQ(ParseDate("1970-01-01"), 0);
  EXPECT_EQ(ParseDate("2000-02-29"), 11'016);
  EXPECT_EQ(WeekdayOf(0), 4);
  EXPECT_EQ(WeekdayOf(On("2026-12-25")), 5);
  int32_t weekday = 4;
  for (Day day = 0; day < 146'097; ++day) {
    ASSERT_EQ(ParseDate(FormatDate(day)), day) << FormatDate(day);
    ASSERT_EQ(WeekdayOf(day), weekday) << FormatDate(day);
    weekday = weekday % 7 + 1;
  }
  EXPECT_EQ(FormatDate(146'096), "2369-12-31");
  EXPECT_EQ(WeekdayOf(-1), 3);
}

TEST(CivilDate, RefusesWhatIsNoDate) {
  for (const char* text :
       {"", "2026-2-29", "2026-02-29", "1900-02-29", "2100-02-29", "2026-13-01", "2026-00-10",
        "2026-04-31", "2026-01-32", "2026-01-00", "26-01-01", "2026/01/01", "2026-01-01T",
        "1969-12-31", "-026-01-01", "2026-+1-01", "2026-01- 1"}) {
    EXPECT_EQ(ParseDate(text), std::nullopt) << text;
  }
  EXPECT_NE(ParseDate("2028-02-29"), std::nullopt);
  EXPECT_NE(ParseDate("9999-12-31"), std::nullopt);
}

TEST(OpeningHours, SayWhenADayEnds) {
  OpeningHours hours = Shop();
  hours.special_days = {{"2026-12-24", {Special(9, 14)}}, {"2026-12-25", {}}};
  EXPECT_EQ(Problems(hours), "");
  EXPECT_EQ(CloseOf(hours, On("2026-12-21")), 18 * kHour);    // Monday
  EXPECT_EQ(CloseOf(hours, On("2026-12-24")), 14 * kHour);    // otherwise
  EXPECT_EQ(CloseOf(hours, On("2026-12-25")), std::nullopt);  // closed, though a Friday
  EXPECT_EQ(CloseOf(hours, On("2026-12-26")), 26 * kHour);    // Saturday, past midnight
  EXPECT_EQ(CloseOf(hours, On("2026-12-27")), std::nullopt);  // Sunday
  EXPECT_EQ(SpansOn(hours, On("2026-12-21")), (std::vector{Weekly(1, 9, 12), Weekly(1, 13, 18)}));
}

TEST(OpeningHours, AreAlwaysWhereNothingIsSaid) {
  OpeningHours hours;
  EXPECT_TRUE(hours.empty());
  EXPECT_EQ(CloseOf(hours, On("2026-12-27")), kMinutesPerDay);
  hours.special_days = {{"2026-12-25", {}}};
  EXPECT_FALSE(hours.empty());
  EXPECT_EQ(CloseOf(hours, On("2026-12-25")), std::nullopt);
  EXPECT_EQ(CloseOf(hours, On("2026-12-26")), kMinutesPerDay);
}

TEST(OpeningHours, HaveOneOrder) {
  OpeningHours hours;
  hours.weekly = {Weekly(2, 13, 18), Weekly(2, 9, 12), Weekly(1, 9, 18)};
  hours.special_days = {{"2027-01-02", {Special(12, 13), Special(9, 10)}}, {"2026-12-25", {}}};
  const OpeningHours canonical = Canonical(hours);
  EXPECT_EQ(canonical.weekly, (std::vector{Weekly(1, 9, 18), Weekly(2, 9, 12), Weekly(2, 13, 18)}));
  EXPECT_EQ(canonical.special_days,
            (std::vector<SpecialDay>{{"2026-12-25", {}},
                                     {"2027-01-02", {Special(9, 10), Special(12, 13)}}}));
  EXPECT_EQ(Canonical(canonical), canonical);
}

TEST(CheckOpeningHours, NamesTheFieldThatIsWrong) {
  struct Case {
    const char* problem;
    void (*spoil)(OpeningHours&);
  };
  const Case cases[] = {
      {"", [](OpeningHours&) {}},
      {"opening_hours[0].weekday must be 1 to 7", [](OpeningHours& h) { h.weekly[0].weekday = 0; }},
      {"opening_hours[0].weekday must be 1 to 7", [](OpeningHours& h) { h.weekly[0].weekday = 8; }},
      {"opening_hours[2].open_minute must be 0 to 1439",
       [](OpeningHours& h) { h.weekly[2].open_minute = -1; }},
      {"opening_hours[2].open_minute must be 0 to 1439",
       [](OpeningHours& h) { h.weekly[2].open_minute = 1'440; }},
      {"opening_hours[2].close_minute must be 541 to 2880",
       [](OpeningHours& h) { h.weekly[2].close_minute = 540; }},
      {"opening_hours[2].close_minute must be 541 to 2880",
       [](OpeningHours& h) { h.weekly[2].close_minute = 2'881; }},
      {"opening_hours must have at most 28 entries", [](OpeningHours& h) { h.weekly.resize(29); }},
      {"special_days[0].date is not a date like 2026-12-25",
       [](OpeningHours& h) {
         h.special_days = {{"2026-02-29", {}}};
       }},
      {"special_days[1].date is listed twice",
       [](OpeningHours& h) {
         h.special_days = {{"2026-02-28", {}}, {"2026-02-28", {}}};
       }},
      {"special_days must have at most 400 entries",
       [](OpeningHours& h) { h.special_days.resize(401); }},
      {"special_days[0].spans[0].weekday must be 0",
       [](OpeningHours& h) {
         h.special_days = {{"2026-12-24", {Weekly(4, 9, 14)}}};
       }},
      {"special_days[0].spans[0].close_minute must be 541 to 2880",
       [](OpeningHours& h) {
         h.special_days = {{"2026-12-24", {Special(9, 9)}}};
       }},
      {"special_days[0].spans must have at most 28 entries",
       [](OpeningHours& h) {
         h.special_days = {{"2026-12-24", std::vector<OpenSpan>(29)}};
       }},
      {"opening_hours[0].weekday must be 1 to 7; opening_hours[0].open_minute must be 0 to 1439; "
       "special_days[0].date is not a date like 2026-12-25",
       [](OpeningHours& h) {
         h.weekly[0] = {9, 5'000, 0};
         h.special_days = {{"tomorrow", {}}};
       }},
  };
  for (const Case& c : cases) {
    OpeningHours hours = Shop();
    c.spoil(hours);
    EXPECT_EQ(Problems(hours), c.problem);
  }
}

TEST(CheckOpeningHours, FindsWhatOverlapsAlsoPastMidnight) {
  struct Case {
    const char* problem;
    std::vector<OpenSpan> weekly;
    std::vector<SpecialDay> special_days;
  };
  // 2026-12-25 is a Friday.
  const Case cases[] = {
      // One after the other is no overlap.
      {"", {Weekly(1, 9, 12), Weekly(1, 12, 24), Weekly(2, 0, 9)}, {}},
      {"opening_hours[0] overlaps opening_hours[1]", {Weekly(1, 11, 18), Weekly(1, 9, 12)}, {}},
      {"opening_hours[1] overlaps opening_hours[0]", {Weekly(1, 18, 26), Weekly(2, 1, 12)}, {}},
      {"opening_hours[0] overlaps opening_hours[1]", {Weekly(1, 1, 12), Weekly(7, 18, 26)}, {}},
      // A span of almost two days over one that is short.
      {"opening_hours[1] overlaps opening_hours[0]", {Weekly(3, 1, 48), Weekly(4, 9, 10)}, {}},
      {"special_days[0].spans[0] overlaps special_days[0].spans[1]",
       {},
       {{"2026-12-25", {Special(11, 14), Special(9, 12)}}}},
      // In their order, whatever the order of the caller.
      {"special_days[0].spans[0] overlaps special_days[1].spans[0]",
       {},
       {{"2026-12-26", {Special(1, 14)}}, {"2026-12-25", {Special(9, 26)}}}},
      // Thursday's night, and Saturday's morning.
      {"special_days[0].spans[0] overlaps opening_hours[0]",
       {Weekly(4, 20, 26)},
       {{"2026-12-25", {Special(1, 5)}}}},
      {"special_days[0].spans[0] overlaps opening_hours[0]",
       {Weekly(6, 1, 12)},
       {{"2026-12-25", {Special(20, 26)}}}},
      // The week of that day does not count.
      {"", {Weekly(5, 9, 18)}, {{"2026-12-25", {Special(10, 12)}}}},
      {"", {Weekly(4, 20, 26), Weekly(5, 9, 18)}, {{"2026-12-25", {}}}},
  };
  for (const Case& c : cases) EXPECT_EQ(Problems({c.weekly, c.special_days}), c.problem);
}

}  // namespace
}  // namespace quartermaster::catalog
