#include "tools/qm/exporter/position_spool.h"

#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/base/testing/seed.h"

namespace quartermaster::qm {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Entry = PositionSpool::Entry;

std::vector<std::string> All(PositionSpool& spool) {
  std::vector<std::string> all;
  EXPECT_TRUE(spool
                  .ForEach([&](const Entry& entry) {
                    all.push_back(absl::StrCat(entry.sku, "@", entry.location_id, ":",
                                               entry.counts[0], "/", entry.counts[4]));
                  })
                  .ok());
  return all;
}

TEST(PositionSpoolTest, InOrderAndTheLatestOfEach) {
  for (const size_t in_memory : {1, 2, 3, 100}) {
    PositionSpool spool(testing::TempDir(), in_memory);
    EXPECT_TRUE(spool.Add({"b", "y", {1}}).ok());
    EXPECT_TRUE(spool.Add({"a", "z", {2, 0, 0, 0, -7}}).ok());
    EXPECT_TRUE(spool.Add({"b", "x", {3}}).ok());
    EXPECT_TRUE(spool.Add({"b", "y", {4}}).ok());
    EXPECT_TRUE(spool.Add({"a b", "a", {5}}).ok());
    EXPECT_TRUE(spool.Add({"b", "y", {0}}).ok());
    EXPECT_THAT(All(spool), ElementsAre("a@z:2/-7", "a b@a:5/0", "b@x:3/0", "b@y:0/0"))
        << in_memory;
  }
  PositionSpool empty(testing::TempDir(), 1);
  EXPECT_THAT(All(empty), IsEmpty());
}

TEST(PositionSpoolTest, AgreesWithAMap) {
  const uint64_t seed = TestSeed();
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  std::mt19937 random(static_cast<uint32_t>(seed));
  for (int round = 0; round < 50; ++round) {
    std::map<std::pair<std::string, std::string>, std::array<int64_t, 5>> model;
    PositionSpool spool(testing::TempDir(), 1 + random() % 40);
    const unsigned entries = random() % 400;
    for (unsigned i = 0; i < entries; ++i) {
      Entry entry{std::string(1 + random() % 3, static_cast<char>('a' + random() % 3)),
                  absl::StrCat(random() % 12),
                  {}};
      for (int64_t& count : entry.counts) count = static_cast<int64_t>(random()) - 1'000'000'000;
      model[{entry.sku, entry.location_id}] = entry.counts;
      ASSERT_TRUE(spool.Add(entry).ok());
    }
    auto expected = model.begin();
    ASSERT_TRUE(spool
                    .ForEach([&](const Entry& entry) {
                      ASSERT_NE(expected, model.end());
                      EXPECT_EQ(entry.sku, expected->first.first);
                      EXPECT_EQ(entry.location_id, expected->first.second);
                      EXPECT_EQ(entry.counts, expected->second);
                      ++expected;
                    })
                    .ok());
    EXPECT_EQ(expected, model.end());
  }
}

TEST(PositionSpoolTest, SaysThatTheDirectoryCannotBeWritten) {
  PositionSpool spool("/nowhere/at/all", 1);
  EXPECT_TRUE(absl::IsUnavailable(spool.Add({"a", "b", {}})));
}

}  // namespace
}  // namespace quartermaster::qm
