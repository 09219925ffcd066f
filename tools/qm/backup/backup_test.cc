#include "tools/qm/backup/backup.h"

#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "storage/durable_file.h"
#include "storage/memory_log.h"
#include "storage/rocksdb_log.h"
#include "storage/test_frames.h"
#include "tools/qm/backup/files.h"
#include "tools/qm/backup/segments.h"

namespace quartermaster::qm {
namespace {

using storage::MakeFrame;
using storage::Position;
using ::testing::HasSubstr;

// A log in memory that breaks off on demand.
class TestSource : public FrameSource {
 public:
  TestSource() : log_(storage::NewMemoryLog()) {
    for (const char* name : {"orders/0", "stock/0"}) leases_[name] = *log_->Acquire({.name = name});
  }

  void Append(const std::string& partition, int records, char fill = 'a') {
    storage::Lease& lease = leases_[partition];
    const std::string frame = MakeFrame(lease.head + 1, records, 100, fill);
    ASSERT_TRUE(log_->Append({.name = partition}, lease.epoch, lease.head, frame).ok());
    lease.head += records;
  }

  absl::StatusOr<BackupManifest> Cut() override {
    BackupManifest manifest{.taken_at = "now", .log_format_level = 1, .partitions = {}};
    if (cuts_left == 0) return absl::UnavailableError("gone");
    --cuts_left;
    const auto partitions = log_->ListPartitions();
    for (const auto& p : *partitions) manifest.partitions.push_back({p.id.name, p.head, p.epoch});
    if (after_cut) std::exchange(after_cut, nullptr)();
    return manifest;
  }

  absl::Status Read(const std::string& partition, int64_t from, int64_t to,
                    const Callback& on_frame) override {
    while (from <= to) {
      auto frames = log_->Read({.name = partition}, from, 1);
      if (!frames.ok()) return frames.status();
      if (frames_left == 0) return absl::UnavailableError("gone");
      --frames_left;
      from = storage::FrameView::Parse(frames->front())->last_position() + 1;
      if (const absl::Status status = on_frame(std::move(frames->front())); !status.ok()) {
        return status;
      }
    }
    return absl::OkStatus();
  }

  int64_t frames_left = 1'000'000;
  int64_t cuts_left = 1'000'000;
  // Called once.
  std::function<void()> after_cut;

 private:
  const std::unique_ptr<storage::EventLog> log_;
  std::map<std::string, storage::Lease> leases_;
};

class BackupTest : public testing::Test {
 protected:
  BackupTest() : directory_(temp_.path() + "/backup"), data_(temp_.path() + "/data") {
    for (int i = 0; i < 10; ++i) source_.Append("stock/0", 3);
    source_.Append("orders/0", 1);
  }

  absl::StatusOr<TakenBackup> Take(FrameSource& source) {
    return TakeBackup(source, directory_, [](int64_t, int64_t) {});
  }
  absl::StatusOr<TakenBackup> Take() { return Take(source_); }
  absl::Status Check() {
    const auto backup = OpenBackup(directory_);
    return backup.ok() ? CheckBackup(*backup, [](int64_t, int64_t) {}) : backup.status();
  }
  absl::Status Restore() {
    const auto backup = OpenBackup(directory_);
    if (!backup.ok()) return backup.status();
    return RestoreBackup(*backup, data_, [](int64_t, int64_t) {});
  }
  std::string StockFile(Position first = 1) const {
    return absl::StrCat(directory_, "/stock%2F0/", std::string(first < 10 ? 19 : 18, '0'), first,
                        ".frames");
  }

  storage::TempDir temp_;
  const std::string directory_;
  const std::string data_;
  TestSource source_;
};

TEST_F(BackupTest, RestoresWhatWasThere) {
  const auto taken = Take();
  ASSERT_TRUE(taken.ok()) << taken.status();
  ASSERT_EQ(taken->steps.size(), 2u);
  EXPECT_EQ(taken->steps[1].frames, 10);
  EXPECT_FALSE(taken->resumed);
  const absl::Status restored = Restore();
  ASSERT_TRUE(restored.ok()) << restored;
  const auto log = storage::OpenRocksDbLog({.directory = data_ + "/log"});
  ASSERT_TRUE(log.ok()) << log.status();
  EXPECT_EQ((*log)->GetStatus({.name = "stock/0"})->head, 30);
  EXPECT_EQ((*log)->Read({.name = "stock/0"}, 28, 1)->front(), MakeFrame(28, 3, 100));
  EXPECT_EQ((*log)->Read({.name = "orders/0"}, 1, 1)->front(), MakeFrame(1, 1, 100));
  // Never into what is there.
  EXPECT_TRUE(absl::IsAlreadyExists(Restore()));
}

TEST_F(BackupTest, AgainCopiesWhatIsNew) {
  ASSERT_TRUE(Take().ok());
  const std::string before = *storage::ReadWhole(StockFile());
  source_.Append("stock/0", 2);
  const auto taken = Take();
  ASSERT_TRUE(taken.ok()) << taken.status();
  EXPECT_EQ(taken->steps[0].frames, 0);
  EXPECT_EQ(taken->steps[1].frames, 1);
  EXPECT_EQ(taken->steps[1].from, 30);
  EXPECT_EQ(*storage::ReadWhole(StockFile()), before + MakeFrame(31, 2, 100));
  EXPECT_TRUE(Check().ok());
}

TEST_F(BackupTest, GoesOnBehindAnInterruption) {
  for (int64_t frames = 1; frames < 12; ++frames) {
    std::filesystem::remove_all(directory_);
    source_.frames_left = frames - 1;
    EXPECT_TRUE(absl::IsUnavailable(Take().status()));
    EXPECT_TRUE(absl::IsNotFound(OpenBackup(directory_).status()));
    EXPECT_THAT(std::string(OpenBackup(directory_).status().message()), HasSubstr("run qm backup"));
    source_.frames_left = 1'000'000;
    const auto taken = Take();
    ASSERT_TRUE(taken.ok()) << taken.status();
    EXPECT_TRUE(taken->resumed);
    EXPECT_EQ(taken->steps[0].frames + taken->steps[1].frames, 12 - frames);
    EXPECT_TRUE(Check().ok());
    EXPECT_FALSE(OpenBackup(directory_)->unfinished);
  }
}

TEST_F(BackupTest, AnInterruptedRunLeavesTheLastWholeCut) {
  ASSERT_TRUE(Take().ok());
  source_.Append("stock/0", 2);
  source_.Append("stock/0", 2);
  // What proves that it is the same log, twice; one new frame.
  source_.frames_left = 3;
  EXPECT_TRUE(absl::IsUnavailable(Take().status()));
  const auto backup = OpenBackup(directory_);
  ASSERT_TRUE(backup.ok()) << backup.status();
  EXPECT_TRUE(backup->unfinished);
  EXPECT_EQ(backup->manifest.Find("stock/0")->head, 30);
  ASSERT_TRUE(Restore().ok());
  EXPECT_EQ((*storage::OpenRocksDbLog({.directory = data_ + "/log"}))
                ->GetStatus({.name = "stock/0"})
                ->head,
            30);
  // A power failure may have left half a frame behind it.
  std::ofstream(StockFile(), std::ios::app | std::ios::binary)
      << MakeFrame(33, 2, 100).substr(0, 60);
  source_.frames_left = 1'000'000;
  const auto taken = Take();
  ASSERT_TRUE(taken.ok()) << taken.status();
  EXPECT_EQ(taken->steps[1].frames, 1);
  EXPECT_TRUE(Check().ok());
}

TEST_F(BackupTest, AFlippedBitIsRefusedWithItsPlace) {
  ASSERT_TRUE(Take().ok());
  const std::string path = StockFile();
  const std::string sound = *storage::ReadWhole(path);
  const size_t frame = sound.size() / 10;
  for (size_t at = 0; at < sound.size(); at += 7) {
    std::string flipped = sound;
    flipped[at] = static_cast<char>(flipped[at] ^ 0x10);
    ASSERT_TRUE(storage::WriteDurably(path, flipped).ok());
    const absl::Status status = Restore();
    EXPECT_TRUE(absl::IsDataLoss(status)) << at << ": " << status;
    EXPECT_THAT(std::string(status.message()),
                HasSubstr(absl::StrCat(path, ", byte ", at / frame * frame, ": position ",
                                       at / frame * 3 + 1)));
    EXPECT_FALSE(std::filesystem::exists(data_));
    // Nor is a damaged backup added to, or cut.
    EXPECT_TRUE(absl::IsDataLoss(Take().status()));
    EXPECT_EQ(*storage::ReadWhole(path), flipped);
  }
  ASSERT_TRUE(storage::WriteDurably(path, sound.substr(0, sound.size() - 1)).ok());
  EXPECT_TRUE(absl::IsDataLoss(Restore()));
  ASSERT_TRUE(storage::WriteDurably(path, sound).ok());
  const std::string manifest = directory_ + "/manifest.json";
  const std::string text = *storage::ReadWhole(manifest);
  for (size_t at = 0; at < text.size(); ++at) {
    std::string flipped = text;
    flipped[at] = static_cast<char>(flipped[at] ^ 0x01);
    // Blanks between members mean nothing.
    if (text[at] == ' ' || text[at] == '\n') continue;
    ASSERT_TRUE(storage::WriteDurably(manifest, flipped).ok());
    EXPECT_FALSE(Check().ok()) << flipped;
  }
}

TEST_F(BackupTest, AnotherLogIsNotMixedIn) {
  ASSERT_TRUE(Take().ok());
  TestSource shorter;
  EXPECT_THAT(std::string(Take(shorter).status().message()), HasSubstr("ends at 0 on the server"));
  TestSource other;
  for (int i = 0; i < 10; ++i) other.Append("stock/0", 3, 'b');
  other.Append("orders/0", 1);
  EXPECT_THAT(std::string(Take(other).status().message()), HasSubstr("another record"));
  EXPECT_TRUE(Take().ok());
  EXPECT_TRUE(Check().ok());
}

TEST_F(BackupTest, SomethingElseIsLeftAlone) {
  ASSERT_TRUE(storage::MakeDirectories(directory_).ok());
  ASSERT_TRUE(storage::WriteDurably(directory_ + "/letter", "dear").ok());
  EXPECT_TRUE(absl::IsAlreadyExists(Take().status()));
  EXPECT_TRUE(absl::IsNotFound(OpenBackup(directory_).status()));
}

TEST_F(BackupTest, GoesOnWhereARunEndedBeforeItBegan) {
  source_.cuts_left = 1;
  EXPECT_TRUE(absl::IsUnavailable(Take().status()));
  EXPECT_TRUE(std::filesystem::exists(directory_ + "/lock"));
  source_.cuts_left = 100;
  EXPECT_TRUE(Take().ok());
  EXPECT_TRUE(Check().ok());
}

TEST_F(BackupTest, OneRunAtATime) {
  ASSERT_TRUE(Take().ok());
  const auto file = File::OpenToWrite(directory_ + "/lock");
  ASSERT_TRUE(*file->Lock());
  EXPECT_TRUE(absl::IsFailedPrecondition(Take().status()));
}

// The log grows, and another run begins, just after this one was told how long the log is.
TEST_F(BackupTest, AnotherRunMeanwhileIsNotTakenForALostEnd) {
  absl::Status other;
  const auto run_other = [&] {
    source_.Append("stock/0", 2);
    other = Take().status();
  };
  // The directory is not there yet: the other run makes it.
  source_.after_cut = run_other;
  absl::Status taken = Take().status();
  EXPECT_TRUE(taken.ok()) << taken;
  EXPECT_TRUE(other.ok()) << other;
  source_.after_cut = run_other;
  taken = Take().status();
  EXPECT_TRUE(taken.ok()) << taken;
  EXPECT_TRUE(absl::IsFailedPrecondition(other)) << other;
  EXPECT_TRUE(Check().ok());
}

TEST(SegmentsTest, AFullFileIsNotTouchedAgain) {
  storage::TempDir temp;
  {
    auto writer = SegmentWriter::Open(temp.path(), "stock/0", 0, /*segment_bytes=*/1'000);
    ASSERT_TRUE(writer.ok()) << writer.status();
    for (Position p = 1; p <= 10; ++p) ASSERT_TRUE(writer->Append(MakeFrame(p, 1, 300)).ok());
    EXPECT_TRUE(absl::IsDataLoss(writer->Append(MakeFrame(12, 1, 300))));
    ASSERT_TRUE(writer->Sync().ok());
  }
  const std::string directory = SegmentDirectory(temp.path(), "stock/0");
  EXPECT_TRUE(std::filesystem::exists(directory + "/00000000000000000004.frames"));
  auto writer = SegmentWriter::Open(temp.path(), "stock/0", 10, /*segment_bytes=*/1'000);
  ASSERT_TRUE(writer.ok()) << writer.status();
  EXPECT_EQ(writer->head(), 10);
  EXPECT_EQ(writer->last_frame(), MakeFrame(10, 1, 300));
  ASSERT_TRUE(writer->Append(MakeFrame(11, 1, 300)).ok());
  Position next = 1;
  const auto read = [&](Position head) {
    next = 1;
    return ReadSegments(temp.path(), "stock/0", head,
                        [&](const storage::FrameView& frame, std::string_view) {
                          next = frame.last_position() + 1;
                          return absl::OkStatus();
                        });
  };
  EXPECT_TRUE(read(11).ok());
  EXPECT_EQ(next, 12);
  EXPECT_TRUE(read(5).ok());
  EXPECT_EQ(next, 6);
  // A file in the middle is gone.
  std::filesystem::remove(directory + "/00000000000000000004.frames");
  EXPECT_TRUE(absl::IsDataLoss(read(11)));
  EXPECT_TRUE(read(3).ok());
}

}  // namespace
}  // namespace quartermaster::qm
