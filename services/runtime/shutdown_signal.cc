#include "services/runtime/shutdown_signal.h"

#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>

#include "services/base/check.h"

namespace quartermaster::runtime {

ShutdownSignal::ShutdownSignal() {
  signal(SIGPIPE, SIG_IGN);
  sigemptyset(&signals_);
  sigaddset(&signals_, SIGTERM);
  sigaddset(&signals_, SIGINT);
  QM_CHECK(pthread_sigmask(SIG_BLOCK, &signals_, &previous_) == 0);
  signal_fd_ = signalfd(-1, &signals_, SFD_CLOEXEC | SFD_NONBLOCK);
  request_fd_ = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  QM_CHECK(signal_fd_ >= 0 && request_fd_ >= 0) << "errno " << errno;
}

ShutdownSignal::~ShutdownSignal() {
  close(signal_fd_);
  close(request_fd_);
  pthread_sigmask(SIG_SETMASK, &previous_, nullptr);
}

void ShutdownSignal::Request(int exit_code) {
  int none = kNoRequest;
  if (!requested_.compare_exchange_strong(none, exit_code)) return;
  const uint64_t one = 1;
  QM_CHECK(write(request_fd_, &one, sizeof(one)) == sizeof(one));
}

bool ShutdownSignal::Pending() const {
  pollfd sources[] = {{signal_fd_, POLLIN, 0}, {request_fd_, POLLIN, 0}};
  return poll(sources, 2, 0) > 0;
}

int ShutdownSignal::Wait() {
  pollfd sources[] = {{signal_fd_, POLLIN, 0}, {request_fd_, POLLIN, 0}};
  while (poll(sources, 2, -1) < 0) QM_CHECK(errno == EINTR) << "errno " << errno;
  int exit_code = kExitClean;
  if (sources[0].revents != 0) {
    // Taken, or it would act once it is unblocked.
    signalfd_siginfo info;
    QM_CHECK(read(signal_fd_, &info, sizeof(info)) == sizeof(info));
  } else {
    exit_code = requested_.load();
  }
  pthread_sigmask(SIG_UNBLOCK, &signals_, nullptr);
  return exit_code;
}

}  // namespace quartermaster::runtime
