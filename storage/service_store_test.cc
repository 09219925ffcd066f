#include "storage/service_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "storage/test_frames.h"

namespace quartermaster::storage {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Optional;

class ServiceStoreTest : public testing::Test {
 protected:
  std::string directory() const { return dir_.path() + "/a/store"; }

  static std::unique_ptr<ServiceStore> Open(const std::string& directory, int schema = 1) {
    auto store = ServiceStore::Open(directory, schema);
    EXPECT_TRUE(store.ok()) << store.status();
    return *std::move(store);
  }

  static void Put(ServiceStore& store, std::string_view key, std::string_view value,
                  Position position) {
    ServiceStore::Batch batch;
    batch.Put(key, value);
    ASSERT_TRUE(store.Write(std::move(batch), "projection", position).ok());
  }

  static std::vector<std::string> Scan(const ServiceStore& store, std::string_view begin,
                                       std::string_view end, bool backwards, size_t limit = 100) {
    std::vector<std::string> seen;
    EXPECT_TRUE(store
                    .Scan(begin, end, backwards,
                          [&](std::string_view key, std::string_view value) {
                            seen.push_back(std::string(key) + "=" + std::string(value));
                            return seen.size() < limit;
                          })
                    .ok());
    return seen;
  }

  TempDir dir_;
};

TEST_F(ServiceStoreTest, KeepsValuesAndCursorsAcrossAReopening) {
  auto store = Open(directory());
  EXPECT_EQ(*store->Cursor("a"), 0);
  ServiceStore::Batch batch;
  batch.Put("k1", "v1");
  batch.Put("k2", std::string("v\0002", 3));
  EXPECT_EQ(batch.size(), 2);
  ASSERT_TRUE(store->Write(std::move(batch), "a", 7).ok());
  ASSERT_TRUE(store->Write({}, "b", 9).ok());
  batch = {};
  batch.Put("k3", "first");
  batch.Delete("k1");
  batch.Put("k3", "second");
  ASSERT_TRUE(store->Write(std::move(batch), "a", 8).ok());
  store.reset();

  store = Open(directory());
  EXPECT_EQ(*store->Cursor("a"), 8);
  EXPECT_EQ(*store->Cursor("b"), 9);
  EXPECT_EQ(*store->Get("k1"), std::nullopt);
  EXPECT_THAT(*store->Get("k2"), Optional(std::string("v\0002", 3)));
  EXPECT_THAT(*store->Get("k3"), Optional(std::string("second")));
}

TEST_F(ServiceStoreTest, GetsSeveralInTheirOrder) {
  const auto store = Open(directory());
  for (const char* key : {"a", "b", "c"}) Put(*store, key, std::string("of ") + key, 1);
  ASSERT_TRUE(store->Flush().ok());
  Put(*store, "b", "later", 2);
  EXPECT_THAT(
      *store->Get(std::vector<std::string>{"c", "none", "b", "c", ""}),
      ElementsAre(Optional(std::string("of c")), std::nullopt, Optional(std::string("later")),
                  Optional(std::string("of c")), std::nullopt));
  EXPECT_THAT(*store->Get(std::vector<std::string>{}), IsEmpty());
}

TEST_F(ServiceStoreTest, ScansHalfOpenRangesBothWays) {
  const auto store = Open(directory());
  for (const char* key : {"a", "b/1", "b/2", "b/3", "c"}) Put(*store, key, "v", 1);
  EXPECT_THAT(Scan(*store, "b/", "b0", false), ElementsAre("b/1=v", "b/2=v", "b/3=v"));
  EXPECT_THAT(Scan(*store, "b/1", "b/3", false), ElementsAre("b/1=v", "b/2=v"));
  EXPECT_THAT(Scan(*store, "b/", "b/3", true), ElementsAre("b/2=v", "b/1=v"));
  EXPECT_THAT(Scan(*store, "b/", "b0", true, 2), ElementsAre("b/3=v", "b/2=v"));
  EXPECT_THAT(Scan(*store, "b/2", "", false), ElementsAre("b/2=v", "b/3=v", "c=v"));
  EXPECT_THAT(Scan(*store, "", "", true, 2), ElementsAre("c=v", "b/3=v"));
  EXPECT_THAT(Scan(*store, "b/4", "b/9", false), IsEmpty());
  // Cursors are not among the caller's keys.
  EXPECT_EQ(Scan(*store, "", "", false).size(), 5);
}

TEST_F(ServiceStoreTest, DeletesARangeAtOnceAndNothingElse) {
  const auto store = Open(directory());
  for (const char* key : {"a", "b/1", "b/2", "b/3", "c"}) Put(*store, key, "v", 1);
  ServiceStore::Batch batch;
  batch.DeleteRange("b/1", "b/3");
  batch.Put("b/2", "later");
  ASSERT_TRUE(store->Write(std::move(batch), "projection", 2).ok());
  EXPECT_THAT(Scan(*store, "", "", false), ElementsAre("a=v", "b/2=later", "b/3=v", "c=v"));
  EXPECT_EQ(*store->Get("b/1"), std::nullopt);
  EXPECT_THAT(*store->Get("b/2"), Optional(std::string("later")));
}

// A copy of the directory of a living store is what a killed process leaves.
TEST_F(ServiceStoreTest, AKillTakesDataAndCursorBackTogether) {
  const auto store = Open(directory());
  Put(*store, "k1", "v1", 1);
  ASSERT_TRUE(store->Flush().ok());
  Put(*store, "k1", "changed", 2);
  Put(*store, "k2", "v2", 3);
  CopyLiving(directory(), dir_.path() + "/killed");

  const auto killed = Open(dir_.path() + "/killed");
  EXPECT_EQ(*killed->Cursor("projection"), 1);
  EXPECT_THAT(*killed->Get("k1"), Optional(std::string("v1")));
  EXPECT_EQ(*killed->Get("k2"), std::nullopt);
}

// Kills at any moment, flushes going on: position n is there iff every key up to n is.
TEST_F(ServiceStoreTest, EveryKillIsACutAtTheCursor) {
  const auto store = Open(directory());
  constexpr Position kLast = 60;
  for (Position p = 1; p <= kLast; ++p) {
    Put(*store, "key" + std::to_string(p), std::string(1'000, 'x'), p);
    if (p % 7 == 0) {
      ASSERT_TRUE(store->Flush().ok());
    }
    if (p % 5 != 0) continue;
    const std::string killed = dir_.path() + "/killed" + std::to_string(p);
    CopyLiving(directory(), killed);
    const auto reopened = Open(killed);
    const Position cursor = *reopened->Cursor("projection");
    EXPECT_EQ(cursor, p / 7 * 7);
    for (Position q = 1; q <= p; ++q) {
      EXPECT_EQ(reopened->Get("key" + std::to_string(q))->has_value(), q <= cursor) << q;
    }
  }
}

TEST_F(ServiceStoreTest, AnotherSchemaEmptiesIt) {
  Put(*Open(directory(), 1), "k", "v", 5);
  EXPECT_EQ(*Open(directory(), 1)->Cursor("projection"), 5);
  {
    const auto store = Open(directory(), 2);
    EXPECT_EQ(*store->Cursor("projection"), 0);
    EXPECT_EQ(*store->Get("k"), std::nullopt);
    EXPECT_THAT(Scan(*store, "", "", false), IsEmpty());
    Put(*store, "k", "w", 6);
  }
  EXPECT_EQ(*Open(directory(), 2)->Cursor("projection"), 6);
  EXPECT_EQ(*Open(directory(), 1)->Cursor("projection"), 0);
}

TEST_F(ServiceStoreTest, DamageEmptiesIt) {
  Put(*Open(directory()), "k", "v", 5);
  for (const auto& entry : std::filesystem::directory_iterator(directory())) {
    if (entry.path().extension() == ".sst") std::filesystem::remove(entry.path());
  }
  const auto store = Open(directory());
  EXPECT_EQ(*store->Cursor("projection"), 0);
  Put(*store, "k", "v", 1);
  EXPECT_EQ(*store->Cursor("projection"), 1);
}

TEST_F(ServiceStoreTest, InUse) {
  const auto store = Open(directory());
  for (const int schema : {1, 2}) {
    const auto second = ServiceStore::Open(directory(), schema);
    EXPECT_TRUE(absl::IsFailedPrecondition(second.status())) << second.status();
    EXPECT_THAT(std::string(second.status().message()), HasSubstr("in use by another process"));
  }
}

TEST_F(ServiceStoreTest, ReadersBesideTheWriter) {
  const auto store = Open(directory());
  constexpr Position kLast = 500;
  std::thread reader([&] {
    Position seen = 0;
    while (seen < kLast) {
      const Position cursor = *store->Cursor("projection");
      ASSERT_GE(cursor, seen);
      if (cursor > 0) {
        EXPECT_TRUE(store->Get("key" + std::to_string(cursor))->has_value());
      }
      seen = cursor;
    }
  });
  for (Position p = 1; p <= kLast; ++p) Put(*store, "key" + std::to_string(p), "v", p);
  reader.join();
}

}  // namespace
}  // namespace quartermaster::storage
