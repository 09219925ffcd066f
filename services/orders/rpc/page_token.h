// Page tokens: where a list goes on, opaque to clients. A token belongs to its list and its filter:
// given with another one it is PAGE_TOKEN_INVALID, not a wrong page.
#ifndef QUARTERMASTER_SERVICES_ORDERS_RPC_PAGE_TOKEN_H_
#define QUARTERMASTER_SERVICES_ORDERS_RPC_PAGE_TOKEN_H_

#include <cstddef>
#include <optional>
#include <string>

#include "services/orders/domain/types.h"
#include "services/runtime/rpc_error.h"

namespace google::protobuf {
class Message;
}

namespace quartermaster::orders {

// `filter` is the list's request with page size and page token cleared.
std::string MakePageToken(const google::protobuf::Message& filter, Position last);
// Empty if it is not a token of this filter.
std::optional<Position> ReadPageToken(const google::protobuf::Message& filter,
                                      const std::string& token);

runtime::RpcError PageTokenInvalid();

// How many to list, of a request's page size.
size_t PageSize(int32_t page_size);

}  // namespace quartermaster::orders

#endif  // QUARTERMASTER_SERVICES_ORDERS_RPC_PAGE_TOKEN_H_
