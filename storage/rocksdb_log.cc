#include "storage/rocksdb_log.h"

#include <map>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "rocksdb/db.h"
#include "rocksdb/write_batch.h"
#include "services/base/mutex.h"
#include "services/base/status_macros.h"
#include "storage/log_database.h"
#include "storage/log_keys.h"
#include "storage/partition_state.h"
#include "storage/recent_frames.h"
#include "storage/rocksdb_slice.h"
#include "storage/rocksdb_status.h"
#include "storage/rocksdb_write.h"
#include "storage/wait_deadline.h"

namespace quartermaster::storage {
namespace {

// Per partition: some seconds at full load, hours when idle.
constexpr size_t kRecentBytesMax = size_t{8} << 20;

// One partition in memory. Never deleted while the log lives.
struct Partition {
  explicit Partition(const PartitionId& partition)
      : id(partition), frame_prefix(FramePrefix(partition)), state_key(StateKey(partition)) {}

  const PartitionId id;
  const std::string frame_prefix;
  const std::string state_key;

  // Held during a write, its sync included: one writer at a time, while readers go on.
  Mutex write_mutex ABSL_ACQUIRED_BEFORE(mutex);
  rocksdb::WriteBatch batch ABSL_GUARDED_BY(write_mutex);
  std::string frame_key ABSL_GUARDED_BY(write_mutex);
  std::string state_value ABSL_GUARDED_BY(write_mutex);

  Mutex mutex;
  CondVar head_moved;
  // What is durable. Changed only with both mutexes and the log's publish_mutex_ held.
  PartitionState state ABSL_GUARDED_BY(mutex);
  RecentFrames recent ABSL_GUARDED_BY(mutex){kRecentBytesMax};
};

class RocksDbLog : public EventLog {
 public:
  RocksDbLog(const RocksDbLogOptions& options, std::unique_ptr<LogDatabase> database);

  absl::StatusOr<Lease> Acquire(const PartitionId& partition) override;
  absl::Status Append(const PartitionId& partition, Epoch epoch, Position expected_head,
                      std::string_view frame) override;
  absl::StatusOr<std::vector<std::string>> Read(const PartitionId& partition, Position from,
                                                size_t max_bytes) override;
  absl::StatusOr<PartitionStatus> GetStatus(const PartitionId& partition) override;
  absl::StatusOr<std::vector<PartitionStatus>> ListPartitions() override;
  absl::StatusOr<Position> WaitForHead(const PartitionId& partition, Position position,
                                       Micros timeout) override;
  int format_level() const override { return kFormatLevel; }

 private:
  // Null if it was never acquired.
  Partition* Find(const PartitionId& partition) ABSL_LOCKS_EXCLUDED(mutex_);
  Partition* FindOrAdd(const PartitionId& partition) ABSL_LOCKS_EXCLUDED(mutex_);

  // Writes the partition's batch. The first error is the last word: memory and disk may disagree
  // from then on.
  absl::Status Write(Partition* partition) ABSL_EXCLUSIVE_LOCKS_REQUIRED(partition->write_mutex);
  absl::Status Failure() ABSL_LOCKS_EXCLUDED(mutex_);
  absl::StatusOr<std::vector<std::string>> ReadFromDisk(const Partition& partition, Position from,
                                                        Position head, size_t max_bytes);

  const RocksDbLogOptions options_;
  const std::unique_ptr<LogDatabase> database_;

  // Held while a state is published, for moments only: with it, all states are one cut.
  Mutex publish_mutex_;

  Mutex mutex_;
  CondVar partition_added_;
  std::map<PartitionId, std::unique_ptr<Partition>, ByTenantAndName> partitions_
      ABSL_GUARDED_BY(mutex_);
  absl::Status failure_ ABSL_GUARDED_BY(mutex_);
};

RocksDbLog::RocksDbLog(const RocksDbLogOptions& options, std::unique_ptr<LogDatabase> database)
    : options_(options), database_(std::move(database)) {
  for (const auto& [id, state] : database_->states()) {
    Partition* const partition = FindOrAdd(id);
    MutexLock lock(&partition->mutex);
    partition->state = state;
  }
}

Partition* RocksDbLog::Find(const PartitionId& partition) {
  MutexLock lock(&mutex_);
  const auto it = partitions_.find(partition);
  return it == partitions_.end() ? nullptr : it->second.get();
}

Partition* RocksDbLog::FindOrAdd(const PartitionId& partition) {
  MutexLock lock(&mutex_);
  std::unique_ptr<Partition>& entry = partitions_[partition];
  if (entry == nullptr) entry = std::make_unique<Partition>(partition);
  partition_added_.NotifyAll();
  return entry.get();
}

absl::Status RocksDbLog::Failure() {
  MutexLock lock(&mutex_);
  return failure_;
}

absl::Status RocksDbLog::Write(Partition* partition) {
  QM_RETURN_IF_ERROR(Failure());
  rocksdb::WriteOptions options;
  options.sync = options_.sync;
  const rocksdb::Status status = WriteUnseenByTsan(database_->db(), options, &partition->batch);
  if (status.ok()) return absl::OkStatus();
  MutexLock lock(&mutex_);
  if (failure_.ok()) {
    failure_ = FromRocksDb(status, absl::StrCat("write to the log in ", options_.directory));
  }
  return failure_;
}

absl::StatusOr<Lease> RocksDbLog::Acquire(const PartitionId& id) {
  QM_RETURN_IF_ERROR(CheckPartitionId(id));
  if (options_.read_only) return absl::FailedPreconditionError("the log is open for reading only");
  Partition* const partition = FindOrAdd(id);
  MutexLock write_lock(&partition->write_mutex);
  PartitionState state;
  {
    MutexLock lock(&partition->mutex);
    state = partition->state;
  }
  ++state.epoch;
  EncodeState(state, &partition->state_value);
  partition->batch.Clear();
  partition->batch.Put(database_->meta(), partition->state_key, partition->state_value);
  QM_RETURN_IF_ERROR(Write(partition));
  MutexLock publish_lock(&publish_mutex_);
  MutexLock lock(&partition->mutex);
  partition->state = state;
  return Lease{.epoch = state.epoch, .head = state.head};
}

absl::Status RocksDbLog::Append(const PartitionId& id, Epoch epoch, Position expected_head,
                                std::string_view frame) {
  Partition* const partition = Find(id);
  if (partition == nullptr) {
    return DecideAppend(id, PartitionState(), epoch, expected_head, frame).status();
  }
  MutexLock write_lock(&partition->write_mutex);
  PartitionState state;
  {
    MutexLock lock(&partition->mutex);
    state = partition->state;
  }
  QM_ASSIGN_OR_RETURN(const AppendDecision decision,
                      DecideAppend(id, state, epoch, expected_head, frame));
  if (decision.repeated) return absl::OkStatus();
  if (options_.read_only) return absl::FailedPreconditionError("the log is open for reading only");

  partition->frame_key.assign(partition->frame_prefix);
  AppendPosition(decision.after.last_first, &partition->frame_key);
  EncodeState(decision.after, &partition->state_value);
  partition->batch.Clear();
  partition->batch.Put(database_->frames(), partition->frame_key, ToSlice(frame));
  partition->batch.Put(database_->meta(), partition->state_key, partition->state_value);
  QM_RETURN_IF_ERROR(Write(partition));

  auto recent = std::make_shared<const std::string>(frame);
  MutexLock publish_lock(&publish_mutex_);
  MutexLock lock(&partition->mutex);
  partition->state = decision.after;
  partition->recent.Add(decision.after.last_first, std::move(recent));
  partition->head_moved.NotifyAll();
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::string>> RocksDbLog::Read(const PartitionId& id, Position from,
                                                          size_t max_bytes) {
  std::vector<std::string> frames;
  Partition* const partition = Find(id);
  if (partition == nullptr) {
    QM_RETURN_IF_ERROR(CheckReadRange(id, 0, from));
    return frames;
  }
  Position head = 0;
  std::vector<RecentFrames::Frame> recent;
  {
    MutexLock lock(&partition->mutex);
    head = partition->state.head;
    recent = partition->recent.From(from, head, max_bytes);
  }
  QM_RETURN_IF_ERROR(CheckReadRange(id, head, from));
  if (from > head) return frames;
  if (recent.empty()) return ReadFromDisk(*partition, from, head, max_bytes);
  frames.reserve(recent.size());
  for (const RecentFrames::Frame& frame : recent) frames.push_back(*frame);
  return frames;
}

absl::StatusOr<std::vector<std::string>> RocksDbLog::ReadFromDisk(const Partition& partition,
                                                                  Position from, Position head,
                                                                  size_t max_bytes) {
  const std::string what = absl::StrCat("read position ", from, " of partition ", partition.id.name,
                                        " in ", options_.directory);
  rocksdb::ReadOptions options;
  options.fill_cache = false;
  std::unique_ptr<rocksdb::Iterator> it(database_->db()->NewIterator(options, database_->frames()));
  std::vector<std::string> frames;
  size_t bytes = 0;
  Position next = from;
  it->SeekForPrev(FrameKey(partition.frame_prefix, from));
  while (next <= head) {
    QM_RETURN_IF_ERROR(FromRocksDb(it->status(), what));
    if (!it->Valid() || !it->key().starts_with(partition.frame_prefix)) {
      return absl::DataLossError(
          absl::StrCat("cannot ", what, ": the frame that holds position ", next, " is missing"));
    }
    const std::string_view value = it->value().ToStringView();
    const Position key = PositionOfFrameKey(it->key().ToStringView());
    const absl::StatusOr<FrameView> frame = FrameView::Parse(value);
    if (!frame.ok()) {
      return absl::Status(frame.status().code(),
                          absl::StrCat("cannot ", what, ": frame at position ", key, ": ",
                                       std::string(frame.status().message())));
    }
    // The first frame may begin before `from`; each later one begins where the last one ended.
    const bool joins = frames.empty() ? key <= next && next <= frame->last_position() : key == next;
    if (!joins || frame->first_position() != key) {
      return absl::DataLossError(absl::StrCat("cannot ", what, ": the frame that holds position ",
                                              next, " is missing, the nearest one has ",
                                              frame->first_position(), " to ",
                                              frame->last_position()));
    }
    bytes += value.size();
    if (bytes > max_bytes && !frames.empty()) break;
    next = frame->last_position() + 1;
    frames.emplace_back(value);
    it->Next();
  }
  return frames;
}

absl::StatusOr<PartitionStatus> RocksDbLog::GetStatus(const PartitionId& id) {
  Partition* const partition = Find(id);
  if (partition == nullptr) return NeverAcquiredError(id);
  MutexLock lock(&partition->mutex);
  if (partition->state.epoch == 0) return NeverAcquiredError(id);
  return PartitionStatus{.id = id, .epoch = partition->state.epoch, .head = partition->state.head};
}

absl::StatusOr<std::vector<PartitionStatus>> RocksDbLog::ListPartitions() {
  MutexLock lock(&mutex_);
  MutexLock publish_lock(&publish_mutex_);
  std::vector<PartitionStatus> list;
  for (const auto& [id, owned] : partitions_) {
    Partition* const partition = owned.get();
    MutexLock partition_lock(&partition->mutex);
    if (partition->state.epoch == 0) continue;
    list.push_back({.id = id, .epoch = partition->state.epoch, .head = partition->state.head});
  }
  return list;
}

absl::StatusOr<Position> RocksDbLog::WaitForHead(const PartitionId& id, Position position,
                                                 Micros timeout) {
  const WaitDeadline deadline(timeout);
  Partition* partition = nullptr;
  {
    MutexLock lock(&mutex_);
    while (partition == nullptr) {
      const auto it = partitions_.find(id);
      if (it != partitions_.end()) {
        partition = it->second.get();
      } else {
        const Micros left = deadline.Left();
        if (left.count <= 0) return Position{0};
        partition_added_.WaitFor(&mutex_, left);
      }
    }
  }
  MutexLock lock(&partition->mutex);
  while (partition->state.head <= position) {
    const Micros left = deadline.Left();
    if (left.count <= 0) break;
    partition->head_moved.WaitFor(&partition->mutex, left);
  }
  return partition->state.head;
}

}  // namespace

absl::StatusOr<std::unique_ptr<EventLog>> OpenRocksDbLog(const RocksDbLogOptions& options) {
  QM_ASSIGN_OR_RETURN(std::unique_ptr<LogDatabase> database, LogDatabase::Open(options));
  return std::make_unique<RocksDbLog>(options, std::move(database));
}

}  // namespace quartermaster::storage
