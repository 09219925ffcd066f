// GrpcServer: the life of a gRPC server, from its limits to its last answer.
//
//   QM_ASSIGN_OR_RETURN(auto server, GrpcServer::Start(options,
//   {Hosted<StockService>(&stock_service)})); log.Info("listening", {{"port", server->port()}});
//   server->SetServing(StockService::service_full_name(), true);   // once it has replayed
//   const int exit_code = signal.Wait();
//   server->Drain();            // then stop the sequencers, which in-flight calls still needed
//
// Health (grpc.health.v1) is there for each service by its full name and for "" (all of them);
// everything starts as NOT_SERVING. Services must use the callback API.
#ifndef QUARTERMASTER_SERVICES_RUNTIME_SERVER_H_
#define QUARTERMASTER_SERVICES_RUNTIME_SERVER_H_

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/base/mutex.h"
#include "services/base/time.h"

namespace grpc {
class Channel;
class Server;
class ServerBuilder;
class Service;
}  // namespace grpc

namespace quartermaster::runtime {

class Logger;
class RpcMetrics;

struct GrpcServerOptions {
  // "127.0.0.1:7400"; port 0 takes a free one; empty: no TCP. There is no TLS and no authentication
  // here: whatever is not loopback needs a proxy in front.
  std::string listen;
  // The path of a Unix socket, made with permission 0600; empty: none. A socket that a dead process
  // left is removed; one that is answered is an error.
  std::string socket_path;
  // The longest request. Longer ones are RESOURCE_EXHAUSTED (by gRPC, before any handler).
  int message_bytes_max = 1 << 20;
  // The most metadata of a request.
  int metadata_bytes_max = 8 << 10;
  int streams_per_connection_max = 100;
  // Serve grpc.reflection.v1alpha.
  bool reflection = false;
  // How long Drain waits for calls in flight before it cancels them.
  Micros drain_timeout = Seconds(9);
  // Optional; must outlive the server. Is told why a call, also one from this process, was answered
  // with INTERNAL, UNKNOWN or DATA_LOSS, except streams in both directions (defect_log.h).
  Logger* log = nullptr;
  // Optional; must outlive the server. Counts and times the calls from outside, except streams in
  // both directions, whose every message it would slow.
  RpcMetrics* rpcs = nullptr;
};

// A service and its full name. The service must outlive the server.
struct HostedService {
  grpc::Service* service;
  std::string name;
};

// With the name of the generated API: Hosted<StockService>(&stock_service).
template <typename Api>
HostedService Hosted(grpc::Service* service) {
  return {service, Api::service_full_name()};
}

// Thread-safe.
class GrpcServer {
 public:
  // Listens. Errors: FAILED_PRECONDITION (an address cannot be listened on, or its socket is in
  // use), INVALID_ARGUMENT (neither address nor socket, a path too long).
  static absl::StatusOr<std::unique_ptr<GrpcServer>> Start(GrpcServerOptions options,
                                                           std::vector<HostedService> services);
  // Whether Start could listen now: for a process to know before it takes a partition from the one
  // that listens there. Removes a socket that a dead process left. Errors: as Start.
  static absl::Status CanListen(const GrpcServerOptions& options);
  // Drains, if that has not been done.
  ~GrpcServer();

  // The TCP port; 0 without TCP.
  int port() const { return port_; }

  // A channel to the same services without a network in between, for peers in this process. It
  // works until the calls from outside have ended, so that a call in flight can still reach its
  // peers during a drain.
  std::shared_ptr<grpc::Channel> InProcessChannel();

  // Sets the health of one service; "" follows: it is SERVING when all services are. Without effect
  // once the drain has begun.
  void SetServing(const std::string& service, bool serving) ABSL_LOCKS_EXCLUDED(mutex_);

  // What SetServing said last; false before it, and once the drain has begun.
  bool IsServing(const std::string& service) const ABSL_LOCKS_EXCLUDED(mutex_);

  // Runs when the drain begins, or at once if it has begun: for services to end their long streams
  // (UNAVAILABLE, with a position from which to resume). Must not block.
  void OnDrain(std::function<void()> end_streams) ABSL_LOCKS_EXCLUDED(mutex_);

  // Runs in the drain when the calls from outside have ended and the in-process channel still
  // works: for what calls peers of its own accord to stop doing so. A call on the in-process
  // channel after the drain ends the process (gRPC 1.51). May block; before the drain begins.
  void OnCallsEnded(std::function<void()> stop_calling) ABSL_LOCKS_EXCLUDED(mutex_);

  // Runs in the drain when its timeout has run out and there are calls left: for what they wait for
  // to let them go, as a call whose handler does not end cannot be cancelled. May block; before the
  // drain begins.
  void OnDrainTimeout(std::function<void()> let_go) ABSL_LOCKS_EXCLUDED(mutex_);

  // Health becomes NOT_SERVING, connections are told to go away, calls in flight are finished, new
  // ones on old connections are refused in a way that gRPC clients retry by themselves. Returns
  // false if calls had to be cancelled because the timeout ran out. A second call waits for the
  // first.
  bool Drain() ABSL_LOCKS_EXCLUDED(mutex_, drain_mutex_);

 private:
  GrpcServer(GrpcServerOptions options, std::vector<HostedService> services);
  absl::Status Listen();
  void Limit(grpc::ServerBuilder* builder) const;
  void SetHealth(const std::string& name, bool serving);

  const GrpcServerOptions options_;
  const std::vector<HostedService> services_;
  int port_ = 0;
  // Outside calls come in here...
  std::unique_ptr<grpc::Server> public_server_;
  // ...and those of this process here: it is shut down later.
  std::unique_ptr<grpc::Server> inner_server_;

  mutable Mutex mutex_;
  std::map<std::string, bool> serving_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::function<void()>> on_drain_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::function<void()>> on_calls_ended_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::function<void()>> on_drain_timeout_ ABSL_GUARDED_BY(mutex_);
  bool draining_ ABSL_GUARDED_BY(mutex_) = false;

  Mutex drain_mutex_ ABSL_ACQUIRED_BEFORE(mutex_);
  bool drained_ ABSL_GUARDED_BY(drain_mutex_) = false;
  bool all_finished_ ABSL_GUARDED_BY(drain_mutex_) = true;
};

}  // namespace quartermaster::runtime

#endif  // QUARTERMASTER_SERVICES_RUNTIME_SERVER_H_
