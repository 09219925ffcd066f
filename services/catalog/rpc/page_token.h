// Page tokens of lists in id order: opaque to clients, checked when they come back.
#ifndef QUARTERMASTER_SERVICES_CATALOG_RPC_PAGE_TOKEN_H_
#define QUARTERMASTER_SERVICES_CATALOG_RPC_PAGE_TOKEN_H_

#include <optional>
#include <string>
#include <string_view>

namespace quartermaster::catalog {

// The token for what comes after the id `last` in the named list ("items").
std::string MakePageToken(std::string_view list, std::string_view last);

// The id that the token holds; empty for an empty token, which is that of the first page. nullopt
// if it is not a token of this list.
std::optional<std::string> ReadPageToken(std::string_view list, std::string_view token);

}  // namespace quartermaster::catalog

#endif  // QUARTERMASTER_SERVICES_CATALOG_RPC_PAGE_TOKEN_H_
