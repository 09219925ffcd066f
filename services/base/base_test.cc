#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <thread>

#include "services/base/big_endian.h"
#include "services/base/boxed.h"
#include "services/base/check.h"
#include "services/base/mutex.h"
#include "services/base/quantity.h"
#include "services/base/status_macros.h"
#include "services/base/time.h"
#include "services/base/varint.h"

namespace quartermaster {
namespace {

TEST(QuantityTest, ArithmeticAndOrder) {
  EXPECT_EQ(Quantity(5) - Quantity(7), Quantity(-2));
  EXPECT_EQ((Quantity(5) - Quantity(7)).OrZero(), Quantity(0));
  EXPECT_LT(Quantity(-1), Quantity(0));
  EXPECT_EQ(-Quantity(3), Quantity(-3));
}

TEST(BoxedTest, IsAnOptionalThatIsCopiedWithItsValue) {
  Boxed<std::string> none;
  EXPECT_FALSE(none);
  Boxed<std::string> one = std::string("one");
  Boxed<std::string> copy = one;
  EXPECT_EQ(copy, one);
  *copy += "!";
  EXPECT_EQ(*one, "one");
  EXPECT_EQ(copy->size(), 4u);
  EXPECT_FALSE(copy == one);
  EXPECT_FALSE(none == one);
  EXPECT_EQ(none, Boxed<std::string>(std::optional<std::string>()));
  one = none;
  EXPECT_FALSE(one.has_value());
  none = std::optional<std::string>("set");
  EXPECT_EQ(*none, "set");
}

TEST(TimeTest, InstantsAndLengths) {
  const Instant t{1'000'000};
  EXPECT_EQ(t + Seconds(2), Instant{3'000'000});
  EXPECT_EQ((t + Hours(1)) - t, Seconds(3'600));
  EXPECT_LT(kDistantPast, t);
}

template <typename T>
std::string Varint(T value) {
  char bytes[kVarintBytesMax<T>];
  const std::string written(bytes, PutVarint(bytes, value));
  EXPECT_EQ(written.size(), VarintBytes(value)) << value;
  return written;
}

// The examples of protobuf's description of its encoding, and the edges.
TEST(VarintTest, IsAsProtobufWritesIt) {
  EXPECT_EQ(Varint(uint32_t{0}), std::string(1, '\0'));
  EXPECT_EQ(Varint(uint32_t{1}), "\x01");
  EXPECT_EQ(Varint(uint32_t{127}), "\x7f");
  EXPECT_EQ(Varint(uint32_t{128}), "\x80\x01");
  EXPECT_EQ(Varint(uint32_t{150}), "\x96\x01");
  EXPECT_EQ(Varint(uint32_t{16'383}), "\xff\x7f");
  EXPECT_EQ(Varint(uint32_t{16'384}), "\x80\x80\x01");
  EXPECT_EQ(Varint(std::numeric_limits<uint32_t>::max()), "\xff\xff\xff\xff\x0f");
  EXPECT_EQ(Varint(uint64_t{150}), "\x96\x01");
  // -2 as an int64.
  EXPECT_EQ(Varint(static_cast<uint64_t>(-2)), "\xfe\xff\xff\xff\xff\xff\xff\xff\xff\x01");
  EXPECT_EQ(kVarintBytesMax<uint32_t>, 5u);
  EXPECT_EQ(kVarintBytesMax<uint64_t>, 10u);
}

TEST(BigEndianTest, BytesAreInTheOrderOfTheNumbers) {
  std::string previous;
  for (const int64_t number : {int64_t{0}, int64_t{1}, int64_t{255}, int64_t{256}, int64_t{1} << 40,
                               std::numeric_limits<int64_t>::max()}) {
    std::string bytes;
    AppendBigEndian(number, bytes);
    EXPECT_EQ(bytes.size(), 8u);
    EXPECT_EQ(LoadBigEndian64(bytes + "more"), number);
    EXPECT_LT(previous, bytes);
    previous = bytes;
  }
  std::string bytes;
  AppendBigEndian(uint32_t{0x01020304}, bytes);
  EXPECT_EQ(bytes, "\x01\x02\x03\x04");
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

// Readers that take over from each other, so that there is always one: each leaves when the next
// has come in, or has not for a while.
TEST(SharedMutexTest, ReadersThatOverlapDoNotKeepAWriterOut) {
  constexpr int kReaders = 2'000;
  SharedMutex mutex;
  Mutex turn_mutex;
  CondVar turned;
  int came_in = 0;
  const auto read = [&](int number) {
    const ReaderLock reading(&mutex);
    MutexLock lock(&turn_mutex);
    came_in = std::max(came_in, number);
    turned.NotifyAll();
    while (came_in == number && number < kReaders) {
      if (!turned.WaitFor(&turn_mutex, Milliseconds(50))) return;
    }
  };
  const auto read_every_second = [&](int first) {
    for (int number = first; number <= kReaders; number += 2) read(number);
  };
  std::thread odd(read_every_second, 1);
  std::thread even(read_every_second, 2);
  int readers_before = 0;
  std::thread writer([&] {
    {
      MutexLock lock(&turn_mutex);
      while (came_in == 0) turned.WaitFor(&turn_mutex, Seconds(1));
    }
    const WriterLock writing(&mutex);
    MutexLock lock(&turn_mutex);
    readers_before = came_in;
  });
  writer.join();
  odd.join();
  even.join();
  EXPECT_LT(readers_before, kReaders);
}

}  // namespace
}  // namespace quartermaster
