#include "services/base/huge_pages.h"

#include <cstdint>
#include <limits>
#include <new>
#include <numeric>
#include <vector>

#include "gtest/gtest.h"

namespace quartermaster {
namespace {

bool IsAligned(const void* memory) {
  return reinterpret_cast<uintptr_t>(memory) % kHugePageBytes == 0;
}

TEST(HugePagesTest, AreAlignedZeroedAndWritable) {
  // Several at once, so that they cannot all begin at a boundary by chance.
  std::vector<std::pair<char*, size_t>> blocks;
  for (const size_t bytes :
       {size_t{1}, kHugePageBytes - 1, kHugePageBytes, 3 * kHugePageBytes + 7}) {
    char* const memory = static_cast<char*>(AllocateHugePages(bytes));
    EXPECT_TRUE(IsAligned(memory));
    EXPECT_EQ(memory[0], 0);
    EXPECT_EQ(memory[bytes - 1], 0);
    memory[0] = memory[bytes - 1] = 'x';
    blocks.emplace_back(memory, bytes);
  }
  for (const auto& [memory, bytes] : blocks) FreeHugePages(memory, bytes);
}

TEST(HugePagesTest, WhatNoMachineHasIsRefused) {
  EXPECT_THROW(AllocateHugePages(std::numeric_limits<size_t>::max()), std::bad_alloc);
  EXPECT_THROW(AllocateHugePages(std::numeric_limits<size_t>::max() / 2), std::bad_alloc);
}

TEST(HugePageAllocatorTest, AVectorGrowsFromOrdinaryMemoryIntoHugePages) {
  std::vector<int64_t, HugePageAllocator<int64_t>> numbers;
  constexpr int64_t kCount = 1'000'000;
  for (int64_t i = 0; i < kCount; ++i) numbers.push_back(i);
  EXPECT_TRUE(IsAligned(numbers.data()));
  EXPECT_EQ(std::accumulate(numbers.begin(), numbers.end(), int64_t{0}), kCount * (kCount - 1) / 2);
  auto copy = numbers;
  numbers.clear();
  numbers.shrink_to_fit();
  EXPECT_EQ(copy.back(), kCount - 1);
}

}  // namespace
}  // namespace quartermaster
