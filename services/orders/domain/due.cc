#include "services/orders/domain/due.h"

#include "services/orders/domain/decide_holds.h"
#include "services/orders/domain/pickups.h"

namespace quartermaster::orders {

std::vector<Event> DecideDue(const State& state, Instant now) {
  if (state.due.empty() || state.due.begin()->at > now) return {};
  const Due& due = *state.due.begin();
  switch (due.kind) {
    case DueKind::kPickupReminder:
      return RemindOfPickup(state, due, now);
    case DueKind::kPickupEnd:
      return EndPickup(state, due, now);
    case DueKind::kPickupGiveUp:
      return GiveUpPickup(state, due, now);
    case DueKind::kHoldEnd:
      return DecideHoldEnd(state, due, now);
  }
  return {};
}

}  // namespace quartermaster::orders
