#include "storage/frame.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "services/base/check.h"
#include "services/base/varint.h"

// For the size of XXH3_state_t: a state on the stack.
#define XXH_STATIC_LINKING_ONLY
#include <xxhash.h>

namespace quartermaster::storage {
namespace {

static_assert(std::endian::native == std::endian::little, "FORMAT.md: numbers are little-endian");

// "QMFR" read as a little-endian number.
constexpr uint32_t kMagic = 0x52464d51;

// Where the header's fields are; FORMAT.md has the table.
constexpr size_t kMagicAt = 0;
constexpr size_t kLevelAt = 4;
constexpr size_t kCountAt = 8;
constexpr size_t kBodyLengthAt = 12;
constexpr size_t kFirstPositionAt = 16;
constexpr size_t kTimeAt = 24;
constexpr size_t kChecksumAt = 32;

constexpr size_t kRecordHeaderSizeMax = 3 * kVarintBytesMax<uint32_t>;
constexpr size_t kFirstCapacity = 4096;

template <typename T>
void Put(char* at, T value) {
  std::memcpy(at, &value, sizeof(value));
}

template <typename T>
T Get(const char* at) {
  T value;
  std::memcpy(&value, at, sizeof(value));
  return value;
}

// Null if the varint is cut off or does not fit into 32 bits.
const char* GetVarint(const char* at, const char* end, uint32_t* value) {
  if (at < end && static_cast<unsigned char>(*at) < 0x80) {
    *value = static_cast<unsigned char>(*at);
    return at + 1;
  }
  uint32_t result = 0;
  for (int shift = 0; shift <= 28 && at < end; shift += 7) {
    const auto byte = static_cast<unsigned char>(*at++);
    if (shift == 28 && byte > 0x0f) return nullptr;
    result |= static_cast<uint32_t>(byte & 0x7f) << shift;
    if (byte < 0x80) {
      *value = result;
      return at;
    }
  }
  return nullptr;
}

// Reads one record's header and payload; null if it does not fit before `end`.
const char* GetRecord(const char* at, const char* end, Record* record) {
  uint32_t length = 0;
  at = GetVarint(at, end, &record->type);
  if (at != nullptr) at = GetVarint(at, end, &record->version);
  if (at != nullptr) at = GetVarint(at, end, &length);
  if (at == nullptr || static_cast<size_t>(end - at) < length) return nullptr;
  record->payload = std::string_view(at, length);
  return at + length;
}

// Of everything but the checksum itself.
uint64_t Checksum(std::string_view frame) {
  XXH3_state_t state;
  XXH3_64bits_reset(&state);
  XXH3_64bits_update(&state, frame.data(), kChecksumAt);
  XXH3_64bits_update(&state, frame.data() + kFrameHeaderSize, frame.size() - kFrameHeaderSize);
  return XXH3_64bits_digest(&state);
}

}  // namespace

size_t FrameSize(std::string_view header) {
  QM_CHECK(header.size() >= kFrameHeaderSize) << "half a header";
  return kFrameHeaderSize + size_t{Get<uint32_t>(header.data() + kBodyLengthAt)};
}

FrameBuilder::FrameBuilder() : bytes_(kFirstCapacity, '\0') {}

void FrameBuilder::Reset(Position first, Instant time) {
  size_ = kFrameHeaderSize;
  first_ = first;
  next_ = first;
  time_ = time;
}

void FrameBuilder::Grow(size_t wanted) { bytes_.resize(std::max(wanted, 2 * bytes_.size())); }

Position FrameBuilder::Add(uint32_t type, uint32_t version, std::string_view payload) {
  QM_CHECK(payload.size() <= std::numeric_limits<uint32_t>::max()) << "a record of 4 GiB";
  const size_t size_max = size_ + kRecordHeaderSizeMax + payload.size();
  if (size_max > bytes_.size()) Grow(size_max);
  char* at = bytes_.data() + size_;
  at = PutVarint(at, type);
  at = PutVarint(at, version);
  at = PutVarint(at, static_cast<uint32_t>(payload.size()));
  if (!payload.empty()) std::memcpy(at, payload.data(), payload.size());
  size_ = static_cast<size_t>(at - bytes_.data()) + payload.size();
  return next_++;
}

void FrameBuilder::Rewind(const Mark& mark) {
  QM_CHECK(mark.size <= size_ && mark.next <= next_);
  size_ = mark.size;
  next_ = mark.next;
}

std::string_view FrameBuilder::Finish() {
  const size_t body_length = size_ - kFrameHeaderSize;
  QM_CHECK(!empty()) << "a frame without a record has no position of its own";
  QM_CHECK(body_length <= std::numeric_limits<uint32_t>::max()) << "a frame of 4 GiB";
  char* header = bytes_.data();
  Put(header + kMagicAt, kMagic);
  Put(header + kLevelAt, static_cast<uint32_t>(kFormatLevel));
  Put(header + kCountAt, static_cast<uint32_t>(record_count()));
  Put(header + kBodyLengthAt, static_cast<uint32_t>(body_length));
  Put(header + kFirstPositionAt, first_);
  Put(header + kTimeAt, time_.unix_us);
  const std::string_view frame(bytes_.data(), size_);
  Put(header + kChecksumAt, Checksum(frame));
  return frame;
}

absl::StatusOr<FrameView> FrameView::Parse(std::string_view bytes) {
  if (bytes.size() < kFrameHeaderSize) {
    return absl::DataLossError(absl::StrCat("frame truncated: ", bytes.size(),
                                            " bytes are less than a header of ", kFrameHeaderSize));
  }
  if (const auto magic = Get<uint32_t>(bytes.data() + kMagicAt); magic != kMagic) {
    return absl::DataLossError(
        absl::StrCat("not a frame: it starts with 0x", absl::Hex(magic, absl::kZeroPad8)));
  }
  const uint64_t size = kFrameHeaderSize + uint64_t{Get<uint32_t>(bytes.data() + kBodyLengthAt)};
  if (bytes.size() != size) {
    return absl::DataLossError(absl::StrCat(
        bytes.size() < size ? "frame truncated: " : "frame followed by other bytes: ", bytes.size(),
        " bytes, its header says ", size));
  }
  FrameView view;
  view.checksum_ = Get<uint64_t>(bytes.data() + kChecksumAt);
  if (const uint64_t actual = Checksum(bytes); actual != view.checksum_) {
    return absl::DataLossError(
        absl::StrCat("frame damaged: its checksum is ", absl::Hex(actual, absl::kZeroPad16),
                     ", its header says ", absl::Hex(view.checksum_, absl::kZeroPad16)));
  }
  // Only after the checksum: a flipped bit must not look like a newer format.
  const auto level = Get<uint32_t>(bytes.data() + kLevelAt);
  if (level < 1) return absl::DataLossError("frame of format level 0, which does not exist");
  if (level > static_cast<uint32_t>(kFormatLevel)) {
    return absl::FailedPreconditionError(absl::StrCat("frame of format level ", level,
                                                      ", but this binary knows up to level ",
                                                      kFormatLevel, ": use a newer one"));
  }
  const auto count = Get<uint32_t>(bytes.data() + kCountAt);
  view.first_ = Get<Position>(bytes.data() + kFirstPositionAt);
  view.time_ = Instant{Get<int64_t>(bytes.data() + kTimeAt)};
  view.body_ = bytes.substr(kFrameHeaderSize);
  if (count < 1 || count > static_cast<uint32_t>(std::numeric_limits<int>::max())) {
    return absl::DataLossError(absl::StrCat("frame of ", count, " records"));
  }
  if (view.first_ < 1 || view.first_ > std::numeric_limits<Position>::max() - count) {
    return absl::DataLossError(absl::StrCat("frame at position ", view.first_));
  }
  view.count_ = static_cast<int>(count);
  const char* at = view.body_.data();
  const char* const end = at + view.body_.size();
  Record record;
  for (uint32_t i = 0; i < count; ++i) {
    at = GetRecord(at, end, &record);
    if (at == nullptr) {
      return absl::DataLossError(
          absl::StrCat("frame malformed: record ", i + 1, " of ", count, " does not fit"));
    }
  }
  if (at != end) {
    return absl::DataLossError(
        absl::StrCat("frame malformed: ", end - at, " bytes after its last record"));
  }
  return view;
}

FrameView::Iterator FrameView::begin() const {
  Iterator it;
  it.next_ = body_.data();
  it.end_ = body_.data() + body_.size();
  it.record_.position = first_;
  it.Load();
  return it;
}

FrameView::Iterator FrameView::end() const {
  Iterator it;
  it.record_.position = first_ + count_;
  return it;
}

FrameView::Iterator& FrameView::Iterator::operator++() {
  ++record_.position;
  if (next_ != end_) Load();
  return *this;
}

// Parse has seen that every record fits.
void FrameView::Iterator::Load() { next_ = GetRecord(next_, end_, &record_); }

}  // namespace quartermaster::storage
