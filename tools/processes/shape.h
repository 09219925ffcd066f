// The processes that a shop may run in on one machine, and how quartermasterd is started as each of
// them: for what starts servers of its own. On Unix sockets in one directory.
//
//   for (const ServerProcess& process : ProcessesOf(Shape::kMany, "/tmp/qm_crash.x")) ...
#ifndef QUARTERMASTER_TOOLS_PROCESSES_SHAPE_H_
#define QUARTERMASTER_TOOLS_PROCESSES_SHAPE_H_

#include <string>
#include <vector>

namespace quartermaster::tools {

enum class Shape {
  // Everything in one process over a log of its own.
  kOne,
  // log; stock and catalog; orders; routing.
  kMany,
};

struct ServerProcess {
  // "all", or "log", "stock", "orders", "routing".
  std::string name;
  // Of its data.
  std::string directory;
  // Where it serves: "unix:/tmp/qm_crash.x/stock.socket".
  std::string address;
  // Without the program. --listen and --metrics are left to the caller.
  std::vector<std::string> arguments;
};

// The one that keeps the log is the first. `directory` is there and its path is short: a socket's
// path has at most 107 bytes.
std::vector<ServerProcess> ProcessesOf(Shape shape, const std::string& directory);

// Where which service is, as clients' command lines take it (AddressBook).
std::string AddressesOf(const std::vector<ServerProcess>& processes);

}  // namespace quartermaster::tools

#endif  // QUARTERMASTER_TOOLS_PROCESSES_SHAPE_H_
