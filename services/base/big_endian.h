// Numbers as bytes that are in the order of the numbers, if those are not negative: for keys.
#ifndef QUARTERMASTER_SERVICES_BASE_BIG_ENDIAN_H_
#define QUARTERMASTER_SERVICES_BASE_BIG_ENDIAN_H_

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

#include "services/base/check.h"

namespace quartermaster {

// As many bytes as the type has, the highest first.
template <std::integral T>
void AppendBigEndian(T value, std::string& bytes) {
  for (int shift = 8 * (static_cast<int>(sizeof(T)) - 1); shift >= 0; shift -= 8) {
    bytes.push_back(static_cast<char>(static_cast<uint64_t>(value) >> shift));
  }
}

// The first eight of the bytes, which must be as many at least.
inline int64_t LoadBigEndian64(std::string_view bytes) {
  QM_CHECK(bytes.size() >= 8);
  uint64_t value = 0;
  for (int i = 0; i < 8; ++i) value = value << 8 | static_cast<unsigned char>(bytes[i]);
  return static_cast<int64_t>(value);
}

}  // namespace quartermaster

#endif  // QUARTERMASTER_SERVICES_BASE_BIG_ENDIAN_H_
