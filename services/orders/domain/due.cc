#include "services/orders/domain/due.h"

#include "services/orders/domain/decide_holds.h"

namespace quartermaster::orders {

std::vector<Event> DecideDue(const State& state, Instant now) {
  if (state.due.empty() || state.due.begin()->at > now) return {};
  const Due& due = *state.due.begin();
  switch (due.kind) {
    case DueKind::kHoldEnd:
      return DecideHoldEnd(state, due, now);
    case DueKind::kPickupReminder:
    case DueKind::kPickupEnd:
    case DueKind::kPickupGiveUp:
      break;
  }
  return {};
}

}  // namespace quartermaster::orders
