#include "services/stock/rpc/stock_service.h"

#include <atomic>
#include <utility>
#include <vector>

#include "quartermaster/stock/v1/stock.grpc.pb.h"
#include "services/runtime/answer_size.h"
#include "services/runtime/page_token.h"
#include "services/stock/rpc/count_requests.h"
#include "services/stock/rpc/kit_requests.h"
#include "services/stock/rpc/ledger_reads.h"
#include "services/stock/rpc/reserve_stream.h"
#include "services/stock/rpc/stock_calls.h"
#include "services/stock/rpc/supply_requests.h"
#include "services/stock/rpc/transfer_requests.h"
#include "services/stock/rpc/watch_stream.h"

namespace quartermaster::stock {
namespace {

using grpc::CallbackServerContext;
using grpc::ServerUnaryReactor;
using runtime::FieldChecker;
using runtime::RpcError;

// BatchReserve: so many submissions, one answer when the last of them is done.
class BatchCall {
 public:
  BatchCall(const v1::BatchReserveRequest* request, v1::BatchReserveResponse* response,
            const StockView* view, ServerUnaryReactor* reactor)
      : request_(request), response_(response), view_(view), reactor_(reactor) {
    for (int i = 0; i < request->requests_size(); ++i) response->add_results();
  }

  void Start(StockEngine& engine, Instant deadline) {
    // One more than there are items, so that it cannot end before all have been submitted.
    const int items = request_->requests_size();
    pending_.store(items + 1, std::memory_order_relaxed);
    items_.reserve(static_cast<size_t>(items));
    for (int i = 0; i < items; ++i) {
      Item& item = *items_.emplace_back(std::make_unique<Item>(this, i));
      auto error = PrepareReserve(request_->requests(i), *view_, deadline, item);
      if (!error) error = SubmitTo(engine, &item);
      if (error) {
        RenderReserveError(request_->requests(i), *error, *response_->mutable_results(i));
        ItemDone();
      }
    }
    ItemDone();
  }

 private:
  struct Item final : StockSubmission {
    Item(BatchCall* owner, int position) : batch(owner), index(position) {}
    void Done(engine::Fate fate, storage::Position position) override {
      RenderReserveResult(batch->request_->requests(index), *batch->view_, fate, position, result,
                          *batch->response_->mutable_results(index));
      batch->ItemDone();
    }
    BatchCall* const batch;
    const int index;
  };

  void ItemDone() {
    if (pending_.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
    reactor_->Finish(grpc::Status::OK);
    delete this;
  }

  const v1::BatchReserveRequest* const request_;
  v1::BatchReserveResponse* const response_;
  const StockView* const view_;
  ServerUnaryReactor* const reactor_;
  std::atomic<int> pending_{0};
  std::vector<std::unique_ptr<Item>> items_;
};

class StockServiceImpl final : public v1::StockService::CallbackService {
 public:
  StockServiceImpl(StockEngine* engine, LiveStreams* streams)
      : engine_(engine), streams_(streams) {}

  ServerUnaryReactor* Reserve(CallbackServerContext* context, const v1::ReserveRequest* request,
                              v1::ReserveResponse* response) override {
    return Call(context, *request, [this, request, response](const Result& result, auto position) {
      return RenderReserve(*request, engine_->view(), engine::Fate::kDecided, position, result,
                           *response);
    });
  }

  ServerUnaryReactor* UpdateReservation(CallbackServerContext* context,
                                        const v1::UpdateReservationRequest* request,
                                        v1::ReserveResponse* response) override {
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

  ServerUnaryReactor* BatchReserve(CallbackServerContext* context,
                                   const v1::BatchReserveRequest* request,
                                   v1::BatchReserveResponse* response) override {
    FieldChecker check;
    check.Size("requests", request->requests_size(), 1, 1'000);
    int64_t lines = 0;
    for (const v1::ReserveRequest& one : request->requests()) lines += one.lines_size();
    check.True("requests", lines <= kLinesMax, "must have at most 2000 lines in all");
    if (!check.ok()) return Refuse(context, check.error());
    ServerUnaryReactor* const reactor = context->DefaultReactor();
    (new BatchCall(request, response, &engine_->view(), reactor))
        ->Start(*engine_, runtime::InstantOf(context->deadline()));
    return reactor;
  }

  grpc::ServerBidiReactor<v1::ReserveRequest, v1::ReserveResult>* ReserveStream(
      CallbackServerContext* context) override {
    return NewReserveStream(context, engine_, streams_);
  }

  ServerUnaryReactor* ExtendReservation(CallbackServerContext* context,
                                        const v1::ExtendReservationRequest* request,
                                        v1::Reservation* response) override {
    return CallOnReservation(context, *request, response, {});
  }

  ServerUnaryReactor* ConfirmReservation(CallbackServerContext* context,
                                         const v1::ConfirmReservationRequest* request,
                                         v1::Reservation* response) override {
    return CallOnReservation(context, *request, response,
                             {.hold_lines = &request->rehold_lines(),
                              .hold_field = "rehold_lines",
                              .view = &engine_->view()});
  }

  ServerUnaryReactor* BindReservation(CallbackServerContext* context,
                                      const v1::BindReservationRequest* request,
                                      v1::Reservation* response) override {
    return CallOnReservation(context, *request, response,
                             {.bind_lines = &request->lines(), .view = &engine_->view()});
  }

  ServerUnaryReactor* ReleaseReservation(CallbackServerContext* context,
                                         const v1::ReleaseReservationRequest* request,
                                         v1::Reservation* response) override {
    return CallOnReservation(context, *request, response, {.parts = &request->parts()});
  }

  ServerUnaryReactor* FulfilReservation(CallbackServerContext* context,
                                        const v1::FulfilReservationRequest* request,
                                        v1::Reservation* response) override {
    return CallOnReservation(context, *request, response, {.parts = &request->parts()});
  }

  ServerUnaryReactor* GetReservation(CallbackServerContext* context,
                                     const v1::GetReservationRequest* request,
                                     v1::Reservation* response) override {
    return CallOnReservation(context, *request, response, {});
  }

  ServerUnaryReactor* ListReservations(CallbackServerContext* context,
                                       const v1::ListReservationsRequest* request,
                                       v1::ListReservationsResponse* response) override {
    if (!request->page_token().empty() &&
        ReservationIdOf(request->page_token()) == ReservationId::kNone) {
      return Refuse(context, RpcError(common::v1::PAGE_TOKEN_INVALID,
                                      "page_token is not one that ListReservations gave out"));
    }
    return Call(context, *request,
                [this, response](const Result& result, auto position) -> std::optional<RpcError> {
                  RenderList(result, position, response);
                  return std::nullopt;
                });
  }

  ServerUnaryReactor* SetPool(CallbackServerContext* context, const v1::SetPoolRequest* request,
                              v1::Pool* response) override {
    return Call(
        context, *request,
        [request, response](const Result& result, auto position) -> std::optional<RpcError> {
          if (result.rejection) {
            return RejectionError(*result.rejection, {.locations = &request->location_ids()});
          }
          response->set_pool_id(request->pool_id());
          *response->mutable_location_ids() = request->location_ids();
          response->set_position(PositionToken(position));
          return std::nullopt;
        });
  }

  ServerUnaryReactor* ApplyCount(CallbackServerContext* context,
                                 const v1::ApplyCountRequest* request,
                                 v1::Count* response) override {
    return CallOnCount(context, *request, response);
  }

  ServerUnaryReactor* GetCount(CallbackServerContext* context, const v1::GetCountRequest* request,
                               v1::Count* response) override {
    return CallOnCount(context, *request, response);
  }

  ServerUnaryReactor* ListSources(CallbackServerContext* context,
                                  const v1::ListSourcesRequest* request,
                                  v1::ListSourcesResponse* response) override {
    if (!IsPageOf(*request)) return Refuse(context, runtime::PageTokenInvalid());
    return Call(
        context, *request,
        [request, response](const Result& result, auto position) -> std::optional<RpcError> {
          for (const SourceReport& source : result.sources) {
            RenderSource(source, *response->add_sources());
          }
          if (result.more_sources_after != SourceIndex::kNone) {
            response->set_next_page_token(runtime::MakePageToken(
                runtime::FilterOf(*request), static_cast<int64_t>(result.more_sources_after)));
          }
          response->set_position(PositionToken(position));
          return std::nullopt;
        });
  }

  ServerUnaryReactor* ListDifferences(CallbackServerContext* context,
                                      const v1::ListDifferencesRequest* request,
                                      v1::ListDifferencesResponse* response) override {
    if (!IsPageOf(*request)) return Refuse(context, runtime::PageTokenInvalid());
    return Call(
        context, *request,
        [request, response](const Result& result, auto position) -> std::optional<RpcError> {
          if (result.rejection) {
            return RejectionError(*result.rejection, {.source = &request->source()});
          }
          for (const DifferenceReport& difference : result.differences) {
            RenderDifference(difference, *response->add_differences());
          }
          if (result.more_differences_after != 0) {
            response->set_next_page_token(runtime::MakePageToken(
                runtime::FilterOf(*request), static_cast<int64_t>(result.more_differences_after)));
          }
          response->set_position(PositionToken(position));
          return std::nullopt;
        });
  }

  ServerUnaryReactor* TransferStock(CallbackServerContext* context,
                                    const v1::TransferStockRequest* request,
                                    v1::Transfer* response) override {
    return CallOnTransfer(context, *request, response);
  }

  ServerUnaryReactor* ShipTransfer(CallbackServerContext* context,
                                   const v1::ShipTransferRequest* request,
                                   v1::Transfer* response) override {
    return CallOnTransfer(context, *request, response);
  }

  ServerUnaryReactor* ReceiveTransfer(CallbackServerContext* context,
                                      const v1::ReceiveTransferRequest* request,
                                      v1::Transfer* response) override {
    return CallOnTransfer(context, *request, response);
  }

  ServerUnaryReactor* CloseTransfer(CallbackServerContext* context,
                                    const v1::CloseTransferRequest* request,
                                    v1::Transfer* response) override {
    return CallOnTransfer(context, *request, response);
  }

  ServerUnaryReactor* GetTransfer(CallbackServerContext* context,
                                  const v1::GetTransferRequest* request,
                                  v1::Transfer* response) override {
    return CallOnTransfer(context, *request, response);
  }

  ServerUnaryReactor* ListTransfers(CallbackServerContext* context,
                                    const v1::ListTransfersRequest* request,
                                    v1::ListTransfersResponse* response) override {
    if (!IsPageOf(*request)) return Refuse(context, runtime::PageTokenInvalid());
    return Call(
        context, *request,
        [request, response](const Result& result, auto position) -> std::optional<RpcError> {
          if (result.rejection) return TransferError(*result.rejection, *request);
          RenderTransfers(*request, result, position, *response);
          return std::nullopt;
        });
  }

  ServerUnaryReactor* ExpectSupply(CallbackServerContext* context,
                                   const v1::ExpectSupplyRequest* request,
                                   v1::Supply* response) override {
    return CallOnSupply(context, *request, response);
  }

  ServerUnaryReactor* ReceiveSupply(CallbackServerContext* context,
                                    const v1::ReceiveSupplyRequest* request,
                                    v1::Supply* response) override {
    return CallOnSupply(context, *request, response);
  }

  ServerUnaryReactor* CancelSupply(CallbackServerContext* context,
                                   const v1::CancelSupplyRequest* request,
                                   v1::Supply* response) override {
    return CallOnSupply(context, *request, response);
  }

  ServerUnaryReactor* GetSupply(CallbackServerContext* context, const v1::GetSupplyRequest* request,
                                v1::Supply* response) override {
    return CallOnSupply(context, *request, response);
  }

  ServerUnaryReactor* ChangeCondition(CallbackServerContext* context,
                                      const v1::ChangeConditionRequest* request,
                                      v1::ChangeConditionResponse* response) override {
    return Call(
        context, *request,
        [this, request, response](const Result& result, auto position) -> std::optional<RpcError> {
          if (result.rejection) return RejectionError(*result.rejection, {.change = request});
          engine_->view().With([&](const StockSnapshot& s) {
            const StockKey key{.sku = s.inventory.skus.Find(request->sku()),
                               .location = s.inventory.locations.Find(request->location_id())};
            RenderAvailability(key, result.availabilities[0], s.inventory, 0,
                               *response->mutable_availability());
          });
          response->set_position(PositionToken(position));
          return std::nullopt;
        });
  }

  ServerUnaryReactor* SetStockPolicy(CallbackServerContext* context,
                                     const v1::SetStockPolicyRequest* request,
                                     v1::StockPolicy* response) override {
    return Call(
        context, *request,
        [request, response](const Result& result, auto position) -> std::optional<RpcError> {
          if (result.rejection) return RejectionError(*result.rejection, {.policy = request});
          response->set_sku(request->sku());
          response->set_location_id(request->location_id());
          if (request->has_safety_stock()) response->set_safety_stock(request->safety_stock());
          response->set_etag(PositionToken(*result.version));
          response->set_position(PositionToken(position));
          return std::nullopt;
        });
  }

  ServerUnaryReactor* SetChannel(CallbackServerContext* context,
                                 const v1::SetChannelRequest* request,
                                 v1::Channel* response) override {
    return Call(
        context, *request,
        [request, response](const Result& result, auto position) -> std::optional<RpcError> {
          if (result.rejection) return RejectionError(*result.rejection, {.channel = request});
          response->set_channel_id(request->channel_id());
          response->set_pool_id(request->pool_id());
          response->set_demand_class(request->demand_class() == v1::TILL ? v1::TILL : v1::ONLINE);
          response->set_buffer(request->buffer());
          response->set_etag(PositionToken(*result.version));
          response->set_position(PositionToken(position));
          return std::nullopt;
        });
  }

  ServerUnaryReactor* GetChannel(CallbackServerContext* context,
                                 const v1::GetChannelRequest* request,
                                 v1::Channel* response) override;

  ServerUnaryReactor* SetAllotment(CallbackServerContext* context,
                                   const v1::SetAllotmentRequest* request,
                                   v1::Allotment* response) override {
    return Call(
        context, *request,
        [request, response](const Result& result, auto position) -> std::optional<RpcError> {
          if (result.rejection) return RejectionError(*result.rejection, {.allotment = request});
          response->set_channel_id(request->channel_id());
          response->set_sku(request->sku());
          if (request->has_quota()) response->set_quota(request->quota());
          if (request->has_cap()) response->set_cap(request->cap());
          if (request->has_customer_cap()) response->set_customer_cap(request->customer_cap());
          response->set_borrows(request->borrows());
          response->set_etag(PositionToken(*result.version));
          response->set_position(PositionToken(position));
          return std::nullopt;
        });
  }

  ServerUnaryReactor* DefineKit(CallbackServerContext* context, const v1::DefineKitRequest* request,
                                v1::Kit* response) override {
    return Call(
        context, *request,
        [this, request, response](const Result& result, auto position) -> std::optional<RpcError> {
          if (result.rejection) {
            return RejectionError(*result.rejection, {.kit = request});
          }
          engine_->view().With([&](const StockSnapshot& s) {
            RenderKit(s.inventory, s.inventory.skus.Find(request->sku()), *response);
          });
          // What was asked; its parts are as of now.
          response->set_sku(request->sku());
          *response->mutable_components() = request->components();
          response->set_same_location(request->same_location());
          response->set_etag(PositionToken(*result.version));
          response->set_position(PositionToken(position));
          return std::nullopt;
        });
  }

  ServerUnaryReactor* GetAllotment(CallbackServerContext* context,
                                   const v1::GetAllotmentRequest* request,
                                   v1::Allotment* response) override;
  ServerUnaryReactor* GetKit(CallbackServerContext* context, const v1::GetKitRequest* request,
                             v1::Kit* response) override {
    FieldChecker check;
    check.Id("sku", request->sku());
    if (!check.ok()) return Refuse(context, check.error());
    if (!engine_->sequencer().serving()) return Refuse(context, runtime::NotServing());
    const bool found = engine_->view().With([&](const StockSnapshot& s) {
      response->set_position(PositionToken(s.head));
      return RenderKit(s.inventory, s.inventory.skus.Find(request->sku()), *response);
    });
    if (!found) {
      return Refuse(context, runtime::NotFound(common::v1::KIT_NOT_FOUND, "kit", request->sku()));
    }
    ServerUnaryReactor* const reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }

  ServerUnaryReactor* AdjustStock(CallbackServerContext* context,
                                  const v1::AdjustStockRequest* request,
                                  v1::AdjustStockResponse* response) override;

  ServerUnaryReactor* GetAvailability(CallbackServerContext* context,
                                      const v1::GetAvailabilityRequest* request,
                                      v1::GetAvailabilityResponse* response) override;

  grpc::ServerWriteReactor<v1::WatchAvailabilityResponse>* WatchAvailability(
      CallbackServerContext* context, const v1::WatchAvailabilityRequest* request) override {
    return NewWatchStream(context, *request, engine_, streams_);
  }

  ServerUnaryReactor* ListMovements(CallbackServerContext* context,
                                    const v1::ListMovementsRequest* request,
                                    v1::ListMovementsResponse* response) override {
    ServerUnaryReactor* const reactor = context->DefaultReactor();
    ReadMovements(*engine_, context, *request, response, reactor);
    return reactor;
  }

 private:
  static ServerUnaryReactor* Refuse(CallbackServerContext* context, const RpcError& error) {
    ServerUnaryReactor* const reactor = context->DefaultReactor();
    reactor->Finish(runtime::ToGrpcStatus(error));
    return reactor;
  }

  // Parses the request into a submission of its own and queues it.
  template <typename Request, typename Render>
  ServerUnaryReactor* Call(CallbackServerContext* context, const Request& request, Render render) {
    ServerUnaryReactor* const reactor = context->DefaultReactor();
    auto call = std::make_unique<UnaryCall<Render>>(engine_, reactor, std::move(render));
    FieldChecker check;
    Parse(request, engine_->view(), check, *call);
    if (!check.ok()) {
      call->Finish(check.error());
      return reactor;
    }
    Identify(context, request, *call);
    Submit(std::move(call));
    return reactor;
  }

  template <typename Request>
  static void Identify(CallbackServerContext* context, const Request& request,
                       StockSubmission& submission) {
    // Queries have no request id: they are not remembered.
    if constexpr (requires { request.request_id(); }) {
      submission.request_id = request.request_id();
      submission.fingerprint = runtime::RequestFingerprint(request);
    }
    submission.deadline = runtime::InstantOf(context->deadline());
    submission.bytes = WeightOf(request);
  }

  template <typename C>
  void Submit(std::unique_ptr<C> call) {
    C* const raw = call.release();
    if (const auto error = SubmitTo(*engine_, raw)) {
      raw->Finish(error);
      delete raw;
    }
  }

  // A command or a query on one reservation, answered with what it then was.
  template <typename Request>
  ServerUnaryReactor* CallOnReservation(CallbackServerContext* context, const Request& request,
                                        v1::Reservation* response, RequestLines lines) {
    lines.reservation_id = request.reservation_id();
    return Call(context, request,
                [this, response, lines = std::move(lines)](
                    const Result& result, auto position) -> std::optional<RpcError> {
                  if (result.rejection) return RejectionError(*result.rejection, lines);
                  RenderReservation(*result.reservation, engine_->view(), position, *response);
                  return std::nullopt;
                });
  }

  // False: its page token is not one of this list and filter.
  template <typename Request>
  static bool IsPageOf(const Request& request) {
    return request.page_token().empty() ||
           runtime::ReadPageToken(runtime::FilterOf(request), request.page_token()).has_value();
  }

  // A part of a count, or a query on one, answered with how it then stood.
  template <typename Request>
  ServerUnaryReactor* CallOnCount(CallbackServerContext* context, const Request& request,
                                  v1::Count* response) {
    return Call(
        context, request,
        [&request, response](const Result& result, auto position) -> std::optional<RpcError> {
          if (result.rejection) {
            return RejectionError(*result.rejection, {.count_id = &request.count_id()});
          }
          RenderCount(*result.count, *response);
          response->set_position(PositionToken(position));
          return std::nullopt;
        });
  }

  // A command or a query on one transfer, answered with how it then stood.
  template <typename Request>
  ServerUnaryReactor* CallOnTransfer(CallbackServerContext* context, const Request& request,
                                     v1::Transfer* response) {
    return Call(
        context, request,
        [&request, response](const Result& result, auto position) -> std::optional<RpcError> {
          if (result.rejection) return TransferError(*result.rejection, request);
          RenderTransfer(*result.transfer, *response);
          response->set_position(PositionToken(position));
          return std::nullopt;
        });
  }

  // The same of a purchase order.
  template <typename Request>
  ServerUnaryReactor* CallOnSupply(CallbackServerContext* context, const Request& request,
                                   v1::Supply* response) {
    return Call(
        context, request,
        [&request, response](const Result& result, auto position) -> std::optional<RpcError> {
          if (result.rejection) return SupplyError(*result.rejection, request);
          RenderSupply(*result.supply, *response);
          response->set_position(PositionToken(position));
          return std::nullopt;
        });
  }

  // An owner's own hold, and what is on order, are known to the writer only.
  static bool IsForWriter(const v1::GetAvailabilityRequest& request) {
    return !request.owner_id().empty() || request.has_by_time();
  }

  // Resolves the keys; `known` tells whether all of them are. Then answers, if the writer need not
  // be asked; a name that is about to be durable is known to it only.
  std::optional<RpcError> ReadFromView(const v1::GetAvailabilityRequest& request,
                                       std::vector<StockKey>& keys, bool& known,
                                       v1::GetAvailabilityResponse* response) const {
    return engine_->view().With([&](const StockSnapshot& s) -> std::optional<RpcError> {
      known = ResolveKeys(request.keys(), s.inventory, keys);
      auto error = TooManyPositions(keys, s.inventory);
      if (error || !known || IsForWriter(request)) return error;
      Offer offer(s.inventory);
      for (const StockKey& key : keys) {
        RenderAvailability(key, FindAvailability(s.inventory, offer, key), s.inventory,
                           request.low_at(), *response->add_availabilities());
      }
      response->set_position(PositionToken(s.head));
      return std::nullopt;
    });
  }

  // As many of them as an answer takes; the next page begins with the first that it does not.
  void RenderList(const Result& result, storage::Position position,
                  v1::ListReservationsResponse* response) const {
    runtime::AnswerSize size;
    ReservationId last = result.more_after;
    for (size_t i = 0; i < result.list.size(); ++i) {
      v1::Reservation message;
      RenderReservation(result.list[i], engine_->view(), position, message);
      if (!size.Take(message)) {
        last = result.list[i - 1].id;
        break;
      }
      *response->add_reservations() = std::move(message);
    }
    if (last != ReservationId::kNone) response->set_next_page_token(ReservationName(last));
    response->set_position(PositionToken(position));
  }

  StockEngine* const engine_;
  LiveStreams* const streams_;
};

ServerUnaryReactor* StockServiceImpl::AdjustStock(CallbackServerContext* context,
                                                  const v1::AdjustStockRequest* request,
                                                  v1::AdjustStockResponse* response) {
  ServerUnaryReactor* const reactor = context->DefaultReactor();
  auto errors = std::make_shared<std::vector<std::optional<RpcError>>>();
  auto render = [request, response, errors](const Result& result,
                                            storage::Position position) -> std::optional<RpcError> {
    size_t next = 0;
    for (int i = 0; i < request->adjustments_size(); ++i) {
      v1::AdjustStockResponse::Result& out = *response->add_results();
      if ((*errors)[static_cast<size_t>(i)]) {
        *out.mutable_status() = runtime::ToRpcStatus(*(*errors)[static_cast<size_t>(i)]);
        continue;
      }
      const AdjustmentResult& one = result.adjustments[next++];
      if (one.rejection) {
        *out.mutable_status() = runtime::ToRpcStatus(
            RejectionError(*one.rejection, {.adjustment = &request->adjustments(i)}));
      } else {
        out.mutable_status()->set_code(0);
      }
      out.set_duplicate(one.duplicate);
      out.set_on_hand(one.on_hand.units());
      out.set_shortage(one.shortage.units());
      out.set_in_count(one.in_count);
      out.set_newly_short(one.newly_short.units());
      out.set_count_requested(one.count_requested);
    }
    response->set_position(PositionToken(position));
    return std::nullopt;
  };
  auto call = std::make_unique<UnaryCall<decltype(render)>>(engine_, reactor, std::move(render));
  FieldChecker check;
  ParseFacts(*request, check, *errors, *call);
  if (!check.ok()) {
    call->Finish(check.error());
  } else if (call->facts.empty()) {
    // Nothing is left to decide; every item has its error.
    call.release()->Done(engine::Fate::kDecided, engine_->sequencer().head());
  } else {
    Identify(context, *request, *call);
    Submit(std::move(call));
  }
  return reactor;
}

ServerUnaryReactor* StockServiceImpl::GetChannel(CallbackServerContext* context,
                                                 const v1::GetChannelRequest* request,
                                                 v1::Channel* response) {
  FieldChecker check;
  check.Id("channel_id", request->channel_id());
  if (!check.ok()) return Refuse(context, check.error());
  if (!engine_->sequencer().serving()) return Refuse(context, runtime::NotServing());
  const bool found = engine_->view().With([&](const StockSnapshot& s) {
    const ChannelIndex index = s.inventory.channel_names.Find(request->channel_id());
    if (index == ChannelIndex::kNone) return false;
    const Channel& channel = s.inventory.ChannelAt(index);
    response->set_channel_id(request->channel_id());
    response->set_pool_id(s.inventory.pool_names.Name(channel.pool));
    response->set_demand_class(channel.demand == Demand::kTill ? v1::TILL : v1::ONLINE);
    response->set_buffer(channel.buffer.units());
    response->set_etag(PositionToken(channel.version));
    response->set_position(PositionToken(s.head));
    return true;
  });
  if (!found) {
    return Refuse(context, runtime::NotFound(common::v1::CHANNEL_NOT_FOUND, "channel",
                                             request->channel_id()));
  }
  ServerUnaryReactor* const reactor = context->DefaultReactor();
  reactor->Finish(grpc::Status::OK);
  return reactor;
}

ServerUnaryReactor* StockServiceImpl::GetAllotment(CallbackServerContext* context,
                                                   const v1::GetAllotmentRequest* request,
                                                   v1::Allotment* response) {
  FieldChecker check;
  check.Id("channel_id", request->channel_id());
  check.Id("sku", request->sku());
  if (!check.ok()) return Refuse(context, check.error());
  if (!engine_->sequencer().serving()) return Refuse(context, runtime::NotServing());
  const auto error = engine_->view().With([&](const StockSnapshot& s) -> std::optional<RpcError> {
    return RenderAllotment(*request, s, *response);
  });
  if (error) return Refuse(context, *error);
  ServerUnaryReactor* const reactor = context->DefaultReactor();
  reactor->Finish(grpc::Status::OK);
  return reactor;
}

ServerUnaryReactor* StockServiceImpl::GetAvailability(CallbackServerContext* context,
                                                      const v1::GetAvailabilityRequest* request,
                                                      v1::GetAvailabilityResponse* response) {
  FieldChecker check;
  CheckKeys(request->keys(), 1, check);
  check.Id("owner_id", request->owner_id(), runtime::Presence::kOptional);
  const bool as_of = request->as_of_case() != v1::GetAvailabilityRequest::AS_OF_NOT_SET;
  check.True("owner_id", !as_of || request->owner_id().empty(), "cannot be combined with as_of");
  CheckMoment(*request, check);
  check.True("by_time", !as_of || !request->has_by_time(), "cannot be combined with as_of");
  if (request->has_by_time()) check.Timestamp("by_time", request->by_time());
  check.Range("low_at", request->low_at(), 0, kMaxLineQuantity.units());
  if (!check.ok()) return Refuse(context, check.error());
  if (!engine_->sequencer().serving()) return Refuse(context, runtime::NotServing());
  ServerUnaryReactor* const reactor = context->DefaultReactor();
  if (as_of) {
    ReadPastAvailability(*engine_, context, *request, response, reactor);
    return reactor;
  }
  bool known = false;
  std::vector<StockKey> resolved;
  const std::optional<RpcError> refused = ReadFromView(*request, resolved, known, response);
  if (refused || (known && !IsForWriter(*request))) {
    reactor->Finish(refused ? runtime::ToGrpcStatus(*refused) : grpc::Status::OK);
    return reactor;
  }
  auto render = [this, request, response](const Result& result,
                                          storage::Position position) -> std::optional<RpcError> {
    if (result.rejection) return RejectionError(*result.rejection, {.keys = &request->keys()});
    engine_->view().With([&](const StockSnapshot& s) {
      std::vector<StockKey> keys;
      ResolveKeys(request->keys(), s.inventory, keys);
      for (size_t i = 0; i < keys.size(); ++i) {
        RenderAvailability(keys[i], result.availabilities[i], s.inventory, request->low_at(),
                           *response->add_availabilities());
      }
    });
    response->set_position(PositionToken(position));
    return std::nullopt;
  };
  auto call = std::make_unique<UnaryCall<decltype(render)>>(engine_, reactor, std::move(render));
  auto& query = call->command.template emplace<stock::GetAvailability>();
  query.owner = request->owner_id();
  if (request->has_by_time()) query.by = runtime::InstantOf(request->by_time());
  query.keys = std::move(resolved);
  if (!known) {
    call->resolve_again = [request, &query](const Inventory& inventory) {
      ResolveKeys(request->keys(), inventory, query.keys);
    };
  }
  call->deadline = runtime::InstantOf(context->deadline());
  call->bytes = WeightOf(*request);
  Submit(std::move(call));
  return reactor;
}

}  // namespace

class StockRpc::Impl {
 public:
  explicit Impl(StockEngine* engine) : service(engine, &streams) {}
  LiveStreams streams;
  StockServiceImpl service;
};

StockRpc::StockRpc(StockEngine* engine) : impl_(std::make_unique<Impl>(engine)) {}
StockRpc::~StockRpc() = default;
grpc::Service* StockRpc::service() { return &impl_->service; }
void StockRpc::EndStreams() { impl_->streams.EndAll(); }

}  // namespace quartermaster::stock
