// SkuChain: the open reservations that have lines of a SKU, the newest first.
//
//   SkuChain chain(state, sku);
//   while (const Reservation* r = chain.Next()) ...
#ifndef QUARTERMASTER_SERVICES_STOCK_DOMAIN_SKU_CHAIN_H_
#define QUARTERMASTER_SERVICES_STOCK_DOMAIN_SKU_CHAIN_H_

#include <algorithm>
#include <utility>

#include "services/stock/domain/ids.h"
#include "services/stock/domain/reservation.h"
#include "services/stock/domain/state.h"

namespace quartermaster::stock {

// A walk along the links (ReservationLine::older) that begin at SkuPositions::newest. Those that
// have ended are unlinked on the way, each once: who holds, and who ends, touches no other
// reservation. The state must not change otherwise meanwhile.
class SkuChain {
 public:
  SkuChain(State& state, SkuIndex sku)
      : state_(state), sku_(sku), link_(&state.positions.Of(sku).newest) {}

  // nullptr behind the last.
  const Reservation* Next() {
    while (*link_ != ReservationId::kNone) {
      Reservation& r = *state_.FindReservation(*link_);
      ReservationId& older =
          std::find_if(r.lines.begin(), r.lines.end(), [this](const ReservationLine& line) {
            return line.sku == sku_;
          })->older;
      if (IsOpen(r.state)) {
        link_ = &older;
        return &r;
      }
      *link_ = std::exchange(older, kUnlinked);
    }
    return nullptr;
  }

 private:
  State& state_;
  const SkuIndex sku_;
  // What names the next one.
  ReservationId* link_;
};

}  // namespace quartermaster::stock

#endif  // QUARTERMASTER_SERVICES_STOCK_DOMAIN_SKU_CHAIN_H_
