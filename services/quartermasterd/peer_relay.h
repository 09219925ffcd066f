// Relays: peers that are known before there is a server to reach them through. Parts are opened
// before the server listens, and the channel to them exists only afterwards.
#ifndef QUARTERMASTER_SERVICES_QUARTERMASTERD_PEER_RELAY_H_
#define QUARTERMASTER_SERVICES_QUARTERMASTERD_PEER_RELAY_H_

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "services/orders/app/peers.h"
#include "services/routing/app/decision_source.h"
#include "services/routing/app/stock_news.h"

namespace quartermaster {

// A peer that comes later. Thread-safe, but for Connect, which is once.
template <typename Peer>
class PeerSlot {
 public:
  void Connect(std::unique_ptr<Peer> peer) {
    owned_ = std::move(peer);
    peer_.store(owned_.get(), std::memory_order_release);
  }
  // Null before Connect.
  Peer* get() const { return peer_.load(std::memory_order_acquire); }

 private:
  std::unique_ptr<Peer> owned_;
  std::atomic<Peer*> peer_{nullptr};
};

// Each passes every call on; before Connect it answers with a retriable error.
class StockPeerRelay final : public orders::StockPeer {
 public:
  void Connect(std::unique_ptr<orders::StockPeer> peer) { slot_.Connect(std::move(peer)); }

  void Reserve(orders::StockReserve request,
               orders::PeerCallback<orders::StockReservation> done) override {
    Pass(&StockPeer::Reserve, std::move(request), std::move(done));
  }
  void Confirm(orders::StockConfirm request,
               orders::PeerCallback<orders::StockReservation> done) override {
    Pass(&StockPeer::Confirm, std::move(request), std::move(done));
  }
  void Release(orders::StockRelease request,
               orders::PeerCallback<orders::StockReservation> done) override {
    Pass(&StockPeer::Release, std::move(request), std::move(done));
  }
  void Fulfil(orders::StockFulfil request,
              orders::PeerCallback<orders::StockReservation> done) override {
    Pass(&StockPeer::Fulfil, std::move(request), std::move(done));
  }
  void Adjust(orders::StockAdjust request,
              orders::PeerCallback<orders::StockAdjusted> done) override {
    Pass(&StockPeer::Adjust, std::move(request), std::move(done));
  }
  void GetReservation(std::string reservation_id,
                      orders::PeerCallback<orders::StockReservation> done) override {
    Pass(&StockPeer::GetReservation, std::move(reservation_id), std::move(done));
  }
  void FindHold(std::string owner_id,
                orders::PeerCallback<std::optional<orders::StockReservation>> done) override {
    Pass(&StockPeer::FindHold, std::move(owner_id), std::move(done));
  }

 private:
  template <typename Request, typename T>
  void Pass(void (StockPeer::*method)(Request, orders::PeerCallback<T>), Request request,
            orders::PeerCallback<T> done) {
    StockPeer* const peer = slot_.get();
    if (peer == nullptr) return done(orders::NoAnswerFrom("stock"));
    (peer->*method)(std::move(request), std::move(done));
  }

  PeerSlot<orders::StockPeer> slot_;
};

class RoutingPeerRelay final : public orders::RoutingPeer {
 public:
  void Connect(std::unique_ptr<orders::RoutingPeer> peer) { slot_.Connect(std::move(peer)); }

  void Plan(orders::PlanRequest request, orders::PeerCallback<orders::RoutePlan> done) override {
    orders::RoutingPeer* const peer = slot_.get();
    if (peer == nullptr) return done(orders::NoAnswerFrom("routing"));
    peer->Plan(std::move(request), std::move(done));
  }

 private:
  PeerSlot<orders::RoutingPeer> slot_;
};

class StockNewsRelay final : public routing::StockNews {
 public:
  void Connect(std::unique_ptr<routing::StockNews> news) { slot_.Connect(std::move(news)); }

  void Since(std::string position, Done done) override {
    routing::StockNews* const news = slot_.get();
    if (news == nullptr) return done(runtime::PeerUnavailable("stock"));
    news->Since(std::move(position), std::move(done));
  }

 private:
  PeerSlot<routing::StockNews> slot_;
};

class DecisionRelay final : public routing::DecisionSource {
 public:
  void Connect(std::unique_ptr<routing::DecisionSource> source) {
    slot_.Connect(std::move(source));
  }

  void GetDecision(std::string order_id, int32_t attempt,
                   absl::AnyInvocable<void(Result)> done) override {
    routing::DecisionSource* const source = slot_.get();
    if (source == nullptr) return done(runtime::PeerUnavailable("orders"));
    source->GetDecision(std::move(order_id), attempt, std::move(done));
  }

 private:
  PeerSlot<routing::DecisionSource> slot_;
};

}  // namespace quartermaster

#endif  // QUARTERMASTER_SERVICES_QUARTERMASTERD_PEER_RELAY_H_
