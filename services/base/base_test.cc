#include <gtest/gtest.h>

#include <thread>

#include "services/base/check.h"
#include "services/base/mutex.h"
#include "services/base/quantity.h"
#include "services/base/status_macros.h"
#include "services/base/time.h"

namespace quartermaster {
namespace {

TEST(QuantityTest, ArithmeticAndOrder) {
  EXPECT_EQ(Quantity(5) - Quantity(7), Quantity(-2));
  EXPECT_EQ((Quantity(5) - Quantity(7)).OrZero(), Quantity(0));
  EXPECT_LT(Quantity(-1), Quantity(0));
  EXPECT_EQ(-Quantity(3), Quantity(-3));
}

TEST(TimeTest, InstantsAndLengths) {
  const Instant t{1'000'000};
  EXPECT_EQ(t + Seconds(2), Instant{3'000'000});
  EXPECT_EQ((t + Hours(1)) - t, Seconds(3'600));
  EXPECT_LT(kDistantPast, t);
}

TEST(CheckDeathTest, NamesTheConditionAndTheContext) {
  EXPECT_DEATH(QM_CHECK(1 == 2) << "seen " << 42, "1 == 2.*seen 42");
}

absl::StatusOr<int> Half(int n) {
  if (n % 2 != 0) return absl::InvalidArgumentError("odd");
  return n / 2;
}

absl::StatusOr<int> Quarter(int n) {
  QM_ASSIGN_OR_RETURN(const int half, Half(n));
  QM_RETURN_IF_ERROR(Half(half).status());
  return half / 2;
}

TEST(StatusMacrosTest, ReturnTheFirstError) {
  EXPECT_EQ(*Quarter(8), 2);
  EXPECT_EQ(Quarter(6).status().message(), "odd");
}

TEST(MutexTest, CondVarWakesAndTimesOut) {
  Mutex mutex;
  CondVar changed;
  bool ready = false;
  std::thread other([&] {
    MutexLock lock(&mutex);
    ready = true;
    changed.NotifyAll();
  });
  {
    MutexLock lock(&mutex);
    while (!ready) changed.Wait(&mutex);
    EXPECT_FALSE(changed.WaitFor(&mutex, Milliseconds(1)));
  }
  other.join();
}

}  // namespace
}  // namespace quartermaster
