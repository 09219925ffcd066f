// StockServiceImpl: the handlers of StockService, by their nouns: reservations.cc, facts.cc,
// counts.cc, transfers.cc, supply.cc, policies.cc (who may sell what: pools, safety stock, channels
// and their allotments), kits.cc, availability.cc.
#ifndef QUARTERMASTER_SERVICES_STOCK_RPC_SERVICE_IMPL_H_
#define QUARTERMASTER_SERVICES_STOCK_RPC_SERVICE_IMPL_H_

#include <grpcpp/grpcpp.h>

#include <memory>
#include <utility>

#include "quartermaster/stock/v1/stock.grpc.pb.h"
#include "services/runtime/arena_messages.h"
#include "services/stock/rpc/live_streams.h"
#include "services/stock/rpc/stock_calls.h"

namespace quartermaster::stock {

class StockServiceImpl final : public v1::StockService::CallbackService {
 public:
  using Reactor = grpc::ServerUnaryReactor;
  using Context = grpc::CallbackServerContext;

  StockServiceImpl(StockEngine* engine, LiveStreams* streams) : engine_(engine), streams_(streams) {
    SetMessageAllocatorFor_BatchReserve(&batches_);
    SetMessageAllocatorFor_AdjustStock(&adjustments_);
    SetMessageAllocatorFor_GetAvailability(&availabilities_);
  }

  // reservations.cc
  Reactor* Reserve(Context* context, const v1::ReserveRequest* request,
                   v1::ReserveResponse* response) override;
  Reactor* UpdateReservation(Context* context, const v1::UpdateReservationRequest* request,
                             v1::ReserveResponse* response) override;
  Reactor* BatchReserve(Context* context, const v1::BatchReserveRequest* request,
                        v1::BatchReserveResponse* response) override;
  grpc::ServerBidiReactor<v1::ReserveRequest, v1::ReserveResult>* ReserveStream(
      Context* context) override;
  Reactor* ExtendReservation(Context* context, const v1::ExtendReservationRequest* request,
                             v1::Reservation* response) override;
  Reactor* ConfirmReservation(Context* context, const v1::ConfirmReservationRequest* request,
                              v1::Reservation* response) override;
  Reactor* BindReservation(Context* context, const v1::BindReservationRequest* request,
                           v1::Reservation* response) override;
  Reactor* ReleaseReservation(Context* context, const v1::ReleaseReservationRequest* request,
                              v1::Reservation* response) override;
  Reactor* FulfilReservation(Context* context, const v1::FulfilReservationRequest* request,
                             v1::Reservation* response) override;
  Reactor* GetReservation(Context* context, const v1::GetReservationRequest* request,
                          v1::Reservation* response) override;
  Reactor* ListReservations(Context* context, const v1::ListReservationsRequest* request,
                            v1::ListReservationsResponse* response) override;
  // facts.cc
  Reactor* AdjustStock(Context* context, const v1::AdjustStockRequest* request,
                       v1::AdjustStockResponse* response) override;
  Reactor* ChangeCondition(Context* context, const v1::ChangeConditionRequest* request,
                           v1::ChangeConditionResponse* response) override;
  // counts.cc
  Reactor* ApplyCount(Context* context, const v1::ApplyCountRequest* request,
                      v1::Count* response) override;
  Reactor* GetCount(Context* context, const v1::GetCountRequest* request,
                    v1::Count* response) override;
  Reactor* ListSources(Context* context, const v1::ListSourcesRequest* request,
                       v1::ListSourcesResponse* response) override;
  Reactor* ListDifferences(Context* context, const v1::ListDifferencesRequest* request,
                           v1::ListDifferencesResponse* response) override;
  // transfers.cc
  Reactor* TransferStock(Context* context, const v1::TransferStockRequest* request,
                         v1::Transfer* response) override;
  Reactor* ShipTransfer(Context* context, const v1::ShipTransferRequest* request,
                        v1::Transfer* response) override;
  Reactor* ReceiveTransfer(Context* context, const v1::ReceiveTransferRequest* request,
                           v1::Transfer* response) override;
  Reactor* CloseTransfer(Context* context, const v1::CloseTransferRequest* request,
                         v1::Transfer* response) override;
  Reactor* GetTransfer(Context* context, const v1::GetTransferRequest* request,
                       v1::Transfer* response) override;
  Reactor* ListTransfers(Context* context, const v1::ListTransfersRequest* request,
                         v1::ListTransfersResponse* response) override;
  // supply.cc
  Reactor* ExpectSupply(Context* context, const v1::ExpectSupplyRequest* request,
                        v1::Supply* response) override;
  Reactor* ReceiveSupply(Context* context, const v1::ReceiveSupplyRequest* request,
                         v1::Supply* response) override;
  Reactor* CancelSupply(Context* context, const v1::CancelSupplyRequest* request,
                        v1::Supply* response) override;
  Reactor* GetSupply(Context* context, const v1::GetSupplyRequest* request,
                     v1::Supply* response) override;
  // policies.cc
  Reactor* SetPool(Context* context, const v1::SetPoolRequest* request,
                   v1::Pool* response) override;
  Reactor* SetStockPolicy(Context* context, const v1::SetStockPolicyRequest* request,
                          v1::StockPolicy* response) override;
  Reactor* SetChannel(Context* context, const v1::SetChannelRequest* request,
                      v1::Channel* response) override;
  Reactor* GetChannel(Context* context, const v1::GetChannelRequest* request,
                      v1::Channel* response) override;
  Reactor* SetAllotment(Context* context, const v1::SetAllotmentRequest* request,
                        v1::Allotment* response) override;
  Reactor* GetAllotment(Context* context, const v1::GetAllotmentRequest* request,
                        v1::Allotment* response) override;
  // kits.cc
  Reactor* DefineKit(Context* context, const v1::DefineKitRequest* request,
                     v1::Kit* response) override;
  Reactor* GetKit(Context* context, const v1::GetKitRequest* request, v1::Kit* response) override;
  // availability.cc
  Reactor* GetAvailability(Context* context, const v1::GetAvailabilityRequest* request,
                           v1::GetAvailabilityResponse* response) override;
  grpc::ServerWriteReactor<v1::WatchAvailabilityResponse>* WatchAvailability(
      Context* context, const v1::WatchAvailabilityRequest* request) override;
  Reactor* ListMovements(Context* context, const v1::ListMovementsRequest* request,
                         v1::ListMovementsResponse* response) override;

 private:
  static Reactor* Finish(Context* context) {
    Reactor* const reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }
  static Reactor* Refuse(Context* context, const runtime::RpcError& error) {
    Reactor* const reactor = context->DefaultReactor();
    reactor->Finish(runtime::ToGrpcStatus(error));
    return reactor;
  }

  // Parses the request into a submission of its own and queues it.
  template <typename Request, typename Render>
  Reactor* Call(Context* context, const Request& request, Render render) {
    Reactor* const reactor = context->DefaultReactor();
    auto call = std::make_unique<UnaryCall<Render>>(engine_, reactor, std::move(render));
    runtime::FieldChecker check;
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
  static void Identify(Context* context, const Request& request, StockSubmission& submission) {
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
  Reactor* CallOnReservation(Context* context, const Request& request, v1::Reservation* response,
                             RequestLines lines);
  // A part of a count, or a query on one, answered with how it then stood.
  template <typename Request>
  Reactor* CallOnCount(Context* context, const Request& request, v1::Count* response);
  // A command or a query on one transfer, answered with how it then stood.
  template <typename Request>
  Reactor* CallOnTransfer(Context* context, const Request& request, v1::Transfer* response);
  // The same of a purchase order.
  template <typename Request>
  Reactor* CallOnSupply(Context* context, const Request& request, v1::Supply* response);

  StockEngine* const engine_;
  LiveStreams* const streams_;
  // Of what may have hundreds of parts.
  runtime::ArenaMessages<v1::BatchReserveRequest, v1::BatchReserveResponse> batches_;
  runtime::ArenaMessages<v1::AdjustStockRequest, v1::AdjustStockResponse> adjustments_;
  runtime::ArenaMessages<v1::GetAvailabilityRequest, v1::GetAvailabilityResponse> availabilities_;
};

}  // namespace quartermaster::stock

#endif  // QUARTERMASTER_SERVICES_STOCK_RPC_SERVICE_IMPL_H_
