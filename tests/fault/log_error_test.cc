// Errors of the disk under a working log: the first one is the last word, and it says what it was.
// And what reaches the disk: how many syncs, how many bytes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "storage/rocksdb_log.h"
#include "storage/test_frames.h"
#include "tests/fault/fault_file_system.h"

namespace quartermaster::storage {
namespace {

using fault::FaultFileSystem;
using fault::Operation;
using rocksdb::IOStatus;
using ::testing::HasSubstr;
using ::testing::SizeIs;

constexpr size_t kMemtableBytes = size_t{1} << 20;
constexpr size_t kNoLimit = size_t{1} << 40;
const PartitionId kStock{"default", "stock/0"};
const PartitionId kOrders{"default", "orders/0"};

class LogErrorTest : public testing::Test {
 protected:
  void SetUp() override {
    Open();
    epoch_ = log_->Acquire(kStock)->epoch;
    orders_epoch_ = log_->Acquire(kOrders)->epoch;
  }

  void Open() {
    log_.reset();
    auto log = OpenRocksDbLog(
        {.directory = directory(), .memtable_bytes = kMemtableBytes, .file_system = faults_});
    ASSERT_TRUE(log.ok()) << log.status();
    log_ = *std::move(log);
  }

  std::string directory() const { return dir_.path() + "/log"; }

  absl::Status Append(Position first) {
    return log_->Append(kStock, epoch_, first - 1, MakeFrame(first, 1));
  }

  absl::Status AppendLarge(Position first) {
    return log_->Append(kStock, epoch_, first - 1, MakeFrame(first, 1, 100'000));
  }

  // In the order of their numbers.
  static std::vector<std::filesystem::path> Files(const std::string& directory,
                                                  const std::string& extension) {
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(directory)) {
      if (entry.path().extension() == extension) files.push_back(entry.path());
    }
    std::sort(files.begin(), files.end());
    return files;
  }

  // After the error everything that writes fails with it, even when the disk works again; what
  // was durable before can still be read.
  void ExpectStopped(const absl::Status& error) {
    faults_->ClearErrors();
    EXPECT_EQ(Append(2), error);
    EXPECT_EQ(log_->Append(kOrders, orders_epoch_, 0, MakeFrame(1, 1)), error);
    EXPECT_EQ(log_->Acquire(kStock).status(), error);
    EXPECT_EQ(log_->GetStatus(kStock)->head, 1);
    EXPECT_THAT(*log_->Read(kStock, 1, kNoLimit), SizeIs(1));
  }

  TempDir dir_;
  const std::shared_ptr<FaultFileSystem> faults_ = std::make_shared<FaultFileSystem>();
  std::unique_ptr<EventLog> log_;
  Epoch epoch_ = 0;
  Epoch orders_epoch_ = 0;
};

TEST_F(LogErrorTest, AFailedAppendStopsTheLog) {
  ASSERT_TRUE(Append(1).ok());
  faults_->Fail(Operation::kAppend, ".log", IOStatus::IOError("the cable is out"));
  const absl::Status error = Append(2);
  EXPECT_TRUE(absl::IsInternal(error)) << error;
  EXPECT_THAT(std::string(error.message()), HasSubstr("the cable is out"));
  ExpectStopped(error);
}

TEST_F(LogErrorTest, AFailedSyncIsNeverTriedAgain) {
  ASSERT_TRUE(Append(1).ok());
  faults_->Fail(Operation::kSync, ".log", IOStatus::IOError("the cable is out"));
  const int64_t syncs = faults_->Syncs(".log");
  const absl::Status error = Append(2);
  EXPECT_TRUE(absl::IsInternal(error)) << error;
  ExpectStopped(error);
  log_.reset();
  EXPECT_EQ(faults_->Syncs(".log"), syncs);
}

TEST_F(LogErrorTest, ADiskThatIsFull) {
  ASSERT_TRUE(Append(1).ok());
  faults_->Fail(Operation::kAppend, ".log", IOStatus::NoSpace("no space left"));
  const absl::Status error = Append(2);
  EXPECT_TRUE(absl::IsResourceExhausted(error)) << error;
  EXPECT_THAT(std::string(error.message()), HasSubstr("the disk is full"));
  ExpectStopped(error);
  // With space again, a restart goes on where the last acknowledged frame is.
  Open();
  EXPECT_EQ(log_->GetStatus(kStock)->head, 1);
  epoch_ = log_->Acquire(kStock)->epoch;
  EXPECT_TRUE(Append(2).ok());
}

TEST_F(LogErrorTest, ADiskThatIsFullWhenOpening) {
  ASSERT_TRUE(Append(1).ok());
  log_.reset();
  faults_->Fail(Operation::kAppend, "", IOStatus::NoSpace("no space left"));
  const auto log = OpenRocksDbLog({.directory = directory(), .file_system = faults_});
  EXPECT_TRUE(absl::IsResourceExhausted(log.status())) << log.status();
  faults_->ClearErrors();
  Open();
  EXPECT_EQ(log_->GetStatus(kStock)->head, 1);
}

// The flush is in the background, so that it is a later append that reports its error.
TEST_F(LogErrorTest, AFailedFlushStopsTheLog) {
  faults_->Fail(Operation::kCreate, ".blob", IOStatus::NoSpace("no space left"));
  Position acknowledged = 0;
  absl::Status error;
  while (error.ok() && acknowledged < 10'000) {
    error = AppendLarge(acknowledged + 1);
    if (error.ok()) ++acknowledged;
  }
  EXPECT_TRUE(absl::IsResourceExhausted(error)) << error;
  faults_->ClearErrors();
  EXPECT_EQ(AppendLarge(acknowledged + 1), error);
  Open();
  EXPECT_EQ(log_->GetStatus(kStock)->head, acknowledged);
}

// A closed write-ahead log, which is still needed because its flush has not ended. RocksDB's
// manifest knows its length, so that the loss of its tail is noticed, and that it has a successor.
TEST_F(LogErrorTest, EachWriteAheadLogIsMissedWholeOrInPart) {
  faults_->HoldCreations(".blob");
  Position head = 0;
  const std::filesystem::path first = Files(directory(), ".log").back();
  while (Files(directory(), ".log").back() == first) ASSERT_TRUE(AppendLarge(++head).ok());
  ASSERT_TRUE(AppendLarge(++head).ok());
  faults_->AwaitHeldCreation();
  const std::string copy = dir_.path() + "/copy";
  CopyLiving(directory(), copy);
  faults_->Release();

  const auto open = [&] { return OpenRocksDbLog({.directory = copy, .read_only = true}); };
  {
    const auto log = open();
    ASSERT_TRUE(log.ok()) << log.status();
    EXPECT_EQ((*log)->GetStatus(kStock)->head, head);
  }
  const std::filesystem::path newest = Files(copy, ".log").back();
  std::filesystem::rename(newest, dir_.path() + "/away");
  EXPECT_TRUE(absl::IsDataLoss(open().status())) << open().status();
  EXPECT_THAT(std::string(open().status().message()),
              HasSubstr("a file is missing (the newest write-ahead log)"));
  std::filesystem::rename(dir_.path() + "/away", newest);
  const std::filesystem::path closed = std::filesystem::path(copy) / first.filename();
  std::filesystem::resize_file(closed, std::filesystem::file_size(closed) - 3);
  EXPECT_TRUE(absl::IsDataLoss(open().status())) << open().status();
  EXPECT_THAT(std::string(open().status().message()),
              HasSubstr("a write-ahead log file lost its tail"));
  std::filesystem::remove(closed);
  EXPECT_TRUE(absl::IsDataLoss(open().status())) << open().status();
  EXPECT_THAT(std::string(open().status().message()),
              HasSubstr("a write-ahead log file is missing"));
}

// Each frame is written to the write-ahead log and to a blob file, and compaction leaves it there.
TEST_F(LogErrorTest, BytesWrittenPerByteAppended) {
  constexpr size_t kBytes = size_t{16} << 10;
  constexpr Position kCount = 6'000;
  const uint64_t before = faults_->BytesWritten("");
  uint64_t appended = 0;
  for (Position first = 1; first <= kCount; ++first) {
    const std::string frame = MakeFrame(first, 1, kBytes);
    appended += frame.size();
    ASSERT_TRUE(log_->Append(kStock, epoch_, first - 1, frame).ok());
  }
  // Opening flushes what is only in the write-ahead log.
  Open();
  const uint64_t written = faults_->BytesWritten("") - before;
  const double ratio = static_cast<double>(written) / static_cast<double>(appended);
  std::cout << "appended " << appended << " bytes, written " << written << ": " << ratio
            << " (write-ahead log " << faults_->BytesWritten(".log") << ", blobs "
            << faults_->BytesWritten(".blob") << ", tables " << faults_->BytesWritten(".sst")
            << ")\n";
  EXPECT_LE(ratio, 2.2);
  EXPECT_GE(ratio, 2.0);
}

TEST_F(LogErrorTest, OneSyncPerAppend) {
  const int64_t before = faults_->Syncs(".log");
  for (Position first = 1; first <= 10; ++first) ASSERT_TRUE(Append(first).ok());
  EXPECT_EQ(faults_->Syncs(".log") - before, 10);
}

}  // namespace
}  // namespace quartermaster::storage
