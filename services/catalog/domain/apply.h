// apply: (state, event) -> state. Total: it checks, it never refuses.
#ifndef QUARTERMASTER_SERVICES_CATALOG_DOMAIN_APPLY_H_
#define QUARTERMASTER_SERVICES_CATALOG_DOMAIN_APPLY_H_

#include "services/catalog/domain/events.h"
#include "services/catalog/domain/state.h"

namespace quartermaster::catalog {

// `position` is the event's own and becomes the version of what it changed. Ends the process for an
// event that no decide could have made: a position that does not grow, a pause of an unknown
// location, a value that is not canonical.
void Apply(State& state, const Event& event, Position position);

}  // namespace quartermaster::catalog

#endif  // QUARTERMASTER_SERVICES_CATALOG_DOMAIN_APPLY_H_
