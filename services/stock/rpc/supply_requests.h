// Supply: requests -> commands, results -> answers.
#ifndef QUARTERMASTER_SERVICES_STOCK_RPC_SUPPLY_REQUESTS_H_
#define QUARTERMASTER_SERVICES_STOCK_RPC_SUPPLY_REQUESTS_H_

#include "quartermaster/stock/v1/stock.pb.h"
#include "services/runtime/rpc_error.h"
#include "services/runtime/validation.h"
#include "services/stock/app/stock_submission.h"
#include "services/stock/app/stock_view.h"
#include "services/stock/domain/result.h"

namespace quartermaster::stock {

// Each checks the request; if all is well it fills the submission's command.
void Parse(const v1::ExpectSupplyRequest& request, const StockView& view,
           runtime::FieldChecker& check, StockSubmission& submission);
void Parse(const v1::ReceiveSupplyRequest& request, const StockView& view,
           runtime::FieldChecker& check, StockSubmission& submission);
void Parse(const v1::CancelSupplyRequest& request, const StockView& view,
           runtime::FieldChecker& check, StockSubmission& submission);
void Parse(const v1::GetSupplyRequest& request, const StockView& view, runtime::FieldChecker& check,
           StockSubmission& submission);

// What a rejection is of which field of the request.
runtime::RpcError SupplyError(const Rejection& rejection, const v1::ExpectSupplyRequest& request);
runtime::RpcError SupplyError(const Rejection& rejection, const v1::ReceiveSupplyRequest& request);
runtime::RpcError SupplyError(const Rejection& rejection, const v1::CancelSupplyRequest& request);
runtime::RpcError SupplyError(const Rejection& rejection, const v1::GetSupplyRequest& request);

// All but the position.
void RenderSupply(const SupplyReport& supply, v1::Supply& out);

}  // namespace quartermaster::stock

#endif  // QUARTERMASTER_SERVICES_STOCK_RPC_SUPPLY_REQUESTS_H_
