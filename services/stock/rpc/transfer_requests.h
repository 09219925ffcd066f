// Transfers: requests -> commands, results -> answers.
#ifndef QUARTERMASTER_SERVICES_STOCK_RPC_TRANSFER_REQUESTS_H_
#define QUARTERMASTER_SERVICES_STOCK_RPC_TRANSFER_REQUESTS_H_

#include "quartermaster/stock/v1/stock.pb.h"
#include "services/runtime/rpc_error.h"
#include "services/runtime/validation.h"
#include "services/stock/app/stock_submission.h"
#include "services/stock/app/stock_view.h"
#include "services/stock/domain/result.h"

namespace quartermaster::stock {

// Each checks the request; if all is well it fills the submission's command.
void Parse(const v1::TransferStockRequest& request, const StockView& view,
           runtime::FieldChecker& check, StockSubmission& submission);
void Parse(const v1::ShipTransferRequest& request, const StockView& view,
           runtime::FieldChecker& check, StockSubmission& submission);
void Parse(const v1::ReceiveTransferRequest& request, const StockView& view,
           runtime::FieldChecker& check, StockSubmission& submission);
void Parse(const v1::CloseTransferRequest& request, const StockView& view,
           runtime::FieldChecker& check, StockSubmission& submission);
void Parse(const v1::GetTransferRequest& request, const StockView& view,
           runtime::FieldChecker& check, StockSubmission& submission);
void Parse(const v1::ListTransfersRequest& request, const StockView& view,
           runtime::FieldChecker& check, StockSubmission& submission);

// What a rejection is of which field of the request.
runtime::RpcError TransferError(const Rejection& rejection,
                                const v1::TransferStockRequest& request);
runtime::RpcError TransferError(const Rejection& rejection, const v1::ShipTransferRequest& request);
runtime::RpcError TransferError(const Rejection& rejection,
                                const v1::ReceiveTransferRequest& request);
runtime::RpcError TransferError(const Rejection& rejection,
                                const v1::CloseTransferRequest& request);
runtime::RpcError TransferError(const Rejection& rejection, const v1::GetTransferRequest& request);
runtime::RpcError TransferError(const Rejection& rejection,
                                const v1::ListTransfersRequest& request);

// All but the position.
void RenderTransfer(const TransferReport& transfer, v1::Transfer& out);
void RenderTransfers(const v1::ListTransfersRequest& request, const Result& result,
                     storage::Position position, v1::ListTransfersResponse& out);

}  // namespace quartermaster::stock

#endif  // QUARTERMASTER_SERVICES_STOCK_RPC_TRANSFER_REQUESTS_H_
