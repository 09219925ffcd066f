#include "services/quartermasterd/routing_part.h"

#include <grpcpp/grpcpp.h>

#include <string>

#include "quartermaster/routing/v1/routing.grpc.pb.h"
#include "services/routing/rpc/grpc_decision_source.h"
#include "services/routing/rpc/grpc_feeds.h"
#include "services/routing/rpc/grpc_stock_news.h"
#include "services/routing/rpc/routing_service.h"

namespace quartermaster {

void RoutingPart::Picture::OnNetwork(routing::NetworkBatch batch) {
  const bool current = batch.current;
  router_->OnNetwork(std::move(batch));
  if (current && on_serving_ && router_->serving()) on_serving_();
}

void RoutingPart::Picture::OnStock(routing::StockBatch batch) {
  const bool current = batch.current;
  router_->OnStock(std::move(batch));
  if (current && on_serving_ && router_->serving()) on_serving_();
}

RoutingPart::RoutingPart(const Process& process)
    : process_(process),
      service_(routing::NewRoutingService(&router_, &decisions_,
                                          process.Serves("stock") ? nullptr : &news_)) {}

void RoutingPart::FollowHere(stock::StockEngine* stock) {
  stock_here_ = std::make_unique<LocalStockFeed>(stock);
  stock_here_->Start(&picture_);
  router_.SetCatchUp([this] { stock_here_->CatchUp(); });
}

void RoutingPart::FollowHere(catalog::CatalogView* catalog) {
  network_here_ = std::make_unique<LocalNetworkFeed>(catalog);
  network_here_->Start(&picture_);
}

void RoutingPart::AddTo(Offer* offer) {
  offer->services.push_back(runtime::Hosted<routing::v1::RoutingService>(service_.get()));
}

void RoutingPart::Start(const std::shared_ptr<grpc::Channel>& orders,
                        std::function<void()> on_serving) {
  decisions_.Connect(routing::NewGrpcDecisionSource(orders, kPeerTimeout));
  picture_.TellServing(std::move(on_serving));
  if (!process_.Serves("stock")) {
    stock_elsewhere_ = routing::NewGrpcStockFeed(
        ChannelTo(process_.options.stock),
        {.backoff = {}, .on_problem = ProblemsOf(process_, "stock to routing")});
    stock_elsewhere_->Start(&picture_);
    news_.Connect(routing::NewGrpcStockNews(ChannelTo(process_.options.stock), kPeerTimeout));
  }
  if (!process_.Serves("catalog")) {
    network_elsewhere_ = routing::NewGrpcNetworkFeed(
        ChannelTo(process_.options.log),
        {.backoff = {}, .on_problem = ProblemsOf(process_, "catalog to routing")});
    network_elsewhere_->Start(&picture_);
  }
}

void RoutingPart::Stop() {
  if (stock_here_ != nullptr) stock_here_->Stop();
  if (stock_elsewhere_ != nullptr) stock_elsewhere_->Stop();
  if (network_elsewhere_ != nullptr) network_elsewhere_->Stop();
}

}  // namespace quartermaster
