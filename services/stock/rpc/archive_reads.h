// What calls are told of reservations that have left memory: they are in the archive, which is read
// on the ledger's thread, behind all that has left before.
#ifndef QUARTERMASTER_SERVICES_STOCK_RPC_ARCHIVE_READS_H_
#define QUARTERMASTER_SERVICES_STOCK_RPC_ARCHIVE_READS_H_

#include <optional>
#include <variant>

#include "services/runtime/rpc_error.h"
#include "services/stock/app/reservation_archive.h"
#include "services/stock/app/stock_engine.h"
#include "services/stock/app/stock_submission.h"
#include "services/stock/domain/decide.h"

namespace quartermaster::stock {

// Whether the archive may have what the result of a call lacks: the reservation that the call is
// on, or some of those that it lists.
inline bool NeedsArchive(const StockSubmission& call) {
  if (call.result.rejection) {
    const RejectionKind kind = call.result.rejection->kind;
    return (kind == RejectionKind::kReservationNotFound ||
            kind == RejectionKind::kMessageToldBefore) &&
           ReservationOf(call.command) != ReservationId::kNone;
  }
  const auto* const list = std::get_if<ListReservations>(&call.command);
  // Open ones are in memory.
  return list != nullptr && (!list->state || !IsOpen(*list->state));
}

// Within a query of the ledger: adds to the result of such a call what the archive has. A query
// then has its reservation, and a command is refused with how its reservation ended. A list has
// both parts in the order of ids; where both have a reservation, memory's counts.
std::optional<runtime::RpcError> ReadArchive(const StockEngine& engine,
                                             const ReservationArchive& archive,
                                             StockSubmission& call);

}  // namespace quartermaster::stock

#endif  // QUARTERMASTER_SERVICES_STOCK_RPC_ARCHIVE_READS_H_
