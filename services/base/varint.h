// Numbers in base 128, low digits first, as protobuf writes them
// (protobuf.dev/programming-guides/encoding). Where they are written every command passes: inline.
#ifndef QUARTERMASTER_SERVICES_BASE_VARINT_H_
#define QUARTERMASTER_SERVICES_BASE_VARINT_H_

#include <bit>
#include <concepts>
#include <cstddef>
#include <limits>

namespace quartermaster {

// The most bytes that a number of the type takes: 5 of 32 bits, 10 of 64.
template <std::unsigned_integral T>
inline constexpr size_t kVarintBytesMax = (std::numeric_limits<T>::digits + 6) / 7;

// How many bytes the number takes: at least one.
template <std::unsigned_integral T>
constexpr size_t VarintBytes(T value) {
  return (static_cast<size_t>(std::bit_width(static_cast<T>(value | 1))) + 6) / 7;
}

// Writes the number at `at`, where there is room for it, and returns where it ends.
template <std::unsigned_integral T>
inline char* PutVarint(char* at, T value) {
  while (value >= 0x80) {
    *at++ = static_cast<char>(value | 0x80);
    value >>= 7;
  }
  *at++ = static_cast<char>(value);
  return at;
}

}  // namespace quartermaster

#endif  // QUARTERMASTER_SERVICES_BASE_VARINT_H_
