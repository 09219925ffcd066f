// ShutdownSignal: what ends a process: SIGTERM, SIGINT, or a part that cannot go on.
//
//   int main() {
//     ShutdownSignal signal;                      // first, before any thread is started
//     sequencer_options.on_fenced = [&](const auto&) { signal.Request(kExitFenced); };
//     ...
//     const int exit_code = signal.Wait();        // 0 after SIGTERM
//     server->Drain();
//     return exit_code;
//   }
#ifndef QUARTERMASTER_SERVICES_RUNTIME_SHUTDOWN_SIGNAL_H_
#define QUARTERMASTER_SERVICES_RUNTIME_SHUTDOWN_SIGNAL_H_

#include <signal.h>  // NOLINT(modernize-deprecated-headers): POSIX, not C

#include <atomic>

namespace quartermaster::runtime {

// The exit codes of quartermasterd.
inline constexpr int kExitClean = 0;
// It could not start: an address in use, a damaged log, a directory that another process holds.
inline constexpr int kExitStartFailed = 1;
// A flag, environment variable or line of the configuration file is wrong.
inline constexpr int kExitUsage = 2;
// The log failed while serving; what had been answered is durable, a restart replays it.
inline constexpr int kExitLogFailed = 74;
// Another process owns a partition now: do not restart it by itself.
inline constexpr int kExitFenced = 75;

// One per process, made on the main thread before others are started: they inherit the blocked
// signals. Ignores SIGPIPE.
class ShutdownSignal {
 public:
  ShutdownSignal();
  ~ShutdownSignal();
  ShutdownSignal(const ShutdownSignal&) = delete;
  ShutdownSignal& operator=(const ShutdownSignal&) = delete;

  // Makes Wait return this code, unless another cause came first. Thread-safe; does not block.
  void Request(int exit_code);

  // Whether Wait would return at once. Thread-safe.
  bool Pending() const;

  // Blocks until SIGTERM or SIGINT (kExitClean) or a Request. From its return on, the signals have
  // their default effect for the calling thread: a second Ctrl-C ends the process at once.
  int Wait();

 private:
  sigset_t signals_;
  sigset_t previous_;
  static constexpr int kNoRequest = -1;

  int signal_fd_;
  // Wakes Wait; the code is in requested_.
  int request_fd_;
  std::atomic<int> requested_{kNoRequest};
};

}  // namespace quartermaster::runtime

#endif  // QUARTERMASTER_SERVICES_RUNTIME_SHUTDOWN_SIGNAL_H_
