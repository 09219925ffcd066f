// Seeded draws that are the same with every standard library.
//
//   Draw draw(seed, invoice_number);   // its own stream of numbers per thing drawn for
//   if (draw.Chance(0.1)) place = places[draw.Below(places.size())];
#ifndef QUARTERMASTER_TOOLS_RETAIL_DRAW_H_
#define QUARTERMASTER_TOOLS_RETAIL_DRAW_H_

#include <algorithm>
#include <cstdint>
#include <vector>

namespace quartermaster::retail {

// SplitMix64 (Steele, Lea, Flood 2014): small, fast, and good enough for a demo. Not thread-safe.
class Draw {
 public:
  explicit Draw(uint64_t seed, uint64_t stream = 0) : state_(seed * 0x9E3779B97F4A7C15u + stream) {
    Next();
    state_ ^= stream * 0xD1342543DE82EF95u;
  }

  uint64_t Next() {
    uint64_t z = (state_ += 0x9E3779B97F4A7C15u);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
  }
  // 0 to n - 1; n is positive.
  size_t Below(size_t n) { return static_cast<size_t>(Next() % n); }
  // 0 to 1, exclusive.
  double Unit() { return static_cast<double>(Next() >> 11) * 0x1.0p-53; }
  bool Chance(double probability) { return Unit() < probability; }

 private:
  uint64_t state_;
};

// Draws an index with the probability of its weight. Immutable.
class Weights {
 public:
  // Weights are not negative and do not sum up to 0.
  explicit Weights(const std::vector<double>& weights) {
    double sum = 0;
    for (const double weight : weights) sums_.push_back(sum += weight);
  }
  size_t Pick(Draw& draw) const {
    const double at = draw.Unit() * sums_.back();
    const auto found = std::upper_bound(sums_.begin(), sums_.end(), at);
    return std::min<size_t>(found - sums_.begin(), sums_.size() - 1);
  }

 private:
  std::vector<double> sums_;
};

}  // namespace quartermaster::retail

#endif  // QUARTERMASTER_TOOLS_RETAIL_DRAW_H_
