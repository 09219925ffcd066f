// Keeps an order's record in step with the server's answers, and the books with the record.
#ifndef QUARTERMASTER_TOOLS_RETAIL_ORDER_BOOK_H_
#define QUARTERMASTER_TOOLS_RETAIL_ORDER_BOOK_H_

#include <string>

#include "tools/retail/client.h"
#include "tools/retail/records.h"
#include "tools/retail/shop.h"

namespace quartermaster::retail {

// One placed order's bookkeeping while its client works on it. Not thread-safe.
class OrderBook {
 public:
  // All must outlive it; `record` has an order id.
  OrderBook(Shop* shop, Client* client, OrderRecord* record)
      : shop_(*shop), client_(*client), record_(*record) {}

  OrderRecord& record() { return record_; }
  LineRecord* Line(const std::string& line_id);

  // Reads the order until stock and routing have dealt with it: it is not pending, and each unit
  // has a place or the order awaits stock. Notes it as unexpected if that takes a minute.
  orders::v1::Order AwaitRouted();

  // Takes over where the units are, from an answer.
  void Sync(const orders::v1::Order& order);

  // Counts as possibly taken, from now on, units that a request which is about to be sent may take
  // elsewhere: a rejected or short task is routed again.
  void MayTakeMore(ItemIndex item, int64_t quantity);

  // Brings the books to what the record says. Units are counted as free only when the order's
  // reservations no longer hold them: the server gives them back after it has answered.
  void Rebook();

 private:
  bool ReservationsAgree();

  Shop& shop_;
  Client& client_;
  OrderRecord& record_;
};

}  // namespace quartermaster::retail

#endif  // QUARTERMASTER_TOOLS_RETAIL_ORDER_BOOK_H_
