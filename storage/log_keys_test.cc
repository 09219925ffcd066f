// The bytes of FORMAT.md.
#include "storage/log_keys.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"

namespace quartermaster::storage {
namespace {

std::string Hex(const std::string& bytes) { return absl::BytesToHexString(bytes); }

TEST(LogKeysTest, FrameKeysAreAsDocumented) {
  const std::string key = FrameKey(FramePrefix({"default", "stock/0"}), 0x0102030405060708);
  EXPECT_EQ(Hex(key),
            "64656661756c7400"
            "73746f636b2f3000"
            "0102030405060708");
  EXPECT_EQ(PositionOfFrameKey(key), 0x0102030405060708);
}

TEST(LogKeysTest, FrameKeysSortByTenantNamePosition) {
  const std::vector<PartitionId> ids = {{"a", "b"}, {"a", "b/0"}, {"a", "b0"}, {"aa", "a"}};
  std::string last;
  for (const PartitionId& id : ids) {
    for (const Position position :
         {Position{1}, Position{255}, Position{256}, std::numeric_limits<Position>::max()}) {
      const std::string key = FrameKey(FramePrefix(id), position);
      EXPECT_LT(last, key);
      last = key;
    }
  }
}

TEST(LogKeysTest, StatesAreAsDocumented) {
  const PartitionId id{"default", "stock/0"};
  EXPECT_EQ(Hex(StateKey(id)),
            "706172746974696f6e2f"
            "64656661756c7400"
            "73746f636b2f30");
  EXPECT_EQ(*ParseStateKey(StateKey(id)), id);

  const PartitionState state{.epoch = 1,
                             .head = 2,
                             .frame_count = 3,
                             .last_epoch = 4,
                             .last_first = 5,
                             .last_checksum = 0xf1f2f3f4f5f6f7f8};
  std::string value;
  EncodeState(state, &value);
  EXPECT_EQ(Hex(value),
            "0100000000000000"
            "0200000000000000"
            "0300000000000000"
            "0400000000000000"
            "0500000000000000"
            "f8f7f6f5f4f3f2f1");
  EXPECT_EQ(*DecodeState(value), state);
  EXPECT_TRUE(absl::IsDataLoss(DecodeState(value.substr(1)).status()));
  EXPECT_TRUE(absl::IsDataLoss(ParseStateKey("partition/x").status()));
  EXPECT_TRUE(absl::IsDataLoss(ParseStateKey(std::string("other\0x", 7)).status()));
}

TEST(LogKeysTest, PartitionIds) {
  EXPECT_TRUE(CheckPartitionId({"default", "stock/0"}).ok());
  EXPECT_TRUE(CheckPartitionId({std::string(64, 'x'), "x"}).ok());
  EXPECT_FALSE(CheckPartitionId({std::string(65, 'x'), "x"}).ok());
  EXPECT_FALSE(CheckPartitionId({"x", ""}).ok());
  EXPECT_FALSE(CheckPartitionId({"x", std::string(1, '\0')}).ok());
}

}  // namespace
}  // namespace quartermaster::storage
