// RequestMaker: the Reserve requests of a load, none of which has been sent before.
#ifndef QUARTERMASTER_TOOLS_BENCH_REQUEST_MAKER_H_
#define QUARTERMASTER_TOOLS_BENCH_REQUEST_MAKER_H_

#include <cstdint>
#include <random>
#include <string>

#include "quartermaster/stock/v1/stock.pb.h"

namespace quartermaster::bench {

// What a request asks for. Stock() has put the SKUs at both locations.
struct RequestShape {
  // SKUs are drawn uniformly from "S0" to "S<skus - 1>"; 1: all on one.
  int skus = 1'000;
  // Lines of a request, drawn uniformly; each of one unit at "L0".
  int lines_min = 1;
  int lines_max = 1;
  // In a hundred: of lines, how many are from "L1"; of requests, how many ask in their last line
  // for more than there is.
  int remote_percent = 0;
  int rejected_percent = 0;
};

// Not thread-safe; ids are unique over all makers of a machine.
class RequestMaker {
 public:
  RequestMaker(const RequestShape& shape, uint32_t seed);

  // Makes the next one out of what the message was. False: it will be refused for lack of stock.
  bool Make(stock::v1::ReserveRequest& request);

 private:
  // 0 to n - 1.
  int Draw(int n) { return static_cast<int>(random_() % static_cast<uint32_t>(n)); }
  bool Drawn(int percent) { return percent > 0 && Draw(100) < percent; }

  const RequestShape shape_;
  std::minstd_rand random_;
  // Ids must not repeat between rounds, or the calls would be answered from memory.
  const std::string run_;
};

}  // namespace quartermaster::bench

#endif  // QUARTERMASTER_TOOLS_BENCH_REQUEST_MAKER_H_
