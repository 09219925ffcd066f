// A frame: the unit that is synced. One batch's records (events and request outcomes) under one
// header and one checksum. The byte format is in FORMAT.md.
//
//   FrameBuilder builder;
//   builder.Reset(/*first=*/head + 1, now);
//   Position p = builder.Add(type, version, payload);
//   log->Append(partition, epoch, head, builder.Finish());
#ifndef QUARTERMASTER_STORAGE_FRAME_H_
#define QUARTERMASTER_STORAGE_FRAME_H_

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "services/base/time.h"

namespace quartermaster::storage {

// The index of a record within its partition: gapless from 1. 0 means "before the first".
using Position = int64_t;
inline constexpr Position kPositionMax = std::numeric_limits<Position>::max();

// The newest frame format this binary writes and reads. A log above it is refused, by name.
inline constexpr int kFormatLevel = 1;

// One record. `payload` points into the frame's bytes.
struct Record {
  Position position = 0;
  uint32_t type = 0;
  uint32_t version = 0;
  std::string_view payload;
};

// Bytes of a frame before its first record.
inline constexpr size_t kFrameHeaderSize = 40;
// The longest frame that every log takes: with the rest of its request it fits into a message of
// gRPC's default length.
inline constexpr size_t kFrameBytesMax = (4 << 20) - (64 << 10);

// How long the whole frame is, by its first kFrameHeaderSize bytes, which are not checked.
size_t FrameSize(std::string_view header);

// Builds one frame at a time in a buffer that it keeps. Not thread-safe.
class FrameBuilder {
 public:
  FrameBuilder();

  // Starts a new frame whose first record will have the position `first`.
  void Reset(Position first, Instant time);
  // Appends a record and returns its position. No allocation once the buffer has its size.
  Position Add(uint32_t type, uint32_t version, std::string_view payload);

  Position next_position() const { return next_; }
  Instant time() const { return time_; }
  int record_count() const { return static_cast<int>(next_ - first_); }
  bool empty() const { return next_ == first_; }
  // Bytes so far, header included.
  size_t size() const { return size_; }

  // What has been added so far; valid until the next Reset.
  struct Mark {
    size_t size;
    Position next;
  };
  Mark mark() const { return {size_, next_}; }
  // Takes back what was added since.
  void Rewind(const Mark& mark);

  // Writes header and checksum. The view is valid until the next Reset or Add. A frame must hold a
  // record before it is finished, and less than 4 GiB.
  std::string_view Finish();

 private:
  void Grow(size_t wanted);

  // Longer than what is used of it, so that Add need not resize it.
  std::string bytes_;
  size_t size_ = kFrameHeaderSize;
  Position first_ = 1;
  Position next_ = 1;
  Instant time_;
};

// A checked view of a frame's bytes, which must outlive it. Copyable; thread-compatible.
class FrameView {
 public:
  // Verifies magic, format level, length, checksum and the records' framing.
  // Errors: kDataLoss (torn, flipped, truncated; says which), kFailedPrecondition (a format level
  // above kFormatLevel; names it).
  static absl::StatusOr<FrameView> Parse(std::string_view bytes);

  Position first_position() const { return first_; }
  Position last_position() const { return first_ + count_ - 1; }
  int record_count() const { return count_; }
  Instant time() const { return time_; }
  uint64_t checksum() const { return checksum_; }

  class Iterator {
   public:
    const Record& operator*() const { return record_; }
    const Record* operator->() const { return &record_; }
    Iterator& operator++();
    bool operator!=(const Iterator& other) const {
      return record_.position != other.record_.position;
    }

   private:
    friend class FrameView;
    void Load();
    Record record_;
    const char* next_ = nullptr;
    const char* end_ = nullptr;
  };
  Iterator begin() const;
  Iterator end() const;

 private:
  std::string_view body_;
  Position first_ = 1;
  int count_ = 0;
  Instant time_;
  uint64_t checksum_ = 0;
};

}  // namespace quartermaster::storage

#endif  // QUARTERMASTER_STORAGE_FRAME_H_
