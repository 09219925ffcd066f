// Deployment: the server as one process or as many, on Unix sockets in one directory, to be killed
// and started again. The processes end with the object, and with this process whatever becomes of
// it.
//
//   Deployment shop("build/release/bin/quartermasterd", tools::Shape::kMany, "/tmp/qm_crash.x");
//   shop.StartAll();
//   QM_RETURN_IF_ERROR(shop.AwaitServing(Seconds(60)));
//   shop.Kill({0, 2});
#ifndef QUARTERMASTER_TESTS_FAULT_DEPLOYMENT_H_
#define QUARTERMASTER_TESTS_FAULT_DEPLOYMENT_H_

#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "services/base/time.h"
#include "tools/client/address_book.h"
#include "tools/processes/child_process.h"
#include "tools/processes/shape.h"

namespace quartermaster::crash {

// Not thread-safe; see ChildProcess.
class Deployment {
 public:
  // `directory` is there and its path is short: a socket's path has at most 107 bytes.
  Deployment(const std::string& server, tools::Shape shape, const std::string& directory);

  size_t size() const { return nodes_.size(); }
  const std::string& name(size_t node) const { return nodes_[node].name; }
  const tools::AddressBook& addresses() const { return addresses_; }
  // The same in the command line's form.
  const std::string& address_text() const { return address_text_; }
  // Where the event log is kept.
  const std::string& log_directory() const { return nodes_[0].directory; }

  void Start(size_t node) { nodes_[node].process->Start(); }
  void StartAll();
  // All of them before any is waited for. Returns what had ended before, in words.
  std::vector<std::string> Kill(const std::vector<size_t>& nodes);
  // What has ended by itself, in words; such a process is started again.
  std::vector<std::string> ReviveEnded();
  // Until every service of every process is SERVING. Errors: DeadlineExceeded, naming what is not.
  absl::Status AwaitServing(Micros timeout);
  // SIGTERM; returns when it has ended, which it is made to after `at_most`: "exit code 0".
  std::string Stop(size_t node, Micros at_most);
  // SIGTERM to all; what did not end cleanly, in words.
  std::vector<std::string> StopAll();

 private:
  struct Node {
    std::string name;
    std::string directory;
    std::shared_ptr<grpc::Channel> channel;
    std::unique_ptr<tools::ChildProcess> process;
  };
  static bool IsServing(const Node& node);

  // The log's is the first.
  std::vector<Node> nodes_;
  std::string address_text_;
  tools::AddressBook addresses_;
};

}  // namespace quartermaster::crash

#endif  // QUARTERMASTER_TESTS_FAULT_DEPLOYMENT_H_
