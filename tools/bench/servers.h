// Servers: a Quartermaster of its own, with the README's flags and durability, and the echo beside
// it.
#ifndef QUARTERMASTER_TOOLS_BENCH_SERVERS_H_
#define QUARTERMASTER_TOOLS_BENCH_SERVERS_H_

#include <memory>
#include <string>
#include <vector>

#include "tools/bench/scratch.h"
#include "tools/processes/child_process.h"
#include "tools/processes/shape.h"

namespace quartermaster::bench {

// Processes of this object's lifetime, on ports and in a directory of their own. Not thread-safe.
class Servers {
 public:
  // `server`: the path of quartermasterd. Returns once they answer.
  Servers(const std::string& server, tools::Shape shape);
  // Who follows others ends before them, and does not complain.
  ~Servers();
  Servers(const Servers&) = delete;
  Servers& operator=(const Servers&) = delete;

  // Stock's addresses.
  const std::string& tcp() const { return tcp_; }
  const std::string& unix_socket() const { return unix_; }
  const std::string& echo_tcp() const { return echo_tcp_; }
  const std::string& echo_unix() const { return echo_unix_; }

  // Kills Quartermaster, which must be one process, and starts it again on its data. Returns as
  // soon as it has been started.
  void Restart();

 private:
  void Start(std::vector<std::string> arguments);

  const TemporaryDirectory directory_;
  const std::string tcp_;
  std::string unix_;
  const std::string echo_tcp_;
  const std::string echo_unix_;
  std::vector<std::unique_ptr<tools::ChildProcess>> children_;
};

}  // namespace quartermaster::bench

#endif  // QUARTERMASTER_TOOLS_BENCH_SERVERS_H_
