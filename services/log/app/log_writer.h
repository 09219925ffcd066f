// LogWriter: an event log for the processes that own its partitions, called without blocking.
//
// The log's calls block: an append for as long as its sync takes. Each runs on a thread of the
// writer's, so that no network thread waits. One partition's writes run one after another in the
// order in which they came; those of different partitions run at the same time, and share a sync
// if the log can do that. Reads and waits have threads of their own, so that neither delays a
// write.
//
//   writer.Append({partition, epoch, expected_head, frame}, [](absl::Status status) { ... });
#ifndef QUARTERMASTER_SERVICES_LOG_APP_LOG_WRITER_H_
#define QUARTERMASTER_SERVICES_LOG_APP_LOG_WRITER_H_

#include <atomic>
#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/base/mutex.h"
#include "services/base/time.h"
#include "services/log/app/workers.h"
#include "storage/event_log.h"
#include "storage/frame.h"

namespace quartermaster::log {

// A frame to append. What `frame` points to must live until the answer.
struct AppendOrder {
  storage::PartitionId partition;
  storage::Epoch epoch = 0;
  storage::Position expected_head = 0;
  std::string_view frame;
  // Optional: true once nobody waits for the answer. An append that has not begun by then is left
  // out: its sender, who cannot know, sends it again.
  absl::AnyInvocable<bool()> abandoned;
};

// Whole frames, and where the partition stood.
struct FrameBatch {
  std::vector<std::string> frames;
  // After the last of them.
  storage::Position next = 1;
  // When they were read: never below the last of them.
  storage::Position head = 0;
};

struct LogPartitions {
  std::vector<storage::PartitionStatus> partitions;
  int format_level = 0;
};

// Thread-safe. Each call's `done` is called once: on a thread of the writer's, which it must not
// block, or at once with kUnavailable if the writer has been shut down or has too much to do. A
// caller that has gone gets kCancelled. Other errors are the log's.
class LogWriter {
 public:
  template <typename Result>
  using Done = absl::AnyInvocable<void(absl::StatusOr<Result>)>;

  using AppendDone = absl::AnyInvocable<void(absl::Status, storage::Position head)>;

  // `log` must outlive the writer. `on_failed` (optional) is called, after the answer, with each
  // error of a write that means that the log's storage failed: a process whose log failed should
  // end, because only opening it again finds out what it holds.
  explicit LogWriter(storage::EventLog* log,
                     std::function<void(const absl::Status&)> on_failed = {});
  // Shuts down, if that was not done.
  ~LogWriter();

  void Acquire(storage::PartitionId partition, Done<storage::Lease> done);
  // `done` is told the partition's head too if that, by kFailedPrecondition, is not the expected
  // one.
  void Append(AppendOrder order, AppendDone done);
  // As EventLog::Read.
  void Read(storage::PartitionId partition, storage::Position from, size_t max_bytes,
            Done<FrameBatch> done);
  void GetStatus(storage::PartitionId partition, Done<storage::PartitionStatus> done);
  void List(Done<LogPartitions> done);
  // As EventLog::WaitForHead, but ends early once `abandoned` is true or the writer shuts down. At
  // most 64 at once.
  void WaitForHead(storage::PartitionId partition, storage::Position position, Micros timeout,
                   absl::AnyInvocable<bool()> abandoned, Done<storage::Position> done);

  int format_level() const { return log_->format_level(); }

  // Refuses what comes from now on and ends the waits. Does not block: for the beginning of a
  // server's drain.
  void BeginShutdown();
  // BeginShutdown, then waits until all has been answered and the threads have ended. Not from a
  // callback.
  void Shutdown();

 private:
  // Tenant and name.
  using Key = std::pair<std::string, std::string>;

  // Runs the job, unless the writer has been shut down.
  void Submit(Workers& workers, Job job) const;
  // Runs the job after the partition's earlier ones; refuses it if too many wait.
  void Write(const storage::PartitionId& partition, Job job);
  // Runs the first job of a lane, then has the next one run.
  void RunLane(const Key& key, const absl::Status& admission);
  absl::StatusOr<FrameBatch> ReadBatch(const storage::PartitionId& partition,
                                       storage::Position from, size_t max_bytes);
  void ReportFailure(const absl::Status& status);

  storage::EventLog* const log_;
  const std::function<void(const absl::Status&)> on_failed_;
  std::atomic<bool> stopping_{false};
  std::atomic<int> waits_{0};

  Mutex mutex_;
  // The writes of each partition that has any; the first one is running, or about to.
  std::map<Key, std::deque<Job>> lanes_ ABSL_GUARDED_BY(mutex_);

  Workers writers_;
  Workers readers_;
  Workers waiters_;
};

}  // namespace quartermaster::log

#endif  // QUARTERMASTER_SERVICES_LOG_APP_LOG_WRITER_H_
