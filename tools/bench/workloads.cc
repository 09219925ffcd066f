#include "tools/bench/workloads.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <thread>
#include <utility>

#include "services/base/check.h"
#include "tools/bench/core_bench.h"
#include "tools/bench/load.h"
#include "tools/bench/order_load.h"
#include "tools/bench/paced_writes.h"
#include "tools/bench/servers.h"
#include "tools/bench/watchers.h"

namespace quartermaster::bench {
namespace {

constexpr int kFewSkus = 1'000;
constexpr int kManySkus = 1'000'000;
// Enough for every hold of every round.
constexpr int kUnits = 1'000'000'000;

LoadOptions LoadOn(const WorkloadOptions& options, const std::string& target, int skus) {
  LoadOptions load;
  load.target = target;
  load.in_flight = options.in_flight;
  load.seconds = options.seconds;
  load.shape.skus = skus;
  return load;
}

Comparison& Add(std::vector<Comparison>& results, Comparison comparison) {
  return results.emplace_back(std::move(comparison));
}

void HotLine(const WorkloadOptions& options, std::vector<Comparison>& results) {
  const Servers servers(options.server, tools::Shape::kOne);
  Stock(servers.tcp(), kManySkus, kUnits);
  Comparison& c = Add(results, {.name = "B1",
                                .ours = "all on one SKU",
                                .theirs = "uniform over 1 M",
                                .unit = "requests/s",
                                .target = 0.9,
                                .final_target = 1.0});
  RunRounds(
      c, options.rounds,
      [&] { return RunLoad(LoadOn(options, servers.unix_socket(), 1)).requests; },
      [&] { return RunLoad(LoadOn(options, servers.unix_socket(), kManySkus)).requests; });
}

void Crowd(const WorkloadOptions& options, std::vector<Comparison>& results) {
  constexpr int kConnections = 41;  // of at most 100 streams each
  const Servers servers(options.server, tools::Shape::kOne);
  Stock(servers.tcp(), 1, kUnits);
  Comparison& c = Add(results, {.name = "B2",
                                .ours = "one SKU, 4,096 calls",
                                .theirs = "16 calls under way",
                                .unit = "requests/s",
                                .target = 1.0,
                                .final_target = 1.0});
  const auto run = [&](int in_flight) {
    LoadOptions load = LoadOn(options, servers.unix_socket(), 1);
    load.connections = kConnections;
    load.in_flight = in_flight;
    return RunLoad(load).requests;
  };
  run(4'096);  // warm up
  RunRounds(
      c, options.rounds, [&] { return run(4'096); }, [&] { return run(16); });
}

void CoreAlone(const WorkloadOptions& options, std::vector<Comparison>& results) {
  constexpr int kHolds = 500'000;
  Comparison& c = Add(results, {.name = "B6",
                                .ours = "decide to frame",
                                .theirs = "bare hash map",
                                .unit = "ops/s",
                                .target = 0,
                                .final_target = 0.15});
  RunRounds(
      c, options.rounds, [] { return RunCore(kManySkus, kHolds); },
      [] { return RunBareMap(kManySkus, 4 * kHolds); });
}

void Transport(const WorkloadOptions& options, std::vector<Comparison>& results) {
  const auto compare = [&](const char* name, const std::string& ours, const std::string& theirs) {
    Comparison& c = Add(results, {.name = name,
                                  .ours = "durable Reserve",
                                  .theirs = "empty echo",
                                  .unit = "requests/s",
                                  .target = 0.6,
                                  .final_target = 0.9});
    RunLoad(LoadOn(options, ours, kFewSkus));  // warm up
    RunRounds(
        c, options.rounds, [&] { return RunLoad(LoadOn(options, ours, kFewSkus)).requests; },
        [&] { return RunLoad(LoadOn(options, theirs, kFewSkus)).requests; });
  };
  {
    const Servers one(options.server, tools::Shape::kOne);
    Stock(one.tcp(), kFewSkus, kUnits);
    compare("B7 tcp", one.tcp(), one.echo_tcp());
    compare("B7 unix", one.unix_socket(), one.echo_unix());
  }
  // The same with a log of its own behind a socket, and two more processes that follow.
  const Servers four(options.server, tools::Shape::kMany);
  Stock(four.tcp(), kFewSkus, kUnits);
  compare("B7 four", four.unix_socket(), four.echo_unix());
}

// Requests of a BatchReserve, and as many of them under way as keep the writer busy.
constexpr int kBatch = 256;
constexpr int kBatches = 32;

void Pipelines(const WorkloadOptions& options, std::vector<Comparison>& results) {
  const Servers servers(options.server, tools::Shape::kOne);
  Stock(servers.tcp(), kFewSkus, kUnits);
  const auto unary = [&] {
    return RunLoad(LoadOn(options, servers.unix_socket(), kFewSkus)).lines;
  };
  LoadOptions many = LoadOn(options, servers.unix_socket(), kFewSkus);
  many.in_flight = kBatch * kBatches;
  unary();  // warm up
  const auto compare = [&](const char* name, const char* ours, const auto& run) {
    Comparison& c = Add(results, {.name = name,
                                  .ours = ours,
                                  .theirs = "unary Reserve",
                                  .unit = "lines/s",
                                  .target = 20,
                                  .final_target = 20});
    RunRounds(c, options.rounds, run, unary);
  };
  compare("B8 batch", "BatchReserve of 256", [&] { return RunBatches(many, kBatch).lines; });
  compare("B8 stream", "ReserveStream", [&] { return RunStreams(many).lines; });
}

void ManyLines(const WorkloadOptions& options, std::vector<Comparison>& results) {
  const Servers servers(options.server, tools::Shape::kOne);
  Stock(servers.tcp(), kFewSkus, kUnits, /*second=*/true);
  LoadOptions load = LoadOn(options, servers.unix_socket(), kFewSkus);
  load.shape.lines_min = 5;
  load.shape.lines_max = 15;
  load.shape.remote_percent = 1;
  load.shape.rejected_percent = 1;
  RunLoad(load);  // warm up
  Comparison& c = Add(results, {.name = "B9",
                                .ours = "lines of 5 to 15 each",
                                .theirs = "single-line Reserve",
                                .unit = "lines/s",
                                .target = 6,
                                .final_target = 6});
  RunRounds(
      c, options.rounds, [&] { return RunLoad(load).lines; },
      [&] { return RunLoad(LoadOn(options, servers.unix_socket(), kFewSkus)).lines; });
}

void ReadsBesideWrites(const WorkloadOptions& options, std::vector<Comparison>& results) {
  const Servers servers(options.server, tools::Shape::kOne);
  Stock(servers.tcp(), kFewSkus, kUnits);
  const LoadOptions ours = LoadOn(options, servers.unix_socket(), kFewSkus);
  const LoadOptions echo = LoadOn(options, servers.echo_unix(), kFewSkus);
  RunLoad(ours);  // warm up
  const double half_of_peak = RunLoad(ours).requests / 2;
  Comparison reads{.name = "B10 reads",
                   .ours = "beside half of peak",
                   .theirs = "empty echo",
                   .unit = "reads/s",
                   .target = 0.45,
                   .final_target = 0.45};
  Comparison writes{.name = "B10 writes",
                    .ours = "p99 with reads",
                    .theirs = "p99 without",
                    .unit = "us, at most",
                    .target = 1.5,
                    .final_target = 1.5};
  double with_reads = 0;
  RunRounds(
      reads, options.rounds,
      [&] {
        PacedWrites paced(ours.target, half_of_peak, ours.shape);
        const double rate = RunReads(ours);
        with_reads = paced.Stop();
        return rate;
      },
      [&] {
        writes.our_rates.push_back(with_reads);
        PacedWrites paced(ours.target, half_of_peak, ours.shape);
        std::this_thread::sleep_for(std::chrono::duration<double>(options.seconds));
        writes.their_rates.push_back(paced.Stop());
        return RunReads(echo);
      });
  results.push_back(std::move(reads));
  results.push_back(std::move(writes));
}

// Every write changes a watched key.
void WatchesBesideWrites(const WorkloadOptions& options, std::vector<Comparison>& results) {
  const WatchShape watched{.streams = 200, .keys_each = 50};
  const int skus = watched.streams * watched.keys_each;
  const Servers servers(options.server, tools::Shape::kOne);
  Stock(servers.tcp(), skus, kUnits);
  const LoadOptions load = LoadOn(options, servers.unix_socket(), skus);
  RunLoad(load);  // warm up
  const double half_of_peak = RunLoad(load).requests / 2;
  const auto p99_of_writes = [&] {
    PacedWrites paced(load.target, half_of_peak, load.shape);
    std::this_thread::sleep_for(std::chrono::duration<double>(options.seconds));
    return paced.Stop();
  };
  Comparison& c = Add(results, {.name = "B10 watch",
                                .ours = "p99, 10,000 watched",
                                .theirs = "p99, none watched",
                                .unit = "us, at most",
                                .target = 1.5,
                                .final_target = 1.5});
  RunRounds(
      c, options.rounds,
      [&] {
        Watchers watchers(load.target, watched);
        const double p99 = p99_of_writes();
        const int64_t told = watchers.Stop();
        QM_CHECK(told > 0) << "nobody was told of anything";
        std::fprintf(stderr, "           %.0f writes/s, %.0f changes/s told\n", half_of_peak,
                     static_cast<double>(told) / options.seconds);
        return p99;
      },
      p99_of_writes);
}

// Each order is a plan, a hold, an order and a confirm: three commits that follow each other.
void OrdersEndToEnd(const WorkloadOptions& options, std::vector<Comparison>& results) {
  const Servers servers(options.server, tools::Shape::kOne);
  Stock(servers.tcp(), kFewSkus, kUnits);
  Catalogue(servers.tcp(), kFewSkus);
  const LoadOptions load = LoadOn(options, servers.unix_socket(), kFewSkus);
  RunOrders(load);  // warm up
  Comparison& c = Add(results, {.name = "B15",
                                .ours = "PlaceOrder",
                                .theirs = "unary Reserve",
                                .unit = "requests/s",
                                .target = 0.2,
                                .final_target = 0.2});
  RunRounds(
      c, options.rounds, [&] { return RunOrders(load); }, [&] { return RunLoad(load).requests; });
}

void Replay(const WorkloadOptions& options, std::vector<Comparison>& results) {
  Comparison& c = Add(results, {.name = "B16",
                                .ours = "replay",
                                .theirs = "live, unary",
                                .unit = "events/s",
                                .target = 5,
                                .final_target = 5});
  // What a server needs to come up with next to nothing in its log.
  double empty = 0;
  {
    Servers servers(options.server, tools::Shape::kOne);
    Stock(servers.tcp(), kFewSkus, kUnits);
    servers.Restart();
    empty = AwaitAnswer(servers.unix_socket(), 30);
  }
  for (int round = 0; round < options.rounds; ++round) {
    Servers servers(options.server, tools::Shape::kOne);
    Stock(servers.tcp(), kFewSkus, kUnits);
    LoadOptions load = LoadOn(options, servers.unix_socket(), kFewSkus);
    const double live = RunLoad(load).requests;
    // A log that takes longer to read than a process to start.
    load.in_flight = kBatch * kBatches;
    const double filled = RunBatches(load, kBatch).requests;
    servers.Restart();
    const double seconds = AwaitAnswer(servers.unix_socket(), 120) - empty;
    RunRounds(
        c, 1, [&] { return (live + filled) * options.seconds / std::max(seconds, 0.001); },
        [&] { return live; });
  }
}

}  // namespace

const std::vector<Workload>& AllWorkloads() {
  static const auto* const kAll = new std::vector<Workload>{{"B6", CoreAlone},
                                                            {"B7", Transport},
                                                            {"B1", HotLine},
                                                            {"B2", Crowd},
                                                            {"B8", Pipelines},
                                                            {"B9", ManyLines},
                                                            {"B10", ReadsBesideWrites},
                                                            {"B10-watch", WatchesBesideWrites},
                                                            {"B15", OrdersEndToEnd},
                                                            {"B16", Replay}};
  return *kAll;
}

}  // namespace quartermaster::bench
