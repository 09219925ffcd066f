#include "services/log/app/log_writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "storage/memory_log.h"
#include "storage/test_frames.h"

namespace quartermaster::log {
namespace {

using storage::MakeFrame;
using storage::PartitionId;
using storage::Position;
using ::testing::AllOf;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::Ge;
using ::testing::Le;
using ::testing::SizeIs;

const PartitionId kStock{"default", "stock/0"};
const PartitionId kOrders{"default", "orders/0"};

// A log in memory whose appends to one partition wait at a gate, and are counted.
class GatedLog : public storage::EventLog {
 public:
  absl::StatusOr<storage::Lease> Acquire(const PartitionId& id) override {
    return log_->Acquire(id);
  }
  absl::Status Append(const PartitionId& id, storage::Epoch epoch, Position head,
                      std::string_view frame) override {
    {
      MutexLock lock(&mutex_);
      ++appends_;
      ++inside_[id.name];
      EXPECT_EQ(inside_[id.name], 1) << "two appends to " << id.name << " at once";
      changed_.NotifyAll();
      while (shut_ == id.name) changed_.Wait(&mutex_);
    }
    const absl::Status status = log_->Append(id, epoch, head, frame);
    MutexLock lock(&mutex_);
    --inside_[id.name];
    return status;
  }
  absl::StatusOr<std::vector<std::string>> Read(const PartitionId& id, Position from,
                                                size_t max_bytes) override {
    return log_->Read(id, from, max_bytes);
  }
  absl::StatusOr<storage::PartitionStatus> GetStatus(const PartitionId& id) override {
    return log_->GetStatus(id);
  }
  absl::StatusOr<std::vector<storage::PartitionStatus>> ListPartitions() override {
    return log_->ListPartitions();
  }
  absl::StatusOr<Position> WaitForHead(const PartitionId& id, Position position,
                                       Micros timeout) override {
    return log_->WaitForHead(id, position, timeout);
  }
  int format_level() const override { return log_->format_level(); }

  void Shut(const PartitionId& id) {
    MutexLock lock(&mutex_);
    shut_ = id.name;
  }
  void Open() {
    MutexLock lock(&mutex_);
    shut_.clear();
    changed_.NotifyAll();
  }
  void AwaitAppends(int count) {
    MutexLock lock(&mutex_);
    while (appends_ < count) changed_.Wait(&mutex_);
  }
  int appends() {
    MutexLock lock(&mutex_);
    return appends_;
  }

 private:
  const std::unique_ptr<storage::EventLog> log_ = storage::NewMemoryLog();
  Mutex mutex_;
  CondVar changed_;
  std::string shut_ ABSL_GUARDED_BY(mutex_);
  int appends_ ABSL_GUARDED_BY(mutex_) = 0;
  std::map<std::string, int> inside_ ABSL_GUARDED_BY(mutex_);
};

// The answers of one kind of call, in their order.
template <typename Answer>
class Answers {
 public:
  void Add(Answer answer) {
    MutexLock lock(&mutex_);
    answers_.push_back(std::move(answer));
    arrived_.NotifyAll();
  }
  // Once there are `count`.
  std::vector<Answer> Await(size_t count) {
    MutexLock lock(&mutex_);
    while (answers_.size() < count) arrived_.Wait(&mutex_);
    return answers_;
  }
  size_t size() {
    MutexLock lock(&mutex_);
    return answers_.size();
  }

 private:
  Mutex mutex_;
  CondVar arrived_;
  std::vector<Answer> answers_ ABSL_GUARDED_BY(mutex_);
};

class LogWriterTest : public testing::Test {
 protected:
  LogWriterTest() {
    for (const PartitionId& id : {kStock, kOrders}) EXPECT_TRUE(log_.Acquire(id).ok());
  }
  ~LogWriterTest() override { log_.Open(); }

  // A frame of one record at `first`, under the first epoch. Keeps the frame.
  void Append(const PartitionId& id, Position first, absl::AnyInvocable<bool()> abandoned = {}) {
    frames_.push_back(MakeFrame(first, 1));
    AppendOrder order{id, 1, first - 1, frames_.back(), std::move(abandoned)};
    writer_.Append(std::move(order),
                   [this](const absl::Status& status, Position) { codes_.Add(status.code()); });
  }
  Position HeadOf(const PartitionId& id) { return log_.GetStatus(id)->head; }

  GatedLog log_;
  std::deque<std::string> frames_;
  Answers<absl::StatusCode> codes_;
  LogWriter writer_{&log_};
};

TEST_F(LogWriterTest, APartitionsAppendsRunInTheirOrder) {
  log_.Shut(kStock);
  for (Position first = 1; first <= 10; ++first) Append(kStock, first);
  log_.Open();
  EXPECT_THAT(codes_.Await(10), Each(absl::StatusCode::kOk));
  EXPECT_EQ(HeadOf(kStock), 10);
}

TEST_F(LogWriterTest, PartitionsDoNotWaitForEachOther) {
  log_.Shut(kStock);
  Append(kStock, 1);
  log_.AwaitAppends(1);
  for (Position first = 1; first <= 10; ++first) Append(kOrders, first);
  EXPECT_THAT(codes_.Await(10), Each(absl::StatusCode::kOk));
  EXPECT_EQ(HeadOf(kOrders), 10);
  EXPECT_EQ(HeadOf(kStock), 0);
  log_.Open();
  codes_.Await(11);
  EXPECT_EQ(HeadOf(kStock), 1);
}

// Its sender has given it up, and sends it again.
TEST_F(LogWriterTest, LeavesOutWhatNobodyWaitsFor) {
  log_.Shut(kStock);
  Append(kStock, 1);
  log_.AwaitAppends(1);
  Append(kStock, 1, [] { return true; });
  Append(kStock, 1, [] { return true; });
  Append(kStock, 1, [] { return false; });
  log_.Open();
  EXPECT_THAT(codes_.Await(4), ElementsAre(absl::StatusCode::kOk, absl::StatusCode::kCancelled,
                                           absl::StatusCode::kCancelled, absl::StatusCode::kOk));
  EXPECT_EQ(log_.appends(), 2);
  EXPECT_EQ(HeadOf(kStock), 1);
}

TEST_F(LogWriterTest, RefusesMoreThanAFewForOnePartition) {
  log_.Shut(kStock);
  for (Position first = 1; first <= 16; ++first) Append(kStock, first);
  EXPECT_EQ(codes_.size(), 0u);
  Append(kStock, 17);
  EXPECT_THAT(codes_.Await(1), ElementsAre(absl::StatusCode::kUnavailable));
  log_.Open();
  codes_.Await(17);
  EXPECT_EQ(HeadOf(kStock), 16);
  Append(kStock, 17);
  codes_.Await(18);
  EXPECT_EQ(HeadOf(kStock), 17);
}

TEST_F(LogWriterTest, AWrongHeadIsToldTheRightOne) {
  Append(kStock, 1);
  codes_.Await(1);
  const std::string frame = MakeFrame(6, 1);
  Answers<Position> heads;
  writer_.Append({kStock, 1, 5, frame, {}}, [&](const absl::Status& status, Position head) {
    EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
    heads.Add(head);
  });
  EXPECT_THAT(heads.Await(1), ElementsAre(1));
}

TEST_F(LogWriterTest, ReadsTellWhereTheNextOneBegins) {
  for (Position first = 1; first <= 3; ++first) Append(kStock, first);
  codes_.Await(3);
  Answers<std::pair<Position, Position>> answers;
  const auto done = [&](const absl::StatusOr<FrameBatch>& batch) {
    ASSERT_TRUE(batch.ok()) << batch.status();
    answers.Add({batch->next, batch->head});
  };
  writer_.Read(kStock, 1, 0, done);
  answers.Await(1);
  writer_.Read(kStock, 2, 1'000, done);
  answers.Await(2);
  writer_.Read(kStock, 4, 1'000, done);
  answers.Await(3);
  writer_.Read({"default", "never/0"}, 1, 1'000, done);
  EXPECT_THAT(answers.Await(4),
              ElementsAre(std::pair(2, 3), std::pair(4, 3), std::pair(4, 3), std::pair(1, 0)));
}

TEST_F(LogWriterTest, WaitsAreCountedAndHoldUpNothing) {
  Answers<absl::StatusOr<Position>> heads;
  const auto wait = [&] {
    writer_.WaitForHead(kStock, 0, Seconds(60), {},
                        [&](absl::StatusOr<Position> head) { heads.Add(std::move(head)); });
  };
  for (int i = 0; i < 64; ++i) wait();
  EXPECT_EQ(heads.size(), 0u);
  wait();
  EXPECT_TRUE(absl::IsUnavailable(heads.Await(1)[0].status()));
  Append(kStock, 1);
  const auto all = heads.Await(65);
  for (size_t i = 1; i < all.size(); ++i) EXPECT_EQ(*all[i], 1);
}

TEST_F(LogWriterTest, AnAbandonedWaitEnds) {
  Answers<Position> heads;
  writer_.WaitForHead(
      kStock, 0, Hours(1), [] { return true; },
      [&](const absl::StatusOr<Position>& head) { heads.Add(*head); });
  EXPECT_THAT(heads.Await(1), ElementsAre(0));
}

TEST_F(LogWriterTest, ShutdownAnswersEverything) {
  Answers<absl::StatusOr<Position>> heads;
  const auto wait = [&] {
    writer_.WaitForHead(kOrders, 0, Hours(1), {},
                        [&](absl::StatusOr<Position> head) { heads.Add(std::move(head)); });
  };
  wait();
  log_.Shut(kStock);
  Append(kStock, 1);
  log_.AwaitAppends(1);
  Append(kStock, 2);
  writer_.BeginShutdown();
  Append(kStock, 3);
  EXPECT_THAT(codes_.Await(1), ElementsAre(absl::StatusCode::kUnavailable));
  log_.Open();
  writer_.Shutdown();
  // The one under way is finished; the one behind it either way.
  EXPECT_EQ(codes_.size(), 3u);
  EXPECT_THAT(HeadOf(kStock), AllOf(Ge(1), Le(2)));
  EXPECT_EQ(heads.size(), 1u);
  wait();
  EXPECT_TRUE(absl::IsUnavailable(heads.Await(2)[1].status()));
  writer_.Acquire(kStock, [](const absl::StatusOr<storage::Lease>& lease) {
    EXPECT_TRUE(absl::IsUnavailable(lease.status()));
  });
  writer_.List([](const absl::StatusOr<LogPartitions>& list) {
    EXPECT_TRUE(absl::IsUnavailable(list.status()));
  });
}

// Many callers of several partitions while the writer shuts down: each is answered once.
TEST_F(LogWriterTest, EveryCallIsAnsweredOnceWhateverTheMoment) {
  constexpr int kCallers = 4;
  constexpr int kCalls = 500;
  std::atomic<int> answered{0};
  std::vector<std::thread> callers;
  const std::string frame = MakeFrame(1, 1);
  for (int caller = 0; caller < kCallers; ++caller) {
    callers.emplace_back([&, caller] {
      const PartitionId& id = caller % 2 == 0 ? kStock : kOrders;
      for (int i = 0; i < kCalls; ++i) {
        writer_.Append({id, 1, 0, frame, {}}, [&](const absl::Status&, Position) { ++answered; });
        writer_.GetStatus(id, [&](const absl::StatusOr<storage::PartitionStatus>&) { ++answered; });
      }
    });
  }
  writer_.Shutdown();
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(answered.load(), 2 * kCallers * kCalls);
}

}  // namespace
}  // namespace quartermaster::log
