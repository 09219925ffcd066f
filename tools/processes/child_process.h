// ChildProcess: a program that runs until it is killed, at the latest with its object, and with
// this process whatever becomes of it.
//
//   ChildProcess server({"build/release/bin/quartermasterd", "--data-dir", "/tmp/q"},
//   "/tmp/q.log"); server.Start(); server.Terminate(); const std::string how =
//   server.Wait(Seconds(10));   // "exit code 0"
#ifndef QUARTERMASTER_TOOLS_PROCESSES_CHILD_PROCESS_H_
#define QUARTERMASTER_TOOLS_PROCESSES_CHILD_PROCESS_H_

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "services/base/time.h"

namespace quartermaster::tools {

// To be used by the main thread only: the kernel ends a child with the thread that made it.
class ChildProcess {
 public:
  // The first argument is the program. Its output is appended to the file `output`, or is this
  // process's, if that is empty.
  explicit ChildProcess(std::vector<std::string> arguments, std::string output = "");
  // SIGKILL, if it still runs.
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  // It must not be running.
  void Start();
  // Sends SIGKILL, and does not wait.
  void SendKill();
  // Sends SIGKILL; returns when it is gone. Returns how it had ended before, if it had.
  std::optional<std::string> Kill();
  // How it ended, once, if it did so by itself since the last Start: "exit code 75".
  std::optional<std::string> Ended();
  // Waits for its end, at most so long (then it is killed): "exit code 0".
  std::string Wait(Micros at_most);
  void Terminate();

 private:
  const std::vector<std::string> arguments_;
  const std::string output_;
  pid_t pid_ = -1;
};

}  // namespace quartermaster::tools

#endif  // QUARTERMASTER_TOOLS_PROCESSES_CHILD_PROCESS_H_
