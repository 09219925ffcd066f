// FillPage: as much of a page as one answer has room for.
#ifndef QUARTERMASTER_SERVICES_ORDERS_RPC_FILL_PAGE_H_
#define QUARTERMASTER_SERVICES_ORDERS_RPC_FILL_PAGE_H_

#include <cstddef>
#include <utility>

#include "services/orders/app/order_view.h"
#include "services/orders/rpc/page_token.h"
#include "services/runtime/answer_size.h"

namespace quartermaster::orders {

// Adds what `show` makes of each item to `messages`, and sets the response's token of the next
// page, if there is one. `position_of`: of an item, as the page was asked for by it.
template <typename Request, typename T, typename Messages, typename Response, typename Show,
          typename PositionOf>
void FillPage(const Request& request, const Page<T>& page, Messages* messages, Response* response,
              Show show, PositionOf position_of) {
  runtime::AnswerSize size;
  size_t shown = 0;
  for (; shown < page.items.size(); ++shown) {
    auto message = show(page.items[shown]);
    if (!size.Take(message)) break;
    *messages->Add() = std::move(message);
  }
  if (shown < page.items.size()) {
    response->set_next_page_token(NextPageToken(request, position_of(page.items[shown - 1])));
  } else if (page.more) {
    response->set_next_page_token(NextPageToken(request, page.last));
  }
}

}  // namespace quartermaster::orders

#endif  // QUARTERMASTER_SERVICES_ORDERS_RPC_FILL_PAGE_H_
