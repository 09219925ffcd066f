// Node: the parts of one process, opened, connected, started and stopped in order.
//
//   auto node = Node::Start(options, &logger, &signal);
//   const int exit_code = signal.Wait();
//   (*node)->Stop();
#ifndef QUARTERMASTER_SERVICES_QUARTERMASTERD_NODE_H_
#define QUARTERMASTER_SERVICES_QUARTERMASTERD_NODE_H_

#include <memory>

#include "absl/status/statusor.h"
#include "services/runtime/logging.h"
#include "services/runtime/server_options.h"
#include "services/runtime/shutdown_signal.h"

namespace quartermaster {

class Node {
 public:
  // Opens the log or waits for the one that it shares, replays it into every part, listens, and
  // serves. Other peers need not be there: what needs them is refused until they are. All arguments
  // must outlive the node; `signal` is asked to end the process when a partition gets another
  // owner. Errors: those of the log, the parts and the server; the message names what failed.
  // kCancelled if the process was asked to end meanwhile.
  static absl::StatusOr<std::unique_ptr<Node>> Start(const runtime::ServerOptions& options,
                                                     runtime::Logger* log,
                                                     runtime::ShutdownSignal* signal);
  // Stops, if it has not been stopped.
  ~Node();

  // Finishes the calls in flight, refuses new ones, ends the streams, then stops the parts.
  void Stop();

 private:
  class Impl;
  explicit Node(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace quartermaster

#endif  // QUARTERMASTER_SERVICES_QUARTERMASTERD_NODE_H_
