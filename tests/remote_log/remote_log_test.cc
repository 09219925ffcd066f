// What goes wrong between a partition's owner and a shared log: lost answers, restarts, slowness,
// refusals and damage, over a real server.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rocksdb/db.h>

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "quartermaster/log/v1/log.grpc.pb.h"
#include "services/base/mutex.h"
#include "storage/log_keys.h"
#include "storage/memory_log.h"
#include "storage/remote/grpc_log.h"
#include "storage/rocksdb_log.h"
#include "storage/test_frames.h"
#include "tests/remote_log/log_server.h"

namespace quartermaster::storage {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::SizeIs;

constexpr size_t kNoLimit = size_t{1} << 30;
const PartitionId kStock{"default", "stock/0"};
const PartitionId kOrders{"default", "orders/0"};

// A door that is shut until it is opened.
class Gate {
 public:
  void Open() {
    MutexLock lock(&mutex_);
    open_ = true;
    changed_.NotifyAll();
  }
  // Counts who has come, then waits.
  void Pass() {
    MutexLock lock(&mutex_);
    ++arrivals_;
    changed_.NotifyAll();
    while (!open_) changed_.Wait(&mutex_);
  }
  void AwaitArrivals(int count) {
    MutexLock lock(&mutex_);
    while (arrivals_ < count) changed_.Wait(&mutex_);
  }
  int arrivals() {
    MutexLock lock(&mutex_);
    return arrivals_;
  }

 private:
  Mutex mutex_;
  CondVar changed_;
  int arrivals_ ABSL_GUARDED_BY(mutex_) = 0;
  bool open_ ABSL_GUARDED_BY(mutex_) = false;
};

// A server over a log in memory that can be bent, and a client.
class RemoteLogTest : public testing::Test {
 protected:
  RemoteLogTest() : memory_(NewMemoryLog()), bent_(memory_.get()) {
    options_.address = server_.address();
    // Patient: the machine may be busy.
    options_.append_timeout = Seconds(60);
    options_.status_timeout = Seconds(60);
  }

  void Open(std::function<void(const absl::Status&)> on_failed = {}) {
    server_.Start(&bent_, std::move(on_failed));
    auto client = OpenGrpcLog(options_);
    ASSERT_TRUE(client.ok()) << client.status();
    client_ = *std::move(client);
  }

  // As the sequencer does it. Returns how often the frame was sent.
  static int AppendUntilAnswered(EventLog* log, const Lease& lease, Position head,
                                 const std::string& frame) {
    for (int sent = 1;; ++sent) {
      const absl::Status status = log->Append(kStock, lease.epoch, head, frame);
      if (status.ok()) return sent;
      EXPECT_TRUE(absl::IsUnavailable(status)) << status;
      if (!absl::IsUnavailable(status)) return -1;
    }
  }

  std::vector<std::string> Stored() { return *memory_->Read(kStock, 1, kNoLimit); }

  TempDir dir_;
  std::unique_ptr<EventLog> memory_;
  BentLog bent_;
  LogServer server_{dir_.path() + "/log.sock"};
  GrpcLogOptions options_;
  std::unique_ptr<EventLog> client_;
};

TEST_F(RemoteLogTest, ALostAnswerIsAnsweredByTheSameFrame) {
  int calls = 0;
  bent_.on_append = [&](const PartitionId&, const auto& append) {
    const absl::Status status = append();
    return ++calls == 1 ? absl::UnavailableError("the answer was lost") : status;
  };
  Open();
  const Lease lease = *client_->Acquire(kStock);
  const absl::Status lost = client_->Append(kStock, lease.epoch, 0, MakeFrame(1, 2));
  EXPECT_TRUE(absl::IsUnavailable(lost)) << lost;
  EXPECT_THAT(Stored(), SizeIs(1));
  EXPECT_TRUE(client_->Append(kStock, lease.epoch, 0, MakeFrame(1, 2)).ok());
  EXPECT_TRUE(client_->Append(kStock, lease.epoch, 2, MakeFrame(3, 1)).ok());
  EXPECT_THAT(Stored(), ElementsAre(MakeFrame(1, 2), MakeFrame(3, 1)));
}

TEST_F(RemoteLogTest, ALogThatIsSlowerThanTheDeadlineStillAppendsOnce) {
  Gate gate;
  bent_.on_append = [&](const PartitionId&, const auto& append) {
    gate.Pass();
    return append();
  };
  options_.append_timeout = Milliseconds(50);
  Open();
  const Lease lease = *client_->Acquire(kStock);
  for (int i = 0; i < 3; ++i) {
    const absl::Status late = client_->Append(kStock, lease.epoch, 0, MakeFrame(1, 2));
    EXPECT_TRUE(absl::IsUnavailable(late)) << late;
  }
  EXPECT_THAT(Stored(), SizeIs(0));
  gate.Open();
  EXPECT_GE(AppendUntilAnswered(client_.get(), lease, 0, MakeFrame(1, 2)), 1);
  EXPECT_GE(AppendUntilAnswered(client_.get(), lease, 2, MakeFrame(3, 1)), 1);
  EXPECT_THAT(Stored(), ElementsAre(MakeFrame(1, 2), MakeFrame(3, 1)));
}

// The append is done, but its answer comes after the deadline.
TEST_F(RemoteLogTest, AnAnswerThatNeverComesIsAskedForAgain) {
  Gate gate;
  bent_.on_append = [&](const PartitionId&, const auto& append) {
    const absl::Status status = append();
    gate.Pass();
    return status;
  };
  options_.append_timeout = Milliseconds(50);
  Open();
  const Lease lease = *client_->Acquire(kStock);
  // On a busy machine the first ones may come too late to be begun.
  while (gate.arrivals() == 0) {
    const absl::Status late = client_->Append(kStock, lease.epoch, 0, MakeFrame(1, 2));
    EXPECT_TRUE(absl::IsUnavailable(late)) << late;
  }
  EXPECT_THAT(Stored(), SizeIs(1));
  gate.Open();
  EXPECT_GE(AppendUntilAnswered(client_.get(), lease, 0, MakeFrame(1, 2)), 1);
  EXPECT_THAT(Stored(), SizeIs(1));
}

TEST_F(RemoteLogTest, OnePartitionsSlownessIsNotAnothers) {
  Gate gate;
  bent_.on_append = [&](const PartitionId& partition, const auto& append) {
    if (partition == kStock) gate.Pass();
    return append();
  };
  Open();
  const Lease stock = *client_->Acquire(kStock);
  const Lease orders = *client_->Acquire(kOrders);
  std::thread slow(
      [&] { EXPECT_TRUE(client_->Append(kStock, stock.epoch, 0, MakeFrame(1, 1)).ok()); });
  gate.AwaitArrivals(1);
  for (Position head = 0; head < 50; ++head) {
    ASSERT_TRUE(client_->Append(kOrders, orders.epoch, head, MakeFrame(head + 1, 1)).ok());
  }
  EXPECT_EQ(client_->GetStatus(kStock)->head, 0);
  EXPECT_THAT(*client_->Read(kOrders, 1, kNoLimit), SizeIs(50));
  gate.Open();
  slow.join();
  EXPECT_EQ(client_->GetStatus(kStock)->head, 1);
}

TEST_F(RemoteLogTest, FencingSurvivesTheWay) {
  Open();
  const auto other = *OpenGrpcLog(options_);
  const Lease old = *client_->Acquire(kStock);
  ASSERT_TRUE(client_->Append(kStock, old.epoch, 0, MakeFrame(1, 1)).ok());
  const Lease lease = *other->Acquire(kStock);
  const absl::Status fenced = client_->Append(kStock, old.epoch, 1, MakeFrame(2, 1));
  EXPECT_TRUE(IsFenced(fenced)) << fenced;
  EXPECT_THAT(std::string(fenced.message()), HasSubstr("epoch 2, this owner has epoch 1"));
  EXPECT_EQ(client_->GetStatus(kStock)->epoch, lease.epoch);
  EXPECT_TRUE(other->Append(kStock, lease.epoch, 1, MakeFrame(2, 1)).ok());
}

// A failed storage must stop the owner; a log that went away must not.
TEST_F(RemoteLogTest, AFailedStorageIsFinalAndReported) {
  absl::Status failure = absl::ResourceExhaustedError("the disk is full");
  bent_.on_append = [&](const PartitionId&, const auto&) { return failure; };
  Mutex mutex;
  std::vector<absl::StatusCode> reported;
  Open([&](const absl::Status& status) {
    MutexLock lock(&mutex);
    reported.push_back(status.code());
  });
  const Lease lease = *client_->Acquire(kStock);
  const auto append = [&] { return client_->Append(kStock, lease.epoch, 0, MakeFrame(1, 1)); };
  absl::Status status = append();
  EXPECT_EQ(status.code(), absl::StatusCode::kInternal) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("the disk is full"));
  failure = absl::InternalError("storage failed");
  EXPECT_EQ(append().code(), absl::StatusCode::kInternal);
  failure = absl::DataLossError("a file is damaged");
  EXPECT_EQ(append().code(), absl::StatusCode::kDataLoss);
  failure = absl::UnavailableError("a log behind it is away");
  EXPECT_EQ(append().code(), absl::StatusCode::kUnavailable);
  server_.Stop();
  EXPECT_THAT(reported, ElementsAre(absl::StatusCode::kResourceExhausted,
                                    absl::StatusCode::kInternal, absl::StatusCode::kDataLoss));
}

TEST_F(RemoteLogTest, TakesTheLongestFrameAndNamesALongerOne) {
  Open();
  const Lease lease = *client_->Acquire(kStock);
  // A length of three bytes up to 2 MiB, of four beyond.
  const size_t room = kSharedLogFrameBytesMax - MakeFrame(1, 1, 3 << 20).size() + (3 << 20);
  const std::string longest = MakeFrame(1, 1, room);
  ASSERT_EQ(longest.size(), kSharedLogFrameBytesMax);
  ASSERT_TRUE(client_->Append(kStock, lease.epoch, 0, longest).ok());
  EXPECT_THAT(*client_->Read(kStock, 1, 0), ElementsAre(longest));
  const absl::Status status = client_->Append(kStock, lease.epoch, 1, MakeFrame(2, 1, room + 1));
  EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr(absl::StrCat(kSharedLogFrameBytesMax)));
}

TEST_F(RemoteLogTest, AFrameThatNoMessageCarriesIsNamed) {
  const Lease lease = *memory_->Acquire(kStock);
  ASSERT_TRUE(memory_->Append(kStock, lease.epoch, 0, MakeFrame(1, 2, 10)).ok());
  ASSERT_TRUE(memory_->Append(kStock, lease.epoch, 2, MakeFrame(3, 1, 4 << 20)).ok());
  Open();
  EXPECT_THAT(*client_->Read(kStock, 1, 0), SizeIs(1));
  const absl::Status status = client_->Read(kStock, 3, 0).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInternal);
  EXPECT_THAT(std::string(status.message()), HasSubstr("ends at position 3"));
}

TEST_F(RemoteLogTest, ReadsMoreThanOneMessageCarries) {
  const Lease lease = *memory_->Acquire(kStock);
  std::vector<std::string> frames;
  for (Position first = 1; first <= 9; ++first) {
    frames.push_back(MakeFrame(first, 1, 1 << 20));
    ASSERT_TRUE(memory_->Append(kStock, lease.epoch, first - 1, frames.back()).ok());
  }
  Open();
  EXPECT_EQ(*client_->Read(kStock, 1, kNoLimit), frames);
  const size_t one = frames[0].size();
  for (const size_t count : {1, 2, 3, 4, 5, 8}) {
    EXPECT_THAT(*client_->Read(kStock, 1, count * one), SizeIs(count));
    EXPECT_THAT(*client_->Read(kStock, 1, (count + 1) * one - 1), SizeIs(count));
  }
}

TEST_F(RemoteLogTest, ReadsAndWaitsSurviveARestart) {
  Open();
  const Lease lease = *client_->Acquire(kStock);
  ASSERT_TRUE(client_->Append(kStock, lease.epoch, 0, MakeFrame(1, 1)).ok());
  std::thread waiter([&] { EXPECT_EQ(*client_->WaitForHead(kStock, 1, Seconds(60)), 2); });
  server_.Stop();
  std::vector<std::thread> threads;
  threads.emplace_back([&] { EXPECT_THAT(*client_->Read(kStock, 1, kNoLimit), SizeIs(1)); });
  threads.emplace_back([&] {
    EXPECT_THAT(*client_->ListPartitions(), Contains(Field(&PartitionStatus::id, kStock)));
  });
  threads.emplace_back([&] { EXPECT_EQ(client_->Acquire(kOrders)->epoch, 1); });
  server_.Start(&bent_);
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(AppendUntilAnswered(client_.get(), lease, 1, MakeFrame(2, 1)), 1);
  waiter.join();
}

TEST_F(RemoteLogTest, WaitsForADeadLogAreBounded) {
  options_.append_timeout = Milliseconds(20);
  options_.read_timeout = Milliseconds(20);
  options_.status_timeout = Milliseconds(20);
  std::vector<absl::StatusCode> outages;
  options_.on_outage = [&](const absl::Status& status) { outages.push_back(status.code()); };
  Open();
  const Lease lease = *memory_->Acquire(kStock);
  server_.Stop();
  EXPECT_TRUE(absl::IsUnavailable(client_->Append(kStock, lease.epoch, 0, MakeFrame(1, 1))));
  EXPECT_TRUE(absl::IsUnavailable(client_->Acquire(kStock).status()));
  EXPECT_TRUE(absl::IsUnavailable(client_->Read(kStock, 1, 100).status()));
  EXPECT_TRUE(absl::IsUnavailable(client_->GetStatus(kStock).status()));
  EXPECT_TRUE(absl::IsUnavailable(client_->ListPartitions().status()));
  EXPECT_TRUE(absl::IsUnavailable(client_->WaitForHead(kStock, 0, Micros{0}).status()));
  EXPECT_TRUE(absl::IsUnavailable(client_->WaitForHead(kStock, 0, Milliseconds(20)).status()));
  // The outage was told of once, and so is its end.
  server_.Start(&bent_);
  EXPECT_GE(AppendUntilAnswered(client_.get(), lease, 0, MakeFrame(1, 1)), 1);
  EXPECT_THAT(outages, ElementsAre(absl::StatusCode::kUnavailable, absl::StatusCode::kOk));
}

TEST_F(RemoteLogTest, OpensOnceTheLogIsThere) {
  std::thread opener([&] { EXPECT_TRUE(OpenGrpcLog(options_).ok()); });
  server_.Start(&bent_);
  opener.join();
  server_.Stop();
  options_.open_timeout = Milliseconds(20);
  const absl::Status status = OpenGrpcLog(options_).status();
  EXPECT_TRUE(absl::IsUnavailable(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr(options_.address));
}

TEST_F(RemoteLogTest, RefusesALogOfANewerFormat) {
  bent_.level = kFormatLevel + 1;
  server_.Start(&bent_);
  const absl::Status status = OpenGrpcLog(options_).status();
  EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
  EXPECT_THAT(std::string(status.message()),
              HasSubstr(absl::StrCat("format level ", kFormatLevel + 1)));
}

TEST_F(RemoteLogTest, RefusesAServerWithoutALog) {
  log::v1::LogReader::CallbackService other;
  auto server = runtime::GrpcServer::Start({.socket_path = dir_.path() + "/log.sock"},
                                           {runtime::Hosted<log::v1::LogReader>(&other)});
  ASSERT_TRUE(server.ok()) << server.status();
  const absl::Status status = OpenGrpcLog(options_).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnimplemented) << status;
}

// A log on disk that restarts over and over while its partition is written and followed.
TEST(RemoteLogRestartTest, NothingIsLostOrDoubled) {
  constexpr Position kFrames = 300;
  constexpr int kRestarts = 8;
  TempDir dir;
  LogServer server(dir.path() + "/log.sock");
  std::unique_ptr<EventLog> log;
  const auto open = [&] {
    // It is closed, not killed: what it holds needs no sync.
    auto opened = OpenRocksDbLog({.directory = dir.path() + "/log", .sync = false});
    ASSERT_TRUE(opened.ok()) << opened.status();
    log = *std::move(opened);
    server.Start(log.get());
  };
  open();
  auto client = *OpenGrpcLog({.address = server.address()});
  std::thread writer([&] {
    const Lease lease = *client->Acquire(kStock);
    for (Position head = 0; head < kFrames;) {
      const absl::Status status = client->Append(kStock, lease.epoch, head, MakeFrame(head + 1, 1));
      ASSERT_TRUE(status.ok() || absl::IsUnavailable(status)) << status;
      if (status.ok()) ++head;
    }
  });
  std::thread reader([&] {
    for (Position next = 1; next <= kFrames;) {
      const auto head = client->WaitForHead(kStock, next - 1, Seconds(60));
      ASSERT_TRUE(head.ok()) << head.status();
      const auto frames = client->Read(kStock, next, 1'000);
      ASSERT_TRUE(frames.ok()) << frames.status();
      for (const std::string& frame : *frames) EXPECT_EQ(frame, MakeFrame(next++, 1));
    }
  });
  for (int restart = 1; restart <= kRestarts; ++restart) {
    const Position reached = restart * kFrames / (kRestarts + 1);
    EXPECT_GE(*log->WaitForHead(kStock, reached - 1, Seconds(60)), reached);
    server.Stop();
    log.reset();
    open();
  }
  writer.join();
  reader.join();
  server.Stop();
  const auto frames = log->Read(kStock, 1, kNoLimit);
  ASSERT_TRUE(frames.ok()) << frames.status();
  ASSERT_THAT(*frames, SizeIs(kFrames));
  for (Position p = 1; p <= kFrames; ++p) EXPECT_EQ((*frames)[p - 1], MakeFrame(p, 1));
}

TEST(RemoteLogDamageTest, ADamagedFrameIsNamedByItsPosition) {
  TempDir dir;
  const std::string directory = dir.path() + "/log";
  {
    auto log = *OpenRocksDbLog({.directory = directory});
    const Lease lease = *log->Acquire(kStock);
    for (Position first = 1; first <= 5; first += 2) {
      ASSERT_TRUE(log->Append(kStock, lease.epoch, first - 1, MakeFrame(first, 2)).ok());
    }
  }
  {
    rocksdb::Options options;
    std::vector<rocksdb::ColumnFamilyHandle*> columns;
    rocksdb::DB* opened = nullptr;
    ASSERT_TRUE(
        rocksdb::DB::Open(options, directory,
                          {{rocksdb::kDefaultColumnFamilyName, {}}, {"frames", {}}, {"meta", {}}},
                          &columns, &opened)
            .ok());
    const std::unique_ptr<rocksdb::DB> db(opened);
    std::string frame = MakeFrame(3, 2);
    frame.back() ^= 1;
    EXPECT_TRUE(db->Put({}, columns[1], FrameKey(FramePrefix(kStock), 3), frame).ok());
    for (rocksdb::ColumnFamilyHandle* const column : columns) {
      EXPECT_TRUE(db->DestroyColumnFamilyHandle(column).ok());
    }
  }
  auto log = OpenRocksDbLog({.directory = directory});
  ASSERT_TRUE(log.ok()) << log.status();
  LogServer server(dir.path() + "/log.sock");
  server.Start(log->get());
  const auto client = *OpenGrpcLog({.address = server.address()});
  EXPECT_THAT(*client->Read(kStock, 5, 0), SizeIs(1));
  const absl::Status status = client->Read(kStock, 3, 0).status();
  EXPECT_TRUE(absl::IsDataLoss(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("frame at position 3"));
}

}  // namespace
}  // namespace quartermaster::storage
