// ReserveStream: holds, pipelined, answered in the order of the requests.
#ifndef QUARTERMASTER_SERVICES_STOCK_RPC_RESERVE_STREAM_H_
#define QUARTERMASTER_SERVICES_STOCK_RPC_RESERVE_STREAM_H_

#include <grpcpp/grpcpp.h>

#include "quartermaster/stock/v1/stock.pb.h"
#include "services/stock/app/stock_engine.h"
#include "services/stock/rpc/live_streams.h"

namespace quartermaster::stock {

// The reactor of one stream; it deletes itself when gRPC is done with it.
grpc::ServerBidiReactor<v1::ReserveRequest, v1::ReserveResult>* NewReserveStream(
    grpc::CallbackServerContext* context, StockEngine* engine, LiveStreams* streams);

}  // namespace quartermaster::stock

#endif  // QUARTERMASTER_SERVICES_STOCK_RPC_RESERVE_STREAM_H_
