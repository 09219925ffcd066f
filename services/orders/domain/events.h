// Events: what has happened to orders. The only input of Apply, and the only content of the log.
//
// Lines, assignments and task lines are indexes into their order's, attempt's and task's vectors;
// attempts, tasks, parcels, holds, payments and intents are numbers from 1. Every event names its
// order; only what concerns an unmatched return or a policy has none. No event holds personal data
// or free text.
#ifndef QUARTERMASTER_SERVICES_ORDERS_DOMAIN_EVENTS_H_
#define QUARTERMASTER_SERVICES_ORDERS_DOMAIN_EVENTS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "services/base/fingerprint.h"
#include "services/base/quantity.h"
#include "services/base/time.h"
#include "services/orders/domain/amounts.h"
#include "services/orders/domain/fulfilment_policy.h"
#include "services/orders/domain/payment.h"
#include "services/orders/domain/state.h"
#include "services/orders/domain/types.h"

namespace quartermaster::orders {

// A line as it was ordered.
struct PlacedLine {
  std::string line_id;
  uint32_t group = 0;
  std::string sku;
  Quantity quantity;
  std::optional<Money> unit_price;
  // What cannot be served waits for stock to come.
  bool backorder = false;
  // Of this quantity. All lines of an order have them, or none.
  std::optional<LineAmounts> amounts;
  friend bool operator==(const PlacedLine&, const PlacedLine&) = default;
};

// The point of no return. Followed by its OrderRouted, by the RoutingFailed of what is to wait for
// stock, or by both; and by the OrderHeld of each hold that it was placed with.
struct OrderPlaced {
  std::string order_id;
  std::string channel_id;
  std::string external_id;
  std::string customer_ref;
  Fingerprint content;
  std::vector<Group> groups;
  std::vector<PlacedLine> lines;
  Attribution attribution;
  std::optional<Amounts> amounts;
  friend bool operator==(const OrderPlaced&, const OrderPlaced&) = default;
};

// One line's units at one location, held in stock.
struct PlannedUnits {
  uint32_t line = 0;
  std::string location_id;
  Quantity quantity;
  friend bool operator==(const PlannedUnits&, const PlannedUnits&) = default;
};

// A routing decision whose units are held. What was to be routed and is not in it stays so.
struct OrderRouted {
  std::string order_id;
  int attempt = 0;
  std::string reservation_id;
  Instant expires_at;
  std::vector<PlannedUnits> assignments;
  // The plan with its explanation, as routing serialised it.
  std::string plan;
  friend bool operator==(const OrderRouted&, const OrderRouted&) = default;
};

// These units of lines could not be routed: they await stock; those of lines that wished so,
// without troubling anybody.
struct RoutingFailed {
  std::string order_id;
  std::vector<Units> lines;
  // The name of the ErrorReason that a peer refused with; empty: there was not enough.
  std::string reason;
  friend bool operator==(const RoutingFailed&, const RoutingFailed&) = default;
};

// A person asked to route again what awaits stock: all of it, but for what is back-ordered. Every
// location may be asked again.
struct RerouteRequested {
  std::string order_id;
  Attribution attribution;
  friend bool operator==(const RerouteRequested&, const RerouteRequested&) = default;
};

// Back-ordered units are to be routed: stock has come, or a person asked for it.
struct BackorderReleased {
  std::string order_id;
  std::vector<Units> lines;  // of the order
  Attribution attribution;
  friend bool operator==(const BackorderReleased&, const BackorderReleased&) = default;
};

// The attempt's hold is an allocation. Unless the order is on hold, its tasks follow as
// TaskCreated, what is carried out as UnitsCarriedOut; dropped units are given back.
struct StockConfirmed {
  std::string order_id;
  int attempt = 0;
  // Another one than was held, if the hold had expired and was held again.
  std::string reservation_id;
  friend bool operator==(const StockConfirmed&, const StockConfirmed&) = default;
};

// Stock cannot give what it held: the attempt's units await stock.
struct StockConfirmFailed {
  std::string order_id;
  int attempt = 0;
  // The ErrorReason's name: "INSUFFICIENT_STOCK".
  std::string reason;
  friend bool operator==(const StockConfirmFailed&, const StockConfirmFailed&) = default;
};

// Units of the attempt's assignments (`index`) left with the customer at once.
struct UnitsCarriedOut {
  std::string order_id;
  int attempt = 0;
  std::vector<Units> assignments;
  friend bool operator==(const UnitsCarriedOut&, const UnitsCarriedOut&) = default;
};

// Work for a location: units of the attempt's assignments (`index`).
struct TaskCreated {
  std::string order_id;
  int task = 0;
  int attempt = 0;
  uint32_t group = 0;
  std::string location_id;
  std::vector<Units> assignments;
  friend bool operator==(const TaskCreated&, const TaskCreated&) = default;
};

struct TaskAccepted {
  std::string order_id;
  int task = 0;
  Attribution attribution;
  friend bool operator==(const TaskAccepted&, const TaskAccepted&) = default;
};

// All open units leave the task and are given back to stock.
struct TaskRejected {
  std::string order_id;
  int task = 0;
  // They are routed again; else they await a person.
  bool reroute = false;
  Attribution attribution;
  // Nobody knows where they are.
  bool suspect = false;
  // The location may be asked again for what ships.
  bool keep_location = false;
  friend bool operator==(const TaskRejected&, const TaskRejected&) = default;
};

struct PickedUnits {
  uint32_t index = 0;  // of the task's line
  // In all, and newly found short.
  Quantity picked;
  Quantity missing;
  // The missing ones are there all the same.
  bool available = false;
  // They await a person, although the event says that others do not.
  bool awaiting = false;
  std::string reason_code;
  friend bool operator==(const PickedUnits&, const PickedUnits&) = default;
};

// Lines that are not named are picked in full.
struct TaskPicked {
  std::string order_id;
  int task = 0;
  std::vector<PickedUnits> lines;
  // The missing ones are routed again; else they await a person.
  bool reroute = false;
  Attribution attribution;
  // The location may be asked again for what ships.
  bool keep_location = false;
  friend bool operator==(const TaskPicked&, const TaskPicked&) = default;
};

struct TaskPacked {
  std::string order_id;
  int task = 0;
  Attribution attribution;
  friend bool operator==(const TaskPacked&, const TaskPacked&) = default;
};

// Open units left in a parcel; steps that were skipped count as done.
struct TaskShipped {
  std::string order_id;
  int task = 0;
  std::string carrier;
  std::string tracking_number;
  Attribution attribution;
  // Of the task's lines (`index`). Empty: all that they had open.
  std::vector<Units> lines;
  // The warehouse's name of the parcel.
  std::string parcel_key;
  // When it left, if it was told.
  std::optional<Instant> business_time;
  friend bool operator==(const TaskShipped&, const TaskShipped&) = default;
};

struct LateUnits {
  uint32_t index = 0;  // of the task's line
  Quantity quantity;
  // Of these, how many the order had as cancelled and has as fulfilled from now on.
  Quantity counted;
  // Beside these: had been looked for in vain.
  Quantity found;
  friend bool operator==(const LateUnits&, const LateUnits&) = default;
};

// Units were shipped although they had been cancelled, or their task rejected. In a parcel of its
// own; or, behind a TaskShipped of the same parcel, in that one.
struct TaskShippedLate {
  std::string order_id;
  int task = 0;
  std::vector<LateUnits> lines;
  std::string carrier;
  std::string tracking_number;
  Attribution attribution;
  std::string parcel_key;
  std::optional<Instant> business_time;
  friend bool operator==(const TaskShippedLate&, const TaskShippedLate&) = default;
};

struct PickupReady {
  std::string order_id;
  int task = 0;
  std::string code_hmac;
  Attribution attribution;
  // Until when it is kept; kDistantFuture: for ever.
  Instant expires_at = kDistantFuture;
  // When the customer is reminded; kDistantFuture: never.
  Instant remind_at = kDistantFuture;
  friend bool operator==(const PickupReady&, const PickupReady&) = default;
};

// Someone came with a wrong code.
struct PickupCodeFailed {
  std::string order_id;
  int task = 0;
  // No code is looked at before this moment; kDistantPast if it is not locked.
  Instant locked_until = kDistantPast;
  Attribution attribution;
  friend bool operator==(const PickupCodeFailed&, const PickupCodeFailed&) = default;
};

struct HandedOverUnits {
  uint32_t index = 0;  // of the task's line
  Quantity handed_over;
  Quantity refused;
  friend bool operator==(const HandedOverUnits&, const HandedOverUnits&) = default;
};

// Refused units are cancelled and given back to stock; the rest stays at the counter.
struct TaskHandedOver {
  std::string order_id;
  int task = 0;
  std::vector<HandedOverUnits> lines;
  Attribution attribution;
  // Somebody was sent for it.
  bool by_proxy = false;
  friend bool operator==(const TaskHandedOver&, const TaskHandedOver&) = default;
};

struct UnroutedUnits {
  uint32_t line = 0;
  Quantity awaiting;
  Quantity to_route;
  Quantity backordered;
  friend bool operator==(const UnroutedUnits&, const UnroutedUnits&) = default;
};

struct HeldUnits {
  int attempt = 0;
  uint32_t assignment = 0;
  Quantity quantity;
  friend bool operator==(const HeldUnits&, const HeldUnits&) = default;
};

struct TaskUnits {
  int task = 0;
  uint32_t index = 0;  // of the task's line
  Quantity quantity;
  friend bool operator==(const TaskUnits&, const TaskUnits&) = default;
};

// Where the cancelled units were.
struct UnitsCancelled {
  std::string order_id;
  std::vector<UnroutedUnits> unrouted;
  // Held by an attempt that stock has yet to confirm: given back as soon as it has.
  std::vector<HeldUnits> held;
  std::vector<TaskUnits> tasks;
  Attribution attribution;
  // Bound by a confirmed attempt, and not given to a location: given back at once.
  std::vector<HeldUnits> held_back;
  // Nobody had fetched them or put them back in time.
  bool given_up = false;
  friend bool operator==(const UnitsCancelled&, const UnitsCancelled&) = default;
};

// Units of tasks have been picked already: their locations are asked to put them back. They answer
// with a put-back or a reject (UnitsCancelled), or the goods leave all the same.
struct CancelRequested {
  std::string order_id;
  std::vector<TaskUnits> tasks;
  Attribution attribution;
  friend bool operator==(const CancelRequested&, const CancelRequested&) = default;
};

// Stock has done the operation, or refuses it for good.
struct StockSettled {
  std::string order_id;
  int op = 0;
  // Empty if it was done.
  std::string refused_reason;
  friend bool operator==(const StockSettled&, const StockSettled&) = default;
};

struct ReturnRequested {
  std::string order_id;
  std::string return_id;
  std::vector<Units> lines;  // of the order
  Attribution attribution;
  friend bool operator==(const ReturnRequested&, const ReturnRequested&) = default;
};

// Units of an announced return (`line` of the order) that this receipt takes the place of.
struct SupersededUnits {
  std::string return_id;
  uint32_t line = 0;
  Quantity quantity;
  friend bool operator==(const SupersededUnits&, const SupersededUnits&) = default;
};

// Without an order: goods without a known sale.
struct ReturnReceived {
  std::string order_id;
  // An announced one's, or a new one.
  std::string return_id;
  std::string location_id;
  std::vector<ReturnLine> lines;
  std::vector<SupersededUnits> superseded;
  Attribution attribution;
  // The unmatched return whose goods these are: they are in stock already.
  std::string matched_from;
  friend bool operator==(const ReturnReceived&, const ReturnReceived&) = default;
};

// Units of a return were looked at. Without an order: of an unmatched one.
struct ReturnInspected {
  std::string order_id;
  std::string return_id;
  std::vector<InspectedUnits> lines;
  Attribution attribution;
  friend bool operator==(const ReturnInspected&, const ReturnInspected&) = default;
};

// Stock has moved the units of an inspection to their condition, or refuses to for good.
struct ReturnReclassified {
  std::string order_id;
  std::string return_id;
  int inspection = 0;  // from 1; its index in Return::inspections is one less
  std::string refused_reason;
  friend bool operator==(const ReturnReclassified&, const ReturnReclassified&) = default;
};

// Stock has the returned goods, or refuses them for good.
struct ReturnRestocked {
  std::string order_id;
  std::string return_id;
  std::string refused_reason;
  friend bool operator==(const ReturnRestocked&, const ReturnRestocked&) = default;
};

// A till's sale: an order that is complete at once.
struct SaleRecorded {
  std::string order_id;
  Fingerprint content;
  std::string location_id;
  std::string terminal_id;
  std::string business_day;
  int64_t sequence = 0;
  std::string customer_ref;
  std::optional<Instant> business_time;
  std::vector<PlacedLine> lines;
  Attribution attribution;
  std::optional<Amounts> amounts;
  friend bool operator==(const SaleRecorded&, const SaleRecorded&) = default;
};

struct ExceptionRaised {
  ExceptionKind kind = ExceptionKind::kAwaitingStock;
  std::string order_id;
  std::string task_id;
  std::string return_id;
  std::string suggested_action;
  std::string detail;
  friend bool operator==(const ExceptionRaised&, const ExceptionRaised&) = default;
};

struct ExceptionResolved {
  // The position of its ExceptionRaised.
  Position exception = 0;
  std::string order_id;
  Attribution attribution;
  friend bool operator==(const ExceptionResolved&, const ExceptionResolved&) = default;
};

// The personal data of the order's customer was replaced.
struct SubjectUpdated {
  std::string order_id;
  Attribution attribution;
  friend bool operator==(const SubjectUpdated&, const SubjectUpdated&) = default;
};

// The personal data of the order's customer has been erased.
struct SubjectErased {
  std::string order_id;
  Attribution attribution;
  friend bool operator==(const SubjectErased&, const SubjectErased&) = default;
};

// What a carrier says of a parcel.
struct ParcelReported {
  std::string order_id;
  int parcel = 0;
  ParcelState state = ParcelState::kShipped;
  std::optional<Instant> business_time;
  Attribution attribution;
  friend bool operator==(const ParcelReported&, const ParcelReported&) = default;
};

// In force for what happens from now on.
struct FulfilmentPolicySet {
  // Empty: for all channels that have none of their own.
  std::string channel_id;
  FulfilmentPolicy policy;
  Attribution attribution;
  friend bool operator==(const FulfilmentPolicySet&, const FulfilmentPolicySet&) = default;
};

// The customer is told that it will not be kept much longer.
struct PickupReminded {
  std::string order_id;
  int task = 0;
  friend bool operator==(const PickupReminded&, const PickupReminded&) = default;
};

// Nobody fetched it in time: to be put back.
struct PickupExpiring {
  std::string order_id;
  int task = 0;
  // When it is given up although nobody has put it back.
  Instant give_up_at;
  friend bool operator==(const PickupExpiring&, const PickupExpiring&) = default;
};

struct PickupExtended {
  std::string order_id;
  int task = 0;
  // As PickupReady has them.
  Instant expires_at = kDistantFuture;
  Instant remind_at = kDistantFuture;
  Attribution attribution;
  // Its order is on hold, so that nobody can fetch it: no extension of anybody's. One that is
  // EXPIRING stays so, and is given up at `expires_at`.
  bool for_hold = false;
  friend bool operator==(const PickupExtended&, const PickupExtended&) = default;
};

// The order is kept back.
struct OrderHeld {
  std::string order_id;
  int hold = 0;
  HoldKind kind = HoldKind::kManual;
  // kDistantFuture: it has no end.
  Instant expires_at = kDistantFuture;
  bool cancel_on_expiry = false;
  Attribution attribution;
  friend bool operator==(const OrderHeld&, const OrderHeld&) = default;
};

// The last open one is followed by the work that was kept back, as TaskCreated and UnitsCarriedOut;
// one that expired, if so it was placed, by what a cancel causes.
struct HoldEnded {
  std::string order_id;
  int hold = 0;
  // Its time was over.
  bool expired = false;
  Attribution attribution;
  friend bool operator==(const HoldEnded&, const HoldEnded&) = default;
};

// What a provider, or a till, tells of a payment.
struct PaymentRecorded {
  std::string order_id;
  PaymentFactKind kind = PaymentFactKind::kAuthorised;
  // The provider's. Of a new payment_ref, a new payment begins.
  std::string payment_ref;
  std::string event_ref;
  std::string method;
  // Minor units. 0 of a void: all that is left; of a failure: not said.
  int64_t amount = 0;
  std::string currency_code;
  // That it answers; 0: none.
  int intent = 0;
  std::string reason_code;
  std::optional<Instant> business_time;
  Attribution attribution;
  // Of a new payment: who hands the goods over collects it.
  bool on_the_spot = false;
  // What was captured contradicts what is known: it is not refunded by an intent.
  bool disputed = false;
  friend bool operator==(const PaymentRecorded&, const PaymentRecorded&) = default;
};

// A provider is to be asked to do so.
struct PaymentIntended {
  std::string order_id;
  int intent = 0;
  PaymentIntentKind kind = PaymentIntentKind::kCapture;
  int payment = 0;  // 0 for kCollect
  int64_t amount = 0;
  friend bool operator==(const PaymentIntended&, const PaymentIntended&) = default;
};

// It is not due any more.
struct PaymentIntentWithdrawn {
  std::string order_id;
  int intent = 0;
  friend bool operator==(const PaymentIntentWithdrawn&, const PaymentIntentWithdrawn&) = default;
};

// Somebody else may fetch it with a code of their own; or nobody may any more.
struct PickupProxySet {
  std::string order_id;
  int task = 0;
  // Empty: nobody.
  std::string code_hmac;
  Attribution attribution;
  friend bool operator==(const PickupProxySet&, const PickupProxySet&) = default;
};

struct GroupDestination {
  uint32_t group = 0;
  Destination destination;
  friend bool operator==(const GroupDestination&, const GroupDestination&) = default;
};

// Lines were added, to be routed; groups go elsewhere. Followed by what was taken out as
// UnitsCancelled, and of the added lines by what OrderPlaced is followed by.
struct OrderEdited {
  std::string order_id;
  std::vector<PlacedLine> lines;
  std::vector<GroupDestination> destinations;
  Attribution attribution;
  friend bool operator==(const OrderEdited&, const OrderEdited&) = default;
};

using Event =
    std::variant<OrderPlaced, OrderRouted, RoutingFailed, RerouteRequested, StockConfirmed,
                 StockConfirmFailed, UnitsCarriedOut, TaskCreated, TaskAccepted, TaskRejected,
                 TaskPicked, TaskPacked, TaskShipped, TaskShippedLate, PickupReady,
                 PickupCodeFailed, TaskHandedOver, UnitsCancelled, StockSettled, ReturnRequested,
                 ReturnReceived, ReturnRestocked, SaleRecorded, ExceptionRaised, ExceptionResolved,
                 CancelRequested, SubjectErased, BackorderReleased, ParcelReported,
                 FulfilmentPolicySet, PickupReminded, PickupExpiring, PickupExtended, OrderHeld,
                 HoldEnded, PaymentRecorded, PaymentIntended, PaymentIntentWithdrawn,
                 PickupProxySet, OrderEdited, SubjectUpdated, ReturnInspected, ReturnReclassified>;

// The order it is about; empty for what concerns an unmatched return or a policy. Points into the
// event.
std::string_view OrderIdOf(const Event& event);

// The return it is about, if it is about one. Points into the event.
std::string_view ReturnIdOf(const Event& event);

// "OrderPlaced"
std::string_view NameOf(const Event& event);

// Null if the event has none: it follows from another one, or from an answer of a peer.
const Attribution* AttributionOf(const Event& event);

}  // namespace quartermaster::orders

#endif  // QUARTERMASTER_SERVICES_ORDERS_DOMAIN_EVENTS_H_
