#include "services/engine/outcome_archive.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "storage/test_frames.h"

namespace quartermaster::engine {
namespace {

constexpr Micros kHour = Seconds(3'600);

class OutcomeArchiveTest : public testing::Test {
 protected:
  OutcomeArchiveTest() { Open(); }
  void Open() {
    archive_.reset();
    store_.reset();
    store_ = *storage::ServiceStore::Open(dir_.path() + "/store", /*schema=*/1);
    archive_ = *OutcomeArchive::Open(store_.get(), 'q');
  }
  // Each with its position as its outcome.
  void Archive(const std::vector<std::string>& ids) {
    auto segment = std::make_shared<RequestSegment>(ids.size());
    for (const std::string& id : ids) {
      ++position_;
      segment->Add(RequestKey(id), {1, static_cast<uint64_t>(position_)}, std::to_string(position_),
                   position_);
    }
    archive_->Add(std::move(segment), now_);
    while (archive_->archived() < position_) std::this_thread::yield();
  }
  // Its outcome; empty if it is not there.
  std::string Find(const std::string& id) const {
    const auto found = archive_->Find({id}).value().front();
    if (!found) return "";
    EXPECT_EQ(std::to_string(found->position), found->outcome);
    EXPECT_EQ(found->fingerprint, (Fingerprint{1, static_cast<uint64_t>(found->position)}));
    return found->outcome;
  }

  storage::TempDir dir_;
  std::unique_ptr<storage::ServiceStore> store_;
  std::unique_ptr<OutcomeArchive> archive_;
  storage::Position position_ = 0;
  // Not at the start of a day.
  Instant now_{Seconds(1'764'500'000).count};
};

TEST_F(OutcomeArchiveTest, FindsWhatItWasGivenAlsoAfterARestart) {
  EXPECT_EQ(archive_->archived(), 0);
  EXPECT_EQ(Find("a"), "");
  Archive({"b", "a", std::string(64, '\xff'), ""});
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(archive_->archived(), 4);
    EXPECT_EQ(Find("a"), "2");
    EXPECT_EQ(Find("b"), "1");
    EXPECT_EQ(Find(std::string(64, '\xff')), "3");
    EXPECT_EQ(Find(""), "4");
    EXPECT_EQ(Find("c"), "");
    EXPECT_EQ(Find(std::string(63, '\xff')), "");
    Open();
  }
}

TEST_F(OutcomeArchiveTest, OfAnIdThatWasUsedAgainTheLastUseCounts) {
  Archive({"a", "b", "a"});
  EXPECT_EQ(Find("a"), "3");
  Archive({"b"});
  EXPECT_EQ(Find("b"), "4");
  now_ = now_ + Seconds(24 * 3'600);
  Archive({"a"});
  EXPECT_EQ(Find("a"), "5");
  EXPECT_EQ(Find("b"), "4");
}

TEST_F(OutcomeArchiveTest, IsKeptForADayAndNotForEver) {
  for (int hour = 0; hour < 200; ++hour) {
    Archive({std::to_string(hour)});
    for (int old = 0; old <= hour; ++old) {
      const bool found = !Find(std::to_string(old)).empty();
      // In between it may be, or may not.
      if (hour - old <= 24 || hour - old >= 48) {
        ASSERT_EQ(found, hour - old <= 24) << old << " at " << hour;
      }
    }
    now_ = now_ + kHour;
    if (hour % 10 == 0) Open();
  }
  // What is dropped leaves no rows.
  int rows = 0;
  ASSERT_TRUE(store_
                  ->Scan("q", "r", /*backwards=*/false,
                         [&](std::string_view, std::string_view) { return ++rows, true; })
                  .ok());
  EXPECT_LE(rows, 48);
}

TEST_F(OutcomeArchiveTest, WhatItHasIsNotWrittenAgain) {
  Archive({"a", "b"});
  auto segment = std::make_shared<RequestSegment>(1);
  segment->Add(RequestKey("a"), {}, "another", 1);
  archive_->Add(segment, now_);
  Archive({"c"});
  EXPECT_EQ(Find("a"), "1");
}

TEST_F(OutcomeArchiveTest, RubbishIsNoOutcome) {
  Archive({"a"});
  storage::ServiceStore::Batch batch;
  ASSERT_TRUE(store_
                  ->Scan("q", "r", /*backwards=*/false,
                         [&](std::string_view key, std::string_view) {
                           batch.Put(key, "12345678");
                           return true;
                         })
                  .ok());
  ASSERT_TRUE(store_->Write(std::move(batch), "other", 1).ok());
  EXPECT_TRUE(absl::IsDataLoss(archive_->Find({"a"}).status()));
}

}  // namespace
}  // namespace quartermaster::engine
