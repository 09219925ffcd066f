// quartermaster-bench: what BENCHMARKS asks for, as ratios of two arms run in turn.
//
//   quartermaster-bench --server build/release/bin/quartermasterd [--only B7] [--json FILE]

#include <CLI/CLI.hpp>
#include <cstdio>
#include <fstream>
#include <string>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "tools/bench/echo_server.h"
#include "tools/bench/report.h"
#include "tools/bench/scratch.h"
#include "tools/bench/sync_floor.h"
#include "tools/bench/workloads.h"

namespace quartermaster::bench {
namespace {

int Main(int argc, char** argv) {
  // As the server does, so that the echo and the client have what it has.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  if (argc == 4 && std::string(argv[1]) == "echo-server") return ServeEcho(argv[2], argv[3]);
  std::vector<std::string> names;
  for (const Workload& workload : AllWorkloads()) names.push_back(workload.name);
  WorkloadOptions options;
  std::vector<std::string> only;
  std::string json;
  CLI::App app{"Benchmarks of Quartermaster: ratios of two arms run in turn."};
  app.add_option("--server", options.server, "Path of quartermasterd")->required();
  app.add_option("--only", only, "These; all of them if not given")->check(CLI::IsMember(names));
  app.add_option("--json", json, "Also write the results to this file");
  app.add_option("--rounds", options.rounds, "Rounds of each comparison")->check(CLI::Range(1, 99));
  app.add_option("--seconds", options.seconds, "Length of an arm")->check(CLI::Range(0.1, 60.0));
  app.add_option("--in-flight", options.in_flight, "Calls under way")->check(CLI::Range(1, 16384));
  CLI11_PARSE(app, argc, argv);
  std::vector<Comparison> results;
  for (const Workload& workload : AllWorkloads()) {
    const bool wanted =
        only.empty() || std::find(only.begin(), only.end(), workload.name) != only.end();
    if (wanted) workload.run(options, results);
  }
  PrintTable(results);
  const double floor = SyncedAppendMicros(TemporaryDirectory().path());
  std::printf("floor      a synced append of 4 KiB here: %.0f us (median)\n", floor);
  if (!json.empty()) {
    const nlohmann::json all = {{"synced_append_us", floor}, {"comparisons", ToJson(results)}};
    std::ofstream(json) << all.dump(2) << "\n";
  }
  return 0;
}

}  // namespace
}  // namespace quartermaster::bench

int main(int argc, char** argv) { return quartermaster::bench::Main(argc, argv); }
