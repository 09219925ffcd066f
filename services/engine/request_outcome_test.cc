#include "services/engine/request_outcome.h"

#include <gtest/gtest.h>

#include <string>

namespace quartermaster::engine {
namespace {

TEST(RequestOutcomeTest, RoundTripAndRubbish) {
  std::string bytes;
  AppendRequestOutcomePrefix("till-7/42", {0x0102030405060708, ~0ull}, bytes);
  bytes += "result";
  RequestOutcome outcome;
  ASSERT_TRUE(ParseRequestOutcome(bytes, outcome));
  EXPECT_EQ(outcome.request_id, "till-7/42");
  EXPECT_EQ(outcome.fingerprint, (Fingerprint{0x0102030405060708, ~0ull}));
  EXPECT_EQ(outcome.outcome, "result");
  EXPECT_FALSE(ParseRequestOutcome("", outcome));
  EXPECT_FALSE(ParseRequestOutcome(bytes.substr(0, 20), outcome));
}

}  // namespace
}  // namespace quartermaster::engine
