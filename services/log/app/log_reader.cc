#include "services/log/app/log_reader.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "services/base/status_macros.h"

namespace quartermaster::log {
namespace {

// How long a follower waits for the head before it looks whether it is still wanted: also the
// longest that Shutdown takes.
constexpr Micros kHeadWait = Milliseconds(200);
// What a record costs in a message besides its payload.
constexpr size_t kRecordOverheadBytes = 32;

absl::Status ReaderShutDown() {
  return absl::UnavailableError("the log reader has been shut down");
}

// Adds the frame's records from `query.from` on, within the query's limits. False if it is full:
// nothing of a later frame may follow.
bool AddRecords(const storage::FrameView& frame, const LogQuery& query, LogBatch& batch,
                size_t& bytes) {
  for (const storage::Record& record : frame) {
    if (record.position < query.from) continue;
    const size_t cost = record.payload.size() + kRecordOverheadBytes;
    const bool fits = batch.entries.size() < query.records_max && bytes + cost <= query.bytes_max;
    if (!fits && !query.whole_frames && !batch.entries.empty()) return false;
    bytes += cost;
    batch.entries.push_back({record, frame.time()});
    batch.next = record.position + 1;
  }
  return true;
}

// Whether a further whole frame would break the limits.
bool Exceeds(const storage::FrameView& frame, size_t frame_bytes, const LogQuery& query,
             const LogBatch& batch, size_t bytes) {
  const size_t count = frame.record_count();
  return batch.entries.size() + count > query.records_max ||
         bytes + frame_bytes + count * kRecordOverheadBytes > query.bytes_max;
}

}  // namespace

LogReader::LogReader(storage::EventLog* log, std::string tenant)
    : log_(log), tenant_(std::move(tenant)), reading_([this] { Run(); }) {}

LogReader::~LogReader() { Shutdown(); }

std::optional<LogReader::Ticket> LogReader::Fetch(LogQuery query, FetchCallback done) {
  return Enqueue({std::move(query), std::move(done), nullptr});
}

bool LogReader::GetStatus(StatusCallback done) {
  return Enqueue({{}, nullptr, std::move(done)}).has_value();
}

std::optional<LogReader::Ticket> LogReader::Enqueue(Request request) {
  MutexLock lock(&mutex_);
  if (stopping_) return std::nullopt;
  const Ticket ticket = ++last_ticket_;
  open_.emplace(ticket, std::move(request));
  ready_.push_back(ticket);
  work_.NotifyOne();
  return ticket;
}

void LogReader::Cancel(Ticket ticket) {
  MutexLock lock(&mutex_);
  const auto found = open_.find(ticket);
  if (found == open_.end()) return;
  const LogQuery& query = found->second.query;
  if (const auto follower = followers_.find(query.partition); follower != followers_.end()) {
    auto& waiting = follower->second->waiting;
    const auto [begin, end] = waiting.equal_range(query.from);
    const auto mine = std::find_if(begin, end, [&](const auto& w) { return w.second == ticket; });
    if (mine != end) waiting.erase(mine);
  }
  Condemn(ticket, absl::CancelledError("nobody waits for it any more"));
}

void LogReader::Condemn(Ticket ticket, absl::Status verdict) {
  const auto found = open_.find(ticket);
  if (found == open_.end()) return;
  found->second.verdict = std::move(verdict);
  // A second place in the queue does no harm: whichever is served first answers.
  ready_.push_back(ticket);
  work_.NotifyOne();
}

void LogReader::BeginShutdown() {
  MutexLock lock(&mutex_);
  stopping_ = true;
  work_.NotifyOne();
  for (auto& [partition, follower] : followers_) follower->wanted.NotifyOne();
}

void LogReader::Shutdown() {
  BeginShutdown();
  std::vector<std::thread> threads;
  {
    MutexLock lock(&mutex_);
    if (reading_.joinable()) threads.push_back(std::move(reading_));
    for (auto& [partition, follower] : followers_) {
      if (follower->thread.joinable()) threads.push_back(std::move(follower->thread));
    }
  }
  for (std::thread& thread : threads) thread.join();
}

void LogReader::Run() {
  for (;;) {
    Ticket ticket = 0;
    {
      MutexLock lock(&mutex_);
      while (ready_.empty() && !stopping_) work_.Wait(&mutex_);
      if (stopping_) break;
      ticket = ready_.front();
      ready_.pop_front();
    }
    Serve(ticket);
  }
  std::map<Ticket, Request> open;
  {
    MutexLock lock(&mutex_);
    open.swap(open_);
  }
  for (auto& [ticket, request] : open) Answer(std::move(request), ReaderShutDown());
}

void LogReader::Serve(Ticket ticket) {
  LogQuery query;
  absl::StatusOr<LogBatch> batch = LogBatch();
  bool wants_status = false;
  {
    MutexLock lock(&mutex_);
    const auto found = open_.find(ticket);
    if (found == open_.end()) return;
    query = found->second.query;
    if (!found->second.verdict.ok()) batch = found->second.verdict;
    wants_status = found->second.status_done != nullptr;
  }
  if (wants_status) {
    absl::StatusOr<LogStatus> status = ReadStatus();
    if (auto request = Take(ticket)) request->status_done(std::move(status));
    return;
  }
  if (batch.ok()) {
    storage::Position head = 0;
    const absl::StatusOr<bool> wait = Prepare(query, head);
    if (wait.ok() && *wait) return Park(ticket, query, head);
    batch = wait.ok() ? Read(query, head) : wait.status();
  }
  if (auto request = Take(ticket)) request->done(std::move(batch));
}

absl::StatusOr<bool> LogReader::Prepare(LogQuery& query, storage::Position& head) {
  QM_ASSIGN_OR_RETURN(const storage::PartitionStatus status,
                      log_->GetStatus({tenant_, query.partition}));
  head = status.head;
  if (query.from == 0) query.from = head + 1;
  if (query.from < 0 || query.from > head + 1) {
    return absl::OutOfRangeError(
        absl::StrCat("position ", query.from, " of ", query.partition, ", whose head is ", head));
  }
  return query.wait && query.from == head + 1;
}

absl::StatusOr<LogBatch> LogReader::Read(const LogQuery& query, storage::Position head) {
  LogBatch batch;
  QM_ASSIGN_OR_RETURN(batch.frames,
                      log_->Read({tenant_, query.partition}, query.from, query.bytes_max));
  batch.next = query.from;
  size_t bytes = 0;
  size_t used = 0;
  for (; used < batch.frames.size(); ++used) {
    const std::string& frame_bytes = batch.frames[used];
    QM_ASSIGN_OR_RETURN(const storage::FrameView frame, storage::FrameView::Parse(frame_bytes));
    if (frame.first_position() > query.to) break;
    if (query.whole_frames && !batch.entries.empty() &&
        Exceeds(frame, frame_bytes.size(), query, batch, bytes)) {
      break;
    }
    if (!AddRecords(frame, query, batch, bytes)) break;
  }
  if (query.whole_frames) batch.frames.resize(used);
  // Frames may have been appended since the head was looked up.
  batch.head = std::max(head, batch.next - 1);
  return batch;
}

absl::StatusOr<LogStatus> LogReader::ReadStatus() {
  QM_ASSIGN_OR_RETURN(std::vector<storage::PartitionStatus> all, log_->ListPartitions());
  LogStatus status;
  status.format_level = log_->format_level();
  for (storage::PartitionStatus& partition : all) {
    if (partition.id.tenant == tenant_) status.partitions.push_back(std::move(partition));
  }
  return status;
}

void LogReader::Park(Ticket ticket, const LogQuery& query, storage::Position head) {
  MutexLock lock(&mutex_);
  const auto found = open_.find(ticket);
  if (found == open_.end() || stopping_) return;
  // So that a head that was asked for as 0 stays the one that it was.
  found->second.query.from = query.from;
  std::unique_ptr<Follower>& follower = followers_[query.partition];
  if (follower == nullptr) {
    follower = std::make_unique<Follower>();
    follower->thread = std::thread(
        [this, partition = query.partition, f = follower.get()] { Follow(partition, f); });
  }
  follower->head = std::max(follower->head, head);
  if (follower->head >= query.from) {
    // It has moved since it was looked up.
    ready_.push_back(ticket);
    return;
  }
  follower->waiting.emplace(query.from, ticket);
  follower->wanted.NotifyOne();
}

void LogReader::Follow(const std::string& partition, Follower* follower) {
  mutex_.Lock();
  while (!stopping_) {
    if (follower->waiting.empty()) {
      follower->wanted.Wait(&mutex_);
      continue;
    }
    const storage::Position known = follower->head;
    mutex_.Unlock();
    const absl::StatusOr<storage::Position> head =
        log_->WaitForHead({tenant_, partition}, known, kHeadWait);
    mutex_.Lock();
    if (!head.ok()) {
      for (const auto& [position, ticket] : follower->waiting) Condemn(ticket, head.status());
      follower->waiting.clear();
      continue;
    }
    follower->head = std::max(follower->head, *head);
    const auto end = follower->waiting.upper_bound(follower->head);
    for (auto it = follower->waiting.begin(); it != end; ++it) ready_.push_back(it->second);
    follower->waiting.erase(follower->waiting.begin(), end);
    if (!ready_.empty()) work_.NotifyOne();
  }
  mutex_.Unlock();
}

std::optional<LogReader::Request> LogReader::Take(Ticket ticket) {
  MutexLock lock(&mutex_);
  const auto found = open_.find(ticket);
  if (found == open_.end()) return std::nullopt;
  Request request = std::move(found->second);
  open_.erase(found);
  return request;
}

void LogReader::Answer(Request request, const absl::Status& status) {
  if (request.done != nullptr) request.done(status);
  if (request.status_done != nullptr) request.status_done(status);
}

}  // namespace quartermaster::log
