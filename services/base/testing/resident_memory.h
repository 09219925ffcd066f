// How much memory this process has: for benchmarks.
#ifndef QUARTERMASTER_SERVICES_BASE_TESTING_RESIDENT_MEMORY_H_
#define QUARTERMASTER_SERVICES_BASE_TESTING_RESIDENT_MEMORY_H_

#include <unistd.h>

#include <cstdio>
#include <cstdlib>

namespace quartermaster {

inline double ResidentMegabytes() {
  long total = 0;     // NOLINT(google-runtime-int): as scanf has it
  long resident = 0;  // NOLINT(google-runtime-int)
  std::FILE* const file = std::fopen("/proc/self/statm", "r");
  if (file == nullptr || std::fscanf(file, "%ld %ld", &total, &resident) != 2) std::abort();
  std::fclose(file);
  return static_cast<double>(resident) * static_cast<double>(sysconf(_SC_PAGESIZE)) / (1 << 20);
}

}  // namespace quartermaster

#endif  // QUARTERMASTER_SERVICES_BASE_TESTING_RESIDENT_MEMORY_H_
