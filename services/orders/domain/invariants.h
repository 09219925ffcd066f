// Invariants: what is true of the state after every event. Called by tests and by simulation; `qm
// verify` has books of its own.
#ifndef QUARTERMASTER_SERVICES_ORDERS_DOMAIN_INVARIANTS_H_
#define QUARTERMASTER_SERVICES_ORDERS_DOMAIN_INVARIANTS_H_

#include <string>
#include <vector>

#include "services/orders/domain/state.h"

namespace quartermaster::orders {

// One sentence per violation, each naming the order and the line; empty if all is well. Of the
// order: its lines add up (state.h), agree with its tasks, attempts and returns, every unit that
// was held is in a task, gone or given back, no ended task has open units, nothing awaits stock
// without an open exception, and what is open has an intent.
std::vector<std::string> CheckOrder(const State& state, const Order& order);

// Every order, the exception queue and the indexes.
std::vector<std::string> CheckState(const State& state);

}  // namespace quartermaster::orders

#endif  // QUARTERMASTER_SERVICES_ORDERS_DOMAIN_INVARIANTS_H_
