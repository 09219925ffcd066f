// Cross-check: what orders and stock must know of each other. An order's hold exists in stock and
// is its own; what orders told stock to do was done, once, and nothing else was; nothing that is
// allocated in stock has lost its order.
//
// The two logs have no order between them. Facts of stock are in its log before orders refers to
// them, and intents are in orders' log before stock carries them out. So read orders (A), then
// stock (B), then orders again (C): what A says of stock must be in B, what B did must be in C.
#ifndef QUARTERMASTER_TOOLS_QM_VERIFY_CROSS_CHECK_H_
#define QUARTERMASTER_TOOLS_QM_VERIFY_CROSS_CHECK_H_

#include <map>
#include <string>
#include <vector>

#include "tools/qm/verify/findings.h"
#include "tools/qm/verify/orders_books.h"
#include "tools/qm/verify/stock_books.h"

namespace quartermaster::qm {

// All that orders says of stock is true there. `stock` must not be older than `orders`.
void CheckOrdersInStock(const OrdersBooks& orders, const StockBooks& stock, Findings* findings);

// All that stock did for an order was asked by it. `orders` must not be older than `stock`.
void CheckStockInOrders(const StockBooks& stock, const OrdersBooks& orders, Findings* findings);

// The work between the two that is not finished: right for a moment, stranded if it stays. Key and
// what is open.
std::map<std::string, std::string> Unsettled(const OrdersBooks& orders, const StockBooks& stock);

}  // namespace quartermaster::qm

#endif  // QUARTERMASTER_TOOLS_QM_VERIFY_CROSS_CHECK_H_
