#include "tools/qm/verify/partition_auditor.h"

#include <xxhash.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "google/protobuf/message.h"
#include "services/engine/request_outcome.h"
#include "tools/qm/log/event_registry.h"

namespace quartermaster::qm {
namespace {

// A server remembers the outcomes of at least so many requests: within that distance the same id
// must not be decided again.
constexpr int64_t kRememberedRequests = 500'000;

}  // namespace

void PartitionAuditor::Difference(std::string what) {
  findings_->Difference(absl::StrCat(partition_, " record ", position_), std::move(what));
}

void PartitionAuditor::CheckOutcome(const LogRecord& record) {
  engine::RequestOutcome outcome;
  if (!engine::ParseRequestOutcome(record.payload, outcome)) {
    return Difference("is no request outcome");
  }
  ++requests_;
  const uint64_t hash = XXH3_64bits(outcome.request_id.data(), outcome.request_id.size());
  int64_t& last = outcome_of_[hash];
  if (last > 0 && requests_ - last < kRememberedRequests) {
    Difference(absl::StrCat("request ", std::string(outcome.request_id), " was decided twice"));
  }
  last = requests_;
}

void PartitionAuditor::CheckPayload(const LogRecord& record) {
  const EventType* type = FindEventType(partition_, record.type);
  if (type == nullptr) {
    return Difference(absl::StrCat("has the type ", record.type, ", which this qm does not know"));
  }
  if (record.version < 1 || record.version > type->version) {
    return Difference(absl::StrCat("has the version ", record.version, " of ", type->name,
                                   ", this qm knows up to ", type->version));
  }
  if (type->message == nullptr) return CheckOutcome(record);
  if (ParseEvent(*type, record.payload) == nullptr) {
    Difference(absl::StrCat("is no ", type->name));
  }
}

void PartitionAuditor::Apply(const LogRecord& record) {
  const int64_t expected = position_ + 1;
  position_ = record.position;
  if (record.position != expected) {
    Difference(absl::StrCat("follows record ", expected - 1));
  }
  if (record.time_unix_us < time_unix_us_) Difference("is older than the one before it");
  time_unix_us_ = record.time_unix_us;
  CheckPayload(record);
}

}  // namespace quartermaster::qm
