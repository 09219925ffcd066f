// Hash tables by string that are searched by std::string_view without a copy. (Debian's Abseil has
// a string_view type of its own, which its default hash wants.)
#ifndef QUARTERMASTER_SERVICES_ROUTING_DOMAIN_STRING_MAP_H_
#define QUARTERMASTER_SERVICES_ROUTING_DOMAIN_STRING_MAP_H_

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"

namespace quartermaster::routing {

struct StringKeyHash {
  using is_transparent = void;
  size_t operator()(std::string_view key) const { return std::hash<std::string_view>()(key); }
};

template <typename Value>
using StringMap = absl::flat_hash_map<std::string, Value, StringKeyHash, std::equal_to<>>;
using StringSet = absl::flat_hash_set<std::string, StringKeyHash, std::equal_to<>>;

}  // namespace quartermaster::routing

#endif  // QUARTERMASTER_SERVICES_ROUTING_DOMAIN_STRING_MAP_H_
