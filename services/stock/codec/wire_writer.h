// WireWriter: writes a message in protobuf's wire format (protobuf.dev/programming-guides/encoding)
// without building the message first. The writer of a partition encodes an event and an outcome for
// every command: filling and measuring messages cost it a third of its time.
//
//   WireWriter out;
//   out.Int(pb::Part::kQuantityFieldNumber, 3);
//   frame.Add(type, version, out.bytes());
#ifndef QUARTERMASTER_SERVICES_STOCK_CODEC_WIRE_WRITER_H_
#define QUARTERMASTER_SERVICES_STOCK_CODEC_WIRE_WRITER_H_

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

#include "services/base/varint.h"

namespace quartermaster::stock {

// Fields must be written in the order of their numbers, so that the bytes are those of protobuf's
// own serializer. As in proto3, a field with its type's default value is left out. Not thread-safe.
class WireWriter {
 public:
  void Clear() { size_ = 0; }
  // What was written since Clear; valid until the next call of anything else.
  std::string_view bytes() const { return {buffer_.data(), size_}; }

  // uint32, uint64, bool.
  void Uint(int field, uint64_t value) {
    if (value == 0) return;
    MakeRoom(2 * kNumberBytesMax);
    PutTag(field, kVarint);
    PutNumber(value);
  }
  // The same of an optional field that is there, even if it is 0.
  void Present(int field, uint64_t value) {
    MakeRoom(2 * kNumberBytesMax);
    PutTag(field, kVarint);
    PutNumber(value);
  }
  // int32, int64, enums.
  void Int(int field, int64_t value) { Uint(field, static_cast<uint64_t>(value)); }

  // fixed64.
  void Fixed(int field, uint64_t value) {
    static_assert(std::endian::native == std::endian::little);
    if (value == 0) return;
    MakeRoom(kNumberBytesMax + sizeof(value));
    PutTag(field, kFixed64);
    PutBytes(&value, sizeof(value));
  }

  // string, bytes.
  void String(int field, std::string_view value) {
    if (value.empty()) return;
    MakeRoom(2 * kNumberBytesMax + value.size());
    PutTag(field, kLengthDelimited);
    PutNumber(value.size());
    PutBytes(value.data(), value.size());
  }

  // A message, whose fields write() writes; there even if it is empty.
  template <typename Write>
  void Message(int field, const Write& write) {
    MakeRoom(2 * kNumberBytesMax);
    PutTag(field, kLengthDelimited);
    // Most messages are shorter than 128 bytes, so that their length takes one; others move.
    const size_t start = ++size_;
    write();
    const size_t length = size_ - start;
    if (length < 0x80) {
      buffer_[start - 1] = static_cast<char>(length);
      return;
    }
    MakeRoom(kNumberBytesMax);
    const size_t shift = VarintBytes(length) - 1;
    std::memmove(buffer_.data() + start + shift, buffer_.data() + start, length);
    size_ = start - 1;
    PutNumber(length);
    size_ += length;
  }

  // A repeated number, packed: value(element) of each element.
  template <typename Range, typename Value>
  void Packed(int field, const Range& range, const Value& value) {
    if (range.empty()) return;
    Message(field, [&] {
      for (const auto& element : range) {
        MakeRoom(kNumberBytesMax);
        PutNumber(static_cast<uint64_t>(value(element)));
      }
    });
  }

 private:
  enum WireType : uint32_t { kVarint = 0, kFixed64 = 1, kLengthDelimited = 2 };
  static constexpr size_t kNumberBytesMax = kVarintBytesMax<uint64_t>;

  void MakeRoom(size_t bytes) {
    if (buffer_.size() - size_ < bytes) buffer_.resize(std::max(2 * buffer_.size(), size_ + bytes));
  }
  // The room must have been made.
  void PutTag(int field, WireType type) { PutNumber(static_cast<uint32_t>(field) << 3 | type); }
  void PutNumber(uint64_t value) {
    size_ = static_cast<size_t>(PutVarint(buffer_.data() + size_, value) - buffer_.data());
  }
  void PutBytes(const void* bytes, size_t size) {
    std::memcpy(buffer_.data() + size_, bytes, size);
    size_ += size;
  }

  std::vector<char> buffer_ = std::vector<char>(4096);
  size_t size_ = 0;
};

}  // namespace quartermaster::stock

#endif  // QUARTERMASTER_SERVICES_STOCK_CODEC_WIRE_WRITER_H_
