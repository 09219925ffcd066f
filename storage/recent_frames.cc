#include "storage/recent_frames.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace quartermaster::storage {

void RecentFrames::Add(Position first, Frame frame) {
  bytes_ += frame->size();
  entries_.push_back({first, std::move(frame)});
  while (bytes_ > bytes_max_ && entries_.size() > 1) {
    bytes_ -= entries_.front().frame->size();
    entries_.pop_front();
  }
}

std::vector<RecentFrames::Frame> RecentFrames::From(Position from, Position head,
                                                    size_t max_bytes) const {
  std::vector<Frame> frames;
  if (entries_.empty() || from < entries_.front().first || from > head) return frames;
  const auto after =
      std::upper_bound(entries_.begin(), entries_.end(), from,
                       [](Position position, const Entry& e) { return position < e.first; });
  size_t bytes = 0;
  for (auto it = std::prev(after); it != entries_.end(); ++it) {
    bytes += it->frame->size();
    if (bytes > max_bytes && !frames.empty()) break;
    frames.push_back(it->frame);
  }
  return frames;
}

}  // namespace quartermaster::storage
