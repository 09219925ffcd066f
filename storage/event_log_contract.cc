#include "storage/event_log_contract.h"

#include <gmock/gmock.h>

#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "storage/test_frames.h"

namespace quartermaster::storage {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr size_t kNoLimit = size_t{1} << 30;

const PartitionId& Stock() {
  static const PartitionId partition{"default", "stock/0"};
  return partition;
}

TEST_P(EventLogContract, EachAcquireGivesTheNextEpoch) {
  const auto first = log()->Acquire(Stock());
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(first->epoch, 1);
  EXPECT_EQ(first->head, 0);
  EXPECT_EQ(log()->Acquire(Stock())->epoch, 2);
  EXPECT_EQ(log()->Acquire({"default", "orders/0"})->epoch, 1);
  EXPECT_EQ(log()->Acquire({"another", "stock/0"})->epoch, 1);
  EXPECT_EQ(log()->GetStatus(Stock())->epoch, 2);
}

TEST_P(EventLogContract, UnknownPartitions) {
  EXPECT_TRUE(absl::IsNotFound(log()->GetStatus(Stock()).status()));
  EXPECT_THAT(*log()->ListPartitions(), IsEmpty());
  EXPECT_EQ(*log()->WaitForHead(Stock(), 0, Micros{0}), 0);
  EXPECT_THAT(*log()->Read(Stock(), 1, kNoLimit), IsEmpty());
  EXPECT_TRUE(absl::IsOutOfRange(log()->Read(Stock(), 2, kNoLimit).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(log()->Append(Stock(), 1, 0, MakeFrame(1, 1))));
  EXPECT_TRUE(absl::IsInvalidArgument(log()->Append(Stock(), 0, 0, MakeFrame(1, 1))));
}

TEST_P(EventLogContract, RefusesIdsThatCannotBeKeys) {
  EXPECT_TRUE(absl::IsInvalidArgument(log()->Acquire({"", "stock/0"}).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(log()->Acquire({"default", ""}).status()));
  EXPECT_TRUE(
      absl::IsInvalidArgument(log()->Acquire({std::string("a\0b", 3), "stock/0"}).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(log()->Acquire({"default", std::string(65, 'x')}).status()));
}

TEST_P(EventLogContract, AppendsMoveTheHead) {
  const Lease lease = *log()->Acquire(Stock());
  ASSERT_TRUE(log()->Append(Stock(), lease.epoch, 0, MakeFrame(1, 3)).ok());
  EXPECT_EQ(log()->GetStatus(Stock())->head, 3);
  ASSERT_TRUE(log()->Append(Stock(), lease.epoch, 3, MakeFrame(4, 1)).ok());
  EXPECT_EQ(log()->GetStatus(Stock())->head, 4);
  EXPECT_EQ(log()->Acquire(Stock())->head, 4);
}

TEST_P(EventLogContract, FencesEarlierEpochs) {
  const Lease old = *log()->Acquire(Stock());
  ASSERT_TRUE(log()->Append(Stock(), old.epoch, 0, MakeFrame(1, 1)).ok());
  const Lease lease = *log()->Acquire(Stock());
  const absl::Status fenced = log()->Append(Stock(), old.epoch, 1, MakeFrame(2, 1));
  EXPECT_TRUE(IsFenced(fenced)) << fenced;
  // Also what it appended last: somebody else decides what that became.
  EXPECT_TRUE(IsFenced(log()->Append(Stock(), old.epoch, 0, MakeFrame(1, 1))));
  EXPECT_EQ(log()->GetStatus(Stock())->head, 1);
  EXPECT_TRUE(log()->Append(Stock(), lease.epoch, 1, MakeFrame(2, 1)).ok());
  const absl::Status unknown = log()->Append(Stock(), lease.epoch + 1, 2, MakeFrame(3, 1));
  EXPECT_TRUE(absl::IsInvalidArgument(unknown)) << unknown;
}

TEST_P(EventLogContract, TheLastFrameAgainIsFine) {
  const Lease lease = *log()->Acquire(Stock());
  ASSERT_TRUE(log()->Append(Stock(), lease.epoch, 0, MakeFrame(1, 2)).ok());
  ASSERT_TRUE(log()->Append(Stock(), lease.epoch, 2, MakeFrame(3, 2)).ok());
  EXPECT_TRUE(log()->Append(Stock(), lease.epoch, 2, MakeFrame(3, 2)).ok());
  EXPECT_EQ(log()->GetStatus(Stock())->head, 4);
  EXPECT_THAT(*log()->Read(Stock(), 1, kNoLimit), ElementsAre(MakeFrame(1, 2), MakeFrame(3, 2)));
  // Not the one before, not other bytes, and not under another epoch.
  EXPECT_TRUE(absl::IsFailedPrecondition(log()->Append(Stock(), lease.epoch, 0, MakeFrame(1, 2))));
  EXPECT_TRUE(
      absl::IsFailedPrecondition(log()->Append(Stock(), lease.epoch, 2, MakeFrame(3, 2, 10, 'b'))));
  const Lease next = *log()->Acquire(Stock());
  EXPECT_TRUE(absl::IsFailedPrecondition(log()->Append(Stock(), next.epoch, 2, MakeFrame(3, 2))));
}

TEST_P(EventLogContract, RefusesAWrongHead) {
  const Lease lease = *log()->Acquire(Stock());
  ASSERT_TRUE(log()->Append(Stock(), lease.epoch, 0, MakeFrame(1, 2)).ok());
  // Both figures are in the message.
  const absl::Status gap = log()->Append(Stock(), lease.epoch, 5, MakeFrame(6, 1));
  EXPECT_TRUE(absl::IsFailedPrecondition(gap)) << gap;
  EXPECT_THAT(std::string(gap.message()), HasSubstr("head 2, expected 5"));
  EXPECT_TRUE(absl::IsFailedPrecondition(log()->Append(Stock(), lease.epoch, 1, MakeFrame(2, 1))));
  EXPECT_EQ(log()->GetStatus(Stock())->head, 2);
}

TEST_P(EventLogContract, RefusesMalformedFrames) {
  const Lease lease = *log()->Acquire(Stock());
  const std::string frame = MakeFrame(1, 2);
  std::string flipped = frame;
  flipped.back() ^= 1;
  for (const std::string& bad : {std::string(), std::string("x"), frame.substr(1),
                                 frame.substr(0, frame.size() - 1), frame + "x", flipped}) {
    const absl::Status status = log()->Append(Stock(), lease.epoch, 0, bad);
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
  }
  // A frame whose first position is not the one after the expected head.
  EXPECT_TRUE(absl::IsInvalidArgument(log()->Append(Stock(), lease.epoch, 0, MakeFrame(2, 1))));
  EXPECT_EQ(log()->GetStatus(Stock())->head, 0);
}

TEST_P(EventLogContract, ReadsFromInsideAFrameOn) {
  const Lease lease = *log()->Acquire(Stock());
  std::vector<std::string> frames;
  for (Position first = 1; first < 300; first += 3) {
    frames.push_back(MakeFrame(first, 3));
    ASSERT_TRUE(log()->Append(Stock(), lease.epoch, first - 1, frames.back()).ok());
  }
  EXPECT_EQ(*log()->Read(Stock(), 1, kNoLimit), frames);
  for (const Position from : {7, 8, 9}) {
    const auto read = log()->Read(Stock(), from, kNoLimit);
    ASSERT_TRUE(read.ok());
    EXPECT_EQ(*read, std::vector<std::string>(frames.begin() + 2, frames.end()));
  }
  EXPECT_THAT(*log()->Read(Stock(), 300, kNoLimit), ElementsAre(frames.back()));
  EXPECT_THAT(*log()->Read(Stock(), 301, kNoLimit), IsEmpty());
  EXPECT_TRUE(absl::IsOutOfRange(log()->Read(Stock(), 302, kNoLimit).status()));
  EXPECT_TRUE(absl::IsOutOfRange(log()->Read(Stock(), 0, kNoLimit).status()));
}

TEST_P(EventLogContract, ReadKeepsItsLimitButAlwaysAdvances) {
  const Lease lease = *log()->Acquire(Stock());
  const std::string one = MakeFrame(1, 1, 100);
  const std::string two = MakeFrame(2, 1, 100);
  const std::string three = MakeFrame(3, 1, 100);
  ASSERT_TRUE(log()->Append(Stock(), lease.epoch, 0, one).ok());
  ASSERT_TRUE(log()->Append(Stock(), lease.epoch, 1, two).ok());
  ASSERT_TRUE(log()->Append(Stock(), lease.epoch, 2, three).ok());
  EXPECT_THAT(*log()->Read(Stock(), 1, 0), ElementsAre(one));
  EXPECT_THAT(*log()->Read(Stock(), 1, 2 * one.size()), ElementsAre(one, two));
  EXPECT_THAT(*log()->Read(Stock(), 1, 2 * one.size() - 1), ElementsAre(one));
}

TEST_P(EventLogContract, ListsPartitionsInOrder) {
  ASSERT_TRUE(log()->Acquire({"b", "stock/0"}).ok());
  ASSERT_TRUE(log()->Acquire({"a", "stock/1"}).ok());
  ASSERT_TRUE(log()->Acquire({"a", "orders/0"}).ok());
  const Lease lease = *log()->Acquire({"a", "stock/1"});
  ASSERT_TRUE(log()->Append({"a", "stock/1"}, lease.epoch, 0, MakeFrame(1, 5)).ok());
  std::vector<std::string> seen;
  const auto list = log()->ListPartitions();
  for (const PartitionStatus& status : *list) {
    seen.push_back(status.id.tenant + " " + status.id.name + " " + std::to_string(status.epoch) +
                   " " + std::to_string(status.head));
  }
  EXPECT_THAT(seen, ElementsAre("a orders/0 1 0", "a stock/1 2 5", "b stock/0 1 0"));
}

TEST_P(EventLogContract, WaitForHeadWakesOnAppend) {
  const Lease lease = *log()->Acquire(Stock());
  std::thread appender(
      [&] { EXPECT_TRUE(log()->Append(Stock(), lease.epoch, 0, MakeFrame(1, 4)).ok()); });
  EXPECT_EQ(*log()->WaitForHead(Stock(), 3, Seconds(60)), 4);
  appender.join();
  EXPECT_EQ(*log()->WaitForHead(Stock(), 3, Micros{0}), 4);
  EXPECT_EQ(*log()->WaitForHead(Stock(), 4, Milliseconds(1)), 4);
}

TEST_P(EventLogContract, WaitForHeadWakesOnTheFirstAcquire) {
  std::thread owner([&] {
    const Lease lease = *log()->Acquire(Stock());
    EXPECT_TRUE(log()->Append(Stock(), lease.epoch, 0, MakeFrame(1, 1)).ok());
  });
  EXPECT_EQ(*log()->WaitForHead(Stock(), 0, Seconds(60)), 1);
  owner.join();
}

// Partitions have a writer each; readers follow them meanwhile.
TEST_P(EventLogContract, ConcurrentWritersAndReaders) {
  constexpr int kPartitions = 3;
  constexpr Position kFrames = 50;
  std::vector<std::thread> threads;
  for (int i = 0; i < kPartitions; ++i) {
    const PartitionId id{"default", "stock/" + std::to_string(i)};
    threads.emplace_back([this, id] {
      const Lease lease = *log()->Acquire(id);
      for (Position head = 0; head < 2 * kFrames; head += 2) {
        EXPECT_TRUE(log()->Append(id, lease.epoch, head, MakeFrame(head + 1, 2)).ok());
      }
    });
    threads.emplace_back([this, id] {
      Position next = 1;
      while (next <= 2 * kFrames) {
        ASSERT_GE(*log()->WaitForHead(id, next - 1, Seconds(60)), next);
        const auto frames = log()->Read(id, next, 200);
        ASSERT_TRUE(frames.ok()) << frames.status();
        for (const std::string& frame : *frames) {
          EXPECT_EQ(frame, MakeFrame(next, 2));
          next += 2;
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

// Each append follows the answer of the one before it, in turn in two partitions: an effect is
// never listed without its cause, whichever of the two is looked at first.
TEST_P(EventLogContract, ListsOneCut) {
  constexpr Position kFrames = 300;
  const PartitionId a{"default", "a/0"};
  const PartitionId b{"default", "b/0"};
  const Epoch epoch_a = log()->Acquire(a)->epoch;
  const Epoch epoch_b = log()->Acquire(b)->epoch;
  std::thread writer([&] {
    for (Position head = 0; head < kFrames; ++head) {
      EXPECT_TRUE(log()->Append(a, epoch_a, head, MakeFrame(head + 1, 1)).ok());
      EXPECT_TRUE(log()->Append(b, epoch_b, head, MakeFrame(head + 1, 1)).ok());
    }
  });
  Position head_b = 0;
  while (head_b < kFrames) {
    const auto all = log()->ListPartitions();
    if (!all.ok() || all->size() != 2) {
      ADD_FAILURE() << all.status();
      break;
    }
    head_b = all->at(1).head;
    EXPECT_LE(head_b, all->at(0).head);
    EXPECT_LE(all->at(0).head, head_b + 1);
  }
  writer.join();
}

TEST_P(EventLogContract, KeepsEverythingAcrossAReopening) {
  const PartitionId orders{"default", "orders/0"};
  Lease lease = *log()->Acquire(Stock());
  ASSERT_TRUE(log()->Acquire(orders).ok());
  ASSERT_TRUE(log()->Append(Stock(), lease.epoch, 0, MakeFrame(1, 2)).ok());
  ASSERT_TRUE(log()->Append(Stock(), lease.epoch, 2, MakeFrame(3, 1)).ok());
  if (!host_->Reopen()) GTEST_SKIP() << "this engine keeps nothing beyond its life";

  EXPECT_EQ(log()->GetStatus(Stock())->epoch, 1);
  EXPECT_EQ(log()->GetStatus(Stock())->head, 3);
  EXPECT_EQ(log()->GetStatus(orders)->head, 0);
  EXPECT_EQ(log()->ListPartitions()->size(), 2);
  EXPECT_THAT(*log()->Read(Stock(), 2, kNoLimit), ElementsAre(MakeFrame(1, 2), MakeFrame(3, 1)));
  // A lost reply is still answered, and the epoch still holds.
  EXPECT_TRUE(log()->Append(Stock(), lease.epoch, 2, MakeFrame(3, 1)).ok());
  EXPECT_TRUE(log()->Append(Stock(), lease.epoch, 3, MakeFrame(4, 1)).ok());
  // What was there before and what came since, in one read.
  EXPECT_THAT(*log()->Read(Stock(), 1, kNoLimit),
              ElementsAre(MakeFrame(1, 2), MakeFrame(3, 1), MakeFrame(4, 1)));
  lease = *log()->Acquire(Stock());
  EXPECT_EQ(lease.epoch, 2);
  EXPECT_EQ(lease.head, 4);
}

}  // namespace
}  // namespace quartermaster::storage
