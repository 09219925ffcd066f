#include "services/stock/domain/supply_reports.h"

#include <set>

#include "absl/strings/str_cat.h"
#include "services/stock/domain/state.h"

namespace quartermaster::stock {

SupplyReport ReportSupply(const State& state, const std::string& supply_id) {
  SupplyReport report{.id = supply_id, .lines = {}, .late = {}, .late_units = {}};
  std::set<SkuIndex> skus;
  for (const SupplyIndex supply : *state.supplies.LinesOf(supply_id)) {
    const SupplyLine& line = state.supplies.At(supply);
    report.lines.push_back({line.line_id, state.skus.Name(line.sku),
                            state.locations.Name(line.location), line.expected, line.received,
                            line.damaged, line.open(), line.due, line.revision, line.closed});
    skus.insert(line.sku);
  }
  for (const SkuIndex sku : skus) {
    const SkuWaiting* const waiting = state.waiting.Find(sku);
    if (waiting == nullptr) continue;
    for (const Waiter& waiter : waiting->waiters()) {
      const Reservation& r = *state.FindReservation(waiter.reservation);
      const ReservationLine& line = r.lines[waiter.line];
      if (line.late.IsZero()) continue;
      report.late_units += line.late;
      if (report.late.size() >= kLateMax) continue;
      const std::string line_id = line.line_id.empty() ? absl::StrCat(waiter.line) : line.line_id;
      report.late.push_back(
          {r.id, r.owner, line_id, state.skus.Name(sku), line.needed_by, line.late});
    }
  }
  return report;
}

}  // namespace quartermaster::stock
