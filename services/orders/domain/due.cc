#include "services/orders/domain/due.h"

namespace quartermaster::orders {

std::vector<Event> DecideDue(const State& state, Instant now) {
  if (state.due.empty() || state.due.begin()->at > now) return {};
  return {};
}

}  // namespace quartermaster::orders
