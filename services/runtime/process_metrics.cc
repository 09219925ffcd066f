#include "services/runtime/process_metrics.h"

#include <sys/resource.h>
#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <system_error>

namespace quartermaster::runtime {
namespace {

double Seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
}

double CpuSeconds() {
  rusage usage{};
  if (getrusage(RUSAGE_SELF, &usage) != 0) return 0;
  return Seconds(usage.ru_utime) + Seconds(usage.ru_stime);
}

double ResidentBytes() {
  std::ifstream file("/proc/self/statm");
  double all_pages = 0, resident_pages = 0;
  file >> all_pages >> resident_pages;
  return resident_pages * static_cast<double>(sysconf(_SC_PAGESIZE));
}

double OpenFiles() {
  std::error_code error;
  double count = 0;
  for (std::filesystem::directory_iterator it("/proc/self/fd", error), end; !error && it != end;
       it.increment(error)) {
    ++count;
  }
  return count;
}

// Boot time plus field 22 of /proc/self/stat, in clock ticks.
double StartUnixSeconds() {
  std::ifstream stat("/proc/self/stat");
  std::string text((std::istreambuf_iterator<char>(stat)), std::istreambuf_iterator<char>());
  const size_t name_end = text.rfind(')');
  if (name_end == std::string::npos) return 0;
  std::istringstream fields(text.substr(name_end + 1));
  std::string skipped;
  constexpr int kFieldsBetween = 19;
  for (int i = 0; i < kFieldsBetween; ++i) fields >> skipped;
  double ticks = 0;
  fields >> ticks;

  std::ifstream system("/proc/stat");
  double boot = 0;
  for (std::string key; system >> key;) {
    if (key == "btime") {
      system >> boot;
      break;
    }
  }
  return boot + ticks / static_cast<double>(sysconf(_SC_CLK_TCK));
}

}  // namespace

std::vector<MetricSpec> ProcessMetricSpecs() {
  return {
      {MetricKind::kCounter, "process_cpu_seconds_total", "User and system CPU time spent.", {}},
      {MetricKind::kGauge, "process_resident_memory_bytes", "Resident memory.", {}},
      {MetricKind::kGauge, "process_open_fds", "Open file descriptors.", {}},
      {MetricKind::kGauge, "process_start_time_seconds", "Start time, since the Unix epoch.", {}},
  };
}

std::vector<double> ReadProcessMetrics() {
  static const double start = StartUnixSeconds();
  return {CpuSeconds(), ResidentBytes(), OpenFiles(), start};
}

std::vector<MetricSpec> StorageMetricSpecs() {
  return {
      {MetricKind::kGauge,
       "quartermaster_storage_free_bytes",
       "Bytes that may still be written to the file system of the data directory.",
       {}},
      {MetricKind::kGauge,
       "quartermaster_storage_size_bytes",
       "Size of the file system of the data directory.",
       {}},
  };
}

std::vector<double> ReadStorageMetrics(const std::string& directory) {
  std::error_code error;
  const std::filesystem::space_info space = std::filesystem::space(directory, error);
  if (error) return {std::nan(""), std::nan("")};
  return {static_cast<double>(space.available), static_cast<double>(space.capacity)};
}

}  // namespace quartermaster::runtime
