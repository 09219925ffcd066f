// Commands: what may be asked of orders, by people (the first part) and by the saga, which brings
// back what stock and routing answered (the second).
//
// A command's fields are validated already: ids have their form, quantities their range, an
// order's line and group ids are unique, each group has a line. What depends on the state is
// Decide's to check. A message with many facts (shipments, sales) is one command per fact.
#ifndef QUARTERMASTER_SERVICES_ORDERS_DOMAIN_COMMANDS_H_
#define QUARTERMASTER_SERVICES_ORDERS_DOMAIN_COMMANDS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "services/base/fingerprint.h"
#include "services/base/quantity.h"
#include "services/base/time.h"
#include "services/orders/domain/events.h"
#include "services/orders/domain/fulfilment_policy.h"
#include "services/orders/domain/types.h"

namespace quartermaster::orders {

// What a line got less than it asked, by its own wish (DROP_LINE). Only for the answer.
struct DroppedLine {
  std::string line_id;
  std::string sku;
  Quantity asked;
  Quantity available;
  friend bool operator==(const DroppedLine&, const DroppedLine&) = default;
};

// A hold that is to be placed.
struct NewHold {
  HoldKind kind = HoldKind::kManual;
  // 1 s to 366 days; empty: until it is released.
  std::optional<Micros> ttl;
  // At its end what has not left is cancelled, instead of released.
  bool cancel_on_expiry = false;
};

// How long an ASYNCHRONOUS payment may take unless the order says otherwise.
inline constexpr Micros kPaymentGrace = Seconds(60 * 60);

// Planned, and held under OwnerId(order_id, 1), a stock line per assignment. Every unit of every
// line that may not be back-ordered is in the assignments, each location serves a group once, and
// lines come in the order of groups.
struct PlaceOrder {
  // From OrderIdFor(tenant, request id), see codec/ids.h.
  std::string order_id;
  // Of the request.
  Fingerprint content;
  std::string channel_id;
  std::string external_id;
  std::string customer_ref;
  std::vector<Group> groups;
  std::vector<PlacedLine> lines;
  std::optional<Amounts> amounts;
  // Empty if nothing is held.
  std::string reservation_id;
  // When the hold expires.
  Instant expires_at;
  std::vector<PlannedUnits> assignments;
  // routing.v1.Plan, serialised.
  std::string plan;
  std::vector<DroppedLine> dropped;
  // Kept back from the start. What is carried out, too: the customer has it when the last one ends.
  std::vector<NewHold> holds;
  // How long the payment of a group whose term is ASYNCHRONOUS may take: the order is kept back so
  // long, and then cancelled. Not if it has a hold for payment of its own.
  Micros payment_grace = kPaymentGrace;
  Attribution attribution;
};

struct LineQuantity {
  std::string line_id;
  Quantity quantity;
};

// What nobody has picked is cancelled at once; of what has been, the location is asked.
struct CancelOrder {
  std::string order_id;
  // Empty: all that has not left. Otherwise each line once.
  std::vector<LineQuantity> lines;
  // Empty: any.
  std::string etag;
  Attribution attribution;
};

// A line to be added.
struct AddedLine {
  std::string group_id;
  PlacedLine line;  // `group` is found by group_id
};

struct NewDestination {
  std::string group_id;
  Destination destination;
};

// Wholly, or not at all. What is added is planned as the order was, and held under EditOwnerId:
// every unit of every added line that may not be back-ordered is in the assignments.
struct EditOrder {
  std::string order_id;
  // Empty: any.
  std::string etag;
  // To be taken out. Each line once.
  std::vector<LineQuantity> less;
  std::vector<AddedLine> added;
  std::vector<NewDestination> destinations;
  // Of the order that the added lines were planned for: its next attempt, and its
  // Order::route_revision. If it is another one by now, the command is an IntentStale.
  int attempt = 0;
  int revision = 0;
  // Empty if nothing is held.
  std::string reservation_id;
  Instant expires_at;
  // `line` is an index into `added`.
  std::vector<PlannedUnits> assignments;
  std::string plan;
  Attribution attribution;
};

// All that has no stock, and what is taken back from tasks that ship and that nobody has picked.
struct RerouteOrder {
  std::string order_id;
  // Each once.
  std::vector<std::string> task_ids;
  // Empty: any.
  std::string etag;
  Attribution attribution;
};

struct HoldOrder {
  std::string order_id;
  NewHold hold;
  // Empty: any.
  std::string etag;
  Attribution attribution;
};

struct ReleaseHold {
  std::string order_id;
  // Empty: all that are open.
  std::string hold_id;
  // Empty: any.
  std::string etag;
  Attribution attribution;
};

// The vault has another subject for the order.
struct UpdateSubject {
  std::string order_id;
  Attribution attribution;
};

// The vault has erased the order's subject.
struct EraseSubject {
  std::string order_id;
  Attribution attribution;
};

struct AcceptTask {
  std::string task_id;
  Attribution attribution;
};

// The attribution's reason_code says what follows, by the policy of the order's channel.
struct RejectTask {
  std::string task_id;
  Attribution attribution;
};

// Units that the location was asked to put back, or that nobody fetched in time, are back on the
// shelf.
struct PutBack {
  std::string task_id;
  // Empty: all of them. Otherwise each line once.
  std::vector<LineQuantity> lines;
  Attribution attribution;
};

struct PickedLine {
  std::string line_id;
  Quantity picked;
  // Why it is short: what follows, the policy of the order's channel says.
  std::string reason_code;
};

struct RecordPick {
  std::string task_id;
  // What was picked of each, 0 or more; each line once. A line that is not named is picked in full.
  std::vector<PickedLine> lines;
  Attribution attribution;
};

struct PackTask {
  std::string task_id;
  Attribution attribution;
};

struct RecordShipment {
  std::string task_id;
  std::string carrier;
  std::string tracking_number;
  Attribution attribution;
  // The warehouse's name of the parcel. With lines it has that or a tracking number.
  std::string parcel_key;
  // What is in it, each line once. Empty: all that the task has left.
  std::vector<LineQuantity> lines;
  // When it left. A later time than now counts as now.
  std::optional<Instant> business_time;
};

// What a carrier says of a parcel.
struct RecordDelivery {
  // Or, if it is empty, carrier and number.
  std::string parcel_id;
  std::string carrier;
  std::string tracking_number;
  ParcelState state = ParcelState::kDelivered;  // not kShipped
  // When. A later time than now counts as now.
  std::optional<Instant> business_time;
  Attribution attribution;
};

struct MarkReadyForPickup {
  std::string task_id;
  // Of the code that the answer will carry.
  std::string code_hmac;
  // When its location closes on the next days on which it is open, ascending: as many as a policy
  // may ask for. Where there are none left, a day has 24 hours.
  std::vector<Instant> closes;
  Attribution attribution;
};
// For as many open days as the policy says, from now. What is kept for as long already stays as it
// is, and nothing is counted.
struct ExtendPickup {
  std::string task_id;
  // As MarkReadyForPickup has them.
  std::vector<Instant> closes;
  Attribution attribution;
};

struct SetPickupProxy {
  std::string task_id;
  // Of the proxy's code; empty: there is none any more.
  std::string code_hmac;
  Attribution attribution;
};

struct HandOverLine {
  std::string line_id;
  Quantity handed_over;
  Quantity refused;
};

struct HandOver {
  std::string task_id;
  // Of the code that the customer gave.
  std::string code_hmac;
  // Empty: everything is handed over. Otherwise each line once.
  std::vector<HandOverLine> lines;
  Attribution attribution;
};

struct RequestReturn {
  std::string order_id;
  std::vector<LineQuantity> lines;  // each once
  // SKUs that the catalog says are not returnable; of the order's, at least.
  absl::flat_hash_set<std::string> not_returnable;
  Attribution attribution;
};

struct ReceivedLine {
  // Of the order; of goods without one, `sku` says what they are. With both, units of another SKU
  // than the line's are not the order's.
  std::string line_id;
  std::string sku;
  Quantity quantity;
  Condition condition = Condition::kSellable;
};

// By return_id, by order_id, or by neither: unmatched.
struct ReceiveReturn {
  std::string location_id;
  std::string return_id;
  std::string order_id;
  // A line may come in several conditions. Empty with return_id: as announced.
  std::vector<ReceivedLine> lines;
  // The id that an unmatched one, or the part of it that is not the order's, gets; required. From
  // UnmatchedReturnIdFor, see codec/ids.h.
  std::string unmatched_return_id;
  // The catalog does not know the location or one of the SKUs.
  bool unknown_item = false;
  // As RequestReturn has it.
  absl::flat_hash_set<std::string> not_returnable;
  Attribution attribution;
};

struct MatchReturn {
  std::string return_id;
  std::string order_id;
  // As RequestReturn has it.
  absl::flat_hash_set<std::string> not_returnable;
  Attribution attribution;
};

struct InspectedLine {
  // Of the order; empty for goods without a known sale, which only `sku` names. Any number of
  // times.
  std::string line_id;
  // With a line_id: empty, or the line's.
  std::string sku;
  Quantity quantity;
  Condition condition = Condition::kSellable;
  bool refuse_refund = false;
};

struct InspectReturn {
  std::string return_id;
  std::vector<InspectedLine> lines;
  Attribution attribution;
};

struct RecordSale {
  // From SaleOrderIdFor, see codec/ids.h.
  std::string order_id;
  // Of the whole sale.
  Fingerprint content;
  std::string location_id;
  std::string terminal_id;
  std::string business_day;
  int64_t sequence = 0;
  std::string customer_ref;
  std::optional<Instant> business_time;
  std::vector<PlacedLine> lines;  // `group` is 0
  std::optional<Amounts> amounts;
  // The catalog does not know the location or one of the SKUs.
  bool unknown_item = false;
  Attribution attribution;
};

struct SetFulfilmentPolicy {
  // Empty: of all channels that have none of their own.
  std::string channel_id;
  FulfilmentPolicy policy;
  // Empty: any. Of the policy that this one takes the place of: the channel's own; "0" if it has
  // none.
  std::string etag;
  Attribution attribution;
};

// What a provider, or a till, tells of a payment. The order is named by its id, or by its channel
// and external id.
struct RecordPayment {
  std::string order_id;
  std::string channel_id;
  std::string external_id;
  PaymentFactKind kind = PaymentFactKind::kAuthorised;
  std::string payment_ref;
  std::string event_ref;
  std::string method;
  // Minor units; positive, but for a void (0: all that is left) and a failure.
  int64_t amount = 0;
  std::string currency_code;
  // The intent that it answers; empty: none is named.
  std::string intent_id;
  std::string reason_code;
  std::optional<Instant> business_time;
  // Who hands the goods over collects it. Of the payment's first fact.
  bool on_the_spot = false;
  // A reference looked like a card number, and has been replaced.
  bool had_card_number = false;
  Attribution attribution;
};

// Of an order whose units have no stock, it means: try again. (To give them up, cancel them.)
struct ResolveException {
  std::string exception_id;
  Attribution attribution;
};

// ---- The saga's: what became of an intent. ----

// Of ConfirmStock.
struct ReportStockConfirmed {
  std::string order_id;
  int attempt = 0;
  std::string reservation_id;
};

// Of ConfirmStock: refused for good.
struct ReportConfirmFailed {
  std::string order_id;
  int attempt = 0;
  // The ErrorReason's name.
  std::string reason;
};

// Of FulfilStock, ReleaseStock and SellStock.
struct ReportStockSettled {
  std::string order_id;
  int op = 0;
  // The ErrorReason's name if stock refused it for good.
  std::string refused_reason;
};

// Of RestockReturn.
struct ReportReturnRestocked {
  std::string return_id;
  std::string refused_reason;
};

// Of ReclassifyReturn.
struct ReportReclassified {
  std::string return_id;
  int inspection = 0;
  std::string refused_reason;
};

// Of Reroute: what could be planned and is held under OwnerId(order_id, attempt); what is not in
// it could not be served and will await stock.
struct ReportRerouted {
  std::string order_id;
  // The intent's.
  int attempt = 0;
  int revision = 0;
  // Nothing could be planned: no reservation, no assignments.
  std::string reservation_id;
  Instant expires_at;
  std::vector<PlannedUnits> assignments;
  std::string plan;
  // The ErrorReason's name if a peer refused to plan or to hold for another cause than a shortage.
  std::string reason;
};

// Stock has come: back-ordered units of the order could be planned and are held under
// BackorderOwnerId(order_id, attempt).
struct ReportBackorderFilled {
  std::string order_id;
  // As BackorderOf said.
  int attempt = 0;
  int revision = 0;
  std::string reservation_id;
  Instant expires_at;
  std::vector<PlannedUnits> assignments;  // at least one
  std::string plan;
};

// One of the order's intents has been retried for long. Settles nothing.
struct ReportStalled {
  std::string order_id;
  // The ErrorReason's name of the last answer; empty if there is none.
  std::string reason;
};

using Command =
    std::variant<PlaceOrder, CancelOrder, EditOrder, RerouteOrder, UpdateSubject, EraseSubject,
                 AcceptTask, RejectTask, PutBack, RecordPick, PackTask, RecordShipment,
                 MarkReadyForPickup, ExtendPickup, SetPickupProxy, HandOver, RecordDelivery,
                 RequestReturn, ReceiveReturn, MatchReturn, InspectReturn, RecordSale,
                 ResolveException, SetFulfilmentPolicy, HoldOrder, ReleaseHold, RecordPayment,
                 ReportStockConfirmed, ReportConfirmFailed, ReportStockSettled,
                 ReportReturnRestocked, ReportReclassified, ReportRerouted, ReportBackorderFilled,
                 ReportStalled>;

}  // namespace quartermaster::orders

#endif  // QUARTERMASTER_SERVICES_ORDERS_DOMAIN_COMMANDS_H_
