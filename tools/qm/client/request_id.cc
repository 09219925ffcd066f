#include "tools/qm/client/request_id.h"

#include <array>
#include <cstdint>
#include <random>

#include "absl/strings/str_cat.h"

namespace quartermaster::qm {

std::string NewRequestId() {
  std::random_device device;
  std::array<uint32_t, 4> words;
  for (uint32_t& word : words) word = device();
  words[1] = (words[1] & 0xffff0fffu) | 0x00004000u;  // version 4
  words[2] = (words[2] & 0x3fffffffu) | 0x80000000u;  // the variant of RFC 4122
  static constexpr char kHex[] = "0123456789abcdef";
  std::string id;
  for (int i = 0; i < 32; ++i) {
    if (i == 8 || i == 12 || i == 16 || i == 20) id += '-';
    id += kHex[(words[i / 8] >> (28 - 4 * (i % 8))) & 0xf];
  }
  return id;
}

std::string RequestIdOfLine(std::string_view request_id, int64_t line) {
  return absl::StrCat(absl::string_view(request_id.data(), request_id.size()), "/", line);
}

}  // namespace quartermaster::qm
