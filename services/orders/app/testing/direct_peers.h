// Peers that answer at once, from a SimStock, for tests with real threads.
#ifndef QUARTERMASTER_SERVICES_ORDERS_APP_TESTING_DIRECT_PEERS_H_
#define QUARTERMASTER_SERVICES_ORDERS_APP_TESTING_DIRECT_PEERS_H_

#include <optional>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "services/base/mutex.h"
#include "services/orders/app/peers.h"
#include "services/orders/app/testing/sim_routing.h"
#include "services/orders/app/testing/sim_stock.h"

namespace quartermaster::orders {

class DirectPeers : public StockPeer, public RoutingPeer {
  template <typename Action>
  auto Locked(Action action) {
    MutexLock lock(&mutex_);
    return action(stock_);
  }

 public:
  explicit DirectPeers(const engine::Clock* clock) : stock_(clock) {}

  void Put(const std::string& sku, const std::string& location_id, int64_t units) {
    MutexLock lock(&mutex_);
    stock_.Put(sku, location_id, units);
  }
  int64_t OnHand(const std::string& sku, const std::string& location_id) {
    MutexLock lock(&mutex_);
    return stock_.OnHand(sku, location_id);
  }

  void Reserve(StockReserve request, PeerCallback<StockReservation> done) override {
    done(Locked([&](SimStock& stock) { return stock.Reserve(request); }));
  }
  void Confirm(StockConfirm request, PeerCallback<StockReservation> done) override {
    done(Locked([&](SimStock& stock) { return stock.Confirm(request); }));
  }
  void Release(StockRelease request, PeerCallback<StockReservation> done) override {
    done(Locked([&](SimStock& stock) { return stock.Release(request); }));
  }
  void Fulfil(StockFulfil request, PeerCallback<StockReservation> done) override {
    done(Locked([&](SimStock& stock) { return stock.Fulfil(request); }));
  }
  void Adjust(StockAdjust request, PeerCallback<StockAdjusted> done) override {
    done(Locked([&](SimStock& stock) { return stock.Adjust(request); }));
  }
  void GetReservation(std::string reservation_id, PeerCallback<StockReservation> done) override {
    done(Locked([&](SimStock& stock) { return stock.Get(reservation_id); }));
  }
  void FindHold(std::string owner_id, PeerCallback<std::optional<StockReservation>> done) override {
    done(Locked([&](SimStock& stock) {
      return PeerResult<std::optional<StockReservation>>(stock.FindHold(owner_id));
    }));
  }
  void Plan(PlanRequest request, PeerCallback<RoutePlan> done) override {
    done(Locked([&](SimStock& stock) { return SimPlan(stock, std::nullopt, request); }));
  }

 private:
  Mutex mutex_;
  SimStock stock_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace quartermaster::orders

#endif  // QUARTERMASTER_SERVICES_ORDERS_APP_TESTING_DIRECT_PEERS_H_
