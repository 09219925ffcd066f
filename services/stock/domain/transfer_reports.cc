#include "services/stock/domain/transfer_reports.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "services/stock/domain/state.h"

namespace quartermaster::stock {
namespace {

// How many transfers, and of those whose state matters lines, one page looks at; and how many lines
// it has: a few milliseconds. It may pass them by one transfer.
constexpr size_t kLinesScannedMax = 20'000;
constexpr size_t kListedLinesMax = 8'000;

// Open units of the line's reservation at the origin that it may still ship.
Quantity AllocatedOf(const State& state, const Transfer& transfer, const TransferLine& line) {
  if (line.reservation == ReservationId::kNone) return {};
  const Reservation* const r = state.FindReservation(line.reservation);
  if (r == nullptr || !IsOpen(r->state)) return {};
  for (const Placement& p : r->lines[line.reservation_line].placements) {
    if (p.location != transfer.from) continue;
    return std::min(p.quantity, transfer.Wanted(line));
  }
  return {};
}

TransferState StateOf(const State& state, const Transfer& transfer) {
  Quantity allocated, shipped, received;
  for (const TransferLine& line : transfer.lines) {
    shipped += line.shipped;
    received += line.received;
    allocated += AllocatedOf(state, transfer, line);
  }
  if (transfer.closed) {
    if (received.IsPositive()) return TransferState::kReceived;
    return shipped.IsPositive() ? TransferState::kLost : TransferState::kCancelled;
  }
  if (shipped.IsPositive()) return TransferState::kShipped;
  return allocated.IsPositive() ? TransferState::kAllocated : TransferState::kRequested;
}

std::string NameOf(const std::string& line_id, size_t index) {
  return line_id.empty() ? absl::StrCat(index) : line_id;
}

}  // namespace

TransferReport ReportTransfer(const State& state, TransferIndex index) {
  const Transfer& transfer = state.transfers.At(index);
  TransferReport report{.id = state.transfers.names().Name(index),
                        .from = state.locations.Name(transfer.from),
                        .to = state.locations.Name(transfer.to),
                        .state = StateOf(state, transfer),
                        .all_shipped = transfer.all_shipped,
                        .created = transfer.created,
                        .changed = transfer.changed,
                        .lines = {}};
  report.lines.reserve(transfer.lines.size());
  for (size_t i = 0; i < transfer.lines.size(); ++i) {
    const TransferLine& line = transfer.lines[i];
    TransferReport::Line& to = report.lines.emplace_back();
    to.line_id = NameOf(line.line_id, i);
    to.sku = state.skus.Name(line.sku);
    to.quantity = line.quantity;
    to.allocated = AllocatedOf(state, transfer, line);
    to.shipped = line.shipped;
    to.presumed = line.presumed;
    to.received = line.received;
    to.damaged = line.damaged;
    to.lost = line.lost;
    to.reservation = line.reservation;
    to.of_order = line.of_order;
    if (!line.of_order) continue;
    const Reservation* const r = state.FindReservation(line.reservation);
    to.reservation_line =
        NameOf(r == nullptr ? std::string() : r->lines[line.reservation_line].line_id,
               line.reservation_line);
  }
  return report;
}

TransferReports ReportTransfers(const State& state, const ListTransfers& query) {
  TransferReports reports;
  size_t looked_at = 0;
  size_t lines = 0;
  const auto end = static_cast<uint32_t>(state.transfers.names().next());
  for (uint32_t i = static_cast<uint32_t>(query.after) + 1; i < end; ++i) {
    const TransferIndex index{i};
    const Transfer& transfer = state.transfers.At(index);
    const bool there =
        !query.of_location || transfer.from == query.location || transfer.to == query.location;
    looked_at += there && query.state ? 1 + transfer.lines.size() : 1;
    if (there && (!query.state || StateOf(state, transfer) == *query.state)) {
      reports.transfers.push_back(ReportTransfer(state, index));
      lines += transfer.lines.size();
    }
    if (static_cast<int>(reports.transfers.size()) == query.limit ||
        looked_at >= kLinesScannedMax || lines >= kListedLinesMax) {
      if (i + 1 < end) reports.more_after = index;
      return reports;
    }
  }
  return reports;
}

}  // namespace quartermaster::stock
