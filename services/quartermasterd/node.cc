#include "services/quartermasterd/node.h"

#include <grpcpp/grpcpp.h>

#include <string>
#include <utility>
#include <vector>

#include "quartermaster/routing/v1/routing.grpc.pb.h"
#include "services/base/status_macros.h"
#include "services/engine/clock.h"
#include "services/quartermasterd/catalog_part.h"
#include "services/quartermasterd/log_part.h"
#include "services/quartermasterd/orders_part.h"
#include "services/quartermasterd/process.h"
#include "services/quartermasterd/routing_part.h"
#include "services/quartermasterd/stock_part.h"
#include "services/runtime/metrics.h"
#include "services/runtime/server.h"
#include "services/runtime/system_clock.h"
#include "storage/durable_file.h"

namespace quartermaster {
// A part is null if nothing in this process needs it. Members stand in the order in which they are
// made: each uses only those above it.
class Node::Impl {
 public:
  Impl(const runtime::ServerOptions& options, runtime::Logger* log, runtime::ShutdownSignal* signal)
      : process_{options, log, signal, &clock_, &metrics_, &rpcs_} {}

  ~Impl() { Stop(); }

  absl::Status Start() {
    QM_RETURN_IF_ERROR(storage::MakeDirectory(process_.options.data_dir));
    // A second copy that was started by mistake must not take the first one's partitions.
    QM_RETURN_IF_ERROR(Within("options --listen and --socket",
                              runtime::GrpcServer::CanListen(GrpcOptionsFor(process_))));
    // First: whoever waits for a replay, or for the log, wants to see it.
    QM_RETURN_IF_ERROR(ServeMetrics());
    QM_RETURN_IF_ERROR(OpenParts());
    QM_RETURN_IF_ERROR(AcquirePartitions());
    QM_RETURN_IF_ERROR(StartWhatIsFollowed());
    QM_RETURN_IF_ERROR(Listen());
    StartWhatCallsOthers();
    process_.log->Info("serving", {{"port", server_->port()}, {"socket", process_.options.socket}});
    return absl::OkStatus();
  }

  void Stop() {
    if (stopped_) return;
    stopped_ = true;
    if (server_ != nullptr) server_->Drain();
    metrics_server_.reset();
    StopOwners();
    if (routing_ != nullptr) routing_->Stop();
    if (log_ != nullptr) log_->Stop();
    process_.log->Info("stopped");
  }

 private:
  // May be called again. Whoever asks others stops first.
  void StopOwners() {
    if (orders_ != nullptr) orders_->Stop();
    if (stock_ != nullptr) stock_->StopRegistering();
    if (catalog_ != nullptr) catalog_->Stop();
    if (stock_ != nullptr) stock_->Stop();
  }

  absl::Status OpenParts() {
    QM_ASSIGN_OR_RETURN(log_, LogPart::Open(process_));
    if (process_.Serves("routing")) routing_ = std::make_unique<RoutingPart>(process_);
    if (process_.Serves("catalog") || process_.Serves("stock") || process_.Serves("orders")) {
      QM_ASSIGN_OR_RETURN(catalog_, CatalogPart::Open(process_, log_->events()));
    }
    if (process_.Serves("stock")) {
      QM_ASSIGN_OR_RETURN(stock_, StockPart::Open(process_, log_->events(), catalog_.get()));
    }
    if (process_.Serves("orders")) {
      QM_ASSIGN_OR_RETURN(orders_, OrdersPart::Open(process_, log_->events(), &catalog_->view()));
    }
    return absl::OkStatus();
  }

  // After all have been opened: a process that cannot serve must not fence one that does.
  absl::Status AcquirePartitions() {
    if (catalog_ != nullptr) QM_RETURN_IF_ERROR(catalog_->Acquire());
    if (stock_ != nullptr) QM_RETURN_IF_ERROR(stock_->Acquire());
    return orders_ == nullptr ? absl::OkStatus() : orders_->Acquire();
  }

  // The catalog tells the others what exists; nobody is served before they know it.
  absl::Status StartWhatIsFollowed() {
    if (stock_ != nullptr && routing_ != nullptr) routing_->FollowHere(stock_->engine());
    if (stock_ != nullptr) stock_->Start();
    if (routing_ != nullptr && process_.Serves("catalog")) routing_->FollowHere(&catalog_->view());
    return catalog_ == nullptr ? absl::OkStatus() : catalog_->Start();
  }

  absl::Status Listen() {
    Offer offer;
    log_->AddTo(&offer);
    if (catalog_ != nullptr) catalog_->AddTo(&offer);
    if (stock_ != nullptr) stock_->AddTo(&offer);
    if (orders_ != nullptr) orders_->AddTo(&offer);
    if (routing_ != nullptr) routing_->AddTo(&offer);
    for (const runtime::HostedService& service : offer.services) names_.push_back(service.name);
    QM_ASSIGN_OR_RETURN(
        server_, runtime::GrpcServer::Start(GrpcOptionsFor(process_), std::move(offer.services)));
    for (auto& end_streams : offer.end_streams) server_->OnDrain(std::move(end_streams));
    if (orders_ != nullptr) server_->OnCallsEnded([this] { orders_->Stop(); });
    // Calls wait for a log that is away for as long as their writers do.
    server_->OnDrainTimeout([this] { StopOwners(); });
    return process_.Serves("log") ? log_->Listen() : absl::OkStatus();
  }

  void StartWhatCallsOthers() {
    if (orders_ != nullptr) {
      orders_->Start(Peer("stock", process_.options.stock),
                     Peer("routing", process_.options.routing));
    }
    const std::string routing = routing::v1::RoutingService::service_full_name();
    for (const std::string& name : names_) {
      server_->SetServing(name, name != routing || routing_->serving());
      metrics_.AddGauge("quartermaster_server_serving", "1 if the service's health is SERVING.",
                        [this, name] { return server_->IsServing(name) ? 1.0 : 0.0; },
                        {{"service", name}});
    }
    if (routing_ != nullptr) {
      routing_->Start(Peer("orders", process_.options.orders),
                      [this, routing] { server_->SetServing(routing, true); });
    }
  }

  absl::Status ServeMetrics() {
    metrics_.AddProcess();
    metrics_.AddStorage(process_.options.data_dir);
    if (process_.options.metrics.empty()) return absl::OkStatus();
    QM_ASSIGN_OR_RETURN(metrics_server_,
                        runtime::MetricsServer::Start(&metrics_, process_.options.metrics));
    process_.log->Info("metrics", {{"port", metrics_server_->port()}});
    return absl::OkStatus();
  }

  // A channel to a service: through this process, if it is here.
  std::shared_ptr<grpc::Channel> Peer(const char* service, const std::string& address) {
    return process_.Serves(service) ? server_->InProcessChannel() : ChannelTo(address);
  }

  runtime::SystemClock clock_;
  runtime::Metrics metrics_;
  runtime::RpcMetrics rpcs_{&metrics_};
  const Process process_;
  bool stopped_ = false;

  std::unique_ptr<LogPart> log_;
  std::unique_ptr<RoutingPart> routing_;
  std::unique_ptr<CatalogPart> catalog_;
  std::unique_ptr<StockPart> stock_;
  std::unique_ptr<OrdersPart> orders_;
  // Of the services on the server.
  std::vector<std::string> names_;
  std::unique_ptr<runtime::GrpcServer> server_;
  std::unique_ptr<runtime::MetricsServer> metrics_server_;
};

absl::StatusOr<std::unique_ptr<Node>> Node::Start(const runtime::ServerOptions& options,
                                                  runtime::Logger* log,
                                                  runtime::ShutdownSignal* signal) {
  auto impl = std::make_unique<Impl>(options, log, signal);
  QM_RETURN_IF_ERROR(impl->Start());
  return std::unique_ptr<Node>(new Node(std::move(impl)));
}

Node::Node(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Node::~Node() = default;
void Node::Stop() { impl_->Stop(); }

}  // namespace quartermaster
