// What the log says of each kind of damage, on real directories. A refused directory is left as it
// was, byte for byte.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "rocksdb/db.h"
#include "storage/log_keys.h"
#include "storage/rocksdb_log.h"
#include "storage/test_frames.h"

namespace quartermaster::storage {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::SizeIs;

constexpr Position kHead = 40;
constexpr size_t kNoLimit = size_t{1} << 30;
const PartitionId kStock{"default", "stock/0"};

// The directory of a server that was killed: one half of its frames is in SST and blob files, the
// other in the write-ahead log.
class DamageTest : public testing::Test {
 protected:
  void SetUp() override {
    const std::string living = dir_.path() + "/living";
    Append(living, 0, kHead / 2);
    const std::unique_ptr<EventLog> log = Append(living, kHead / 2, kHead);
    CopyLiving(living, log_dir());
  }

  static std::unique_ptr<EventLog> Append(const std::string& directory, Position from,
                                          Position to) {
    auto log = OpenRocksDbLog({.directory = directory});
    EXPECT_TRUE(log.ok()) << log.status();
    const Lease lease = *(*log)->Acquire(kStock);
    for (Position head = from; head < to; ++head) {
      EXPECT_TRUE((*log)->Append(kStock, lease.epoch, head, MakeFrame(head + 1, 1, 200)).ok());
    }
    return *std::move(log);
  }

  std::string log_dir() const { return dir_.path() + "/log"; }

  std::vector<fs::path> Files(const std::string& end) const {
    std::vector<fs::path> files;
    for (const auto& entry : fs::directory_iterator(log_dir())) {
      if (entry.path().string().ends_with(end)) files.push_back(entry.path());
    }
    return files;
  }
  fs::path TheFile(const std::string& part) const {
    for (const auto& entry : fs::directory_iterator(log_dir())) {
      if (entry.path().filename().string().find(part) != std::string::npos) return entry.path();
    }
    ADD_FAILURE() << "no " << part;
    return {};
  }

  static void FlipBit(const fs::path& path, uintmax_t at) {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekg(static_cast<std::streamoff>(at));
    const int byte = file.get();
    file.seekp(static_cast<std::streamoff>(at));
    file.put(static_cast<char>(byte ^ 4));
  }

  // Both ways to open refuse with these words and change nothing.
  void ExpectRefused(absl::StatusCode code, const std::string& words) {
    const auto before = Snapshot(log_dir());
    for (const bool read_only : {true, false}) {
      const auto log = OpenRocksDbLog({.directory = log_dir(), .read_only = read_only});
      ASSERT_FALSE(log.ok());
      EXPECT_EQ(log.status().code(), code) << log.status();
      EXPECT_THAT(std::string(log.status().message()), HasSubstr(words));
      EXPECT_TRUE(Snapshot(log_dir()) == before) << "the refused directory was changed";
    }
  }

  TempDir dir_;
};

TEST_F(DamageTest, UndamagedDirectoryOpens) {
  const auto log = OpenRocksDbLog({.directory = log_dir()});
  ASSERT_TRUE(log.ok()) << log.status();
  EXPECT_EQ((*log)->GetStatus(kStock)->head, kHead);
  EXPECT_THAT(*(*log)->Read(kStock, 1, kNoLimit), SizeIs(kHead));
}

TEST_F(DamageTest, ReadOnlySeesTheWriteAheadLogAndChangesNothing) {
  const auto before = Snapshot(log_dir());
  {
    const auto log = OpenRocksDbLog({.directory = log_dir(), .read_only = true});
    ASSERT_TRUE(log.ok()) << log.status();
    EXPECT_EQ((*log)->GetStatus(kStock)->head, kHead);
    const auto frames = (*log)->Read(kStock, 1, kNoLimit);
    ASSERT_TRUE(frames.ok()) << frames.status();
    ASSERT_THAT(*frames, SizeIs(kHead));
    EXPECT_EQ(frames->back(), MakeFrame(kHead, 1, 200));
    EXPECT_TRUE(absl::IsFailedPrecondition((*log)->Acquire(kStock).status()));
    EXPECT_TRUE(
        absl::IsFailedPrecondition((*log)->Append(kStock, 2, kHead, MakeFrame(kHead + 1, 1))));
  }
  EXPECT_TRUE(Snapshot(log_dir()) == before);
}

TEST_F(DamageTest, ReadOnlyNeedsALog) {
  const auto log = OpenRocksDbLog({.directory = dir_.path() + "/nothing", .read_only = true});
  EXPECT_TRUE(absl::IsNotFound(log.status())) << log.status();
  EXPECT_FALSE(fs::exists(dir_.path() + "/nothing"));
}

// FORMAT.md: this cannot be told from a write that was torn by the crash.
TEST_F(DamageTest, TornTailOfTheLiveWriteAheadLogIsTheCrashsOwn) {
  const fs::path wal = TheFile(".log");
  fs::resize_file(wal, fs::file_size(wal) - 3);
  const auto log = OpenRocksDbLog({.directory = log_dir()});
  ASSERT_TRUE(log.ok()) << log.status();
  EXPECT_EQ((*log)->GetStatus(kStock)->head, kHead - 1);
  EXPECT_THAT(*(*log)->Read(kStock, 1, kNoLimit), SizeIs(kHead - 1));
  const Lease lease = *(*log)->Acquire(kStock);
  EXPECT_TRUE((*log)->Append(kStock, lease.epoch, lease.head, MakeFrame(kHead, 2)).ok());
}

TEST_F(DamageTest, FlippedBitInTheWriteAheadLog) {
  const fs::path wal = TheFile(".log");
  FlipBit(wal, fs::file_size(wal) / 2);
  ExpectRefused(absl::StatusCode::kDataLoss, "a file is damaged (Corruption: checksum mismatch");
}

TEST_F(DamageTest, MissingWriteAheadLog) {
  fs::remove(TheFile(".log"));
  ExpectRefused(absl::StatusCode::kDataLoss, "a file is missing (the newest write-ahead log)");
}

TEST_F(DamageTest, MissingCurrentFile) {
  fs::remove(fs::path(log_dir()) / "CURRENT");
  ExpectRefused(absl::StatusCode::kDataLoss, "a file is missing (CURRENT)");
}

TEST_F(DamageTest, MissingManifest) {
  const fs::path manifest = TheFile("MANIFEST");
  fs::remove(manifest);
  ExpectRefused(absl::StatusCode::kDataLoss, "a file is missing");
  ExpectRefused(absl::StatusCode::kDataLoss, manifest.filename());
}

TEST_F(DamageTest, EachMissingSstFile) {
  ASSERT_FALSE(Files(".sst").empty());
  for (const fs::path& sst : Files(".sst")) {
    fs::rename(sst, dir_.path() + "/away");
    ExpectRefused(absl::StatusCode::kDataLoss, "a file is missing");
    ExpectRefused(absl::StatusCode::kDataLoss, sst.filename());
    fs::rename(dir_.path() + "/away", sst);
  }
}

TEST_F(DamageTest, MissingBlobFile) {
  const fs::path blob = TheFile(".blob");
  fs::remove(blob);
  ExpectRefused(absl::StatusCode::kDataLoss, "a file is missing");
  ExpectRefused(absl::StatusCode::kDataLoss, blob.filename());
}

TEST_F(DamageTest, TruncatedBlobFile) {
  const fs::path blob = TheFile(".blob");
  fs::resize_file(blob, fs::file_size(blob) - 3);
  ExpectRefused(absl::StatusCode::kDataLoss, "a file is too short or too long");
}

TEST_F(DamageTest, TruncatedSstFile) {
  for (const fs::path& sst : Files(".sst")) {
    fs::resize_file(sst, fs::file_size(sst) - 3);
    break;
  }
  ExpectRefused(absl::StatusCode::kDataLoss, "a file is damaged");
}

TEST_F(DamageTest, FlippedBitInAnSstFile) {
  for (const fs::path& sst : Files(".sst")) FlipBit(sst, 10);
  ExpectRefused(absl::StatusCode::kDataLoss, "a file is damaged (Corruption: block checksum");
}

TEST_F(DamageTest, FlippedBitInTheManifest) {
  const fs::path manifest = TheFile("MANIFEST");
  FlipBit(manifest, fs::file_size(manifest) / 2);
  ExpectRefused(absl::StatusCode::kDataLoss, "a file is damaged");
}

// RocksDB takes a manifest that lost its tail for a shorter one, and would delete what it no
// longer names: nothing may be lost in silence wherever the cut is.
TEST_F(DamageTest, ManifestCutAnywhere) {
  const fs::path manifest = TheFile("MANIFEST");
  const auto whole = Snapshot(log_dir());
  int refused = 0;
  for (uintmax_t size = fs::file_size(manifest); size > 0; size -= std::min<uintmax_t>(size, 17)) {
    fs::resize_file(manifest, size);
    const auto before = Snapshot(log_dir());
    const auto log = OpenRocksDbLog({.directory = log_dir()});
    if (log.ok()) {
      EXPECT_EQ((*log)->GetStatus(kStock)->head, kHead) << size;
      EXPECT_THAT(*(*log)->Read(kStock, 1, kNoLimit), SizeIs(kHead));
    } else {
      ++refused;
      EXPECT_TRUE(absl::IsDataLoss(log.status())) << size << ": " << log.status();
      EXPECT_TRUE(Snapshot(log_dir()) == before) << size;
    }
    fs::remove_all(log_dir());
    fs::create_directory(log_dir());
    for (const auto& [name, content] : whole) {
      std::ofstream(log_dir() + "/" + name, std::ios::binary) << content;
    }
  }
  EXPECT_GT(refused, 0);
}

// Blob files are not read when the log is opened, but for each partition's last frame.
TEST_F(DamageTest, FlippedBitInABlobFileIsFoundByReading) {
  const fs::path blob = TheFile(".blob");
  for (uintmax_t at = 0; at < fs::file_size(blob); at += 50) {
    FlipBit(blob, at);
    const auto log = OpenRocksDbLog({.directory = log_dir(), .read_only = true});
    ASSERT_TRUE(log.ok()) << log.status();
    const auto frames = (*log)->Read(kStock, 1, kNoLimit);
    if (frames.ok()) {
      // The flipped bit is of no consequence: what was read is what was written.
      EXPECT_THAT(*frames, SizeIs(kHead));
      for (Position p = 1; p <= kHead; ++p) EXPECT_EQ((*frames)[p - 1], MakeFrame(p, 1, 200)) << at;
    } else {
      EXPECT_TRUE(absl::IsDataLoss(frames.status())) << at << frames.status();
    }
    FlipBit(blob, at);
  }
  FlipBit(blob, fs::file_size(blob) / 2);
  const auto log = OpenRocksDbLog({.directory = log_dir(), .read_only = true});
  ASSERT_TRUE(log.ok()) << log.status();
  const auto frames = (*log)->Read(kStock, 1, kNoLimit);
  EXPECT_TRUE(absl::IsDataLoss(frames.status())) << frames.status();
  EXPECT_THAT(std::string(frames.status().message()),
              HasSubstr("cannot read position 1 of partition stock/0"));
}

// Writes into the log's database behind its back.
class ForgedLogTest : public DamageTest {
 protected:
  void Forge(const std::function<void(rocksdb::DB*, rocksdb::ColumnFamilyHandle* frames,
                                      rocksdb::ColumnFamilyHandle* meta)>& forge) {
    rocksdb::ColumnFamilyOptions options;
    options.enable_blob_files = true;
    std::vector<rocksdb::ColumnFamilyHandle*> handles;
    rocksdb::DB* db = nullptr;
    ASSERT_TRUE(rocksdb::DB::Open(
                    rocksdb::DBOptions(), log_dir(),
                    {{rocksdb::kDefaultColumnFamilyName, {}}, {"frames", options}, {"meta", {}}},
                    &handles, &db)
                    .ok());
    forge(db, handles[1], handles[2]);
    for (rocksdb::ColumnFamilyHandle* handle : handles) db->DestroyColumnFamilyHandle(handle);
    delete db;
  }
  static std::string KeyOf(Position first) { return FrameKey(FramePrefix(kStock), first); }
};

TEST_F(ForgedLogTest, HigherFormatLevel) {
  Forge([](rocksdb::DB* db, auto*, auto* meta) {
    ASSERT_TRUE(db->Put({}, meta, "format_level", "2").ok());
  });
  ExpectRefused(absl::StatusCode::kFailedPrecondition,
                "it has format level 2, but this binary knows up to level 1: use a newer one");
}

TEST_F(ForgedLogTest, NoFormatLevel) {
  Forge([](rocksdb::DB* db, auto*, auto* meta) {
    ASSERT_TRUE(db->Delete({}, meta, "format_level").ok());
  });
  ExpectRefused(absl::StatusCode::kDataLoss, "its format level is missing");
}

TEST_F(ForgedLogTest, TornLastFrame) {
  Forge([](rocksdb::DB* db, auto* frames, auto*) {
    const std::string frame = MakeFrame(kHead, 1, 200);
    ASSERT_TRUE(db->Put({}, frames, KeyOf(kHead), frame.substr(0, 100)).ok());
  });
  ExpectRefused(absl::StatusCode::kDataLoss,
                "partition stock/0 has head 40, but frame truncated: 100 bytes");
}

TEST_F(ForgedLogTest, FlippedBitInTheLastFrame) {
  Forge([](rocksdb::DB* db, auto* frames, auto*) {
    std::string frame = MakeFrame(kHead, 1, 200);
    frame[100] ^= 1;
    ASSERT_TRUE(db->Put({}, frames, KeyOf(kHead), frame).ok());
  });
  ExpectRefused(absl::StatusCode::kDataLoss, "frame damaged: its checksum is");
}

TEST_F(ForgedLogTest, AnotherLastFrame) {
  Forge([](rocksdb::DB* db, auto* frames, auto*) {
    ASSERT_TRUE(db->Put({}, frames, KeyOf(kHead), MakeFrame(kHead, 1, 200, 'b')).ok());
  });
  ExpectRefused(absl::StatusCode::kDataLoss, "its last frame is another one");
}

TEST_F(ForgedLogTest, HeadAheadOfTheFrames) {
  Forge([](rocksdb::DB* db, auto* frames, auto*) {
    ASSERT_TRUE(db->Delete({}, frames, KeyOf(kHead)).ok());
  });
  ExpectRefused(absl::StatusCode::kDataLoss, "its last frame is at position 39, expected 40");
}

TEST_F(ForgedLogTest, FramesAheadOfTheHead) {
  Forge([](rocksdb::DB* db, auto* frames, auto*) {
    ASSERT_TRUE(db->Put({}, frames, KeyOf(kHead + 1), MakeFrame(kHead + 1, 1)).ok());
  });
  ExpectRefused(absl::StatusCode::kDataLoss, "its last frame is at position 41, expected 40");
}

TEST_F(ForgedLogTest, HoleAndDamageInTheMiddleAreFoundByReading) {
  Forge([](rocksdb::DB* db, auto* frames, auto*) {
    ASSERT_TRUE(db->Delete({}, frames, KeyOf(10)).ok());
    std::string frame = MakeFrame(20, 1, 200);
    frame[100] ^= 1;
    ASSERT_TRUE(db->Put({}, frames, KeyOf(20), frame).ok());
  });
  const auto log = OpenRocksDbLog({.directory = log_dir(), .read_only = true});
  ASSERT_TRUE(log.ok()) << log.status();
  for (const Position from : {1, 10}) {
    const auto read = (*log)->Read(kStock, from, kNoLimit);
    EXPECT_TRUE(absl::IsDataLoss(read.status()));
    EXPECT_THAT(std::string(read.status().message()),
                HasSubstr("the frame that holds position 10 is missing"));
  }
  const auto read = (*log)->Read(kStock, 11, kNoLimit);
  EXPECT_TRUE(absl::IsDataLoss(read.status()));
  EXPECT_THAT(std::string(read.status().message()),
              HasSubstr("frame at position 20: frame damaged"));
  EXPECT_THAT(*(*log)->Read(kStock, 21, kNoLimit), SizeIs(20));
}

TEST_F(DamageTest, InUseByThisProcess) {
  const auto owner = OpenRocksDbLog({.directory = log_dir()});
  ASSERT_TRUE(owner.ok()) << owner.status();
  for (const bool read_only : {true, false}) {
    const auto log = OpenRocksDbLog({.directory = log_dir(), .read_only = read_only});
    EXPECT_TRUE(absl::IsFailedPrecondition(log.status())) << log.status();
    EXPECT_THAT(std::string(log.status().message()),
                HasSubstr("the directory is in use by another process"));
  }
}

TEST_F(DamageTest, InUseByAnotherProcess) {
  const std::string lock = log_dir() + "/LOCK";
  int locked[2], done[2];
  ASSERT_EQ(pipe(locked), 0);
  ASSERT_EQ(pipe(done), 0);
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    // Holds the lock as RocksDB does, until the parent closes its end.
    close(done[1]);
    const int file = open(lock.c_str(), O_RDWR);
    struct flock all = {};
    all.l_type = F_WRLCK;
    char byte = fcntl(file, F_SETLK, &all) == 0 ? '1' : '0';
    if (write(locked[1], &byte, 1) == 1) {
      while (read(done[0], &byte, 1) > 0) continue;
    }
    _exit(0);
  }
  close(done[0]);
  char byte = 0;
  ASSERT_EQ(read(locked[0], &byte, 1), 1);
  ASSERT_EQ(byte, '1');
  ExpectRefused(absl::StatusCode::kFailedPrecondition,
                "the directory is in use by another process");
  close(done[1]);
  waitpid(child, nullptr, 0);
  close(locked[0]);
  close(locked[1]);
  EXPECT_TRUE(OpenRocksDbLog({.directory = log_dir()}).ok());
}

}  // namespace
}  // namespace quartermaster::storage
