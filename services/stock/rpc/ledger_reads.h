// Reads that need the ledger: movements, and availability in the past. They run on the ledger's
// thread, behind what it has yet to write.
#ifndef QUARTERMASTER_SERVICES_STOCK_RPC_LEDGER_READS_H_
#define QUARTERMASTER_SERVICES_STOCK_RPC_LEDGER_READS_H_

#include <grpcpp/grpcpp.h>

#include "quartermaster/stock/v1/stock.pb.h"
#include "services/runtime/validation.h"
#include "services/stock/app/stock_engine.h"
#include "services/stock/rpc/stock_replies.h"

namespace quartermaster::stock {

// The fields of a request's as_of, whichever it has.
template <typename Request>
void CheckMoment(const Request& request, runtime::FieldChecker& check) {
  if (request.has_as_of_time()) check.Timestamp("as_of_time", request.as_of_time());
  storage::Position ignored = 0;
  check.True("as_of_position",
             !request.has_as_of_position() || ParsePositionToken(request.as_of_position(), ignored),
             "is not a position");
}

// Each checks the request and finishes the reactor, now or later. Gives up at the deadline, by the
// engine's clock, and when the call is cancelled.
void ReadMovements(StockEngine& engine, grpc::CallbackServerContext* context,
                   const v1::ListMovementsRequest& request, v1::ListMovementsResponse* response,
                   grpc::ServerUnaryReactor* reactor);

// The request has been checked, and has an as_of. A pool's figures are those of the
// locations that it has now, as of then.
void ReadPastAvailability(StockEngine& engine, grpc::CallbackServerContext* context,
                          const v1::GetAvailabilityRequest& request,
                          v1::GetAvailabilityResponse* response, grpc::ServerUnaryReactor* reactor);

}  // namespace quartermaster::stock

#endif  // QUARTERMASTER_SERVICES_STOCK_RPC_LEDGER_READS_H_
