#include "services/orders/domain/transitions.h"

#include <array>

namespace quartermaster::orders {

namespace {

struct Transition {
  Method method;
  TaskState from;
  TaskAction action;
  TaskState to;
};

using enum TaskState;
using enum TaskAction;

// All that is legal; what is not here is not.
constexpr Transition kTransitions[] = {
    {Method::kShip, kCreated, kAccept, kAccepted},
    {Method::kShip, kCreated, kReject, kRejected},
    {Method::kShip, kCreated, kPick, kPicked},
    {Method::kShip, kCreated, kShip, kShipped},
    {Method::kShip, kAccepted, kReject, kRejected},
    {Method::kShip, kAccepted, kPick, kPicked},
    {Method::kShip, kAccepted, kShip, kShipped},
    {Method::kShip, kPicked, kReject, kRejected},
    {Method::kShip, kPicked, kPick, kPicked},
    {Method::kShip, kPicked, kPack, kPacked},
    {Method::kShip, kPicked, kShip, kShipped},
    {Method::kShip, kPacked, kReject, kRejected},
    {Method::kShip, kPacked, kPick, kPacked},
    {Method::kShip, kPacked, kShip, kShipped},

    {Method::kPickup, kCreated, kAccept, kAccepted},
    {Method::kPickup, kCreated, kReject, kRejected},
    {Method::kPickup, kCreated, kPick, kPicked},
    {Method::kPickup, kAccepted, kReject, kRejected},
    {Method::kPickup, kAccepted, kPick, kPicked},
    {Method::kPickup, kPicked, kReject, kRejected},
    {Method::kPickup, kPicked, kPick, kPicked},
    {Method::kPickup, kPicked, kPack, kPacked},
    {Method::kPickup, kPicked, kMarkReady, kReadyForPickup},
    {Method::kPickup, kPacked, kReject, kRejected},
    {Method::kPickup, kPacked, kPick, kPacked},
    {Method::kPickup, kPacked, kMarkReady, kReadyForPickup},
    {Method::kPickup, kReadyForPickup, kPick, kReadyForPickup},
    {Method::kPickup, kReadyForPickup, kHandOver, kHandedOver},
};

// By the numbers of the enums, from 1 (kActionNames: from 0).
constexpr std::array<std::string_view, 10> kTaskStateNames = {
    "STATE_UNSPECIFIED", "CREATED",          "ACCEPTED",    "PICKED",   "PACKED",
    "SHIPPED",           "READY_FOR_PICKUP", "HANDED_OVER", "REJECTED", "CANCELLED"};
constexpr std::array<std::string_view, 7> kActionNames = {
    "AcceptTask",      "RejectTask",         "RecordPick", "PackTask",
    "RecordShipments", "MarkReadyForPickup", "HandOver"};
constexpr std::array<std::string_view, 6> kOrderStateNames = {
    "STATE_UNSPECIFIED", "PENDING", "OPEN", "AWAITING_STOCK", "COMPLETED", "CANCELLED"};
constexpr std::array<std::string_view, 4> kReturnStateNames = {"STATE_UNSPECIFIED", "REQUESTED",
                                                               "RECEIVED", "UNMATCHED"};
constexpr std::array<std::string_view, 11> kExceptionKindNames = {"KIND_UNSPECIFIED",
                                                                  "AWAITING_STOCK",
                                                                  "PICKUP_UNFILLABLE",
                                                                  "UNMATCHED_RETURN",
                                                                  "SHIPPED_AFTER_CANCEL",
                                                                  "UNKNOWN_ITEM",
                                                                  "STOCK_CONFLICT",
                                                                  "RETURN_EXCEEDS_SOLD",
                                                                  "PICK_CONFLICT",
                                                                  "NOT_RETURNABLE",
                                                                  "STALLED"};

}  // namespace

std::optional<TaskState> NextState(Method method, TaskState from, TaskAction action) {
  for (const Transition& t : kTransitions) {
    if (t.method == method && t.from == from && t.action == action) return t.to;
  }
  return std::nullopt;
}

std::vector<std::string> AllowedMethods(Method method, TaskState from) {
  std::vector<std::string> methods;
  for (const Transition& t : kTransitions) {
    if (t.method == method && t.from == from) methods.emplace_back(NameOf(t.action));
  }
  return methods;
}

std::string_view NameOf(TaskState state) { return kTaskStateNames[static_cast<size_t>(state)]; }
std::string_view NameOf(TaskAction action) { return kActionNames[static_cast<size_t>(action)]; }
std::string_view NameOf(OrderState state) { return kOrderStateNames[static_cast<size_t>(state)]; }
std::string_view NameOf(ReturnState state) { return kReturnStateNames[static_cast<size_t>(state)]; }
std::string_view NameOf(ExceptionKind kind) {
  return kExceptionKindNames[static_cast<size_t>(kind)];
}

}  // namespace quartermaster::orders
