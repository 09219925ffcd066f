// How a request travels through the engine and back: common to unary calls, batches and streams.
#ifndef QUARTERMASTER_SERVICES_STOCK_RPC_STOCK_CALLS_H_
#define QUARTERMASTER_SERVICES_STOCK_RPC_STOCK_CALLS_H_

#include <grpcpp/grpcpp.h>

#include <memory>
#include <optional>
#include <utility>

#include "quartermaster/stock/v1/stock.pb.h"
#include "services/runtime/rpc_error.h"
#include "services/runtime/validation.h"
#include "services/stock/app/stock_engine.h"
#include "services/stock/rpc/archive_reads.h"
#include "services/stock/rpc/stock_replies.h"
#include "services/stock/rpc/stock_requests.h"

namespace quartermaster::stock {

// nullopt if the queue took the submission.
inline std::optional<runtime::RpcError> SubmitTo(StockEngine& engine, StockSubmission* submission) {
  switch (engine.Submit(submission)) {
    case engine::Sequencer::Admission::kAccepted:
      return std::nullopt;
    case engine::Sequencer::Admission::kQueueFull:
      return runtime::Overloaded();
    case engine::Sequencer::Admission::kNotServing:
      break;
  }
  return runtime::NotServing();
}

// What a submission came to, if it is no result: nullopt for a result, which may be a rejection.
inline std::optional<runtime::RpcError> ErrorOf(engine::Fate fate) {
  if (fate == engine::Fate::kDecided || fate == engine::Fate::kRecalled) return std::nullopt;
  return runtime::FateError(fate);
}

// Parses and identifies a hold. An error, or nullopt with the submission ready.
std::optional<runtime::RpcError> PrepareReserve(const v1::ReserveRequest& request,
                                                const StockView& view, Instant deadline,
                                                StockSubmission& submission);

// The answer to a hold. An error, or nullopt with the response filled.
std::optional<runtime::RpcError> RenderReserve(const v1::ReserveRequest& request,
                                               const StockView& view, engine::Fate fate,
                                               storage::Position position, const Result& result,
                                               v1::ReserveResponse& response);

// The answer within a batch or a stream.
void RenderReserveResult(const v1::ReserveRequest& request, const StockView& view,
                         engine::Fate fate, storage::Position position, const Result& result,
                         v1::ReserveResult& out);
void RenderReserveError(const v1::ReserveRequest& request, const runtime::RpcError& error,
                        v1::ReserveResult& out);

// A unary call on its way through the engine: renders and finishes when it is done, then is gone.
// What is not in memory any more it looks up in the archive first, if the engine has one.
// Render is std::optional<RpcError>(const Result&, storage::Position).
template <typename Render>
class UnaryCall final : public StockSubmission {
 public:
  UnaryCall(StockEngine* engine, grpc::ServerUnaryReactor* reactor, Render render)
      : engine_(engine), reactor_(reactor), render_(std::move(render)) {}

  void Done(engine::Fate fate, storage::Position position) override {
    std::unique_ptr<UnaryCall> self(this);
    std::optional<runtime::RpcError> error = ErrorOf(fate);
    if (!error && NeedsArchive(*this) && engine_->ledger() != nullptr) {
      return AskArchive(std::move(self), position);
    }
    if (!error) error = render_(result, position);
    Finish(error);
  }
  void Finish(const std::optional<runtime::RpcError>& error) {
    reactor_->Finish(error ? runtime::ToGrpcStatus(*error) : grpc::Status::OK);
  }

 private:
  static void AskArchive(std::unique_ptr<UnaryCall> self, storage::Position position) {
    UnaryCall* const call = self.release();
    const bool asked = call->engine_->ledger()->Query([call, position](const Ledger& ledger) {
      const std::unique_ptr<UnaryCall> mine(call);
      std::optional<runtime::RpcError> error =
          ReadArchive(*call->engine_, ledger.reservations(), *call);
      if (!error) error = call->render_(call->result, position);
      call->Finish(error);
    });
    if (asked) return;
    self.reset(call);
    self->Finish(runtime::Overloaded());
  }

  StockEngine* const engine_;
  grpc::ServerUnaryReactor* const reactor_;
  Render render_;
};

// What a submission weighs in the queue: its request, and what it becomes.
template <typename Request>
size_t WeightOf(const Request& request) {
  return 256 + request.ByteSizeLong();
}

}  // namespace quartermaster::stock

#endif  // QUARTERMASTER_SERVICES_STOCK_RPC_STOCK_CALLS_H_
