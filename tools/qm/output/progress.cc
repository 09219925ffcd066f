#include "tools/qm/output/progress.h"

#include <unistd.h>

#include <iostream>
#include <utility>

namespace quartermaster::qm {
namespace {

constexpr auto kOnTerminal = std::chrono::milliseconds(200);
constexpr auto kElsewhere = std::chrono::seconds(5);

}  // namespace

Progress::Progress(std::string what)
    : what_(std::move(what)),
      terminal_(isatty(STDERR_FILENO) == 1),
      next_(std::chrono::steady_clock::now() + (terminal_ ? kOnTerminal : kElsewhere)) {}

Progress::~Progress() { Finish(); }

void Progress::Update(int64_t done, int64_t all, std::string_view detail) {
  const auto now = std::chrono::steady_clock::now();
  if (now < next_) return;
  next_ = now + (terminal_ ? kOnTerminal : kElsewhere);
  if (terminal_) std::cerr << "\r\033[K";
  std::cerr << what_ << ": ";
  if (all > 0) std::cerr << (done >= all ? 100 : 100 * done / all) << " %, ";
  std::cerr << detail;
  if (terminal_) {
    line_open_ = true;
  } else {
    std::cerr << '\n';
  }
  std::cerr.flush();
}

void Progress::Finish() {
  if (!line_open_) return;
  line_open_ = false;
  std::cerr << "\r\033[K";
  std::cerr.flush();
}

}  // namespace quartermaster::qm
