// What the catalog takes as text: ids, titles, codes.
#ifndef QUARTERMASTER_SERVICES_CATALOG_DOMAIN_TEXT_H_
#define QUARTERMASTER_SERVICES_CATALOG_DOMAIN_TEXT_H_

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace quartermaster::catalog {

inline constexpr size_t kMaxIdBytes = 64;

// What is wrong with it, as the end of a sentence; nullopt if it has min_bytes to max_bytes of
// valid UTF-8 without control characters (U+0000 to U+001F, U+007F to U+009F).
std::optional<std::string> TextProblem(std::string_view text, size_t min_bytes, size_t max_bytes);

// As above for an id: 1 to 64 bytes.
std::optional<std::string> IdProblem(std::string_view id);

}  // namespace quartermaster::catalog

#endif  // QUARTERMASTER_SERVICES_CATALOG_DOMAIN_TEXT_H_
