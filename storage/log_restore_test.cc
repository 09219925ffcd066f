#include "storage/log_restore.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <limits>
#include <string>

#include "storage/rocksdb_log.h"
#include "storage/test_frames.h"

namespace quartermaster::storage {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

const PartitionId kStock{.name = "stock/0"};
const PartitionId kOrders{.name = "orders/0"};

class LogRestoreTest : public testing::Test {
 protected:
  LogRestoreTest() : directory_(temp_.path() + "/data/log") {}

  std::unique_ptr<LogRestore> Begin() {
    auto restore = LogRestore::Begin(directory_);
    EXPECT_TRUE(restore.ok()) << restore.status();
    return std::move(*restore);
  }

  TempDir temp_;
  const std::string directory_;
};

TEST_F(LogRestoreTest, IsALogWhenItIsFinished) {
  {
    const auto restore = Begin();
    ASSERT_TRUE(restore->AddPartition(kStock, 7).ok());
    // More than one batch.
    for (Position first = 1; first < 200; first += 2) {
      ASSERT_TRUE(restore->Add(MakeFrame(first, 2, 50'000)).ok());
    }
    ASSERT_TRUE(restore->AddPartition(kOrders, 1).ok());
    ASSERT_TRUE(restore->Add(MakeFrame(1, 3)).ok());
    ASSERT_TRUE(restore->AddPartition({.name = "catalog/0"}, 2).ok());
    const absl::Status finished = restore->Finish();
    ASSERT_TRUE(finished.ok()) << finished;
  }
  const auto opened = OpenRocksDbLog({.directory = directory_});
  ASSERT_TRUE(opened.ok()) << opened.status();
  EventLog& log = **opened;
  EXPECT_EQ(log.ListPartitions()->size(), 3);
  EXPECT_EQ(log.GetStatus(kOrders)->head, 3);
  EXPECT_EQ(log.GetStatus({.name = "catalog/0"})->head, 0);
  EXPECT_THAT(*log.Read(kStock, 101, 1), ElementsAre(MakeFrame(101, 2, 50'000)));
  EXPECT_THAT(*log.Read(kOrders, 1, 1), ElementsAre(MakeFrame(1, 3)));
  const auto lease = log.Acquire(kStock);
  EXPECT_EQ(lease->head, 200);
  EXPECT_TRUE(log.Append(kStock, lease->epoch, 200, MakeFrame(201, 1)).ok());
}

// Also those who acquired the old log after it was copied, whether or not the new one has an owner.
TEST_F(LogRestoreTest, FencesEveryOwnerOfTheOldLog) {
  {
    const auto restore = Begin();
    ASSERT_TRUE(restore->AddPartition(kStock, 7).ok());
    ASSERT_TRUE(restore->Add(MakeFrame(1, 2)).ok());
    ASSERT_TRUE(restore->Finish().ok());
  }
  const auto opened = OpenRocksDbLog({.directory = directory_});
  ASSERT_TRUE(opened.ok()) << opened.status();
  EventLog& log = **opened;
  const auto expect_fenced = [&log] {
    for (const Epoch epoch : {7, 8, 9, 1'000}) {
      const absl::Status appended = log.Append(kStock, epoch, 2, MakeFrame(3, 1));
      EXPECT_TRUE(IsFenced(appended)) << epoch << ": " << appended;
    }
  };
  expect_fenced();
  ASSERT_TRUE(log.Acquire(kStock).ok());
  expect_fenced();
}

TEST_F(LogRestoreTest, IsNoLogUntilThen) {
  {
    const auto restore = Begin();
    ASSERT_TRUE(restore->AddPartition(kStock, 1).ok());
    ASSERT_TRUE(restore->Add(MakeFrame(1, 2)).ok());
  }
  for (const bool read_only : {false, true}) {
    const auto opened = OpenRocksDbLog({.directory = directory_, .read_only = read_only});
    EXPECT_TRUE(absl::IsFailedPrecondition(opened.status())) << opened.status();
    EXPECT_THAT(std::string(opened.status().message()), HasSubstr("not finished"));
  }
  EXPECT_TRUE(absl::IsAlreadyExists(LogRestore::Begin(directory_).status()));
  std::filesystem::remove_all(directory_);
  EXPECT_TRUE(LogRestore::Begin(directory_).ok());
}

TEST_F(LogRestoreTest, TakesNothingButTheNextFrame) {
  const auto restore = Begin();
  EXPECT_TRUE(absl::IsInvalidArgument(restore->AddPartition({.name = ""}, 1)));
  EXPECT_TRUE(absl::IsInvalidArgument(restore->AddPartition(kStock, 0)));
  EXPECT_TRUE(
      absl::IsInvalidArgument(restore->AddPartition(kStock, std::numeric_limits<Epoch>::max())));
  ASSERT_TRUE(restore->AddPartition(kStock, 1).ok());
  EXPECT_TRUE(absl::IsInvalidArgument(restore->AddPartition(kStock, 1)));
  EXPECT_TRUE(absl::IsDataLoss(restore->Add(MakeFrame(2, 1))));
  ASSERT_TRUE(restore->Add(MakeFrame(1, 1)).ok());
  EXPECT_TRUE(absl::IsDataLoss(restore->Add(MakeFrame(1, 1))));
  std::string flipped = MakeFrame(2, 1);
  flipped.back() = static_cast<char>(flipped.back() ^ 1);
  EXPECT_TRUE(absl::IsDataLoss(restore->Add(flipped)));
}

}  // namespace
}  // namespace quartermaster::storage
