#include "storage/frame.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <iostream>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "absl/status/status.h"

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

TEST(FrameTest, RandomFramesSurvive) {
  const auto seed = std::random_device()();
  std::cout << "seed " << seed << "\n";
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
