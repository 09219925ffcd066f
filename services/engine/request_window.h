// RequestWindow: the most recent requests and their outcomes, so that a repeated request is
// answered as the first time. Bounded: a request that has fallen out of it counts as new, unless
// its outcome is kept elsewhere, which nothing does yet.
#ifndef QUARTERMASTER_SERVICES_ENGINE_REQUEST_WINDOW_H_
#define QUARTERMASTER_SERVICES_ENGINE_REQUEST_WINDOW_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string_view>

#include "absl/container/flat_hash_set.h"
#include "services/base/fingerprint.h"
#include "services/base/huge_pages.h"
#include "storage/frame.h"

namespace quartermaster::engine {

// Not thread-safe: the writer's own.
class RequestWindow {
 public:
  // A request id and its hash, so that it is hashed once for all of its lookups, and not by the
  // writer.
  struct Key {
    Key() = default;
    explicit Key(std::string_view request_id);
    std::string_view id;
    size_t hash = 0;
  };
  struct Entry {
    Fingerprint fingerprint;
    // Points into the window; valid until the entry is evicted.
    std::string_view outcome;
    storage::Position position = 0;
  };

  // Will hold about this many entries when it is full.
  explicit RequestWindow(size_t entries_expected);
  RequestWindow(const RequestWindow&) = delete;
  RequestWindow& operator=(const RequestWindow&) = delete;

  // nullptr if the request is not in the window. Valid until the next Insert.
  const Entry* Find(const Key& request) const;
  // Asks the processor for the memory that Find and Insert will touch.
  void Prefetch(const Key& request) const { index_.prefetch(request); }

  // Remembers a request; copies id and outcome. One that is in the window already is replaced: in
  // a log that was written with a smaller window, a forgotten id may have been used again.
  void Insert(const Key& request, const Fingerprint& fingerprint, std::string_view outcome,
              storage::Position position);

  // Forgets the oldest entries beyond `entries_max`, as far as their position is at most
  // `forgettable` (what the archive holds).
  void Evict(size_t entries_max, storage::Position forgettable);

  size_t size() const { return index_.size(); }

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

  // Requests are counted as they arrive, modulo 2^32, and lie in that order, so that a new one
  // touches memory in order. Only the index is hit at random, and it is small: four bytes and a tag
  // for each.
  using Number = uint32_t;
  struct Arrival {
    Key request;
    Entry entry;
  };
  const Arrival& At(Number number) const { return arrivals_[number - first_]; }

  // An arrival itself, and not one that repeats it: found without a look at its id.
  struct Exactly {
    Number number;
  };

  struct Hash {
    using is_transparent = void;
    const RequestWindow* window;
    size_t operator()(Exactly key) const { return (*this)(key.number); }
    size_t operator()(const Key& key) const { return key.hash; }
    size_t operator()(Number number) const { return window->At(number).request.hash; }
  };
  struct Equal {
    using is_transparent = void;
    const RequestWindow* window;
    bool operator()(Number number, Exactly key) const { return number == key.number; }
    bool operator()(Number a, Number b) const { return (*this)(a, window->At(b).request); }
    bool operator()(Number number, const Key& key) const {
      const Key& own = window->At(number).request;
      return own.hash == key.hash && own.id == key.id;
    }
  };

  const size_t entries_expected_;
  // Oldest first; those that were replaced, too.
  std::deque<Arrival> arrivals_;
  // The number of the oldest one.
  Number first_ = 0;
  absl::flat_hash_set<Number, Hash, Equal, HugePageAllocator<Number>> index_;
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
