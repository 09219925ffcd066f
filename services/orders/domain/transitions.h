// The state machines of tasks, parcels, returns and routing attempts, as tables: Decide and Apply
// go by them, and services/orders/STATES.md shows them. An order has none: its state follows from
// those of its lines (derived_state.h).
//
//   TaskMoves(Method::kShip).Next(TaskState::kPicked, TaskAction::kPack)  -> kPacked
//   TaskMoves(Method::kShip).Next(TaskState::kShipped, TaskAction::kPack) -> nothing: illegal
#ifndef QUARTERMASTER_SERVICES_ORDERS_DOMAIN_TRANSITIONS_H_
#define QUARTERMASTER_SERVICES_ORDERS_DOMAIN_TRANSITIONS_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "services/orders/domain/state.h"
#include "services/orders/domain/state_table.h"

namespace quartermaster::orders {

// The methods of the API first.
enum class TaskAction : uint8_t {
  kAccept,
  kReject,
  kPick,
  kPack,
  kShip,
  // By a parcel that leaves something in the task.
  kShipPart,
  kMarkReady,
  kExtend,
  kHandOver,
  kPutBack,
  kSetProxy,
  // Its attempt has been confirmed.
  kCreate,
  // Nobody fetched it in time.
  kExpire,
  // Nothing is open any more, of a task of which something has gone, or of one of which nothing
  // has: all was cancelled, refused or missing.
  kComplete,
  kCancel,
};

enum class ParcelAction : uint8_t { kLeave, kDeliver, kRefuse, kLose, kReturnToSender };

enum class ReturnAction : uint8_t {
  kAnnounce,
  kReceive,
  // Of goods that are no order's.
  kReceiveUnmatched,
  // All that was announced came with another return.
  kSupersede,
  // It is an order's after all.
  kMatch,
  // Somebody has looked at some of it.
  kInspect,
};

enum class AttemptAction : uint8_t { kRoute, kConfirm, kFail };

using TaskTable = StateTable<TaskState, TaskAction>;
using ParcelTable = StateTable<ParcelState, ParcelAction>;
using ReturnTable = StateTable<ReturnState, ReturnAction>;
using AttemptTable = StateTable<AttemptState, AttemptAction>;

// kShip or kPickup: nobody has a task to carry out.
const TaskTable& TaskMoves(Method method);
const ParcelTable& ParcelMoves();
const ReturnTable& ReturnMoves();
const AttemptTable& AttemptMoves();

// The API methods that the state allows, in the order of the enum; for IllegalTransition.
std::vector<std::string> AllowedMethods(Method method, TaskState from);
std::vector<std::string> AllowedMethods(ReturnState from);

// What leads to the state, as a carrier tells it.
ParcelAction ActionOf(ParcelState told);

// As the API spells them: "READY_FOR_PICKUP", "MarkReadyForPickup", "AWAITING_STOCK", "RECEIVED".
// Empty for a number that is no value: so it is told what may be stored (codec/from_wire.cc). An
// action that is no method of the API has a few words.
std::string_view NameOf(Method method);
std::string_view NameOf(TaskState state);
std::string_view NameOf(TaskAction action);
std::string_view NameOf(OrderState state);
std::string_view NameOf(ParcelState state);
std::string_view NameOf(ParcelAction action);
std::string_view NameOf(UnitsEffect effect);
std::string_view NameOf(OrderEffect effect);
std::string_view NameOf(HoldKind kind);
std::string_view NameOf(HoldState state);
std::string_view NameOf(PaymentTerm term);  // "" for kNone
std::string_view NameOf(Condition condition);
std::string_view NameOf(ReturnState state);
std::string_view NameOf(ReturnAction action);
std::string_view NameOf(AttemptState state);
std::string_view NameOf(AttemptAction action);
std::string_view NameOf(MoveKind kind);
std::string_view NameOf(ExceptionKind kind);

}  // namespace quartermaster::orders

#endif  // QUARTERMASTER_SERVICES_ORDERS_DOMAIN_TRANSITIONS_H_
