#include "services/stock/codec/event_codec.h"

#include <algorithm>
#include <string>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "quartermaster/stock/events/v1/events.pb.h"
#include "services/stock/codec/field_codec.h"

namespace quartermaster::stock {
namespace {

namespace pb = events::v1;

// Events that speak of flexible units have the second version, so that a binary that knows nothing
// of them does not take them for something else; so do facts that came in a message of a source or
// that a count has to do with, and releases of units that stand nowhere. A hold for a channel has
// the third, one of a named customer the fourth, one of kits the fifth, and one that waits the
// sixth. All others are written as they always were.
constexpr uint32_t kVersion = 1;
constexpr uint32_t kFlexibleVersion = 2;
constexpr uint32_t kCountedVersion = 2;
constexpr uint32_t kChannelVersion = 3;
constexpr uint32_t kCustomerVersion = 4;
constexpr uint32_t kBundleVersion = 5;
constexpr uint32_t kWaitingVersion = 6;

// Written if there is one.
void WriteAttribution(int field, const Attribution& from, WireWriter& out) {
  if (from.empty()) return;
  using Message = pb::Attribution;
  out.Message(field, [&] {
    out.String(Message::kActorIdFieldNumber, from.actor);
    out.String(Message::kDeviceIdFieldNumber, from.device);
    out.String(Message::kReasonCodeFieldNumber, from.reason);
  });
}

Attribution DecodeAttribution(const pb::Attribution& from) {
  return {from.actor_id(), from.device_id(), from.reason_code()};
}

void WritePart(int field, const Part& part, WireWriter& out) {
  using Message = pb::Part;
  out.Message(field, [&] {
    out.Uint(Message::kLineFieldNumber, part.line);
    out.Uint(Message::kLocationFieldNumber, Raw(part.location));
    out.Int(Message::kQuantityFieldNumber, part.quantity.units());
  });
}

// Parts or FlexibleParts.
void WriteParts(int field, const auto& parts, WireWriter& out) {
  for (const Part& part : parts) WritePart(field, part, out);
}

Part DecodePart(const pb::Part& from) {
  return {from.line(), LocationIndex{from.location()}, Quantity(from.quantity())};
}

template <typename To>
To DecodeParts(const google::protobuf::RepeatedPtrField<pb::Part>& from) {
  To parts;
  for (const pb::Part& part : from) parts.push_back(DecodePart(part));
  return parts;
}

// Written if there is one.
void WriteMessage(int field, const MessageRef& from, WireWriter& out) {
  if (from.source == SourceIndex::kNone) return;
  using Message = pb::MessageRef;
  out.Message(field, [&] {
    out.Uint(Message::kSourceFieldNumber, Raw(from.source));
    out.Int(Message::kSequenceFieldNumber, from.sequence);
    out.String(Message::kMessageIdFieldNumber, from.id);
    out.Fixed(Message::kFingerprintFieldNumber, from.fingerprint);
  });
}

MessageRef DecodeMessage(const pb::MessageRef& from) {
  return {SourceIndex{from.source()}, from.sequence(), from.message_id(), from.fingerprint()};
}

// ---- events -> bytes ----

void Write(const SkuRegistered& e, WireWriter& out) {
  using Message = pb::SkuRegistered;
  out.Uint(Message::kSkuFieldNumber, Raw(e.sku));
  out.String(Message::kSkuIdFieldNumber, e.name);
  out.Uint(Message::kImplicitFieldNumber, e.implicit);
}
void Write(const LocationRegistered& e, WireWriter& out) {
  using Message = pb::LocationRegistered;
  out.Uint(Message::kLocationFieldNumber, Raw(e.location));
  out.String(Message::kLocationIdFieldNumber, e.name);
  out.Uint(Message::kImplicitFieldNumber, e.implicit);
}
void Write(const LocationPaused& e, WireWriter& out) {
  using Message = pb::LocationPaused;
  out.Uint(Message::kLocationFieldNumber, Raw(e.location));
  out.Uint(Message::kPausedFieldNumber, e.paused);
}
void Write(const PoolSet& e, WireWriter& out) {
  using Message = pb::PoolSet;
  out.Uint(Message::kPoolFieldNumber, Raw(e.pool));
  out.String(Message::kPoolIdFieldNumber, e.name);
  out.Packed(Message::kLocationsFieldNumber, e.locations,
             [](LocationIndex location) { return Raw(location); });
  WriteAttribution(Message::kAttributionFieldNumber, e.attribution, out);
}
void WriteLine(const StockReserved::Line& line, WireWriter& out) {
  using Message = pb::StockReserved::Line;
  out.String(Message::kLineIdFieldNumber, line.line_id);
  out.Uint(Message::kSkuFieldNumber, Raw(line.sku));
  out.Uint(Message::kPoolFieldNumber, Raw(line.pool));
  WritePlacements(Message::kPlacementsFieldNumber, line.placements, out);
  if (line.pool == PoolIndex::kNone && line.placements.empty()) {
    out.Uint(Message::kLocationFieldNumber, Raw(line.location));
  }
  out.Uint(Message::kEligibleClassFieldNumber, Raw(line.eligible));
  out.Uint(Message::kChannelFieldNumber, Raw(line.channel));
  out.Uint(Message::kKitFieldNumber, Raw(line.kit));
  out.Uint(Message::kPerKitFieldNumber, line.per_kit);
  out.Uint(Message::kGroupFieldNumber, line.group);
  if (line.waiting.IsZero()) return;
  out.Int(Message::kWaitingFieldNumber, line.waiting.units());
  out.Int(Message::kNeededByUnixUsFieldNumber, line.needed_by.unix_us);
}
void Write(const StockReserved& e, WireWriter& out) {
  using Message = pb::StockReserved;
  out.String(Message::kOwnerIdFieldNumber, e.owner);
  out.Int(Message::kExpireUnixUsFieldNumber, e.expires.unix_us);
  for (const StockReserved::Line& line : e.lines) {
    out.Message(Message::kLinesFieldNumber, [&] { WriteLine(line, out); });
  }
  out.Packed(Message::kReplacesFieldNumber, e.replaces, [](ReservationId id) { return Raw(id); });
  WriteAttribution(Message::kAttributionFieldNumber, e.attribution, out);
  for (const StockReserved::Ended& ended : e.ended) {
    out.Message(Message::kEndedFieldNumber, [&] {
      out.Int(Message::Ended::kReservationFieldNumber, Raw(ended.reservation));
      WritePart(Message::Ended::kPartFieldNumber, ended.part, out);
    });
  }
  out.String(Message::kCustomerIdFieldNumber, e.customer);
}
void Write(const ReservationExtended& e, WireWriter& out) {
  using Message = pb::ReservationExtended;
  out.Int(Message::kReservationFieldNumber, Raw(e.reservation));
  out.Int(Message::kExpireUnixUsFieldNumber, e.expires.unix_us);
  WriteAttribution(Message::kAttributionFieldNumber, e.attribution, out);
}
void Write(const ReservationConfirmed& e, WireWriter& out) {
  using Message = pb::ReservationConfirmed;
  out.Int(Message::kReservationFieldNumber, Raw(e.reservation));
  WriteAttribution(Message::kAttributionFieldNumber, e.attribution, out);
  WriteParts(Message::kPartsFieldNumber, e.parts, out);
}
void WriteBoundLines(int field, const std::vector<ReservationBound::Line>& lines, WireWriter& out) {
  using Message = pb::ReservationBound::Line;
  for (const ReservationBound::Line& line : lines) {
    out.Message(field, [&] {
      out.Uint(Message::kLineFieldNumber, line.line);
      WritePlacements(Message::kPlacementsFieldNumber, line.placements, out);
      WritePlacements(Message::kFromFieldNumber, line.from, out);
    });
  }
}
void Write(const ReservationBound& e, WireWriter& out) {
  using Message = pb::ReservationBound;
  out.Int(Message::kReservationFieldNumber, Raw(e.reservation));
  WriteBoundLines(Message::kLinesFieldNumber, e.lines, out);
  WriteAttribution(Message::kAttributionFieldNumber, e.attribution, out);
}
void Write(const ReservationReleased& e, WireWriter& out) {
  using Message = pb::ReservationReleased;
  out.Int(Message::kReservationFieldNumber, Raw(e.reservation));
  WriteParts(Message::kPartsFieldNumber, e.parts, out);
  out.Uint(Message::kMissingFieldNumber, e.missing);
  WriteAttribution(Message::kAttributionFieldNumber, e.attribution, out);
  out.Uint(Message::kUnplacedFieldNumber, e.unplaced);
}
void Write(const ReservationExpired& e, WireWriter& out) {
  using Message = pb::ReservationExpired;
  out.Int(Message::kReservationFieldNumber, Raw(e.reservation));
  WriteParts(Message::kPartsFieldNumber, e.parts, out);
}
void Write(const ReservationFulfilled& e, WireWriter& out) {
  using Message = pb::ReservationFulfilled;
  out.Int(Message::kReservationFieldNumber, Raw(e.reservation));
  WriteParts(Message::kPartsFieldNumber, e.parts, out);
  WriteAttribution(Message::kAttributionFieldNumber, e.attribution, out);
}
void Write(const StockAdjusted& e, WireWriter& out) {
  using Message = pb::StockAdjusted;
  out.Uint(Message::kSkuFieldNumber, Raw(e.sku));
  out.Uint(Message::kLocationFieldNumber, Raw(e.location));
  out.Int(Message::kKindFieldNumber, static_cast<int32_t>(e.kind));
  out.Int(Message::kDeltaFieldNumber, e.delta.units());
  out.Int(Message::kConditionFieldNumber, static_cast<int32_t>(e.condition));
  out.String(Message::kEffectKeyFieldNumber, e.effect_key);
  out.Fixed(Message::kEffectFingerprintFieldNumber, e.effect_fingerprint);
  out.Int(Message::kBusinessUnixUsFieldNumber, e.business_time.unix_us);
  WriteAttribution(Message::kAttributionFieldNumber, e.attribution, out);
  WriteMessage(Message::kMessageFieldNumber, e.message, out);
  out.Uint(Message::kInCountFieldNumber, e.in_count);
  out.Uint(Message::kAbsoluteFieldNumber, e.absolute);
}

void Write(const BackingMoved& e, WireWriter& out) {
  using Message = pb::BackingMoved;
  out.Uint(Message::kSkuFieldNumber, Raw(e.sku));
  for (const BackingMove& move : e.moves) {
    out.Message(Message::kMovesFieldNumber, [&] {
      out.Uint(Message::Move::kEligibleClassFieldNumber, Raw(move.lane.eligible));
      out.Uint(Message::Move::kAllocatedFieldNumber, move.lane.allocated);
      out.Uint(Message::Move::kFromFieldNumber, Raw(move.from));
      out.Uint(Message::Move::kToFieldNumber, Raw(move.to));
      out.Int(Message::Move::kQuantityFieldNumber, move.quantity.units());
    });
  }
}
void Write(const ConditionChanged& e, WireWriter& out) {
  using Message = pb::ConditionChanged;
  out.Uint(Message::kSkuFieldNumber, Raw(e.sku));
  out.Uint(Message::kLocationFieldNumber, Raw(e.location));
  out.Int(Message::kFromFieldNumber, static_cast<int32_t>(e.from));
  out.Int(Message::kToFieldNumber, static_cast<int32_t>(e.to));
  out.Int(Message::kQuantityFieldNumber, e.quantity.units());
  out.Int(Message::kFromSellableFieldNumber, e.from_sellable.units());
  out.String(Message::kEffectKeyFieldNumber, e.effect_key);
  out.Fixed(Message::kEffectFingerprintFieldNumber, e.effect_fingerprint);
  out.Int(Message::kBusinessUnixUsFieldNumber, e.business_time.unix_us);
  WriteAttribution(Message::kAttributionFieldNumber, e.attribution, out);
  WriteMessage(Message::kMessageFieldNumber, e.message, out);
}
void Write(const SourceRegistered& e, WireWriter& out) {
  using Message = pb::SourceRegistered;
  out.Uint(Message::kSourceFieldNumber, Raw(e.source));
  out.String(Message::kSourceIdFieldNumber, e.name);
}
void Write(const SourceMessageSeen& e, WireWriter& out) {
  WriteMessage(pb::SourceMessageSeen::kMessageFieldNumber, e.message, out);
}
void Write(const SourceGapOpened& e, WireWriter& out) {
  using Message = pb::SourceGapOpened;
  out.Uint(Message::kSourceFieldNumber, Raw(e.source));
  out.Int(Message::kFirstFieldNumber, e.gap.first);
  out.Int(Message::kLastFieldNumber, e.gap.last);
}
void Write(const SourceGapsClosed& e, WireWriter& out) {
  out.Uint(pb::SourceGapsClosed::kSourceFieldNumber, Raw(e.source));
}
void Write(const CountRequested& e, WireWriter& out) {
  using Message = pb::CountRequested;
  out.Uint(Message::kSkuFieldNumber, Raw(e.sku));
  out.Uint(Message::kLocationFieldNumber, Raw(e.location));
  out.Int(Message::kCauseFieldNumber, Raw(e.cause));
  out.Uint(Message::kSourceFieldNumber, Raw(e.source));
}
void Write(const CountStarted& e, WireWriter& out) {
  using Message = pb::CountStarted;
  out.Uint(Message::kCountFieldNumber, Raw(e.count));
  out.String(Message::kCountIdFieldNumber, e.id);
  out.Uint(Message::kSourceFieldNumber, Raw(e.terms.source));
  out.Int(Message::kTakenUnixUsFieldNumber, e.terms.taken.unix_us);
  out.Int(Message::kDoubtUsFieldNumber, e.terms.doubt.count);
  out.Int(Message::kBasisFieldNumber, Raw(e.terms.basis));
  out.Uint(Message::kClearsSuspectsFieldNumber, e.terms.clears_suspects);
  out.Packed(Message::kFullAtFieldNumber, e.terms.full_at,
             [](LocationIndex location) { return Raw(location); });
  for (const Watermark& mark : e.terms.watermarks) {
    out.Message(Message::kWatermarksFieldNumber, [&] {
      out.Uint(Message::Watermark::kSourceFieldNumber, Raw(mark.source));
      out.Int(Message::Watermark::kSequenceFieldNumber, mark.sequence);
    });
  }
  out.Fixed(Message::kFingerprintFieldNumber, e.fingerprint);
  out.Int(Message::kPartsFieldNumber, e.parts);
  out.Int(Message::kSourceSequenceFieldNumber, e.source_sequence);
  WriteAttribution(Message::kAttributionFieldNumber, e.attribution, out);
}
void Write(const CountPartStaged& e, WireWriter& out) {
  using Message = pb::CountPartStaged;
  out.Uint(Message::kCountFieldNumber, Raw(e.count));
  out.Int(Message::kPartFieldNumber, e.part);
  out.Fixed(Message::kFingerprintFieldNumber, e.fingerprint);
  out.Packed(Message::kSkusFieldNumber, e.rows, [](const CountRow& r) { return Raw(r.sku); });
  out.Packed(Message::kLocationsFieldNumber, e.rows,
             [](const CountRow& r) { return Raw(r.location); });
  out.Packed(Message::kQuantitiesFieldNumber, e.rows,
             [](const CountRow& r) { return r.quantity.units(); });
  const bool any_left_out = std::any_of(e.rows.begin(), e.rows.end(),
                                        [](const CountRow& row) { return !row.left_out.IsZero(); });
  if (!any_left_out) return;
  out.Packed(Message::kLeftOutFieldNumber, e.rows,
             [](const CountRow& r) { return r.left_out.units(); });
}
void WriteLine(const StockCounted::Line& line, WireWriter& out) {
  using Message = pb::StockCounted::Line;
  out.Uint(Message::kLocationFieldNumber, Raw(line.location));
  out.Int(Message::kCountedFieldNumber, line.counted.units());
  out.Int(Message::kLeftOutFieldNumber, line.left_out.units());
  out.Int(Message::kVarianceFieldNumber, line.variance.units());
  for (const StockCounted::Line::Taken& taken : line.taken) {
    out.Message(Message::kTakenFieldNumber, [&] {
      out.Int(pb::StockCounted::Taken::kConditionFieldNumber, Raw(taken.condition));
      out.Int(pb::StockCounted::Taken::kQuantityFieldNumber, taken.quantity.units());
    });
  }
  out.Int(Message::kFoundFieldNumber, line.found.units());
  out.Int(Message::kCauseFieldNumber, Raw(line.cause));
}
void Write(const StockCounted& e, WireWriter& out) {
  using Message = pb::StockCounted;
  out.Uint(Message::kCountFieldNumber, Raw(e.count));
  out.Uint(Message::kSkuFieldNumber, Raw(e.sku));
  for (const StockCounted::Line& line : e.lines) {
    out.Message(Message::kLinesFieldNumber, [&] { WriteLine(line, out); });
  }
  out.Int(Message::kSupersededFieldNumber, e.superseded);
  out.Int(Message::kTooOldFieldNumber, e.too_old);
  out.Int(Message::kDoubtfulFieldNumber, e.doubtful);
}
void Write(const CountCompleted& e, WireWriter& out) {
  out.Uint(pb::CountCompleted::kCountFieldNumber, Raw(e.count));
}
void Write(const CountAbandoned& e, WireWriter& out) {
  out.Uint(pb::CountAbandoned::kCountFieldNumber, Raw(e.count));
}

// UnitsUncovered or UnitsCovered.
template <typename Message>
void WriteUncovered(const auto& e, WireWriter& out) {
  out.Uint(Message::kSkuFieldNumber, Raw(e.sku));
  for (const UncoveredUnits& units : e.units) {
    out.Message(Message::kUnitsFieldNumber, [&] {
      out.Int(pb::UncoveredUnits::kReservationFieldNumber, Raw(units.reservation));
      out.Uint(pb::UncoveredUnits::kLineFieldNumber, units.line);
      out.Uint(pb::UncoveredUnits::kLocationFieldNumber, Raw(units.location));
      out.Int(pb::UncoveredUnits::kQuantityFieldNumber, units.quantity.units());
    });
  }
}
void Write(const UnitsUncovered& e, WireWriter& out) { WriteUncovered<pb::UnitsUncovered>(e, out); }
void Write(const UnitsCovered& e, WireWriter& out) { WriteUncovered<pb::UnitsCovered>(e, out); }

void Write(const StockPolicySet& e, WireWriter& out) {
  using Message = pb::StockPolicySet;
  out.Uint(Message::kSkuFieldNumber, Raw(e.scope.sku));
  out.Uint(Message::kLocationFieldNumber, Raw(e.scope.location));
  if (e.safety_stock) {
    out.Present(Message::kSafetyStockFieldNumber, static_cast<uint64_t>(e.safety_stock->units()));
  }
  WriteAttribution(Message::kAttributionFieldNumber, e.attribution, out);
}

void Write(const ChannelSet& e, WireWriter& out) {
  using Message = pb::ChannelSet;
  out.Uint(Message::kChannelFieldNumber, Raw(e.channel));
  out.String(Message::kChannelIdFieldNumber, e.name);
  out.Uint(Message::kPoolFieldNumber, Raw(e.pool));
  out.Int(Message::kDemandFieldNumber, Raw(e.demand));
  out.Int(Message::kBufferFieldNumber, e.buffer.units());
  WriteAttribution(Message::kAttributionFieldNumber, e.attribution, out);
}

void Write(const AllotmentSet& e, WireWriter& out) {
  using Message = pb::AllotmentSet;
  const auto write = [&](int field, const std::optional<Quantity>& limit) {
    if (limit) out.Present(field, static_cast<uint64_t>(limit->units()));
  };
  out.Uint(Message::kChannelFieldNumber, Raw(e.channel));
  out.Uint(Message::kSkuFieldNumber, Raw(e.sku));
  write(Message::kQuotaFieldNumber, e.terms.quota);
  write(Message::kCapFieldNumber, e.terms.cap);
  write(Message::kCustomerCapFieldNumber, e.terms.customer_cap);
  out.Uint(Message::kBorrowsFieldNumber, e.terms.borrows);
  out.Uint(Message::kNewWindowFieldNumber, e.new_window);
  WriteAttribution(Message::kAttributionFieldNumber, e.attribution, out);
}

void Write(const KitDefined& e, WireWriter& out) {
  using Message = pb::KitDefined;
  out.Uint(Message::kSkuFieldNumber, Raw(e.sku));
  for (const KitPart& component : e.components) {
    out.Message(Message::kComponentsFieldNumber, [&] {
      out.Uint(Message::Component::kSkuFieldNumber, Raw(component.sku));
      out.Int(Message::Component::kCountFieldNumber, component.count);
    });
  }
  out.Uint(Message::kSameLocationFieldNumber, e.same_location);
  WriteAttribution(Message::kAttributionFieldNumber, e.attribution, out);
}

void Write(const GroupMoved& e, WireWriter& out) {
  using Message = pb::GroupMoved;
  out.Int(Message::kReservationFieldNumber, Raw(e.reservation));
  WriteBoundLines(Message::kLinesFieldNumber, e.lines, out);
}

void Write(const TransferRequested& e, WireWriter& out) {
  using Message = pb::TransferRequested;
  out.Uint(Message::kTransferFieldNumber, Raw(e.transfer));
  out.String(Message::kTransferIdFieldNumber, e.id);
  out.Uint(Message::kFromFieldNumber, Raw(e.from));
  out.Uint(Message::kToFieldNumber, Raw(e.to));
  for (const TransferRequested::Line& line : e.lines) {
    out.Message(Message::kLinesFieldNumber, [&] {
      out.String(Message::Line::kLineIdFieldNumber, line.line_id);
      out.Uint(Message::Line::kSkuFieldNumber, Raw(line.sku));
      out.Int(Message::Line::kQuantityFieldNumber, line.quantity.units());
      out.Int(Message::Line::kReservationFieldNumber, Raw(line.reservation));
      out.Uint(Message::Line::kReservationLineFieldNumber, line.reservation_line);
      out.Uint(Message::Line::kOfOrderFieldNumber, line.of_order);
    });
  }
  out.Fixed(Message::kFingerprintFieldNumber, e.fingerprint);
  WriteAttribution(Message::kAttributionFieldNumber, e.attribution, out);
}
void Write(const TransferShipped& e, WireWriter& out) {
  using Message = pb::TransferShipped;
  out.Uint(Message::kTransferFieldNumber, Raw(e.transfer));
  for (const TransferShipped::Line& line : e.lines) {
    out.Message(Message::kLinesFieldNumber, [&] {
      out.Uint(Message::Line::kLineFieldNumber, line.line);
      out.Uint(Message::Line::kSkuFieldNumber, Raw(line.sku));
      out.Int(Message::Line::kQuantityFieldNumber, line.quantity.units());
      out.Int(Message::Line::kAllocatedFieldNumber, line.allocated.units());
      out.Int(Message::Line::kPresumedFieldNumber, line.presumed.units());
      out.String(Message::Line::kEffectKeyFieldNumber, line.effect_key);
      out.Fixed(Message::Line::kEffectFingerprintFieldNumber, line.effect_fingerprint);
    });
  }
  out.Uint(Message::kLastFieldNumber, e.last);
  WriteAttribution(Message::kAttributionFieldNumber, e.attribution, out);
}
void Write(const TransferReceived& e, WireWriter& out) {
  using Message = pb::TransferReceived;
  out.Uint(Message::kTransferFieldNumber, Raw(e.transfer));
  for (const TransferReceived::Line& line : e.lines) {
    out.Message(Message::kLinesFieldNumber, [&] {
      out.Uint(Message::Line::kLineFieldNumber, line.line);
      out.Uint(Message::Line::kSkuFieldNumber, Raw(line.sku));
      out.Int(Message::Line::kQuantityFieldNumber, line.quantity.units());
      out.Int(Message::Line::kConditionFieldNumber, Raw(line.condition));
      out.Int(Message::Line::kFoundFieldNumber, line.found.units());
      out.Int(Message::Line::kOfOrderFieldNumber, line.of_order.units());
      out.String(Message::Line::kEffectKeyFieldNumber, line.effect_key);
      out.Fixed(Message::Line::kEffectFingerprintFieldNumber, line.effect_fingerprint);
    });
  }
  WriteAttribution(Message::kAttributionFieldNumber, e.attribution, out);
  out.Uint(Message::kLastFieldNumber, e.last);
}
void Write(const TransferClosed& e, WireWriter& out) {
  using Message = pb::TransferClosed;
  out.Uint(Message::kTransferFieldNumber, Raw(e.transfer));
  for (const TransferClosed::Lost& lost : e.lost) {
    out.Message(Message::kLostFieldNumber, [&] {
      out.Uint(Message::Lost::kLineFieldNumber, lost.line);
      out.Int(Message::Lost::kQuantityFieldNumber, lost.quantity.units());
      out.Int(Message::Lost::kOfOrderFieldNumber, lost.of_order.units());
    });
  }
  WriteAttribution(Message::kAttributionFieldNumber, e.attribution, out);
}

void Write(const SupplyExpected& e, WireWriter& out) {
  using Message = pb::SupplyExpected;
  out.Uint(Message::kSupplyFieldNumber, Raw(e.supply));
  out.String(Message::kSupplyIdFieldNumber, e.supply_id);
  out.String(Message::kLineIdFieldNumber, e.line_id);
  out.Uint(Message::kSkuFieldNumber, Raw(e.sku));
  out.Uint(Message::kLocationFieldNumber, Raw(e.location));
  out.Int(Message::kQuantityFieldNumber, e.quantity.units());
  out.Int(Message::kDueUnixUsFieldNumber, e.due.unix_us);
  out.Int(Message::kRevisionFieldNumber, e.revision);
  out.Fixed(Message::kFingerprintFieldNumber, e.fingerprint);
  WriteAttribution(Message::kAttributionFieldNumber, e.attribution, out);
}
void Write(const SupplyReceived& e, WireWriter& out) {
  using Message = pb::SupplyReceived;
  out.Uint(Message::kSupplyFieldNumber, Raw(e.supply));
  out.String(Message::kSupplyIdFieldNumber, e.supply_id);
  out.String(Message::kLineIdFieldNumber, e.line_id);
  out.Uint(Message::kSkuFieldNumber, Raw(e.sku));
  out.Uint(Message::kLocationFieldNumber, Raw(e.location));
  out.Int(Message::kQuantityFieldNumber, e.quantity.units());
  out.Int(Message::kConditionFieldNumber, Raw(e.condition));
  out.Uint(Message::kLastFieldNumber, e.last);
  out.String(Message::kEffectKeyFieldNumber, e.effect_key);
  out.Fixed(Message::kEffectFingerprintFieldNumber, e.effect_fingerprint);
  WriteAttribution(Message::kAttributionFieldNumber, e.attribution, out);
}
void Write(const SupplyCancelled& e, WireWriter& out) {
  out.Uint(pb::SupplyCancelled::kSupplyFieldNumber, Raw(e.supply));
  WriteAttribution(pb::SupplyCancelled::kAttributionFieldNumber, e.attribution, out);
}
void Write(const WaitersServed& e, WireWriter& out) {
  using Message = pb::WaitersServed;
  out.Uint(Message::kSkuFieldNumber, Raw(e.sku));
  for (const WaitersServed::Units& units : e.units) {
    out.Message(Message::kUnitsFieldNumber, [&] {
      out.Int(Message::Units::kReservationFieldNumber, Raw(units.reservation));
      out.Uint(Message::Units::kLineFieldNumber, units.line);
      out.Uint(Message::Units::kLocationFieldNumber, Raw(units.location));
      out.Int(Message::Units::kQuantityFieldNumber, units.quantity.units());
    });
  }
}
void Write(const PromisesChanged& e, WireWriter& out) {
  using Message = pb::PromisesChanged;
  out.Uint(Message::kSkuFieldNumber, Raw(e.sku));
  for (const PromisesChanged::Line& line : e.lines) {
    out.Message(Message::kLinesFieldNumber, [&] {
      out.Int(Message::Line::kReservationFieldNumber, Raw(line.reservation));
      out.Uint(Message::Line::kLineFieldNumber, line.line);
      out.Int(Message::Line::kLateFieldNumber, line.late.units());
    });
  }
}

pb::RecordType TypeOf(const SkuRegistered&) { return pb::SKU_REGISTERED; }
pb::RecordType TypeOf(const LocationRegistered&) { return pb::LOCATION_REGISTERED; }
pb::RecordType TypeOf(const LocationPaused&) { return pb::LOCATION_PAUSED; }
pb::RecordType TypeOf(const PoolSet&) { return pb::POOL_SET; }
pb::RecordType TypeOf(const StockReserved&) { return pb::STOCK_RESERVED; }
pb::RecordType TypeOf(const ReservationExtended&) { return pb::RESERVATION_EXTENDED; }
pb::RecordType TypeOf(const ReservationConfirmed&) { return pb::RESERVATION_CONFIRMED; }
pb::RecordType TypeOf(const ReservationBound&) { return pb::RESERVATION_BOUND; }
pb::RecordType TypeOf(const ReservationReleased&) { return pb::RESERVATION_RELEASED; }
pb::RecordType TypeOf(const ReservationExpired&) { return pb::RESERVATION_EXPIRED; }
pb::RecordType TypeOf(const ReservationFulfilled&) { return pb::RESERVATION_FULFILLED; }
pb::RecordType TypeOf(const StockAdjusted&) { return pb::STOCK_ADJUSTED; }
pb::RecordType TypeOf(const BackingMoved&) { return pb::BACKING_MOVED; }
pb::RecordType TypeOf(const UnitsUncovered&) { return pb::UNITS_UNCOVERED; }
pb::RecordType TypeOf(const UnitsCovered&) { return pb::UNITS_COVERED; }
pb::RecordType TypeOf(const ConditionChanged&) { return pb::CONDITION_CHANGED; }
pb::RecordType TypeOf(const StockPolicySet&) { return pb::STOCK_POLICY_SET; }
pb::RecordType TypeOf(const ChannelSet&) { return pb::CHANNEL_SET; }
pb::RecordType TypeOf(const AllotmentSet&) { return pb::ALLOTMENT_SET; }
pb::RecordType TypeOf(const SourceRegistered&) { return pb::SOURCE_REGISTERED; }
pb::RecordType TypeOf(const SourceMessageSeen&) { return pb::SOURCE_MESSAGE_SEEN; }
pb::RecordType TypeOf(const SourceGapOpened&) { return pb::SOURCE_GAP_OPENED; }
pb::RecordType TypeOf(const SourceGapsClosed&) { return pb::SOURCE_GAPS_CLOSED; }
pb::RecordType TypeOf(const CountRequested&) { return pb::COUNT_REQUESTED; }
pb::RecordType TypeOf(const CountStarted&) { return pb::COUNT_STARTED; }
pb::RecordType TypeOf(const CountPartStaged&) { return pb::COUNT_PART_STAGED; }
pb::RecordType TypeOf(const StockCounted&) { return pb::STOCK_COUNTED; }
pb::RecordType TypeOf(const CountCompleted&) { return pb::COUNT_COMPLETED; }
pb::RecordType TypeOf(const CountAbandoned&) { return pb::COUNT_ABANDONED; }
pb::RecordType TypeOf(const KitDefined&) { return pb::KIT_DEFINED; }
pb::RecordType TypeOf(const GroupMoved&) { return pb::GROUP_MOVED; }
pb::RecordType TypeOf(const TransferRequested&) { return pb::TRANSFER_REQUESTED; }
pb::RecordType TypeOf(const TransferShipped&) { return pb::TRANSFER_SHIPPED; }
pb::RecordType TypeOf(const TransferReceived&) { return pb::TRANSFER_RECEIVED; }
pb::RecordType TypeOf(const TransferClosed&) { return pb::TRANSFER_CLOSED; }
pb::RecordType TypeOf(const SupplyExpected&) { return pb::SUPPLY_EXPECTED; }
pb::RecordType TypeOf(const SupplyReceived&) { return pb::SUPPLY_RECEIVED; }
pb::RecordType TypeOf(const SupplyCancelled&) { return pb::SUPPLY_CANCELLED; }
pb::RecordType TypeOf(const WaitersServed&) { return pb::WAITERS_SERVED; }
pb::RecordType TypeOf(const PromisesChanged&) { return pb::PROMISES_CHANGED; }

bool IsFlexible(const StockReserved& e) {
  if (!e.ended.empty()) return true;
  for (const StockReserved::Line& line : e.lines) {
    if (line.eligible != ClassIndex::kNone) return true;
  }
  return false;
}
bool IsFlexible(const ReservationConfirmed& e) { return !e.parts.empty(); }
bool IsFlexible(const ReservationBound& e) {
  for (const ReservationBound::Line& line : e.lines) {
    if (!line.from.empty()) return true;
  }
  return false;
}
bool IsFlexible(const ReservationExpired& e) { return !e.parts.empty(); }

// What version 1 of a release did not know.
bool IsFlexible(const ReservationReleased& e) { return e.unplaced; }

bool IsForChannel(const StockReserved& e) {
  for (const StockReserved::Line& line : e.lines) {
    if (line.channel != ChannelIndex::kNone) return true;
  }
  return false;
}

bool IsOfCustomer(const StockReserved& e) { return !e.customer.empty(); }
bool HasBundles(const StockReserved& e) {
  for (const StockReserved::Line& line : e.lines) {
    if (line.kit != SkuIndex::kNone || line.group != 0) return true;
  }
  return false;
}
bool Waits(const StockReserved& e) {
  for (const StockReserved::Line& line : e.lines) {
    if (!line.waiting.IsZero()) return true;
  }
  return false;
}

// What version 1 of a fact did not know: its message, and what a count has to do with it.
bool IsTold(const MessageRef& message) { return message != MessageRef(); }
bool IsCounted(const StockAdjusted& e) { return IsTold(e.message) || e.in_count || e.absolute; }
bool IsCounted(const ConditionChanged& e) { return IsTold(e.message); }

// The version that an event is written in.
uint32_t VersionOf(const auto& e) {
  if constexpr (requires { Waits(e); }) {
    if (Waits(e)) return kWaitingVersion;
    if (HasBundles(e)) return kBundleVersion;
  }
  if constexpr (requires { IsOfCustomer(e); }) {
    if (IsOfCustomer(e)) return kCustomerVersion;
  }
  if constexpr (requires { IsForChannel(e); }) {
    if (IsForChannel(e)) return kChannelVersion;
  }
  if constexpr (requires { IsFlexible(e); }) {
    return IsFlexible(e) ? kFlexibleVersion : kVersion;
  } else if constexpr (requires { IsCounted(e); }) {
    return IsCounted(e) ? kCountedVersion : kVersion;
  } else {
    return kVersion;
  }
}
// The latest version of a type.
uint32_t LatestVersion(uint32_t type) {
  switch (type) {
    case pb::STOCK_RESERVED:
      return kWaitingVersion;
    case pb::RESERVATION_CONFIRMED:
    case pb::RESERVATION_BOUND:
    case pb::RESERVATION_RELEASED:
    case pb::RESERVATION_EXPIRED:
      return kFlexibleVersion;
    case pb::STOCK_ADJUSTED:
    case pb::CONDITION_CHANGED:
      return kCountedVersion;
    default:
      return kVersion;
  }
}

// ---- bytes -> events ----

SkuRegistered Decode(const pb::SkuRegistered& m) {
  return {SkuIndex{m.sku()}, m.sku_id(), m.implicit()};
}
LocationRegistered Decode(const pb::LocationRegistered& m) {
  return {LocationIndex{m.location()}, m.location_id(), m.implicit()};
}
LocationPaused Decode(const pb::LocationPaused& m) {
  return {LocationIndex{m.location()}, m.paused()};
}
PoolSet Decode(const pb::PoolSet& m) {
  PoolSet e{PoolIndex{m.pool()}, m.pool_id(), {}, DecodeAttribution(m.attribution())};
  for (const uint32_t location : m.locations()) e.locations.push_back(LocationIndex{location});
  return e;
}
StockReserved Decode(const pb::StockReserved& m) {
  StockReserved e;
  e.owner = m.owner_id();
  e.expires = {m.expire_unix_us()};
  for (const pb::StockReserved::Line& line : m.lines()) {
    StockReserved::Line& in = e.lines.emplace_back();
    in.line_id = line.line_id();
    in.sku = SkuIndex{line.sku()};
    in.pool = PoolIndex{line.pool()};
    in.eligible = ClassIndex{line.eligible_class()};
    in.channel = ChannelIndex{line.channel()};
    in.kit = SkuIndex{line.kit()};
    in.per_kit = line.per_kit();
    in.group = line.group();
    in.waiting = Quantity(line.waiting());
    in.needed_by = {line.needed_by_unix_us()};
    in.placements = DecodePlacements(line.placements());
    if (in.pool == PoolIndex::kNone) {
      in.location =
          in.placements.empty() ? LocationIndex{line.location()} : in.placements[0].location;
    }
  }
  for (const int64_t id : m.replaces()) e.replaces.push_back(ReservationId{id});
  e.attribution = DecodeAttribution(m.attribution());
  for (const pb::StockReserved::Ended& ended : m.ended()) {
    e.ended.push_back({ReservationId{ended.reservation()}, DecodePart(ended.part())});
  }
  e.customer = m.customer_id();
  return e;
}
ReservationExtended Decode(const pb::ReservationExtended& m) {
  return {ReservationId{m.reservation()}, {m.expire_unix_us()}, DecodeAttribution(m.attribution())};
}
ReservationConfirmed Decode(const pb::ReservationConfirmed& m) {
  return {ReservationId{m.reservation()}, DecodeAttribution(m.attribution()),
          DecodeParts<FlexibleParts>(m.parts())};
}
std::vector<ReservationBound::Line> DecodeBoundLines(
    const google::protobuf::RepeatedPtrField<pb::ReservationBound::Line>& from) {
  std::vector<ReservationBound::Line> lines;
  for (const pb::ReservationBound::Line& line : from) {
    ReservationBound::Line& in = lines.emplace_back();
    in.line = line.line();
    in.placements = DecodePlacements(line.placements());
    for (const Placement& p : DecodePlacements(line.from())) in.from.push_back(p);
  }
  return lines;
}
ReservationBound Decode(const pb::ReservationBound& m) {
  return {ReservationId{m.reservation()}, DecodeBoundLines(m.lines()),
          DecodeAttribution(m.attribution())};
}
GroupMoved Decode(const pb::GroupMoved& m) {
  return {ReservationId{m.reservation()}, DecodeBoundLines(m.lines())};
}
ReservationReleased Decode(const pb::ReservationReleased& m) {
  return {ReservationId{m.reservation()}, DecodeParts<Parts>(m.parts()), m.missing(),
          DecodeAttribution(m.attribution()), m.unplaced()};
}
ReservationExpired Decode(const pb::ReservationExpired& m) {
  return {ReservationId{m.reservation()}, DecodeParts<FlexibleParts>(m.parts())};
}
ReservationFulfilled Decode(const pb::ReservationFulfilled& m) {
  return {ReservationId{m.reservation()}, DecodeParts<Parts>(m.parts()),
          DecodeAttribution(m.attribution())};
}
StockAdjusted Decode(const pb::StockAdjusted& m) {
  return {SkuIndex{m.sku()},
          LocationIndex{m.location()},
          static_cast<AdjustmentKind>(m.kind()),
          Quantity(m.delta()),
          static_cast<Condition>(m.condition()),
          m.effect_key(),
          m.effect_fingerprint(),
          {m.business_unix_us()},
          DecodeAttribution(m.attribution()),
          DecodeMessage(m.message()),
          m.in_count(),
          m.absolute()};
}

BackingMoved Decode(const pb::BackingMoved& m) {
  BackingMoved e{SkuIndex{m.sku()}, {}};
  for (const pb::BackingMoved::Move& move : m.moves()) {
    e.moves.push_back({{ClassIndex{move.eligible_class()}, move.allocated()},
                       LocationIndex{move.from()},
                       LocationIndex{move.to()},
                       Quantity(move.quantity())});
  }
  return e;
}
ConditionChanged Decode(const pb::ConditionChanged& m) {
  return {SkuIndex{m.sku()},
          LocationIndex{m.location()},
          static_cast<Condition>(m.from()),
          static_cast<Condition>(m.to()),
          Quantity(m.quantity()),
          Quantity(m.from_sellable()),
          m.effect_key(),
          m.effect_fingerprint(),
          {m.business_unix_us()},
          DecodeAttribution(m.attribution()),
          DecodeMessage(m.message())};
}
SourceRegistered Decode(const pb::SourceRegistered& m) {
  return {SourceIndex{m.source()}, m.source_id()};
}
SourceMessageSeen Decode(const pb::SourceMessageSeen& m) { return {DecodeMessage(m.message())}; }
SourceGapOpened Decode(const pb::SourceGapOpened& m) {
  return {SourceIndex{m.source()}, {m.first(), m.last()}};
}
SourceGapsClosed Decode(const pb::SourceGapsClosed& m) { return {SourceIndex{m.source()}}; }
CountRequested Decode(const pb::CountRequested& m) {
  return {SkuIndex{m.sku()}, LocationIndex{m.location()}, static_cast<DiscrepancyCause>(m.cause()),
          SourceIndex{m.source()}};
}
CountStarted Decode(const pb::CountStarted& m) {
  CountStarted e{.count = CountIndex{m.count()},
                 .id = m.count_id(),
                 .terms = {},
                 .fingerprint = m.fingerprint(),
                 .parts = m.parts(),
                 .source_sequence = m.source_sequence(),
                 .attribution = DecodeAttribution(m.attribution())};
  e.terms.source = SourceIndex{m.source()};
  e.terms.taken = {m.taken_unix_us()};
  e.terms.doubt = {m.doubt_us()};
  e.terms.basis = static_cast<CountBasis>(m.basis());
  e.terms.clears_suspects = m.clears_suspects();
  for (const uint32_t location : m.full_at()) {
    e.terms.full_at.push_back(LocationIndex{location});
  }
  for (const pb::CountStarted::Watermark& mark : m.watermarks()) {
    e.terms.watermarks.push_back({SourceIndex{mark.source()}, mark.sequence()});
  }
  return e;
}
// Columns of different lengths: it does not parse.
absl::StatusOr<Event> Checked(const pb::CountPartStaged& m) {
  const int rows = m.skus_size();
  if (m.locations_size() != rows || m.quantities_size() != rows ||
      (m.left_out_size() != rows && !m.left_out().empty())) {
    return absl::DataLossError("not a CountPartStaged");
  }
  CountPartStaged e{CountIndex{m.count()}, m.part(), m.fingerprint(), {}};
  e.rows.reserve(static_cast<size_t>(rows));
  for (int i = 0; i < rows; ++i) {
    e.rows.push_back({SkuIndex{m.skus(i)}, LocationIndex{m.locations(i)}, Quantity(m.quantities(i)),
                      Quantity(m.left_out().empty() ? 0 : m.left_out(i))});
  }
  return Event(std::move(e));
}
StockCounted Decode(const pb::StockCounted& m) {
  StockCounted e{CountIndex{m.count()}, SkuIndex{m.sku()}, {},
                 m.superseded(),        m.too_old(),       m.doubtful()};
  for (const pb::StockCounted::Line& line : m.lines()) {
    StockCounted::Line& in = e.lines.emplace_back();
    in.location = LocationIndex{line.location()};
    in.counted = Quantity(line.counted());
    in.left_out = Quantity(line.left_out());
    in.variance = Quantity(line.variance());
    for (const pb::StockCounted::Taken& taken : line.taken()) {
      in.taken.push_back({static_cast<Condition>(taken.condition()), Quantity(taken.quantity())});
    }
    in.found = Quantity(line.found());
    in.cause = static_cast<DiscrepancyCause>(line.cause());
  }
  return e;
}
CountCompleted Decode(const pb::CountCompleted& m) { return {CountIndex{m.count()}}; }
CountAbandoned Decode(const pb::CountAbandoned& m) { return {CountIndex{m.count()}}; }

std::vector<UncoveredUnits> DecodeUncovered(
    const google::protobuf::RepeatedPtrField<pb::UncoveredUnits>& from) {
  std::vector<UncoveredUnits> all;
  for (const pb::UncoveredUnits& units : from) {
    all.push_back({ReservationId{units.reservation()}, units.line(),
                   LocationIndex{units.location()}, Quantity(units.quantity())});
  }
  return all;
}
UnitsUncovered Decode(const pb::UnitsUncovered& m) {
  return {SkuIndex{m.sku()}, DecodeUncovered(m.units())};
}
UnitsCovered Decode(const pb::UnitsCovered& m) {
  return {SkuIndex{m.sku()}, DecodeUncovered(m.units())};
}

StockPolicySet Decode(const pb::StockPolicySet& m) {
  StockPolicySet e{
      {SkuIndex{m.sku()}, LocationIndex{m.location()}}, {}, DecodeAttribution(m.attribution())};
  if (m.has_safety_stock()) e.safety_stock = Quantity(m.safety_stock());
  return e;
}

AllotmentSet Decode(const pb::AllotmentSet& m) {
  AllotmentSet e;
  e.channel = ChannelIndex{m.channel()};
  e.sku = SkuIndex{m.sku()};
  if (m.has_quota()) e.terms.quota = Quantity(m.quota());
  if (m.has_cap()) e.terms.cap = Quantity(m.cap());
  if (m.has_customer_cap()) e.terms.customer_cap = Quantity(m.customer_cap());
  e.terms.borrows = m.borrows();
  e.new_window = m.new_window();
  e.attribution = DecodeAttribution(m.attribution());
  return e;
}

absl::StatusOr<Event> Checked(const pb::ChannelSet& m) {
  if (m.demand() != Raw(Demand::kOnline) && m.demand() != Raw(Demand::kTill)) {
    return absl::DataLossError(absl::StrCat("demand ", m.demand(), " of a channel"));
  }
  return Event(ChannelSet{ChannelIndex{m.channel()}, m.channel_id(), PoolIndex{m.pool()},
                          static_cast<Demand>(m.demand()), Quantity(m.buffer()),
                          DecodeAttribution(m.attribution())});
}

absl::StatusOr<Event> Checked(const pb::KitDefined& m) {
  KitDefined e{SkuIndex{m.sku()}, {}, m.same_location(), DecodeAttribution(m.attribution())};
  for (const pb::KitDefined::Component& component : m.components()) {
    if (component.count() < 1 || component.count() > kKitCountMax) {
      return absl::DataLossError(absl::StrCat(component.count(), " units in a kit"));
    }
    e.components.push_back({SkuIndex{component.sku()}, component.count()});
  }
  return Event(std::move(e));
}
TransferRequested Decode(const pb::TransferRequested& m) {
  TransferRequested e{TransferIndex{m.transfer()},
                      m.transfer_id(),
                      LocationIndex{m.from()},
                      LocationIndex{m.to()},
                      {},
                      m.fingerprint(),
                      DecodeAttribution(m.attribution())};
  for (const pb::TransferRequested::Line& line : m.lines()) {
    e.lines.push_back({line.line_id(), SkuIndex{line.sku()}, Quantity(line.quantity()),
                       ReservationId{line.reservation()}, line.reservation_line(),
                       line.of_order()});
  }
  return e;
}
TransferShipped Decode(const pb::TransferShipped& m) {
  TransferShipped e{TransferIndex{m.transfer()}, {}, m.last(), DecodeAttribution(m.attribution())};
  for (const pb::TransferShipped::Line& line : m.lines()) {
    e.lines.push_back({line.line(), SkuIndex{line.sku()}, Quantity(line.quantity()),
                       Quantity(line.allocated()), Quantity(line.presumed()), line.effect_key(),
                       line.effect_fingerprint()});
  }
  return e;
}
TransferReceived Decode(const pb::TransferReceived& m) {
  TransferReceived e{TransferIndex{m.transfer()}, {}, m.last(), DecodeAttribution(m.attribution())};
  for (const pb::TransferReceived::Line& line : m.lines()) {
    e.lines.push_back({line.line(), SkuIndex{line.sku()}, Quantity(line.quantity()),
                       static_cast<Condition>(line.condition()), Quantity(line.found()),
                       Quantity(line.of_order()), line.effect_key(), line.effect_fingerprint()});
  }
  return e;
}
TransferClosed Decode(const pb::TransferClosed& m) {
  TransferClosed e{TransferIndex{m.transfer()}, {}, DecodeAttribution(m.attribution())};
  for (const pb::TransferClosed::Lost& lost : m.lost()) {
    e.lost.push_back({lost.line(), Quantity(lost.quantity()), Quantity(lost.of_order())});
  }
  return e;
}

SupplyExpected Decode(const pb::SupplyExpected& m) {
  return {SupplyIndex{m.supply()},
          m.supply_id(),
          m.line_id(),
          SkuIndex{m.sku()},
          LocationIndex{m.location()},
          Quantity(m.quantity()),
          {m.due_unix_us()},
          m.revision(),
          m.fingerprint(),
          DecodeAttribution(m.attribution())};
}
SupplyReceived Decode(const pb::SupplyReceived& m) {
  return {SupplyIndex{m.supply()},
          m.supply_id(),
          m.line_id(),
          SkuIndex{m.sku()},
          LocationIndex{m.location()},
          Quantity(m.quantity()),
          static_cast<Condition>(m.condition()),
          m.last(),
          m.effect_key(),
          m.effect_fingerprint(),
          DecodeAttribution(m.attribution())};
}
SupplyCancelled Decode(const pb::SupplyCancelled& m) {
  return {SupplyIndex{m.supply()}, DecodeAttribution(m.attribution())};
}
WaitersServed Decode(const pb::WaitersServed& m) {
  WaitersServed e{SkuIndex{m.sku()}, {}};
  for (const pb::WaitersServed::Units& units : m.units()) {
    e.units.push_back({ReservationId{units.reservation()}, units.line(),
                       LocationIndex{units.location()}, Quantity(units.quantity())});
  }
  return e;
}
PromisesChanged Decode(const pb::PromisesChanged& m) {
  PromisesChanged e{SkuIndex{m.sku()}, {}};
  for (const pb::PromisesChanged::Line& line : m.lines()) {
    e.lines.push_back({ReservationId{line.reservation()}, line.line(), Quantity(line.late())});
  }
  return e;
}

template <typename Message>
absl::StatusOr<Event> Parse(std::string_view payload) {
  Message message;
  if (!message.ParseFromArray(payload.data(), static_cast<int>(payload.size()))) {
    return absl::DataLossError(absl::StrCat("not a ", Message::descriptor()->name()));
  }
  if constexpr (requires { Checked(message); }) {
    return Checked(message);
  } else {
    return Event(Decode(message));
  }
}

}  // namespace

EncodedEvent EventEncoder::Encode(const Event& event) {
  out_.Clear();
  return std::visit(
      [this](const auto& e) {
        Write(e, out_);
        return EncodedEvent{static_cast<uint32_t>(TypeOf(e)), VersionOf(e), out_.bytes()};
      },
      event);
}

absl::StatusOr<Event> DecodeEvent(uint32_t type, uint32_t version, std::string_view payload) {
  if (version < kVersion || version > LatestVersion(type)) {
    return absl::FailedPreconditionError(absl::StrCat("stock record type ", type, " has version ",
                                                      version, "; this binary reads up to version ",
                                                      LatestVersion(type)));
  }
  switch (type) {
    case pb::SKU_REGISTERED:
      return Parse<pb::SkuRegistered>(payload);
    case pb::LOCATION_REGISTERED:
      return Parse<pb::LocationRegistered>(payload);
    case pb::LOCATION_PAUSED:
      return Parse<pb::LocationPaused>(payload);
    case pb::POOL_SET:
      return Parse<pb::PoolSet>(payload);
    case pb::STOCK_RESERVED:
      return Parse<pb::StockReserved>(payload);
    case pb::RESERVATION_EXTENDED:
      return Parse<pb::ReservationExtended>(payload);
    case pb::RESERVATION_CONFIRMED:
      return Parse<pb::ReservationConfirmed>(payload);
    case pb::RESERVATION_BOUND:
      return Parse<pb::ReservationBound>(payload);
    case pb::RESERVATION_RELEASED:
      return Parse<pb::ReservationReleased>(payload);
    case pb::RESERVATION_EXPIRED:
      return Parse<pb::ReservationExpired>(payload);
    case pb::RESERVATION_FULFILLED:
      return Parse<pb::ReservationFulfilled>(payload);
    case pb::STOCK_ADJUSTED:
      return Parse<pb::StockAdjusted>(payload);
    case pb::BACKING_MOVED:
      return Parse<pb::BackingMoved>(payload);
    case pb::UNITS_UNCOVERED:
      return Parse<pb::UnitsUncovered>(payload);
    case pb::UNITS_COVERED:
      return Parse<pb::UnitsCovered>(payload);
    case pb::CONDITION_CHANGED:
      return Parse<pb::ConditionChanged>(payload);
    case pb::STOCK_POLICY_SET:
      return Parse<pb::StockPolicySet>(payload);
    case pb::CHANNEL_SET:
      return Parse<pb::ChannelSet>(payload);
    case pb::ALLOTMENT_SET:
      return Parse<pb::AllotmentSet>(payload);
    case pb::SOURCE_REGISTERED:
      return Parse<pb::SourceRegistered>(payload);
    case pb::SOURCE_MESSAGE_SEEN:
      return Parse<pb::SourceMessageSeen>(payload);
    case pb::SOURCE_GAP_OPENED:
      return Parse<pb::SourceGapOpened>(payload);
    case pb::SOURCE_GAPS_CLOSED:
      return Parse<pb::SourceGapsClosed>(payload);
    case pb::COUNT_REQUESTED:
      return Parse<pb::CountRequested>(payload);
    case pb::COUNT_STARTED:
      return Parse<pb::CountStarted>(payload);
    case pb::COUNT_PART_STAGED:
      return Parse<pb::CountPartStaged>(payload);
    case pb::STOCK_COUNTED:
      return Parse<pb::StockCounted>(payload);
    case pb::COUNT_COMPLETED:
      return Parse<pb::CountCompleted>(payload);
    case pb::COUNT_ABANDONED:
      return Parse<pb::CountAbandoned>(payload);
    case pb::KIT_DEFINED:
      return Parse<pb::KitDefined>(payload);
    case pb::GROUP_MOVED:
      return Parse<pb::GroupMoved>(payload);
    case pb::TRANSFER_REQUESTED:
      return Parse<pb::TransferRequested>(payload);
    case pb::TRANSFER_SHIPPED:
      return Parse<pb::TransferShipped>(payload);
    case pb::TRANSFER_RECEIVED:
      return Parse<pb::TransferReceived>(payload);
    case pb::TRANSFER_CLOSED:
      return Parse<pb::TransferClosed>(payload);
    case pb::SUPPLY_EXPECTED:
      return Parse<pb::SupplyExpected>(payload);
    case pb::SUPPLY_RECEIVED:
      return Parse<pb::SupplyReceived>(payload);
    case pb::SUPPLY_CANCELLED:
      return Parse<pb::SupplyCancelled>(payload);
    case pb::WAITERS_SERVED:
      return Parse<pb::WaitersServed>(payload);
    case pb::PROMISES_CHANGED:
      return Parse<pb::PromisesChanged>(payload);
    default:
      return absl::FailedPreconditionError(
          absl::StrCat("unknown stock record type ", type, ": written by a newer release"));
  }
}

}  // namespace quartermaster::stock
