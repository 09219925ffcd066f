// PartitionAuditor: what must hold for the records of any partition: gapless positions, a time
// that never goes back, known types and versions, payloads that parse, and no request decided
// twice.
#ifndef QUARTERMASTER_TOOLS_QM_VERIFY_PARTITION_AUDITOR_H_
#define QUARTERMASTER_TOOLS_QM_VERIFY_PARTITION_AUDITOR_H_

#include <cstdint>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "tools/qm/verify/findings.h"
#include "tools/qm/verify/record_source.h"

namespace quartermaster::qm {

// Not thread-safe.
class PartitionAuditor {
 public:
  PartitionAuditor(std::string partition, Findings* findings)
      : partition_(std::move(partition)), findings_(findings) {}

  void Apply(const LogRecord& record);

  int64_t position() const { return position_; }
  int64_t requests() const { return requests_; }

 private:
  void CheckPayload(const LogRecord& record);
  void CheckOutcome(const LogRecord& record);
  void Difference(std::string what);

  const std::string partition_;
  Findings* const findings_;
  int64_t position_ = 0;
  int64_t time_unix_us_ = 0;
  int64_t requests_ = 0;
  // Hash of a request id -> which outcome it was, counted from 1.
  absl::flat_hash_map<uint64_t, int64_t> outcome_of_;
};

}  // namespace quartermaster::qm

#endif  // QUARTERMASTER_TOOLS_QM_VERIFY_PARTITION_AUDITOR_H_
