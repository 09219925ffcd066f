#include "services/quartermasterd/orders_part.h"

#include <grpcpp/grpcpp.h>

#include <optional>
#include <string>
#include <utility>

#include "quartermaster/orders/v1/orders.grpc.pb.h"
#include "services/base/status_macros.h"
#include "services/orders/app/orders_metrics.h"
#include "services/orders/app/secrets.h"
#include "services/orders/rpc/grpc_peers.h"
#include "services/orders/rpc/order_service.h"
#include "services/runtime/sequencer_metrics.h"

namespace quartermaster {
namespace {

constexpr char kOrdersPartition[] = "orders/0";

// The key that an option names; none if it is empty.
absl::StatusOr<std::optional<orders::SecretKey>> ReadKey(const char* option,
                                                         const std::string& path) {
  if (path.empty()) return std::nullopt;
  const auto key = orders::LoadKey(path);
  if (!key.ok()) return Within(option, key.status());
  return *key;
}

}  // namespace

absl::StatusOr<std::unique_ptr<OrdersPart>> OrdersPart::Open(const Process& process,
                                                             storage::EventLog* events,
                                                             const catalog::CatalogView* catalog) {
  std::unique_ptr<OrdersPart> part(new OrdersPart(catalog));
  orders::OrdersOptions options;
  options.data_directory = process.options.data_dir + "/orders";
  QM_ASSIGN_OR_RETURN(options.code_key,
                      ReadKey("option --pickup-key-file", process.options.pickup_key_file));
  QM_ASSIGN_OR_RETURN(options.vault_key,
                      ReadKey("option --vault-key-file", process.options.vault_key_file));
  options.sequencer = SequencerOptionsFor(process, kOrdersPartition);
  options.stalled_after = process.options.stalled_after;
  options.backorder_interval = process.options.backorder_interval;
  auto opened = orders::OrdersApp::Open(std::move(options), events, process.clock,
                                        {&part->stock_, &part->routing_, &part->directory_},
                                        ReplayProgress(process, kOrdersPartition));
  if (!opened.ok()) return Within("orders", opened.status());
  part->app_ = std::move(*opened);
  part->service_ = orders::NewOrderService(part->app_.get());
  runtime::AddSequencerMetrics(process.metrics, kOrdersPartition,
                               [app = part->app_.get()] { return app->engine().Stats(); });
  orders::AddOrdersMetrics(process.metrics, kOrdersPartition, part->app_.get());
  return part;
}

absl::Status OrdersPart::Acquire() {
  const absl::Status acquired = app_->Acquire();
  return acquired.ok() ? acquired : Within("orders", acquired);
}

void OrdersPart::AddTo(Offer* offer) {
  offer->services.push_back(runtime::Hosted<orders::v1::OrderService>(service_.get()));
  offer->end_streams.push_back([this] { app_->watch().CancelAll(); });
}

void OrdersPart::Start(const std::shared_ptr<grpc::Channel>& stock,
                       const std::shared_ptr<grpc::Channel>& routing) {
  stock_.Connect(orders::NewGrpcStockPeer(stock, kPeerTimeout));
  routing_.Connect(orders::NewGrpcRoutingPeer(routing, kPeerTimeout));
  app_->Start();
}

}  // namespace quartermaster
