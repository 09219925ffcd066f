#include "storage/frame.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <xxhash.h>

#include <cstring>
#include <fstream>
#include <iterator>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "services/base/testing/seed.h"

namespace quartermaster::storage {
namespace {

using ::testing::HasSubstr;

struct OwnedRecord {
  uint32_t type;
  uint32_t version;
  std::string payload;
  friend bool operator==(const OwnedRecord&, const OwnedRecord&) = default;
};

std::vector<OwnedRecord> Records(const FrameView& view) {
  std::vector<OwnedRecord> records;
  Position position = view.first_position();
  for (const Record& record : view) {
    EXPECT_EQ(record.position, position++);
    records.push_back({record.type, record.version, std::string(record.payload)});
  }
  EXPECT_EQ(position, view.last_position() + 1);
  return records;
}

std::string SmallFrame() {
  FrameBuilder builder;
  builder.Reset(42, Instant{1'700'000'000'000'000});
  builder.Add(1, 1, "outcome");
  builder.Add(7, 2, "event");
  return std::string(builder.Finish());
}

TEST(FrameTest, WhatIsTakenBackWasNeverThere) {
  FrameBuilder builder;
  builder.Reset(42, Instant{1'700'000'000'000'000});
  builder.Add(1, 1, "outcome");
  const FrameBuilder::Mark mark = builder.mark();
  builder.Add(9, 1, std::string(1 << 20, 'x'));
  builder.Add(9, 1, "");
  builder.Rewind(mark);
  EXPECT_EQ(builder.Add(7, 2, "event"), 43);
  EXPECT_EQ(builder.Finish(), SmallFrame());
}

TEST(FrameTest, ReadsWhatWasBuilt) {
  FrameBuilder builder;
  builder.Reset(42, Instant{-5});
  EXPECT_TRUE(builder.empty());
  EXPECT_EQ(builder.Add(1, 1, "outcome"), 42);
  EXPECT_EQ(builder.Add(300, 70'000, ""), 43);
  EXPECT_EQ(builder.Add(std::numeric_limits<uint32_t>::max(), 0, std::string(300, 'x')), 44);
  EXPECT_EQ(builder.record_count(), 3);
  const size_t size = builder.size();
  const std::string frame(builder.Finish());
  EXPECT_EQ(frame.size(), size);

  const absl::StatusOr<FrameView> view = FrameView::Parse(frame);
  ASSERT_TRUE(view.ok()) << view.status();
  EXPECT_EQ(view->first_position(), 42);
  EXPECT_EQ(view->last_position(), 44);
  EXPECT_EQ(view->time(), Instant{-5});
  EXPECT_EQ(Records(*view), (std::vector<OwnedRecord>{
                                {1, 1, "outcome"},
                                {300, 70'000, ""},
                                {std::numeric_limits<uint32_t>::max(), 0, std::string(300, 'x')}}));
}

TEST(FrameTest, BuilderIsReused) {
  FrameBuilder builder;
  builder.Reset(1, Instant{1});
  builder.Add(9, 9, std::string(100'000, 'y'));
  builder.Finish();
  builder.Reset(2, Instant{2});
  builder.Add(1, 1, "z");
  const auto view = FrameView::Parse(builder.Finish());
  ASSERT_TRUE(view.ok()) << view.status();
  EXPECT_EQ(view->first_position(), 2);
  EXPECT_EQ(Records(*view), (std::vector<OwnedRecord>{{1, 1, "z"}}));
}

TEST(FrameTest, EveryFlippedBitIsFound) {
  const std::string frame = SmallFrame();
  for (size_t bit = 0; bit < frame.size() * 8; ++bit) {
    std::string damaged = frame;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
    const auto view = FrameView::Parse(damaged);
    ASSERT_FALSE(view.ok()) << "bit " << bit;
    EXPECT_TRUE(absl::IsDataLoss(view.status())) << "bit " << bit << ": " << view.status();
  }
}

TEST(FrameTest, EveryCutIsFound) {
  const std::string frame = SmallFrame();
  for (size_t size = 0; size < frame.size(); ++size) {
    const auto view = FrameView::Parse(std::string_view(frame).substr(0, size));
    ASSERT_FALSE(view.ok()) << size;
    EXPECT_TRUE(absl::IsDataLoss(view.status()));
    EXPECT_THAT(std::string(view.status().message()), HasSubstr("truncated"));
  }
  const auto longer = FrameView::Parse(frame + "x");
  EXPECT_THAT(std::string(longer.status().message()), HasSubstr("followed by other bytes"));
}

TEST(FrameTest, SaysWhatIsWrong) {
  std::string frame = SmallFrame();
  EXPECT_THAT(std::string(FrameView::Parse(std::string(60, '\0')).status().message()),
              HasSubstr("not a frame"));
  frame.back() = '!';
  EXPECT_THAT(std::string(FrameView::Parse(frame).status().message()),
              HasSubstr("frame damaged: its checksum is"));
}

// Format level 1 as it was first shipped: what a binary of any later level must still read.
TEST(FrameGoldenTest, Level1) {
  std::ifstream file("storage/testdata/frame_level_1.bin", std::ios::binary);
  const std::string golden{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  ASSERT_EQ(golden.size(), 239);
  const auto view = FrameView::Parse(golden);
  ASSERT_TRUE(view.ok()) << view.status();
  EXPECT_EQ(view->first_position(), 42);
  EXPECT_EQ(view->time(), Instant{1'732'291'200'000'000});
  // A request's outcome: its id, fingerprint and result.
  std::string outcome("\x08till-7/1");
  for (char c = 0; c < 16; ++c) outcome.push_back(c);
  outcome += "accepted";
  const std::vector<OwnedRecord> records = {
      {1, 1, outcome}, {2, 1, "event"}, {300, 2, std::string(150, 'x')}};
  EXPECT_EQ(Records(*view), records);

  FrameBuilder builder;
  builder.Reset(42, view->time());
  for (const OwnedRecord& r : records) builder.Add(r.type, r.version, r.payload);
  EXPECT_EQ(builder.Finish(), golden) << "a change of the format needs a new level";
}

// As a later binary would write it: sound, but of level 2.
TEST(FrameTest, HigherFormatLevelIsNamed) {
  std::string frame = SmallFrame();
  frame[4] = 2;
  const std::string covered = frame.substr(0, 32) + frame.substr(40);
  const uint64_t checksum = XXH3_64bits(covered.data(), covered.size());
  std::memcpy(frame.data() + 32, &checksum, sizeof(checksum));
  const auto view = FrameView::Parse(frame);
  EXPECT_TRUE(absl::IsFailedPrecondition(view.status())) << view.status();
  EXPECT_THAT(std::string(view.status().message()),
              HasSubstr("frame of format level 2, but this binary knows up to level 1"));
}

// A sound checksum over a body that is not what the header says: a defect of the writer.
TEST(FrameTest, MalformedBodiesAreFound) {
  const auto with = [](std::string frame) {
    const std::string covered = frame.substr(0, 32) + frame.substr(40);
    const uint64_t checksum = XXH3_64bits(covered.data(), covered.size());
    std::memcpy(frame.data() + 32, &checksum, sizeof(checksum));
    return FrameView::Parse(frame).status();
  };
  std::string frame = SmallFrame();
  frame[8] = 3;  // one record more than there is
  EXPECT_THAT(std::string(with(frame).message()), HasSubstr("record 3 of 3 does not fit"));
  frame[8] = 1;
  EXPECT_THAT(std::string(with(frame).message()), HasSubstr("after its last record"));
  frame[8] = 0;
  EXPECT_THAT(std::string(with(frame).message()), HasSubstr("frame of 0 records"));
  frame = SmallFrame();
  frame[23] = '\x80';
  EXPECT_THAT(std::string(with(frame).message()), HasSubstr("frame at position -"));
  // A length of more than 32 bits.
  frame = SmallFrame();
  for (const size_t at : {42, 43, 44, 45, 46}) frame[at] = '\xff';
  EXPECT_THAT(std::string(with(frame).message()), HasSubstr("record 1 of 2 does not fit"));
}

TEST(FrameTest, RandomFramesSurvive) {
  const auto seed = TestSeed();
  std::mt19937_64 random(seed);
  FrameBuilder builder;
  for (int round = 0; round < 200; ++round) {
    const auto first = static_cast<Position>(random() % 1'000'000) + 1;
    builder.Reset(first, Instant{static_cast<int64_t>(random())});
    std::vector<OwnedRecord> expected;
    const size_t count = 1 + random() % 50;
    for (size_t i = 0; i < count; ++i) {
      OwnedRecord record{static_cast<uint32_t>(random() >> (32 + random() % 32)),
                         static_cast<uint32_t>(random() >> (32 + random() % 32)),
                         std::string(random() % 200, static_cast<char>(random()))};
      builder.Add(record.type, record.version, record.payload);
      expected.push_back(std::move(record));
    }
    const auto view = FrameView::Parse(builder.Finish());
    ASSERT_TRUE(view.ok()) << view.status();
    ASSERT_EQ(Records(*view), expected);
  }
}

}  // namespace
}  // namespace quartermaster::storage
