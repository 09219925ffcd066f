#include "services/engine/request_window.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>

namespace quartermaster::engine {
namespace {

using Key = RequestWindow::Key;

constexpr storage::Position kAnywhere = std::numeric_limits<storage::Position>::max();

TEST(RequestWindowTest, FindsWhatWasInserted) {
  RequestWindow window(100);
  window.Insert(Key("a"), {1, 2}, "outcome", 7);
  window.Insert(Key(""), {3, 4}, "", 8);
  ASSERT_NE(window.Find(Key("a")), nullptr);
  EXPECT_EQ(window.Find(Key("a"))->outcome, "outcome");
  EXPECT_EQ(window.Find(Key("a"))->fingerprint, (Fingerprint{1, 2}));
  EXPECT_EQ(window.Find(Key("a"))->position, 7);
  EXPECT_EQ(window.Find(Key("b")), nullptr);
}

TEST(RequestWindowTest, ForgetsTheOldestAndNothingThatIsNotArchived) {
  RequestWindow window(100);
  const std::string outcome(1'000, 'x');  // several chunks
  for (int i = 1; i <= 2'000; ++i) window.Insert(Key(std::to_string(i)), {}, outcome, i);
  window.Evict(100, /*forgettable=*/500);
  EXPECT_EQ(window.size(), 1'500u);
  EXPECT_EQ(window.Find(Key("500")), nullptr);
  EXPECT_EQ(window.Find(Key("501"))->outcome, outcome);
  window.Evict(100, kAnywhere);
  EXPECT_EQ(window.size(), 100u);
  EXPECT_EQ(window.Find(Key("1900")), nullptr);
  EXPECT_EQ(window.Find(Key("1901"))->outcome, outcome);
  EXPECT_EQ(window.Find(Key("2000"))->outcome, outcome);
  window.Evict(0, kAnywhere);
  EXPECT_EQ(window.size(), 0u);
  window.Insert(Key("again"), {}, outcome, 2'001);
  EXPECT_EQ(window.Find(Key("again"))->outcome, outcome);
}

TEST(RequestWindowTest, AnIdThatIsUsedAgainReplacesItsFirstUse) {
  RequestWindow window(100);
  const std::string outcome(100'000, 'x');  // a chunk holds two of them
  window.Insert(Key("a"), {1, 1}, outcome + "1", 1);
  window.Insert(Key("b"), {}, outcome, 2);
  window.Insert(Key("c"), {}, outcome, 3);
  window.Insert(Key("a"), {2, 2}, outcome + "2", 4);
  EXPECT_EQ(window.size(), 3u);
  EXPECT_EQ(window.Find(Key("a"))->outcome, outcome + "2");
  // Its first use is passed over, and frees nothing that is still needed.
  window.Evict(2, kAnywhere);
  EXPECT_EQ(window.Find(Key("b")), nullptr);
  EXPECT_EQ(window.Find(Key("c"))->outcome, outcome);
  EXPECT_EQ(window.Find(Key("a"))->outcome, outcome + "2");
  window.Evict(0, kAnywhere);
  EXPECT_EQ(window.size(), 0u);
}

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
