// Progress of long work, on standard error: one line that is rewritten on a terminal, a line every
// five seconds elsewhere, so that logs stay short.
//
//   Progress progress("import stock");
//   progress.Update(done_bytes, all_bytes, "12,000 rows");
//   progress.Finish();
#ifndef QUARTERMASTER_TOOLS_QM_OUTPUT_PROGRESS_H_
#define QUARTERMASTER_TOOLS_QM_OUTPUT_PROGRESS_H_

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace quartermaster::qm {

// Not thread-safe.
class Progress {
 public:
  explicit Progress(std::string what);
  // Ends the line if Finish was not called.
  ~Progress();

  // Cheap: prints only when something is due. `all` may be 0: unknown.
  void Update(int64_t done, int64_t all, std::string_view detail);
  // Clears the line on a terminal.
  void Finish();

 private:
  const std::string what_;
  const bool terminal_;
  bool line_open_ = false;
  std::chrono::steady_clock::time_point next_;
};

}  // namespace quartermaster::qm

#endif  // QUARTERMASTER_TOOLS_QM_OUTPUT_PROGRESS_H_
