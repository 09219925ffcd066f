// FakeStock: reservations and on-hand changes as the saga sees them, and nothing else. It is
// strict: a part that is not open, or an effect under a reused key, is a failure of the test,
// because the saga's books must never ask for it. Requests are remembered by key, so that a
// repetition changes nothing and is answered as the first time.
#ifndef QUARTERMASTER_SERVICES_ORDERS_DOMAIN_TESTING_FAKE_STOCK_H_
#define QUARTERMASTER_SERVICES_ORDERS_DOMAIN_TESTING_FAKE_STOCK_H_

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "services/orders/domain/saga.h"

namespace quartermaster::orders {

class FakeStock {
 public:
  struct Units {
    std::string sku;
    Quantity open;
  };
  struct Reservation {
    std::string owner_id;
    bool live = true;  // not expired, not replaced
    bool confirmed = false;
    // (line_id, location_id) -> units
    std::map<std::pair<std::string, std::string>, Units> units;
  };

  // The owner's next hold takes the place of an earlier one. Returns the reservation's id.
  std::string Hold(const std::string& owner_id, const std::vector<HoldLine>& lines);
  // The hold's time ran out.
  void Expire(const std::string& reservation_id);
  // The reservation's id; empty if it has expired and `rehold` is false.
  std::string Confirm(const ConfirmStock& intent, bool rehold);
  void Fulfil(const FulfilStock& intent);
  void Release(const ReleaseStock& intent);
  void Sell(const SellStock& intent);
  void Restock(const RestockReturn& intent);
  void Reclassify(const ReclassifyReturn& intent);

  const std::map<std::string, Reservation>& reservations() const { return reservations_; }
  // SKU -> what left and came back: fulfilled + sold - returned.
  const std::map<std::string, Quantity>& gone() const { return gone_; }
  // (SKU, condition) -> what came back in it, and was moved to it, less what was moved from it.
  const std::map<std::pair<std::string, Condition>, Quantity>& came_back() const {
    return came_back_;
  }

 private:
  // False if the key was used before, with the same content.
  bool First(const std::string& key, const Intent& intent);
  Units* Open(const std::string& reservation_id, const ReservationUnits& part);

  std::map<std::string, Reservation> reservations_;
  std::map<std::string, Intent> done_;
  std::map<std::string, std::string> confirmed_;
  std::map<std::string, int> effects_;
  std::map<std::string, Quantity> gone_;
  std::map<std::pair<std::string, Condition>, Quantity> came_back_;
  int next_ = 1;
};

}  // namespace quartermaster::orders

#endif  // QUARTERMASTER_SERVICES_ORDERS_DOMAIN_TESTING_FAKE_STOCK_H_
