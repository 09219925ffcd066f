#include "services/engine/request_window.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace quartermaster::engine {
namespace {

using Key = RequestKey;

constexpr storage::Position kAnywhere = std::numeric_limits<storage::Position>::max();

// Gives out all that there is no room for; returns how many requests.
size_t GiveOut(RequestWindow& window) {
  size_t given_out = 0;
  while (const auto segment = window.NextExcess()) given_out += segment->size();
  return given_out;
}

TEST(RequestWindowTest, FindsWhatWasInserted) {
  RequestWindow window(100, 0);
  window.Insert(Key("a"), {1, 2}, "outcome", 7);
  window.Insert(Key(""), {3, 4}, "", 8);
  ASSERT_NE(window.Find(Key("a")), nullptr);
  EXPECT_EQ(window.Find(Key("a"))->outcome, "outcome");
  EXPECT_EQ(window.Find(Key("a"))->fingerprint, (Fingerprint{1, 2}));
  EXPECT_EQ(window.Find(Key("a"))->position, 7);
  EXPECT_EQ(window.Find(Key("b")), nullptr);
}

TEST(RequestWindowTest, ForgetsTheOldestAndNothingThatIsNotArchived) {
  RequestWindow window(100, 0);
  const std::string outcome(1'000, 'x');
  for (int i = 1; i <= 2'000; ++i) window.Insert(Key(std::to_string(i)), {}, outcome, i);
  // Nothing that was not given out, either.
  window.Forget(kAnywhere);
  EXPECT_EQ(window.size(), 2'000u);
  EXPECT_EQ(GiveOut(window), 1'900u);
  EXPECT_EQ(GiveOut(window), 0u);
  window.Forget(/*archived=*/500);
  EXPECT_EQ(window.size(), 1'500u);
  EXPECT_EQ(window.forgotten(), 500);
  EXPECT_EQ(window.Find(Key("500")), nullptr);
  EXPECT_EQ(window.Find(Key("501"))->outcome, outcome);
  window.Forget(kAnywhere);
  EXPECT_EQ(window.size(), 100u);
  EXPECT_EQ(window.Find(Key("1900")), nullptr);
  EXPECT_EQ(window.Find(Key("1901"))->outcome, outcome);
  EXPECT_EQ(window.Find(Key("2000"))->outcome, outcome);
}

TEST(RequestWindowTest, GoesInSegmentsThatStayAsTheyAre) {
  constexpr int kRoom = 100'000;
  RequestWindow window(kRoom, 0);
  std::vector<std::shared_ptr<const RequestSegment>> given_out;
  for (int i = 1; i <= 3 * kRoom; ++i) {
    window.Insert(Key(std::to_string(i)), {}, std::to_string(-i), i);
    while (auto segment = window.NextExcess()) given_out.push_back(std::move(segment));
    window.Forget(kAnywhere);
    ASSERT_GE(window.size(), static_cast<size_t>(std::min(i, kRoom)));
    ASSERT_LE(window.size(), size_t{kRoom + 1'024});
  }
  int next = 1;
  for (const auto& segment : given_out) {
    ASSERT_TRUE(segment->full());
    for (const RememberedRequest& request : *segment) {
      ASSERT_EQ(request.request.id, std::to_string(next));
      ASSERT_EQ(request.outcome, std::to_string(-next));
      ASSERT_EQ(request.position, next++);
    }
  }
  EXPECT_EQ(window.forgotten(), next - 1);
  EXPECT_EQ(window.size(), static_cast<size_t>(3 * kRoom - next + 1));
  EXPECT_NE(window.Find(Key(std::to_string(next))), nullptr);
}

TEST(RequestWindowTest, AnIdThatIsUsedAgainReplacesItsFirstUse) {
  RequestWindow window(2, 0);
  const std::string outcome(100'000, 'x');
  window.Insert(Key("a"), {1, 1}, outcome + "1", 1);
  window.Insert(Key("b"), {}, outcome, 2);
  window.Insert(Key("c"), {}, outcome, 3);
  window.Insert(Key("a"), {2, 2}, outcome + "2", 4);
  EXPECT_EQ(window.size(), 3u);
  EXPECT_EQ(window.Find(Key("a"))->outcome, outcome + "2");
  // Its first use is passed over.
  EXPECT_EQ(GiveOut(window), 2u);
  window.Forget(kAnywhere);
  EXPECT_EQ(window.size(), 2u);
  EXPECT_EQ(window.Find(Key("b")), nullptr);
  EXPECT_EQ(window.Find(Key("c"))->outcome, outcome);
  EXPECT_EQ(window.Find(Key("a"))->outcome, outcome + "2");
}

TEST(RequestWindowTest, AWindowWithoutRoomForgetsAll) {
  RequestWindow window(0, 1);
  window.Insert(Key("a"), {}, "", 1);
  EXPECT_NE(window.Find(Key("a")), nullptr);
  EXPECT_EQ(GiveOut(window), 1u);
  window.Forget(kAnywhere);
  EXPECT_EQ(window.Find(Key("a")), nullptr);
  window.Insert(Key("a"), {}, "again", 2);
  EXPECT_EQ(window.Find(Key("a"))->outcome, "again");
}

}  // namespace
}  // namespace quartermaster::engine
