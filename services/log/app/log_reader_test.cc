#include "services/log/app/log_reader.h"

#include <algorithm>
#include <filesystem>
#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gtest/gtest.h"
#include "storage/memory_log.h"

namespace quartermaster::log {
namespace {

using absl::StatusCode;

constexpr Instant kStart{1'800'000'000'000'000};

// Appends frames to one partition of a log.
class Writer {
 public:
  Writer(storage::EventLog* log, std::string partition) : log_(log) {
    partition_.name = std::move(partition);
    const auto lease = log_->Acquire(partition_);
    EXPECT_TRUE(lease.ok()) << lease.status();
    lease_ = *lease;
  }

  // One frame of records of the given payloads; its time is kStart + its last position.
  void Append(const std::vector<std::string>& payloads) {
    storage::FrameBuilder frame;
    frame.Reset(lease_.head + 1, kStart + Micros{static_cast<int64_t>(lease_.head)});
    for (const std::string& payload : payloads) frame.Add(2, 1, payload);
    const absl::Status status = log_->Append(partition_, lease_.epoch, lease_.head, frame.Finish());
    ASSERT_TRUE(status.ok()) << status;
    lease_.head += static_cast<storage::Position>(payloads.size());
  }

 private:
  storage::EventLog* const log_;
  storage::PartitionId partition_;
  storage::Lease lease_;
};

std::string Describe(const absl::StatusOr<LogBatch>& batch) {
  if (!batch.ok()) return absl::StatusCodeToString(batch.status().code());
  std::vector<std::string> parts;
  for (const LogBatch::Entry& entry : batch->entries) {
    parts.push_back(absl::StrCat(entry.record.position, "=", std::string(entry.record.payload)));
  }
  return absl::StrCat(absl::StrJoin(parts, " "), " head ", batch->head, " next ", batch->next);
}

class LogReaderTest : public testing::Test {
 protected:
  LogReaderTest()
      : log_(storage::NewMemoryLog()),
        writer_(log_.get(), "stock/0"),
        reader_(std::make_unique<LogReader>(log_.get())) {}

  struct Fetched {
    std::optional<LogReader::Ticket> ticket;
    std::future<absl::StatusOr<LogBatch>> batch;
    std::string Wait() { return Describe(batch.get()); }
  };
  Fetched Fetch(LogQuery query) {
    auto promise = std::make_shared<std::promise<absl::StatusOr<LogBatch>>>();
    Fetched fetched;
    fetched.batch = promise->get_future();
    fetched.ticket = reader_->Fetch(std::move(query), [promise](absl::StatusOr<LogBatch> batch) {
      promise->set_value(std::move(batch));
    });
    return fetched;
  }
  LogQuery From(storage::Position from) {
    LogQuery query;
    query.partition = "stock/0";
    query.from = from;
    return query;
  }
  LogQuery WaitFrom(storage::Position from) {
    LogQuery query = From(from);
    query.wait = true;
    return query;
  }

  const std::unique_ptr<storage::EventLog> log_;
  Writer writer_;
  std::unique_ptr<LogReader> reader_;
};

TEST_F(LogReaderTest, ReadsWhatIsThere) {
  EXPECT_EQ(Fetch(From(1)).Wait(), " head 0 next 1");
  writer_.Append({"a", "b"});
  writer_.Append({"c"});
  EXPECT_EQ(Fetch(From(1)).Wait(), "1=a 2=b 3=c head 3 next 4");
  EXPECT_EQ(Fetch(From(2)).Wait(), "2=b 3=c head 3 next 4");
  EXPECT_EQ(Fetch(From(4)).Wait(), " head 3 next 4");
  EXPECT_EQ(Fetch(From(0)).Wait(), " head 3 next 4");
  const auto batch = Fetch(From(2)).batch.get();
  ASSERT_TRUE(batch.ok());
  EXPECT_EQ(batch->entries[0].time, kStart);
  EXPECT_EQ(batch->entries[1].time, kStart + Micros{2});
}

TEST_F(LogReaderTest, NamesWhatIsNotThere) {
  writer_.Append({"a"});
  EXPECT_EQ(Fetch(From(3)).Wait(), "OUT_OF_RANGE");
  EXPECT_EQ(Fetch(From(-1)).Wait(), "OUT_OF_RANGE");
  EXPECT_EQ(Fetch(WaitFrom(3)).Wait(), "OUT_OF_RANGE");
  LogQuery other = From(1);
  other.partition = "nobody/0";
  EXPECT_EQ(Fetch(other).Wait(), "NOT_FOUND");
}

TEST_F(LogReaderTest, KeepsItsLimits) {
  writer_.Append({"a", "b", "c"});
  writer_.Append({"d", "e"});
  writer_.Append({"f"});
  LogQuery query = From(2);
  query.records_max = 3;
  EXPECT_EQ(Fetch(query).Wait(), "2=b 3=c 4=d head 6 next 5");
  query.bytes_max = 1;
  EXPECT_EQ(Fetch(query).Wait(), "2=b head 6 next 3");
  query.bytes_max = 1'000;
  query.whole_frames = true;
  query.records_max = 1;
  EXPECT_EQ(Fetch(query).Wait(), "2=b 3=c head 6 next 4");
  query.records_max = 4;
  EXPECT_EQ(Fetch(query).Wait(), "2=b 3=c 4=d 5=e head 6 next 6");
}

TEST_F(LogReaderTest, WaitsForTheRecord) {
  writer_.Append({"a"});
  Fetched second = Fetch(WaitFrom(2));
  Fetched now_on = Fetch(WaitFrom(0));
  // Served by the same thread in order, so the two above are waiting by then.
  EXPECT_EQ(Fetch(WaitFrom(1)).Wait(), "1=a head 1 next 2");
  writer_.Append({"b", "c"});
  EXPECT_EQ(second.Wait(), "2=b 3=c head 3 next 4");
  EXPECT_EQ(now_on.Wait(), "2=b 3=c head 3 next 4");
}

TEST_F(LogReaderTest, FollowsSeveralPartitionsOnOneThreadEach) {
  const auto threads = [] {
    const auto tasks = std::filesystem::directory_iterator("/proc/self/task");
    return std::distance(begin(tasks), end(tasks));
  };
  Writer orders(log_.get(), "orders/0");
  const auto before = threads();
  std::vector<Fetched> waiting;
  for (int i = 0; i < 500; ++i) {
    LogQuery query = WaitFrom(1);
    if (i % 2 == 1) query.partition = "orders/0";
    waiting.push_back(Fetch(query));
  }
  Fetch(From(1)).Wait();
  EXPECT_EQ(threads(), before + 2);
  orders.Append({"o"});
  writer_.Append({"s"});
  for (int i = 0; i < 500; ++i) {
    EXPECT_EQ(waiting[i].Wait(), i % 2 == 1 ? "1=o head 1 next 2" : "1=s head 1 next 2");
  }
}

TEST_F(LogReaderTest, ACancelledFetchIsAnswered) {
  Fetched waiting = Fetch(WaitFrom(1));
  Fetched other = Fetch(WaitFrom(1));
  reader_->Cancel(*waiting.ticket);
  EXPECT_EQ(waiting.Wait(), "CANCELLED");
  writer_.Append({"a"});
  EXPECT_EQ(other.Wait(), "1=a head 1 next 2");
  // Known no more, and never known.
  reader_->Cancel(*waiting.ticket);
  reader_->Cancel(1'000'000);
  EXPECT_EQ(Fetch(From(1)).Wait(), "1=a head 1 next 2");
}

TEST_F(LogReaderTest, ShutdownAnswersEverything) {
  std::vector<Fetched> waiting;
  for (int i = 0; i < 100; ++i) waiting.push_back(Fetch(WaitFrom(0)));
  reader_->Shutdown();
  for (Fetched& fetched : waiting) EXPECT_EQ(fetched.Wait(), "UNAVAILABLE");
  EXPECT_FALSE(Fetch(From(1)).ticket.has_value());
  EXPECT_FALSE(reader_->GetStatus([](absl::StatusOr<LogStatus>) { FAIL(); }));
  reader_->Shutdown();
}

TEST_F(LogReaderTest, ListsThePartitionsOfItsTenant) {
  writer_.Append({"a", "b"});
  Writer catalog(log_.get(), "catalog/0");
  ASSERT_TRUE(log_->Acquire({"other", "stock/0"}).ok());
  std::promise<absl::StatusOr<LogStatus>> promise;
  ASSERT_TRUE(reader_->GetStatus(
      [&](absl::StatusOr<LogStatus> status) { promise.set_value(std::move(status)); }));
  const auto status = promise.get_future().get();
  ASSERT_TRUE(status.ok()) << status.status();
  ASSERT_EQ(status->partitions.size(), 2u);
  EXPECT_EQ(status->partitions[0].id.name, "catalog/0");
  EXPECT_EQ(status->partitions[1].id.name, "stock/0");
  EXPECT_EQ(status->partitions[1].head, 2);
  EXPECT_EQ(status->format_level, storage::kFormatLevel);
}

// Readers at every pace see every record once and in order, while the log grows.
TEST_F(LogReaderTest, EveryRecordOnceAndInOrder) {
  constexpr int kRecords = 3'000;
  constexpr int kReaders = 8;
  struct Reader {
    std::vector<std::string> seen;
    std::promise<void> done;
  };
  std::vector<Reader> readers(kReaders);
  std::function<void(int, storage::Position)> read_on = [&](int r, storage::Position from) {
    LogQuery query = WaitFrom(from);
    query.records_max = 1 + 7 * r;
    query.whole_frames = r % 2 == 0;
    reader_->Fetch(query, [&, r](absl::StatusOr<LogBatch> batch) {
      ASSERT_TRUE(batch.ok()) << batch.status();
      for (const auto& entry : batch->entries) {
        readers[r].seen.push_back(std::string(entry.record.payload));
      }
      if (readers[r].seen.size() == kRecords) return readers[r].done.set_value();
      read_on(r, batch->next);
    });
  };
  for (int r = 0; r < kReaders; ++r) read_on(r, 1);
  std::vector<std::string> all;
  for (int i = 0; i < kRecords;) {
    std::vector<std::string> frame;
    for (int k = 0; k <= i % 5 && i < kRecords; ++k) frame.push_back(absl::StrCat(i++));
    writer_.Append(frame);
    all.insert(all.end(), frame.begin(), frame.end());
  }
  for (Reader& reader : readers) {
    reader.done.get_future().wait();
    EXPECT_TRUE(reader.seen == all);
  }
}

}  // namespace
}  // namespace quartermaster::log
