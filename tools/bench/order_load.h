// Load on orders: closed loops of PlaceOrder, each planned, held, placed, confirmed and durable.
#ifndef QUARTERMASTER_TOOLS_BENCH_ORDER_LOAD_H_
#define QUARTERMASTER_TOOLS_BENCH_ORDER_LOAD_H_

#include <string>

#include "tools/bench/load.h"

namespace quartermaster::bench {

// Makes "S0" to "S<skus - 1>" items of the catalog, and "L0" a warehouse that ships.
void Catalogue(const std::string& target, int skus);

// Orders of one unit to be shipped, PLACED per second.
double RunOrders(const LoadOptions& options);

}  // namespace quartermaster::bench

#endif  // QUARTERMASTER_TOOLS_BENCH_ORDER_LOAD_H_
