#include "services/stock/codec/outcome_codec.h"

#include <utility>
#include <variant>

#include "quartermaster/stock/events/v1/events.pb.h"
#include "services/base/check.h"
#include "services/stock/codec/field_codec.h"

namespace quartermaster::stock {
namespace {

namespace pb = events::v1;

void EncodeShortLines(const std::vector<ShortLine>& from,
                      google::protobuf::RepeatedPtrField<pb::Outcome::ShortLine>* to) {
  for (const ShortLine& line : from) {
    pb::Outcome::ShortLine& out = *to->Add();
    out.set_line(line.line);
    out.set_asked(line.asked.units());
    out.set_available(line.available.units());
  }
}

std::vector<ShortLine> DecodeShortLines(
    const google::protobuf::RepeatedPtrField<pb::Outcome::ShortLine>& from) {
  std::vector<ShortLine> lines;
  for (const pb::Outcome::ShortLine& line : from) {
    lines.push_back({line.line(), Quantity(line.asked()), Quantity(line.available())});
  }
  return lines;
}

void EncodeRejection(const Rejection& from, pb::Outcome::Rejected* to) {
  to->set_kind(static_cast<int32_t>(from.kind));
  to->set_line_number(from.line + 1);
  EncodeShortLines(from.short_lines, to->mutable_short_lines());
  to->set_expected(from.expected.units());
  to->set_actual(from.actual.units());
}

Rejection DecodeRejection(const pb::Outcome::Rejected& from) {
  return {static_cast<RejectionKind>(from.kind()), from.line_number() - 1,
          DecodeShortLines(from.short_lines()), Quantity(from.expected()), Quantity(from.actual())};
}

const HoldLines* LinesOf(const Command& command) {
  if (const auto* reserve = std::get_if<ReserveStock>(&command)) return &reserve->lines;
  if (const auto* update = std::get_if<UpdateReservation>(&command)) return &update->lines;
  return nullptr;
}

// Each line got what it asked, where it asked: nothing that the command does not say.
bool IsAsAsked(const HoldLines& lines, const Held& held) {
  for (const HoldLine& line : lines) {
    if (line.from_pool) return false;
  }
  return held.short_lines.empty();
}

void EncodeHeld(const Command& command, const Held& from, pb::Outcome::Held* to) {
  to->set_owner_id(from.owner);
  to->set_reservation(Raw(from.reservation));
  to->set_create_unix_us(from.created.unix_us);
  to->set_expire_unix_us(from.expires.unix_us);
  if (IsAsAsked(*LinesOf(command), from)) return;
  for (const Placements& placements : from.placements) {
    EncodePlacements(placements, to->add_lines()->mutable_placements());
  }
  EncodeShortLines(from.short_lines, to->mutable_short_lines());
}

Held DecodeHeld(const Command& command, const pb::Outcome::Held& from) {
  Held held;
  held.owner = from.owner_id();
  held.reservation = ReservationId{from.reservation()};
  held.created = {from.create_unix_us()};
  held.expires = {from.expire_unix_us()};
  held.short_lines = DecodeShortLines(from.short_lines());
  if (from.lines().empty()) {
    for (const HoldLine& line : *LinesOf(command)) {
      held.placements.push_back({Placement{line.location, line.quantity}});
    }
  }
  for (const pb::Outcome::Held::Line& line : from.lines()) {
    held.placements.push_back(DecodePlacements(line.placements()));
  }
  return held;
}

void EncodeReservation(const Reservation& from, pb::Outcome::ReservationThen* to) {
  to->set_reservation(Raw(from.id));
  to->set_owner_id(from.owner);
  to->set_state(static_cast<int32_t>(from.state));
  to->set_create_unix_us(from.created.unix_us);
  to->set_expire_unix_us(from.expires.unix_us);
  to->set_replaced_by(Raw(from.replaced_by));
  for (const ReservationLine& line : from.lines) {
    pb::Outcome::ReservationThen::Line& out = *to->add_lines();
    out.set_line_id(line.line_id);
    out.set_sku(Raw(line.sku));
    out.set_pool(Raw(line.pool));
    out.set_location(Raw(line.location));
    out.set_quantity(line.quantity.units());
    out.set_fulfilled(line.fulfilled.units());
    out.set_released(line.released.units());
    out.set_missing(line.missing.units());
    EncodePlacements(line.placements, out.mutable_placements());
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
    in.placements = DecodePlacements(line.placements());
  }
  return r;
}

void EncodeAdjusted(const std::vector<AdjustmentResult>& from, pb::Outcome::Adjusted* to) {
  for (const AdjustmentResult& result : from) {
    pb::Outcome::Adjusted::Item& out = *to->add_items();
    if (result.rejection) EncodeRejection(*result.rejection, out.mutable_rejected());
    out.set_duplicate(result.duplicate);
    out.set_on_hand(result.on_hand.units());
    out.set_shortage(result.shortage.units());
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
  }
  return results;
}

}  // namespace

void EncodeOutcome(const Command& command, const Result& result, std::string& bytes) {
  // Kept from call to call: the writer makes one for every request.
  thread_local pb::Outcome outcome;
  outcome.Clear();
  if (result.rejection) {
    EncodeRejection(*result.rejection, outcome.mutable_rejected());
  } else if (result.held) {
    EncodeHeld(command, *result.held, outcome.mutable_held());
  } else if (result.reservation) {
    EncodeReservation(*result.reservation, outcome.mutable_reservation());
  } else if (!result.adjustments.empty()) {
    EncodeAdjusted(result.adjustments, outcome.mutable_adjusted());
  }
  outcome.AppendToString(&bytes);
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
      break;
    case pb::Outcome::kReservation:
      result.reservation = DecodeReservation(outcome.reservation());
      break;
    case pb::Outcome::kAdjusted:
      result.adjustments = DecodeAdjusted(outcome.adjusted());
      break;
    case pb::Outcome::RESULT_NOT_SET:
      break;
  }
  return result;
}

}  // namespace quartermaster::stock
