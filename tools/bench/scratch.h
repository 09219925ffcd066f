// What a benchmark's servers need: a directory and a port.
#ifndef QUARTERMASTER_TOOLS_BENCH_SCRATCH_H_
#define QUARTERMASTER_TOOLS_BENCH_SCRATCH_H_

#include <string>

namespace quartermaster::bench {

// A directory under /tmp (or TMPDIR) that goes with the object.
class TemporaryDirectory {
 public:
  TemporaryDirectory();
  ~TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// A TCP port on loopback that was free a moment ago.
int FreePort();

}  // namespace quartermaster::bench

#endif  // QUARTERMASTER_TOOLS_BENCH_SCRATCH_H_
