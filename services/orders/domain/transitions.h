// The state machine of tasks, as a table. An order has none of its own: its state follows from the
// quantities of its lines (StateOf in state.h).
//
//   NextState(Method::kShip, TaskState::kPicked, TaskAction::kPack)  -> kPacked
//   NextState(Method::kShip, TaskState::kShipped, TaskAction::kPack) -> nothing: illegal
#ifndef QUARTERMASTER_SERVICES_ORDERS_DOMAIN_TRANSITIONS_H_
#define QUARTERMASTER_SERVICES_ORDERS_DOMAIN_TRANSITIONS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "services/orders/domain/state.h"

namespace quartermaster::orders {

enum class TaskAction : uint8_t {
  kAccept,
  kReject,
  kPick,
  kPack,
  kShip,
  kMarkReady,
  kHandOver,
};

// The state that the action leads to. Empty if it is illegal there. Facts (pick, ship) skip over
// the states before them. A hand-over leads to HANDED_OVER only when it leaves nothing at the
// counter; a pick that finds nothing ends the task. A shipment of a task that was cancelled or
// rejected is recorded as well, but is not a move of this table.
std::optional<TaskState> NextState(Method method, TaskState from, TaskAction action);

// The API methods that the state allows, in the order of the enum; for IllegalTransition.
std::vector<std::string> AllowedMethods(Method method, TaskState from);

// As the API spells them: "READY_FOR_PICKUP", "MarkReadyForPickup", "AWAITING_STOCK", "RECEIVED".
// Empty for a number that is no value: so it is told what may be stored (codec/from_wire.cc).
std::string_view NameOf(Method method);
std::string_view NameOf(TaskState state);
std::string_view NameOf(TaskAction action);
std::string_view NameOf(OrderState state);
std::string_view NameOf(Condition condition);
std::string_view NameOf(ReturnState state);
std::string_view NameOf(ExceptionKind kind);

}  // namespace quartermaster::orders

#endif  // QUARTERMASTER_SERVICES_ORDERS_DOMAIN_TRANSITIONS_H_
