// BatchReserve on its way through the engine.
#ifndef QUARTERMASTER_SERVICES_STOCK_RPC_BATCH_RESERVE_H_
#define QUARTERMASTER_SERVICES_STOCK_RPC_BATCH_RESERVE_H_

#include <grpcpp/grpcpp.h>

#include "quartermaster/stock/v1/stock.pb.h"
#include "services/stock/app/stock_engine.h"

namespace quartermaster::stock {

// Submits each of the holds, at most 1,000, and finishes `reactor` when the last of them is done;
// `response` then has one result for each, in their order. What it is given must live until then.
void StartBatchReserve(StockEngine& engine, Instant deadline,
                       const v1::BatchReserveRequest* request, v1::BatchReserveResponse* response,
                       grpc::ServerUnaryReactor* reactor);

}  // namespace quartermaster::stock

#endif  // QUARTERMASTER_SERVICES_STOCK_RPC_BATCH_RESERVE_H_
