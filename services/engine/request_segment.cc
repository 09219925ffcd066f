#include "services/engine/request_segment.h"

#include <algorithm>

#include "absl/hash/hash.h"
#include "absl/strings/string_view.h"
#include "services/base/check.h"

namespace quartermaster::engine {
namespace {

constexpr size_t kBufferBytes = 32 << 10;
// About what a request and its outcome have.
constexpr size_t kUsualBytes = 128;

}  // namespace

RequestKey::RequestKey(std::string_view request_id)
    : id(request_id),
      hash(absl::Hash<absl::string_view>()({request_id.data(), request_id.size()})) {}

RequestSegment::RequestSegment(size_t capacity) : capacity_(capacity) {
  requests_.reserve(capacity);
}

std::string_view RequestSegment::Store(std::string_view bytes) {
  if (room_bytes_ < bytes.size()) {
    room_bytes_ = std::max(bytes.size(), std::min(kBufferBytes, capacity_ * kUsualBytes));
    room_ = buffers_.emplace_back(std::make_unique_for_overwrite<char[]>(room_bytes_)).get();
  }
  char* const start = room_;
  std::copy(bytes.begin(), bytes.end(), start);
  room_ += bytes.size();
  room_bytes_ -= bytes.size();
  return {start, bytes.size()};
}

void RequestSegment::Add(const RequestKey& request, const Fingerprint& fingerprint,
                         std::string_view outcome, storage::Position position) {
  QM_CHECK(!full());
  RememberedRequest& added = requests_.emplace_back();
  added.request.hash = request.hash;
  added.request.id = Store(request.id);
  added.fingerprint = fingerprint;
  added.outcome = Store(outcome);
  added.position = position;
}

}  // namespace quartermaster::engine
