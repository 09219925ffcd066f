#include <optional>
#include <utility>

#include "services/runtime/answer_size.h"
#include "services/runtime/page_token.h"
#include "services/stock/rpc/batch_reserve.h"
#include "services/stock/rpc/reserve_stream.h"
#include "services/stock/rpc/service_impl.h"

namespace quartermaster::stock {

using runtime::FieldChecker;
using runtime::RpcError;

namespace {

// As many of them as an answer takes; the next page begins with the first that it does not.
void RenderList(const v1::ListReservationsRequest& request, const Result& result,
                const StockView& view, storage::Position position,
                v1::ListReservationsResponse* response) {
  runtime::AnswerSize size;
  ReservationId last = result.more_after;
  for (size_t i = 0; i < result.list.size(); ++i) {
    v1::Reservation message;
    RenderReservation(result.list[i], view, position, message);
    if (!size.Take(message)) {
      last = result.list[i - 1].id;
      break;
    }
    *response->add_reservations() = std::move(message);
  }
  if (last != ReservationId::kNone) {
    response->set_next_page_token(runtime::NextPageToken(request, static_cast<int64_t>(last)));
  }
  response->set_position(PositionToken(position));
}

}  // namespace

template <typename Request>
StockServiceImpl::Reactor* StockServiceImpl::CallOnReservation(Context* context,
                                                               const Request& request,
                                                               v1::Reservation* response,
                                                               RequestLines lines) {
  lines.reservation_id = request.reservation_id();
  return Call(context, request,
              [this, response, lines = std::move(lines)](const Result& result,
                                                         auto position) -> std::optional<RpcError> {
                if (result.rejection) return RejectionError(*result.rejection, lines);
                RenderReservation(*result.reservation, engine_->view(), position, *response);
                return std::nullopt;
              });
}

StockServiceImpl::Reactor* StockServiceImpl::Reserve(Context* context,
                                                     const v1::ReserveRequest* request,
                                                     v1::ReserveResponse* response) {
  return Call(context, *request, [this, request, response](const Result& result, auto position) {
    return RenderReserve(*request, engine_->view(), engine::Fate::kDecided, position, result,
                         *response);
  });
}

StockServiceImpl::Reactor* StockServiceImpl::UpdateReservation(
    Context* context, const v1::UpdateReservationRequest* request, v1::ReserveResponse* response) {
  return Call(
      context, *request,
      [this, request, response](const Result& result, auto position) -> std::optional<RpcError> {
        if (result.rejection) {
          return RejectionError(*result.rejection, {.hold_lines = &request->lines(),
                                                    .view = &engine_->view(),
                                                    .reservation_id = request->reservation_id()});
        }
        RenderHeld(request->lines(), result.held->owner, result, engine_->view(), position,
                   *response);
        return std::nullopt;
      });
}

StockServiceImpl::Reactor* StockServiceImpl::BatchReserve(Context* context,
                                                          const v1::BatchReserveRequest* request,
                                                          v1::BatchReserveResponse* response) {
  FieldChecker check;
  check.Size("requests", request->requests_size(), 1, 1'000);
  int64_t lines = 0;
  for (const v1::ReserveRequest& one : request->requests()) lines += one.lines_size();
  check.True("requests", lines <= kLinesMax, "must have at most 2000 lines in all");
  if (!check.ok()) return Refuse(context, check.error());
  Reactor* const reactor = context->DefaultReactor();
  StartBatchReserve(*engine_, runtime::InstantOf(context->deadline()), request, response, reactor);
  return reactor;
}

grpc::ServerBidiReactor<v1::ReserveRequest, v1::ReserveResult>* StockServiceImpl::ReserveStream(
    Context* context) {
  return NewReserveStream(context, engine_, streams_);
}

StockServiceImpl::Reactor* StockServiceImpl::ExtendReservation(
    Context* context, const v1::ExtendReservationRequest* request, v1::Reservation* response) {
  return CallOnReservation(context, *request, response, {});
}

StockServiceImpl::Reactor* StockServiceImpl::ConfirmReservation(
    Context* context, const v1::ConfirmReservationRequest* request, v1::Reservation* response) {
  return CallOnReservation(context, *request, response,
                           {.hold_lines = &request->rehold_lines(),
                            .hold_field = "rehold_lines",
                            .view = &engine_->view()});
}

StockServiceImpl::Reactor* StockServiceImpl::BindReservation(
    Context* context, const v1::BindReservationRequest* request, v1::Reservation* response) {
  return CallOnReservation(context, *request, response,
                           {.bind_lines = &request->lines(), .view = &engine_->view()});
}

StockServiceImpl::Reactor* StockServiceImpl::ReleaseReservation(
    Context* context, const v1::ReleaseReservationRequest* request, v1::Reservation* response) {
  return CallOnReservation(context, *request, response, {.parts = &request->parts()});
}

StockServiceImpl::Reactor* StockServiceImpl::FulfilReservation(
    Context* context, const v1::FulfilReservationRequest* request, v1::Reservation* response) {
  return CallOnReservation(context, *request, response,
                           {.parts = &request->parts(), .message = &request->message()});
}

StockServiceImpl::Reactor* StockServiceImpl::GetReservation(
    Context* context, const v1::GetReservationRequest* request, v1::Reservation* response) {
  return CallOnReservation(context, *request, response, {});
}

StockServiceImpl::Reactor* StockServiceImpl::ListReservations(
    Context* context, const v1::ListReservationsRequest* request,
    v1::ListReservationsResponse* response) {
  if (!runtime::PageAfter(*request)) return Refuse(context, runtime::PageTokenInvalid());
  return Call(
      context, *request,
      [this, request, response](const Result& result, auto position) -> std::optional<RpcError> {
        RenderList(*request, result, engine_->view(), position, response);
        return std::nullopt;
      });
}

}  // namespace quartermaster::stock
