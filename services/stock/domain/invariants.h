// Invariants: the conservation rules, checked from scratch. For tests and simulation: it walks
// everything.
#ifndef QUARTERMASTER_SERVICES_STOCK_DOMAIN_INVARIANTS_H_
#define QUARTERMASTER_SERVICES_STOCK_DOMAIN_INVARIANTS_H_

#include <string>
#include <vector>

#include "services/stock/domain/state.h"

namespace quartermaster::stock {

// What does not hold, a sentence each that names the key; empty if all is well:
// reserved = sum of open holds, allocated = sum of open confirmed reservations (per position);
// each line's quantity = open + fulfilled + released + missing + in transit + waiting; an ended
// reservation has nothing open; flexible lines have as many units open as stand in their lanes, at
// locations of their class, and none is short that could stand elsewhere; as many units are
// uncovered as are short, and all of them open; every owner's open hold is indexed, and nothing
// else; every open hold has its deadline in the queue; no balance but on hand is negative; unusable
// = sum of conditions, none negative.
std::vector<std::string> FindBrokenInvariants(const State& state);

}  // namespace quartermaster::stock

#endif  // QUARTERMASTER_SERVICES_STOCK_DOMAIN_INVARIANTS_H_
