#include "services/engine/request_window.h"

#include <algorithm>
#include <string>

#include "services/base/check.h"

namespace quartermaster::engine {
namespace {

constexpr size_t kChunkBytes = 256 << 10;
// A window that has grown to this size gets its full one at once: to grow a large table by and by
// would hold up the writer each time for as long as it takes to move all of it.
constexpr size_t kGrownEntries = 16'384;

void StoreLittleEndian(uint64_t value, char* bytes) {
  for (int i = 0; i < 8; ++i) bytes[i] = static_cast<char>(value >> (8 * i));
}

uint64_t LoadLittleEndian(const char* bytes) {
  uint64_t value = 0;
  for (int i = 7; i >= 0; --i) value = value << 8 | static_cast<unsigned char>(bytes[i]);
  return value;
}

}  // namespace

const RequestWindow::Entry* RequestWindow::Find(std::string_view request_id) const {
  const auto it = entries_.find(request_id);
  return it == entries_.end() ? nullptr : &it->second;
}

void RequestWindow::MakeRoom(size_t size) {
  if (!chunks_.empty() && chunks_.back().capacity - chunks_.back().used >= size) return;
  const size_t capacity = std::max(kChunkBytes, size);
  chunks_.push_back({std::make_unique<char[]>(capacity), capacity, 0, 0});
}

std::string_view RequestWindow::Store(std::string_view bytes) {
  Chunk& chunk = chunks_.back();
  char* const start = chunk.bytes.get() + chunk.used;
  std::copy(bytes.begin(), bytes.end(), start);
  chunk.used += bytes.size();
  return {start, bytes.size()};
}

void RequestWindow::Insert(std::string_view request_id, const Fingerprint& fingerprint,
                           std::string_view outcome, storage::Position position) {
  // Id and outcome go into one chunk, so that an entry's bytes live and die together.
  MakeRoom(request_id.size() + outcome.size());
  const std::string_view id = Store(request_id);
  const std::string_view kept = Store(outcome);
  // The key points to the bytes of its own entry. What is replaced keeps its place among the
  // arrivals, and its bytes, until its turn to be forgotten comes.
  if (entries_.size() == kGrownEntries) entries_.reserve(entries_expected_);
  const Entry entry{fingerprint, kept, position};
  if (const auto [it, added] = entries_.try_emplace(id, entry); !added) {
    entries_.erase(it);
    entries_.emplace(id, entry);
  }
  ++chunks_.back().entries;
  oldest_first_.push_back({id, position});
}

void RequestWindow::Evict(size_t entries_max, storage::Position forgettable) {
  if (entries_.size() <= entries_max) return;
  // Those entries were not touched for long: ask for all of them before the first is needed.
  const size_t evicted = std::min(entries_.size() - entries_max, oldest_first_.size());
  for (size_t i = 0; i < evicted; ++i) Prefetch(oldest_first_[i].request_id);
  while (entries_.size() > entries_max) {
    QM_CHECK(!oldest_first_.empty());
    const Arrival& oldest = oldest_first_.front();
    const auto it = entries_.find(oldest.request_id);
    const bool replaced = it == entries_.end() || it->second.position != oldest.position;
    if (!replaced) {
      if (oldest.position > forgettable) return;
      entries_.erase(it);
    }
    oldest_first_.pop_front();
    // Its bytes are in the oldest chunk: chunks before it went with their last entry.
    if (--chunks_.front().entries == 0) chunks_.pop_front();
  }
}

void AppendRequestOutcomePrefix(std::string_view request_id, const Fingerprint& fingerprint,
                                std::string& bytes) {
  const size_t size = bytes.size();
  bytes.resize(size + 1 + request_id.size() + 16);
  char* const at = bytes.data() + size;
  at[0] = static_cast<char>(request_id.size());
  std::copy(request_id.begin(), request_id.end(), at + 1);
  StoreLittleEndian(fingerprint.high, at + 1 + request_id.size());
  StoreLittleEndian(fingerprint.low, at + 1 + request_id.size() + 8);
}

bool ParseRequestOutcome(std::string_view bytes, RequestOutcome& outcome) {
  if (bytes.empty()) return false;
  const size_t id_size = static_cast<unsigned char>(bytes[0]);
  if (bytes.size() < 1 + id_size + 16) return false;
  outcome.request_id = bytes.substr(1, id_size);
  outcome.fingerprint = {LoadLittleEndian(bytes.data() + 1 + id_size),
                         LoadLittleEndian(bytes.data() + 1 + id_size + 8)};
  outcome.outcome = bytes.substr(1 + id_size + 16);
  return true;
}

}  // namespace quartermaster::engine
