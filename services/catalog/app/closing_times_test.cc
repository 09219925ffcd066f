#include "services/catalog/app/closing_times.h"

#include <date/date.h>

#include <chrono>
#include <sstream>
#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace quartermaster::catalog {
namespace {

constexpr int32_t kHour = 60;

// "2026-12-25 18:00" of UTC.
Instant At(const std::string& text) {
  std::istringstream in(text);
  date::sys_time<std::chrono::microseconds> time;
  in >> date::parse("%F %R", time);
  EXPECT_FALSE(in.fail()) << text;
  return {time.time_since_epoch().count()};
}

std::vector<std::string> Closings(const Location& location, const std::string& after, int days) {
  std::vector<std::string> texts;
  for (const Instant time : ClosingTimes(location, At(after), days)) {
    texts.push_back(date::format("%F %R", date::sys_time<std::chrono::minutes>(
                                              std::chrono::minutes(time.unix_us / 60'000'000))));
  }
  return texts;
}

Location In(const std::string& time_zone) {
  Location location;
  location.time_zone = time_zone;
  return location;
}

// Every day from midnight to that minute.
Location ClosingAt(const std::string& time_zone, int32_t minute) {
  Location location = In(time_zone);
  for (int32_t weekday = 1; weekday <= 7; ++weekday) {
    location.hours.weekly.push_back({weekday, 0, minute});
  }
  return location;
}

using Times = std::vector<std::string>;

TEST(ClosingTimes, CountOpenDaysOnly) {
  Location store = In("Europe/Bucharest");
  for (int32_t weekday = 1; weekday <= 6; ++weekday) {
    store.hours.weekly.push_back({weekday, 9 * kHour, 18 * kHour});
  }
  store.hours.special_days = {{"2026-12-24", {{0, 9 * kHour, 12 * kHour}}}, {"2026-12-25", {}}};
  // A Tuesday at noon. Thursday is short, Friday and Sunday are closed.
  EXPECT_EQ(
      Closings(store, "2026-12-22 10:00", 4),
      (Times{"2026-12-23 16:00", "2026-12-24 10:00", "2026-12-26 16:00", "2026-12-28 16:00"}));
  // On a day that is closed itself, and before it opens.
  EXPECT_EQ(Closings(store, "2026-12-25 10:00", 1), Times{"2026-12-26 16:00"});
  EXPECT_EQ(Closings(store, "2026-12-22 03:00", 1), Times{"2026-12-23 16:00"});
  EXPECT_EQ(Closings(store, "2026-12-22 10:00", 0), Times{});
}

TEST(ClosingTimes, OfALocationThatIsAlwaysOpenAreItsMidnights) {
  EXPECT_EQ(Closings(In("Europe/Bucharest"), "2026-12-22 10:00", 2),
            (Times{"2026-12-23 22:00", "2026-12-24 22:00"}));
  // There it is the 23rd already.
  EXPECT_EQ(Closings(In("Europe/Bucharest"), "2026-12-22 22:00", 1), Times{"2026-12-24 22:00"});
  EXPECT_EQ(Closings(In("America/New_York"), "2026-12-22 02:00", 1), Times{"2026-12-23 05:00"});
  EXPECT_EQ(Closings(In("No/Where"), "2026-12-22 10:00", 1), Times{"2026-12-24 00:00"});
}

TEST(ClosingTimes, ADayLastsUntilItCloses) {
  const Location bar = [] {
    Location location = In("UTC");
    for (int32_t weekday = 1; weekday <= 7; ++weekday) {
      location.hours.weekly.push_back({weekday, 18 * kHour, 26 * kHour});
    }
    return location;
  }();
  EXPECT_EQ(Closings(bar, "2026-12-22 01:00", 1), Times{"2026-12-23 02:00"});
  EXPECT_EQ(Closings(bar, "2026-12-22 02:00", 1), Times{"2026-12-24 02:00"});
}

TEST(ClosingTimes, FollowTheClockOnTheWall) {
  // 2026-03-29: from 3:00 to 4:00 in Bucharest, from UTC+2 to UTC+3.
  const Location late = ClosingAt("Europe/Bucharest", 18 * kHour);
  EXPECT_EQ(Closings(late, "2026-03-27 10:00", 2), (Times{"2026-03-28 16:00", "2026-03-29 15:00"}));
  // 3:30 is not on the clock that day: the moment of the jump.
  const Location skipped = ClosingAt("Europe/Bucharest", 3 * kHour + 30);
  EXPECT_EQ(Closings(skipped, "2026-03-27 10:00", 3),
            (Times{"2026-03-28 01:30", "2026-03-29 01:00", "2026-03-30 00:30"}));
  // 2026-10-25: from 4:00 back to 3:00. 3:30 comes twice: the later one.
  EXPECT_EQ(Closings(skipped, "2026-10-23 10:00", 3),
            (Times{"2026-10-24 00:30", "2026-10-25 01:30", "2026-10-26 01:30"}));
  // In Beirut it is midnight that is jumped over.
  EXPECT_EQ(Closings(In("Asia/Beirut"), "2026-03-27 10:00", 2),
            (Times{"2026-03-28 22:00", "2026-03-29 21:00"}));
}

TEST(ClosingTimes, EndThoughAWholeYearIsClosed) {
  Location store = In("UTC");
  store.hours.weekly = {{1, 0, kHour}};
  // 400 Mondays.
  const Day first = ParseDate("2026-12-28").value();
  for (int i = 0; i < 400; ++i) {
    store.hours.special_days.push_back({FormatDate(first + 7 * i), {}});
  }
  EXPECT_EQ(Closings(store, "2026-12-22 10:00", 1), Times{FormatDate(first + 7 * 400) + " 01:00"});
}

}  // namespace
}  // namespace quartermaster::catalog
