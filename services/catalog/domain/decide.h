// decide: (state, command) -> events and the outcome. Pure: no clock, no file, no network.
//
//   Decision decision = Decide(state, PutItems{{item}, attribution});
//   for (const Event& event : decision.events) Apply(state, event, ++position);
#ifndef QUARTERMASTER_SERVICES_CATALOG_DOMAIN_DECIDE_H_
#define QUARTERMASTER_SERVICES_CATALOG_DOMAIN_DECIDE_H_

#include <vector>

#include "services/catalog/domain/commands.h"
#include "services/catalog/domain/events.h"
#include "services/catalog/domain/outcome.h"
#include "services/catalog/domain/state.h"

namespace quartermaster::catalog {

struct Decision {
  // To be applied in this order. Empty if nothing changed.
  std::vector<Event> events;
  // Complete but for PauseOutcome::location, which is known once the event has its position.
  Outcome outcome;
};

// Decides each item or location of a batch on its own, as if the ones before it had been applied:
//  1. every field that breaks its rule is a violation, and the entry is refused;
//  2. an existing item keeps its base unit and scale: a change is a violation, because every
//     quantity in the log is counted in them;
//  3. what equals the newest version is unchanged, and no event.
// PauseLocation: kLocationNotFound; else one event if it changes anything.
Decision Decide(const State& state, const Command& command);

}  // namespace quartermaster::catalog

#endif  // QUARTERMASTER_SERVICES_CATALOG_DOMAIN_DECIDE_H_
