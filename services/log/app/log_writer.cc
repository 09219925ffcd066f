#include "services/log/app/log_writer.h"

#include <algorithm>
#include <chrono>

#include "absl/strings/str_cat.h"
#include "services/base/status_macros.h"

namespace quartermaster::log {
namespace {

using storage::PartitionId;
using storage::Position;

// How many partitions can be synced at the same time.
constexpr size_t kWriteThreads = 16;
constexpr size_t kReadThreads = 4;
constexpr int kWaitsMax = 64;
// Writes of one partition, the one under way included. Its owner has one under way; a few more of
// them are those that it has given up.
constexpr size_t kLaneMax = 16;
// How long a wait goes on before it looks whether it is still wanted: also the longest that it
// holds up Shutdown.
constexpr Micros kWaitSlice = Milliseconds(100);

absl::Status WriterShutDown() { return absl::UnavailableError("the log is shutting down"); }

absl::Status TooMuch(const char* of_what) {
  return absl::UnavailableError(absl::StrCat("too many ", of_what, " at once"));
}

absl::Status Abandoned() { return absl::CancelledError("nobody waits for it any more"); }

Micros Since(std::chrono::steady_clock::time_point start) {
  return {std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() -
                                                                start)
              .count()};
}

// Whether a write's error says that the storage failed, rather than that it was refused.
bool IsFailure(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kOk:
    case absl::StatusCode::kAborted:
    case absl::StatusCode::kCancelled:
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kUnavailable:
      return false;
    default:
      return true;
  }
}

}  // namespace

LogWriter::LogWriter(storage::EventLog* log, std::function<void(const absl::Status&)> on_failed)
    : log_(log),
      on_failed_(std::move(on_failed)),
      writers_(kWriteThreads),
      readers_(kReadThreads),
      waiters_(kWaitsMax) {}

LogWriter::~LogWriter() { Shutdown(); }

void LogWriter::Acquire(PartitionId partition, Done<storage::Lease> done) {
  // Before the job takes it.
  const PartitionId key = partition;
  Write(key, [this, partition = std::move(partition),
              done = std::move(done)](const absl::Status& admission) mutable {
    if (!admission.ok()) return done(admission);
    const absl::StatusOr<storage::Lease> lease = log_->Acquire(partition);
    done(lease);
    ReportFailure(lease.status());
  });
}

void LogWriter::Append(AppendOrder order, AppendDone done) {
  const PartitionId key = order.partition;
  Write(key, [this, order = std::move(order),
              done = std::move(done)](const absl::Status& admission) mutable {
    if (!admission.ok()) return done(admission, 0);
    if (order.abandoned && order.abandoned()) return done(Abandoned(), 0);
    const absl::Status status =
        log_->Append(order.partition, order.epoch, order.expected_head, order.frame);
    Position head = 0;
    if (absl::IsFailedPrecondition(status)) {
      const absl::StatusOr<storage::PartitionStatus> now = log_->GetStatus(order.partition);
      if (now.ok()) head = now->head;
    }
    done(status, head);
    ReportFailure(status);
  });
}

void LogWriter::Write(const PartitionId& partition, Job job) {
  if (stopping_.load()) return job(WriterShutDown());
  Key key(partition.tenant, partition.name);
  bool first = false;
  {
    MutexLock lock(&mutex_);
    std::deque<Job>& lane = lanes_[key];
    if (lane.size() < kLaneMax) {
      first = lane.empty();
      lane.push_back(std::move(job));
      job = nullptr;
    }
  }
  if (job != nullptr) return job(TooMuch("writes of one partition"));
  if (!first) return;
  writers_.Run(
      [this, key = std::move(key)](const absl::Status& admission) { RunLane(key, admission); });
}

void LogWriter::Submit(Workers& workers, Job job) const {
  if (stopping_.load()) return job(WriterShutDown());
  workers.Run(std::move(job));
}

void LogWriter::RunLane(const Key& key, const absl::Status& admission) {
  Job job;
  {
    MutexLock lock(&mutex_);
    job = std::move(lanes_.find(key)->second.front());
  }
  job(admission);
  {
    MutexLock lock(&mutex_);
    const auto lane = lanes_.find(key);
    lane->second.pop_front();
    if (lane->second.empty()) {
      lanes_.erase(lane);
      return;
    }
  }
  // At the end of the queue: a busy partition must not keep a thread for itself.
  writers_.Run([this, key](const absl::Status& next) { RunLane(key, next); });
}

void LogWriter::ReportFailure(const absl::Status& status) {
  if (on_failed_ && IsFailure(status)) on_failed_(status);
}

void LogWriter::Read(PartitionId partition, Position from, size_t max_bytes,
                     Done<FrameBatch> done) {
  Submit(readers_, [this, partition = std::move(partition), from, max_bytes,
                    done = std::move(done)](const absl::Status& admission) mutable {
    if (!admission.ok()) return done(admission);
    done(ReadBatch(partition, from, max_bytes));
  });
}

absl::StatusOr<FrameBatch> LogWriter::ReadBatch(const PartitionId& partition, Position from,
                                                size_t max_bytes) {
  FrameBatch batch;
  QM_ASSIGN_OR_RETURN(batch.frames, log_->Read(partition, from, max_bytes));
  batch.next = from;
  if (!batch.frames.empty()) {
    QM_ASSIGN_OR_RETURN(const storage::FrameView last,
                        storage::FrameView::Parse(batch.frames.back()));
    batch.next = last.last_position() + 1;
  }
  const absl::StatusOr<storage::PartitionStatus> status = log_->GetStatus(partition);
  if (status.ok()) {
    batch.head = status->head;
  } else if (!absl::IsNotFound(status.status())) {
    return status.status();
  }
  return batch;
}

void LogWriter::GetStatus(PartitionId partition, Done<storage::PartitionStatus> done) {
  Submit(readers_, [this, partition = std::move(partition),
                    done = std::move(done)](const absl::Status& admission) mutable {
    if (!admission.ok()) return done(admission);
    done(log_->GetStatus(partition));
  });
}

void LogWriter::List(Done<LogPartitions> done) {
  Submit(readers_, [this, done = std::move(done)](const absl::Status& admission) mutable {
    if (!admission.ok()) return done(admission);
    absl::StatusOr<std::vector<storage::PartitionStatus>> partitions = log_->ListPartitions();
    if (!partitions.ok()) return done(partitions.status());
    done(LogPartitions{*std::move(partitions), log_->format_level()});
  });
}

void LogWriter::WaitForHead(PartitionId partition, Position position, Micros timeout,
                            absl::AnyInvocable<bool()> abandoned, Done<Position> done) {
  if (waits_.fetch_add(1) >= kWaitsMax) {
    waits_.fetch_sub(1);
    return done(TooMuch("waits"));
  }
  Submit(waiters_, [this, partition = std::move(partition), position, timeout,
                    abandoned = std::move(abandoned),
                    done = std::move(done)](const absl::Status& admission) mutable {
    absl::StatusOr<Position> head = Position{0};
    if (!admission.ok()) head = admission;
    const auto start = std::chrono::steady_clock::now();
    bool over = !admission.ok();
    while (!over) {
      const Micros left = timeout - Since(start);
      head = log_->WaitForHead(partition, position, std::clamp(left, Micros{0}, kWaitSlice));
      over = !head.ok() || *head > position || left <= kWaitSlice || stopping_.load() ||
             (abandoned && abandoned());
    }
    waits_.fetch_sub(1);
    done(head);
  });
}

void LogWriter::BeginShutdown() { stopping_.store(true); }

void LogWriter::Shutdown() {
  BeginShutdown();
  writers_.Stop();
  readers_.Stop();
  waiters_.Stop();
}

}  // namespace quartermaster::log
