#include <algorithm>
#include <optional>
#include <variant>
#include <vector>

#include "services/stock/codec/event_codec.h"
#include "services/stock/codec/event_table.h"
#include "services/stock/codec/field_codec.h"

namespace quartermaster::stock {
namespace {

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
  WriteMessage(Message::kMessageFieldNumber, e.message, out);
  out.Int(Message::kBusinessUnixUsFieldNumber, e.business_time.unix_us);
  for (const uint32_t part : e.in_count) out.Uint(Message::kInCountFieldNumber, part + 1);
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
  out.Uint(pb::SourceMessageSeen::kTransferFieldNumber, Raw(e.transfer));
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
      out.Int(Message::Line::kInCountFieldNumber, line.in_count.units());
    });
  }
  out.Uint(Message::kLastFieldNumber, e.last);
  WriteAttribution(Message::kAttributionFieldNumber, e.attribution, out);
  WriteMessage(Message::kMessageFieldNumber, e.message, out);
  out.Int(Message::kBusinessUnixUsFieldNumber, e.business_time.unix_us);
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
      out.Int(Message::Line::kInCountFieldNumber, line.in_count.units());
    });
  }
  WriteAttribution(Message::kAttributionFieldNumber, e.attribution, out);
  out.Uint(Message::kLastFieldNumber, e.last);
  WriteMessage(Message::kMessageFieldNumber, e.message, out);
  out.Int(Message::kBusinessUnixUsFieldNumber, e.business_time.unix_us);
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
  out.Uint(Message::kBesideFieldNumber, e.beside);
}
void Write(const SupplyCancelled& e, WireWriter& out) {
  out.Uint(pb::SupplyCancelled::kSupplyFieldNumber, Raw(e.supply));
  WriteAttribution(pb::SupplyCancelled::kAttributionFieldNumber, e.attribution, out);
  out.Int(pb::SupplyCancelled::kRevisionFieldNumber, e.revision);
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

// What version 1 of these did not know.
bool IsLater(const SupplyReceived& e) { return e.beside; }
bool IsLater(const SourceMessageSeen& e) { return e.transfer != TransferIndex::kNone; }
template <typename TransferFact>
bool IsDated(const TransferFact& e) {
  return IsTold(e.message) || e.business_time != Instant{} ||
         std::any_of(e.lines.begin(), e.lines.end(),
                     [](const auto& line) { return !line.in_count.IsZero(); });
}
bool IsLater(const ReservationFulfilled& e) {
  return IsTold(e.message) || e.business_time != Instant{} || !e.in_count.empty();
}
bool IsLater(const SupplyCancelled& e) { return e.revision != 0; }
bool IsLater(const TransferShipped& e) { return IsDated(e); }
bool IsLater(const TransferReceived& e) { return IsDated(e); }

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
  } else if constexpr (requires { IsLater(e); }) {
    return IsLater(e) ? kLaterVersion : kVersion;
  } else if constexpr (requires { IsCounted(e); }) {
    return IsCounted(e) ? kCountedVersion : kVersion;
  } else {
    return kVersion;
  }
}

}  // namespace

EncodedEvent EventEncoder::Encode(const Event& event) {
  out_.Clear();
  return std::visit(
      [this]<typename E>(const E& e) {
        Write(e, out_);
        return EncodedEvent{EventTable::TypeOf<E>(), VersionOf(e), out_.bytes()};
      },
      event);
}

}  // namespace quartermaster::stock
