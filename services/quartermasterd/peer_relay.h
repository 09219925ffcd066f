// Relays: peers that are known before there is a server to reach them through. Parts are opened
// before the server listens, and the channel to them exists only afterwards.
#ifndef QUARTERMASTER_SERVICES_QUARTERMASTERD_PEER_RELAY_H_
#define QUARTERMASTER_SERVICES_QUARTERMASTERD_PEER_RELAY_H_

#include <memory>
#include <string>
#include <utility>

#include "services/orders/app/peers.h"
#include "services/routing/app/decision_source.h"

namespace quartermaster {

// Each passes every call on. Connect must come before the first call.
class StockPeerRelay final : public orders::StockPeer {
 public:
  void Connect(std::unique_ptr<orders::StockPeer> peer) { peer_ = std::move(peer); }

  void Reserve(orders::StockReserve request,
               orders::PeerCallback<orders::StockReservation> done) override {
    peer_->Reserve(std::move(request), std::move(done));
  }
  void Confirm(orders::StockConfirm request,
               orders::PeerCallback<orders::StockReservation> done) override {
    peer_->Confirm(std::move(request), std::move(done));
  }
  void Release(orders::StockRelease request,
               orders::PeerCallback<orders::StockReservation> done) override {
    peer_->Release(std::move(request), std::move(done));
  }
  void Fulfil(orders::StockFulfil request,
              orders::PeerCallback<orders::StockReservation> done) override {
    peer_->Fulfil(std::move(request), std::move(done));
  }
  void Adjust(orders::StockAdjust request,
              orders::PeerCallback<orders::StockAdjusted> done) override {
    peer_->Adjust(std::move(request), std::move(done));
  }
  void GetReservation(std::string reservation_id,
                      orders::PeerCallback<orders::StockReservation> done) override {
    peer_->GetReservation(std::move(reservation_id), std::move(done));
  }
  void FindHold(std::string owner_id,
                orders::PeerCallback<std::optional<orders::StockReservation>> done) override {
    peer_->FindHold(std::move(owner_id), std::move(done));
  }

 private:
  std::unique_ptr<orders::StockPeer> peer_;
};

class RoutingPeerRelay final : public orders::RoutingPeer {
 public:
  void Connect(std::unique_ptr<orders::RoutingPeer> peer) { peer_ = std::move(peer); }

  void Plan(orders::PlanRequest request, orders::PeerCallback<orders::RoutePlan> done) override {
    peer_->Plan(std::move(request), std::move(done));
  }

 private:
  std::unique_ptr<orders::RoutingPeer> peer_;
};

class DecisionRelay final : public routing::DecisionSource {
 public:
  void Connect(std::unique_ptr<routing::DecisionSource> source) { source_ = std::move(source); }

  void GetDecision(std::string order_id, int32_t attempt,
                   absl::AnyInvocable<void(Result)> done) override {
    source_->GetDecision(std::move(order_id), attempt, std::move(done));
  }

 private:
  std::unique_ptr<routing::DecisionSource> source_;
};

}  // namespace quartermaster

#endif  // QUARTERMASTER_SERVICES_QUARTERMASTERD_PEER_RELAY_H_
