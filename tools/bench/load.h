// Load: closed loops of calls against a server, each call started by the answer to one before it.
#ifndef QUARTERMASTER_TOOLS_BENCH_LOAD_H_
#define QUARTERMASTER_TOOLS_BENCH_LOAD_H_

#include <memory>
#include <string>
#include <vector>

#include "tools/bench/request_maker.h"

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
  RequestShape shape;
};

// What was answered, per second. A rate that hides refusals would be none: all of these CHECK that
// every request is answered OK, or refused if it was made to be.
struct Rates {
  double requests = 0;
  double lines = 0;
};

// Unary Reserve.
Rates RunLoad(const LoadOptions& options);
// BatchReserve of `batch` requests each.
Rates RunBatches(const LoadOptions& options, int batch);
// ReserveStream, one on each connection, with `in_flight` requests under way over all of them.
Rates RunStreams(const LoadOptions& options);
// Unary GetAvailability of one SKU at "L0", answers per second.
double RunReads(const LoadOptions& options);

std::vector<std::shared_ptr<grpc::Channel>> Connect(const std::string& target, int connections);

// Waits until the server answers. CHECKs that it does within half a minute.
void AwaitServer(const std::string& target);

// Waits until stock answers a question, and returns the seconds that it took. CHECKs that it does
// within `at_most` seconds.
double AwaitAnswer(const std::string& target, double at_most);

// Puts so many units of S0 to S<skus - 1> at the location "L0"; with `second`, also a thousandth of
// them at "L1".
void Stock(const std::string& target, int skus, int units, bool second = false);

}  // namespace quartermaster::bench

#endif  // QUARTERMASTER_TOOLS_BENCH_LOAD_H_
