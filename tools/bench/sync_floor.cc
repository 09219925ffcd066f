#include "tools/bench/sync_floor.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <utility>
#include <vector>

#include "services/base/check.h"
#include "tools/bench/report.h"

namespace quartermaster::bench {

double SyncedAppendMicros(const std::string& directory) {
  constexpr int kAppends = 500;
  const std::string path = directory + "/floor";
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  QM_CHECK(fd >= 0) << path;
  std::array<char, 4096> block;
  block.fill('q');
  std::vector<double> micros;
  for (int i = 0; i < kAppends; ++i) {
    const auto start = std::chrono::steady_clock::now();
    QM_CHECK(::write(fd, block.data(), block.size()) == static_cast<ssize_t>(block.size()));
    QM_CHECK(::fdatasync(fd) == 0);
    const std::chrono::duration<double, std::micro> taken =
        std::chrono::steady_clock::now() - start;
    micros.push_back(taken.count());
  }
  ::close(fd);
  return Median(std::move(micros));
}

}  // namespace quartermaster::bench
