#include "services/quartermasterd/process.h"

#include <grpcpp/grpcpp.h>

#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "services/runtime/sequencer_metrics.h"

namespace quartermaster {
namespace {

constexpr int kReconnectFirstMs = 50;
constexpr int kReconnectLongestMs = 1'000;
// A peer whose machine is gone says nothing: it is asked. Servers allow a ping every 10 s.
constexpr int kKeepaliveMs = 20'000;
constexpr int kKeepaliveTimeoutMs = 5'000;

}  // namespace

void EndWithFailedLog(runtime::Logger* log, const absl::Status& status, const char* partition) {
  log->Error("the log failed; what was answered is durable, a restart replays it",
             {{"partition", partition}, {"status", status.ToString()}});
  std::_Exit(runtime::kExitLogFailed);
}

engine::SequencerOptions SequencerOptionsFor(const Process& process, const char* partition) {
  engine::SequencerOptions sequencer;
  sequencer.partition.name = partition;
  sequencer.queue_commands_max = static_cast<size_t>(process.options.queue_commands_max);
  sequencer.queue_bytes_max = static_cast<size_t>(process.options.queue_bytes_max);
  sequencer.on_fenced = [log = process.log, signal = process.signal,
                         partition](const absl::Status& status) {
    log->Error("another process owns the partition now",
               {{"partition", partition}, {"status", status.ToString()}});
    signal->Request(runtime::kExitFenced);
  };
  sequencer.on_archive_error = [log = process.log, partition](const absl::Status& status) {
    log->Error("a request was refused: whether it came before cannot be read",
               {{"partition", partition}, {"status", status.ToString()}});
  };
  sequencer.on_fatal = [log = process.log, partition](const absl::Status& status) {
    EndWithFailedLog(log, status, partition);
  };
  return sequencer;
}

std::function<void(storage::Position, storage::Position)> ReplayProgress(const Process& process,
                                                                         const char* partition) {
  return
      [log = process.log, partition, show = runtime::AddReplayMetrics(process.metrics, partition)](
          storage::Position position, storage::Position head) {
        show(position, head);
        log->Debug("replaying", {{"partition", partition}, {"position", position}, {"head", head}});
      };
}

std::shared_ptr<grpc::Channel> ChannelTo(const std::string& address) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, kReconnectFirstMs);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, kReconnectFirstMs);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, kReconnectLongestMs);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, kKeepaliveMs);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kKeepaliveTimeoutMs);
  // A stock that follows a quiet catalog sends nothing.
  arguments.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  // Its own connections: channels to one address would otherwise share one.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetMaxReceiveMessageSize(-1);
  return grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments);
}

std::function<void(const std::string&)> ProblemsOf(const Process& process, const char* feed) {
  return [log = process.log, feed, last = std::string()](const std::string& problem) mutable {
    const runtime::LogFields fields = {{"feed", feed}, {"problem", problem}};
    if (problem == last) {
      log->Debug("trying again", fields);
    } else {
      log->Warning("trying again until it works", fields);
    }
    last = problem;
  };
}

runtime::GrpcServerOptions GrpcOptionsFor(const Process& process) {
  runtime::GrpcServerOptions options = runtime::GrpcOptionsOf(process.options, process.log);
  options.rpcs = process.rpcs;
  return options;
}

absl::Status Within(const char* part, const absl::Status& status) {
  return absl::Status(status.code(), absl::StrCat(part, ": ", absl::string_view(status.message())));
}

}  // namespace quartermaster
