// What Prometheus clients usually say about their process, read from /proc; and the room that its
// data has.
#ifndef QUARTERMASTER_SERVICES_RUNTIME_PROCESS_METRICS_H_
#define QUARTERMASTER_SERVICES_RUNTIME_PROCESS_METRICS_H_

#include <string>
#include <vector>

#include "services/runtime/metrics.h"

namespace quartermaster::runtime {

std::vector<MetricSpec> ProcessMetricSpecs();
// In the order of the specs; 0 for what cannot be read.
std::vector<double> ReadProcessMetrics();

std::vector<MetricSpec> StorageMetricSpecs();
// In the order of the specs, of the file system that the directory is on; NaN for what cannot be
// read: 0 would say that it is full.
std::vector<double> ReadStorageMetrics(const std::string& directory);

}  // namespace quartermaster::runtime

#endif  // QUARTERMASTER_SERVICES_RUNTIME_PROCESS_METRICS_H_
