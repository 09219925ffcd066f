// Latencies of one kind of call, as percentiles. Thread-safe, lock-free.
//
//   Latency reserve;
//   reserve.Record(Micros{850});
//   double p99_ms = reserve.PercentileMs(0.99);
#ifndef QUARTERMASTER_TOOLS_RETAIL_LATENCY_H_
#define QUARTERMASTER_TOOLS_RETAIL_LATENCY_H_

#include <array>
#include <atomic>
#include <cmath>
#include <cstdint>

#include "services/base/time.h"

namespace quartermaster::retail {

// Buckets grow by 5 %: a percentile is at most that much too high. 1 us to about 17 minutes.
class Latency {
 public:
  void Record(Micros latency) {
    const double us = latency.count < 1 ? 1 : static_cast<double>(latency.count);
    const int bucket = static_cast<int>(std::log(us) / kLogGrowth);
    counts_[bucket < kBuckets ? bucket : kBuckets - 1].fetch_add(1, std::memory_order_relaxed);
  }
  int64_t count() const {
    int64_t sum = 0;
    for (const auto& count : counts_) sum += count.load(std::memory_order_relaxed);
    return sum;
  }
  // The upper edge of the bucket of the percentile; 0 if nothing was recorded.
  double PercentileMs(double percentile) const {
    const int64_t total = count();
    if (total == 0) return 0;
    const int64_t rank = static_cast<int64_t>(std::ceil(percentile * static_cast<double>(total)));
    int64_t seen = 0;
    int bucket = 0;
    for (; bucket < kBuckets - 1; ++bucket) {
      seen += counts_[bucket].load(std::memory_order_relaxed);
      if (seen >= rank) break;
    }
    return std::exp(kLogGrowth * (bucket + 1)) / 1000;
  }

 private:
  static constexpr int kBuckets = 425;
  static constexpr double kLogGrowth = 0.04879016416943204;  // ln 1.05

  std::array<std::atomic<int64_t>, kBuckets> counts_ = {};
};

}  // namespace quartermaster::retail

#endif  // QUARTERMASTER_TOOLS_RETAIL_LATENCY_H_
