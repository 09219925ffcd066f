// StockNews from a stock in another process: what a watch that resumes at the position sends first.
//
//   const auto news = NewGrpcStockNews(channel, Seconds(5));
#ifndef QUARTERMASTER_SERVICES_ROUTING_RPC_GRPC_STOCK_NEWS_H_
#define QUARTERMASTER_SERVICES_ROUTING_RPC_GRPC_STOCK_NEWS_H_

#include <memory>

#include "services/base/time.h"
#include "services/routing/app/stock_news.h"

namespace grpc {
class Channel;
}

namespace quartermaster::routing {

// The channel should not be the stock feed's: a connection has a hundred streams. `timeout` is how
// long stock may take. Questions share watches, of which at most one is open. Destroyed on a thread
// of one's own, not of gRPC's: what is still to be answered then is, with PEER_UNAVAILABLE.
std::unique_ptr<StockNews> NewGrpcStockNews(const std::shared_ptr<grpc::Channel>& channel,
                                            Micros timeout);

}  // namespace quartermaster::routing

#endif  // QUARTERMASTER_SERVICES_ROUTING_RPC_GRPC_STOCK_NEWS_H_
