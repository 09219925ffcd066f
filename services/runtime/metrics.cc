#include "services/runtime/metrics.h"

#include <prometheus/collectable.h>
#include <prometheus/exposer.h>
#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <exception>
#include <map>
#include <set>
#include <string_view>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "services/base/check.h"
#include "services/base/mutex.h"
#include "services/runtime/process_metrics.h"

namespace quartermaster::runtime {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

bool IsSnake(std::string_view name) {
  if (name.empty() || name.front() < 'a' || name.front() > 'z') return false;
  return std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
}

// The naming rules, for every metric of ours.
void CheckNames(MetricType type, const std::string& name, const std::string& help,
                const MetricLabels& labels) {
  QM_CHECK(IsSnake(name)) << name;
  QM_CHECK(absl::StartsWith(name, "quartermaster_") || absl::StartsWith(name, "process_")) << name;
  QM_CHECK(absl::EndsWith(name, "_total") == (type == MetricType::Counter)) << name;
  for (const char* unit : {"_ms", "_us", "_ns", "_milliseconds", "_microseconds", "_kib", "_mib"}) {
    QM_CHECK(!absl::EndsWith(name, unit)) << name << ": base units only: seconds, bytes";
  }
  QM_CHECK(!help.empty()) << name;
  for (const auto& [key, value] : labels) {
    QM_CHECK(IsSnake(key) && key != "le" && !value.empty()) << name << ": label " << key;
    for (const char* open : {"sku", "order_id", "reservation_id", "request_id", "customer"}) {
      QM_CHECK(key != open) << name << ": the values of " << key << " are no closed set";
    }
  }
}

MetricType TypeOf(MetricKind kind) {
  return kind == MetricKind::kCounter ? MetricType::Counter : MetricType::Gauge;
}

ClientMetric WithLabels(const MetricLabels& labels) {
  ClientMetric metric;
  for (const auto& [name, value] : labels) metric.label.push_back({name, value});
  return metric;
}

void Set(MetricType type, double value, ClientMetric* metric) {
  if (type == MetricType::Counter) {
    metric->counter.value = value;
  } else {
    metric->gauge.value = value;
  }
}

void Set(const Histogram& histogram, ClientMetric* metric) {
  const Histogram::Reading reading = histogram.Read();
  const Buckets& buckets = histogram.buckets();
  uint64_t cumulative = 0;
  for (int i = 0; i < buckets.count; ++i) {
    cumulative += reading.counts[i];
    const double bound = static_cast<double>(buckets.first << i) * buckets.scale;
    metric->histogram.bucket.push_back({cumulative, bound});
  }
  cumulative += reading.counts[buckets.count];
  metric->histogram.bucket.push_back({cumulative, INFINITY});
  metric->histogram.sample_count = cumulative;
  metric->histogram.sample_sum = static_cast<double>(reading.sum) * buckets.scale;
}

}  // namespace

int AssignMetricShard() {
  static std::atomic<unsigned> next{0};
  metric_shard = static_cast<int>(next.fetch_add(1, std::memory_order_relaxed) % kMetricShards);
  return metric_shard;
}

uint64_t Counter::Value() const {
  uint64_t sum = 0;
  for (const Cell& cell : cells_) sum += cell.value.load(std::memory_order_relaxed);
  return sum;
}

Histogram::Histogram(Buckets buckets)
    : buckets_(buckets), first_log2_(std::bit_width(buckets.first) - 1) {
  QM_CHECK(std::has_single_bit(buckets.first)) << "the first bound must be a power of two";
  QM_CHECK(buckets.count > 0 && buckets.count <= kBucketsMax);
}

void Histogram::Observe(uint64_t value) {
  // The least k with value <= first * 2^k; a value of 0 belongs to the first.
  const int log2 = value <= 1 ? 0 : std::bit_width(value - 1);
  const int bucket = std::clamp(log2 - first_log2_, 0, buckets_.count);
  Shard& shard = shards_[MetricShard()];
  shard.counts[bucket].fetch_add(1, std::memory_order_relaxed);
  shard.sum.fetch_add(value, std::memory_order_relaxed);
}

Histogram::Reading Histogram::Read() const {
  Reading reading;
  reading.counts.resize(buckets_.count + 1);
  for (const Shard& shard : shards_) {
    for (int i = 0; i <= buckets_.count; ++i) {
      reading.counts[i] += shard.counts[i].load(std::memory_order_relaxed);
    }
    reading.sum += shard.sum.load(std::memory_order_relaxed);
  }
  return reading;
}

// Everything that was added, in the order of the names.
class Metrics::Collector : public prometheus::Collectable {
 public:
  struct Source {
    std::vector<MetricSpec> specs;
    std::function<std::vector<double>()> read;
  };

  Counter* AddCounter(std::string name, std::string help, MetricLabels labels) {
    auto counter = std::make_unique<Counter>();
    Counter* const handle = counter.get();
    MutexLock lock(&mutex_);
    Declare(MetricType::Counter, name, help, labels);
    counters_.push_back({std::move(name), std::move(labels), std::move(counter)});
    return handle;
  }

  Histogram* AddHistogram(std::string name, std::string help, Buckets buckets,
                          MetricLabels labels) {
    auto histogram = std::make_unique<Histogram>(buckets);
    Histogram* const handle = histogram.get();
    MutexLock lock(&mutex_);
    Declare(MetricType::Histogram, name, help, labels);
    histograms_.push_back({std::move(name), std::move(labels), std::move(histogram)});
    return handle;
  }

  void AddSource(Source source) {
    MutexLock lock(&mutex_);
    for (const MetricSpec& spec : source.specs) {
      Declare(TypeOf(spec.kind), spec.name, spec.help, spec.labels);
    }
    sources_.push_back(std::move(source));
  }

  std::vector<MetricFamily> Collect() const override {
    MutexLock lock(&mutex_);
    std::map<std::string, MetricFamily> families;
    for (const auto& [name, declared] : declared_) {
      families[name] = {name, declared.help, declared.type, {}};
    }
    for (const auto& counter : counters_) {
      ClientMetric metric = WithLabels(counter.labels);
      Set(MetricType::Counter, static_cast<double>(counter.metric->Value()), &metric);
      families[counter.name].metric.push_back(std::move(metric));
    }
    for (const auto& histogram : histograms_) {
      ClientMetric metric = WithLabels(histogram.labels);
      Set(*histogram.metric, &metric);
      families[histogram.name].metric.push_back(std::move(metric));
    }
    for (const Source& source : sources_) {
      const std::vector<double> values = source.read();
      QM_CHECK(values.size() == source.specs.size()) << source.specs.front().name;
      for (size_t i = 0; i < values.size(); ++i) {
        ClientMetric metric = WithLabels(source.specs[i].labels);
        Set(TypeOf(source.specs[i].kind), values[i], &metric);
        families[source.specs[i].name].metric.push_back(std::move(metric));
      }
    }
    std::vector<MetricFamily> result;
    result.reserve(families.size());
    for (auto& [name, family] : families) result.push_back(std::move(family));
    return result;
  }

 private:
  struct Declared {
    MetricType type;
    std::string help;
    std::set<MetricLabels> labels;
  };
  template <typename Metric>
  struct Owned {
    std::string name;
    MetricLabels labels;
    std::unique_ptr<Metric> metric;
  };

  void Declare(MetricType type, const std::string& name, const std::string& help,
               const MetricLabels& labels) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    CheckNames(type, name, help, labels);
    Declared& declared = declared_.try_emplace(name, Declared{type, help, {}}).first->second;
    QM_CHECK(declared.type == type && declared.help == help) << name << " was added differently";
    QM_CHECK(declared.labels.insert(labels).second) << name << " was added twice";
  }

  mutable Mutex mutex_;
  std::map<std::string, Declared> declared_ ABSL_GUARDED_BY(mutex_);
  std::vector<Owned<Counter>> counters_ ABSL_GUARDED_BY(mutex_);
  std::vector<Owned<Histogram>> histograms_ ABSL_GUARDED_BY(mutex_);
  std::vector<Source> sources_ ABSL_GUARDED_BY(mutex_);
};

Metrics::Metrics() : collector_(std::make_shared<Collector>()) {}

Metrics::~Metrics() = default;

Counter* Metrics::AddCounter(std::string name, std::string help, MetricLabels labels) {
  return collector_->AddCounter(std::move(name), std::move(help), std::move(labels));
}

Histogram* Metrics::AddHistogram(std::string name, std::string help, Buckets buckets,
                                 MetricLabels labels) {
  return collector_->AddHistogram(std::move(name), std::move(help), buckets, std::move(labels));
}

void Metrics::AddGauge(std::string name, std::string help, std::function<double()> read,
                       MetricLabels labels) {
  AddGroup({{MetricKind::kGauge, std::move(name), std::move(help), std::move(labels)}},
           [read = std::move(read)] { return std::vector<double>{read()}; });
}

void Metrics::AddGroup(std::vector<MetricSpec> specs, std::function<std::vector<double>()> read) {
  QM_CHECK(!specs.empty());
  collector_->AddSource({std::move(specs), std::move(read)});
}

void Metrics::AddProcess() { AddGroup(ProcessMetricSpecs(), ReadProcessMetrics); }

void Metrics::AddStorage(const std::string& directory) {
  AddGroup(StorageMetricSpecs(), [directory] { return ReadStorageMetrics(directory); });
}

std::string Metrics::Scrape() const {
  return prometheus::TextSerializer().Serialize(collector_->Collect());
}

MetricsServer::MetricsServer(std::unique_ptr<prometheus::Exposer> exposer, int port)
    : exposer_(std::move(exposer)), port_(port) {}

MetricsServer::~MetricsServer() = default;

absl::StatusOr<std::unique_ptr<MetricsServer>> MetricsServer::Start(Metrics* metrics,
                                                                    const std::string& address) {
  constexpr size_t kThreads = 1;
  std::unique_ptr<prometheus::Exposer> exposer;
  // The library has no other way to say it.
  try {
    exposer = std::make_unique<prometheus::Exposer>(address, kThreads);
  } catch (const std::exception& error) {
    return absl::FailedPreconditionError(
        absl::StrCat("cannot serve metrics on ", address, ": ", error.what()));
  }
  exposer->RegisterCollectable(metrics->collector_);
  const std::vector<int> ports = exposer->GetListeningPorts();
  QM_CHECK(!ports.empty());
  return std::unique_ptr<MetricsServer>(new MetricsServer(std::move(exposer), ports.front()));
}

}  // namespace quartermaster::runtime
