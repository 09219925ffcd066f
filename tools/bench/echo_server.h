// The transport's ceiling: a server of the same stubs and message sizes that does nothing.
#ifndef QUARTERMASTER_TOOLS_BENCH_ECHO_SERVER_H_
#define QUARTERMASTER_TOOLS_BENCH_ECHO_SERVER_H_

#include <string>

namespace quartermaster::bench {

// Answers every Reserve with a hold made of the request's own fields, and GetAvailability with
// figures of a usual size, until SIGTERM. Listens on each address ("127.0.0.1:7400",
// "unix:/tmp/q.sock"). Returns the exit code.
int ServeEcho(const std::string& tcp_address, const std::string& unix_address);

}  // namespace quartermaster::bench

#endif  // QUARTERMASTER_TOOLS_BENCH_ECHO_SERVER_H_
