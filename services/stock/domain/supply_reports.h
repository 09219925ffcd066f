// Reports on supply, with names instead of ids.
#ifndef QUARTERMASTER_SERVICES_STOCK_DOMAIN_SUPPLY_REPORTS_H_
#define QUARTERMASTER_SERVICES_STOCK_DOMAIN_SUPPLY_REPORTS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "services/base/quantity.h"
#include "services/base/time.h"
#include "services/stock/domain/ids.h"

namespace quartermaster::stock {

struct State;

// A purchase order as it is at the moment; the fields are those of SupplyLine.
struct SupplyReport {
  struct Line {
    std::string line_id;
    std::string sku;
    std::string location;
    Quantity quantity;
    Quantity received;
    Quantity damaged;
    // Still to come.
    Quantity open;
    Instant due;
    int64_t revision = 0;
    bool closed = false;

    friend bool operator==(const Line&, const Line&) = default;
  };
  // A line that waits for one of its SKUs, and some of whose units will not come in time.
  struct Late {
    ReservationId reservation = ReservationId::kNone;
    std::string owner;
    std::string line_id;
    std::string sku;
    Instant needed_by;
    Quantity late;

    friend bool operator==(const Late&, const Late&) = default;
  };
  std::string id;
  std::vector<Line> lines;
  // In the order in which they are served, SKU by SKU; the first kLateMax of them.
  std::vector<Late> late;
  // How many units are late, of all of them.
  Quantity late_units;

  friend bool operator==(const SupplyReport&, const SupplyReport&) = default;
};

inline constexpr size_t kLateMax = 1'000;

// There must be one.
SupplyReport ReportSupply(const State& state, const std::string& supply_id);

}  // namespace quartermaster::stock

#endif  // QUARTERMASTER_SERVICES_STOCK_DOMAIN_SUPPLY_REPORTS_H_
