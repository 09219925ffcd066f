// RequestWindow: the most recent requests and their outcomes, so that a repeated request is
// answered as the first time. What falls out of it is in the outcome archive.
#ifndef QUARTERMASTER_SERVICES_ENGINE_REQUEST_WINDOW_H_
#define QUARTERMASTER_SERVICES_ENGINE_REQUEST_WINDOW_H_

#include <cstddef>
#include <deque>
#include <memory>
#include <string_view>

#include "absl/container/flat_hash_map.h"
#include "services/base/fingerprint.h"
#include "storage/frame.h"

namespace quartermaster::engine {

// Not thread-safe: the writer's own.
class RequestWindow {
 public:
  struct Entry {
    Fingerprint fingerprint;
    // Points into the window; valid until the entry is evicted.
    std::string_view outcome;
    storage::Position position = 0;
  };

  // Will hold about this many entries when it is full.
  explicit RequestWindow(size_t entries_expected) : entries_expected_(entries_expected) {}

  // nullptr if the request is not in the window.
  const Entry* Find(std::string_view request_id) const;

  // Asks the processor for the memory that Find and Insert of this id will touch.
  void Prefetch(std::string_view request_id) const { entries_.prefetch(request_id); }

  // Remembers a request; copies id and outcome. One that is in the window already is replaced: in
  // a log that was written with a smaller window, a forgotten id may have been used again.
  void Insert(std::string_view request_id, const Fingerprint& fingerprint, std::string_view outcome,
              storage::Position position);

  // Forgets the oldest entries beyond `entries_max`, as far as their position is at most
  // `forgettable` (what the archive holds).
  void Evict(size_t entries_max, storage::Position forgettable);

  size_t size() const { return entries_.size(); }

 private:
  // Ids and outcomes lie back to back in chunks that are freed as a whole, oldest first: no
  // allocation per request.
  struct Chunk {
    std::unique_ptr<char[]> bytes;
    size_t capacity = 0;
    size_t used = 0;
    size_t entries = 0;
  };
  void MakeRoom(size_t size);
  std::string_view Store(std::string_view bytes);

  const size_t entries_expected_;
  absl::flat_hash_map<std::string_view, Entry> entries_;
  struct Arrival {
    std::string_view request_id;
    // Tells an entry from one that replaced it.
    storage::Position position = 0;
  };
  std::deque<Arrival> oldest_first_;
  std::deque<Chunk> chunks_;
};

// The stored form of a request's outcome, a record of type kRequestOutcomeType (FORMAT.md):
// [1 byte: length of id][id][fingerprint: high, low, 8 bytes each, little endian][outcome].
struct RequestOutcome {
  std::string_view request_id;
  Fingerprint fingerprint;
  std::string_view outcome;
};

// Appends all but the outcome's own bytes, which the machine writes behind them.
void AppendRequestOutcomePrefix(std::string_view request_id, const Fingerprint& fingerprint,
                                std::string& bytes);
// False if the bytes are not a request outcome.
bool ParseRequestOutcome(std::string_view bytes, RequestOutcome& outcome);

}  // namespace quartermaster::engine

#endif  // QUARTERMASTER_SERVICES_ENGINE_REQUEST_WINDOW_H_
