#include "tools/processes/child_process.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/base/check.h"

namespace quartermaster::tools {
namespace {

std::string HowItEnded(int status) {
  if (WIFEXITED(status)) return absl::StrCat("exit code ", WEXITSTATUS(status));
  return absl::StrCat("signal ", WTERMSIG(status));
}

// What a child does between fork and exec: only calls that are safe there.
[[noreturn]] void Become(char* const* arguments, const char* output, pid_t parent) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(127);
  const int in = ::open("/dev/null", O_RDONLY);
  if (in < 0) ::_exit(127);
  ::dup2(in, STDIN_FILENO);
  if (*output != '\0') {
    const int out = ::open(output, O_WRONLY | O_CREAT | O_APPEND, 0600);
    if (out < 0) ::_exit(127);
    ::dup2(out, STDOUT_FILENO);
    ::dup2(out, STDERR_FILENO);
  }
  ::close_range(STDERR_FILENO + 1, ~0U, 0);
  ::execv(arguments[0], arguments);
  ::_exit(127);
}

}  // namespace

ChildProcess::ChildProcess(std::vector<std::string> arguments, std::string output)
    : arguments_(std::move(arguments)), output_(std::move(output)) {}

ChildProcess::~ChildProcess() { Kill(); }

void ChildProcess::Start() {
  QM_CHECK(pid_ < 0) << arguments_[0] << " runs";
  std::vector<char*> argv;
  for (const std::string& one : arguments_) argv.push_back(const_cast<char*>(one.c_str()));
  argv.push_back(nullptr);
  const pid_t parent = ::getpid();
  pid_ = ::fork();
  QM_CHECK(pid_ >= 0) << "fork failed";
  if (pid_ == 0) Become(argv.data(), output_.c_str(), parent);
}

void ChildProcess::SendKill() {
  if (pid_ > 0) ::kill(pid_, SIGKILL);
}

std::optional<std::string> ChildProcess::Kill() {
  if (pid_ < 0) return std::nullopt;
  SendKill();
  int status = 0;
  ::waitpid(pid_, &status, 0);
  pid_ = -1;
  // A process that has ended keeps how it did, whatever it is sent.
  if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) return std::nullopt;
  return HowItEnded(status);
}

std::optional<std::string> ChildProcess::Ended() {
  int status = 0;
  if (pid_ < 0 || ::waitpid(pid_, &status, WNOHANG) != pid_) return std::nullopt;
  pid_ = -1;
  return HowItEnded(status);
}

std::string ChildProcess::Wait(Micros at_most) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::microseconds(at_most.count);
  while (std::chrono::steady_clock::now() < until) {
    if (const auto ended = Ended()) return *ended;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  Kill();
  return "killed, because it took too long";
}

void ChildProcess::Terminate() {
  if (pid_ > 0) ::kill(pid_, SIGTERM);
}

}  // namespace quartermaster::tools
