// PacedWrites: Reserve calls that come at a steady rate, however long their answers take (open
// loop).
//
//   PacedWrites writes(target, 10'000, shape);
//   ...                                          // what is measured beside them
//   const double p99_us = writes.Stop();
#ifndef QUARTERMASTER_TOOLS_BENCH_PACED_WRITES_H_
#define QUARTERMASTER_TOOLS_BENCH_PACED_WRITES_H_

#include <memory>
#include <string>

#include "tools/bench/request_maker.h"

namespace quartermaster::bench {

// Runs on a thread of its own from the constructor on.
class PacedWrites {
 public:
  PacedWrites(const std::string& target, double per_second, const RequestShape& shape);
  ~PacedWrites();
  PacedWrites(const PacedWrites&) = delete;
  PacedWrites& operator=(const PacedWrites&) = delete;

  // Waits for the calls under way. The 99th percentile, in microseconds, of the time from when a
  // call was due to its answer. Once.
  double Stop();

 private:
  class Run;
  std::unique_ptr<Run> run_;
};

}  // namespace quartermaster::bench

#endif  // QUARTERMASTER_TOOLS_BENCH_PACED_WRITES_H_
