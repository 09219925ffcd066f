// State: everything that stock decides on. A function of the log: apply.h is its only writer, but
// for the queue of deadlines, an index that expiry.h takes from.
#ifndef QUARTERMASTER_SERVICES_STOCK_DOMAIN_STATE_H_
#define QUARTERMASTER_SERVICES_STOCK_DOMAIN_STATE_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/container/btree_map.h"
#include "absl/container/flat_hash_map.h"
#include "services/stock/domain/expiry_queue.h"
#include "services/stock/domain/ids.h"
#include "services/stock/domain/inventory.h"
#include "services/stock/domain/reservation.h"

namespace quartermaster::stock {

// The inventory, and what has been promised of it. Not thread-safe.
struct State : Inventory {
  // In the order of creation; ended ones too.
  absl::btree_map<ReservationId, std::unique_ptr<Reservation>> reservations;
  // An owner's open hold (state HELD): at most one each.
  absl::flat_hash_map<std::string, ReservationId> hold_of_owner;
  // Has every open hold's deadline; stale ones too.
  ExpiryQueue expiries;

  // Effects that happened, with the fingerprint of their content. Kept for ever.
  absl::flat_hash_map<std::string, uint64_t> effects;

  // nullptr if there is none.
  const Reservation* FindReservation(ReservationId id) const {
    const auto it = reservations.find(id);
    return it == reservations.end() ? nullptr : it->second.get();
  }
  Reservation* FindReservation(ReservationId id) {
    const auto it = reservations.find(id);
    return it == reservations.end() ? nullptr : it->second.get();
  }
};

}  // namespace quartermaster::stock

#endif  // QUARTERMASTER_SERVICES_STOCK_DOMAIN_STATE_H_
