// quartermaster-bench: what BENCHMARKS asks for, as ratios of two arms run in turn.
//
//   quartermaster-bench --server build/release/bin/quartermasterd [--only B7] [--json FILE]

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "services/base/check.h"
#include "tools/bench/core_bench.h"
#include "tools/bench/echo_server.h"
#include "tools/bench/load.h"
#include "tools/bench/report.h"
#include "tools/bench/scratch.h"
#include "tools/bench/sync_floor.h"
#include "tools/processes/child_process.h"
#include "tools/processes/shape.h"

namespace quartermaster::bench {
namespace {

struct Options {
  std::string server;
  std::string only;
  std::string json;
  int rounds = 5;
  double seconds = 3;
  // As many as keep both arms busy: a durable answer waits for a sync that an echo does not wait
  // for, so that it needs more calls under way to reach its peak.
  int in_flight = 1'024;
};

// This binary, which is its own echo server.
std::string SelfPath() { return std::filesystem::read_symlink("/proc/self/exe"); }

// A Quartermaster of its own, with the README's flags and durability, and the echo beside it.
class Servers {
 public:
  Servers(const Options& options, tools::Shape shape)
      : tcp_(absl::StrCat("127.0.0.1:", FreePort())),
        echo_tcp_(absl::StrCat("127.0.0.1:", FreePort())),
        echo_unix_("unix:" + directory_.path() + "/echo.socket") {
    for (const tools::ServerProcess& process : tools::ProcessesOf(shape, directory_.path())) {
      const bool has_stock = process.name == "all" || process.name == "stock";
      if (has_stock) unix_ = process.address;
      std::vector<std::string> arguments = {options.server, "--listen",    has_stock ? tcp_ : "",
                                            "--metrics",    "127.0.0.1:0", "--log-level",
                                            "warning"};
      arguments.insert(arguments.end(), process.arguments.begin(), process.arguments.end());
      Start(std::move(arguments));
    }
    Start({SelfPath(), "echo-server", echo_tcp_, echo_unix_});
    AwaitServer(tcp_);
    AwaitServer(echo_tcp_);
  }
  // Who follows others ends before them, and does not complain.
  ~Servers() {
    while (!children_.empty()) children_.pop_back();
  }
  Servers(const Servers&) = delete;
  Servers& operator=(const Servers&) = delete;
  // Stock's addresses.
  const std::string& tcp() const { return tcp_; }
  const std::string& unix_socket() const { return unix_; }
  const std::string& echo_tcp() const { return echo_tcp_; }
  const std::string& echo_unix() const { return echo_unix_; }

 private:
  void Start(std::vector<std::string> arguments) {
    children_.push_back(std::make_unique<tools::ChildProcess>(std::move(arguments)));
    children_.back()->Start();
  }

  const TemporaryDirectory directory_;
  const std::string tcp_;
  std::string unix_;
  const std::string echo_tcp_;
  const std::string echo_unix_;
  std::vector<std::unique_ptr<tools::ChildProcess>> children_;
};

LoadOptions LoadOn(const Options& options, const std::string& target, int skus) {
  LoadOptions load;
  load.target = target;
  load.in_flight = options.in_flight;
  load.seconds = options.seconds;
  load.skus = skus;
  return load;
}

void RunTransport(const Options& options, std::vector<Comparison>& results) {
  constexpr int kSkus = 1'000;
  const auto compare = [&](const char* name, const std::string& ours, const std::string& theirs) {
    Comparison& c = results.emplace_back();
    c = {name, "durable Reserve", "empty echo", "requests/s", 0.6, 0.9, {}, {}};
    RunLoad(LoadOn(options, ours, kSkus));  // warm up
    RunRounds(
        c, options.rounds, [&] { return RunLoad(LoadOn(options, ours, kSkus)); },
        [&] { return RunLoad(LoadOn(options, theirs, kSkus)); });
  };
  {
    const Servers one(options, tools::Shape::kOne);
    Stock(one.tcp(), kSkus, 1'000'000'000);
    compare("B7 tcp", one.tcp(), one.echo_tcp());
    compare("B7 unix", one.unix_socket(), one.echo_unix());
  }
  // The same with a log of its own behind a socket, and two more processes that follow.
  const Servers four(options, tools::Shape::kMany);
  Stock(four.tcp(), kSkus, 1'000'000'000);
  compare("B7 four", four.unix_socket(), four.echo_unix());
}

void RunHotLine(const Options& options, std::vector<Comparison>& results) {
  constexpr int kSkus = 1'000'000;
  const Servers servers(options, tools::Shape::kOne);
  Stock(servers.tcp(), kSkus, 1'000'000'000);
  Comparison& c = results.emplace_back();
  c = {"B1", "all on one SKU", "uniform over 1 M", "requests/s", 0.9, 1.0, {}, {}};
  RunRounds(
      c, options.rounds, [&] { return RunLoad(LoadOn(options, servers.unix_socket(), 1)); },
      [&] { return RunLoad(LoadOn(options, servers.unix_socket(), kSkus)); });
}

void RunCoreAlone(const Options& options, std::vector<Comparison>& results) {
  constexpr int kSkus = 1'000'000;
  constexpr int kHolds = 500'000;
  Comparison& c = results.emplace_back();
  c = {"B6", "decide to frame", "bare hash map", "ops/s", 0, 0.15, {}, {}};
  RunRounds(
      c, options.rounds, [] { return RunCore(kSkus, kHolds); },
      [] { return RunBareMap(kSkus, 4 * kHolds); });
}

int Main(int argc, char** argv) {
  // As the server does, so that the echo and the client have what it has.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  if (argc == 4 && std::string(argv[1]) == "echo-server") return ServeEcho(argv[2], argv[3]);
  Options options;
  CLI::App app{"Benchmarks of Quartermaster: ratios of two arms run in turn."};
  app.add_option("--server", options.server, "Path of quartermasterd")->required();
  app.add_option("--only", options.only, "B1, B6 or B7; all of them if not given")
      ->check(CLI::IsMember({"B1", "B6", "B7"}));
  app.add_option("--json", options.json, "Also write the results to this file");
  app.add_option("--rounds", options.rounds, "Rounds of each comparison")->check(CLI::Range(1, 99));
  app.add_option("--seconds", options.seconds, "Length of an arm")->check(CLI::Range(0.1, 60.0));
  app.add_option("--in-flight", options.in_flight, "Calls under way")->check(CLI::Range(1, 16384));
  CLI11_PARSE(app, argc, argv);
  std::vector<Comparison> results;
  const auto wanted = [&](const char* name) {
    return options.only.empty() || options.only == name;
  };
  if (wanted("B6")) RunCoreAlone(options, results);
  if (wanted("B7")) RunTransport(options, results);
  if (wanted("B1")) RunHotLine(options, results);
  PrintTable(results);
  const double floor = SyncedAppendMicros(TemporaryDirectory().path());
  std::printf("floor      a synced append of 4 KiB here: %.0f us (median)\n", floor);
  if (!options.json.empty()) {
    const nlohmann::json all = {{"synced_append_us", floor}, {"comparisons", ToJson(results)}};
    std::ofstream(options.json) << all.dump(2) << "\n";
  }
  return 0;
}

}  // namespace
}  // namespace quartermaster::bench

int main(int argc, char** argv) { return quartermaster::bench::Main(argc, argv); }
