// The last frames of a partition, kept in memory for the readers that follow its head.
#ifndef QUARTERMASTER_STORAGE_RECENT_FRAMES_H_
#define QUARTERMASTER_STORAGE_RECENT_FRAMES_H_

#include <cstddef>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "storage/frame.h"

namespace quartermaster::storage {

// Gapless: each frame begins where the one before it ends. Thread-compatible; frames are shared,
// so that a reader can copy them without a lock.
class RecentFrames {
 public:
  using Frame = std::shared_ptr<const std::string>;

  // Keeps as many frames as fit into `bytes_max`, and always the last one.
  explicit RecentFrames(size_t bytes_max) : bytes_max_(bytes_max) {}

  // `first` must be the position after the last frame's, unless nothing was added yet.
  void Add(Position first, Frame frame);

  // The frame that holds `from` and those after it, as many as fit into max_bytes but at least
  // one. Empty if `from` is older than what is kept, or beyond its end.
  std::vector<Frame> From(Position from, Position head, size_t max_bytes) const;

 private:
  struct Entry {
    Position first;
    Frame frame;
  };

  const size_t bytes_max_;
  size_t bytes_ = 0;
  std::deque<Entry> entries_;
};

}  // namespace quartermaster::storage

#endif  // QUARTERMASTER_STORAGE_RECENT_FRAMES_H_
