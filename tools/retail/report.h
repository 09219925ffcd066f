// The one table at the end, and the same figures as JSON.
#ifndef QUARTERMASTER_TOOLS_RETAIL_REPORT_H_
#define QUARTERMASTER_TOOLS_RETAIL_REPORT_H_

#include <optional>
#include <string>

#include "tools/retail/checker.h"
#include "tools/retail/replay.h"
#include "tools/retail/shop.h"

namespace quartermaster::retail {

struct Report {
  const Shop* shop = nullptr;
  ReplayResult replay;
  Verdict verdict;
  int clients = 0;
  // The exit code of the log's verification; none if it was not asked for.
  std::optional<int> verify_exit;
};

// Whether every zero is zero, some refusals were justified, and all counts add up.
bool Passed(const Report& report);

std::string Table(const Report& report);
std::string Json(const Report& report);

}  // namespace quartermaster::retail

#endif  // QUARTERMASTER_TOOLS_RETAIL_REPORT_H_
