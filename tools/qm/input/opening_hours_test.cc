#include "tools/qm/input/opening_hours.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace quartermaster::qm {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(OpeningHoursTest, AreWrittenAsTheyAreRead) {
  catalog::v1::Location location;
  for (const char* text : {"mon-wed 09:00-12:00 13:00-18:30", "fri-sat 18:00-26:00"}) {
    EXPECT_TRUE(AddOpeningHours(text, &location)) << text;
  }
  for (const char* text : {"2026-12-24 09:00-14:00", "2026-12-25 closed"}) {
    EXPECT_TRUE(AddSpecialDay(text, &location)) << text;
  }
  ASSERT_EQ(location.opening_hours_size(), 8);
  EXPECT_EQ(location.opening_hours(3).weekday(), 2);
  EXPECT_EQ(location.opening_hours(3).open_minute(), 780);
  EXPECT_EQ(location.opening_hours(3).close_minute(), 1'110);
  EXPECT_EQ(location.opening_hours(7).weekday(), 6);
  EXPECT_EQ(location.opening_hours(7).close_minute(), 1'560);
  ASSERT_EQ(location.special_days_size(), 2);
  EXPECT_EQ(location.special_days(0).spans(0).weekday(), 0);
  EXPECT_THAT(OpeningHoursTexts(location),
              ElementsAre("mon-wed 09:00-12:00 13:00-18:30", "fri-sat 18:00-26:00"));
  EXPECT_THAT(SpecialDayTexts(location),
              ElementsAre("2026-12-24 09:00-14:00", "2026-12-25 closed"));
}

TEST(OpeningHoursTest, WeekdaysMayGoPastSunday) {
  catalog::v1::Location location;
  EXPECT_TRUE(AddOpeningHours("sun-mon 00:00-24:00", &location));
  EXPECT_THAT(OpeningHoursTexts(location), ElementsAre("mon 00:00-24:00", "sun 00:00-24:00"));
  EXPECT_THAT(OpeningHoursTexts({}), IsEmpty());
}

TEST(OpeningHoursTest, OtherTextsAreRefusedAsAWhole) {
  catalog::v1::Location location;
  for (const char* bad : {"", "mon", "mon 9:00-18:00", "mon 09:00", "mon 09:00-18:60",
                          "mon 09:00-48:01", "monday 09:00-18:00", "mon-xyz 09:00-18:00",
                          "mon 09:00-12:00 closed", "09:00-18:00", "mon closed"}) {
    EXPECT_FALSE(AddOpeningHours(bad, &location)) << bad;
  }
  for (const char* bad : {"", "2026-12-25", "2026-12-5 closed", "closed", "2026-12-25 shut",
                          "2026-12-25 closed 09:00-10:00", "2026-12-25 09:00-1"}) {
    EXPECT_FALSE(AddSpecialDay(bad, &location)) << bad;
  }
  EXPECT_EQ(location.ByteSizeLong(), 0u);
}

}  // namespace
}  // namespace quartermaster::qm
