#include "services/orders/domain/transitions.h"

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

std::string_view NameOf(Method method) {
  switch (method) {
    case Method::kShip:
      return "SHIP";
    case Method::kPickup:
      return "PICKUP";
    case Method::kCarryOut:
      return "CARRY_OUT";
  }
  return "";
}

std::string_view NameOf(TaskState state) {
  switch (state) {
    case TaskState::kCreated:
      return "CREATED";
    case TaskState::kAccepted:
      return "ACCEPTED";
    case TaskState::kPicked:
      return "PICKED";
    case TaskState::kPacked:
      return "PACKED";
    case TaskState::kShipped:
      return "SHIPPED";
    case TaskState::kReadyForPickup:
      return "READY_FOR_PICKUP";
    case TaskState::kHandedOver:
      return "HANDED_OVER";
    case TaskState::kRejected:
      return "REJECTED";
    case TaskState::kCancelled:
      return "CANCELLED";
  }
  return "";
}

std::string_view NameOf(TaskAction action) {
  switch (action) {
    case TaskAction::kAccept:
      return "AcceptTask";
    case TaskAction::kReject:
      return "RejectTask";
    case TaskAction::kPick:
      return "RecordPick";
    case TaskAction::kPack:
      return "PackTask";
    case TaskAction::kShip:
      return "RecordShipments";
    case TaskAction::kMarkReady:
      return "MarkReadyForPickup";
    case TaskAction::kHandOver:
      return "HandOver";
  }
  return "";
}

std::string_view NameOf(OrderState state) {
  switch (state) {
    case OrderState::kPending:
      return "PENDING";
    case OrderState::kOpen:
      return "OPEN";
    case OrderState::kAwaitingStock:
      return "AWAITING_STOCK";
    case OrderState::kCompleted:
      return "COMPLETED";
    case OrderState::kCancelled:
      return "CANCELLED";
  }
  return "";
}

std::string_view NameOf(Condition condition) {
  switch (condition) {
    case Condition::kSellable:
      return "SELLABLE";
    case Condition::kDamaged:
      return "DAMAGED";
    case Condition::kInspection:
      return "INSPECTION";
  }
  return "";
}

std::string_view NameOf(ReturnState state) {
  switch (state) {
    case ReturnState::kRequested:
      return "REQUESTED";
    case ReturnState::kReceived:
      return "RECEIVED";
    case ReturnState::kUnmatched:
      return "UNMATCHED";
  }
  return "";
}

std::string_view NameOf(ExceptionKind kind) {
  switch (kind) {
    case ExceptionKind::kAwaitingStock:
      return "AWAITING_STOCK";
    case ExceptionKind::kPickupUnfillable:
      return "PICKUP_UNFILLABLE";
    case ExceptionKind::kUnmatchedReturn:
      return "UNMATCHED_RETURN";
    case ExceptionKind::kShippedAfterCancel:
      return "SHIPPED_AFTER_CANCEL";
    case ExceptionKind::kUnknownItem:
      return "UNKNOWN_ITEM";
    case ExceptionKind::kStockConflict:
      return "STOCK_CONFLICT";
    case ExceptionKind::kReturnExceedsSold:
      return "RETURN_EXCEEDS_SOLD";
    case ExceptionKind::kPickConflict:
      return "PICK_CONFLICT";
    case ExceptionKind::kNotReturnable:
      return "NOT_RETURNABLE";
    case ExceptionKind::kStalled:
      return "STALLED";
  }
  return "";
}

}  // namespace quartermaster::orders
