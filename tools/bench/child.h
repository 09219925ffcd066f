// Child: a server process of a benchmark, ended by its own process id.
#ifndef QUARTERMASTER_TOOLS_BENCH_CHILD_H_
#define QUARTERMASTER_TOOLS_BENCH_CHILD_H_

#include <sys/types.h>

#include <string>
#include <vector>

namespace quartermaster::bench {

class Child {
 public:
  // Starts the program with these arguments (the first being its path).
  explicit Child(const std::vector<std::string>& arguments);
  // SIGTERM, then waits.
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

 private:
  pid_t pid_ = -1;
};

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

#endif  // QUARTERMASTER_TOOLS_BENCH_CHILD_H_
