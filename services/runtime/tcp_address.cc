#include "services/runtime/tcp_address.h"

#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>

#include "absl/strings/str_cat.h"

namespace quartermaster::runtime {
namespace {

// 0 if it could be bound, else the errno.
int TryBind(const addrinfo& address) {
  const int fd = ::socket(address.ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return errno;
  // As gRPC does: only one who listens is in the way, not connections that linger.
  const int yes = 1;
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
  const int error = ::bind(fd, address.ai_addr, address.ai_addrlen) == 0 ? 0 : errno;
  ::close(fd);
  return error;
}

}  // namespace

absl::Status CheckAddressIsFree(const std::string& address) {
  const size_t colon = address.rfind(':');
  if (colon == std::string::npos) return absl::OkStatus();
  std::string host = address.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  addrinfo hints{};
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (::getaddrinfo(host.c_str(), address.c_str() + colon + 1, &hints, &found) != 0) {
    return absl::OkStatus();
  }
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> list(found, &::freeaddrinfo);
  // A name may stand for several; a server is content with one, but another server is a mistake.
  bool some_free = false;
  int error = 0;
  for (const addrinfo* one = list.get(); one != nullptr; one = one->ai_next) {
    const int result = TryBind(*one);
    some_free = some_free || result == 0;
    if (error != EADDRINUSE) error = result;
  }
  if (error == EADDRINUSE) {
    return absl::FailedPreconditionError(
        absl::StrCat("address ", address, ": another process listens there"));
  }
  if (some_free) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("address ", address, ": cannot be listened on: ", std::strerror(error)));
}

}  // namespace quartermaster::runtime
