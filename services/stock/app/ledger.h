// Ledger: every change of every SKU × location with its running balance, kept in the service's own
// store, off the sync path. Answers what happened and what was at any past moment. Feeds the
// archives of what leaves memory, too, so that all are at one position of the log.
#ifndef QUARTERMASTER_SERVICES_STOCK_APP_LEDGER_H_
#define QUARTERMASTER_SERVICES_STOCK_APP_LEDGER_H_

#include <atomic>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "services/base/mutex.h"
#include "services/base/time.h"
#include "services/stock/app/once_archive.h"
#include "services/stock/app/reservation_archive.h"
#include "services/stock/domain/change.h"
#include "services/stock/domain/ids.h"
#include "services/stock/domain/once_keys.h"
#include "services/stock/domain/reservation.h"
#include "services/stock/domain/sources.h"
#include "storage/event_log.h"
#include "storage/service_store.h"

namespace quartermaster::stock {

// A change as the ledger tells it: with its time and its cause.
struct Movement {
  Change change;
  Instant time;
  // Of the reservation; empty if none is involved.
  std::string owner;
  std::string effect_key;
  // The message that told of it; the count that it was set to.
  MessageRef message;
  CountIndex count = CountIndex::kNone;
  // What was shipped or received.
  TransferIndex transfer = TransferIndex::kNone;
  std::string actor;
  std::string device;
  std::string reason;
};

// Add is the writer's; everything else is thread-safe. Reads must be made in a Query.
class Ledger {
 public:
  // A page of movements takes some milliseconds: a second's worth.
  static constexpr size_t kQueriesMax = 256;

  // Starts a thread of its own. `log` and `store` must outlive the ledger; causes are read from
  // `partition` of the log.
  Ledger(storage::EventLog* log, storage::PartitionId partition, storage::ServiceStore* store);
  ~Ledger();

  // Up to which position of the log the store had movements when it was opened.
  storage::Position stored() const { return stored_; }

  // Up to which position it has all that it was given: after a restart, what it had before.
  storage::Position written() const { return written_.load(std::memory_order_acquire); }

  // What leaves memory. Keys are still there until they are written.
  struct Forgotten {
    std::vector<Reservation> reservations;
    std::vector<OnceKeys::Entry> once;

    bool empty() const { return reservations.empty() && once.empty(); }
    size_t size() const { return reservations.size() + once.size(); }
  };
  // What one frame changed, and what leaves memory in it; `head` and `time` are the frame's. What
  // the store has already (after a restart) is skipped. Waits only if the ledger is far behind.
  void Add(const Changes& changes, Forgotten forgotten, storage::Position head, Instant time);

  // Runs `query` on the ledger's thread, after everything that was added before. False, and it does
  // not run, if kQueriesMax wait already.
  bool Query(std::function<void(const Ledger&)> query);

  // The movements of a SKU at a location up to `until`, oldest first or newest first, beginning
  // behind `after` (0: at the start), at most `limit`. A position may have several movements; they
  // come together, so that a page may be longer than its limit by as many. kCancelled as soon as
  // `given_up` says that nobody waits for them any more.
  absl::StatusOr<std::vector<Movement>> Movements(SkuIndex sku, LocationIndex location,
                                                  storage::Position after, storage::Position until,
                                                  int limit, bool newest_first,
                                                  absl::FunctionRef<bool()> given_up) const;
  // The balances right after `at`: a row has those that its movement left, so that however many
  // came before, one row is read, and no event.
  absl::StatusOr<Balances> BalanceAt(SkuIndex sku, LocationIndex location,
                                     storage::Position at) const;
  // Which conditions its unusable units were in right after `at`.
  absl::StatusOr<ConditionCounts> ConditionsAt(SkuIndex sku, LocationIndex location,
                                               storage::Position at) const;
  // The last position of the last frame that was stamped at or before `time`; 0 if there is none.
  absl::StatusOr<storage::Position> PositionAt(Instant time) const;
  const ReservationArchive& reservations() const { return reservations_; }
  // Which may be read outside a Query, too; whether it has anything, so that it need not be.
  const OnceArchive& once() const { return once_; }
  bool has_once() const { return has_once_.load(std::memory_order_acquire); }

 private:
  struct Batch {
    Changes changes;
    Forgotten forgotten;
    storage::Position head = 0;
    Instant time;

    size_t size() const { return changes.size() + forgotten.size(); }
  };
  void Run();
  absl::Status Write(absl::Span<const Batch> batches);
  // What a change left in each condition: from `latest`, which has what is about to be written, or
  // else from the store.
  absl::Status AddConditions(const Change& change, int sequence,
                             absl::flat_hash_map<uint64_t, ConditionCounts>& latest,
                             storage::ServiceStore::Batch& writes) const;
  // Gives the value of the last row in [first, end), if there is one, to `decode`, which says
  // whether it parses. DATA_LOSS if not.
  absl::Status ReadLast(const std::string& first, const std::string& end,
                        absl::FunctionRef<bool(std::string_view)> decode) const;
  absl::Status AddCause(Movement& movement) const;

  storage::EventLog* const log_;
  const storage::PartitionId partition_;
  storage::ServiceStore* const store_;
  const ReservationArchive reservations_;
  const OnceArchive once_;
  // What the store had when it was opened.
  const storage::Position stored_;
  std::atomic<storage::Position> written_;
  std::atomic<bool> has_once_;

  Mutex mutex_;
  CondVar changed_;
  std::vector<Batch> batches_ ABSL_GUARDED_BY(mutex_);
  // Of those in batches_, and of those that are being written.
  size_t pending_changes_ ABSL_GUARDED_BY(mutex_) = 0;
  std::deque<std::function<void(const Ledger&)>> queries_ ABSL_GUARDED_BY(mutex_);
  // Those in queries_, and the one that was taken out of it and has not run to its end.
  size_t waiting_queries_ ABSL_GUARDED_BY(mutex_) = 0;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace quartermaster::stock

#endif  // QUARTERMASTER_SERVICES_STOCK_APP_LEDGER_H_
