// RoutingPart: routing, whose picture of network and stock is fed by the parts of this process, or
// over gRPC where they run elsewhere.
#ifndef QUARTERMASTER_SERVICES_QUARTERMASTERD_ROUTING_PART_H_
#define QUARTERMASTER_SERVICES_QUARTERMASTERD_ROUTING_PART_H_

#include <functional>
#include <memory>
#include <utility>

#include "services/catalog/app/catalog_view.h"
#include "services/quartermasterd/local_feeds.h"
#include "services/quartermasterd/peer_relay.h"
#include "services/quartermasterd/process.h"
#include "services/routing/app/router.h"

namespace grpc {
class Service;
}

namespace quartermaster {

class RoutingPart {
 public:
  explicit RoutingPart(const Process& process);

  // Feeds it from stock in this process. Before that is started.
  void FollowHere(stock::StockEngine* stock);
  // Feeds it from the catalog in this process. Before that is started.
  void FollowHere(catalog::CatalogView* catalog);

  void AddTo(Offer* offer);
  // Whether its picture is complete.
  bool serving() const { return router_.serving(); }
  // Follows what is elsewhere, and reads decisions from orders at `orders`. `on_serving` is called
  // when the picture becomes complete, on a feed's thread.
  void Start(const std::shared_ptr<grpc::Channel>& orders, std::function<void()> on_serving);
  // After the parts of this process that feed it, and before they are gone.
  void Stop();

 private:
  // Passes on to the router, and tells when that makes the picture complete.
  class Picture final : public routing::NetworkSink, public routing::StockSink {
   public:
    explicit Picture(routing::Router* router) : router_(router) {}
    // Before a feed that is elsewhere is started.
    void TellServing(std::function<void()> on_serving) { on_serving_ = std::move(on_serving); }
    void OnNetwork(routing::NetworkBatch batch) override;
    void OnStock(routing::StockBatch batch) override;

   private:
    routing::Router* const router_;
    std::function<void()> on_serving_;
  };

  const Process& process_;
  routing::Router router_;
  Picture picture_{&router_};
  std::unique_ptr<LocalStockFeed> stock_here_;
  std::unique_ptr<LocalNetworkFeed> network_here_;
  std::unique_ptr<routing::StockFeed> stock_elsewhere_;
  std::unique_ptr<routing::NetworkFeed> network_elsewhere_;
  DecisionRelay decisions_;
  // Of a stock elsewhere.
  StockNewsRelay news_;
  std::unique_ptr<grpc::Service> service_;
};

}  // namespace quartermaster

#endif  // QUARTERMASTER_SERVICES_QUARTERMASTERD_ROUTING_PART_H_
