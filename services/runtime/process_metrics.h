// What Prometheus clients usually say about their process, read from /proc.
#ifndef QUARTERMASTER_SERVICES_RUNTIME_PROCESS_METRICS_H_
#define QUARTERMASTER_SERVICES_RUNTIME_PROCESS_METRICS_H_

#include <vector>

#include "services/runtime/metrics.h"

namespace quartermaster::runtime {

std::vector<MetricSpec> ProcessMetricSpecs();
// In the order of the specs; 0 for what cannot be read.
std::vector<double> ReadProcessMetrics();

}  // namespace quartermaster::runtime

#endif  // QUARTERMASTER_SERVICES_RUNTIME_PROCESS_METRICS_H_
