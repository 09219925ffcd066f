#include "services/runtime/server_options.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/base/status_macros.h"

namespace quartermaster::runtime {

namespace {

constexpr int64_t kMicrosPerSecond = 1'000'000;

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
       .description =
           "The directory of the event log, if it is kept here, and of what is built from "
           "it. Made if it is not there; used by one process at a time.",
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

OptionTable OtherProcessOptions(ServerOptions* options) {
  return {
      {.name = "log",
       .target = &options->log,
       .format = OptionFormat::kPeerAddress,
       .description = "Where the shared log is: what its process has as --log-socket or "
                      "--log-listen. Required unless this process runs log itself.",
       .example = "unix:/var/lib/quartermaster/log.socket"},
      {.name = "log-listen",
       .target = &options->log_listen,
       .format = OptionFormat::kAddress,
       .description =
           "The TCP address at which other processes use this one's log. Whoever reaches "
           "it can write the log: keep it on a network of the log's own.",
       .example = "10.0.0.1:7402"},
      {.name = "log-socket",
       .target = &options->log_socket,
       .description =
           "The path of a Unix socket for the same, for its owner only. Empty: log.socket "
           "in the data directory, but none if --log-listen is given or if all services "
           "run here.",
       .example = "/run/quartermaster/log.socket"},
      {.name = "stock",
       .target = &options->stock,
       .format = OptionFormat::kPeerAddress,
       .description = "Where stock serves its API. Required by orders and by routing unless stock "
                      "runs here.",
       .example = "unix:/run/quartermaster/stock.socket"},
      {.name = "orders",
       .target = &options->orders,
       .format = OptionFormat::kPeerAddress,
       .description = "Where orders serves its API. Required by routing unless orders runs here.",
       .example = "10.0.0.3:7400"},
      {.name = "routing",
       .target = &options->routing,
       .format = OptionFormat::kPeerAddress,
       .description = "Where routing serves its API. Required by orders unless routing runs here.",
       .example = "10.0.0.4:7400"},
  };
}

OptionTable ServingOptions(ServerOptions* options) {
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
      {.name = "checkpoint-interval",
       .target = &options->checkpoint_interval,
       .default_text = "1000000",
       .min = 0,
       .max = int64_t{1} << 40,
       .description =
           "How many records of stock's log lie between two checkpoints: a restart reads "
           "the log from the last one on. While one is made, stock's state is in memory "
           "twice. 0: none is made."},
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
      {.name = "stalled-after",
       .target = &options->stalled_after,
       .default_text = "15m",
       .min = 60 * kMicrosPerSecond,
       .max = 86'400 * kMicrosPerSecond,
       .description = "How long orders asks stock and routing again for an order before it raises "
                      "an exception, STALLED, for a person to see.",
       .example = "1h"},
      {.name = "backorder-interval",
       .target = &options->backorder_interval,
       .default_text = "10s",
       .min = kMicrosPerSecond,
       .max = 86'400 * kMicrosPerSecond,
       .description = "How long after one round of trying to serve what is back-ordered orders "
                      "begins the next one.",
       .example = "1m"},
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
  for (auto* part : {&ProcessOptions, &OtherProcessOptions, &ServingOptions, &SafetyOptions}) {
    for (OptionSpec& option : part(options)) table.push_back(std::move(option));
  }
  return table;
}

namespace {

// A service and why it needs another one.
struct Need {
  const char* service;
  const char* reason;
};

// OK if `peer` is served here or `address`, the value of the option of that name, says where it is
// or none of `needs` is served here.
absl::Status CheckPeer(const ServerOptions& options, const char* peer, const std::string& address,
                       const std::vector<Need>& needs) {
  if (Serves(options, peer) || !address.empty()) return absl::OkStatus();
  for (const Need& need : needs) {
    if (!Serves(options, need.service)) continue;
    return absl::InvalidArgumentError(absl::StrCat("option --", peer, ": is required, because ",
                                                   need.service, " ", need.reason, " and ", peer,
                                                   " is not among --services"));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckServerOptions(const ServerOptions& options) {
  if (options.listen.empty() && options.socket.empty()) {
    return absl::InvalidArgumentError("options --listen and --socket: one of them is required");
  }
  if (options.services.size() > 1 && Serves(options, "all")) {
    return absl::InvalidArgumentError("option --services: all stands alone");
  }
  if (Serves(options, "log") && !options.log.empty()) {
    return absl::InvalidArgumentError("option --log: this process runs log itself (--services)");
  }
  const struct {
    const char* option;
    bool given;
  } kOfTheLog[] = {{"unsafe-no-sync", options.unsafe_no_sync},
                   {"log-listen", !options.log_listen.empty()},
                   {"log-socket", !options.log_socket.empty()}};
  for (const auto& [option, given] : kOfTheLog) {
    if (!given || Serves(options, "log")) continue;
    return absl::InvalidArgumentError(
        absl::StrCat("option --", option, ": belongs to the process that runs log"));
  }
  QM_RETURN_IF_ERROR(CheckPeer(options, "log", options.log,
                               {{"catalog", "keeps its events there"},
                                {"stock", "keeps its events there"},
                                {"orders", "keeps its events there"},
                                {"routing", "follows the catalog's events there"}}));
  QM_RETURN_IF_ERROR(
      CheckPeer(options, "stock", options.stock,
                {{"orders", "holds units there"}, {"routing", "follows what is available there"}}));
  QM_RETURN_IF_ERROR(
      CheckPeer(options, "routing", options.routing, {{"orders", "asks it for plans"}}));
  return CheckPeer(options, "orders", options.orders, {{"routing", "reads its decisions there"}});
}

bool Serves(const ServerOptions& options, const std::string& service) {
  return std::any_of(options.services.begin(), options.services.end(),
                     [&](const std::string& name) { return name == service || name == "all"; });
}

std::string LogSocketOf(const ServerOptions& options) {
  if (!options.log_socket.empty()) return options.log_socket;
  const bool alone = Serves(options, "log") && !Serves(options, "all");
  return alone && options.log_listen.empty() ? absl::StrCat(options.data_dir, "/log.socket") : "";
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
