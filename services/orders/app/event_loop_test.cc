#include "services/orders/app/event_loop.h"

#include <gtest/gtest.h>

#include <string>

#include "services/orders/app/testing/fake_clock.h"

namespace quartermaster::orders {
namespace {

TEST(EventLoopTest, RunsPostedTasksInOrderAndTimedOnesWhenDue) {
  FakeClock clock;
  EventLoop loop(&clock);
  std::string trace;
  loop.PostAt(clock.Now() + Seconds(2), [&] { trace += "late "; });
  loop.PostAt(clock.Now() + Seconds(1), [&] { trace += "soon "; });
  loop.Post([&] { trace += "first "; });
  loop.Post([&] {
    trace += "second ";
    loop.Post([&] { trace += "nested "; });
  });
  EXPECT_TRUE(loop.Step());
  EXPECT_EQ(trace, "first second ");
  EXPECT_TRUE(loop.Step());
  EXPECT_EQ(trace, "first second nested ");
  EXPECT_FALSE(loop.Step());
  EXPECT_EQ(loop.next_due(), clock.Now() + Seconds(1));
  clock.Advance(Seconds(5));
  EXPECT_TRUE(loop.Step());
  EXPECT_EQ(trace, "first second nested soon late ");
  EXPECT_EQ(loop.next_due(), kDistantFuture);
}

TEST(EventLoopTest, StopRunsWhatWasPostedAndDropsWhatWaits) {
  FakeClock clock;
  EventLoop loop(&clock);
  loop.Start();
  int posted = 0;
  bool timed = false;
  loop.PostAt(clock.Now() + Hours(1), [&] { timed = true; });
  for (int i = 0; i < 1000; ++i) loop.Post([&] { ++posted; });
  loop.Stop();
  EXPECT_EQ(posted, 1000);
  EXPECT_FALSE(timed);
  loop.Post([&] { ++posted; });
  EXPECT_FALSE(loop.Step());
}

}  // namespace
}  // namespace quartermaster::orders
