#include "tools/qm/input/values.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace quartermaster::qm {
namespace {

using ::testing::ElementsAre;

TEST(ValuesTest, Durations) {
  EXPECT_EQ(ParseDuration("500ms")->count(), 500'000);
  EXPECT_EQ(ParseDuration("30")->count(), 30'000'000);
  EXPECT_EQ(ParseDuration("15m")->count(), 900'000'000);
  EXPECT_EQ(ParseDuration("7d")->count(), 604'800'000'000);
  for (const char* bad :
       {"", "s", "-1s", "1.5s", "5 s", "5w", "99999999999999999999s", "9223372036854775807d"}) {
    EXPECT_FALSE(ParseDuration(bad)) << bad;
  }
}

TEST(ValuesTest, Integers) {
  EXPECT_EQ(ParseInteger("-42"), -42);
  EXPECT_EQ(ParseInteger("+7"), 7);
  for (const char* bad : {"", "+", "++1", "1x", " 1", "1.0", "9223372036854775808"}) {
    EXPECT_FALSE(ParseInteger(bad)) << bad;
  }
}

TEST(ValuesTest, Points) {
  const auto point = ParsePoint("46.77, -23.59");
  ASSERT_TRUE(point);
  EXPECT_EQ(point->latitude, 46.77);
  EXPECT_EQ(point->longitude, -23.59);
  for (const char* bad : {"", "46.77", "91,0", "0,181", "nan,0", "inf,0", "a,b", "1,2,3"}) {
    EXPECT_FALSE(ParsePoint(bad)) << bad;
  }
}

TEST(ValuesTest, Lines) {
  const auto line = ParseLine("A:1:2@store-5");
  ASSERT_TRUE(line);
  EXPECT_EQ(line->sku, "A:1");
  EXPECT_EQ(line->quantity, 2);
  EXPECT_EQ(line->place->location_id, "store-5");
  EXPECT_EQ(ParseLine("A@B:2@pool:web")->place->pool_id, "web");
  EXPECT_EQ(ParseLine("A@B:2@pool:web")->sku, "A@B");
  EXPECT_EQ(ParseLine("A:2@channel:web")->place->channel_id, "web");
  EXPECT_FALSE(ParseLine("A:2")->place);
  // Bad quantities reach the server, which names the field; what is no number does not.
  EXPECT_EQ(ParseLine("A:-1")->quantity, -1);
  for (const char* bad :
       {"", "A", "A:", ":1", "A:x", "A:1@", "A:1@pool:", "A:1@channel:", "A:4294967296"}) {
    EXPECT_FALSE(ParseLine(bad)) << bad;
  }
}

TEST(ValuesTest, Parts) {
  const auto part = ParsePart("0:3@store-5");
  ASSERT_TRUE(part);
  EXPECT_EQ(part->line_id, "0");
  EXPECT_EQ(part->quantity, 3);
  EXPECT_EQ(part->location_id, "store-5");
  EXPECT_EQ(part->component, "");
  EXPECT_FALSE(ParsePart("3"));
  const auto of_kit = ParsePart("bed/1//slat:4@store-5");
  ASSERT_TRUE(of_kit);
  EXPECT_EQ(of_kit->line_id, "bed/1");
  EXPECT_EQ(of_kit->component, "slat");
  EXPECT_EQ(of_kit->quantity, 4);
  EXPECT_FALSE(ParsePart("0//:1"));
}

TEST(ValuesTest, Lists) {
  EXPECT_THAT(SplitList("SHIP; RETURN ;;", ';'), ElementsAre("SHIP", "RETURN"));
  EXPECT_THAT(SplitList("", ';'), ElementsAre());
}

TEST(ValuesTest, Ids) {
  EXPECT_EQ(IdProblem("Łódź-1"), nullptr);
  EXPECT_EQ(IdProblem(std::string(64, 'x')), nullptr);
  EXPECT_STREQ(IdProblem(""), "is empty");
  EXPECT_STREQ(IdProblem(std::string(65, 'x')), "is longer than 64 bytes");
  EXPECT_STREQ(IdProblem("a\tb"), "has a control character");
  // Truncated, overlong, a surrogate, beyond the last code point, a lone continuation.
  for (const char* bad : {"\xc5", "\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\x80", "\xff"}) {
    EXPECT_STREQ(IdProblem(bad), "is not valid UTF-8");
  }
}

}  // namespace
}  // namespace quartermaster::qm
