// The saga: what stock and routing must still be asked to do for an order. A pure function of the
// state, so that a restart finds exactly the intents that were open, under the same keys.
//
//   for (Intent& intent : PendingIntents(order)) ...   // after each durable frame that touched it
//
// Each intent is carried out at least once and settled exactly once, by the Report command beside
// it. Its `key` is the request id (or the prefix of the effect keys) towards the peer: repeating it
// there has no second effect. Retry while the peer is unavailable; report a refusal only if it is
// final. An order's intents are independent of each other: any order, also at the same time.
//
// A confirm that is open is never withdrawn: if the order is cancelled meanwhile, its units are
// released once stock has answered. Thus "confirmed" and "given back" never race.
#ifndef QUARTERMASTER_SERVICES_ORDERS_DOMAIN_SAGA_H_
#define QUARTERMASTER_SERVICES_ORDERS_DOMAIN_SAGA_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "services/base/quantity.h"
#include "services/orders/domain/events.h"
#include "services/orders/domain/state.h"
#include "services/orders/domain/types.h"

namespace quartermaster::orders {

// A line of a hold in stock; its line_id is the assignment's index, in decimal.
struct HoldLine {
  std::string line_id;
  std::string sku;
  std::string location_id;
  Quantity quantity;
  friend bool operator==(const HoldLine&, const HoldLine&) = default;
};

// Confirm `reservation_id`, or hold `lines` again for `owner_id` and confirm that.
// Settled by ReportStockConfirmed or ReportConfirmFailed.
struct ConfirmStock {
  std::string key;
  std::string order_id;
  int attempt = 0;
  std::string reservation_id;
  // Of the hold that is made if it has to be held again.
  std::string owner_id;
  std::vector<HoldLine> lines;
  // Whose units they are for quotas and caps; may be empty.
  std::string channel_id;
  std::string customer_ref;
  friend bool operator==(const ConfirmStock&, const ConfirmStock&) = default;
};

// Open units of a reservation's line at a location.
struct ReservationUnits {
  std::string line_id;
  std::string location_id;
  Quantity quantity;
  friend bool operator==(const ReservationUnits&, const ReservationUnits&) = default;
};

// Settled by ReportStockSettled.
struct FulfilStock {
  std::string key;
  std::string order_id;
  int op = 0;
  std::string reservation_id;
  std::vector<ReservationUnits> parts;
  // When they left, if it was told.
  std::optional<Instant> business_time;
  friend bool operator==(const FulfilStock&, const FulfilStock&) = default;
};

// Settled by ReportStockSettled.
struct ReleaseStock {
  std::string key;
  std::string order_id;
  int op = 0;
  std::string reservation_id;
  std::vector<ReservationUnits> parts;
  bool missing = false;
  friend bool operator==(const ReleaseStock&, const ReleaseStock&) = default;
};

// A signed change of on hand that happens once per effect key.
struct StockEffect {
  std::string effect_key;  // at most 128 bytes
  std::string sku;
  std::string location_id;
  Quantity quantity;  // positive
  Condition condition = Condition::kSellable;
  friend bool operator==(const StockEffect&, const StockEffect&) = default;
};

// AdjustStock, kind SOLD. Settled by ReportStockSettled.
struct SellStock {
  std::string key;
  std::string order_id;
  int op = 0;
  std::vector<StockEffect> effects;
  // By the clock of the till or warehouse, if it said.
  std::optional<Instant> business_time;
  Attribution attribution;
  friend bool operator==(const SellStock&, const SellStock&) = default;
};

// AdjustStock, kind RETURNED. Settled by ReportReturnRestocked.
struct RestockReturn {
  std::string key;
  std::string order_id;
  std::string return_id;
  std::vector<StockEffect> effects;
  Attribution attribution;
  friend bool operator==(const RestockReturn&, const RestockReturn&) = default;
};

// AdjustStock, kind CONDITION_CHANGED: what an inspection found. Settled by ReportReclassified.
struct ReclassifyReturn {
  std::string key;
  std::string order_id;
  std::string return_id;
  int inspection = 0;
  // Each of the condition that its units are of now; `from`, beside it: of what they were.
  std::vector<StockEffect> effects;
  std::vector<Condition> from;
  Attribution attribution;
  friend bool operator==(const ReclassifyReturn&, const ReclassifyReturn&) = default;
};

struct RerouteGroup {
  // Index into Order::groups.
  uint32_t group = 0;
  std::string group_id;
  Method method = Method::kShip;
  Destination destination;
  // Of a pickup or carry-out: only there.
  std::string location_id;
  struct Line {
    uint32_t line = 0;  // index into Order::lines
    std::string line_id;
    std::string sku;
    Quantity quantity;
    friend bool operator==(const Line&, const Line&) = default;
  };
  std::vector<Line> lines;
  friend bool operator==(const RerouteGroup&, const RerouteGroup&) = default;
};

// Plan (partially, if need be) and hold under OwnerId(order_id, attempt). Settled by
// ReportRerouted. Until it is, the same owner may hold anew: the next hold takes the previous one's
// place, and one that is never reported expires. So the hold's request id is the caller's choice.
struct Reroute {
  std::string key;
  std::string order_id;
  int attempt = 0;
  int revision = 0;
  std::vector<RerouteGroup> groups;
  // For shipping groups.
  std::vector<std::string> excluded_locations;
  // As of ConfirmStock.
  std::string channel_id;
  std::string customer_ref;
  friend bool operator==(const Reroute&, const Reroute&) = default;
};

// What would serve the order's back-ordered units; empty if there are none, or if something else of
// it is being routed. Not an intent: nothing is to be done about them until stock comes, and
// nothing happens when none has. Settled, if something could be held, by ReportBackorderFilled.
std::optional<Reroute> BackorderOf(const Order& order);

using Intent = std::variant<ConfirmStock, FulfilStock, ReleaseStock, SellStock, RestockReturn,
                            Reroute, ReclassifyReturn>;

// Of the order and its returns.
std::vector<Intent> PendingIntents(const Order& order);
// Of an unmatched return.
std::vector<Intent> PendingIntents(const Return& unmatched);
// Of everything, in the order of ids: after a restart.
std::vector<Intent> AllPendingIntents(const State& state);

// Its key. Points into the intent.
std::string_view KeyOf(const Intent& intent);

}  // namespace quartermaster::orders

#endif  // QUARTERMASTER_SERVICES_ORDERS_DOMAIN_SAGA_H_
