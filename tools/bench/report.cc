#include "tools/bench/report.h"

#include <algorithm>
#include <cstdio>

namespace quartermaster::bench {

std::vector<double> Comparison::Ratios() const {
  std::vector<double> ratios;
  for (size_t i = 0; i < our_rates.size(); ++i) ratios.push_back(our_rates[i] / their_rates[i]);
  return ratios;
}

double Median(std::vector<double> values) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  const size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

void RunRounds(Comparison& comparison, int rounds, const std::function<double()>& ours,
               const std::function<double()>& theirs) {
  for (int round = 1; round <= rounds; ++round) {
    comparison.our_rates.push_back(ours());
    comparison.their_rates.push_back(theirs());
    std::fprintf(stderr, "%-10s round %d/%d: %s %.0f, %s %.0f %s, ratio %.3f\n",
                 comparison.name.c_str(), round, rounds, comparison.ours.c_str(),
                 comparison.our_rates.back(), comparison.theirs.c_str(),
                 comparison.their_rates.back(), comparison.unit.c_str(),
                 comparison.our_rates.back() / comparison.their_rates.back());
  }
}

void PrintTable(const std::vector<Comparison>& comparisons) {
  std::printf("%-10s %-22s %-22s %10s %10s  %6s %6s %6s  %6s %6s\n", "benchmark", "ours", "against",
              "ours", "against", "ratio", "min", "max", "target", "final");
  for (const Comparison& c : comparisons) {
    const std::vector<double> ratios = c.Ratios();
    const auto [min, max] = std::minmax_element(ratios.begin(), ratios.end());
    std::printf("%-10s %-22s %-22s %10.0f %10.0f  %6.3f %6.3f %6.3f  %6.2f %6.2f\n", c.name.c_str(),
                c.ours.c_str(), c.theirs.c_str(), Median(c.our_rates), Median(c.their_rates),
                Median(ratios), *min, *max, c.target, c.final_target);
  }
}

nlohmann::json ToJson(const std::vector<Comparison>& comparisons) {
  nlohmann::json rows = nlohmann::json::array();
  for (const Comparison& c : comparisons) {
    rows.push_back({{"name", c.name},
                    {"ours", c.ours},
                    {"against", c.theirs},
                    {"unit", c.unit},
                    {"our_rates", c.our_rates},
                    {"against_rates", c.their_rates},
                    {"ratio_median", Median(c.Ratios())},
                    {"target", c.target},
                    {"final_target", c.final_target}});
  }
  return rows;
}

}  // namespace quartermaster::bench
