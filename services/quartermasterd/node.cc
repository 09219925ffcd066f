#include "services/quartermasterd/node.h"

#include <grpcpp/grpcpp.h>
#include <sys/stat.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "quartermaster/catalog/v1/catalog.grpc.pb.h"
#include "quartermaster/log/v1/log.grpc.pb.h"
#include "quartermaster/orders/v1/orders.grpc.pb.h"
#include "quartermaster/routing/v1/routing.grpc.pb.h"
#include "quartermaster/stock/v1/stock.grpc.pb.h"
#include "services/base/status_macros.h"
#include "services/catalog/app/catalog_engine.h"
#include "services/catalog/rpc/catalog_service.h"
#include "services/engine/clock.h"
#include "services/log/app/log_reader.h"
#include "services/log/rpc/log_reader_service.h"
#include "services/orders/app/orders_app.h"
#include "services/orders/rpc/grpc_peers.h"
#include "services/orders/rpc/order_service.h"
#include "services/quartermasterd/local_feeds.h"
#include "services/quartermasterd/peer_relay.h"
#include "services/routing/app/decision_source.h"
#include "services/routing/app/router.h"
#include "services/routing/rpc/grpc_decision_source.h"
#include "services/routing/rpc/routing_service.h"
#include "services/runtime/metrics.h"
#include "services/runtime/sequencer_metrics.h"
#include "services/runtime/server.h"
#include "services/stock/app/stock_engine.h"
#include "services/stock/rpc/stock_service.h"
#include "storage/rocksdb_log.h"

namespace quartermaster {
namespace {

// How long a call to a peer may take before it counts as lost.
constexpr Micros kPeerTimeout = Seconds(5);

class SystemClock final : public engine::Clock {
 public:
  Instant Now() const override {
    const auto since = std::chrono::system_clock::now().time_since_epoch();
    return {std::chrono::duration_cast<std::chrono::microseconds>(since).count()};
  }
};

// Creates a directory that only its owner may enter; its parent must exist.
absl::Status MakeDirectory(const std::string& path) {
  if (::mkdir(path.c_str(), 0700) == 0 || errno == EEXIST) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("cannot create ", path, ": ", std::strerror(errno)));
}

// The status, saying which part it is about.
absl::Status Within(const char* part, const absl::Status& status) {
  return absl::Status(status.code(), absl::StrCat(part, ": ", absl::string_view(status.message())));
}

// The key that an option names; none if it is empty.
absl::StatusOr<std::optional<orders::SecretKey>> ReadKey(const char* option,
                                                         const std::string& path) {
  if (path.empty()) return std::nullopt;
  const auto key = orders::LoadKey(path);
  if (!key.ok()) return Within(option, key.status());
  return *key;
}

}  // namespace

// Members stand in the order in which they are made: each uses only those above it.
class Node::Impl {
 public:
  Impl(const runtime::ServerOptions& options, runtime::Logger* log, runtime::ShutdownSignal* signal)
      : options_(options), log_(log), signal_(signal) {}

  ~Impl() { Stop(); }

  absl::Status Start() {
    QM_RETURN_IF_ERROR(OpenLog());
    QM_RETURN_IF_ERROR(OpenParts());
    QM_RETURN_IF_ERROR(Listen());
    ConnectParts();
    AddMetrics();
    if (!options_.metrics.empty()) {
      QM_ASSIGN_OR_RETURN(metrics_server_,
                          runtime::MetricsServer::Start(&metrics_, options_.metrics));
      log_->Info("metrics", {{"port", metrics_server_->port()}});
    }
    for (const std::string& name : service_names_) server_->SetServing(name, true);
    log_->Info("serving", {{"port", server_->port()}, {"socket", options_.socket}});
    return absl::OkStatus();
  }

  void Stop() {
    if (stopped_) return;
    stopped_ = true;
    if (server_ != nullptr) server_->Drain();
    metrics_server_.reset();
    // Whoever asks others stops first.
    if (orders_ != nullptr) orders_->Stop();
    if (catalog_ != nullptr) catalog_->Stop();
    if (stock_ != nullptr) stock_->Stop();
    log_->Info("stopped");
  }

 private:
  absl::Status OpenLog() {
    QM_RETURN_IF_ERROR(MakeDirectory(options_.data_dir));
    storage::RocksDbLogOptions log_options;
    log_options.directory = options_.data_dir + "/log";
    log_options.sync = !options_.unsafe_no_sync;
    if (options_.unsafe_no_sync) {
      log_->Warning("appends are not synced: a crash loses acknowledged events");
    }
    auto opened = storage::OpenRocksDbLog(log_options);
    if (!opened.ok()) return Within("log", opened.status());
    event_log_ = std::move(*opened);
    return absl::OkStatus();
  }

  engine::SequencerOptions SequencerOptionsFor(const char* partition) {
    engine::SequencerOptions sequencer;
    sequencer.partition.name = partition;
    sequencer.queue_commands_max = static_cast<size_t>(options_.queue_commands_max);
    sequencer.queue_bytes_max = static_cast<size_t>(options_.queue_bytes_max);
    sequencer.on_fenced = [this, partition](const absl::Status& status) {
      log_->Error("another process owns the partition now",
                  {{"partition", partition}, {"status", status.ToString()}});
      signal_->Request(runtime::kExitFenced);
    };
    sequencer.on_fatal = [this, partition](const absl::Status& status) {
      log_->Error("the log failed; what was answered is durable, a restart replays it",
                  {{"partition", partition}, {"status", status.ToString()}});
      std::_Exit(runtime::kExitLogFailed);
    };
    return sequencer;
  }

  std::function<void(storage::Position, storage::Position)> ReplayProgress(const char* partition) {
    return [this, partition](storage::Position position, storage::Position head) {
      log_->Debug("replaying", {{"partition", partition}, {"position", position}, {"head", head}});
    };
  }

  absl::Status OpenParts() {
    stock::StockEngineOptions stock_options;
    stock_options.sequencer = SequencerOptionsFor("stock/0");
    stock_options.store_directory = options_.data_dir + "/stock";
    stock_options.on_progress = ReplayProgress("stock/0");
    stock_options.observers = {&stock_feed_};
    auto stock = stock::StockEngine::Open(std::move(stock_options), event_log_.get(), &clock_);
    if (!stock.ok()) return Within("stock", stock.status());
    stock_ = std::move(*stock);

    catalog::CatalogOptions catalog_options;
    catalog_options.sequencer = SequencerOptionsFor("catalog/0");
    catalog_options.on_replay_progress = ReplayProgress("catalog/0");
    auto catalog =
        catalog::CatalogEngine::Open(event_log_.get(), &clock_, std::move(catalog_options));
    if (!catalog.ok()) return Within("catalog", catalog.status());
    catalog_ = std::move(*catalog);
    directory_ = std::make_unique<LocalDirectory>(&catalog_->view());

    orders::OrdersOptions orders_options;
    orders_options.data_directory = options_.data_dir + "/orders";
    QM_ASSIGN_OR_RETURN(orders_options.code_key,
                        ReadKey("option --pickup-key-file", options_.pickup_key_file));
    QM_ASSIGN_OR_RETURN(orders_options.vault_key,
                        ReadKey("option --vault-key-file", options_.vault_key_file));
    orders_options.sequencer = SequencerOptionsFor("orders/0");
    auto orders = orders::OrdersApp::Open(std::move(orders_options), event_log_.get(), &clock_,
                                          {&stock_peer_, &routing_peer_, directory_.get()},
                                          ReplayProgress("orders/0"));
    if (!orders.ok()) return Within("orders", orders.status());
    orders_ = std::move(*orders);
    return absl::OkStatus();
  }

  absl::Status Listen() {
    log_reader_ = std::make_unique<log::LogReader>(event_log_.get());
    log_service_ = log::NewLogReaderService(log_reader_.get(), log_);
    QM_ASSIGN_OR_RETURN(catalog_service_, catalog::NewCatalogService(catalog_.get()));
    stock_rpc_ = std::make_unique<stock::StockRpc>(stock_.get());
    orders_service_ = orders::NewOrderService(orders_.get());
    routing_service_ = routing::NewRoutingService(&router_, &decisions_);
    std::vector<runtime::HostedService> hosted = {
        runtime::Hosted<log::v1::LogReader>(log_service_.get()),
        runtime::Hosted<catalog::v1::CatalogService>(catalog_service_.get()),
        runtime::Hosted<stock::v1::StockService>(stock_rpc_->service()),
        runtime::Hosted<orders::v1::OrderService>(orders_service_.get()),
        runtime::Hosted<routing::v1::RoutingService>(routing_service_.get())};
    for (const runtime::HostedService& service : hosted) service_names_.push_back(service.name);
    QM_ASSIGN_OR_RETURN(server_, runtime::GrpcServer::Start(runtime::GrpcOptionsOf(options_, log_),
                                                            std::move(hosted)));
    server_->OnDrain([this] {
      log_reader_->BeginShutdown();
      stock_rpc_->EndStreams();
      orders_->watch().CancelAll();
    });
    server_->OnCallsEnded([this] { orders_->Stop(); });
    return absl::OkStatus();
  }

  // Lets the parts find each other, then sets them going; what others follow goes first.
  void ConnectParts() {
    const std::shared_ptr<grpc::Channel> channel = server_->InProcessChannel();
    stock_peer_.Connect(orders::NewGrpcStockPeer(channel, kPeerTimeout));
    routing_peer_.Connect(orders::NewGrpcRoutingPeer(channel, kPeerTimeout));
    decisions_.Connect(routing::NewGrpcDecisionSource(channel, kPeerTimeout));
    stock_->Start();
    catalog_->view().AddListener(&registrar_.emplace(stock_.get()));
    network_feed_.emplace(&catalog_->view()).Start(&router_);
    catalog_->Start();
    orders_->Start();
  }

  void AddMetrics() {
    metrics_.AddProcess();
    runtime::AddSequencerMetrics(&metrics_, "stock/0",
                                 [this] { return stock_->sequencer().Stats(); });
    runtime::AddSequencerMetrics(&metrics_, "catalog/0", [this] { return catalog_->Stats(); });
    runtime::AddSequencerMetrics(&metrics_, "orders/0",
                                 [this] { return orders_->engine().Stats(); });
  }

  const runtime::ServerOptions& options_;
  runtime::Logger* const log_;
  runtime::ShutdownSignal* const signal_;
  bool stopped_ = false;

  SystemClock clock_;
  std::unique_ptr<storage::EventLog> event_log_;
  routing::Router router_;
  LocalStockFeed stock_feed_{&router_};
  std::unique_ptr<stock::StockEngine> stock_;
  std::optional<StockRegistrar> registrar_;
  std::unique_ptr<catalog::CatalogEngine> catalog_;
  std::optional<LocalNetworkFeed> network_feed_;
  std::unique_ptr<LocalDirectory> directory_;
  StockPeerRelay stock_peer_;
  RoutingPeerRelay routing_peer_;
  DecisionRelay decisions_;
  std::unique_ptr<orders::OrdersApp> orders_;
  std::unique_ptr<log::LogReader> log_reader_;

  std::unique_ptr<grpc::Service> log_service_;
  std::unique_ptr<grpc::Service> catalog_service_;
  std::unique_ptr<stock::StockRpc> stock_rpc_;
  std::unique_ptr<grpc::Service> orders_service_;
  std::unique_ptr<grpc::Service> routing_service_;
  std::vector<std::string> service_names_;
  std::unique_ptr<runtime::GrpcServer> server_;

  runtime::Metrics metrics_;
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
