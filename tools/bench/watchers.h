// Watchers: clients that watch availability and read what they are sent as fast as it comes.
//
//   Watchers watchers(target, {.streams = 200, .keys_each = 50});
//   ...                                  // what is measured beside them
//   const int64_t told = watchers.Stop();
#ifndef QUARTERMASTER_TOOLS_BENCH_WATCHERS_H_
#define QUARTERMASTER_TOOLS_BENCH_WATCHERS_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace quartermaster::bench {

struct WatchShape {
  int streams = 200;
  // The first stream watches "S0" and so on at "L0", the second those behind them; none is watched
  // twice.
  int keys_each = 50;
};

class Watchers {
 public:
  // Returns once every stream has all current values.
  Watchers(const std::string& target, const WatchShape& shape);
  ~Watchers();
  Watchers(const Watchers&) = delete;
  Watchers& operator=(const Watchers&) = delete;

  // Ends the streams. How many changed values they were sent, all together. Once. CHECKs that none
  // of them had ended before.
  int64_t Stop();

 private:
  class Stream;
  std::vector<std::unique_ptr<Stream>> streams_;
};

}  // namespace quartermaster::bench

#endif  // QUARTERMASTER_TOOLS_BENCH_WATCHERS_H_
