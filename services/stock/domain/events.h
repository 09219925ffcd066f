// What happened to stock. Stored by codec/; applied by apply.h.
#ifndef QUARTERMASTER_SERVICES_STOCK_DOMAIN_EVENTS_H_
#define QUARTERMASTER_SERVICES_STOCK_DOMAIN_EVENTS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "services/base/quantity.h"
#include "services/base/time.h"
#include "services/stock/domain/allotment.h"
#include "services/stock/domain/commands.h"
#include "services/stock/domain/counts.h"
#include "services/stock/domain/ids.h"
#include "services/stock/domain/reservation.h"
#include "services/stock/domain/safety_stock.h"
#include "services/stock/domain/sku_backing.h"
#include "services/stock/domain/sources.h"
#include "services/stock/domain/supply_events.h"
#include "services/stock/domain/transfer_events.h"

namespace quartermaster::stock {

struct SkuRegistered {
  SkuIndex sku = SkuIndex::kNone;
  std::string name;
  // A fact named it before the catalog did.
  bool implicit = false;

  friend bool operator==(const SkuRegistered&, const SkuRegistered&) = default;
};

struct LocationRegistered {
  LocationIndex location = LocationIndex::kNone;
  std::string name;
  bool implicit = false;

  friend bool operator==(const LocationRegistered&, const LocationRegistered&) = default;
};

struct LocationPaused {
  LocationIndex location = LocationIndex::kNone;
  bool paused = false;

  friend bool operator==(const LocationPaused&, const LocationPaused&) = default;
};

struct PoolSet {
  PoolIndex pool = PoolIndex::kNone;
  std::string name;
  std::vector<LocationIndex> locations;
  Attribution attribution;

  friend bool operator==(const PoolSet&, const PoolSet&) = default;
};

// Open units of one line at one location.
struct Part {
  uint32_t line = 0;
  LocationIndex location = LocationIndex::kNone;
  Quantity quantity;

  friend bool operator==(const Part&, const Part&) = default;
};
using Parts = absl::InlinedVector<Part, 1>;
// Mostly none.
using FlexibleParts = std::vector<Part>;

struct StockReserved {
  struct Line {
    std::string line_id;
    SkuIndex sku = SkuIndex::kNone;
    // Where it was asked from: a pool, or else this location.
    PoolIndex pool = PoolIndex::kNone;
    LocationIndex location = LocationIndex::kNone;
    // Of a flexible line: the placements are where its units stand for now. With a group: where
    // they may move together.
    ClassIndex eligible = ClassIndex::kNone;
    Placements placements;
    // Whose line it is, of a channel's.
    ChannelIndex channel = ChannelIndex::kNone;
    // Of a part of a kit, and of lines that must be at one location: see ReservationLine.
    SkuIndex kit = SkuIndex::kNone;
    uint32_t per_kit = 0;
    uint32_t group = 0;
    // Beside those that are placed: units that are to come, and by when.
    Quantity waiting;
    Instant needed_by = kNever;

    bool flexible() const { return eligible != ClassIndex::kNone && group == 0; }
    friend bool operator==(const Line&, const Line&) = default;
  };
  // Flexible units of a hold that is replaced.
  struct Ended {
    ReservationId reservation = ReservationId::kNone;
    Part part;

    friend bool operator==(const Ended&, const Ended&) = default;
  };
  std::string owner;
  Instant expires;
  absl::InlinedVector<Line, 1> lines;
  // Holds that this one takes the place of.
  absl::InlinedVector<ReservationId, 1> replaces;
  // Where the flexible units of those stand, all of them.
  std::vector<Ended> ended;
  Attribution attribution;
  // Whose units it has, as they were named; empty: nobody's in particular.
  std::string customer;

  friend bool operator==(const StockReserved&, const StockReserved&) = default;
};

struct ReservationExtended {
  ReservationId reservation = ReservationId::kNone;
  Instant expires;
  Attribution attribution;

  friend bool operator==(const ReservationExtended&, const ReservationExtended&) = default;
};

struct ReservationConfirmed {
  ReservationId reservation = ReservationId::kNone;
  Attribution attribution;
  // Where the flexible units stand, all of them.
  FlexibleParts parts;

  friend bool operator==(const ReservationConfirmed&, const ReservationConfirmed&) = default;
};

struct ReservationBound {
  struct Line {
    uint32_t line = 0;  // index into the reservation's lines
    Placements placements;
    // Of a flexible line: where its units stood.
    std::vector<Placement> from;

    friend bool operator==(const Line&, const Line&) = default;
  };
  ReservationId reservation = ReservationId::kNone;
  std::vector<Line> lines;
  Attribution attribution;

  friend bool operator==(const ReservationBound&, const ReservationBound&) = default;
};

struct ReservationReleased {
  ReservationId reservation = ReservationId::kNone;
  Parts parts;
  bool missing = false;
  Attribution attribution;
  // So are all of its units that stand nowhere: those in transit, and those that wait.
  bool unplaced = false;

  friend bool operator==(const ReservationReleased&, const ReservationReleased&) = default;
};

struct ReservationExpired {
  ReservationId reservation = ReservationId::kNone;
  // Where the flexible units stand, all of them.
  FlexibleParts parts;

  friend bool operator==(const ReservationExpired&, const ReservationExpired&) = default;
};

struct ReservationFulfilled {
  ReservationId reservation = ReservationId::kNone;
  Parts parts;
  Attribution attribution;
  // Which message of which source says so: its number only (SourceMessageSeen has the rest).
  MessageRef message = {};
  // When it happened, if not when it was logged.
  Instant business_time = {};
  // The parts, by their index and ascending, that had left when their location was last counted.
  std::vector<uint32_t> in_count = {};

  friend bool operator==(const ReservationFulfilled&, const ReservationFulfilled&) = default;
};

struct StockAdjusted {
  SkuIndex sku = SkuIndex::kNone;
  LocationIndex location = LocationIndex::kNone;
  AdjustmentKind kind = AdjustmentKind::kReceived;
  Quantity delta;
  Condition condition = Condition::kSellable;
  std::string effect_key;
  uint64_t effect_fingerprint = 0;
  Instant business_time;
  Attribution attribution;
  MessageRef message;
  // The position's last count has it: it is on record, and on hand stays.
  bool in_count = false;
  // On hand was set, not changed: that holds as of when it was logged.
  bool absolute = false;

  friend bool operator==(const StockAdjusted&, const StockAdjusted&) = default;
};

// Units of flexible holds stand elsewhere, to make room for what comes next, or because the goods
// are gone. Comes before the event that it makes room for, in the same frame.
struct BackingMoved {
  SkuIndex sku = SkuIndex::kNone;
  std::vector<BackingMove> moves;

  friend bool operator==(const BackingMoved&, const BackingMoved&) = default;
};

// Open units of a line for which the goods are gone: whose they are is decided by who came last,
// and paid orders go before carts (DOMAIN, "When supply shrinks").
struct UncoveredUnits {
  ReservationId reservation = ReservationId::kNone;
  uint32_t line = 0;
  // Of a line with places; kNone: flexible units have none.
  LocationIndex location = LocationIndex::kNone;
  Quantity quantity;

  friend bool operator==(const UncoveredUnits&, const UncoveredUnits&) = default;
};

// There are fewer goods of a SKU than promised, and these are who goes without, as things are: in
// addition to who did before. Their reservations stand.
struct UnitsUncovered {
  SkuIndex sku = SkuIndex::kNone;
  std::vector<UncoveredUnits> units;

  friend bool operator==(const UnitsUncovered&, const UnitsUncovered&) = default;
};

// Some of them have goods again.
struct UnitsCovered {
  SkuIndex sku = SkuIndex::kNone;
  std::vector<UncoveredUnits> units;

  friend bool operator==(const UnitsCovered&, const UnitsCovered&) = default;
};

// Units changed their condition; on hand stayed.
struct ConditionChanged {
  SkuIndex sku = SkuIndex::kNone;
  LocationIndex location = LocationIndex::kNone;
  Condition from = Condition::kNone;
  Condition to = Condition::kNone;
  // Out of `from`.
  Quantity quantity;
  // A fact may say that more left `from` than was known to be in it: so many more came from among
  // the sellable.
  Quantity from_sellable;
  std::string effect_key;
  uint64_t effect_fingerprint = 0;
  Instant business_time;
  Attribution attribution;
  MessageRef message;

  friend bool operator==(const ConditionChanged&, const ConditionChanged&) = default;
};

// Who sells from which pool, from here on.
struct ChannelSet {
  ChannelIndex channel = ChannelIndex::kNone;
  std::string name;
  PoolIndex pool = PoolIndex::kNone;
  Demand demand = Demand::kOnline;
  Quantity buffer;
  Attribution attribution;

  friend bool operator==(const ChannelSet&, const ChannelSet&) = default;
};

// What a channel may have of a SKU, from here on. Touches no reservation.
struct AllotmentSet {
  ChannelIndex channel = ChannelIndex::kNone;
  SkuIndex sku = SkuIndex::kNone;
  // Empty: there is none any more.
  AllotmentTerms terms;
  // What was fulfilled before counts no longer.
  bool new_window = false;
  Attribution attribution;

  friend bool operator==(const AllotmentSet&, const AllotmentSet&) = default;
};

// What is kept back from online demand, in the scope. Touches no reservation.
struct StockPolicySet {
  PolicyScope scope;
  // Unset: the scope has no setting of its own any more.
  std::optional<Quantity> safety_stock;
  Attribution attribution;

  friend bool operator==(const StockPolicySet&, const StockPolicySet&) = default;
};

// What a SKU consists of, from here on; without components, it is a kit no more. Touches no
// reservation.
struct KitDefined {
  SkuIndex sku = SkuIndex::kNone;
  KitParts components;
  bool same_location = false;
  Attribution attribution;

  friend bool operator==(const KitDefined&, const KitDefined&) = default;
};

// Lines of a reservation that must be at one location have moved, to make room for what comes next:
// as ReservationBound, but that nobody asked for it, and that they may move again.
struct GroupMoved {
  ReservationId reservation = ReservationId::kNone;
  std::vector<ReservationBound::Line> lines;

  friend bool operator==(const GroupMoved&, const GroupMoved&) = default;
};

struct SourceRegistered {
  SourceIndex source = SourceIndex::kNone;
  std::string name;

  friend bool operator==(const SourceRegistered&, const SourceRegistered&) = default;
};

// A message that no other event has: its effect had happened before, or it is about a transfer.
struct SourceMessageSeen {
  MessageRef message;
  // What it is about; kNone: something that had happened before.
  TransferIndex transfer = TransferIndex::kNone;

  friend bool operator==(const SourceMessageSeen&, const SourceMessageSeen&) = default;
};

// The alarm: messages of a source are missing. It is suspect until they have come or a full count
// has them.
struct SourceGapOpened {
  SourceIndex source = SourceIndex::kNone;
  SequenceGap gap;

  friend bool operator==(const SourceGapOpened&, const SourceGapOpened&) = default;
};

// No message of the source is missing any more.
struct SourceGapsClosed {
  SourceIndex source = SourceIndex::kNone;

  friend bool operator==(const SourceGapsClosed&, const SourceGapsClosed&) = default;
};

// The books of a position cannot be right, or are doubted.
struct CountRequested {
  SkuIndex sku = SkuIndex::kNone;
  LocationIndex location = LocationIndex::kNone;
  DiscrepancyCause cause = DiscrepancyCause::kUnexplained;
  // Whose fact or count it is about; kNone: nobody's in particular.
  SourceIndex source = SourceIndex::kNone;

  friend bool operator==(const CountRequested&, const CountRequested&) = default;
};

struct CountStarted {
  CountIndex count = CountIndex::kNone;
  std::string id;
  CountTerms terms;
  uint64_t fingerprint = 0;
  int parts = 1;
  int64_t source_sequence = 0;
  Attribution attribution;

  friend bool operator==(const CountStarted&, const CountStarted&) = default;
};

struct CountPartStaged {
  CountIndex count = CountIndex::kNone;
  // From 1.
  int part = 1;
  uint64_t fingerprint = 0;
  // As they were sent.
  std::vector<CountRow> rows;

  friend bool operator==(const CountPartStaged&, const CountPartStaged&) = default;
};

// A SKU was switched to its count.
struct StockCounted {
  struct Line {
    // Units that are gone out of a condition: part of the variance.
    struct Taken {
      Condition condition = Condition::kNone;
      Quantity quantity;

      friend bool operator==(const Taken&, const Taken&) = default;
    };
    LocationIndex location = LocationIndex::kNone;
    // What the count found, and what it left out.
    Quantity counted;
    Quantity left_out;
    // The change of on hand: what the count and the facts that it does not have make, less what the
    // books had.
    Quantity variance;
    absl::InlinedVector<Taken, 1> taken;
    // Suspect units that can be sold again.
    Quantity found;
    // Why the books were wrong, if they were.
    DiscrepancyCause cause = DiscrepancyCause::kUnexplained;

    friend bool operator==(const Line&, const Line&) = default;
  };
  CountIndex count = CountIndex::kNone;
  SkuIndex sku = SkuIndex::kNone;
  std::vector<Line> lines;
  // Locations whose row was not used: a newer count holds; it was too old; and those whose line is
  // doubted.
  int superseded = 0;
  int too_old = 0;
  int doubtful = 0;

  friend bool operator==(const StockCounted&, const StockCounted&) = default;
};

// All of its SKUs are switched.
struct CountCompleted {
  CountIndex count = CountIndex::kNone;

  friend bool operator==(const CountCompleted&, const CountCompleted&) = default;
};

// Its parts did not all come in time: nothing of it is in the books.
struct CountAbandoned {
  CountIndex count = CountIndex::kNone;

  friend bool operator==(const CountAbandoned&, const CountAbandoned&) = default;
};

using Event =
    std::variant<SkuRegistered, LocationRegistered, LocationPaused, PoolSet, StockReserved,
                 ReservationExtended, ReservationConfirmed, ReservationBound, ReservationReleased,
                 ReservationExpired, ReservationFulfilled, StockAdjusted, BackingMoved,
                 UnitsUncovered, UnitsCovered, ConditionChanged, StockPolicySet, ChannelSet,
                 SourceRegistered, SourceMessageSeen, SourceGapOpened, SourceGapsClosed,
                 CountRequested, CountStarted, CountPartStaged, StockCounted, CountCompleted,
                 CountAbandoned, AllotmentSet, KitDefined, GroupMoved, TransferRequested,
                 TransferShipped, TransferReceived, TransferClosed, SupplyExpected, SupplyReceived,
                 SupplyCancelled, WaitersServed, PromisesChanged>;
using Events = std::vector<Event>;

}  // namespace quartermaster::stock

#endif  // QUARTERMASTER_SERVICES_STOCK_DOMAIN_EVENTS_H_
