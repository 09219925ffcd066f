// Early return on absl::Status errors.
#ifndef QUARTERMASTER_SERVICES_BASE_STATUS_MACROS_H_
#define QUARTERMASTER_SERVICES_BASE_STATUS_MACROS_H_

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#define QM_RETURN_IF_ERROR(expression)                                            \
  do {                                                                            \
    if (absl::Status qm_status = (expression); !qm_status.ok()) return qm_status; \
  } while (false)

#define QM_STATUS_CONCAT_INNER_(a, b) a##b
#define QM_STATUS_CONCAT_(a, b) QM_STATUS_CONCAT_INNER_(a, b)

#define QM_ASSIGN_OR_RETURN(target, expression) \
  QM_ASSIGN_OR_RETURN_IMPL_(QM_STATUS_CONCAT_(qm_statusor_, __LINE__), target, expression)

#define QM_ASSIGN_OR_RETURN_IMPL_(statusor, target, expression) \
  auto statusor = (expression);                                 \
  if (!statusor.ok()) return std::move(statusor).status();      \
  target = std::move(statusor).value()

#endif  // QUARTERMASTER_SERVICES_BASE_STATUS_MACROS_H_
