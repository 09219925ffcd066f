// The pages of orders' lists: their tokens (runtime/page_token.h) and sizes.
#ifndef QUARTERMASTER_SERVICES_ORDERS_RPC_PAGE_TOKEN_H_
#define QUARTERMASTER_SERVICES_ORDERS_RPC_PAGE_TOKEN_H_

#include <cstddef>
#include <cstdint>

#include "services/runtime/page_token.h"

namespace quartermaster::orders {

using runtime::NextPageToken;
using runtime::PageAfter;
using runtime::PageTokenInvalid;

// How many to list, of a request's page size.
size_t PageSize(int32_t page_size);

}  // namespace quartermaster::orders

#endif  // QUARTERMASTER_SERVICES_ORDERS_RPC_PAGE_TOKEN_H_
