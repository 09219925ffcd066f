// OrdersPart: orders, and the peers that it asks: stock and routing, wherever they are.
#ifndef QUARTERMASTER_SERVICES_QUARTERMASTERD_ORDERS_PART_H_
#define QUARTERMASTER_SERVICES_QUARTERMASTERD_ORDERS_PART_H_

#include <memory>

#include "absl/status/statusor.h"
#include "services/orders/app/orders_app.h"
#include "services/quartermasterd/local_feeds.h"
#include "services/quartermasterd/peer_relay.h"
#include "services/quartermasterd/process.h"

namespace grpc {
class Service;
}

namespace quartermaster {

class OrdersPart {
 public:
  // `catalog` must outlive the part. Errors: those of OrdersApp::Open; a key file that an option
  // names cannot be used.
  static absl::StatusOr<std::unique_ptr<OrdersPart>> Open(const Process& process,
                                                          storage::EventLog* events,
                                                          const catalog::CatalogView* catalog);

  // Takes the partition over. Errors: those of Sequencer::Acquire.
  absl::Status Acquire();
  void AddTo(Offer* offer);
  void Start(const std::shared_ptr<grpc::Channel>& stock,
             const std::shared_ptr<grpc::Channel>& routing);
  // While its peers can still be called.
  void Stop() { app_->Stop(); }

 private:
  explicit OrdersPart(const catalog::CatalogView* catalog) : directory_(catalog) {}

  const LocalDirectory directory_;
  StockPeerRelay stock_;
  RoutingPeerRelay routing_;
  std::unique_ptr<orders::OrdersApp> app_;
  std::unique_ptr<grpc::Service> service_;
};

}  // namespace quartermaster

#endif  // QUARTERMASTER_SERVICES_QUARTERMASTERD_ORDERS_PART_H_
