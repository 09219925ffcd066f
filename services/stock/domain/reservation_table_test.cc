#include "services/stock/domain/reservation_table.h"

#include <string>
#include <string_view>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/base/persist.h"
#include "services/base/testing/saved.h"
#include "services/stock/domain/holds_by_owner.h"

namespace quartermaster::stock {
namespace {

ReservationId Id(int64_t id) { return static_cast<ReservationId>(id); }

std::vector<int64_t> IdsAfter(const ReservationTable& table, int64_t after) {
  std::vector<int64_t> ids;
  for (const Reservation* r = table.Next(Id(after)); r != nullptr; r = table.Next(r->id)) {
    ids.push_back(static_cast<int64_t>(r->id));
  }
  return ids;
}

TEST(ReservationTableTest, FindsWhatWasAddedAndNothingElse) {
  ReservationTable table;
  EXPECT_EQ(table.Find(Id(1)), nullptr);
  EXPECT_EQ(table.Next(Id(0)), nullptr);
  // The last slot of a page, the first of the next, and one some pages on.
  const std::vector<int64_t> ids = {3, 511, 512, 5'000};
  std::vector<const Reservation*> added;
  for (const int64_t id : ids) added.push_back(&table.Add(Id(id)));
  for (size_t i = 0; i < ids.size(); ++i) EXPECT_EQ(table.Find(Id(ids[i])), added[i]);
  for (const int64_t id : {-1, 0, 2, 4, 510, 513, 2'000, 4'999, 5'001, 1'000'000}) {
    EXPECT_EQ(table.Find(Id(id)), nullptr) << id;
  }
  EXPECT_EQ(table.size(), 4u);
  EXPECT_EQ(table.last(), Id(5'000));
}

TEST(ReservationTableTest, ListsInTheOrderOfIds) {
  ReservationTable table;
  for (const int64_t id : {3, 511, 512, 5'000}) table.Add(Id(id));
  EXPECT_THAT(IdsAfter(table, 0), testing::ElementsAre(3, 511, 512, 5'000));
  EXPECT_THAT(IdsAfter(table, -7), testing::ElementsAre(3, 511, 512, 5'000));
  EXPECT_THAT(IdsAfter(table, 3), testing::ElementsAre(511, 512, 5'000));
  EXPECT_THAT(IdsAfter(table, 511), testing::ElementsAre(512, 5'000));
  EXPECT_THAT(IdsAfter(table, 5'000), testing::ElementsAre());
  EXPECT_THAT(IdsAfter(table, 1'000'000), testing::ElementsAre());
}

TEST(ReservationTableTest, WhatIsTakenOutIsGone) {
  ReservationTable table;
  for (const int64_t id : {3, 511, 512, 600, 5'000}) table.Add(Id(id));
  for (const int64_t id : {3, 600, 512}) {
    const Reservation removed = table.Remove(Id(id));
    EXPECT_EQ(removed.id, Id(id));
    EXPECT_EQ(table.Find(Id(id)), nullptr);
  }
  EXPECT_EQ(table.size(), 2u);
  // Also a page that has become empty is passed over; the others stand.
  EXPECT_THAT(IdsAfter(table, 0), testing::ElementsAre(511, 5'000));
  EXPECT_THAT(IdsAfter(table, 512), testing::ElementsAre(5'000));
  EXPECT_NE(table.Find(Id(511)), nullptr);
  // The latest one is still the latest that ever was.
  table.Remove(Id(5'000));
  EXPECT_EQ(table.last(), Id(5'000));
  EXPECT_THAT(IdsAfter(table, 511), testing::ElementsAre());
  table.Add(Id(5'001));
  EXPECT_THAT(IdsAfter(table, 0), testing::ElementsAre(511, 5'001));
}

TEST(ReservationTableTest, PagesThatAreEmptyAreFreed) {
  ReservationTable table;
  EXPECT_EQ(table.pages(), 0u);
  for (int64_t id = 1; id <= 2'048; ++id) table.Add(Id(id));
  EXPECT_EQ(table.pages(), 5u);
  for (int64_t id = 1; id <= 2'048; ++id) {
    if (id != 700) table.Remove(Id(id));
  }
  EXPECT_EQ(table.pages(), 1u);
  table.Remove(Id(700));
  EXPECT_EQ(table.pages(), 0u);
  EXPECT_EQ(table.size(), 0u);
}

TEST(HoldsByOwnerTest, AnOwnerHasOneHold) {
  Reservation first, second, other;
  first.owner = second.owner = "cart-1";
  other.owner = "cart-2";
  HoldsByOwner holds;
  EXPECT_TRUE(holds.Add(&first));
  EXPECT_FALSE(holds.Add(&second));
  EXPECT_TRUE(holds.Add(&other));
  EXPECT_EQ(holds.Find("cart-1"), &first);
  EXPECT_EQ(holds.Find("cart"), nullptr);
  EXPECT_FALSE(holds.Remove(second));
  EXPECT_TRUE(holds.Remove(first));
  EXPECT_FALSE(holds.Remove(first));
  EXPECT_EQ(holds.Find("cart-1"), nullptr);
  EXPECT_EQ(holds.size(), 1u);
}

TEST(ReservationTableTest, TheLatestMayHaveLeftMemoryWhenItIsSaved) {
  ReservationTable table;
  constexpr ReservationId kEarly{3};
  constexpr ReservationId kLate{5'000};
  table.Add(kEarly);
  table.Add(kLate);
  table.Remove(kLate);
  const std::string bytes = Saved(table);
  ReservationTable loaded;
  Loader load([&] { return std::string_view(bytes); }, bytes.size());
  load(loaded);
  ASSERT_TRUE(load.ok() && load.done());
  EXPECT_EQ(loaded.last(), kLate);
  EXPECT_EQ(loaded.Find(kLate), nullptr);
  EXPECT_NE(loaded.Find(kEarly), nullptr);
  EXPECT_EQ(loaded.Next(kEarly), nullptr);
  loaded.Add(ReservationId{5'001});
  EXPECT_NE(loaded.Find(ReservationId{5'001}), nullptr);
}

}  // namespace
}  // namespace quartermaster::stock
