// Rejections: why a command was refused, with what a caller needs to act on it. Each corresponds to
// one ErrorReason of the API; codec/errors.h has the table.
#ifndef QUARTERMASTER_SERVICES_ORDERS_DOMAIN_REJECTIONS_H_
#define QUARTERMASTER_SERVICES_ORDERS_DOMAIN_REJECTIONS_H_

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "services/base/quantity.h"
#include "services/base/time.h"

namespace quartermaster::orders {

struct OrderNotFound {
  std::string order_id;
  friend bool operator==(const OrderNotFound&, const OrderNotFound&) = default;
};

struct TaskNotFound {
  std::string task_id;
  friend bool operator==(const TaskNotFound&, const TaskNotFound&) = default;
};

// By its id, or "carrier number".
struct ParcelNotFound {
  std::string parcel;
  friend bool operator==(const ParcelNotFound&, const ParcelNotFound&) = default;
};

struct ReturnNotFound {
  std::string return_id;
  friend bool operator==(const ReturnNotFound&, const ReturnNotFound&) = default;
};

struct ExceptionNotFound {
  std::string exception_id;
  friend bool operator==(const ExceptionNotFound&, const ExceptionNotFound&) = default;
};

struct HoldNotFound {
  std::string hold_id;
  friend bool operator==(const HoldNotFound&, const HoldNotFound&) = default;
};

// The order has none of this id; or it is of another kind or payment.
struct PaymentIntentNotFound {
  std::string intent_id;
  friend bool operator==(const PaymentIntentNotFound&, const PaymentIntentNotFound&) = default;
};

// The payment's fact was told before, otherwise.
struct PaymentChanged {
  std::string event_ref;
  friend bool operator==(const PaymentChanged&, const PaymentChanged&) = default;
};

// The order's currency.
struct CurrencyMismatch {
  std::string currency_code;
  friend bool operator==(const CurrencyMismatch&, const CurrencyMismatch&) = default;
};

// The order has as many facts of payments as it may have.
struct TooManyPayments {
  friend bool operator==(const TooManyPayments&, const TooManyPayments&) = default;
};

// Its holds must end first.
struct OrderOnHold {
  std::string order_id;
  friend bool operator==(const OrderOnHold&, const OrderOnHold&) = default;
};

struct GroupNotFound {
  std::string group_id;
  friend bool operator==(const GroupNotFound&, const GroupNotFound&) = default;
};

// The personal data has been erased, for good.
struct SubjectGone {
  std::string order_id;
  friend bool operator==(const SubjectGone&, const SubjectGone&) = default;
};

struct LineNotFound {
  std::string line_id;
  friend bool operator==(const LineNotFound&, const LineNotFound&) = default;
};

struct QuantityExceedsOpen {
  std::string line_id;
  Quantity asked;
  Quantity open;
  friend bool operator==(const QuantityExceedsOpen&, const QuantityExceedsOpen&) = default;
};

// `open`: what was sold, less what is announced and what came back.
struct QuantityExceedsSold {
  std::string line_id;
  Quantity asked;
  Quantity open;
  friend bool operator==(const QuantityExceedsSold&, const QuantityExceedsSold&) = default;
};

// The catalog says that the line's item is not returnable.
struct ItemNotReturnable {
  std::string line_id;
  friend bool operator==(const ItemNotReturnable&, const ItemNotReturnable&) = default;
};

// `state` as the API spells it; `allowed`: the methods that this state does allow.
struct IllegalTransition {
  std::string state;
  std::vector<std::string> allowed;
  // Of ExtendPickup that the state would allow: so often it has been extended, as often as may be.
  std::optional<int> extensions = std::nullopt;
  friend bool operator==(const IllegalTransition&, const IllegalTransition&) = default;
};

struct PickupCodeWrong {
  // Before it is locked.
  int tries_left = 0;
  friend bool operator==(const PickupCodeWrong&, const PickupCodeWrong&) = default;
};

struct PickupCodeLocked {
  Instant until;
  friend bool operator==(const PickupCodeLocked&, const PickupCodeLocked&) = default;
};

// `order_id` has it.
struct ExternalIdReused {
  std::string order_id;
  friend bool operator==(const ExternalIdReused&, const ExternalIdReused&) = default;
};

// The order exists, made by the same request id from other content.
struct RequestIdReused {
  std::string order_id;
  friend bool operator==(const RequestIdReused&, const RequestIdReused&) = default;
};

// The natural key of a sale has been used with other content.
struct SaleKeyReused {
  std::string order_id;
  friend bool operator==(const SaleKeyReused&, const SaleKeyReused&) = default;
};

// The task has shipped otherwise: the parcel with another content, carrier or number; or all of it
// in other parcels.
struct ShipmentChanged {
  std::string task_id;
  friend bool operator==(const ShipmentChanged&, const ShipmentChanged&) = default;
};

struct HoldTooShort {
  Micros left;
  friend bool operator==(const HoldTooShort&, const HoldTooShort&) = default;
};

struct EtagMismatch {
  std::string current;
  friend bool operator==(const EtagMismatch&, const EtagMismatch&) = default;
};

// Of a saga's command, or an edit: its question is no longer open. Derive the intents, or plan,
// anew.
struct IntentStale {
  friend bool operator==(const IntentStale&, const IntentStale&) = default;
};

// Of a fact in a batch: its events do not fit behind those of the facts before it.
struct TooLarge {
  friend bool operator==(const TooLarge&, const TooLarge&) = default;
};

using Rejection =
    std::variant<OrderNotFound, TaskNotFound, ReturnNotFound, ExceptionNotFound, LineNotFound,
                 QuantityExceedsOpen, QuantityExceedsSold, IllegalTransition, PickupCodeWrong,
                 PickupCodeLocked, ExternalIdReused, RequestIdReused, SaleKeyReused,
                 ShipmentChanged, HoldTooShort, EtagMismatch, IntentStale, ItemNotReturnable,
                 TooLarge, ParcelNotFound, HoldNotFound, OrderOnHold, PaymentIntentNotFound,
                 PaymentChanged, CurrencyMismatch, TooManyPayments, GroupNotFound, SubjectGone>;

}  // namespace quartermaster::orders

#endif  // QUARTERMASTER_SERVICES_ORDERS_DOMAIN_REJECTIONS_H_
