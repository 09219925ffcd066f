#include "tools/bench/scratch.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>  // NOLINT(modernize-deprecated-headers): POSIX, not C
#include <sys/socket.h>
#include <unistd.h>

#include <filesystem>
#include <system_error>

#include "services/base/check.h"

namespace quartermaster::bench {

TemporaryDirectory::TemporaryDirectory() {
  std::string name = (std::filesystem::temp_directory_path() / "quartermaster-bench-XXXXXX");
  QM_CHECK(::mkdtemp(name.data()) != nullptr) << "no temporary directory";
  path_ = name;
}

TemporaryDirectory::~TemporaryDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

int FreePort() {
  const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  QM_CHECK(::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0);
  socklen_t size = sizeof(address);
  QM_CHECK(::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) == 0);
  ::close(fd);
  return ntohs(address.sin_port);
}

}  // namespace quartermaster::bench
