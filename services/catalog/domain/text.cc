#include "services/catalog/domain/text.h"

#include <array>
#include <cstdint>

#include "absl/strings/str_cat.h"

namespace quartermaster::catalog {
namespace {

// Takes one code point off the front; -1 if what stands there is not well-formed UTF-8 (Unicode
// 15.0, table 3-7: no overlong forms, no surrogates, nothing above U+10FFFF).
int32_t TakeCodePoint(std::string_view& text) {
  const auto byte = [&](size_t i) { return static_cast<uint8_t>(text[i]); };
  const uint8_t lead = byte(0);
  const size_t length = lead < 0x80            ? 1
                        : lead >> 5 == 0b110   ? 2
                        : lead >> 4 == 0b1110  ? 3
                        : lead >> 3 == 0b11110 ? 4
                                               : 0;
  if (length == 0 || length > text.size()) return -1;
  int32_t point = length == 1 ? lead : lead & (0x7f >> length);
  for (size_t i = 1; i < length; ++i) {
    if (byte(i) >> 6 != 0b10) return -1;
    point = point << 6 | (byte(i) & 0x3f);
  }
  constexpr std::array<int32_t, 5> kLeast = {0, 0, 0x80, 0x800, 0x10000};
  if (point < kLeast[length] || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff)) return -1;
  text.remove_prefix(length);
  return point;
}

}  // namespace

std::optional<std::string> TextProblem(std::string_view text, size_t min_bytes, size_t max_bytes) {
  if (text.size() < min_bytes) return "must not be empty";
  if (text.size() > max_bytes) {
    return absl::StrCat("must have at most ", max_bytes, " bytes, has ", text.size());
  }
  while (!text.empty()) {
    const int32_t point = TakeCodePoint(text);
    if (point < 0) return "must be valid UTF-8";
    if (point < 0x20 || (point >= 0x7f && point < 0xa0)) {
      return "must not contain control characters";
    }
  }
  return std::nullopt;
}

std::optional<std::string> IdProblem(std::string_view id) {
  return TextProblem(id, 1, kMaxIdBytes);
}

}  // namespace quartermaster::catalog
