// The stored form of events and outcomes: a round trip of each, and its bytes, held to for ever.
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <set>
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "quartermaster/stock/events/v1/events.pb.h"
#include "services/base/testing/seed.h"
#include "services/stock/codec/event_codec.h"
#include "services/stock/codec/outcome_codec.h"
#include "services/stock/domain/testing/random_commands.h"
#include "services/stock/domain/testing/shop.h"

namespace quartermaster::stock {
namespace {

constexpr SkuIndex kSku{7};
constexpr LocationIndex kStore{3};
constexpr LocationIndex kWarehouse{300};
constexpr PoolIndex kPool{2};
constexpr ClassIndex kClass{5};
constexpr ReservationId kId{1'234'567};
constexpr Instant kTime{1'795'000'000'123'456};

Attribution Someone() { return {"clerk-9", "till-4", "CYCLE_COUNT"}; }

// Those of version 3.
std::map<std::string, Event> ChannelEvents() {
  StockReserved reserved;
  reserved.owner = "cart-1";
  reserved.expires = kTime;
  reserved.lines.push_back(
      {"", kSku, kPool, LocationIndex::kNone, kClass, {{kStore, Quantity(2)}}, ChannelIndex{3}});
  return {{"stock_reserved_for_channel", reserved}};
}

// Those of version 4.
std::map<std::string, Event> CustomerEvents() {
  auto reserved = std::get<StockReserved>(ChannelEvents().begin()->second);
  reserved.customer = "c-7";
  return {{"stock_reserved_for_customer", reserved}};
}

// Those of version 5.
std::map<std::string, Event> BundleEvents() {
  StockReserved reserved;
  reserved.owner = "cart-1";
  reserved.expires = kTime;
  reserved.lines.push_back(
      {"0", kSku, kPool, LocationIndex::kNone, kClass, {{kStore, Quantity(6)}}, ChannelIndex{3}});
  reserved.lines[0].kit = SkuIndex{9};
  reserved.lines[0].per_kit = 3;
  StockReserved whole = reserved;
  whole.lines[0].group = 2;
  StockReserved group = whole;
  group.lines[0].kit = SkuIndex::kNone;
  group.lines[0].per_kit = 0;
  return {{"stock_reserved_kit", reserved},
          {"stock_reserved_whole_kit", whole},
          {"stock_reserved_group", group}};
}

// One of each type, every field set; and the shapes that are written differently.
std::map<std::string, Event> SampleEvents() {
  const Placements both = {{kStore, Quantity(2)}, {kWarehouse, Quantity(1'000'000'000)}};
  StockReserved reserved;
  reserved.owner = "cart-1";
  reserved.expires = kTime;
  constexpr auto kPlaced = ClassIndex::kNone;
  reserved.lines.push_back({"blue", kSku, kPool, LocationIndex::kNone, kPlaced, both});
  reserved.lines.push_back({"", kSku, PoolIndex::kNone, kStore, kPlaced, {{kStore, Quantity(1)}}});
  StockReserved partial = reserved;
  partial.lines = {{"pool", kSku, kPool, LocationIndex::kNone, kPlaced, {}},
                   {"place", kSku, PoolIndex::kNone, kStore, kPlaced, {}}};
  partial.replaces = {kId, ReservationId{42}};
  partial.attribution = Someone();
  return {
      {"sku_registered", SkuRegistered{kSku, "SHIRT-M", true}},
      {"location_registered", LocationRegistered{kStore, "S1", true}},
      {"location_paused", LocationPaused{kStore, true}},
      {"pool_set", PoolSet{kPool, "web", {kStore, kWarehouse}, Someone()}},
      {"stock_reserved", reserved},
      {"stock_reserved_partial", partial},
      {"channel_set",
       ChannelSet{ChannelIndex{3}, "marketplace-7", kPool, Demand::kTill, Quantity(5), Someone()}},
      {"channel_set_plain", ChannelSet{ChannelIndex{1}, "web", kPool, Demand::kOnline, {}, {}}},
      {"allotment_set",
       AllotmentSet{
           ChannelIndex{3}, kSku, {Quantity(5), Quantity(0), Quantity(2), true}, true, Someone()}},
      {"allotment_removed", AllotmentSet{ChannelIndex{1}, kSku, {}, false, {}}},
      {"kit_defined",
       KitDefined{SkuIndex{9}, {{kSku, 3}, {SkuIndex{8}, 1'000'000}}, true, Someone()}},
      {"kit_defined_no_more", KitDefined{SkuIndex{9}, {}, false, {}}},
      {"group_moved", GroupMoved{kId, {{0, both}, {5, {{kStore, Quantity(1)}}}}}},
      {"stock_policy_set", StockPolicySet{{kSku, kStore}, Quantity(12), Someone()}},
      {"stock_policy_set_to_none_everywhere", StockPolicySet{{}, Quantity(0), {}}},
      {"stock_policy_removed", StockPolicySet{{kSku, LocationIndex::kNone}, {}, {}}},
      {"reservation_extended", ReservationExtended{kId, kTime, Someone()}},
      {"reservation_confirmed", ReservationConfirmed{kId, Someone()}},
      {"reservation_bound",
       ReservationBound{kId, {{0, both}, {5, {{kStore, Quantity(1)}}}}, Someone()}},
      {"reservation_released",
       ReservationReleased{kId, {{1, kStore, Quantity(2)}}, false, Someone()}},
      {"reservation_released_missing",
       ReservationReleased{
           kId, {{1, kStore, Quantity(2)}, {2, kWarehouse, Quantity(3)}}, true, {}}},
      {"reservation_expired", ReservationExpired{kId}},
      {"reservation_fulfilled", ReservationFulfilled{kId, {{0, kStore, Quantity(1)}}, Someone()}},
      {"stock_adjusted",
       StockAdjusted{kSku, kStore, AdjustmentKind::kSold, Quantity(-5), Condition::kDamaged,
                     "wms1/481516", 0xfedcba9876543210, kTime, Someone()}},
      {"condition_changed",
       ConditionChanged{kSku, kStore, Condition::kInspection, Condition::kSuspect, Quantity(3),
                        Quantity(2), "wms1/7", 0x0123456789abcdef, kTime, Someone()}},
      {"condition_changed_plain", ConditionChanged{.sku = kSku,
                                                   .location = kStore,
                                                   .from = Condition::kSellable,
                                                   .to = Condition::kDamaged,
                                                   .quantity = Quantity(1)}},
      {"source_registered", SourceRegistered{SourceIndex{4}, "wms1"}},
      {"source_message_seen", SourceMessageSeen{{SourceIndex{4}, 19, "m19", 8}}},
      {"source_gap_opened", SourceGapOpened{SourceIndex{4}, {20, 23}}},
      {"source_gaps_closed", SourceGapsClosed{SourceIndex{4}}},
      {"count_requested",
       CountRequested{kSku, kStore, DiscrepancyCause::kSoldBelowZero, SourceIndex{4}}},
      {"count_started", CountStarted{CountIndex{5},
                                     "2026-11-27",
                                     {SourceIndex{4},
                                      kTime,
                                      Seconds(300),
                                      CountBasis::kLessPickedAndStaged,
                                      {kStore, kWarehouse},
                                      true,
                                      {{SourceIndex{4}, 17}, {SourceIndex{6}, 0}}},
                                     0x8877665544332211,
                                     12,
                                     24,
                                     Someone()}},
      {"count_started_plain", CountStarted{.count = CountIndex{5}, .id = "c"}},
      {"count_part_staged",
       CountPartStaged{CountIndex{5},
                       3,
                       0x0102030405060708,
                       {{kSku, kStore, Quantity(3), {}}, {kSku, kWarehouse, Quantity(0), {}}}}},
      {"count_part_staged_left_out",
       CountPartStaged{CountIndex{5},
                       1,
                       1,
                       {{kSku, kStore, Quantity(-3), Quantity(2)}, {kSku, kStore, {}, {}}}}},
      {"stock_counted",
       StockCounted{CountIndex{5},
                    kSku,
                    {{kStore,
                      Quantity(9),
                      Quantity(1),
                      Quantity(-3),
                      {{Condition::kSuspect, Quantity(2)}, {Condition::kDamaged, Quantity(1)}},
                      Quantity(4),
                      DiscrepancyCause::kMissingUnits},
                     {.location = kWarehouse}},
                    1,
                    2,
                    3}},
      {"count_completed", CountCompleted{CountIndex{5}}},
      {"count_abandoned", CountAbandoned{CountIndex{5}}},
      {"stock_adjusted_plain",
       StockAdjusted{.sku = kSku, .location = kStore, .delta = Quantity(1)}},
      {"backing_moved",
       BackingMoved{kSku,
                    {{{kClass, false}, kStore, kWarehouse, Quantity(2)},
                     {{kClass, true}, kWarehouse, kStore, Quantity(1'000'000'000)}}}},
      {"units_uncovered",
       UnitsUncovered{kSku,
                      {{kId, 0, kStore, Quantity(2)},
                       {ReservationId{42}, 3, LocationIndex::kNone, Quantity(1)}}}},
      {"units_covered", UnitsCovered{kSku, {{kId, 1, kWarehouse, Quantity(3)}}}},
  };
}

// Those with flexible units, which version 1 did not know.
std::map<std::string, Event> FlexibleEvents() {
  StockReserved reserved;
  reserved.owner = "cart-1";
  reserved.expires = kTime;
  reserved.lines.push_back({"blue",
                            kSku,
                            kPool,
                            LocationIndex::kNone,
                            kClass,
                            {{kStore, Quantity(2)}, {kWarehouse, Quantity(3)}}});
  StockReserved replacing = reserved;
  replacing.lines[0].placements.clear();
  replacing.replaces = {kId};
  replacing.ended = {{kId, {1, kStore, Quantity(2)}}, {kId, {1, kWarehouse, Quantity(1)}}};
  replacing.attribution = Someone();
  ReservationBound bound{kId, {}, Someone()};
  bound.lines.emplace_back();
  bound.lines[0].line = 1;
  bound.lines[0].placements = {{kStore, Quantity(3)}};
  bound.lines[0].from = {{kStore, Quantity(1)}, {kWarehouse, Quantity(2)}};
  const FlexibleParts parts = {{0, kStore, Quantity(2)}, {3, kWarehouse, Quantity(1)}};
  return {
      {"stock_reserved_flexible", reserved},
      {"stock_reserved_replacing_flexible", replacing},
      {"reservation_confirmed_flexible", ReservationConfirmed{kId, Someone(), parts}},
      {"reservation_bound_flexible", bound},
      {"reservation_expired_flexible", ReservationExpired{kId, parts}},
  };
}

// Those that came in a message, or that a count has to do with, which version 1 did not know
// either.
std::map<std::string, Event> CountedEvents() {
  return {
      {"stock_adjusted_told",
       StockAdjusted{.sku = kSku,
                     .location = kStore,
                     .kind = AdjustmentKind::kSold,
                     .delta = Quantity(-1),
                     .message = {SourceIndex{4}, 17, "m17/2", 0x1122334455667788},
                     .in_count = true}},
      {"stock_adjusted_absolute", StockAdjusted{.sku = kSku,
                                                .location = kStore,
                                                .kind = AdjustmentKind::kCounted,
                                                .delta = Quantity(2),
                                                .absolute = true}},
      {"condition_changed_told", ConditionChanged{.sku = kSku,
                                                  .location = kStore,
                                                  .from = Condition::kDamaged,
                                                  .to = Condition::kSellable,
                                                  .quantity = Quantity(1),
                                                  .message = {SourceIndex{4}, 18, "", 7}}},
  };
}

// Transfers, of version 1.
std::map<std::string, Event> TransferEvents() {
  constexpr TransferIndex kTransfer{9};
  return {
      {"transfer_requested",
       TransferRequested{kTransfer,
                         "T-7",
                         kWarehouse,
                         kStore,
                         {{"first", kSku, Quantity(4), kId, 0, false},
                          {"", kSku, Quantity(2), ReservationId{42}, 3, true}},
                         0x1122334455667788,
                         Someone()}},
      {"transfer_requested_by_a_fact", TransferRequested{kTransfer, "T-8", kWarehouse, kStore}},
      {"transfer_shipped", TransferShipped{kTransfer,
                                           {{0, kSku, Quantity(4), Quantity(3), Quantity(2),
                                             "asn-9/1", 0xfedcba9876543210},
                                            {1, kSku, {}, {}, Quantity(-2), "", 0}},
                                           true,
                                           Someone()}},
      {"transfer_received",
       TransferReceived{kTransfer,
                        {{0, kSku, Quantity(3), Condition::kDamaged, Quantity(1), {}, "grn-1", 7},
                         {1, kSku, Quantity(2), Condition::kSellable, {}, Quantity(2), "", 0}},
                        true,
                        Someone()}},
      {"transfer_closed",
       TransferClosed{kTransfer, {{0, Quantity(1), {}}, {1, Quantity(2), Quantity(2)}}, Someone()}},
      {"transfer_closed_with_nothing_lost", TransferClosed{kTransfer, {}, {}}},
  };
}

// A receipt whose goods another event tells of, and a message about a transfer, of version 2.
std::map<std::string, Event> LaterEvents() {
  return {{"supply_received_beside", SupplyReceived{.supply = SupplyIndex{11},
                                                    .sku = kSku,
                                                    .location = kStore,
                                                    .quantity = Quantity(1),
                                                    .beside = true}},
          {"source_message_of_transfer",
           SourceMessageSeen{{SourceIndex{4}, 18, "", 7}, TransferIndex{9}}}};
}

// What left and came, with a message, a time, or units that a count has, and what a revision
// cancels, of version 2.
std::map<std::string, Event> DatedEvents() {
  constexpr TransferIndex kTransfer{9};
  const MessageRef message = {SourceIndex{4}, 18, "", 0};
  ReservationFulfilled fulfilled{kId, {{0, kStore, Quantity(1)}, {2, kStore, Quantity(3)}}, {}};
  fulfilled.message = message;
  fulfilled.business_time = kTime;
  fulfilled.in_count = {0, 1};
  TransferShipped shipped{kTransfer, {{0, kSku, Quantity(4), Quantity(3), {}, "", 0, Quantity(4)}}};
  shipped.message = message;
  shipped.business_time = kTime;
  TransferReceived received{kTransfer, {}, false, Someone()};
  received.lines.push_back({.line = 1, .sku = kSku, .quantity = Quantity(2)});
  received.lines[0].in_count = Quantity(1);
  TransferReceived dated{kTransfer, {}, true, {}};
  dated.business_time = kTime;
  return {{"reservation_fulfilled_dated", fulfilled},
          {"supply_cancelled_by_revision", SupplyCancelled{SupplyIndex{11}, Someone(), 3}},
          {"transfer_shipped_dated", shipped},
          {"transfer_received_in_count", received},
          {"transfer_received_dated", dated}};
}

// Supply, of version 1.
std::map<std::string, Event> SupplyEvents() {
  constexpr SupplyIndex kSupply{11};
  return {
      {"supply_expected", SupplyExpected{kSupply, "PO-7", "1", kSku, kStore, Quantity(40), kTime, 2,
                                         0x1122334455667788, Someone()}},
      {"supply_received",
       SupplyReceived{kSupply, "PO-7", "9", kSku, kWarehouse, Quantity(3), Condition::kInspection,
                      true, "grn-1/1", 0xfedcba9876543210, Someone()}},
      {"supply_received_plain",
       SupplyReceived{.supply = kSupply, .sku = kSku, .location = kStore, .quantity = Quantity(1)}},
      {"supply_cancelled", SupplyCancelled{kSupply, Someone()}},
      {"waiters_served",
       WaitersServed{
           kSku, {{kId, 0, kStore, Quantity(2)}, {ReservationId{42}, 3, kWarehouse, Quantity(1)}}}},
      {"promises_changed",
       PromisesChanged{kSku, {{kId, 0, Quantity(2)}, {ReservationId{42}, 3, {}}}}},
  };
}

// A hold that waits, of version 4.
std::map<std::string, Event> WaitingEvents() {
  StockReserved reserved;
  reserved.owner = "cart-1";
  reserved.expires = kTime;
  reserved.lines.push_back({.sku = kSku,
                            .pool = kPool,
                            .eligible = kClass,
                            .placements = {{kStore, Quantity(2)}},
                            .waiting = Quantity(3),
                            .needed_by = kTime + Seconds(1)});
  reserved.lines.push_back(
      {.sku = kSku, .location = kStore, .waiting = Quantity(1), .needed_by = kTime});
  return {{"stock_reserved_waiting", reserved}};
}

// What came with them, of version 2.
std::map<std::string, Event> TransitEvents() {
  return {{"reservation_released_unplaced",
           ReservationReleased{kId, {{1, kStore, Quantity(2)}}, false, Someone(), true}}};
}

TEST(EventCodecTest, EveryEventComesBackAsItWas) {
  EventEncoder encoder;
  std::set<uint32_t> types;
  std::map<std::string, Event> samples = SampleEvents();
  samples.merge(TransferEvents());
  samples.merge(TransitEvents());
  samples.merge(SupplyEvents());
  samples.merge(LaterEvents());
  samples.merge(DatedEvents());
  samples.merge(WaitingEvents());
  samples.merge(FlexibleEvents());
  samples.merge(CountedEvents());
  for (const auto& [name, event] : samples) {
    // The encoder keeps its messages: nothing of the one before may stay.
    for (int i = 0; i < 2; ++i) {
      const EncodedEvent encoded = encoder.Encode(event);
      types.insert(encoded.type);
      const auto decoded = DecodeEvent(encoded.type, encoded.version, encoded.payload);
      ASSERT_TRUE(decoded.ok()) << name << decoded.status();
      EXPECT_TRUE(*decoded == event) << name;
    }
  }
  // Every type but the sequencer's own.
  EXPECT_EQ(types.size(),
            static_cast<size_t>(events::v1::RecordType_descriptor()->value_count()) - 2);
}

TEST(EventCodecTest, NothingOfOneEventIsLeftInTheNext) {
  EventEncoder encoder;
  StockReserved full;
  full.owner = "a";
  full.attribution = Someone();
  full.replaces = {kId};
  full.lines.push_back(
      {"x", kSku, kPool, LocationIndex::kNone, ClassIndex::kNone, {{kStore, Quantity(1)}}});
  encoder.Encode(Event(full));
  const Event nothing(std::in_place_type<StockReserved>);
  const EncodedEvent empty = encoder.Encode(nothing);
  const auto decoded = DecodeEvent(empty.type, empty.version, empty.payload);
  EXPECT_TRUE(*decoded == nothing);
}

TEST(EventCodecTest, ColumnsOfDifferentLengthsAreNoPart) {
  events::v1::CountPartStaged part;
  part.add_skus(1);
  part.add_locations(1);
  EXPECT_EQ(DecodeEvent(events::v1::COUNT_PART_STAGED, 1, part.SerializeAsString()).status().code(),
            absl::StatusCode::kDataLoss);
  part.add_quantities(1);
  EXPECT_TRUE(DecodeEvent(events::v1::COUNT_PART_STAGED, 1, part.SerializeAsString()).ok());
  part.add_left_out(1);
  part.add_left_out(2);
  EXPECT_FALSE(DecodeEvent(events::v1::COUNT_PART_STAGED, 1, part.SerializeAsString()).ok());
}

TEST(EventCodecTest, WhatThisBinaryDoesNotKnowIsNamed) {
  for (const auto& [type, version] :
       {std::pair(events::v1::STOCK_RESERVED, 7), std::pair(events::v1::STOCK_ADJUSTED, 3),
        std::pair(events::v1::STOCK_RESERVED, 0)}) {
    const auto unknown = DecodeEvent(type, static_cast<uint32_t>(version), "");
    EXPECT_EQ(unknown.status().code(), absl::StatusCode::kFailedPrecondition);
    EXPECT_NE(unknown.status().ToString().find(absl::StrCat("version ", version)),
              std::string::npos);
  }
  for (const uint32_t type : {0u, 1u, 99u}) {
    const auto unknown = DecodeEvent(type, 1, "");
    EXPECT_EQ(unknown.status().code(), absl::StatusCode::kFailedPrecondition);
    EXPECT_NE(unknown.status().ToString().find(std::to_string(type)), std::string::npos);
  }
  EXPECT_EQ(DecodeEvent(events::v1::STOCK_RESERVED, 1, "\xff").status().code(),
            absl::StatusCode::kDataLoss);
}

HoldLine LineAt(LocationIndex location, int64_t quantity) {
  return {.line_id = "", .sku = kSku, .location = location, .quantity = Quantity(quantity)};
}

struct Sample {
  Command command;
  Result result;
};

std::map<std::string, Sample> SampleOutcomes() {
  ReserveStock at_location;
  at_location.lines = {LineAt(kStore, 2), LineAt(kWarehouse, 3)};
  ReserveStock from_pool = at_location;
  from_pool.lines[0].from_pool = true;
  from_pool.lines[0].pool = kPool;

  Held as_asked{"", kId, kTime, kTime + Seconds(900), {}, {}};
  as_asked.placements = {{{kStore, Quantity(2)}}, {{kWarehouse, Quantity(3)}}};
  Held split = as_asked;
  split.placements[0] = {{kStore, Quantity(1)}, {kWarehouse, Quantity(1)}};
  Held partial = as_asked;
  partial.placements[1].clear();
  partial.short_lines = {{1, Quantity(3), Quantity(0)}};
  Held updated = as_asked;
  updated.owner = "cart-1";

  Reservation r;
  r.id = kId;
  r.owner = "cart-1";
  r.state = ReservationState::kReplaced;
  r.created = kTime;
  r.expires = kDistantFuture;
  r.replaced_by = ReservationId{2'000'000};
  r.lines.push_back({"blue",
                     kSku,
                     kPool,
                     LocationIndex::kNone,
                     ChannelIndex::kNone,
                     ClassIndex::kNone,
                     SkuIndex::kNone,
                     0,
                     0,
                     Quantity(9),
                     Quantity(1),
                     Quantity(2),
                     Quantity(3),
                     {},
                     {{kStore, Quantity(3)}}});
  r.lines.push_back({"",
                     kSku,
                     PoolIndex::kNone,
                     kStore,
                     ChannelIndex::kNone,
                     ClassIndex::kNone,
                     SkuIndex::kNone,
                     0,
                     0,
                     Quantity(1),
                     {},
                     Quantity(1),
                     {},
                     {},
                     {}});
  Reservation flexible = r;
  flexible.lines.resize(1);
  flexible.lines[0].eligible = kClass;
  Reservation uncovered = flexible;
  uncovered.lines[0].uncovered = Quantity(2);

  const Rejection short_of{RejectionKind::kInsufficientStock,
                           1,
                           {{0, Quantity(5), Quantity(4)}, {1, Quantity(2), Quantity(0)}},
                           {},
                           {}};
  const Rejection expectation{RejectionKind::kExpectationFailed, -1, {}, Quantity(-3), Quantity(8)};
  AvailabilityFigures figures;
  figures.available = Quantity(1);
  figures.position = {Quantity(20), Quantity(2), Quantity(3), Quantity(14)};
  figures.shortage = Quantity(4);
  figures.conditions.of(Condition::kDamaged) = Quantity(2);
  figures.conditions.of(Condition::kQuarantine) = Quantity(3);
  figures.conditions.of(Condition::kInspection) = Quantity(4);
  figures.conditions.of(Condition::kSuspect) = Quantity(5);
  figures.flexible = Quantity(6);
  AvailabilityFigures kept_back = figures;
  kept_back.safety_stock = Quantity(7);
  StageCount part;
  part.count_id = "2026-11-27";
  part.source = "wms1";
  part.parts = 3;
  CountStatus status{.id = "2026-11-27", .source = "wms1", .state = CountState::kStaging};
  status.parts = 3;
  status.parts_staged = 1;
  status.missing_parts = {1, 3};
  status.rows = 2'000;
  status.positions = 4;
  status.differing = 5;
  status.surplus = Quantity(6);
  status.deficit = Quantity(7);
  status.superseded = 8;
  status.too_old = 9;
  status.doubtful = 10;
  status.taken = kTime;
  status.started = kTime + Seconds(1);
  status.changed = kTime + Seconds(2);
  std::map<std::string, Sample> samples = {
      {"outcome_count", {part, {.count = status}}},
      {"outcome_adjusted_told",
       {ReserveStock{},
        {.adjustments = {{std::nullopt, false, Quantity(-4), Quantity(6), true, Quantity(2),
                          true}}}}},
      {"outcome_figures", {ChangeCondition{}, {.availabilities = {figures}}}},
      {"outcome_figures_kept_back", {ChangeCondition{}, {.availabilities = {kept_back}}}},
      {"outcome_nothing", {SetPool{}, {}}},
      {"outcome_rejected", {at_location, {.rejection = short_of}}},
      {"outcome_held", {at_location, {.held = as_asked}}},
      {"outcome_held_split", {from_pool, {.held = split}}},
      {"outcome_held_partial", {at_location, {.held = partial}}},
      {"outcome_updated", {UpdateReservation{kId, at_location.lines, {}, {}}, {.held = updated}}},
      {"outcome_reservation", {ReleaseReservation{}, {.reservation = r}}},
      {"outcome_reservation_flexible", {ReleaseReservation{}, {.reservation = flexible}}},
      {"outcome_reservation_uncovered", {ReleaseReservation{}, {.reservation = uncovered}}},
      {"outcome_adjusted",
       {ReserveStock{},
        {.adjustments = {{std::nullopt, true, Quantity(-4), Quantity(6)},
                         {expectation, false, Quantity(8), {}}}}}},
  };
  ReserveStock for_channel;
  for_channel.lines.push_back({.line_id = "0", .sku = kSku, .quantity = Quantity(2)});
  for_channel.lines[0].for_channel = true;
  for_channel.lines[0].channel = ChannelIndex{3};
  Held held_for_channel;
  held_for_channel.reservation = kId;
  held_for_channel.created = kTime;
  held_for_channel.expires = kTime + Seconds(900);
  held_for_channel.placements = {{{kStore, Quantity(2)}}};
  held_for_channel.channel_pools = {kPool};
  samples["outcome_held_for_channel"] = {for_channel, {.held = held_for_channel}};
  Held held_through_channel = as_asked;
  held_through_channel.channel = ChannelIndex{3};
  samples["outcome_held_through_channel"] = {at_location, {.held = held_through_channel}};
  Rejection capped{RejectionKind::kCapExceeded, 1, {}, {}, {}};
  capped.short_lines = {{1, Quantity(3), Quantity(2)}};
  samples["outcome_cap_exceeded"] = {at_location, {.rejection = capped}};
  samples["outcome_allotment_set"] = {SetAllotment{}, {.version = 1'234'567}};
  Reservation of_channel = r;
  of_channel.lines[0].channel = ChannelIndex{3};
  samples["outcome_reservation_of_channel"] = {ReleaseReservation{}, {.reservation = of_channel}};
  Reservation of_kit = r;
  of_kit.lines[0].kit = SkuIndex{9};
  of_kit.lines[0].per_kit = 3;
  of_kit.lines[0].group = 1;
  of_kit.lines[0].eligible = kClass;
  samples["outcome_reservation_of_kit"] = {ReleaseReservation{}, {.reservation = of_kit}};
  ReserveStock kits;
  kits.lines.push_back({.line_id = "", .sku = SkuIndex{9}, .quantity = Quantity(4)});
  Held held_kits;
  held_kits.reservation = kId;
  held_kits.created = kTime;
  held_kits.expires = kTime + Seconds(900);
  held_kits.short_lines = {{0, Quantity(4), Quantity(3), kSku}};
  samples["outcome_held_kits"] = {kits, {.held = held_kits, .reservation = of_kit}};
  Reservation travelling = r;
  travelling.lines[0].in_transit = Quantity(2);
  samples["outcome_reservation_in_transit"] = {ReleaseReservation{}, {.reservation = travelling}};
  AvailabilityFigures coming = kept_back;
  coming.in_transit = Quantity(8);
  samples["outcome_figures_in_transit"] = {ChangeCondition{}, {.availabilities = {coming}}};
  TransferReport transfer{.id = "T-7", .from = "dc", .to = "store", .state = TransferState::kLost};
  transfer.all_shipped = true;
  transfer.created = kTime;
  transfer.changed = kTime + Seconds(1);
  transfer.lines.push_back({"0", "A-1", Quantity(1), Quantity(2), Quantity(30), Quantity(4),
                            Quantity(5), Quantity(6), Quantity(7), kId, true, "blue"});
  transfer.lines.push_back({.line_id = "1", .sku = "B-1"});
  samples["outcome_transfer"] = {ShipTransfer{}, {.transfer = transfer}};
  Reservation waits = r;
  waits.lines[0].waiting = Quantity(3);
  waits.lines[0].needed_by = kTime;
  waits.lines[0].late = Quantity(1);
  waits.lines[0].waits_at = {kClass, LocationIndex::kNone};
  waits.lines[1].waits_at = {ClassIndex::kNone, kStore};
  samples["outcome_reservation_waiting"] = {ReleaseReservation{}, {.reservation = waits}};
  ReserveStock for_later;
  for_later.lines = {LineAt(kStore, 2), LineAt(kWarehouse, 3)};
  for_later.lines[0].wait_until = kTime;
  Held held_for_later = as_asked;
  held_for_later.placements[0].clear();
  held_for_later.waiting = {Quantity(2), Quantity(0)};
  samples["outcome_held_waiting"] = {for_later, {.held = held_for_later}};
  SupplyReport supply{.id = "PO-7", .late_units = Quantity(9)};
  supply.lines.push_back(
      {"1", "A-1", "dc", Quantity(1), Quantity(2), Quantity(3), Quantity(4), kTime, 5, true});
  supply.late.push_back({kId, "cart-1", "0", "A-1", kTime, Quantity(6)});
  samples["outcome_supply"] = {ReceiveSupply{}, {.supply = supply}};
  samples["outcome_policy_set"] = {SetStockPolicy{}, {.version = 1'234'567}};
  samples["outcome_policy_removed"] = {SetStockPolicy{}, {.version = 0}};
  return samples;
}

TEST(OutcomeCodecTest, EveryOutcomeComesBackAsItWas) {
  for (const auto& [name, sample] : SampleOutcomes()) {
    std::string bytes;
    EncodeOutcome(sample.command, sample.result, bytes);
    EXPECT_TRUE(DecodeOutcome(sample.command, bytes) == sample.result) << name;
  }
}

TEST(OutcomeCodecTest, EveryKindOfRejectionComesBack) {
  for (uint8_t kind = 1; kind < 70; ++kind) {
    const Result result{.rejection =
                            Rejection{static_cast<RejectionKind>(kind), kind % 3 - 1, {}, {}, {}}};
    std::string bytes;
    EncodeOutcome(ReserveStock{}, result, bytes);
    EXPECT_TRUE(DecodeOutcome(ReserveStock{}, bytes) == result);
  }
}

TEST(OutcomeCodecTest, ARefusedBindKeepsWhatItsRequestDoesNotSay) {
  const Rejection short_of{
      RejectionKind::kInsufficientStock, 1, {{1, Quantity(5), Quantity(4), kSku, kStore}}, {}, {}};
  Rejection unknown{RejectionKind::kLocationNotFound, 2, {}, {}, {}};
  unknown.placement = 3;
  for (const Rejection& rejection : {short_of, unknown}) {
    std::string bytes;
    EncodeOutcome(BindReservation{}, {.rejection = rejection}, bytes);
    EXPECT_TRUE(DecodeOutcome(BindReservation{}, bytes).rejection == rejection);
  }
}

TEST(OutcomeCodecTest, AnOutcomeIsAppendedToWhatIsThere) {
  std::string bytes = "prefix";
  EncodeOutcome(SetPool{}, {}, bytes);
  EXPECT_EQ(bytes, "prefix");
}

TEST(OutcomeCodecDeathTest, BytesThatAreNoOutcomeEndTheProcess) {
  EXPECT_DEATH(DecodeOutcome(ReserveStock{}, "\xff"), "ParseFromArray");
}

// testdata/golden_v1.txt holds the bytes of version 1, as the first release wrote them,
// golden_v2.txt those of version 2, and the others those of types and fields that came later. A
// line in them is never changed: logs in the field have those bytes. A new field that an old event
// lacks needs no new line. A new version of a type gets lines of its own in a file of its own. A
// new type, or a new sample here, gets a new line: the failure prints it.
TEST(GoldenTest, BytesStayAsTheyAre) {
  std::map<std::string, std::string> golden;
  for (const char* version :
       {"v1", "v1_allotments", "v1_channels", "v1_conditions", "v1_counts", "v1_kits",
        "v1_policies", "v1_supply", "v1_transfers", "v2", "v2_counts", "v2_dated", "v2_supply",
        "v2_transfers", "v3", "v4", "v5", "v6"}) {
    std::ifstream file(absl::StrCat("services/stock/codec/testdata/golden_", version, ".txt"));
    for (std::string line; std::getline(file, line);) {
      if (line.empty() || line[0] == '#') continue;
      const std::vector<std::string> words = absl::StrSplit(line, ' ');
      golden[words[0]] = words.size() > 1 ? words[1] : "";
    }
  }
  EventEncoder encoder;
  size_t checked = 0;
  const auto check = [&](const std::string& name, const std::string& bytes) {
    ++checked;
    const std::string hex = absl::BytesToHexString(bytes);
    ASSERT_EQ(golden.count(name), 1u) << "missing line:\n" << name << " " << hex;
    EXPECT_EQ(golden[name], hex) << name;
  };
  const auto check_events = [&](const std::map<std::string, Event>& samples, uint32_t version) {
    for (const auto& [name, event] : samples) {
      const EncodedEvent encoded = encoder.Encode(event);
      EXPECT_EQ(encoded.version, version) << name;
      const std::string line = absl::StrCat(name, "/", encoded.type);
      check(line, std::string(encoded.payload));
      const auto decoded = DecodeEvent(encoded.type, version, absl::HexStringToBytes(golden[line]));
      EXPECT_TRUE(decoded.ok() && *decoded == event) << name;
    }
  };
  check_events(SampleEvents(), 1);
  check_events(FlexibleEvents(), 2);
  check_events(CountedEvents(), 2);
  check_events(TransferEvents(), 1);
  check_events(TransitEvents(), 2);
  check_events(SupplyEvents(), 1);
  check_events(LaterEvents(), 2);
  check_events(DatedEvents(), 2);
  check_events(ChannelEvents(), 3);
  check_events(CustomerEvents(), 4);
  check_events(BundleEvents(), 5);
  check_events(WaitingEvents(), 6);
  for (const auto& [name, sample] : SampleOutcomes()) {
    std::string bytes;
    EncodeOutcome(sample.command, sample.result, bytes);
    check(name, bytes);
    EXPECT_TRUE(DecodeOutcome(sample.command, absl::HexStringToBytes(golden[name])) ==
                sample.result)
        << name;
  }
  EXPECT_EQ(golden.size(), checked);
}

TEST(ReplayTest, EncodedEventsMakeTheSameState) {
  const uint64_t first = TestSeed();
  for (uint64_t seed = first; seed < first + 30; ++seed) {
    SCOPED_TRACE(absl::StrCat("seed ", seed));
    Shop shop;
    RandomCommands random(seed);
    for (const char* sku : {"K0", "K1", "K2", "X0", "X1"}) shop.Sku(sku);
    random.set_waits(seed % 2 == 0);
    for (const char* location : {"L0", "L1", "L2"}) shop.Location(location);
    for (int i = 0; i < 300; ++i) {
      shop.Wait(random.NextWait());
      shop.Do(random.Next(shop.state(), shop.now()));
    }
    State replayed;
    Changes changes;
    EventEncoder encoder;
    for (const Shop::Logged& logged : shop.log()) {
      const EncodedEvent encoded = encoder.Encode(logged.event);
      const auto event = DecodeEvent(encoded.type, encoded.version, encoded.payload);
      ASSERT_TRUE(event.ok() && *event == logged.event);
      Apply(replayed, *event, logged.position, logged.time, changes);
    }
    ASSERT_EQ(DumpState(replayed), DumpState(shop.state()));
  }
}

}  // namespace
}  // namespace quartermaster::stock
