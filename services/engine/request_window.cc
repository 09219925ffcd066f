#include "services/engine/request_window.h"

#include <algorithm>

namespace quartermaster::engine {
namespace {

// A window that has grown to this size gets its full one at once: to grow a large table by and by
// would hold up the writer each time for as long as it takes to move all of it.
constexpr size_t kGrownRequests = 16'384;
// It goes in segments, so many at least, each of so many requests at most.
constexpr size_t kSegmentsMin = 64;
constexpr size_t kSegmentRequestsMax = 1'024;

}  // namespace

RequestWindow::RequestWindow(size_t requests_max, size_t on_top)
    : requests_max_(requests_max),
      on_top_(on_top),
      segment_requests_(static_cast<Number>(
          std::clamp<size_t>(requests_max / kSegmentsMin, 1, kSegmentRequestsMax))),
      index_(0, Hash{this}, Equal{this}) {}

size_t RequestWindow::arrivals() const {
  if (segments_.empty()) return 0;
  return (segments_.size() - 1) * segment_requests_ + segments_.back()->size();
}

const RememberedRequest* RequestWindow::Find(const RequestKey& request) const {
  const auto it = index_.find(request);
  return it == index_.end() ? nullptr : &At(*it);
}

void RequestWindow::Insert(const RequestKey& request, const Fingerprint& fingerprint,
                           std::string_view outcome, storage::Position position) {
  if (index_.size() == kGrownRequests) {
    index_.reserve(requests_max_ + on_top_ + segment_requests_);
  }
  if (segments_.empty() || segments_.back()->full()) {
    segments_.push_back(std::make_shared<RequestSegment>(segment_requests_));
  }
  segments_.back()->Add(request, fingerprint, outcome, position);
  // What is replaced keeps its place until its turn to be forgotten comes.
  const Number number = first_ + static_cast<Number>(arrivals()) - 1;
  if (const auto [it, added] = index_.insert(number); !added) {
    index_.erase(it);
    index_.insert(number);
  }
}

std::shared_ptr<const RequestSegment> RequestWindow::NextExcess() {
  if (arrivals() < requests_max_ + (given_out_ + 1) * segment_requests_) return nullptr;
  // Full: at least one lies behind it, or it is the last one and no request has to be kept.
  return segments_[given_out_++];
}

void RequestWindow::Forget(storage::Position archived) {
  for (; given_out_ > 0; --given_out_) {
    const RequestSegment& oldest = *segments_.front();
    if (oldest.last_position() > archived) return;
    // They were not touched for long: ask for all of them before the first is needed.
    for (const RememberedRequest& request : oldest) Prefetch(request.request);
    for (Number i = 0; i < segment_requests_; ++i) {
      // Otherwise it was replaced.
      const auto it = index_.find(Exactly{first_ + i});
      if (it != index_.end()) index_.erase(it);
    }
    forgotten_ = oldest.last_position();
    first_ += segment_requests_;
    segments_.pop_front();
  }
}

}  // namespace quartermaster::engine
