#include "services/stock/codec/reservation_codec.h"

#include "services/stock/codec/field_codec.h"

namespace quartermaster::stock {
namespace {

namespace pb = events::v1;

void WriteLine(const ReservationLine& line, WireWriter& out) {
  using Message = pb::Outcome::ReservationThen::Line;
  out.String(Message::kLineIdFieldNumber, line.line_id);
  out.Uint(Message::kSkuFieldNumber, Raw(line.sku));
  out.Uint(Message::kPoolFieldNumber, Raw(line.pool));
  out.Int(Message::kQuantityFieldNumber, line.quantity.units());
  out.Int(Message::kFulfilledFieldNumber, line.fulfilled.units());
  out.Int(Message::kReleasedFieldNumber, line.released.units());
  out.Int(Message::kMissingFieldNumber, line.missing.units());
  WritePlacements(Message::kPlacementsFieldNumber, line.placements, out);
  out.Uint(Message::kLocationFieldNumber, Raw(line.location));
  out.Uint(Message::kEligibleClassFieldNumber, Raw(line.eligible));
  out.Int(Message::kUncoveredFieldNumber, line.uncovered.units());
  out.Uint(Message::kChannelFieldNumber, Raw(line.channel));
  out.Uint(Message::kKitFieldNumber, Raw(line.kit));
  out.Uint(Message::kPerKitFieldNumber, line.per_kit);
  out.Uint(Message::kGroupFieldNumber, line.group);
  out.Int(Message::kInTransitFieldNumber, line.in_transit.units());
  out.Int(Message::kWaitingFieldNumber, line.waiting.units());
  out.Int(Message::kNeededByUnixUsFieldNumber, line.needed_by.unix_us);
  out.Int(Message::kLateFieldNumber, line.late.units());
  out.Uint(Message::kWaitsAtClassFieldNumber, Raw(line.waits_at.eligible));
  out.Uint(Message::kWaitsAtLocationFieldNumber, Raw(line.waits_at.location));
}

}  // namespace

void WriteReservation(const Reservation& from, WireWriter& out) {
  using Message = pb::Outcome::ReservationThen;
  out.Int(Message::kReservationFieldNumber, Raw(from.id));
  out.String(Message::kOwnerIdFieldNumber, from.owner);
  out.Int(Message::kStateFieldNumber, static_cast<int32_t>(from.state));
  out.Int(Message::kCreateUnixUsFieldNumber, from.created.unix_us);
  out.Int(Message::kExpireUnixUsFieldNumber, from.expires.unix_us);
  out.Int(Message::kReplacedByFieldNumber, Raw(from.replaced_by));
  for (const ReservationLine& line : from.lines) {
    out.Message(Message::kLinesFieldNumber, [&] { WriteLine(line, out); });
  }
}

Reservation DecodeReservation(const pb::Outcome::ReservationThen& from) {
  Reservation r;
  r.id = ReservationId{from.reservation()};
  r.owner = from.owner_id();
  r.state = static_cast<ReservationState>(from.state());
  r.created = {from.create_unix_us()};
  r.expires = {from.expire_unix_us()};
  r.replaced_by = ReservationId{from.replaced_by()};
  for (const pb::Outcome::ReservationThen::Line& line : from.lines()) {
    ReservationLine& in = r.lines.emplace_back();
    in.line_id = line.line_id();
    in.sku = SkuIndex{line.sku()};
    in.pool = PoolIndex{line.pool()};
    in.location = LocationIndex{line.location()};
    in.quantity = Quantity(line.quantity());
    in.fulfilled = Quantity(line.fulfilled());
    in.released = Quantity(line.released());
    in.missing = Quantity(line.missing());
    in.eligible = ClassIndex{line.eligible_class()};
    in.uncovered = Quantity(line.uncovered());
    in.channel = ChannelIndex{line.channel()};
    in.kit = SkuIndex{line.kit()};
    in.per_kit = line.per_kit();
    in.group = line.group();
    in.in_transit = Quantity(line.in_transit());
    in.waiting = Quantity(line.waiting());
    in.needed_by = {line.needed_by_unix_us()};
    in.late = Quantity(line.late());
    in.waits_at = {ClassIndex{line.waits_at_class()}, LocationIndex{line.waits_at_location()}};
    in.placements = DecodePlacements(line.placements());
  }
  return r;
}

void EncodeReservation(const Reservation& reservation, std::string& bytes) {
  WireWriter out;
  WriteReservation(reservation, out);
  bytes.append(out.bytes());
}

std::optional<Reservation> ParseReservation(std::string_view bytes) {
  pb::Outcome::ReservationThen message;
  if (!message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return std::nullopt;
  return DecodeReservation(message);
}

}  // namespace quartermaster::stock
