// The options of quartermasterd.
//
//   ServerOptions options;
//   const OptionTable table = ServerOptionTable(&options);
//   const auto read = ReadOptions(table, {argv + 1, argv + argc}, getenv);
//   if (!read.ok()) { ...print read.status().message(), return kExitUsage; }
#ifndef QUARTERMASTER_SERVICES_RUNTIME_SERVER_OPTIONS_H_
#define QUARTERMASTER_SERVICES_RUNTIME_SERVER_OPTIONS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "services/base/time.h"
#include "services/runtime/logging.h"
#include "services/runtime/options.h"
#include "services/runtime/server.h"

namespace quartermaster::runtime {

// Values; what each means stands in the table (server_options.cc) and in --help.
struct ServerOptions {
  std::string config;
  std::vector<std::string> services;
  std::string data_dir;
  std::string listen;
  std::string socket;
  std::string metrics;
  std::string log;
  std::string log_listen;
  std::string log_socket;
  std::string stock;
  std::string orders;
  std::string routing;
  std::string log_format;
  std::string log_level;
  bool reflection = false;
  Micros drain_timeout;
  int64_t queue_commands_max = 0;
  int64_t queue_bytes_max = 0;
  int64_t checkpoint_interval = 0;
  int64_t message_bytes_max = 0;
  int64_t metadata_bytes_max = 0;
  int64_t streams_per_connection_max = 0;
  Micros stalled_after;
  Micros backorder_interval;
  std::string pickup_key_file;
  std::string vault_key_file;
  bool unsafe_no_sync = false;
};

// `options` must outlive the table.
OptionTable ServerOptionTable(ServerOptions* options);

// What no single option can be checked for: something is listened on, "all" stands alone, and
// whatever a service of this process needs is served here or its address is given. The error names
// the options.
absl::Status CheckServerOptions(const ServerOptions& options);

// Whether a service is asked for: by its name or by "all".
bool Serves(const ServerOptions& options, const std::string& service);

// Where other processes reach this one's log (its LogWriter): a Unix socket, or "" for none.
// Unless the options say otherwise it is in the data directory; a process that runs everything
// has none.
std::string LogSocketOf(const ServerOptions& options);

LogOptions LogOptionsOf(const ServerOptions& options);
GrpcServerOptions GrpcOptionsOf(const ServerOptions& options, Logger* log);

}  // namespace quartermaster::runtime

#endif  // QUARTERMASTER_SERVICES_RUNTIME_SERVER_OPTIONS_H_
