#include "tools/qm/input/values.h"

#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <utility>

namespace quartermaster::qm {
namespace {

constexpr size_t kMaxIdBytes = 64;

template <typename T>
std::optional<T> ParseWith(std::string_view text) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::string_view Trim(std::string_view text) {
  constexpr std::string_view kBlank = " \t";
  const size_t first = text.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

}  // namespace

std::optional<std::chrono::microseconds> ParseDuration(std::string_view text) {
  static constexpr std::array<std::pair<std::string_view, int64_t>, 6> kUnits = {{
      {"us", 1},
      {"ms", 1'000},
      {"s", 1'000'000},
      {"m", 60'000'000},
      {"h", 3'600'000'000},
      {"d", 86'400'000'000},
  }};
  const size_t digits = text.find_first_not_of("0123456789");
  const std::optional<int64_t> count = ParseInteger(text.substr(0, digits));
  if (!count) return std::nullopt;
  const std::string_view unit = digits == std::string_view::npos ? "s" : text.substr(digits);
  for (const auto& [name, us] : kUnits) {
    if (name != unit) continue;
    if (*count > std::numeric_limits<int64_t>::max() / us) return std::nullopt;
    return std::chrono::microseconds(*count * us);
  }
  return std::nullopt;
}

std::optional<int64_t> ParseInteger(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  if (text.starts_with('+')) return std::nullopt;
  return ParseWith<int64_t>(text);
}

std::optional<double> ParseNumber(std::string_view text) {
  const std::optional<double> value = ParseWith<double>(text);
  if (value && !std::isfinite(*value)) return std::nullopt;
  return value;
}

std::optional<bool> ParseBool(std::string_view text) {
  if (text == "true" || text == "yes" || text == "1") return true;
  if (text == "false" || text == "no" || text == "0") return false;
  return std::nullopt;
}

std::optional<Point> ParsePoint(std::string_view text) {
  const size_t comma = text.find(',');
  if (comma == std::string_view::npos) return std::nullopt;
  const std::optional<double> latitude = ParseNumber(Trim(text.substr(0, comma)));
  const std::optional<double> longitude = ParseNumber(Trim(text.substr(comma + 1)));
  if (!latitude || !longitude) return std::nullopt;
  if (std::abs(*latitude) > 90 || std::abs(*longitude) > 180) return std::nullopt;
  return Point{*latitude, *longitude};
}

Place ParsePlace(std::string_view text) {
  constexpr std::string_view kPool = "pool:";
  constexpr std::string_view kChannel = "channel:";
  if (text.starts_with(kPool)) return {.pool_id = std::string(text.substr(kPool.size()))};
  if (text.starts_with(kChannel)) return {.channel_id = std::string(text.substr(kChannel.size()))};
  return {.location_id = std::string(text)};
}

std::optional<LineSpec> ParseLine(std::string_view text) {
  LineSpec line;
  if (const size_t at = text.rfind('@'); at != std::string_view::npos) {
    line.place = ParsePlace(text.substr(at + 1));
    if (line.place->empty()) return std::nullopt;
    text = text.substr(0, at);
  }
  const size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return std::nullopt;
  const std::optional<int64_t> quantity = ParseInteger(text.substr(colon + 1));
  if (!quantity || *quantity < std::numeric_limits<int32_t>::min() ||
      *quantity > std::numeric_limits<int32_t>::max()) {
    return std::nullopt;
  }
  line.sku = std::string(text.substr(0, colon));
  line.quantity = static_cast<int32_t>(*quantity);
  return line;
}

std::optional<PartSpec> ParsePart(std::string_view text) {
  PartSpec part;
  if (const size_t at = text.rfind('@'); at != std::string_view::npos) {
    part.location_id = std::string(text.substr(at + 1));
    if (part.location_id.empty()) return std::nullopt;
    text = text.substr(0, at);
  }
  const size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return std::nullopt;
  const std::optional<int64_t> quantity = ParseInteger(text.substr(colon + 1));
  if (!quantity) return std::nullopt;
  part.line_id = std::string(text.substr(0, colon));
  if (const size_t slashes = part.line_id.find("//"); slashes != std::string::npos) {
    part.component = part.line_id.substr(slashes + 2);
    part.line_id.resize(slashes);
    if (part.component.empty() || part.line_id.empty()) return std::nullopt;
  }
  part.quantity = *quantity;
  return part;
}

std::vector<std::string> SplitList(std::string_view text, char separator) {
  std::vector<std::string> parts;
  while (true) {
    const size_t at = text.find(separator);
    const std::string_view part = Trim(text.substr(0, at));
    if (!part.empty()) parts.emplace_back(part);
    if (at == std::string_view::npos) return parts;
    text.remove_prefix(at + 1);
  }
}

bool IsValidUtf8(std::string_view text) {
  size_t i = 0;
  while (i < text.size()) {
    const auto lead = static_cast<unsigned char>(text[i]);
    if (lead < 0x80) {
      ++i;
      continue;
    }
    const int more = lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : 1;
    if (lead < 0xc2 || lead > 0xf4 || i + static_cast<size_t>(more) >= text.size()) return false;
    uint32_t point = lead & (0x3fu >> more);
    for (int k = 1; k <= more; ++k) {
      const auto next = static_cast<unsigned char>(text[i + static_cast<size_t>(k)]);
      if ((next & 0xc0) != 0x80) return false;
      point = point << 6 | (next & 0x3fu);
    }
    const uint32_t least = more == 3 ? 0x10000u : more == 2 ? 0x800u : 0x80u;
    if (point < least || point > 0x10ffffu || (point >= 0xd800u && point <= 0xdfffu)) return false;
    i += static_cast<size_t>(more) + 1;
  }
  return true;
}

const char* IdProblem(std::string_view id) {
  if (id.empty()) return "is empty";
  if (id.size() > kMaxIdBytes) return "is longer than 64 bytes";
  if (!IsValidUtf8(id)) return "is not valid UTF-8";
  for (const char c : id) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f) return "has a control character";
  }
  return nullptr;
}

}  // namespace quartermaster::qm
