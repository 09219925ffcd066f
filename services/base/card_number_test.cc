#include "services/base/card_number.h"

#include <gtest/gtest.h>

namespace quartermaster {
namespace {

// The numbers that the schemes publish for tests.
TEST(CardNumber, IsFoundHoweverItIsWritten) {
  for (const char* text :
       {"4111111111111111", "4111 1111 1111 1111", "4111-1111-1111-1111", "4111_1111.1111/1111",
        "x4111111111111111y", "call me: 5555 5555 5555 4444 07/29", "378282246310005",
        "3782 822463 10005", "6011111111111117", "30569309025904", "3530111333300000",
        "2223003122003222", "4222222222222", "12 4111111111111111"}) {
    EXPECT_TRUE(HasCardNumber(text)) << text;
  }
}

TEST(CardNumber, IsNotSeenInOtherNumbers) {
  for (const char* text :
       {"", "4111111111111112", "please ring twice", "+49 30 901820", "1234567890123456",
        "41111111111111110000000", "4111 1111", "9780306406157", "4111  1111 1111 1111",
        "pi_3MtwBwLkdIwHu7ix28a3tqPa", "0041111111111111111"}) {
    EXPECT_FALSE(HasCardNumber(text)) << text;
  }
}

}  // namespace
}  // namespace quartermaster
