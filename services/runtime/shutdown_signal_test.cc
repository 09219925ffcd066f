#include "services/runtime/shutdown_signal.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <thread>

namespace quartermaster::runtime {
namespace {

TEST(ShutdownSignalTest, TermAndIntEndCleanly) {
  for (const int number : {SIGTERM, SIGINT}) {
    ShutdownSignal shutdown;
    std::thread sender([number] { kill(getpid(), number); });
    EXPECT_EQ(shutdown.Wait(), kExitClean);
    sender.join();
  }
}

TEST(ShutdownSignalTest, TheFirstRequestWins) {
  ShutdownSignal shutdown;
  std::thread part([&] {
    shutdown.Request(kExitFenced);
    shutdown.Request(kExitLogFailed);
  });
  EXPECT_EQ(shutdown.Wait(), kExitFenced);
  part.join();
}

TEST(ShutdownSignalDeathTest, ASecondSignalEndsTheProcessAtOnce) {
  EXPECT_EXIT(
      {
        ShutdownSignal shutdown;
        kill(getpid(), SIGTERM);
        shutdown.Wait();
        kill(getpid(), SIGTERM);
        _exit(0);
      },
      ::testing::KilledBySignal(SIGTERM), "");
}

}  // namespace
}  // namespace quartermaster::runtime
