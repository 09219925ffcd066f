// Stands: where the units of a reservation's flexible lines may be said to stand. Which of a
// class's units is whose cannot be said (ADR 0001): other reservations of the class may be shown
// the same, lines of one reservation never are.
#ifndef QUARTERMASTER_SERVICES_STOCK_DOMAIN_STANDS_H_
#define QUARTERMASTER_SERVICES_STOCK_DOMAIN_STANDS_H_

#include <utility>

#include "absl/container/flat_hash_map.h"
#include "services/base/quantity.h"
#include "services/stock/domain/ids.h"
#include "services/stock/domain/inventory.h"
#include "services/stock/domain/reservation.h"

namespace quartermaster::stock {

// Of one reservation. Both must outlive it.
class Stands {
 public:
  Stands(const Inventory& inventory, const Reservation& reservation)
      : inventory_(inventory), reservation_(reservation) {}

  // At as few locations of the line's lane as will do, the most first, less what was said of the
  // lines before it. Each line once, in their order; of one that is not flexible nothing.
  Placements Next(const ReservationLine& line);

 private:
  const Inventory& inventory_;
  const Reservation& reservation_;
  // Units that have been said, of what is asked for by more lines than one.
  absl::flat_hash_map<std::pair<SkuIndex, ClassIndex>, Quantity> said_;
};

}  // namespace quartermaster::stock

#endif  // QUARTERMASTER_SERVICES_STOCK_DOMAIN_STANDS_H_
