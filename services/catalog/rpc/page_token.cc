#include "services/catalog/rpc/page_token.h"

#include <cstdint>

#include "absl/strings/escaping.h"
#include "xxhash.h"

namespace quartermaster::catalog {
namespace {

constexpr size_t kCheckBytes = 4;

// Guards against tokens of other lists and against accidents, not against forgers: a token opens
// nothing that its list does not.
std::string CheckOf(std::string_view list, std::string_view last) {
  const XXH32_hash_t seed = XXH32(list.data(), list.size(), 0);
  XXH32_canonical_t check;
  XXH32_canonicalFromHash(&check, XXH32(last.data(), last.size(), seed));
  return std::string(reinterpret_cast<const char*>(check.digest), kCheckBytes);
}

}  // namespace

std::string MakePageToken(std::string_view list, std::string_view last) {
  return absl::WebSafeBase64Escape(CheckOf(list, last) + std::string(last));
}

std::optional<std::string> ReadPageToken(std::string_view list, std::string_view token) {
  if (token.empty()) return std::string();
  std::string bytes;
  if (!absl::WebSafeBase64Unescape(absl::string_view(token.data(), token.size()), &bytes) ||
      bytes.size() <= kCheckBytes) {
    return std::nullopt;
  }
  const std::string last = bytes.substr(kCheckBytes);
  if (bytes.compare(0, kCheckBytes, CheckOf(list, last)) != 0) return std::nullopt;
  return last;
}

}  // namespace quartermaster::catalog
