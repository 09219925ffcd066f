#include "services/runtime/server_options.h"

#include <algorithm>
#include <utility>

namespace quartermaster::runtime {

namespace {

OptionTable ProcessOptions(ServerOptions* options) {
  return {
      {.name = "config",
       .target = &options->config,
       .description = "A TOML file with more options.",
       .example = "/etc/quartermaster.toml"},
      {.name = "services",
       .target = &options->services,
       .default_text = "all",
       .required = true,
       .choices = {"all", "catalog", "stock", "orders", "routing", "log"},
       .description = "Which services this process runs, with commas between them.",
       .example = "stock,catalog"},
      {.name = "data-dir",
       .target = &options->data_dir,
       .required = true,
       .description = "The directory of the event log and of what is built from it. Made if it is "
                      "not there; used by one process at a time.",
       .example = "/var/lib/quartermaster"},
      {.name = "listen",
       .target = &options->listen,
       .format = OptionFormat::kAddress,
       .default_text = "127.0.0.1:7400",
       .description = "The TCP address of the gRPC API; port 0 takes a free one, an empty value "
                      "none. There is no TLS here: put a proxy in front of what is not loopback.",
       .example = "127.0.0.1:0"},
      {.name = "socket",
       .target = &options->socket,
       .description = "The path of a Unix socket for the gRPC API, for its owner only.",
       .example = "/run/quartermaster/socket"},
      {.name = "metrics",
       .target = &options->metrics,
       .format = OptionFormat::kAddress,
       .default_text = "127.0.0.1:7401",
       .description = "The HTTP address that serves /metrics to Prometheus; empty for none.",
       .example = "127.0.0.1:0"},
      {.name = "log-format",
       .target = &options->log_format,
       .default_text = "human",
       .choices = {"human", "json"},
       .description = "How log lines are written to standard error."},
      {.name = "log-level",
       .target = &options->log_level,
       .default_text = "info",
       .choices = {"debug", "info", "warning", "error"},
       .description = "The least important log lines that are written."},
  };
}

OptionTable ServingOptions(ServerOptions* options) {
  constexpr int64_t kMicrosPerSecond = 1'000'000;
  return {
      {.name = "reflection",
       .target = &options->reflection,
       .default_text = "true",
       .description = "Serve gRPC reflection, so that tools can discover the API."},
      {.name = "drain-timeout",
       .target = &options->drain_timeout,
       .default_text = "9s",
       .min = 0,
       .max = 600 * kMicrosPerSecond,
       .description = "How long SIGTERM waits for calls in flight before it cancels them.",
       .example = "30s"},
      {.name = "queue-commands-max",
       .target = &options->queue_commands_max,
       .default_text = "16384",
       .min = 1,
       .max = 10'000'000,
       .description = "How many commands may wait for each partition's writer; further ones are "
                      "refused with RESOURCE_EXHAUSTED."},
      {.name = "queue-bytes-max",
       .target = &options->queue_bytes_max,
       .format = OptionFormat::kBytes,
       .default_text = "64MiB",
       .min = 1 << 20,
       .max = int64_t{64} << 30,
       .description = "The same limit in bytes of commands."},
      {.name = "message-bytes-max",
       .target = &options->message_bytes_max,
       .format = OptionFormat::kBytes,
       .default_text = "1MiB",
       .min = 4 << 10,
       .max = 64 << 20,
       .description = "The longest request."},
      {.name = "metadata-bytes-max",
       .target = &options->metadata_bytes_max,
       .format = OptionFormat::kBytes,
       .default_text = "8KiB",
       .min = 1 << 10,
       .max = 1 << 20,
       .description = "The most metadata of a request."},
      {.name = "streams-per-connection-max",
       .target = &options->streams_per_connection_max,
       .default_text = "100",
       .min = 1,
       .max = 100'000,
       .description = "How many calls a connection may have at once; its further ones wait at the "
                      "client."},
  };
}

OptionTable SafetyOptions(ServerOptions* options) {
  return {
      {.name = "pickup-key-file",
       .target = &options->pickup_key_file,
       .description = "A file of 32 random bytes that only its owner may read: the key under which "
                      "pickup codes are stored. Another key voids the codes that customers hold. "
                      "Empty: a key that is made in the data directory.",
       .example = "/etc/quartermaster/pickup.key"},
      {.name = "vault-key-file",
       .target = &options->vault_key_file,
       .description = "A file of 32 random bytes that only its owner may read: the key that "
                      "encrypts the keys of personal data. Without it that data is lost. Empty: a "
                      "key that is made in the data directory.",
       .example = "/etc/quartermaster/vault.key"},
      {.name = "unsafe-no-sync",
       .target = &options->unsafe_no_sync,
       .default_text = "false",
       .description = "FOR MEASUREMENTS ONLY: answers before the disk has what it answers. A power "
                      "failure loses orders."},
  };
}

}  // namespace

OptionTable ServerOptionTable(ServerOptions* options) {
  OptionTable table;
  for (auto* part : {&ProcessOptions, &ServingOptions, &SafetyOptions}) {
    for (OptionSpec& option : part(options)) table.push_back(std::move(option));
  }
  return table;
}

absl::Status CheckServerOptions(const ServerOptions& options) {
  if (options.listen.empty() && options.socket.empty()) {
    return absl::InvalidArgumentError("options --listen and --socket: one of them is required");
  }
  if (options.services.size() > 1 && Serves(options, "all")) {
    return absl::InvalidArgumentError("option --services: all stands alone");
  }
  return absl::OkStatus();
}

bool Serves(const ServerOptions& options, const std::string& service) {
  return std::any_of(options.services.begin(), options.services.end(),
                     [&](const std::string& name) { return name == service || name == "all"; });
}

LogOptions LogOptionsOf(const ServerOptions& options) {
  LogOptions log;
  log.format = options.log_format == "json" ? LogFormat::kJson : LogFormat::kHuman;
  if (options.log_level == "debug") log.level = LogLevel::kDebug;
  if (options.log_level == "warning") log.level = LogLevel::kWarning;
  if (options.log_level == "error") log.level = LogLevel::kError;
  return log;
}

GrpcServerOptions GrpcOptionsOf(const ServerOptions& options, Logger* log) {
  return {
      .listen = options.listen,
      .socket_path = options.socket,
      .message_bytes_max = static_cast<int>(options.message_bytes_max),
      .metadata_bytes_max = static_cast<int>(options.metadata_bytes_max),
      .streams_per_connection_max = static_cast<int>(options.streams_per_connection_max),
      .reflection = options.reflection,
      .drain_timeout = options.drain_timeout,
      .log = log,
  };
}

}  // namespace quartermaster::runtime
