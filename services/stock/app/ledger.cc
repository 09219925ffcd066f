#include "services/stock/app/ledger.h"

#include <algorithm>
#include <limits>
#include <tuple>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "services/base/check.h"
#include "services/base/status_macros.h"
#include "services/stock/app/ledger_rows.h"
#include "services/stock/codec/event_codec.h"

namespace quartermaster::stock {
namespace {

using storage::Position;
constexpr std::string_view kCursor = "ledger";
// How many changes, or for how long, are gathered before they are written.
constexpr size_t kGatheredChanges = 65'536;
constexpr Micros kGatherTime = Milliseconds(50);
// Beyond this, some 150 MB, the writer waits: the ledger is seconds behind.
constexpr size_t kPendingChangesMax = 1'000'000;

Position OpenCursor(const storage::ServiceStore& store) {
  const absl::StatusOr<Position> cursor = store.Cursor(kCursor);
  QM_CHECK(cursor.ok()) << cursor.status().ToString();
  return *cursor;
}

bool OpenOnce(const OnceArchive& archive) {
  const absl::StatusOr<bool> any = archive.HasAny();
  QM_CHECK(any.ok()) << any.status().ToString();
  return *any;
}

}  // namespace

Ledger::Ledger(storage::EventLog* log, storage::PartitionId partition, storage::ServiceStore* store)
    : log_(log),
      partition_(std::move(partition)),
      store_(store),
      reservations_(store),
      once_(store),
      stored_(OpenCursor(*store)),
      written_(stored_),
      has_once_(OpenOnce(once_)) {
  thread_ = std::thread([this] { Run(); });
}

Ledger::~Ledger() {
  {
    MutexLock lock(&mutex_);
    stopping_ = true;
    changed_.NotifyAll();
  }
  thread_.join();
}

void Ledger::Add(const Changes& changes, Forgotten forgotten, Position head, Instant time) {
  if (head <= stored_) return;
  MutexLock lock(&mutex_);
  while (pending_changes_ >= kPendingChangesMax && !stopping_) changed_.Wait(&mutex_);
  batches_.push_back({changes, std::move(forgotten), head, time});
  pending_changes_ += batches_.back().size();
  if (batches_.size() == 1) changed_.NotifyAll();
}

bool Ledger::Query(std::function<void(const Ledger&)> query) {
  MutexLock lock(&mutex_);
  if (waiting_queries_ >= kQueriesMax) return false;
  ++waiting_queries_;
  queries_.push_back(std::move(query));
  changed_.NotifyAll();
  return true;
}

void Ledger::Run() {
  while (true) {
    std::vector<Batch> batches;
    // One at a time: what comes meanwhile is written between two of them.
    std::function<void(const Ledger&)> query;
    {
      MutexLock lock(&mutex_);
      while (batches_.empty() && queries_.empty() && !stopping_) changed_.Wait(&mutex_);
      if (batches_.empty() && queries_.empty()) return;
      // Rows that are written together find their places faster; a reader does not wait for more.
      if (queries_.empty() && !stopping_ && pending_changes_ < kGatheredChanges) {
        changed_.WaitFor(&mutex_, kGatherTime);
      }
      batches.swap(batches_);
      if (!queries_.empty()) {
        query = std::move(queries_.front());
        queries_.pop_front();
      }
    }
    for (size_t first = 0; first < batches.size();) {
      size_t changes = 0;
      size_t end = first;
      while (end < batches.size() && changes < kGatheredChanges) changes += batches[end++].size();
      // The store can be rebuilt, but a store that cannot be written to must not look complete.
      const absl::Status written = Write(absl::MakeConstSpan(batches).subspan(first, end - first));
      QM_CHECK(written.ok()) << written.ToString();
      for (; first < end; ++first) batches[first] = Batch();
      MutexLock lock(&mutex_);
      pending_changes_ -= changes;
      changed_.NotifyAll();
    }
    if (query == nullptr) continue;
    query(*this);
    MutexLock lock(&mutex_);
    --waiting_queries_;
  }
}

absl::Status Ledger::Write(absl::Span<const Batch> batches) {
  struct Row {
    const Change* change;
    Instant time;
    // Tells the changes that one record made to one position apart.
    int sequence;
  };
  std::vector<Row> rows;
  for (const Batch& batch : batches) {
    int sequence = 0;
    int64_t record = 0;
    for (const Change& change : batch.changes) {
      sequence = change.record == record ? sequence + 1 : 0;
      record = change.record;
      if (record > stored_) rows.push_back({&change, batch.time, sequence});
    }
  }
  std::sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) {
    return std::tie(a.change->sku, a.change->location, a.change->record, a.sequence) <
           std::tie(b.change->sku, b.change->location, b.change->record, b.sequence);
  });
  storage::ServiceStore::Batch writes;
  absl::flat_hash_map<uint64_t, ConditionCounts> latest;
  for (const Row& row : rows) {
    if (IsUnusable(row.change->from) || IsUnusable(row.change->to)) {
      QM_RETURN_IF_ERROR(AddConditions(*row.change, row.sequence, latest, writes));
    }
    writes.Put(MovementKey(row.change->sku, row.change->location, row.change->record, row.sequence),
               EncodeMovement(*row.change, row.time));
  }
  bool any_once = false;
  for (const Batch& batch : batches) {
    for (const Reservation& reservation : batch.forgotten.reservations) {
      ReservationArchive::Put(reservation, writes);
    }
    for (const OnceKeys::Entry& entry : batch.forgotten.once) {
      OnceArchive::Put(entry, writes);
      any_once = true;
    }
  }
  for (const Batch& batch : batches) writes.Put(TimeKey(batch.time), EncodePosition(batch.head));
  QM_RETURN_IF_ERROR(store_->Write(std::move(writes), kCursor, batches.back().head));
  if (any_once) has_once_.store(true, std::memory_order_release);
  written_.store(batches.back().head, std::memory_order_release);
  return absl::OkStatus();
}

absl::Status Ledger::AddConditions(const Change& change, int sequence,
                                   absl::flat_hash_map<uint64_t, ConditionCounts>& latest,
                                   storage::ServiceStore::Batch& writes) const {
  const uint64_t key = PositionKey(change.sku, change.location);
  auto it = latest.find(key);
  if (it == latest.end()) {
    QM_ASSIGN_OR_RETURN(const ConditionCounts stored,
                        ConditionsAt(change.sku, change.location, change.record));
    it = latest.emplace(key, stored).first;
  }
  ConditionCounts& counts = it->second;
  if (change.kind == ChangeKind::kConditionChanged) {
    if (IsUnusable(change.from)) counts.Add(change.from, -change.moved);
    if (IsUnusable(change.to)) counts.Add(change.to, change.moved);
  } else {
    counts.Add(IsUnusable(change.to) ? change.to : change.from, change.delta.unusable);
  }
  writes.Put(ConditionKey(change.sku, change.location, change.record, sequence),
             EncodeConditions(counts));
  return absl::OkStatus();
}

absl::StatusOr<std::vector<Movement>> Ledger::Movements(SkuIndex sku, LocationIndex location,
                                                        Position after, Position until, int limit,
                                                        bool newest_first,
                                                        absl::FunctionRef<bool()> given_up) const {
  Position first = 0;
  Position last = until;
  if (after > 0)
    (newest_first ? last : first) = newest_first ? std::min(last, after - 1) : after + 1;
  const std::string begin = MovementKey(sku, location, first, 0);
  const std::string end =
      MovementKey(sku, location, std::min(last, std::numeric_limits<Position>::max() - 1) + 1, 0);
  std::vector<Movement> movements;
  bool damaged = false;
  QM_RETURN_IF_ERROR(
      store_->Scan(begin, end, newest_first, [&](std::string_view key, std::string_view value) {
        Movement movement;
        movement.change.sku = sku;
        movement.change.location = location;
        movement.change.record = RecordOfMovementKey(key);
        if (!DecodeMovement(value, movement.change, movement.time)) {
          damaged = true;
          return false;
        }
        const bool same_record =
            !movements.empty() && movements.back().change.record == movement.change.record;
        if (static_cast<int>(movements.size()) >= limit && !same_record) return false;
        movements.push_back(std::move(movement));
        return true;
      }));
  if (damaged) return absl::DataLossError("a ledger row does not parse; delete the stock store");
  for (Movement& movement : movements) {
    if (given_up()) return absl::CancelledError("nobody waits for it");
    QM_RETURN_IF_ERROR(AddCause(movement));
  }
  return movements;
}

absl::StatusOr<Balances> Ledger::BalanceAt(SkuIndex sku, LocationIndex location,
                                           Position at) const {
  Change change;
  Instant time;
  QM_RETURN_IF_ERROR(
      ReadLast(MovementKey(sku, location, 0, 0), MovementKey(sku, location, at + 1, 0),
               [&](std::string_view value) { return DecodeMovement(value, change, time); }));
  return change.after;
}

absl::StatusOr<ConditionCounts> Ledger::ConditionsAt(SkuIndex sku, LocationIndex location,
                                                     Position at) const {
  ConditionCounts counts;
  QM_RETURN_IF_ERROR(
      ReadLast(ConditionKey(sku, location, 0, 0), ConditionKey(sku, location, at + 1, 0),
               [&](std::string_view value) { return DecodeConditions(value, counts); }));
  return counts;
}

absl::Status Ledger::ReadLast(const std::string& first, const std::string& end,
                              absl::FunctionRef<bool(std::string_view)> decode) const {
  bool damaged = false;
  QM_RETURN_IF_ERROR(
      store_->Scan(first, end, /*backwards=*/true, [&](std::string_view, std::string_view value) {
        damaged = !decode(value);
        return false;
      }));
  if (damaged) return absl::DataLossError("a ledger row does not parse; delete the stock store");
  return absl::OkStatus();
}

absl::StatusOr<Position> Ledger::PositionAt(Instant time) const {
  Position position = 0;
  QM_RETURN_IF_ERROR(store_->Scan(TimeKey({0}), TimeKey({time.unix_us + 1}), /*backwards=*/true,
                                  [&](std::string_view, std::string_view value) {
                                    position = DecodePosition(value);
                                    return false;
                                  }));
  return position;
}

namespace {

// Visits what of an event is a cause.
struct CauseReader {
  Movement& movement;

  template <typename E>
  void operator()(const E& event) {
    if constexpr (requires { event.attribution; }) {
      movement.actor = event.attribution.actor;
      movement.device = event.attribution.device;
      movement.reason = event.attribution.reason;
    }
    if constexpr (requires { event.effect_key; }) movement.effect_key = event.effect_key;
    if constexpr (requires { event.message; }) movement.message = event.message;
    if constexpr (requires { event.count; }) movement.count = event.count;
    if constexpr (requires { event.transfer; }) movement.transfer = event.transfer;
  }
};

absl::StatusOr<Event> ReadEvent(storage::EventLog& log, const storage::PartitionId& partition,
                                Position position) {
  QM_ASSIGN_OR_RETURN(const std::vector<std::string> frames, log.Read(partition, position, 1));
  QM_ASSIGN_OR_RETURN(const storage::FrameView frame, storage::FrameView::Parse(frames.at(0)));
  for (const storage::Record& record : frame) {
    if (record.position == position) {
      return DecodeEvent(record.type, record.version, record.payload);
    }
  }
  return absl::DataLossError(absl::StrCat("record ", position, " is missing"));
}

}  // namespace

absl::Status Ledger::AddCause(Movement& movement) const {
  QM_ASSIGN_OR_RETURN(const Event event, ReadEvent(*log_, partition_, movement.change.record));
  std::visit(CauseReader{movement}, event);
  if (movement.change.reservation != ReservationId::kNone) {
    QM_ASSIGN_OR_RETURN(
        const Event reserved,
        ReadEvent(*log_, partition_, static_cast<Position>(movement.change.reservation)));
    if (const auto* e = std::get_if<StockReserved>(&reserved)) movement.owner = e->owner;
  }
  return absl::OkStatus();
}

}  // namespace quartermaster::stock
