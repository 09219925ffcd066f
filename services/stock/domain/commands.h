// What stock can be asked to do. Names have been resolved to compact ids by the caller; kNone
// stands for a name that nobody registered.
#ifndef QUARTERMASTER_SERVICES_STOCK_DOMAIN_COMMANDS_H_
#define QUARTERMASTER_SERVICES_STOCK_DOMAIN_COMMANDS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "services/base/quantity.h"
#include "services/base/time.h"
#include "services/stock/domain/allotment.h"
#include "services/stock/domain/attribution.h"
#include "services/stock/domain/channel.h"
#include "services/stock/domain/conditions.h"
#include "services/stock/domain/counts.h"
#include "services/stock/domain/ids.h"
#include "services/stock/domain/kits.h"
#include "services/stock/domain/reservation.h"
#include "services/stock/domain/sources.h"
#include "services/stock/domain/supply_commands.h"
#include "services/stock/domain/transfer_commands.h"

namespace quartermaster::stock {

// No time: of what is not waited for.
inline constexpr Instant kNever = {};

// One line of a hold: units from a pool, from a location, or for a channel from its pool. One from
// a pool or a location may have a channel, too: it is the channel's demand, and counts for what the
// channel may have; kNone: nobody's.
struct HoldLine {
  std::string line_id;
  SkuIndex sku = SkuIndex::kNone;
  bool from_pool = false;
  PoolIndex pool = PoolIndex::kNone;
  LocationIndex location = LocationIndex::kNone;
  Quantity quantity;
  bool for_channel = false;
  ChannelIndex channel = ChannelIndex::kNone;
  // Lines of one number, from 1, are to be at one location; 0: wherever. They have one source.
  uint32_t group = 0;
  // What is not there may come by then; kNever: all must be there.
  Instant wait_until = kNever;

  bool waits() const { return wait_until != kNever; }
};
using HoldLines = absl::InlinedVector<HoldLine, 1>;

struct ReserveStock {
  std::string owner;
  HoldLines lines;
  Micros ttl;
  bool allow_partial = false;
  // An open hold that this one takes the place of, as it does of the owner's own; kNone: none.
  ReservationId takes_over = ReservationId::kNone;
  Attribution attribution;
  // Whose units count for caps by customer; empty: nobody's.
  std::string customer;
};

struct UpdateReservation {
  ReservationId reservation = ReservationId::kNone;
  HoldLines lines;
  // Unset keeps the deadline.
  std::optional<Micros> ttl;
  Attribution attribution;
};

struct ExtendReservation {
  ReservationId reservation = ReservationId::kNone;
  Micros ttl;
  Attribution attribution;
};

struct ConfirmReservation {
  ReservationId reservation = ReservationId::kNone;
  // Held anew and confirmed at once, for `owner`, if the hold has expired. Empty: refused then.
  HoldLines rehold_lines;
  std::string owner;
  Attribution attribution;
  // Of what is held anew, as of ReserveStock.
  std::string customer;
};

struct BindReservation {
  struct Line {
    std::string line_id;
    Placements placements;
    // Of a kit's line: only this part of it; else so many kits are placed.
    bool of_part = false;
    SkuIndex part = SkuIndex::kNone;
  };
  ReservationId reservation = ReservationId::kNone;
  std::vector<Line> lines;
  Attribution attribution;
};

// Open units of a line.
struct LinePart {
  std::string line_id;
  // At any of its locations, in placement order; otherwise at `location`, which may be unknown.
  bool any_location = true;
  LocationIndex location = LocationIndex::kNone;
  Quantity quantity;
  // Of a kit's line: units of this part of it only; else so many kits.
  bool of_part = false;
  SkuIndex part = SkuIndex::kNone;
};

struct ReleaseReservation {
  ReservationId reservation = ReservationId::kNone;
  // Empty: all open units.
  std::vector<LinePart> parts;
  // Looked for and not found: the units become suspect.
  bool missing = false;
  Attribution attribution;
};

struct FulfilReservation {
  ReservationId reservation = ReservationId::kNone;
  // Empty: all open units.
  std::vector<LinePart> parts;
  Attribution attribution;
  // Which message of which source tells it.
  SourceMessage message = {};
  // When it happened, if not now.
  Instant business_time = {};
};

enum class AdjustmentKind : uint8_t {
  kReceived = 1,
  kReturned = 2,
  kSold = 3,
  kTransferredIn = 4,
  kTransferredOut = 5,
  kCounted = 6,
  // On hand stays: units move from one condition to another.
  kConditionChanged = 7,
};

// A fact: on hand or a condition changed. Names instead of ids, as a fact may name what nobody
// registered.
struct Adjustment {
  std::string sku;
  std::string location;
  AdjustmentKind kind = AdjustmentKind::kReceived;
  // The change, unless compare-and-set.
  Quantity delta;
  bool compare_and_set = false;
  Quantity expected;
  Quantity value;
  // What the units are fit for; of a change of condition: from then on.
  Condition condition = Condition::kSellable;
  // Of a change of condition only, which moves `delta` units, a positive number.
  Condition from_condition = Condition::kNone;
  // Empty: none.
  std::string effect_key;
  Instant business_time;
  // Never of compare-and-set.
  SourceMessage message;
};

// One fact; a batch of them is so many commands, as each stands on its own.
struct AdjustStock {
  Adjustment adjustment;
  Attribution attribution;
};

// A request to move units from one condition to another: refused if there are fewer of them.
struct ChangeCondition {
  SkuIndex sku = SkuIndex::kNone;
  LocationIndex location = LocationIndex::kNone;
  Condition from = Condition::kSellable;
  Condition to = Condition::kSellable;
  Quantity quantity;
  Attribution attribution;
};

// A part of a count. Nothing changes before the last of them has come, in whatever order.
struct StageCount {
  struct Mark {
    std::string source;
    int64_t sequence = 0;
  };
  struct Row {
    std::string sku;
    std::string location;
    Quantity quantity;
    Quantity left_out;
  };
  // The same in every part.
  std::string count_id;
  std::string source;
  // The number that the count itself has among its source's messages; 0: none.
  int64_t source_sequence = 0;
  Instant taken;
  Micros doubt;
  CountBasis basis = CountBasis::kGross;
  bool clears_suspects = false;
  std::vector<std::string> full_at;
  std::vector<Mark> watermarks;
  int parts = 1;
  // 1 to `parts`.
  int part = 1;
  std::vector<Row> rows;
  Attribution attribution;
};

struct SetPool {
  std::string pool;
  std::vector<LocationIndex> locations;
  Attribution attribution;
};

// Names a channel, or sets one anew. Holds that stand keep what they were made with.
struct SetChannel {
  std::string channel;
  PoolIndex pool = PoolIndex::kNone;
  Demand demand = Demand::kOnline;
  Quantity buffer;
  // The version that it must have, 0 for none; unset: any.
  std::optional<int64_t> expected_version;
  Attribution attribution;
};

// Sets what a channel may have of a SKU. What it has stays its own.
struct SetAllotment {
  ChannelIndex channel = ChannelIndex::kNone;
  SkuIndex sku = SkuIndex::kNone;
  // Empty: removes it.
  AllotmentTerms terms;
  // What was fulfilled before counts no longer; so it is whenever there was none.
  bool new_window = false;
  // The version that it must have, 0 for none; unset: any.
  std::optional<int64_t> expected_version;
  Attribution attribution;
};

// Sets what is kept back from online demand, for a SKU at a location, a SKU, a location, or all.
struct SetStockPolicy {
  bool of_sku = false;
  SkuIndex sku = SkuIndex::kNone;
  bool of_location = false;
  LocationIndex location = LocationIndex::kNone;
  // Unset: removes the setting, so that a wider one counts.
  std::optional<Quantity> safety_stock;
  // The version that the scope's setting must have, 0 for none; unset: any.
  std::optional<int64_t> expected_version;
  Attribution attribution;
};

// Says what a SKU consists of, or, without components, that it is a kit no more. Holds that stand
// keep the parts that they were made of.
struct DefineKit {
  SkuIndex sku = SkuIndex::kNone;
  // Each SKU once.
  KitParts components;
  bool same_location = false;
  // The version that it must have, 0 for none; unset: any.
  std::optional<int64_t> expected_version;
  Attribution attribution;
};

// From the catalog: a name exists.
struct RegisterSku {
  std::string sku;
};
struct RegisterLocation {
  std::string location;
  bool paused = false;
};

// Queries, decided like commands so that they are exact cuts; they change nothing.
struct GetReservation {
  ReservationId reservation = ReservationId::kNone;
};
struct ListReservations {
  std::string owner;                      // empty: anyone's
  std::optional<ReservationState> state;  // unset: any
  ReservationId after = ReservationId::kNone;
  int limit = 100;
};

// A SKU at a location, in a pool, or for a channel.
struct StockKey {
  SkuIndex sku = SkuIndex::kNone;
  bool from_pool = false;
  PoolIndex pool = PoolIndex::kNone;
  LocationIndex location = LocationIndex::kNone;
  bool for_channel = false;
  ChannelIndex channel = ChannelIndex::kNone;

  bool at_location() const { return !from_pool && !for_channel; }
};
// For an asker whose own hold does not count; anyone else reads the view.
struct GetAvailability {
  std::vector<StockKey> keys;
  std::string owner;
  // What can be had by then, of what is there and of what will have come; kNever: not asked.
  Instant by = kNever;
};

struct GetCount {
  std::string count_id;
};
// By index, behind `after`.
struct ListSources {
  SourceIndex after = SourceIndex::kNone;
  int limit = 100;
};
// Positions where the books differ from their last count, or where a count is asked for; in the
// order of their keys, behind `after`.
struct ListDifferences {
  std::string source;  // empty: any
  uint64_t after = 0;
  int limit = 100;
};

using Command =
    std::variant<ReserveStock, UpdateReservation, ExtendReservation, ConfirmReservation,
                 BindReservation, ReleaseReservation, FulfilReservation, AdjustStock, SetPool,
                 SetStockPolicy, SetChannel, RegisterSku, RegisterLocation, GetReservation,
                 ListReservations, GetAvailability, ChangeCondition, StageCount, GetCount,
                 ListSources, ListDifferences, SetAllotment, DefineKit, TransferStock, ShipTransfer,
                 ReceiveTransfer, CloseTransfer, GetTransfer, ListTransfers, ExpectSupply,
                 ReceiveSupply, CancelSupply, GetSupply>;

}  // namespace quartermaster::stock

#endif  // QUARTERMASTER_SERVICES_STOCK_DOMAIN_COMMANDS_H_
