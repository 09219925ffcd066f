#include "services/orders/rpc/page_token.h"

#include "services/orders/rpc/checks.h"

namespace quartermaster::orders {

size_t PageSize(int32_t page_size) {
  return static_cast<size_t>(page_size == 0 ? kPageSizeDefault : page_size);
}

}  // namespace quartermaster::orders
