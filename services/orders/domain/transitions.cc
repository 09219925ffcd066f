#include "services/orders/domain/transitions.h"

namespace quartermaster::orders {

namespace {

using enum TaskState;
using enum TaskAction;
using enum ParcelAction;
using enum ReturnState;
using enum ReturnAction;
using enum AttemptState;
using enum AttemptAction;
using enum MoveKind;

constexpr Move<TaskState, TaskAction> kShipMoves[] = {
    {kNotYet, kCreate, kCreated, kConsequence},

    {kCreated, kAccept, kAccepted, kRequest},
    {kCreated, kReject, kRejected, kRequest},
    {kCreated, kPick, kPicked, kFact},
    {kCreated, kShip, kShipped, kFact},
    // The rest of it goes on.
    {kCreated, kShipPart, kAccepted, kFact},
    {kCreated, kCancel, kCancelled, kConsequence},

    {kAccepted, kReject, kRejected, kRequest},
    {kAccepted, kPick, kPicked, kFact},
    {kAccepted, kComplete, kShipped, kConsequence},
    {kAccepted, kShip, kShipped, kFact},
    {kAccepted, kShipPart, kAccepted, kFact},
    {kAccepted, kCancel, kCancelled, kConsequence},

    {kPicked, kReject, kRejected, kRequest},
    {kPicked, kPick, kPicked, kFact},
    {kPicked, kPack, kPacked, kRequest},
    {kPicked, kComplete, kShipped, kConsequence},
    {kPicked, kShip, kShipped, kFact},
    {kPicked, kShipPart, kPicked, kFact},
    {kPicked, kCancel, kCancelled, kConsequence},

    {kPacked, kReject, kRejected, kRequest},
    {kPacked, kPick, kPacked, kFact},
    {kPacked, kComplete, kShipped, kConsequence},
    {kPacked, kShip, kShipped, kFact},
    {kPacked, kShipPart, kPacked, kFact},
    {kPacked, kCancel, kCancelled, kConsequence},

    // The goods are where they are, whatever the task says.
    {kShipped, kPick, kShipped, kConflict},
    {kShipped, kShipPart, kShipped, kConflict},
    // If what was left of it had been cancelled.
    {kShipped, kShip, kShipped, kConflict},
    {kRejected, kPick, kRejected, kConflict},
    {kRejected, kShipPart, kShipped, kConflict},
    {kRejected, kShip, kShipped, kConflict},
    {kCancelled, kPick, kCancelled, kConflict},
    {kCancelled, kShipPart, kShipped, kConflict},
    {kCancelled, kShip, kShipped, kConflict},
};
constexpr TaskState kShipCourse[] = {kCreated, kAccepted, kPicked, kPacked, kShipped};
constexpr TaskTable kShipTable(kShipMoves, kShipCourse);
static_assert(kShipTable.IsUnambiguous());

constexpr Move<TaskState, TaskAction> kPickupMoves[] = {
    {kNotYet, kCreate, kCreated, kConsequence},

    {kCreated, kAccept, kAccepted, kRequest},
    {kCreated, kReject, kRejected, kRequest},
    {kCreated, kPick, kPicked, kFact},
    {kCreated, kCancel, kCancelled, kConsequence},

    {kAccepted, kReject, kRejected, kRequest},
    {kAccepted, kPick, kPicked, kFact},
    {kAccepted, kCancel, kCancelled, kConsequence},

    {kPicked, kReject, kRejected, kRequest},
    {kPicked, kPick, kPicked, kFact},
    {kPicked, kPack, kPacked, kRequest},
    {kPicked, kMarkReady, kReadyForPickup, kRequest},
    {kPicked, kCancel, kCancelled, kConsequence},

    {kPacked, kReject, kRejected, kRequest},
    {kPacked, kPick, kPacked, kFact},
    {kPacked, kMarkReady, kReadyForPickup, kRequest},
    {kPacked, kCancel, kCancelled, kConsequence},

    {kReadyForPickup, kPick, kReadyForPickup, kFact},
    // It needs the code, so that it can be refused. What it leaves stays at the counter.
    {kReadyForPickup, kHandOver, kReadyForPickup, kRequest},
    {kReadyForPickup, kExtend, kReadyForPickup, kRequest},
    {kReadyForPickup, kSetProxy, kReadyForPickup, kRequest},
    {kReadyForPickup, kExpire, kExpiring, kConsequence},
    {kReadyForPickup, kComplete, kHandedOver, kConsequence},
    {kReadyForPickup, kCancel, kCancelled, kConsequence},
    {kExpiring, kPick, kExpiring, kFact},
    // The customer may still have it. What is left stays with its deadline unchanged, which is
    // over: to be put back.
    {kExpiring, kHandOver, kExpiring, kRequest},
    {kExpiring, kExtend, kReadyForPickup, kRequest},
    {kExpiring, kSetProxy, kExpiring, kRequest},
    {kExpiring, kPutBack, kExpiring, kRequest},
    {kExpiring, kComplete, kHandedOver, kConsequence},
    {kExpiring, kCancel, kExpired, kConsequence},

    {kHandedOver, kPick, kHandedOver, kConflict},
    {kRejected, kPick, kRejected, kConflict},
    {kCancelled, kPick, kCancelled, kConflict},
    {kExpired, kPick, kExpired, kConflict},
};
constexpr TaskState kPickupCourse[] = {kCreated, kAccepted,       kPicked,
                                       kPacked,  kReadyForPickup, kHandedOver};
constexpr TaskTable kPickupTable(kPickupMoves, kPickupCourse);
static_assert(kPickupTable.IsUnambiguous());

using P = ParcelState;

// What carriers say, in whatever order it comes.
constexpr Move<P, ParcelAction> kParcelMoves[] = {
    {kNotYet, kLeave, P::kShipped, kFact},

    {P::kShipped, kDeliver, P::kDelivered, kFact},
    {P::kShipped, kRefuse, P::kRefused, kFact},
    {P::kShipped, kLose, P::kLost, kFact},
    {P::kShipped, kReturnToSender, P::kReturnedToSender, kFact},

    // It has been found.
    {P::kLost, kDeliver, P::kDelivered, kFact},
    {P::kLost, kRefuse, P::kRefused, kFact},
    {P::kLost, kReturnToSender, P::kReturnedToSender, kFact},

    {P::kRefused, kReturnToSender, P::kReturnedToSender, kFact},
    {P::kRefused, kLose, P::kLost, kFact},
    {P::kRefused, kDeliver, P::kDelivered, kConflict},

    {P::kReturnedToSender, kRefuse, P::kReturnedToSender, kFact},
    // It is back, or nearly.
    {P::kReturnedToSender, kLose, P::kReturnedToSender, kConflict},
    {P::kReturnedToSender, kDeliver, P::kDelivered, kConflict},

    // Who says it last is believed, but for what nobody can lose any more.
    {P::kDelivered, kRefuse, P::kRefused, kConflict},
    {P::kDelivered, kReturnToSender, P::kReturnedToSender, kConflict},
    {P::kDelivered, kLose, P::kDelivered, kConflict},
};
constexpr P kParcelCourse[] = {P::kShipped, P::kDelivered};
constexpr ParcelTable kParcelTable(kParcelMoves, kParcelCourse);
static_assert(kParcelTable.IsUnambiguous());

// A receipt of what has been received already is another return.
constexpr Move<ReturnState, ReturnAction> kReturnMoves[] = {
    {kNotYet, kAnnounce, kRequested, kRequest},
    {kNotYet, kReceive, kReceived, kFact},
    {kNotYet, kReceiveUnmatched, kUnmatched, kConflict},
    {kRequested, kReceive, kReceived, kFact},
    {kRequested, kSupersede, kReceived, kConsequence},
    {kUnmatched, kMatch, kMatched, kRequest},
    {kReceived, kInspect, kReceived, kRequest},
    {kUnmatched, kInspect, kUnmatched, kRequest},
};
constexpr ReturnState kReturnCourse[] = {kRequested, kReceived};
constexpr ReturnTable kReturnTable(kReturnMoves, kReturnCourse);
static_assert(kReturnTable.IsUnambiguous());

constexpr Move<AttemptState, AttemptAction> kAttemptMoves[] = {
    {kNotYet, kRoute, kConfirming, kConsequence},
    {kConfirming, kConfirm, kConfirmed, kFact},
    {kConfirming, kFail, kFailed, kFact},
};
constexpr AttemptState kAttemptCourse[] = {kConfirming, kConfirmed};
constexpr AttemptTable kAttemptTable(kAttemptMoves, kAttemptCourse);
static_assert(kAttemptTable.IsUnambiguous());

template <typename Action>
std::vector<std::string> NamesOf(const std::vector<Action>& actions) {
  std::vector<std::string> names;
  names.reserve(actions.size());
  for (const Action action : actions) names.emplace_back(NameOf(action));
  return names;
}

}  // namespace

const TaskTable& TaskMoves(Method method) {
  return method == Method::kPickup ? kPickupTable : kShipTable;
}

const ParcelTable& ParcelMoves() { return kParcelTable; }

const ReturnTable& ReturnMoves() { return kReturnTable; }

const AttemptTable& AttemptMoves() { return kAttemptTable; }

std::vector<std::string> AllowedMethods(Method method, TaskState from) {
  std::vector<TaskAction> allowed = TaskMoves(method).Allowed(from);
  // It is a way to use a method that is named beside it.
  std::erase(allowed, kShipPart);
  return NamesOf(allowed);
}

std::vector<std::string> AllowedMethods(ReturnState from) {
  return NamesOf(ReturnMoves().Allowed(from));
}

ParcelAction ActionOf(ParcelState told) {
  switch (told) {
    case ParcelState::kShipped:
      return ParcelAction::kLeave;
    case ParcelState::kDelivered:
      return ParcelAction::kDeliver;
    case ParcelState::kRefused:
      return ParcelAction::kRefuse;
    case ParcelState::kLost:
      return ParcelAction::kLose;
    case ParcelState::kReturnedToSender:
      return ParcelAction::kReturnToSender;
  }
  return ParcelAction::kLeave;
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
    case TaskState::kExpiring:
      return "EXPIRING";
    case TaskState::kExpired:
      return "EXPIRED";
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
    case TaskAction::kShipPart:
      return "RecordShipments of a part";
    case TaskAction::kMarkReady:
      return "MarkReadyForPickup";
    case TaskAction::kExtend:
      return "ExtendPickup";
    case TaskAction::kHandOver:
      return "HandOver";
    case TaskAction::kPutBack:
      return "PutBack";
    case TaskAction::kSetProxy:
      return "SetPickupProxy";
    case TaskAction::kCreate:
      return "its attempt is confirmed";
    case TaskAction::kExpire:
      return "its time at the counter is over";
    case TaskAction::kComplete:
      return "no unit is left, some have gone";
    case TaskAction::kCancel:
      return "no unit is left";
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
    case OrderState::kBackordered:
      return "BACKORDERED";
    case OrderState::kOnHold:
      return "ON_HOLD";
  }
  return "";
}

std::string_view NameOf(ParcelState state) {
  switch (state) {
    case ParcelState::kShipped:
      return "SHIPPED";
    case ParcelState::kDelivered:
      return "DELIVERED";
    case ParcelState::kRefused:
      return "REFUSED";
    case ParcelState::kLost:
      return "LOST";
    case ParcelState::kReturnedToSender:
      return "RETURNED_TO_SENDER";
  }
  return "";
}

std::string_view NameOf(ParcelAction action) {
  switch (action) {
    case ParcelAction::kLeave:
      return "RecordShipments";
    case ParcelAction::kDeliver:
      return "RecordDeliveries of DELIVERED";
    case ParcelAction::kRefuse:
      return "RecordDeliveries of REFUSED";
    case ParcelAction::kLose:
      return "RecordDeliveries of LOST";
    case ParcelAction::kReturnToSender:
      return "RecordDeliveries of RETURNED_TO_SENDER";
  }
  return "";
}

std::string_view NameOf(UnitsEffect effect) {
  switch (effect) {
    case UnitsEffect::kUsual:
      return "USUAL";
    case UnitsEffect::kAvailable:
      return "AVAILABLE";
    case UnitsEffect::kSuspect:
      return "SUSPECT";
  }
  return "";
}

std::string_view NameOf(OrderEffect effect) {
  switch (effect) {
    case OrderEffect::kUsual:
      return "USUAL";
    case OrderEffect::kReroute:
      return "REROUTE";
    case OrderEffect::kAsk:
      return "ASK";
  }
  return "";
}

std::string_view NameOf(HoldKind kind) {
  switch (kind) {
    case HoldKind::kPayment:
      return "PAYMENT";
    case HoldKind::kFraud:
      return "FRAUD";
    case HoldKind::kAddress:
      return "ADDRESS";
    case HoldKind::kManual:
      return "MANUAL";
  }
  return "";
}

std::string_view NameOf(HoldState state) {
  switch (state) {
    case HoldState::kOpen:
      return "OPEN";
    case HoldState::kReleased:
      return "RELEASED";
    case HoldState::kExpired:
      return "EXPIRED";
  }
  return "";
}

std::string_view NameOf(PaymentTerm term) {
  switch (term) {
    case PaymentTerm::kNone:
      return "";
    case PaymentTerm::kAuthorised:
      return "AUTHORISED";
    case PaymentTerm::kAsynchronous:
      return "ASYNCHRONOUS";
    case PaymentTerm::kOnDelivery:
      return "ON_DELIVERY";
    case PaymentTerm::kAtPickup:
      return "AT_PICKUP";
    case PaymentTerm::kInvoice:
      return "INVOICE";
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
    case ReturnState::kMatched:
      return "MATCHED";
  }
  return "";
}

std::string_view NameOf(ReturnAction action) {
  switch (action) {
    case ReturnAction::kAnnounce:
      return "RequestReturn";
    case ReturnAction::kReceive:
      return "ReceiveReturn";
    case ReturnAction::kReceiveUnmatched:
      return "ReceiveReturn of what is no order's";
    case ReturnAction::kSupersede:
      return "all of it came with another return";
    case ReturnAction::kMatch:
      return "MatchReturn";
    case ReturnAction::kInspect:
      return "InspectReturn";
  }
  return "";
}

std::string_view NameOf(AttemptState state) {
  switch (state) {
    case AttemptState::kConfirming:
      return "CONFIRMING";
    case AttemptState::kConfirmed:
      return "CONFIRMED";
    case AttemptState::kFailed:
      return "FAILED";
  }
  return "";
}

std::string_view NameOf(AttemptAction action) {
  switch (action) {
    case AttemptAction::kRoute:
      return "the order is routed";
    case AttemptAction::kConfirm:
      return "stock confirms";
    case AttemptAction::kFail:
      return "stock refuses";
  }
  return "";
}

std::string_view NameOf(MoveKind kind) {
  switch (kind) {
    case MoveKind::kRequest:
      return "request";
    case MoveKind::kFact:
      return "fact";
    case MoveKind::kConflict:
      return "conflict";
    case MoveKind::kConsequence:
      return "consequence";
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
    case ExceptionKind::kParcelLost:
      return "PARCEL_LOST";
    case ExceptionKind::kParcelConflict:
      return "PARCEL_CONFLICT";
    case ExceptionKind::kShippedOnHold:
      return "SHIPPED_ON_HOLD";
    case ExceptionKind::kPaymentConflict:
      return "PAYMENT_CONFLICT";
    case ExceptionKind::kPaymentFailed:
      return "PAYMENT_FAILED";
    case ExceptionKind::kPaymentShort:
      return "PAYMENT_SHORT";
    case ExceptionKind::kCardNumber:
      return "CARD_NUMBER";
  }
  return "";
}

}  // namespace quartermaster::orders
