// RequestWindow: the most recent requests and their outcomes, so that a repeated request is
// answered as the first time. Bounded: what it has no room for any more it gives out, to be
// archived (outcome_archive.h), and then forgets.
#ifndef QUARTERMASTER_SERVICES_ENGINE_REQUEST_WINDOW_H_
#define QUARTERMASTER_SERVICES_ENGINE_REQUEST_WINDOW_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>

#include "absl/container/flat_hash_set.h"
#include "services/base/fingerprint.h"
#include "services/base/huge_pages.h"
#include "services/engine/request_segment.h"
#include "storage/frame.h"

namespace quartermaster::engine {

// Not thread-safe: the writer's own.
class RequestWindow {
 public:
  // Has room for the last `requests_max`. For speed only: so many more at most come on top before
  // Forget is called.
  RequestWindow(size_t requests_max, size_t on_top);
  RequestWindow(const RequestWindow&) = delete;
  RequestWindow& operator=(const RequestWindow&) = delete;

  // nullptr if the request is not in the window. Valid until the next Insert or Forget.
  const RememberedRequest* Find(const RequestKey& request) const;
  // Asks the processor for the memory that Find and Insert will touch.
  void Prefetch(const RequestKey& request) const { index_.prefetch(request); }

  // Remembers a request; copies id and outcome. One that is in the window already is replaced: in
  // a log that was written with a smaller window, a forgotten id may have been used again.
  void Insert(const RequestKey& request, const Fingerprint& fingerprint, std::string_view outcome,
              storage::Position position);

  // The next of the oldest requests that there is no room for any more, each of them once; nullptr:
  // there is room for all others.
  std::shared_ptr<const RequestSegment> NextExcess();
  // Forgets those of them whose positions are all at most `archived`.
  void Forget(storage::Position archived);
  // The last position that was forgotten; 0 if none was.
  storage::Position forgotten() const { return forgotten_; }

  size_t size() const { return index_.size(); }

  // base/persist.h: without those that were given out, which must have been forgotten.
  template <typename Archive, typename Self>
  static void Persist(Archive& archive, Self& self) {
    archive(self.forgotten_);
    if constexpr (Archive::kLoads) {
      uint64_t size = 0;
      for (archive(size); size > 0 && archive.ok(); --size) {
        std::string id;
        Fingerprint fingerprint;
        std::string outcome;
        storage::Position position = 0;
        archive(id, fingerprint, outcome, position);
        self.Insert(RequestKey(id), fingerprint, outcome, position);
      }
    } else {
      archive(uint64_t{self.arrivals()});
      for (const auto& segment : self.segments_) {
        for (const RememberedRequest& known : *segment) {
          archive(known.request.id, known.fingerprint, known.outcome, known.position);
        }
      }
    }
  }

 private:
  // Requests are counted as they arrive, modulo 2^32, and lie in that order, so that a new one
  // touches memory in order. Only the index is hit at random, and it is small: four bytes and a tag
  // for each.
  using Number = uint32_t;
  const RememberedRequest& At(Number number) const {
    const Number behind = number - first_;
    return (*segments_[behind / segment_requests_])[behind % segment_requests_];
  }
  size_t arrivals() const;

  // An arrival itself, and not one that repeats it: found without a look at its id.
  struct Exactly {
    Number number;
  };
  struct Hash {
    using is_transparent = void;
    const RequestWindow* window;
    size_t operator()(Exactly key) const { return (*this)(key.number); }
    size_t operator()(const RequestKey& key) const { return key.hash; }
    size_t operator()(Number number) const { return window->At(number).request.hash; }
  };
  struct Equal {
    using is_transparent = void;
    const RequestWindow* window;
    bool operator()(Number number, Exactly key) const { return number == key.number; }
    bool operator()(Number a, Number b) const { return (*this)(a, window->At(b).request); }
    bool operator()(Number number, const RequestKey& key) const {
      const RequestKey& own = window->At(number).request;
      return own.hash == key.hash && own.id == key.id;
    }
  };

  const size_t requests_max_;
  const size_t on_top_;
  const Number segment_requests_;
  // Oldest first; with those that were replaced. All but the last are full.
  std::deque<std::shared_ptr<RequestSegment>> segments_;
  // The number of the oldest arrival.
  Number first_ = 0;
  // How many of the oldest segments were given out.
  size_t given_out_ = 0;
  storage::Position forgotten_ = 0;
  absl::flat_hash_set<Number, Hash, Equal, HugePageAllocator<Number>> index_;
};

}  // namespace quartermaster::engine

#endif  // QUARTERMASTER_SERVICES_ENGINE_REQUEST_WINDOW_H_
