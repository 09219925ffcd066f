// LogReader: records of the event log for anyone who asks, now or once they exist.
//
// Fetch is all there is: one bounded batch from a position on, at once or when the log has grown to
// it. A subscription is one Fetch after another, so that nothing is read before its reader is ready
// for it. One thread reads for everyone; one more per partition waits for its head to move.
//
//   LogQuery query{.partition = "stock/0", .from = 1, .wait = true};
//   auto ticket = reader.Fetch(query, [](absl::StatusOr<LogBatch> batch) { ... });
//   ...
//   reader.Cancel(*ticket);    // if nobody wants it any more
#ifndef QUARTERMASTER_SERVICES_LOG_APP_LOG_READER_H_
#define QUARTERMASTER_SERVICES_LOG_APP_LOG_READER_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/base/mutex.h"
#include "services/base/time.h"
#include "storage/event_log.h"
#include "storage/frame.h"

namespace quartermaster::log {

struct LogQuery {
  // "stock/0", of the reader's tenant.
  std::string partition;
  // The first position wanted; 0 means the first after the head.
  storage::Position from = 1;
  // The last position wanted: frames that begin after it are left out.
  storage::Position to = std::numeric_limits<storage::Position>::max();
  // Whether a batch that would be empty waits for a record.
  bool wait = false;
  // At most this many records, and this many bytes of payload and framing, but at least one record
  // if there is one.
  size_t records_max = 1'000;
  size_t bytes_max = 512 << 10;
  // Ends the batch between frames only: at least one whole frame, whatever the limits.
  bool whole_frames = false;
};

// Records and the frames that their payloads point into. With whole_frames, exactly those.
struct LogBatch {
  struct Entry {
    storage::Record record;
    // Of its frame.
    Instant time;
  };
  std::vector<std::string> frames;
  std::vector<Entry> entries;
  // Where the next batch begins.
  storage::Position next = 1;
  // The head when the batch was read: never below the last record in it.
  storage::Position head = 0;
};

struct LogStatus {
  std::vector<storage::PartitionStatus> partitions;
  int format_level = 0;
};

// Thread-safe.
class LogReader {
 public:
  using Ticket = uint64_t;
  using FetchCallback = absl::AnyInvocable<void(absl::StatusOr<LogBatch>)>;
  using StatusCallback = absl::AnyInvocable<void(absl::StatusOr<LogStatus>)>;

  // `log` must outlive the reader.
  explicit LogReader(storage::EventLog* log, std::string tenant = "default");
  // Shuts down, if that was not done.
  ~LogReader();

  // Calls `done` once, on the reader's thread, which it must not block. nullopt, and no call, once
  // the reader has been shut down.
  // Errors given to `done`: kNotFound (no such partition), kOutOfRange (from < 0, or beyond the
  // head + 1), kCancelled, kUnavailable (shut down, or a shared log did not answer), those of
  // EventLog::Read.
  std::optional<Ticket> Fetch(LogQuery query, FetchCallback done);

  // Ends a Fetch that has not been answered: `done` gets kCancelled. Otherwise does nothing.
  void Cancel(Ticket ticket);

  // As Fetch: the tenant's partitions, by name. False, and no call, once shut down.
  bool GetStatus(StatusCallback done);

  // Refuses what comes from now on; what is open is answered with kUnavailable, soon. Does not
  // block: for the beginning of a server's drain.
  void BeginShutdown();

  // BeginShutdown, then waits until all has been answered and the threads have ended: at most
  // 200 ms, as long as no callback blocks. Not from a callback.
  void Shutdown();

 private:
  struct Request {
    LogQuery query;
    FetchCallback done;
    StatusCallback status_done;
    // Not OK: what it is to be answered, instead of being served.
    absl::Status verdict;
  };
  // Waits for one partition's head on a thread of its own, while someone waits for its records.
  struct Follower {
    std::thread thread;
    CondVar wanted;
    storage::Position head = 0;
    // Position wanted -> ticket.
    std::multimap<storage::Position, Ticket> waiting;
  };

  std::optional<Ticket> Enqueue(Request request);
  // The reading thread.
  void Run();
  void Serve(Ticket ticket);
  // Finishes a query's positions. True if it has to wait for the head.
  absl::StatusOr<bool> Prepare(LogQuery& query, storage::Position& head);
  absl::StatusOr<LogBatch> Read(const LogQuery& query, storage::Position head);
  absl::StatusOr<LogStatus> ReadStatus();
  void Park(Ticket ticket, const LogQuery& query, storage::Position head);
  // A follower's thread.
  void Follow(const std::string& partition, Follower* follower);
  // Ends an open request without serving it.
  void Condemn(Ticket ticket, absl::Status verdict) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Takes a request out of the table; nothing if it is not there any more.
  std::optional<Request> Take(Ticket ticket);
  static void Answer(Request request, const absl::Status& status);

  storage::EventLog* const log_;
  const std::string tenant_;

  Mutex mutex_;
  CondVar work_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  Ticket last_ticket_ ABSL_GUARDED_BY(mutex_) = 0;
  // Every request that has not been answered: in ready_, with a follower, or being served.
  std::map<Ticket, Request> open_ ABSL_GUARDED_BY(mutex_);
  std::deque<Ticket> ready_ ABSL_GUARDED_BY(mutex_);
  // By partition; they stay until the end, so their number is that of the log's partitions.
  std::map<std::string, std::unique_ptr<Follower>> followers_ ABSL_GUARDED_BY(mutex_);
  std::thread reading_;
};

}  // namespace quartermaster::log

#endif  // QUARTERMASTER_SERVICES_LOG_APP_LOG_READER_H_
