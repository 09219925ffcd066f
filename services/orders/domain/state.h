// State: every order with its routing attempts, tasks and returns, and the exception queue. A
// function of the log: only Apply changes it.
//
// Where an order's units are, per line:
//
//   ordered = cancelled + fulfilled
//           + allocated                  bound to a location, in a task
//           + held_back                  bound to a location, which has not been given them: the
//                                        order is on hold
//           + confirming                 held by a routing attempt that stock has yet to confirm
//           + to_route                   to be routed again; the saga has that intent open
//           + awaiting                   nobody has them; an exception is open
//           + backordered                nobody has them; they wait for stock to come
//
// The last four are what the API calls `unallocated`.
//
// Not thread-safe; copies are independent. Readers on other threads are given copies of orders.
#ifndef QUARTERMASTER_SERVICES_ORDERS_DOMAIN_STATE_H_
#define QUARTERMASTER_SERVICES_ORDERS_DOMAIN_STATE_H_

#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/btree_set.h"
#include "absl/container/flat_hash_map.h"
#include "absl/container/node_hash_map.h"
#include "services/base/fingerprint.h"
#include "services/base/quantity.h"
#include "services/base/time.h"
#include "services/orders/domain/amounts.h"
#include "services/orders/domain/fulfilment_policy.h"
#include "services/orders/domain/parcel.h"
#include "services/orders/domain/payment.h"
#include "services/orders/domain/types.h"

namespace quartermaster::orders {

// Lines of one method and destination. For a pickup or carry-out, `location_id` is the store, once
// it is known.
struct Group {
  std::string group_id;
  Method method = Method::kShip;
  Destination destination;
  std::string location_id;
  // By when it was promised; kDistantPast: not said.
  Instant promised_by = kDistantPast;
  PaymentTerm payment_term = PaymentTerm::kNone;
  friend bool operator==(const Group&, const Group&) = default;
};

// No quantity is ever negative; the equation above holds after every event.
struct OrderLine {
  std::string line_id;
  uint32_t group = 0;  // index into Order::groups
  std::string sku;
  std::optional<Money> unit_price;
  Quantity ordered;
  Quantity allocated;
  Quantity held_back;
  Quantity confirming;
  Quantity to_route;
  Quantity awaiting;
  Quantity backordered;
  Quantity fulfilled;
  Quantity cancelled;
  // What cannot be served waits for stock to come, instead of for a person.
  bool backorder = false;
  // Of what was ordered.
  std::optional<LineAmounts> amounts;
  // return_requested + returned <= fulfilled.
  Quantity return_requested;
  Quantity returned;
  // Of what was returned: for these something is given back.
  Quantity accepted;

  // Bound to locations, given to them or not: what the API calls `allocated`.
  Quantity bound() const { return allocated + held_back; }
  Quantity unallocated() const { return confirming + to_route + awaiting + backordered; }
  // Neither fulfilled nor cancelled.
  Quantity open() const { return bound() + unallocated(); }
  friend bool operator==(const OrderLine&, const OrderLine&) = default;
};

// One line's units at one location. In stock it is the line whose line_id is the assignment's
// index within its attempt, in decimal.
struct Assignment {
  uint32_t line = 0;  // index into Order::lines
  std::string location_id;
  Quantity quantity;
  // Cancelled before stock confirmed, and released as soon as it has; or while held back.
  Quantity dropped;
  // Of a confirmed attempt: not given to the location yet.
  Quantity held_back;
  // Taken along at once (carry-out).
  Quantity carried_out;
  friend bool operator==(const Assignment&, const Assignment&) = default;
};

enum class AttemptState : uint8_t { kConfirming = 1, kConfirmed = 2, kFailed = 3 };

// A routing decision and the one stock reservation that holds its units under the owner
// "<order_id>/<number>".
struct Attempt {
  int number = 0;  // from 1; its index in Order::attempts is one less
  AttemptState state = AttemptState::kConfirming;
  // What was held; once confirmed, what is allocated (another one if it was held again).
  std::string reservation_id;
  Instant expires_at;
  std::vector<Assignment> assignments;
  // Position of its OrderRouted, which carries the plan with its explanation.
  Position position = 0;
  // Units that stock has been, or is being, asked to take off hand and to give back.
  Quantity fulfil_asked;
  Quantity release_asked;
  friend bool operator==(const Attempt&, const Attempt&) = default;
};

// The values are those of orders.v1.Task.State.
enum class TaskState : uint8_t {
  kCreated = 1,
  kAccepted = 2,
  kPicked = 3,
  kPacked = 4,
  kShipped = 5,
  kReadyForPickup = 6,
  kHandedOver = 7,
  kRejected = 8,
  kCancelled = 9,
  kExpiring = 10,
  kExpired = 11,
};

// quantity = open() + short_picked + fulfilled + cancelled + late, picked <= quantity, and
// cancel_requested <= open().
struct TaskLine {
  uint32_t assignment = 0;  // index into the attempt's assignments
  uint32_t line = 0;        // index into Order::lines
  Quantity quantity;
  Quantity picked;
  Quantity short_picked;
  Quantity fulfilled;
  // Refused at the counter, cancelled, or taken away by a reject.
  Quantity cancelled;
  // Of these: refused at the counter.
  Quantity refused;
  // Of the open ones, how many the location has been asked to put back; they were picked by then.
  // Until it answers they are the order's: what leaves first, the parcel or the put-back, wins.
  Quantity cancel_requested;
  // Shipped after it had been cancelled; of these, `late_counted` count as fulfilled in the order.
  Quantity late;
  Quantity late_counted;
  // Of the short-picked ones: shipped, found after all. What the order lacked of them it may have
  // had from elsewhere.
  Quantity found;

  Quantity open() const { return quantity - short_picked - fulfilled - cancelled - late; }
  friend bool operator==(const TaskLine&, const TaskLine&) = default;
};

// How long goods wait at the counter. The defaults: they have not been made ready yet.
struct PickupTimes {
  Instant ready_at = kDistantPast;
  // Until when they are kept; kDistantFuture: for ever.
  Instant expires_at = kDistantFuture;
  // When the customer is reminded; kDistantFuture: never.
  Instant remind_at = kDistantFuture;
  bool reminded = false;
  // Of what is EXPIRING: when it is cancelled although nobody has put it back.
  Instant give_up_at = kDistantFuture;
  int extensions = 0;

  friend bool operator==(const PickupTimes&, const PickupTimes&) = default;
};

// The work of one location for one group of one attempt.
struct Task {
  int number = 0;  // from 1; its index in Order::tasks is one less
  int attempt = 0;
  uint32_t group = 0;
  std::string location_id;
  Method method = Method::kShip;  // kShip or kPickup
  // A task that has ended has no open units, and only such a one.
  TaskState state = TaskState::kCreated;
  std::vector<TaskLine> lines;
  // Of a pickup.
  PickupTimes times;
  // While it is READY_FOR_PICKUP or EXPIRING: the HMAC of the code. The code itself is known to
  // nobody here.
  std::string pickup_code_hmac;
  // The same of who may fetch it instead; empty if nobody may.
  std::string proxy_code_hmac;
  // Some of it was handed over to such a one.
  bool fetched_by_proxy = false;
  // Wrong codes since the last lock.
  int wrong_codes = 0;
  // No code is looked at before this moment.
  Instant locked_until = kDistantPast;
  Instant created_at;
  Position position = 0;

  bool ended() const;
  // It has not ended, and its open units are off the shelf.
  bool picked() const;
  Quantity open() const;
  // Units of it were fulfilled; late ones do not count.
  bool some_gone() const;
  friend bool operator==(const Task&, const Task&) = default;
};

// The values are those of orders.v1.HoldKind.
enum class HoldKind : uint8_t { kPayment = 1, kFraud = 2, kAddress = 3, kManual = 4 };

// The values are those of orders.v1.Order.Hold.State.
enum class HoldState : uint8_t { kOpen = 1, kReleased = 2, kExpired = 3 };

// Keeps its order back until it ends.
struct Hold {
  int number = 0;  // from 1; its index in Order::holds is one less
  HoldKind kind = HoldKind::kManual;
  HoldState state = HoldState::kOpen;
  // When it ends by itself; kDistantFuture: never.
  Instant expires_at = kDistantFuture;
  // Then what has not left is cancelled, instead of released.
  bool cancel_on_expiry = false;
  // Of its attribution.
  std::string reason_code;
  Instant created_at;
  friend bool operator==(const Hold&, const Hold&) = default;
};

enum class Condition : uint8_t { kSellable = 1, kDamaged = 2, kInspection = 3 };
enum class ReturnState : uint8_t { kRequested = 1, kReceived = 2, kUnmatched = 3, kMatched = 4 };

// Of an unmatched return only `sku` says what it is.
struct ReturnLine {
  uint32_t line = 0;  // index into Order::lines
  std::string sku;
  Quantity quantity;
  Condition condition = Condition::kSellable;
  // Its units are looked at (Return::inspections) before anything is given back for them.
  bool inspect_first = false;
  // How many were, by now.
  Quantity inspected;
  friend bool operator==(const ReturnLine&, const ReturnLine&) = default;
};

struct InspectedUnits {
  uint32_t index = 0;  // into Return::lines
  Quantity quantity;
  Condition condition = Condition::kSellable;
  // Nothing is given back for them.
  bool refuse_refund = false;
  friend bool operator==(const InspectedUnits&, const InspectedUnits&) = default;
};

// Somebody has looked at units of a return.
struct Inspection {
  std::vector<InspectedUnits> lines;
  // Stock has yet to move them to their conditions.
  bool open = false;
  Attribution attribution;
  Instant time;
  friend bool operator==(const Inspection&, const Inspection&) = default;
};

struct Return {
  std::string return_id;
  std::string order_id;  // empty: received without an order, also if it was matched since
  ReturnState state = ReturnState::kRequested;
  // Where it was received.
  std::string location_id;
  // Requested: what is still to come. Received: what came, in the condition in which it did.
  std::vector<ReturnLine> lines;
  // Received: what is given back for each of its lines, in minor units. Empty for units without a
  // known sale.
  std::vector<int64_t> refunds;
  // Oldest first.
  std::vector<Inspection> inspections;
  // Received, and stock has yet to take it in.
  bool restock_open = false;
  // Stock does not take it in: what inspections find is nothing to it.
  bool stock_refused = false;
  // Of a matched one: the order's return that it has become; of that: the unmatched one.
  std::string matched_return_id;
  std::string matched_from;
  // Of one that came from an unmatched one: stock has yet to do what is asked for that.
  bool goods_open = false;
  Attribution attribution;
  Instant created_at;
  Position position = 0;
  friend bool operator==(const Return&, const Return&) = default;
};

enum class StockOpKind : uint8_t {
  kFulfil = 1,          // the goods left
  kRelease = 2,         // back to available
  kReleaseMissing = 3,  // looked for and not found: suspect
  kSell = 4,            // left without an allocation: a till sale, a shipment after a cancel
};

// Units of one assignment (of one order line, for kSell).
struct OpPart {
  uint32_t index = 0;
  std::string location_id;
  Quantity quantity;
  friend bool operator==(const OpPart&, const OpPart&) = default;
};

// What stock must still be told about units of this order. Settled exactly once.
struct StockOp {
  int number = 0;  // from 1, within the order
  StockOpKind kind = StockOpKind::kFulfil;
  int attempt = 0;  // 0 for kSell
  int task = 0;     // 0 unless the units were a task's
  std::vector<OpPart> parts;
  // When the goods left, if it was told.
  std::optional<Instant> business_time;
  friend bool operator==(const StockOp&, const StockOp&) = default;
};

// The values are those of orders.v1.Order.State. Never stored: see StateOf.
enum class OrderState : uint8_t {
  kPending = 1,
  kOpen = 2,
  kAwaitingStock = 3,
  kCompleted = 4,
  kCancelled = 5,
  kBackordered = 6,
  kOnHold = 7,
};

// How it came to be an order.
enum class Origin : uint8_t { kPlaced = 1, kSale = 2 };

struct Order {
  std::string order_id;
  Origin origin = Origin::kPlaced;
  std::string channel_id;
  std::string external_id;
  std::string customer_ref;
  // Of the content that it was made from: tells a retry from a reused id for as long as it lives.
  Fingerprint content;
  std::vector<Group> groups;
  std::vector<OrderLine> lines;
  std::vector<Attempt> attempts;
  std::vector<Task> tasks;
  std::vector<Parcel> parcels;
  std::vector<Return> returns;
  // Ended ones too.
  std::vector<Hold> holds;
  Payments payments;
  // Open ones, in the order of their numbers.
  std::vector<StockOp> stock_ops;
  int stock_ops_made = 0;
  // Rejected it or found too little: not asked again for shipping, until a person asks for another
  // attempt.
  std::vector<std::string> excluded_locations;  // sorted, each once
  // Attempts since it was placed, or since a person last asked for one. From attempts_max of its
  // channel's policy on, units that a location gives back await a person.
  int unattended_attempts = 0;
  // Counts the changes of what is to be routed, and from where, so that an answer to an older
  // question is noticed.
  int route_revision = 0;
  // Open exceptions, ascending.
  std::vector<Position> exceptions;
  // The vault has had its subject erased.
  bool subject_erased = false;
  // Of a till sale: when it happened by the till's clock, if it said.
  std::optional<Instant> business_time;
  // If it came with what it costs; then each line has its own.
  std::optional<Amounts> amounts;
  Attribution attribution;
  Instant created_at;
  Instant changed_at;             // of shown_position
  Position position = 0;          // of its first event
  Position changed_position = 0;  // of its latest
  Position shown_position = 0;    // of the latest that changed what the API shows: its etag
  friend bool operator==(const Order&, const Order&) = default;
};

// The values are those of orders.v1.ExceptionItem.Kind.
enum class ExceptionKind : uint8_t {
  kAwaitingStock = 1,
  kPickupUnfillable = 2,
  kUnmatchedReturn = 3,
  kShippedAfterCancel = 4,
  kUnknownItem = 5,
  kStockConflict = 6,
  kReturnExceedsSold = 7,
  kPickConflict = 8,
  kNotReturnable = 9,
  kStalled = 10,
  kParcelLost = 11,
  kParcelConflict = 12,
  kShippedOnHold = 13,
  kPaymentConflict = 14,
  kPaymentFailed = 15,
  kPaymentShort = 16,
  kCardNumber = 17,
};

struct ExceptionItem {
  Position position = 0;
  ExceptionKind kind = ExceptionKind::kAwaitingStock;
  std::string order_id;
  std::string task_id;
  std::string return_id;
  std::string suggested_action;
  // Why, as a code: the reason that a peer or a location gave, or the state of the task.
  std::string detail;
  bool resolved = false;
  Instant created_at;
  friend bool operator==(const ExceptionItem&, const ExceptionItem&) = default;
};

struct SetPolicy {
  // Empty: of all channels that have none of their own.
  std::string channel_id;
  FulfilmentPolicy policy;
  // Of its FulfilmentPolicySet: its etag.
  Position position = 0;
  friend bool operator==(const SetPolicy&, const SetPolicy&) = default;
};

enum class DueKind : uint8_t { kPickupReminder, kPickupEnd, kPickupGiveUp, kHoldEnd };

// What the clock brings about.
struct Due {
  Instant at;
  std::string order_id;
  DueKind kind = DueKind::kHoldEnd;
  // Of the order's task or hold.
  int number = 0;
  friend auto operator<=>(const Due&, const Due&) = default;
};

// A parcel by its order.
struct TrackedParcel {
  std::string order_id;
  int number = 0;
  friend bool operator==(const TrackedParcel&, const TrackedParcel&) = default;
};

// By channel.
using Policies = std::map<std::string, SetPolicy, std::less<>>;

struct State {
  absl::node_hash_map<std::string, Order> orders;
  // Returns without a known sale, by return_id.
  absl::node_hash_map<std::string, Return> unmatched_returns;
  // By position; resolved ones too.
  std::map<Position, ExceptionItem> exceptions;
  // (channel_id, external_id) -> order_id
  absl::flat_hash_map<std::pair<std::string, std::string>, std::string> external_ids;
  // (carrier, tracking number) -> the latest parcel that has it: carriers use numbers again.
  // Without parcels that have no number.
  absl::flat_hash_map<std::pair<std::string, std::string>, TrackedParcel> tracked;
  Policies policies;
  // In the order in which it is due.
  absl::btree_set<Due> due;

  friend bool operator==(const State&, const State&) = default;
};

// What holds for the channel: its own, else that of all channels, else the built-in one (position
// 0).
const SetPolicy& PolicyOf(const Policies& policies, std::string_view channel_id);

// What of state.due is the task's.
std::vector<Due> DuesOf(const Order& order, const Task& task);

// Null if there is none.
const Order* FindOrder(const State& state, std::string_view order_id);
// The index of the group.
std::optional<uint32_t> FindGroup(const Order& order, std::string_view group_id);
const Task* FindTask(const Order& order, int number);
// By id, with its order.
std::pair<const Order*, const Task*> FindTask(const State& state, std::string_view task_id);
const Parcel* FindParcel(const Order& order, int number);
// By id, with its order.
std::pair<const Order*, const Parcel*> FindParcel(const State& state, std::string_view parcel_id);
// The latest one that took all that the task had left.
const Parcel* FindRest(const Order& order, const Task& task);
const Return* FindReturn(const State& state, std::string_view return_id);
const ExceptionItem* FindException(const State& state, std::string_view exception_id);
// The index of the line.
std::optional<uint32_t> FindLine(const Order& order, std::string_view line_id);

// Null if the order has no hold of this id.
const Hold* FindHold(const Order& order, std::string_view hold_id);
// Null if the order has no intent of this id.
const PaymentIntent* FindIntent(const Order& order, std::string_view intent_id);
// A hold of the order is open, and something of it is left.
bool OnHold(const Order& order);

// Whether a line has units at the place: AnyUnits(order, &OrderLine::to_route).
bool AnyUnits(const Order& order, Quantity OrderLine::*place);

// Where the units of a line are, in more detail than they are kept.
struct LineBreakdown {
  // Of the allocated: off the shelf; of these, packed or ready at the counter; asked to put back.
  Quantity picked;
  Quantity packed;
  Quantity cancel_requested;
  // Of the fulfilled; the rest was handed over.
  Quantity shipped;
  // Of the shipped, as carriers say.
  Quantity delivered;
  Quantity lost;
  // Of the cancelled.
  Quantity refused;
};
// By the order's lines.
std::vector<LineBreakdown> BreakdownOf(const Order& order);

// What units of a line come to, by what became of them.
struct LineSums {
  int64_t total = 0;
  int64_t fulfilled = 0;
  int64_t cancelled = 0;
  int64_t refund = 0;
};
// All zero if the order has no amounts.
LineSums SumsOf(const Order& order, const OrderLine& line);
// Stock has yet to take it in, or to move what was looked at.
bool IsOpenInStock(const Return& item);
// How many units of the return's line are still to be looked at, and of all of its lines.
Quantity ToInspect(const Return& item, size_t index);
Quantity ToInspect(const Return& item);
// What is given back for the first `n` units of the line.
int64_t RefundOfFirst(const Order& order, const OrderLine& line, Quantity n);

// The attempt that it was placed with. Null if nothing was held for it then: a first one may also
// come later.
const Attempt* PlacingAttempt(const Order& order);

// Whether units of the line that cannot be served wait for stock to come, as it wishes. Not if a
// location gave some back: that one is not asked again before a person says so. `reason`: the
// ErrorReason's name of a peer that refused; a shortage, or none, is no reason for a person.
bool WaitsForStock(const Order& order, const OrderLine& line, std::string_view reason);

// From the line quantities, open holds, and whether the placing attempt is still to be confirmed.
OrderState StateOf(const Order& order);

std::string Etag(const Order& order);
// "0": the built-in one.
std::string Etag(const SetPolicy& policy);

}  // namespace quartermaster::orders

#endif  // QUARTERMASTER_SERVICES_ORDERS_DOMAIN_STATE_H_
