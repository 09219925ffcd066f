// Reports on transfers, with names instead of ids.
#ifndef QUARTERMASTER_SERVICES_STOCK_DOMAIN_TRANSFER_REPORTS_H_
#define QUARTERMASTER_SERVICES_STOCK_DOMAIN_TRANSFER_REPORTS_H_

#include <string>
#include <vector>

#include "services/base/quantity.h"
#include "services/base/time.h"
#include "services/stock/domain/ids.h"
#include "services/stock/domain/transfer_commands.h"

namespace quartermaster::stock {

struct State;

// A transfer as it is at the moment; the fields are those of Transfer and TransferLine.
struct TransferReport {
  struct Line {
    std::string line_id;
    std::string sku;
    Quantity quantity;
    // Open at the origin, and to be shipped.
    Quantity allocated;
    Quantity shipped;
    Quantity presumed;
    Quantity received;
    Quantity damaged;
    Quantity lost;
    ReservationId reservation = ReservationId::kNone;
    // Of an order's.
    bool of_order = false;
    std::string reservation_line;

    Quantity in_transit() const { return shipped - received - lost; }
    friend bool operator==(const Line&, const Line&) = default;
  };
  std::string id;
  std::string from;
  std::string to;
  TransferState state = TransferState::kRequested;
  bool all_shipped = false;
  Instant created;
  Instant changed;
  std::vector<Line> lines;

  friend bool operator==(const TransferReport&, const TransferReport&) = default;
};

// The transfer must be known.
TransferReport ReportTransfer(const State& state, TransferIndex transfer);

struct TransferReports {
  std::vector<TransferReport> transfers;
  // Where to go on; kNone: there are no more. Looks at a bounded number of transfers
  // and lines.
  TransferIndex more_after = TransferIndex::kNone;
};
TransferReports ReportTransfers(const State& state, const ListTransfers& query);

}  // namespace quartermaster::stock

#endif  // QUARTERMASTER_SERVICES_STOCK_DOMAIN_TRANSFER_REPORTS_H_
