#include "services/stock/rpc/stock_calls.h"

namespace quartermaster::stock {

std::optional<runtime::RpcError> PrepareReserve(const v1::ReserveRequest& request,
                                                const StockView& view, Instant deadline,
                                                StockSubmission& submission) {
  runtime::FieldChecker check;
  Parse(request, view, check, submission);
  if (!check.ok()) return check.error();
  submission.request_id = request.request_id();
  submission.fingerprint = runtime::RequestFingerprint(request);
  submission.deadline = deadline;
  submission.bytes = WeightOf(request);
  return std::nullopt;
}

std::optional<runtime::RpcError> RenderReserve(const v1::ReserveRequest& request,
                                               const StockView& view, engine::Fate fate,
                                               storage::Position position, const Result& result,
                                               v1::ReserveResponse& response) {
  if (auto error = ErrorOf(fate)) return error;
  if (result.rejection) {
    return RejectionError(*result.rejection, {.hold_lines = &request.lines(), .view = &view});
  }
  RenderHeld(request.lines(), request.owner_id(), result, view, position, response);
  return std::nullopt;
}

void RenderReserveResult(const v1::ReserveRequest& request, const StockView& view,
                         engine::Fate fate, storage::Position position, const Result& result,
                         v1::ReserveResult& out) {
  const auto error = RenderReserve(request, view, fate, position, result, *out.mutable_response());
  if (error) return RenderReserveError(request, *error, out);
  out.set_request_id(request.request_id());
}

void RenderReserveError(const v1::ReserveRequest& request, const runtime::RpcError& error,
                        v1::ReserveResult& out) {
  out.set_request_id(request.request_id());
  *out.mutable_error() = runtime::ToRpcStatus(error);
}

}  // namespace quartermaster::stock
