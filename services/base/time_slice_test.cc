#include "services/base/time_slice.h"

#include <gtest/gtest.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/utsname.h>

#include <algorithm>
#include <cstdio>
#include <thread>

namespace quartermaster {
namespace {

bool KernelHasSlices() {
  utsname names{};
  int major = 0;
  int minor = 0;
  if (::uname(&names) != 0 || std::sscanf(names.release, "%d.%d", &major, &minor) != 2) {
    return false;
  }
  return major > 6 || (major == 6 && minor >= 12);
}

TEST(TimeSliceTest, AThreadGetsShortSlicesAndKeepsItsShare) {
  std::thread([] {
    // What the operator set stays.
    const int nice = std::min(::getpriority(PRIO_PROCESS, 0) + 1, 19);
    ASSERT_EQ(::setpriority(PRIO_PROCESS, 0, nice), 0);
    EXPECT_EQ(AskForShortSlices(), KernelHasSlices());
    EXPECT_EQ(::getpriority(PRIO_PROCESS, 0), nice);
    EXPECT_EQ(::sched_getscheduler(0), SCHED_OTHER);
    // As often as one likes.
    EXPECT_EQ(AskForShortSlices(), KernelHasSlices());
  }).join();
}

TEST(TimeSliceTest, WhoeverHasAnotherClassKeepsIt) {
  std::thread([] {
    const sched_param parameters{};
    ASSERT_EQ(::sched_setscheduler(0, SCHED_BATCH, &parameters), 0);
    EXPECT_FALSE(AskForShortSlices());
    EXPECT_EQ(::sched_getscheduler(0), SCHED_BATCH);
  }).join();
}

}  // namespace
}  // namespace quartermaster
