// The path of a Unix socket on which a server is about to listen.
#ifndef QUARTERMASTER_SERVICES_RUNTIME_UNIX_SOCKET_H_
#define QUARTERMASTER_SERVICES_RUNTIME_UNIX_SOCKET_H_

#include <sys/types.h>

#include <string>

#include "absl/status/status.h"

namespace quartermaster::runtime {

// Makes the path free: removes a socket that nobody answers. Errors: INVALID_ARGUMENT (empty, or
// longer than the kernel allows), FAILED_PRECONDITION (a process listens there, or something that
// is no socket is in the way, or it cannot be removed).
absl::Status FreeSocketPath(const std::string& path);

// While it lives, files that the process makes are for its own user only. Not thread-safe: the mask
// is the whole process's.
class PrivateUmask {
 public:
  PrivateUmask();
  ~PrivateUmask();
  PrivateUmask(const PrivateUmask&) = delete;
  PrivateUmask& operator=(const PrivateUmask&) = delete;

 private:
  const mode_t previous_;
};

}  // namespace quartermaster::runtime

#endif  // QUARTERMASTER_SERVICES_RUNTIME_UNIX_SOCKET_H_
