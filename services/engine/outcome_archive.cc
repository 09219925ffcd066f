#include "services/engine/outcome_archive.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "services/base/big_endian.h"
#include "services/base/check.h"
#include "services/base/status_macros.h"

namespace quartermaster::engine {
namespace {

using storage::Position;

constexpr std::string_view kCursor = "outcomes";
constexpr int64_t kDay = Seconds(24 * 60 * 60).count;
// Beyond this many segments the writer waits: the archive is seconds behind.
constexpr size_t kPendingMax = 256;

// prefix day id -> position (big endian), and a request outcome without its id.
constexpr size_t kNumberBytes = 8;

std::string RowKey(char prefix, int64_t day, std::string_view request_id) {
  std::string key(1, prefix);
  key.reserve(1 + kNumberBytes + request_id.size());
  AppendBigEndian(day, key);
  key.append(request_id);
  return key;
}

std::string RowValue(const RememberedRequest& request) {
  std::string value;
  AppendBigEndian(request.position, value);
  AppendRequestOutcomePrefix("", request.fingerprint, value);
  value.append(request.outcome);
  return value;
}

}  // namespace

absl::StatusOr<std::unique_ptr<OutcomeArchive>> OutcomeArchive::Open(storage::ServiceStore* store,
                                                                     char prefix) {
  QM_ASSIGN_OR_RETURN(const Position archived, store->Cursor(kCursor));
  int64_t day = 0;
  const std::string end(1, static_cast<char>(prefix + 1));
  QM_RETURN_IF_ERROR(store->Scan(std::string(1, prefix), end, /*backwards=*/true,
                                 [&](std::string_view key, std::string_view) {
                                   day = LoadBigEndian64(key.substr(1));
                                   return false;
                                 }));
  std::unique_ptr<OutcomeArchive> archive(new OutcomeArchive(store, prefix, archived, day));
  archive->thread_ = std::thread([archive = archive.get()] { archive->Run(); });
  return archive;
}

OutcomeArchive::~OutcomeArchive() {
  {
    MutexLock lock(&mutex_);
    stopping_ = true;
    changed_.NotifyAll();
  }
  thread_.join();
}

void OutcomeArchive::Add(std::shared_ptr<const RequestSegment> segment, Instant time) {
  if (segment->last_position() <= archived()) return;
  MutexLock lock(&mutex_);
  while (pending_.size() >= kPendingMax) changed_.Wait(&mutex_);
  pending_.push_back({std::move(segment), time});
  changed_.NotifyAll();
}

void OutcomeArchive::Run() {
  while (true) {
    std::vector<Batch> batches;
    {
      MutexLock lock(&mutex_);
      while (pending_.empty() && !stopping_) changed_.Wait(&mutex_);
      if (pending_.empty()) return;
      batches.swap(pending_);
      changed_.NotifyAll();
    }
    // The store can be rebuilt, but a store that cannot be written to must not look complete.
    const absl::Status written = Write(batches);
    QM_CHECK(written.ok()) << written.ToString();
  }
}

absl::Status OutcomeArchive::Write(const std::vector<Batch>& batches) {
  struct Row {
    int64_t day;
    const RememberedRequest* request;
  };
  std::vector<Row> rows;
  int64_t newest = day_.load(std::memory_order_relaxed);
  for (const Batch& batch : batches) {
    newest = std::max(newest, batch.time.unix_us / kDay);
    for (const RememberedRequest& request : *batch.segment) rows.push_back({newest, &request});
  }
  // What was used again comes behind its first use, and takes its place.
  std::sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) {
    return std::tie(a.day, a.request->request.id, a.request->position) <
           std::tie(b.day, b.request->request.id, b.request->position);
  });
  storage::ServiceStore::Batch writes;
  if (newest > day_.load(std::memory_order_relaxed)) {
    writes.DeleteRange(RowKey(prefix_, 0, ""), RowKey(prefix_, newest - 1, ""));
  }
  for (const Row& row : rows) {
    if (row.day < newest - 1) continue;
    writes.Put(RowKey(prefix_, row.day, row.request->request.id), RowValue(*row.request));
  }
  const Position last = batches.back().segment->last_position();
  QM_RETURN_IF_ERROR(store_->Write(std::move(writes), kCursor, last));
  day_.store(newest, std::memory_order_release);
  archived_.store(last, std::memory_order_release);
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::optional<ArchivedOutcome>>> OutcomeArchive::Find(
    absl::Span<const std::string_view> request_ids) const {
  const int64_t newest = day_.load(std::memory_order_acquire);
  std::vector<std::string> keys;
  keys.reserve(2 * request_ids.size());
  for (const int64_t day : {newest, newest - 1}) {
    for (const std::string_view id : request_ids) keys.push_back(RowKey(prefix_, day, id));
  }
  QM_ASSIGN_OR_RETURN(const std::vector<std::optional<std::string>> values, store_->Get(keys));
  std::vector<std::optional<ArchivedOutcome>> found(request_ids.size());
  for (size_t i = 0; i < found.size(); ++i) {
    // An id that was forgotten may have been used again: the later use counts.
    const auto& value = values[i] ? values[i] : values[request_ids.size() + i];
    if (!value) continue;
    RequestOutcome outcome;
    if (value->size() < kNumberBytes ||
        !ParseRequestOutcome(std::string_view(*value).substr(kNumberBytes), outcome)) {
      return absl::DataLossError("an archived outcome does not parse; delete the store");
    }
    found[i] =
        ArchivedOutcome{outcome.fingerprint, std::string(outcome.outcome), LoadBigEndian64(*value)};
  }
  return found;
}

}  // namespace quartermaster::engine
