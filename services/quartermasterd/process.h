// What every part of a process is made with, and how the parts are set up alike.
#ifndef QUARTERMASTER_SERVICES_QUARTERMASTERD_PROCESS_H_
#define QUARTERMASTER_SERVICES_QUARTERMASTERD_PROCESS_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "services/base/time.h"
#include "services/engine/clock.h"
#include "services/engine/sequencer.h"
#include "services/runtime/logging.h"
#include "services/runtime/metrics.h"
#include "services/runtime/rpc_metrics.h"
#include "services/runtime/server.h"
#include "services/runtime/server_options.h"
#include "services/runtime/shutdown_signal.h"

namespace grpc {
class Channel;
}

namespace quartermaster {

// All must outlive the parts.
struct Process {
  const runtime::ServerOptions& options;
  runtime::Logger* log;
  runtime::ShutdownSignal* signal;
  const engine::Clock* clock;
  runtime::Metrics* metrics;
  runtime::RpcMetrics* rpcs;

  bool Serves(const char* service) const { return runtime::Serves(options, service); }
};

// What the parts of a process offer on its gRPC server.
struct Offer {
  std::vector<runtime::HostedService> services;
  // For the beginning of the server's drain.
  std::vector<std::function<void()>> end_streams;
};

// How long a call to a peer may take before it counts as lost.
inline constexpr Micros kPeerTimeout = Seconds(5);

// Says that the log failed, and for which partition ("all" where it is kept), and ends the process
// with kExitLogFailed.
[[noreturn]] void EndWithFailedLog(runtime::Logger* log, const absl::Status& status,
                                   const char* partition = "all");

// The writer of a partition: its queue's bounds, and how it ends the process: with kExitFenced when
// the partition has another owner, with kExitLogFailed when the log fails.
engine::SequencerOptions SequencerOptionsFor(const Process& process, const char* partition);
// Tells the log and the metrics how far a replay has come.
std::function<void(storage::Position, storage::Position)> ReplayProgress(const Process& process,
                                                                         const char* partition);

// A channel to another process ("unix:/path" or "host:port"). It need not be there yet, and is
// found again within about a second when it comes back.
std::shared_ptr<grpc::Channel> ChannelTo(const std::string& address);

// For a feed, which reports why each of its attempts ended, one after the other: logs a problem
// once, and again only after another one.
std::function<void(const std::string&)> ProblemsOf(const Process& process, const char* feed);

// How this process serves gRPC, on whatever addresses.
runtime::GrpcServerOptions GrpcOptionsFor(const Process& process);

// The status, saying which part or option it is about.
absl::Status Within(const char* part, const absl::Status& status);

}  // namespace quartermaster

#endif  // QUARTERMASTER_SERVICES_QUARTERMASTERD_PROCESS_H_
