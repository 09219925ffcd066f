// SimStock: a stock service in memory that keeps its word: holds that expire, one hold per owner,
// takeovers, confirm with re-hold, effects once, every request answered alike when it is repeated.
// It outlives the orders process that a simulation crashes.
#ifndef QUARTERMASTER_SERVICES_ORDERS_APP_TESTING_SIM_STOCK_H_
#define QUARTERMASTER_SERVICES_ORDERS_APP_TESTING_SIM_STOCK_H_

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "services/engine/clock.h"
#include "services/orders/app/peers.h"

namespace quartermaster::orders {

class SimStock {
 public:
  using Place = std::pair<std::string, std::string>;  // (sku, location)

  explicit SimStock(const engine::Clock* clock) : clock_(clock) {}

  void Put(const std::string& sku, const std::string& location_id, int64_t units) {
    on_hand_[{sku, location_id}] += units;
  }

  PeerResult<StockReservation> Reserve(const StockReserve& request);
  PeerResult<StockReservation> Confirm(const StockConfirm& request);
  PeerResult<StockReservation> Release(const StockRelease& request);
  PeerResult<StockReservation> Fulfil(const StockFulfil& request);
  PeerResult<StockAdjusted> Adjust(const StockAdjust& request);
  PeerResult<StockReservation> Get(const std::string& reservation_id);
  std::optional<StockReservation> FindHold(const std::string& owner_id);

  // What Reserve would accept.
  int64_t Available(const std::string& sku, const std::string& location_id);
  int64_t OnHand(const std::string& sku, const std::string& location_id) const;
  int64_t OnHand(const std::string& sku) const;
  // Open units of live holds, and of confirmed reservations.
  int64_t Reserved(const std::string& sku);
  int64_t Allocated(const std::string& sku);
  // Confirms that held expired units again.
  int reholds() const { return reholds_; }
  // Everywhere that has had stock.
  std::vector<Place> Places() const;

 private:
  struct Reservation {
    StockReservation shown;
    std::vector<StockLine> lines;
  };
  // Runs `decide` once per request id, and gives its answer again afterwards.
  template <typename T>
  PeerResult<T> Once(const std::string& request_id, std::map<std::string, PeerResult<T>>& answers,
                     const std::function<PeerResult<T>()>& decide);
  void Expire();
  PeerResult<StockReservation> Hold(const std::string& owner_id,
                                    const std::vector<StockLine>& lines, Instant expire_time,
                                    const std::string& takes_over);
  PeerError EndOf(const Reservation& reservation) const;
  PeerResult<StockReservation> TakeParts(const std::string& reservation_id,
                                         const std::vector<StockPart>& parts, bool off_hand,
                                         bool missing);

  const engine::Clock* const clock_;
  std::map<Place, int64_t> on_hand_;
  // Looked for and not found: on hand, but not usable.
  std::map<Place, int64_t> suspect_;
  std::map<std::string, Reservation> reservations_;
  std::map<std::string, PeerResult<StockReservation>> answers_;
  std::map<std::string, PeerResult<StockAdjusted>> adjust_answers_;
  std::map<std::string, StockAdjustment> effects_;
  int next_id_ = 1;
  int reholds_ = 0;
};

}  // namespace quartermaster::orders

#endif  // QUARTERMASTER_SERVICES_ORDERS_APP_TESTING_SIM_STOCK_H_
