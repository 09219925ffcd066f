// Load: a closed loop of Reserve calls against a server, the same for both arms.
#ifndef QUARTERMASTER_TOOLS_BENCH_LOAD_H_
#define QUARTERMASTER_TOOLS_BENCH_LOAD_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace grpc {
class Channel;
}

namespace quartermaster::bench {

struct LoadOptions {
  // "127.0.0.1:7400" or "unix:/tmp/q.sock".
  std::string target;
  int connections = 8;
  // Calls under way at any moment, over all connections.
  int in_flight = 1'024;
  double seconds = 3;
  // SKUs are drawn uniformly from "S0" to "S<skus - 1>"; 1: all on one.
  int skus = 1'000;
};

// Returns answered calls per second. CHECKs that every call is answered OK: a rate that hides
// refusals would be none.
double RunLoad(const LoadOptions& options);

std::vector<std::shared_ptr<grpc::Channel>> Connect(const std::string& target, int connections);

// Waits until the server answers. CHECKs that it does within half a minute.
void AwaitServer(const std::string& target);

// Puts so many units of S0 to S<skus - 1> at the location "L0".
void Stock(const std::string& target, int skus, int units);

}  // namespace quartermaster::bench

#endif  // QUARTERMASTER_TOOLS_BENCH_LOAD_H_
