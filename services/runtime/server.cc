#include "services/runtime/server.h"

#include <grpc/grpc.h>
#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/impl/server_builder_option.h>
#include <grpcpp/impl/server_builder_plugin.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/base/status_macros.h"
#include "services/runtime/call_interceptor.h"
#include "services/runtime/goaway.h"
#include "services/runtime/logging.h"
#include "services/runtime/tcp_address.h"
#include "services/runtime/unix_socket.h"

namespace quartermaster::runtime {
namespace {

// Answers may be longer than requests: what gRPC clients accept by default.
constexpr int kResponseBytesMax = 4 << 20;
constexpr int kKeepaliveMs = 60'000;
constexpr int kKeepaliveTimeoutMs = 20'000;
// Clients that ping more often than this are told to go away (ENHANCE_YOUR_CALM).
constexpr int kPingIntervalMinMs = 10'000;
constexpr int kPingStrikesMax = 2;
constexpr std::chrono::milliseconds kConnectionsPoll(1);
constexpr Micros kInnerDrainTimeout = Seconds(1);

// The reflection library adds its plugin to every builder of the process as soon as it is linked.
class WithoutReflection : public grpc::ServerBuilderOption {
 public:
  void UpdateArguments(grpc::ChannelArguments*) override {}
  void UpdatePlugins(std::vector<std::unique_ptr<grpc::ServerBuilderPlugin>>* plugins) override {
    std::erase_if(*plugins, [](const auto& plugin) {
      return dynamic_cast<grpc::reflection::ProtoServerReflectionPlugin*>(plugin.get()) != nullptr;
    });
  }
};

// Before the first builder: these settings are the process's.
void InitGrpcOnce() {
  static const bool done = [] {
    // Kept for the life of the process: taking gRPC down with its last server or channel waits for
    // a poller that, after large answers, sleeps for up to 10 s (1.51).
    grpc_init();
    grpc::EnableDefaultHealthCheckService(true);
    grpc::reflection::InitProtoReflectionServerBuilderPlugin();
    return true;
  }();
  static_cast<void>(done);
}

std::chrono::system_clock::time_point After(Micros length) {
  return std::chrono::system_clock::now() + std::chrono::microseconds(length.count);
}

}  // namespace

GrpcServer::GrpcServer(GrpcServerOptions options, std::vector<HostedService> services)
    : options_(std::move(options)), services_(std::move(services)) {
  for (const HostedService& hosted : services_) serving_[hosted.name] = false;
}

absl::StatusOr<std::unique_ptr<GrpcServer>> GrpcServer::Start(GrpcServerOptions options,
                                                              std::vector<HostedService> services) {
  InitGrpcOnce();
  std::unique_ptr<GrpcServer> server(new GrpcServer(std::move(options), std::move(services)));
  QM_RETURN_IF_ERROR(server->Listen());
  return server;
}

GrpcServer::~GrpcServer() { Drain(); }

void GrpcServer::Limit(grpc::ServerBuilder* builder) const {
  builder->SetMaxReceiveMessageSize(options_.message_bytes_max);
  builder->SetMaxSendMessageSize(kResponseBytesMax);
  builder->AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, options_.metadata_bytes_max);
  builder->AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, options_.streams_per_connection_max);
  builder->AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, kKeepaliveMs);
  builder->AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kKeepaliveTimeoutMs);
  builder->AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  builder->AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS,
                              kPingIntervalMinMs);
  builder->AddChannelArgument(GRPC_ARG_HTTP2_MAX_PING_STRIKES, kPingStrikesMax);
  // A second server on the same port is a mistake, not a way to share it.
  builder->AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  InterceptCalls(builder, services_, options_.rpcs, options_.log);
  // Only reflection has synchronous methods.
  builder->SetSyncServerOption(grpc::ServerBuilder::NUM_CQS, 1);
  builder->SetSyncServerOption(grpc::ServerBuilder::MIN_POLLERS, 1);
  builder->SetSyncServerOption(grpc::ServerBuilder::MAX_POLLERS, 2);
  if (!options_.reflection) builder->SetOption(std::make_unique<WithoutReflection>());
}

absl::Status GrpcServer::CanListen(const GrpcServerOptions& options) {
  if (options.listen.empty() && options.socket_path.empty()) {
    return absl::InvalidArgumentError("neither an address nor a socket to listen on");
  }
  if (!options.listen.empty()) QM_RETURN_IF_ERROR(CheckAddressIsFree(options.listen));
  return options.socket_path.empty() ? absl::OkStatus() : FreeSocketPath(options.socket_path);
}

absl::Status GrpcServer::Listen() {
  QM_RETURN_IF_ERROR(CanListen(options_));
  grpc::ServerBuilder inner;
  inner.SetMaxReceiveMessageSize(kResponseBytesMax);
  inner.SetOption(std::make_unique<WithoutReflection>());
  InterceptCalls(&inner, services_, /*rpcs=*/nullptr, options_.log);
  grpc::ServerBuilder builder;
  Limit(&builder);
  for (const HostedService& hosted : services_) {
    builder.RegisterService(hosted.service);
    inner.RegisterService(hosted.service);
  }
  const auto credentials = grpc::InsecureServerCredentials();
  if (!options_.listen.empty()) builder.AddListeningPort(options_.listen, credentials, &port_);
  if (!options_.socket_path.empty()) {
    builder.AddListeningPort(absl::StrCat("unix:", options_.socket_path), credentials);
  }
  {
    const PrivateUmask socket_for_owner_only;
    public_server_ = builder.BuildAndStart();
  }
  if (public_server_ == nullptr) {
    return absl::FailedPreconditionError(
        absl::StrCat("cannot listen on ", options_.listen,
                     options_.listen.empty() || options_.socket_path.empty() ? "" : " and ",
                     options_.socket_path, ": is another process using it?"));
  }
  inner_server_ = inner.BuildAndStart();
  if (inner_server_ == nullptr) return absl::InternalError("gRPC made no in-process server");
  SetHealth("", services_.empty());
  for (const HostedService& hosted : services_) SetHealth(hosted.name, false);
  return absl::OkStatus();
}

void GrpcServer::SetHealth(const std::string& name, bool serving) {
  public_server_->GetHealthCheckService()->SetServingStatus(name, serving);
}

std::shared_ptr<grpc::Channel> GrpcServer::InProcessChannel() {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(kResponseBytesMax);
  return inner_server_->InProcessChannel(arguments);
}

void GrpcServer::SetServing(const std::string& service, bool serving) {
  MutexLock lock(&mutex_);
  if (draining_) return;
  serving_[service] = serving;
  SetHealth(service, serving);
  SetHealth("", std::all_of(serving_.begin(), serving_.end(),
                            [](const auto& entry) { return entry.second; }));
}

bool GrpcServer::IsServing(const std::string& service) const {
  MutexLock lock(&mutex_);
  const auto found = serving_.find(service);
  return !draining_ && found != serving_.end() && found->second;
}

void GrpcServer::OnDrain(std::function<void()> end_streams) {
  {
    MutexLock lock(&mutex_);
    if (!draining_) {
      on_drain_.push_back(std::move(end_streams));
      return;
    }
  }
  end_streams();
}

void GrpcServer::OnCallsEnded(std::function<void()> stop_calling) {
  MutexLock lock(&mutex_);
  on_calls_ended_.push_back(std::move(stop_calling));
}

void GrpcServer::OnDrainTimeout(std::function<void()> let_go) {
  MutexLock lock(&mutex_);
  on_drain_timeout_.push_back(std::move(let_go));
}

bool GrpcServer::Drain() {
  MutexLock one_at_a_time(&drain_mutex_);
  if (drained_ || public_server_ == nullptr) return all_finished_;
  drained_ = true;
  std::vector<std::function<void()>> on_drain;
  std::vector<std::function<void()>> on_calls_ended;
  std::vector<std::function<void()>> on_drain_timeout;
  {
    MutexLock lock(&mutex_);
    draining_ = true;
    on_drain.swap(on_drain_);
    on_calls_ended.swap(on_calls_ended_);
    on_drain_timeout.swap(on_drain_timeout_);
  }
  public_server_->GetHealthCheckService()->Shutdown();
  for (const auto& end_streams : on_drain) end_streams();

  const auto deadline = After(options_.drain_timeout);
  if (StopListeningAndSendGoaways(public_server_->c_server())) {
    // Calls are still answered here; a connection closes when its last one has been.
    while (HasOpenConnections(public_server_->c_server()) &&
           std::chrono::system_clock::now() < deadline) {
      std::this_thread::sleep_for(kConnectionsPoll);
    }
  }
  if (std::chrono::system_clock::now() >= deadline) {
    for (const auto& let_go : on_drain_timeout) let_go();
  }
  public_server_->Shutdown(deadline);
  all_finished_ = std::chrono::system_clock::now() < deadline;
  for (const auto& stop_calling : on_calls_ended) stop_calling();
  if (inner_server_ != nullptr) inner_server_->Shutdown(After(kInnerDrainTimeout));
  if (options_.log != nullptr) {
    if (all_finished_) {
      options_.log->Info("drained");
    } else {
      options_.log->Warning("calls in flight were cancelled: the drain timeout ran out",
                            {{"timeout_us", options_.drain_timeout.count}});
    }
  }
  return all_finished_;
}

}  // namespace quartermaster::runtime
