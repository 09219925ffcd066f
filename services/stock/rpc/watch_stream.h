// WatchAvailability: current values, then changes, as fast as the client takes them.
#ifndef QUARTERMASTER_SERVICES_STOCK_RPC_WATCH_STREAM_H_
#define QUARTERMASTER_SERVICES_STOCK_RPC_WATCH_STREAM_H_

#include <grpcpp/grpcpp.h>

#include "quartermaster/stock/v1/stock.pb.h"
#include "services/stock/app/stock_engine.h"
#include "services/stock/rpc/live_streams.h"

namespace quartermaster::stock {

// The reactor of one stream; it deletes itself when gRPC is done with it.
grpc::ServerWriteReactor<v1::WatchAvailabilityResponse>* NewWatchStream(
    grpc::CallbackServerContext* context, const v1::WatchAvailabilityRequest& request,
    StockEngine* engine, LiveStreams* streams);

}  // namespace quartermaster::stock

#endif  // QUARTERMASTER_SERVICES_STOCK_RPC_WATCH_STREAM_H_
