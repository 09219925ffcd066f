// TestLog: stored events by hand, for the auditors' tests.
#ifndef QUARTERMASTER_TOOLS_QM_VERIFY_TEST_LOG_H_
#define QUARTERMASTER_TOOLS_QM_VERIFY_TEST_LOG_H_

#include <cstdint>
#include <string>

#include "tools/qm/verify/record_source.h"

namespace quartermaster::qm {

// Serialises events one after another and hands each to an auditor at once.
template <typename Auditor>
class TestLog {
 public:
  explicit TestLog(Auditor* auditor) : auditor_(auditor) {}

  // The time of the records from here on, in microseconds.
  void SetTime(int64_t unix_us) { time_unix_us_ = unix_us; }

  // Returns the record's position.
  template <typename Event>
  int64_t Add(int type, const Event& event) {
    const std::string payload = event.SerializeAsString();
    auditor_->Apply({++position_, time_unix_us_, type, 1, payload});
    return position_;
  }

 private:
  Auditor* const auditor_;
  int64_t position_ = 0;
  int64_t time_unix_us_ = 1'000'000;
};

}  // namespace quartermaster::qm

#endif  // QUARTERMASTER_TOOLS_QM_VERIFY_TEST_LOG_H_
