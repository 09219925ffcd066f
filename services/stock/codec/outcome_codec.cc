#include "services/stock/codec/outcome_codec.h"

#include <utility>
#include <variant>

#include "quartermaster/stock/events/v1/events.pb.h"
#include "services/base/check.h"
#include "services/stock/codec/field_codec.h"
#include "services/stock/codec/reservation_codec.h"

namespace quartermaster::stock {
namespace {

namespace pb = events::v1;

void WriteShortLines(int field, const std::vector<ShortLine>& lines, WireWriter& out) {
  using Message = pb::Outcome::ShortLine;
  for (const ShortLine& line : lines) {
    out.Message(field, [&] {
      out.Int(Message::kLineFieldNumber, line.line);
      out.Int(Message::kAskedFieldNumber, line.asked.units());
      out.Int(Message::kAvailableFieldNumber, line.available.units());
      out.Uint(Message::kSkuFieldNumber, Raw(line.sku));
      out.Uint(Message::kLocationFieldNumber, Raw(line.location));
    });
  }
}

std::vector<ShortLine> DecodeShortLines(
    const google::protobuf::RepeatedPtrField<pb::Outcome::ShortLine>& from) {
  std::vector<ShortLine> lines;
  for (const pb::Outcome::ShortLine& line : from) {
    lines.push_back({line.line(), Quantity(line.asked()), Quantity(line.available()),
                     SkuIndex{line.sku()}, LocationIndex{line.location()}});
  }
  return lines;
}

void Write(const Rejection& from, WireWriter& out) {
  using Message = pb::Outcome::Rejected;
  out.Int(Message::kKindFieldNumber, static_cast<int32_t>(from.kind));
  out.Int(Message::kLineNumberFieldNumber, from.line + 1);
  WriteShortLines(Message::kShortLinesFieldNumber, from.short_lines, out);
  out.Int(Message::kExpectedFieldNumber, from.expected.units());
  out.Int(Message::kActualFieldNumber, from.actual.units());
  out.Int(Message::kPlacementNumberFieldNumber, from.placement + 1);
}

Rejection DecodeRejection(const pb::Outcome::Rejected& from) {
  return {static_cast<RejectionKind>(from.kind()),
          from.line_number() - 1,
          DecodeShortLines(from.short_lines()),
          Quantity(from.expected()),
          Quantity(from.actual()),
          from.placement_number() - 1};
}

const HoldLines* LinesOf(const Command& command) {
  if (const auto* reserve = std::get_if<ReserveStock>(&command)) return &reserve->lines;
  if (const auto* update = std::get_if<UpdateReservation>(&command)) return &update->lines;
  return nullptr;
}

// Each line got what it asked, where it asked: nothing that the command does not say.
bool IsAsAsked(const HoldLines& lines, const Held& held) {
  for (const HoldLine& line : lines) {
    if (line.from_pool || line.for_channel || line.waits()) return false;
  }
  return held.short_lines.empty();
}

void Write(const Command& command, const Result& result, WireWriter& out) {
  using Message = pb::Outcome::Held;
  const Held& from = *result.held;
  out.Int(Message::kReservationFieldNumber, Raw(from.reservation));
  out.Int(Message::kCreateUnixUsFieldNumber, from.created.unix_us);
  out.Int(Message::kExpireUnixUsFieldNumber, from.expires.unix_us);
  // Its reservation tells of the lines.
  if (result.reservation) {
    WriteShortLines(Message::kShortLinesFieldNumber, from.short_lines, out);
  } else if (!IsAsAsked(*LinesOf(command), from)) {
    for (size_t i = 0; i < from.placements.size(); ++i) {
      out.Message(Message::kLinesFieldNumber, [&] {
        WritePlacements(Message::Line::kPlacementsFieldNumber, from.placements[i], out);
        if (!from.channel_pools.empty()) {
          out.Uint(Message::Line::kPoolFieldNumber, Raw(from.channel_pools[i]));
        }
        if (!from.waiting.empty()) {
          out.Int(Message::Line::kWaitingFieldNumber, from.waiting[i].units());
        }
      });
    }
    WriteShortLines(Message::kShortLinesFieldNumber, from.short_lines, out);
  }
  out.String(Message::kOwnerIdFieldNumber, from.owner);
  out.Uint(Message::kChannelFieldNumber, Raw(from.channel));
  if (result.reservation) {
    out.Message(Message::kThenFieldNumber, [&] { WriteReservation(*result.reservation, out); });
  }
}

Held DecodeHeld(const Command& command, const pb::Outcome::Held& from) {
  Held held;
  held.owner = from.owner_id();
  held.reservation = ReservationId{from.reservation()};
  held.created = {from.create_unix_us()};
  held.expires = {from.expire_unix_us()};
  held.short_lines = DecodeShortLines(from.short_lines());
  held.channel = ChannelIndex{from.channel()};
  if (from.has_then()) return held;
  if (from.lines().empty()) {
    for (const HoldLine& line : *LinesOf(command)) {
      held.placements.push_back({Placement{line.location, line.quantity}});
    }
  }
  bool for_channels = false;
  bool waits = false;
  for (const pb::Outcome::Held::Line& line : from.lines()) waits = waits || line.waiting() != 0;
  for (const pb::Outcome::Held::Line& line : from.lines()) {
    if (waits) held.waiting.emplace_back(line.waiting());
    held.placements.push_back(DecodePlacements(line.placements()));
    for_channels = for_channels || line.pool() != 0;
  }
  if (for_channels) {
    for (const pb::Outcome::Held::Line& line : from.lines()) {
      held.channel_pools.push_back(PoolIndex{line.pool()});
    }
  }
  return held;
}

void Write(const AdjustmentResult& result, WireWriter& out) {
  using Message = pb::Outcome::Adjusted::Item;
  if (result.rejection) {
    out.Message(Message::kRejectedFieldNumber, [&] { Write(*result.rejection, out); });
  }
  out.Uint(Message::kDuplicateFieldNumber, result.duplicate);
  out.Int(Message::kOnHandFieldNumber, result.on_hand.units());
  out.Int(Message::kShortageFieldNumber, result.shortage.units());
  out.Uint(Message::kInCountFieldNumber, result.in_count);
  out.Int(Message::kNewlyShortFieldNumber, result.newly_short.units());
  out.Uint(Message::kCountRequestedFieldNumber, result.count_requested);
}

void Write(const std::vector<AdjustmentResult>& from, WireWriter& out) {
  for (const AdjustmentResult& result : from) {
    out.Message(pb::Outcome::Adjusted::kItemsFieldNumber, [&] { Write(result, out); });
  }
}

std::vector<AdjustmentResult> DecodeAdjusted(const pb::Outcome::Adjusted& from) {
  std::vector<AdjustmentResult> results;
  for (const pb::Outcome::Adjusted::Item& item : from.items()) {
    AdjustmentResult& result = results.emplace_back();
    if (item.has_rejected()) result.rejection = DecodeRejection(item.rejected());
    result.duplicate = item.duplicate();
    result.on_hand = Quantity(item.on_hand());
    result.shortage = Quantity(item.shortage());
    result.in_count = item.in_count();
    result.newly_short = Quantity(item.newly_short());
    result.count_requested = item.count_requested();
  }
  return results;
}

void Write(const AvailabilityFigures& from, WireWriter& out) {
  using Message = pb::Outcome::FiguresThen;
  out.Int(Message::kAvailableFieldNumber, from.available.units());
  out.Int(Message::kOnHandFieldNumber, from.position.on_hand.units());
  out.Int(Message::kReservedFieldNumber, from.position.reserved.units());
  out.Int(Message::kAllocatedFieldNumber, from.position.allocated.units());
  out.Int(Message::kShortageFieldNumber, from.shortage.units());
  out.Int(Message::kDamagedFieldNumber, from.conditions.of(Condition::kDamaged).units());
  out.Int(Message::kQuarantineFieldNumber, from.conditions.of(Condition::kQuarantine).units());
  out.Int(Message::kInspectionFieldNumber, from.conditions.of(Condition::kInspection).units());
  out.Int(Message::kSuspectFieldNumber, from.conditions.of(Condition::kSuspect).units());
  out.Int(Message::kFlexibleFieldNumber, from.flexible.units());
  out.Int(Message::kSafetyStockFieldNumber, from.safety_stock.units());
  out.Int(Message::kInTransitFieldNumber, from.in_transit.units());
}

AvailabilityFigures DecodeFigures(const pb::Outcome::FiguresThen& from) {
  AvailabilityFigures figures;
  figures.available = Quantity(from.available());
  figures.position.on_hand = Quantity(from.on_hand());
  figures.position.reserved = Quantity(from.reserved());
  figures.position.allocated = Quantity(from.allocated());
  figures.shortage = Quantity(from.shortage());
  figures.conditions.of(Condition::kDamaged) = Quantity(from.damaged());
  figures.conditions.of(Condition::kQuarantine) = Quantity(from.quarantine());
  figures.conditions.of(Condition::kInspection) = Quantity(from.inspection());
  figures.conditions.of(Condition::kSuspect) = Quantity(from.suspect());
  figures.position.unusable = figures.conditions.sum();
  figures.flexible = Quantity(from.flexible());
  figures.safety_stock = Quantity(from.safety_stock());
  figures.in_transit = Quantity(from.in_transit());
  return figures;
}

void Write(const CountStatus& from, WireWriter& out) {
  using Message = pb::Outcome::CountThen;
  out.Int(Message::kStateFieldNumber, Raw(from.state));
  out.Int(Message::kPartsStagedFieldNumber, from.parts_staged);
  out.Packed(Message::kMissingPartsFieldNumber, from.missing_parts, [](int part) { return part; });
  out.Int(Message::kRowsFieldNumber, from.rows);
  out.Int(Message::kPositionsFieldNumber, from.positions);
  out.Int(Message::kDifferingFieldNumber, from.differing);
  out.Int(Message::kSurplusFieldNumber, from.surplus.units());
  out.Int(Message::kDeficitFieldNumber, from.deficit.units());
  out.Int(Message::kSupersededFieldNumber, from.superseded);
  out.Int(Message::kTooOldFieldNumber, from.too_old);
  out.Int(Message::kDoubtfulFieldNumber, from.doubtful);
  out.Int(Message::kTakenUnixUsFieldNumber, from.taken.unix_us);
  out.Int(Message::kStartUnixUsFieldNumber, from.started.unix_us);
  out.Int(Message::kChangeUnixUsFieldNumber, from.changed.unix_us);
}

CountStatus DecodeCount(const StageCount& command, const pb::Outcome::CountThen& from) {
  return {.id = command.count_id,
          .source = command.source,
          .state = static_cast<CountState>(from.state()),
          .parts = command.parts,
          .parts_staged = from.parts_staged(),
          .missing_parts = {from.missing_parts().begin(), from.missing_parts().end()},
          .rows = from.rows(),
          .positions = from.positions(),
          .differing = from.differing(),
          .surplus = Quantity(from.surplus()),
          .deficit = Quantity(from.deficit()),
          .superseded = from.superseded(),
          .too_old = from.too_old(),
          .doubtful = from.doubtful(),
          .taken = {from.taken_unix_us()},
          .started = {from.start_unix_us()},
          .changed = {from.change_unix_us()}};
}

void Write(const TransferReport& from, WireWriter& out) {
  using Message = pb::Outcome::TransferThen;
  out.String(Message::kTransferIdFieldNumber, from.id);
  out.String(Message::kFromLocationIdFieldNumber, from.from);
  out.String(Message::kToLocationIdFieldNumber, from.to);
  out.Int(Message::kStateFieldNumber, Raw(from.state));
  out.Uint(Message::kAllShippedFieldNumber, from.all_shipped);
  out.Int(Message::kCreateUnixUsFieldNumber, from.created.unix_us);
  out.Int(Message::kChangeUnixUsFieldNumber, from.changed.unix_us);
  for (const TransferReport::Line& line : from.lines) {
    out.Message(Message::kLinesFieldNumber, [&] {
      out.String(Message::Line::kLineIdFieldNumber, line.line_id);
      out.String(Message::Line::kSkuIdFieldNumber, line.sku);
      out.Int(Message::Line::kQuantityFieldNumber, line.quantity.units());
      out.Int(Message::Line::kAllocatedFieldNumber, line.allocated.units());
      out.Int(Message::Line::kShippedFieldNumber, line.shipped.units());
      out.Int(Message::Line::kPresumedFieldNumber, line.presumed.units());
      out.Int(Message::Line::kReceivedFieldNumber, line.received.units());
      out.Int(Message::Line::kDamagedFieldNumber, line.damaged.units());
      out.Int(Message::Line::kLostFieldNumber, line.lost.units());
      out.Int(Message::Line::kReservationFieldNumber, Raw(line.reservation));
      out.Uint(Message::Line::kOfOrderFieldNumber, line.of_order);
      out.String(Message::Line::kReservationLineIdFieldNumber, line.reservation_line);
    });
  }
}

TransferReport DecodeTransfer(const pb::Outcome::TransferThen& from) {
  TransferReport report{.id = from.transfer_id(),
                        .from = from.from_location_id(),
                        .to = from.to_location_id(),
                        .state = static_cast<TransferState>(from.state()),
                        .all_shipped = from.all_shipped(),
                        .created = {from.create_unix_us()},
                        .changed = {from.change_unix_us()},
                        .lines = {}};
  for (const pb::Outcome::TransferThen::Line& line : from.lines()) {
    report.lines.push_back({.line_id = line.line_id(),
                            .sku = line.sku_id(),
                            .quantity = Quantity(line.quantity()),
                            .allocated = Quantity(line.allocated()),
                            .shipped = Quantity(line.shipped()),
                            .presumed = Quantity(line.presumed()),
                            .received = Quantity(line.received()),
                            .damaged = Quantity(line.damaged()),
                            .lost = Quantity(line.lost()),
                            .reservation = ReservationId{line.reservation()},
                            .of_order = line.of_order(),
                            .reservation_line = line.reservation_line_id()});
  }
  return report;
}

void Write(const SupplyReport& from, WireWriter& out) {
  using Message = pb::Outcome::SupplyThen;
  out.String(Message::kSupplyIdFieldNumber, from.id);
  for (const SupplyReport::Line& line : from.lines) {
    out.Message(Message::kLinesFieldNumber, [&] {
      out.String(Message::Line::kLineIdFieldNumber, line.line_id);
      out.String(Message::Line::kSkuIdFieldNumber, line.sku);
      out.String(Message::Line::kLocationIdFieldNumber, line.location);
      out.Int(Message::Line::kQuantityFieldNumber, line.quantity.units());
      out.Int(Message::Line::kReceivedFieldNumber, line.received.units());
      out.Int(Message::Line::kDamagedFieldNumber, line.damaged.units());
      out.Int(Message::Line::kOpenFieldNumber, line.open.units());
      out.Int(Message::Line::kDueUnixUsFieldNumber, line.due.unix_us);
      out.Int(Message::Line::kRevisionFieldNumber, line.revision);
      out.Uint(Message::Line::kClosedFieldNumber, line.closed);
    });
  }
  for (const SupplyReport::Late& late : from.late) {
    out.Message(Message::kLateFieldNumber, [&] {
      out.Int(Message::Late::kReservationFieldNumber, Raw(late.reservation));
      out.String(Message::Late::kOwnerIdFieldNumber, late.owner);
      out.String(Message::Late::kLineIdFieldNumber, late.line_id);
      out.String(Message::Late::kSkuIdFieldNumber, late.sku);
      out.Int(Message::Late::kNeededByUnixUsFieldNumber, late.needed_by.unix_us);
      out.Int(Message::Late::kLateFieldNumber, late.late.units());
    });
  }
  out.Int(Message::kLateUnitsFieldNumber, from.late_units.units());
}

SupplyReport DecodeSupply(const pb::Outcome::SupplyThen& from) {
  SupplyReport report{
      .id = from.supply_id(), .lines = {}, .late = {}, .late_units = Quantity(from.late_units())};
  for (const pb::Outcome::SupplyThen::Line& line : from.lines()) {
    report.lines.push_back({line.line_id(),
                            line.sku_id(),
                            line.location_id(),
                            Quantity(line.quantity()),
                            Quantity(line.received()),
                            Quantity(line.damaged()),
                            Quantity(line.open()),
                            {line.due_unix_us()},
                            line.revision(),
                            line.closed()});
  }
  for (const pb::Outcome::SupplyThen::Late& late : from.late()) {
    report.late.push_back({ReservationId{late.reservation()},
                           late.owner_id(),
                           late.line_id(),
                           late.sku_id(),
                           {late.needed_by_unix_us()},
                           Quantity(late.late())});
  }
  return report;
}

}  // namespace

void EncodeOutcome(const Command& command, const Result& result, std::string& bytes) {
  using Message = pb::Outcome;
  // Kept from call to call: the writer makes one for every request.
  thread_local WireWriter out;
  out.Clear();
  if (result.rejection) {
    out.Message(Message::kRejectedFieldNumber, [&] { Write(*result.rejection, out); });
  } else if (result.held) {
    out.Message(Message::kHeldFieldNumber, [&] { Write(command, result, out); });
  } else if (result.reservation) {
    out.Message(Message::kReservationFieldNumber,
                [&] { WriteReservation(*result.reservation, out); });
  } else if (!result.adjustments.empty()) {
    out.Message(Message::kAdjustedFieldNumber, [&] { Write(result.adjustments, out); });
  } else if (result.count) {
    out.Message(Message::kCountFieldNumber, [&] { Write(*result.count, out); });
  } else if (result.transfer) {
    out.Message(Message::kTransferFieldNumber, [&] { Write(*result.transfer, out); });
  } else if (result.supply) {
    out.Message(Message::kSupplyFieldNumber, [&] { Write(*result.supply, out); });
  } else if (std::holds_alternative<ChangeCondition>(command)) {
    out.Message(Message::kFiguresFieldNumber, [&] { Write(result.availabilities.at(0), out); });
  } else if (result.version) {
    out.Message(Message::kPolicyFieldNumber,
                [&] { out.Int(Message::PolicySet::kVersionFieldNumber, *result.version); });
  }
  bytes += out.bytes();
}

Result DecodeOutcome(const Command& command, std::string_view bytes) {
  pb::Outcome outcome;
  QM_CHECK(outcome.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())));
  Result result;
  switch (outcome.result_case()) {
    case pb::Outcome::kRejected:
      result.rejection = DecodeRejection(outcome.rejected());
      break;
    case pb::Outcome::kHeld:
      result.held = DecodeHeld(command, outcome.held());
      if (outcome.held().has_then()) result.reservation = DecodeReservation(outcome.held().then());
      break;
    case pb::Outcome::kReservation:
      result.reservation = DecodeReservation(outcome.reservation());
      break;
    case pb::Outcome::kAdjusted:
      result.adjustments = DecodeAdjusted(outcome.adjusted());
      break;
    case pb::Outcome::kFigures:
      result.availabilities.push_back(DecodeFigures(outcome.figures()));
      break;
    case pb::Outcome::kPolicy:
      result.version = outcome.policy().version();
      break;
    case pb::Outcome::kCount:
      result.count = DecodeCount(std::get<StageCount>(command), outcome.count());
      break;
    case pb::Outcome::kTransfer:
      result.transfer = DecodeTransfer(outcome.transfer());
      break;
    case pb::Outcome::kSupply:
      result.supply = DecodeSupply(outcome.supply());
      break;
    case pb::Outcome::RESULT_NOT_SET:
      break;
  }
  return result;
}

}  // namespace quartermaster::stock
