#include "services/base/gtin.h"

#include <cstdint>
#include <random>
#include <string>

#include "gtest/gtest.h"
#include "services/base/testing/seed.h"

namespace quartermaster {
namespace {

TEST(Gtin, AcceptsEveryLength) {
  // The 13-digit one is the example of the GS1 check digit calculator; the others pad or cut it.
  for (const char* gtin : {"96385074", "036000291452", "4006381333931", "6291041500213",
                           "00012345600012", "10614141000415", "00000000"}) {
    EXPECT_EQ(GtinProblem(gtin), std::nullopt) << gtin;
  }
}

TEST(Gtin, RefusesOtherLengths) {
  for (const char* gtin : {"", "0", "1234567", "963850741", "12345678901", "123456789012345"}) {
    EXPECT_EQ(GtinProblem(gtin), "must have 8, 12, 13 or 14 digits") << gtin;
  }
}

TEST(Gtin, RefusesWhatIsNotADigit) {
  for (const std::string& gtin :
       {std::string("9638507X"), std::string("4006381 33931"), std::string("-000000000000"),
        std::string("9638\0005074", 8), std::string("\xd9\xa0\xd9\xa0\xd9\xa0\xd9\xa0")}) {
    EXPECT_EQ(GtinProblem(gtin), "must be decimal digits only") << gtin;
  }
}

TEST(Gtin, NamesTheRightCheckDigit) {
  EXPECT_EQ(GtinProblem("4006381333932"), "has a wrong check digit: 1 would be right");
}

// The check digit finds every single wrong digit, whatever the length (GS1 7.9).
TEST(Gtin, FindsEverySingleWrongDigit) {
  const uint64_t seed = TestSeed();
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  std::mt19937 random(static_cast<uint32_t>(seed));
  for (const size_t length : {8, 12, 13, 14}) {
    for (int round = 0; round < 50; ++round) {
      std::string gtin;
      while (gtin.size() + 1 < length) gtin += static_cast<char>('0' + random() % 10);
      gtin += GtinCheckDigit(gtin);
      ASSERT_EQ(GtinProblem(gtin), std::nullopt) << gtin;
      for (char& digit : gtin) {
        const char right = digit;
        for (digit = '0'; digit <= '9'; ++digit) {
          EXPECT_EQ(GtinProblem(gtin).has_value(), digit != right) << gtin;
        }
        digit = right;
      }
    }
  }
}

}  // namespace
}  // namespace quartermaster
