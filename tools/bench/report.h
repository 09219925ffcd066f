// Report: two arms run in turn, their ratio, and what it was measured against.
#ifndef QUARTERMASTER_TOOLS_BENCH_REPORT_H_
#define QUARTERMASTER_TOOLS_BENCH_REPORT_H_

#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace quartermaster::bench {

// One row: ours against another arm, A B A B.
struct Comparison {
  std::string name;         // "B7 tcp"
  std::string ours;         // "durable Reserve"
  std::string theirs;       // "empty echo"
  std::string unit;         // "requests/s"
  double target = 0;        // of the ratio, in this release
  double final_target = 0;  // of BENCHMARKS
  std::vector<double> our_rates;
  std::vector<double> their_rates;

  // One per round.
  std::vector<double> Ratios() const;
};

double Median(std::vector<double> values);

// Runs the arms in turn and prints each round to standard error as it ends.
void RunRounds(Comparison& comparison, int rounds, const std::function<double()>& ours,
               const std::function<double()>& theirs);

// A readable table on standard output.
void PrintTable(const std::vector<Comparison>& comparisons);
nlohmann::json ToJson(const std::vector<Comparison>& comparisons);

}  // namespace quartermaster::bench

#endif  // QUARTERMASTER_TOOLS_BENCH_REPORT_H_
