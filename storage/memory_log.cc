#include "storage/memory_log.h"

#include <iterator>
#include <map>
#include <utility>

#include "services/base/mutex.h"
#include "services/base/status_macros.h"
#include "storage/log_keys.h"
#include "storage/partition_state.h"
#include "storage/wait_deadline.h"

namespace quartermaster::storage {
namespace {

class MemoryLog : public EventLog {
 public:
  absl::StatusOr<Lease> Acquire(const PartitionId& partition) override {
    QM_RETURN_IF_ERROR(CheckPartitionId(partition));
    MutexLock lock(&mutex_);
    PartitionState& state = partitions_[partition].state;
    ++state.epoch;
    return Lease{.epoch = state.epoch, .head = state.head};
  }

  absl::Status Append(const PartitionId& partition, Epoch epoch, Position expected_head,
                      std::string_view frame) override {
    MutexLock lock(&mutex_);
    const auto it = partitions_.find(partition);
    QM_ASSIGN_OR_RETURN(
        const AppendDecision decision,
        DecideAppend(partition, it == partitions_.end() ? PartitionState() : it->second.state,
                     epoch, expected_head, frame));
    if (decision.repeated) return absl::OkStatus();
    it->second.state = decision.after;
    it->second.frames.emplace(decision.after.last_first, frame);
    head_moved_.NotifyAll();
    return absl::OkStatus();
  }

  absl::StatusOr<std::vector<std::string>> Read(const PartitionId& partition, Position from,
                                                size_t max_bytes) override {
    MutexLock lock(&mutex_);
    const auto it = partitions_.find(partition);
    QM_RETURN_IF_ERROR(CheckReadRange(
        partition, it == partitions_.end() ? Position{0} : it->second.state.head, from));
    std::vector<std::string> frames;
    if (it == partitions_.end() || from > it->second.state.head) return frames;
    size_t bytes = 0;
    for (auto frame = std::prev(it->second.frames.upper_bound(from));
         frame != it->second.frames.end(); ++frame) {
      bytes += frame->second.size();
      if (bytes > max_bytes && !frames.empty()) break;
      frames.push_back(frame->second);
    }
    return frames;
  }

  absl::StatusOr<PartitionStatus> GetStatus(const PartitionId& partition) override {
    MutexLock lock(&mutex_);
    const auto it = partitions_.find(partition);
    if (it == partitions_.end()) return NeverAcquiredError(partition);
    return PartitionStatus{
        .id = partition, .epoch = it->second.state.epoch, .head = it->second.state.head};
  }

  absl::StatusOr<std::vector<PartitionStatus>> ListPartitions() override {
    MutexLock lock(&mutex_);
    std::vector<PartitionStatus> list;
    for (const auto& [id, partition] : partitions_) {
      list.push_back({.id = id, .epoch = partition.state.epoch, .head = partition.state.head});
    }
    return list;
  }

  absl::StatusOr<Position> WaitForHead(const PartitionId& partition, Position position,
                                       Micros timeout) override {
    const WaitDeadline deadline(timeout);
    MutexLock lock(&mutex_);
    while (true) {
      const auto it = partitions_.find(partition);
      const Position head = it == partitions_.end() ? 0 : it->second.state.head;
      const Micros left = deadline.Left();
      if (head > position || left.count <= 0) return head;
      head_moved_.WaitFor(&mutex_, left);
    }
  }

  int format_level() const override { return kFormatLevel; }

 private:
  struct Partition {
    PartitionState state;
    // By first position.
    std::map<Position, std::string> frames;
  };

  Mutex mutex_;
  CondVar head_moved_;
  std::map<PartitionId, Partition, ByTenantAndName> partitions_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace

std::unique_ptr<EventLog> NewMemoryLog() { return std::make_unique<MemoryLog>(); }

}  // namespace quartermaster::storage
