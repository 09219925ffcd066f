#include "services/orders/rpc/grpc_peers.h"

#include <grpcpp/channel.h>

#include <optional>
#include <utility>

#include "google/rpc/status.pb.h"
#include "quartermaster/routing/v1/routing.grpc.pb.h"
#include "quartermaster/stock/v1/stock.grpc.pb.h"
#include "services/orders/app/errors.h"
#include "services/orders/codec/messages.h"
#include "services/runtime/client_calls.h"
#include "services/runtime/rpc_error.h"
#include "services/runtime/validation.h"

namespace quartermaster::orders {
namespace {

namespace rpb = routing::v1;
namespace spb = stock::v1;

constexpr char kStock[] = "stock";
constexpr char kRouting[] = "routing";

// Gives a call's answer, turned by `convert`, to `done`.
template <typename Response, typename T>
runtime::ClientCalls::Done<Response> Deliver(const char* peer, T (*convert)(const Response&),
                                             PeerCallback<T> done) {
  return [peer, convert, done = std::move(done)](const grpc::Status& status,
                                                 Response& response) mutable {
    if (status.ok()) {
      done(convert(response));
    } else {
      done(ToPeerError(runtime::FromGrpcStatus(status), peer));
    }
  };
}

StockReservation::State FromWire(spb::Reservation::State state) {
  switch (state) {
    case spb::Reservation::CONFIRMED:
      return StockReservation::State::kConfirmed;
    case spb::Reservation::FULFILLED:
      return StockReservation::State::kFulfilled;
    case spb::Reservation::RELEASED:
      return StockReservation::State::kReleased;
    case spb::Reservation::EXPIRED:
      return StockReservation::State::kExpired;
    case spb::Reservation::REPLACED:
      return StockReservation::State::kReplaced;
    default:
      return StockReservation::State::kHeld;
  }
}

StockReservation FromReservation(const spb::Reservation& wire) {
  StockReservation result;
  result.reservation_id = wire.reservation_id();
  result.owner_id = wire.owner_id();
  result.state = FromWire(wire.state());
  result.replaced_by = wire.replaced_by();
  if (wire.has_expire_time()) {
    result.expire_time = runtime::InstantOf(wire.expire_time());
  }
  for (const auto& line : wire.lines()) {
    // Units of a pool's line have no places yet, but may be had where they stand.
    for (const auto* places : {&line.placements(), &line.backing()}) {
      for (const auto& placement : *places) {
        result.open.push_back(
            {line.line_id(), line.sku(), placement.location_id(), Quantity(placement.quantity())});
      }
    }
  }
  return result;
}

StockReservation FromReserveResponse(const spb::ReserveResponse& wire) {
  return FromReservation(wire.reservation());
}

std::optional<StockReservation> FromList(const spb::ListReservationsResponse& wire) {
  if (wire.reservations().empty()) return std::nullopt;
  return FromReservation(wire.reservations(0));
}

StockAdjusted FromAdjustResponse(const spb::AdjustStockResponse& wire) {
  StockAdjusted results;
  for (const auto& result : wire.results()) {
    if (result.status().code() == 0) {
      results.push_back(std::nullopt);
    } else {
      results.push_back(ToPeerError(runtime::FromRpcStatus(result.status()), kStock));
    }
  }
  return results;
}

void AddLines(const std::vector<StockLine>& lines,
              google::protobuf::RepeatedPtrField<spb::ReserveLine>* wire) {
  for (const StockLine& line : lines) {
    spb::ReserveLine* to = wire->Add();
    to->set_line_id(line.line_id);
    to->set_sku(line.sku);
    to->set_quantity(static_cast<int32_t>(line.quantity.units()));
    to->set_location_id(line.location_id);
  }
}

void AddParts(const std::vector<StockPart>& parts,
              google::protobuf::RepeatedPtrField<spb::ReservationPart>* wire) {
  for (const StockPart& part : parts) {
    spb::ReservationPart* to = wire->Add();
    to->set_line_id(part.line_id);
    to->set_location_id(part.location_id);
    to->set_quantity(part.quantity.units());
  }
}

spb::Adjustment::Condition ToWire(StockAdjustment::Condition condition) {
  switch (condition) {
    case StockAdjustment::Condition::kSellable:
      return spb::Adjustment::SELLABLE;
    case StockAdjustment::Condition::kDamaged:
      return spb::Adjustment::DAMAGED;
    case StockAdjustment::Condition::kInspection:
      return spb::Adjustment::INSPECTION;
  }
  return spb::Adjustment::INSPECTION;
}

spb::Adjustment::Kind ToWire(StockAdjustment::Kind kind) {
  switch (kind) {
    case StockAdjustment::Kind::kReturned:
      return spb::Adjustment::RETURNED;
    case StockAdjustment::Kind::kSold:
      return spb::Adjustment::SOLD;
    case StockAdjustment::Kind::kConditionChanged:
      return spb::Adjustment::CONDITION_CHANGED;
  }
  return spb::Adjustment::KIND_UNSPECIFIED;
}

class GrpcStockPeer : public StockPeer {
 public:
  GrpcStockPeer(const std::shared_ptr<grpc::Channel>& channel, Micros deadline)
      : stub_(spb::StockService::NewStub(channel)), deadline_(deadline) {}

  void Reserve(StockReserve request, PeerCallback<StockReservation> done) override {
    spb::ReserveRequest wire;
    wire.set_request_id(std::move(request.request_id));
    wire.set_owner_id(std::move(request.owner_id));
    AddLines(request.lines, wire.mutable_lines());
    wire.mutable_ttl()->set_seconds(request.ttl.count / 1'000'000);
    wire.set_takes_over_reservation_id(std::move(request.takes_over_reservation_id));
    wire.set_channel_id(std::move(request.channel_id));
    wire.set_customer_id(std::move(request.customer_ref));
    calls_.Start(async(), &Async::Reserve, deadline_, std::move(wire),
                 Deliver(kStock, &FromReserveResponse, std::move(done)));
  }

  void Confirm(StockConfirm request, PeerCallback<StockReservation> done) override {
    spb::ConfirmReservationRequest wire;
    wire.set_request_id(std::move(request.request_id));
    wire.set_reservation_id(std::move(request.reservation_id));
    AddLines(request.rehold_lines, wire.mutable_rehold_lines());
    wire.set_owner_id(std::move(request.owner_id));
    wire.set_channel_id(std::move(request.channel_id));
    wire.set_customer_id(std::move(request.customer_ref));
    calls_.Start(async(), &Async::ConfirmReservation, deadline_, std::move(wire),
                 Deliver(kStock, &FromReservation, std::move(done)));
  }

  void Release(StockRelease request, PeerCallback<StockReservation> done) override {
    spb::ReleaseReservationRequest wire;
    wire.set_request_id(std::move(request.request_id));
    wire.set_reservation_id(std::move(request.reservation_id));
    AddParts(request.parts, wire.mutable_parts());
    wire.set_missing(request.missing);
    calls_.Start(async(), &Async::ReleaseReservation, deadline_, std::move(wire),
                 Deliver(kStock, &FromReservation, std::move(done)));
  }

  void Fulfil(StockFulfil request, PeerCallback<StockReservation> done) override {
    spb::FulfilReservationRequest wire;
    wire.set_request_id(std::move(request.request_id));
    wire.set_reservation_id(std::move(request.reservation_id));
    AddParts(request.parts, wire.mutable_parts());
    if (request.business_time) {
      *wire.mutable_business_time() = runtime::TimestampOf(*request.business_time);
    }
    calls_.Start(async(), &Async::FulfilReservation, deadline_, std::move(wire),
                 Deliver(kStock, &FromReservation, std::move(done)));
  }

  void Adjust(StockAdjust request, PeerCallback<StockAdjusted> done) override {
    spb::AdjustStockRequest wire;
    wire.set_request_id(std::move(request.request_id));
    for (StockAdjustment& adjustment : request.adjustments) {
      spb::Adjustment* to = wire.add_adjustments();
      to->set_sku(std::move(adjustment.sku));
      to->set_location_id(std::move(adjustment.location_id));
      to->set_kind(ToWire(adjustment.kind));
      to->set_delta(static_cast<int32_t>(adjustment.delta.units()));
      to->set_condition(ToWire(adjustment.condition));
      if (adjustment.from) to->set_from_condition(ToWire(*adjustment.from));
      to->set_effect_key(std::move(adjustment.effect_key));
      if (adjustment.business_time) {
        *to->mutable_business_time() = runtime::TimestampOf(*adjustment.business_time);
      }
    }
    *wire.mutable_attribution() = ToMessage(request.attribution);
    calls_.Start(async(), &Async::AdjustStock, deadline_, std::move(wire),
                 Deliver(kStock, &FromAdjustResponse, std::move(done)));
  }

  void GetReservation(std::string reservation_id, PeerCallback<StockReservation> done) override {
    spb::GetReservationRequest wire;
    wire.set_reservation_id(std::move(reservation_id));
    calls_.Start(async(), &Async::GetReservation, deadline_, std::move(wire),
                 Deliver(kStock, &FromReservation, std::move(done)));
  }

  void FindHold(std::string owner_id, PeerCallback<std::optional<StockReservation>> done) override {
    spb::ListReservationsRequest wire;
    wire.set_owner_id(std::move(owner_id));
    wire.set_state(spb::Reservation::HELD);
    wire.set_page_size(1);
    calls_.Start(async(), &Async::ListReservations, deadline_, std::move(wire),
                 Deliver(kStock, &FromList, std::move(done)));
  }

 private:
  using Async = spb::StockService::StubInterface::async_interface;
  Async* async() { return stub_->async(); }

  const std::unique_ptr<spb::StockService::Stub> stub_;
  const Micros deadline_;
  // Destroyed before the stub: see client_calls.h.
  runtime::ClientCalls calls_;
};

RoutePlan FromPlan(const rpb::Plan& wire) {
  RoutePlan plan;
  for (const auto& assignment : wire.assignments()) {
    plan.assignments.push_back({assignment.group_id(), assignment.line_id(), assignment.sku(),
                                assignment.location_id(), Quantity(assignment.quantity()),
                                assignment.distance_km()});
  }
  for (const auto& line : wire.short_lines()) {
    plan.short_lines.push_back({line.line_id(), line.sku(), line.location_id(),
                                Quantity(line.asked()), Quantity(line.available())});
  }
  plan.decision = wire.SerializeAsString();
  return plan;
}

rpb::Method ToWire(PlanMethod method) {
  switch (method) {
    case PlanMethod::kShip:
      return rpb::SHIP;
    case PlanMethod::kPickup:
      return rpb::PICKUP;
    case PlanMethod::kCarryOut:
      return rpb::CARRY_OUT;
  }
  return rpb::METHOD_UNSPECIFIED;
}

void AddCredits(const std::vector<PlanRequest::Credit>& credits,
                google::protobuf::RepeatedPtrField<rpb::Credit>* wire) {
  for (const PlanRequest::Credit& credit : credits) {
    rpb::Credit* to = wire->Add();
    to->set_sku(credit.sku);
    to->set_location_id(credit.location_id);
    to->set_quantity(credit.quantity.units());
  }
}

class GrpcRoutingPeer : public RoutingPeer {
 public:
  GrpcRoutingPeer(const std::shared_ptr<grpc::Channel>& channel, Micros deadline)
      : stub_(rpb::RoutingService::NewStub(channel)), deadline_(deadline) {}

  void Plan(PlanRequest request, PeerCallback<RoutePlan> done) override {
    rpb::PlanOrderRequest wire;
    for (const PlanRequest::Group& group : request.groups) {
      rpb::PlanGroup* to = wire.add_groups();
      to->set_group_id(group.group_id);
      to->set_method(ToWire(group.method));
      if (group.destination) {
        to->mutable_destination()->set_latitude(group.destination->latitude);
        to->mutable_destination()->set_longitude(group.destination->longitude);
      }
      to->set_location_id(group.location_id);
      for (const PlanRequest::Line& line : group.lines) {
        rpb::PlanLine* to_line = to->add_lines();
        to_line->set_line_id(line.line_id);
        to_line->set_sku(line.sku);
        to_line->set_quantity(static_cast<int32_t>(line.quantity.units()));
      }
    }
    AddCredits(request.credits, wire.mutable_credits());
    AddCredits(request.overrides, wire.mutable_overrides());
    for (std::string& location_id : request.excluded_location_ids) {
      wire.add_excluded_location_ids(std::move(location_id));
    }
    wire.set_allow_partial(request.allow_partial);
    Async* const async = stub_->async();
    calls_.Start(async, &Async::PlanOrder, deadline_, std::move(wire),
                 Deliver(kRouting, &FromPlan, std::move(done)));
  }

 private:
  using Async = rpb::RoutingService::StubInterface::async_interface;

  const std::unique_ptr<rpb::RoutingService::Stub> stub_;
  const Micros deadline_;
  runtime::ClientCalls calls_;
};

}  // namespace

std::unique_ptr<StockPeer> NewGrpcStockPeer(const std::shared_ptr<grpc::Channel>& channel,
                                            Micros deadline) {
  return std::make_unique<GrpcStockPeer>(channel, deadline);
}

std::unique_ptr<RoutingPeer> NewGrpcRoutingPeer(const std::shared_ptr<grpc::Channel>& channel,
                                                Micros deadline) {
  return std::make_unique<GrpcRoutingPeer>(channel, deadline);
}

}  // namespace quartermaster::orders
