// quartermasterd: one binary, any of the services. It only wires: options, log lines, signals, and
// a node of parts.

#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "services/quartermasterd/node.h"
#include "services/runtime/options.h"

namespace {

using quartermaster::Node;
namespace runtime = quartermaster::runtime;

constexpr char kDescription[] =
    "Real-time omnichannel inventory and order management: everything in one process over an "
    "event log of its own, or some of the services over a log that processes share.";

int Fail(int exit_code, const std::string& message) {
  std::fprintf(stderr, "quartermasterd: %s\n", message.c_str());
  return exit_code;
}

}  // namespace

int main(int argc, char** argv) {
  // Debian builds Abseil so that every mutex of gRPC's looks for deadlocks: several per cent of all
  // CPU time under load. Tests keep it.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  runtime::ShutdownSignal signal;
  runtime::ServerOptions options;
  const runtime::OptionTable table = runtime::ServerOptionTable(&options);
  const auto read = runtime::ReadOptions(table, std::vector<std::string>(argv + 1, argv + argc),
                                         [](const char* name) { return std::getenv(name); });
  if (!read.ok()) {
    return Fail(runtime::kExitUsage, std::string(read.status().message()) + "\nTry --help.");
  }
  if (read->help) {
    std::fputs(runtime::HelpText(table, "quartermasterd", kDescription).c_str(), stdout);
    return runtime::kExitClean;
  }
  if (read->version) {
    std::puts("quartermasterd " QM_VERSION);
    return runtime::kExitClean;
  }
  if (const absl::Status valid = runtime::CheckServerOptions(options); !valid.ok()) {
    return Fail(runtime::kExitUsage, std::string(valid.message()));
  }
  runtime::Logger log(runtime::LogOptionsOf(options));
  auto node = Node::Start(options, &log, &signal);
  if (absl::IsCancelled(node.status()) && signal.Pending()) return signal.Wait();
  if (!node.ok()) {
    log.Error("cannot start", {{"status", node.status().ToString()}});
    return runtime::kExitStartFailed;
  }
  const int exit_code = signal.Wait();
  log.Info("stopping", {{"exit_code", exit_code}});
  (*node)->Stop();
  return exit_code;
}
