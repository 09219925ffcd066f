// State: everything that stock decides on. A function of the log: apply.h is its only writer, but
// for the queue of deadlines, an index that expiry.h takes from.
#ifndef QUARTERMASTER_SERVICES_STOCK_DOMAIN_STATE_H_
#define QUARTERMASTER_SERVICES_STOCK_DOMAIN_STATE_H_

#include <cstdint>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "services/stock/domain/expiry_queue.h"
#include "services/stock/domain/holds_by_owner.h"
#include "services/stock/domain/ids.h"
#include "services/stock/domain/inventory.h"
#include "services/stock/domain/reservation_table.h"

namespace quartermaster::stock {

// The inventory, and what has been promised of it. Not thread-safe.
struct State : Inventory {
  // Ended ones too.
  ReservationTable reservations;
  HoldsByOwner holds;
  // Has every open hold's deadline; stale ones too.
  ExpiryQueue expiries;

  // Effects that happened, with the fingerprint of their content. Kept for ever.
  absl::flat_hash_map<std::string, uint64_t> effects;

  // nullptr if there is none.
  const Reservation* FindReservation(ReservationId id) const { return reservations.Find(id); }
  Reservation* FindReservation(ReservationId id) { return reservations.Find(id); }
};

}  // namespace quartermaster::stock

#endif  // QUARTERMASTER_SERVICES_STOCK_DOMAIN_STATE_H_
