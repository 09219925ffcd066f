// Workloads: those of BENCHMARKS that this release has, each as ratios of two arms run in turn.
#ifndef QUARTERMASTER_TOOLS_BENCH_WORKLOADS_H_
#define QUARTERMASTER_TOOLS_BENCH_WORKLOADS_H_

#include <string>
#include <vector>

#include "tools/bench/report.h"

namespace quartermaster::bench {

struct WorkloadOptions {
  // The path of quartermasterd.
  std::string server;
  int rounds = 5;
  double seconds = 3;
  // As many as keep both arms busy: a durable answer waits for a sync that an echo does not wait
  // for, so that it needs more calls under way to reach its peak.
  int in_flight = 1'024;
};

struct Workload {
  std::string name;  // "B7"
  void (*run)(const WorkloadOptions& options, std::vector<Comparison>& results);
};

// In the order in which they run.
const std::vector<Workload>& AllWorkloads();

}  // namespace quartermaster::bench

#endif  // QUARTERMASTER_TOOLS_BENCH_WORKLOADS_H_
