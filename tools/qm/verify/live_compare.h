// Live comparison: what the services answer, against what the log says at the same position.
#ifndef QUARTERMASTER_TOOLS_QM_VERIFY_LIVE_COMPARE_H_
#define QUARTERMASTER_TOOLS_QM_VERIFY_LIVE_COMPARE_H_

#include <cstdint>

#include "absl/status/status.h"
#include "tools/qm/context.h"
#include "tools/qm/verify/audit.h"
#include "tools/qm/verify/findings.h"

namespace quartermaster::qm {

// How much was compared.
struct Compared {
  int64_t balances = 0;
  int64_t reservations = 0;
  int64_t items = 0;
  int64_t locations = 0;
  int64_t orders = 0;
  int64_t tasks = 0;
  int64_t exceptions = 0;
};

// Each advances the audit to the positions that the answers are cuts at. Errors: the server's.
absl::Status CompareCatalog(Context& context, Audit& audit, RecordSource& source,
                            Findings* findings, Compared* compared);
absl::Status CompareStock(Context& context, Audit& audit, Findings* findings, Compared* compared);
absl::Status CompareOrders(Context& context, Audit& audit, RecordSource& source, Findings* findings,
                           Compared* compared);

// The error of a call that `what` failed in.
absl::Status CallError(const char* what, const grpc::Status& status);

}  // namespace quartermaster::qm

#endif  // QUARTERMASTER_TOOLS_QM_VERIFY_LIVE_COMPARE_H_
