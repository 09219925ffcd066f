// RequestSegment: requests that came one after the other, with what they came to.
#ifndef QUARTERMASTER_SERVICES_ENGINE_REQUEST_SEGMENT_H_
#define QUARTERMASTER_SERVICES_ENGINE_REQUEST_SEGMENT_H_

#include <cstddef>
#include <memory>
#include <string_view>
#include <vector>

#include "services/base/fingerprint.h"
#include "storage/frame.h"

namespace quartermaster::engine {

// A request id and its hash, so that it is hashed once for all of its lookups, and not by the
// writer.
struct RequestKey {
  RequestKey() = default;
  explicit RequestKey(std::string_view request_id);
  std::string_view id;
  size_t hash = 0;
};

struct RememberedRequest {
  RequestKey request;
  Fingerprint fingerprint;
  std::string_view outcome;
  storage::Position position = 0;
};

// Takes a number of requests, one by one; when it is full it does not change any more, and may be
// read on any thread. Ids and outcomes lie back to back in few buffers: no allocation per request.
class RequestSegment {
 public:
  explicit RequestSegment(size_t capacity);
  RequestSegment(const RequestSegment&) = delete;
  RequestSegment& operator=(const RequestSegment&) = delete;

  // Copies id and outcome. Must not be full.
  void Add(const RequestKey& request, const Fingerprint& fingerprint, std::string_view outcome,
           storage::Position position);

  bool full() const { return requests_.size() == capacity_; }
  size_t size() const { return requests_.size(); }
  const RememberedRequest& operator[](size_t i) const { return requests_[i]; }
  auto begin() const { return requests_.begin(); }
  auto end() const { return requests_.end(); }
  // Must not be empty.
  storage::Position last_position() const { return requests_.back().position; }

 private:
  std::string_view Store(std::string_view bytes);

  const size_t capacity_;
  std::vector<RememberedRequest> requests_;
  std::vector<std::unique_ptr<char[]>> buffers_;
  // What is left of the last buffer.
  char* room_ = nullptr;
  size_t room_bytes_ = 0;
};

}  // namespace quartermaster::engine

#endif  // QUARTERMASTER_SERVICES_ENGINE_REQUEST_SEGMENT_H_
