#include "services/engine/request_window.h"

#include <algorithm>
#include <string>

#include "absl/hash/hash.h"
#include "absl/strings/string_view.h"

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

RequestWindow::Key::Key(std::string_view request_id)
    : id(request_id),
      hash(absl::Hash<absl::string_view>()({request_id.data(), request_id.size()})) {}

RequestWindow::RequestWindow(size_t entries_expected)
    : entries_expected_(entries_expected), index_(0, Hash{this}, Equal{this}) {}

const RequestWindow::Entry* RequestWindow::Find(const Key& request) const {
  const auto it = index_.find(request);
  return it == index_.end() ? nullptr : &At(*it).entry;
}

void RequestWindow::MakeRoom(size_t size) {
  if (!chunks_.empty() && chunks_.back().capacity - chunks_.back().used >= size) return;
  const size_t capacity = std::max(kChunkBytes, size);
  chunks_.push_back({std::make_unique_for_overwrite<char[]>(capacity), capacity, 0, 0});
}

std::string_view RequestWindow::Store(std::string_view bytes) {
  Chunk& chunk = chunks_.back();
  char* const start = chunk.bytes.get() + chunk.used;
  std::copy(bytes.begin(), bytes.end(), start);
  chunk.used += bytes.size();
  return {start, bytes.size()};
}

void RequestWindow::Insert(const Key& request, const Fingerprint& fingerprint,
                           std::string_view outcome, storage::Position position) {
  if (index_.size() == kGrownEntries) index_.reserve(entries_expected_);
  // Id and outcome go into one chunk, so that an entry's bytes live and die together.
  MakeRoom(request.id.size() + outcome.size());
  Arrival& arrival = arrivals_.emplace_back();
  arrival.request.hash = request.hash;
  arrival.request.id = Store(request.id);
  arrival.entry = {fingerprint, Store(outcome), position};
  ++chunks_.back().entries;
  // What is replaced keeps its place, and its bytes, until its turn to be forgotten comes.
  const Number number = first_ + static_cast<Number>(arrivals_.size()) - 1;
  if (const auto [it, added] = index_.insert(number); !added) {
    index_.erase(it);
    index_.insert(number);
  }
}

void RequestWindow::Evict(size_t entries_max, storage::Position forgettable) {
  if (index_.size() <= entries_max) return;
  // Those entries were not touched for long: ask for all of them before the first is needed.
  const size_t evicted = index_.size() - entries_max;
  for (size_t i = 0; i < evicted; ++i) Prefetch(arrivals_[i].request);
  while (index_.size() > entries_max) {
    const Arrival& oldest = arrivals_.front();
    const auto it = index_.find(Exactly{first_});
    // Otherwise it was replaced.
    if (it != index_.end()) {
      if (oldest.entry.position > forgettable) return;
      index_.erase(it);
    }
    arrivals_.pop_front();
    ++first_;
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
