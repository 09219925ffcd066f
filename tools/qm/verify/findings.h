// What verify found. A difference is always wrong. What is unsettled is work in flight between two
// services: right if it ends soon, stranded if it never does.
#ifndef QUARTERMASTER_TOOLS_QM_VERIFY_FINDINGS_H_
#define QUARTERMASTER_TOOLS_QM_VERIFY_FINDINGS_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace quartermaster::qm {

struct Finding {
  // What it is about: "stock A-1 at store-5", "order o-1 line 0".
  std::string key;
  // What was expected and what is there.
  std::string what;
};

// Counts all, keeps the first ones. Not thread-safe.
class Findings {
 public:
  static constexpr size_t kKept = 1'000;

  void Difference(std::string key, std::string what) {
    ++differences_;
    if (kept_.size() < kKept) kept_.push_back({std::move(key), std::move(what)});
  }
  int64_t differences() const { return differences_; }
  const std::vector<Finding>& kept() const { return kept_; }

 private:
  int64_t differences_ = 0;
  std::vector<Finding> kept_;
};

}  // namespace quartermaster::qm

#endif  // QUARTERMASTER_TOOLS_QM_VERIFY_FINDINGS_H_
