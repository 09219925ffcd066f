// Metrics: what the process counts, served to Prometheus. A component declares its metrics
// together, in a struct of handles, and counts through the handles:
//
//   struct TillMetrics {
//     explicit TillMetrics(Metrics* metrics)
//         : sales(metrics->AddCounter("quartermaster_orders_sales_total", "Sales recorded.",
//                                     {{"result", "recorded"}})),
//           batch_bytes(metrics->AddHistogram("quartermaster_orders_batch_bytes", "...",
//                                             Buckets::Bytes())) {}
//     Counter* const sales;
//     Histogram* const batch_bytes;
//   };
//   metrics.sales->Add();
//
// Names are `quartermaster_<component>_<what>_<base unit>`, counters end in `_total`; each Add
// checks this and ends the process otherwise. Labels are given when a metric is declared, so the
// set of label values is closed: never a SKU, an order or a caller's text.
#ifndef QUARTERMASTER_SERVICES_RUNTIME_METRICS_H_
#define QUARTERMASTER_SERVICES_RUNTIME_METRICS_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/optimization.h"
#include "absl/status/statusor.h"

namespace prometheus {
class Exposer;
}

namespace quartermaster::runtime {

using MetricLabels = std::vector<std::pair<std::string, std::string>>;

// Cells are picked by thread, so that threads rarely write one cache line; a scrape adds them up.
inline constexpr int kMetricShards = 8;
// Gives this thread its shard, once.
int AssignMetricShard();
inline constinit thread_local int metric_shard = -1;
inline int MetricShard() { return metric_shard >= 0 ? metric_shard : AssignMetricShard(); }

// Only grows. Thread-safe; a few nanoseconds.
class Counter {
 public:
  void Add(uint64_t n = 1) { cells_[MetricShard()].value.fetch_add(n, std::memory_order_relaxed); }
  uint64_t Value() const;

 private:
  struct alignas(ABSL_CACHELINE_SIZE) Cell {
    std::atomic<uint64_t> value{0};
  };
  std::array<Cell, kMetricShards> cells_;
};

// The upper bounds of a histogram's buckets: first * 2^k, so that finding one costs a bit scan.
struct Buckets {
  // In the unit that Observe is given.
  uint64_t first;
  int count;
  // From that unit to the base unit in the metric's name.
  double scale;

  // Observed in nanoseconds, shown in seconds: 16.4 us to 17.2 s.
  static constexpr Buckets Latency() { return {1 << 14, 21, 1e-9}; }
  // 64 B to 16 MiB.
  static constexpr Buckets Bytes() { return {64, 19, 1}; }
  // 1 to 65,536 of something.
  static constexpr Buckets Counts() { return {1, 17, 1}; }
};

// Thread-safe; some ten nanoseconds.
class Histogram {
 public:
  explicit Histogram(Buckets buckets);

  void Observe(uint64_t value);
  // Both the sum and the counts of buckets, the last one being what lies above all bounds.
  struct Reading {
    std::vector<uint64_t> counts;
    uint64_t sum = 0;
  };
  Reading Read() const;
  const Buckets& buckets() const { return buckets_; }

 private:
  static constexpr int kBucketsMax = 24;
  struct alignas(ABSL_CACHELINE_SIZE) Shard {
    std::array<std::atomic<uint64_t>, kBucketsMax + 1> counts{};
    std::atomic<uint64_t> sum{0};
  };
  const Buckets buckets_;
  const int first_log2_;
  std::array<Shard, kMetricShards> shards_;
};

enum class MetricKind { kCounter, kGauge };

struct MetricSpec {
  MetricKind kind;
  std::string name;
  std::string help;
  MetricLabels labels;
};

// Thread-safe. Handles live as long as this does. The same name may be added several times with
// other labels (the same help); the same name and labels twice is a defect.
class Metrics {
 public:
  Metrics();
  ~Metrics();

  Counter* AddCounter(std::string name, std::string help, MetricLabels labels = {});
  Histogram* AddHistogram(std::string name, std::string help, Buckets buckets,
                          MetricLabels labels = {});
  // Read when scraped; `read` must be thread-safe, not block, and outlive this or be removed.
  void AddGauge(std::string name, std::string help, std::function<double()> read,
                MetricLabels labels = {});
  // Several that are read together: `read` returns one value for each spec, in their order.
  void AddGroup(std::vector<MetricSpec> specs, std::function<std::vector<double>()> read);
  // The process: CPU time, resident memory, open files, start time, under Prometheus' usual names.
  void AddProcess();
  // The room on the file system of a directory: quartermaster_storage_*.
  void AddStorage(const std::string& directory);

  // In Prometheus' text format.
  std::string Scrape() const;

 private:
  friend class MetricsServer;
  class Collector;
  const std::shared_ptr<Collector> collector_;
};

// Serves Metrics over HTTP, at /metrics.
class MetricsServer {
 public:
  // "127.0.0.1:7401"; port 0 takes a free one. `metrics` must outlive the server. Errors:
  // FAILED_PRECONDITION (the address cannot be listened on).
  static absl::StatusOr<std::unique_ptr<MetricsServer>> Start(Metrics* metrics,
                                                              const std::string& address);
  ~MetricsServer();

  int port() const { return port_; }

 private:
  explicit MetricsServer(std::unique_ptr<prometheus::Exposer> exposer, int port);
  const std::unique_ptr<prometheus::Exposer> exposer_;
  const int port_;
};

}  // namespace quartermaster::runtime

#endif  // QUARTERMASTER_SERVICES_RUNTIME_METRICS_H_
