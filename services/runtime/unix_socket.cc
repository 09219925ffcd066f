#include "services/runtime/unix_socket.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "absl/strings/str_cat.h"

namespace quartermaster::runtime {
namespace {

absl::Status Failure(const std::string& path, const char* what, int error) {
  return absl::FailedPreconditionError(
      absl::StrCat("socket ", path, ": ", what, ": ", std::strerror(error)));
}

// 0 if someone accepted the connection, else the errno.
int TryConnect(const std::string& path) {
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return errno;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), path.size());
  const int result = connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address));
  const int error = result == 0 ? 0 : errno;
  close(fd);
  return error;
}

}  // namespace

absl::Status FreeSocketPath(const std::string& path) {
  constexpr size_t kPathBytesMax = sizeof(sockaddr_un::sun_path) - 1;
  if (path.empty() || path.size() > kPathBytesMax) {
    return absl::InvalidArgumentError(absl::StrCat("socket ", path, ": a path of 1 to ",
                                                   kPathBytesMax, " bytes is needed, this is ",
                                                   path.size()));
  }
  struct stat info;
  if (lstat(path.c_str(), &info) != 0) {
    return errno == ENOENT ? absl::OkStatus() : Failure(path, "cannot be looked at", errno);
  }
  if (!S_ISSOCK(info.st_mode)) {
    return absl::FailedPreconditionError(
        absl::StrCat("socket ", path, ": something that is no socket is there"));
  }
  // EAGAIN: its queue is full, so it is alive.
  const int error = TryConnect(path);
  if (error == 0 || error == EAGAIN) {
    return absl::FailedPreconditionError(
        absl::StrCat("socket ", path, ": another process listens there"));
  }
  if (error != ECONNREFUSED) return Failure(path, "cannot be tried", error);
  if (unlink(path.c_str()) != 0) return Failure(path, "cannot be removed", errno);
  return absl::OkStatus();
}

PrivateUmask::PrivateUmask() : previous_(umask(0177)) {}

PrivateUmask::~PrivateUmask() { umask(previous_); }

}  // namespace quartermaster::runtime
