// CutOracle: how many units can be served, by Gale's theorem and nothing else: demands fit if and
// only if for every set of locations, the units that may stand nowhere else fit into it. Keeps what
// is left of each of the 2^n sets. No paths, no arrangement, nothing to get wrong; for up to a
// dozen locations.
//
//   CutOracle oracle({2, 1});          // locations 0 and 1
//   oracle.Demand(0b11, 2);            // 2 units at either
//   oracle.Largest(0b01);              // 1
#ifndef QUARTERMASTER_SERVICES_STOCK_DOMAIN_TESTING_CUT_ORACLE_H_
#define QUARTERMASTER_SERVICES_STOCK_DOMAIN_TESTING_CUT_ORACLE_H_

#include <algorithm>
#include <cstdint>
#include <limits>
#include <vector>

namespace quartermaster::stock {

class CutOracle {
 public:
  using Set = uint32_t;  // a bit per location

  explicit CutOracle(const std::vector<int64_t>& supply) : left_(size_t{1} << supply.size()) {
    for (size_t i = 0; i < supply.size(); ++i) Supply(i, supply[i]);
  }

  // More of it at a location; less, if negative.
  void Supply(size_t location, int64_t delta) {
    for (Set cut = 0; cut < left_.size(); ++cut) {
      if ((cut >> location & 1) != 0) left_[cut] += delta;
    }
  }
  // More units that may stand anywhere in the set; fewer, if negative.
  void Demand(Set where, int64_t delta) {
    for (Set cut = 0; cut < left_.size(); ++cut) {
      if ((cut & where) == where) left_[cut] -= delta;
    }
  }
  // The largest further demand that can be served without another unit going short.
  int64_t Largest(Set where) const {
    int64_t least = std::numeric_limits<int64_t>::max();
    for (Set cut = 0; cut < left_.size(); ++cut) {
      if ((cut & where) == where) least = std::min(least, left_[cut]);
    }
    return least + Shortage();
  }
  // The units that no arrangement can serve.
  int64_t Shortage() const {
    return -std::min<int64_t>(0, *std::min_element(left_.begin(), left_.end()));
  }

 private:
  // By set: its supply less the demand that fits nowhere else.
  std::vector<int64_t> left_;
};

}  // namespace quartermaster::stock

#endif  // QUARTERMASTER_SERVICES_STOCK_DOMAIN_TESTING_CUT_ORACLE_H_
