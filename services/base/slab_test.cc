#include "services/base/slab.h"

#include <cstdint>
#include <set>
#include <vector>

#include "gtest/gtest.h"

namespace quartermaster {
namespace {

// Counts itself.
struct Thing {
  Thing() { ++alive; }
  Thing(const Thing&) = delete;
  Thing& operator=(const Thing&) = delete;
  ~Thing() { --alive; }
  static int alive;
  int64_t value = 7;
  std::vector<int> more;
};
int Thing::alive = 0;

TEST(SlabTest, ObjectsAreMadeDestroyedAndStayWhereTheyAre) {
  Slab<Thing> slab;
  std::vector<Thing*> things;
  // More than a huge page of them.
  constexpr int kCount = 100'000;
  for (int i = 0; i < kCount; ++i) {
    Thing* const thing = things.emplace_back(slab.New());
    ASSERT_EQ(thing->value, 7);
    thing->value = i;
    thing->more.push_back(i);
  }
  EXPECT_EQ(Thing::alive, kCount);
  EXPECT_EQ(std::set<Thing*>(things.begin(), things.end()).size(), size_t{kCount});
  for (int i = 0; i < kCount; ++i) {
    ASSERT_EQ(things[i]->value, i);
    ASSERT_EQ(things[i]->more.front(), i);
    slab.Delete(things[i]);
  }
  EXPECT_EQ(Thing::alive, 0);
}

TEST(SlabTest, RoomThatWasGivenBackIsUsedAgainTheLastFirst) {
  Slab<Thing> slab;
  Thing* const first = slab.New();
  Thing* const second = slab.New();
  Thing* const third = slab.New();
  slab.Delete(first);
  slab.Delete(third);
  EXPECT_EQ(slab.New(), third);
  Thing* const again = slab.New();
  EXPECT_EQ(again, first);
  EXPECT_EQ(again->value, 7);
  EXPECT_TRUE(again->more.empty());
  for (Thing* const thing : {again, second, third}) slab.Delete(thing);
}

TEST(SlabTest, ObjectsOfASizeOfTheirOwnAreAligned) {
  struct alignas(64) Line {
    char bytes[64];
  };
  Slab<Line> slab;
  std::vector<Line*> lines;
  for (int i = 0; i < 1'000; ++i) {
    Line* const line = lines.emplace_back(slab.New());
    ASSERT_EQ(reinterpret_cast<uintptr_t>(line) % alignof(Line), 0u);
  }
  for (Line* const line : lines) slab.Delete(line);
}

}  // namespace
}  // namespace quartermaster
