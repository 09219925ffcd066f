#include "services/stock/codec/event_codec.h"

#include <string>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "quartermaster/stock/events/v1/events.pb.h"
#include "services/stock/codec/field_codec.h"

namespace quartermaster::stock {
namespace {

namespace pb = events::v1;

constexpr uint32_t kVersion = 1;

void EncodeAttribution(const Attribution& from, pb::Attribution* to) {
  to->set_actor_id(from.actor);
  to->set_device_id(from.device);
  to->set_reason_code(from.reason);
}

// Sets the message's attribution if there is one.
template <typename Message>
void SetAttribution(const Attribution& from, Message& to) {
  if (!from.empty()) EncodeAttribution(from, to.mutable_attribution());
}

Attribution DecodeAttribution(const pb::Attribution& from) {
  return {from.actor_id(), from.device_id(), from.reason_code()};
}

void EncodeParts(const Parts& from, google::protobuf::RepeatedPtrField<pb::Part>* to) {
  for (const Part& part : from) {
    pb::Part& out = *to->Add();
    out.set_line(part.line);
    out.set_location(Raw(part.location));
    out.set_quantity(part.quantity.units());
  }
}

Parts DecodeParts(const google::protobuf::RepeatedPtrField<pb::Part>& from) {
  Parts parts;
  for (const pb::Part& part : from) {
    parts.push_back({part.line(), LocationIndex{part.location()}, Quantity(part.quantity())});
  }
  return parts;
}

// ---- events -> messages ----

void Fill(const SkuRegistered& e, pb::SkuRegistered& m) {
  m.set_sku(Raw(e.sku));
  m.set_sku_id(e.name);
  m.set_implicit(e.implicit);
}
void Fill(const LocationRegistered& e, pb::LocationRegistered& m) {
  m.set_location(Raw(e.location));
  m.set_location_id(e.name);
  m.set_implicit(e.implicit);
}
void Fill(const LocationPaused& e, pb::LocationPaused& m) {
  m.set_location(Raw(e.location));
  m.set_paused(e.paused);
}
void Fill(const PoolSet& e, pb::PoolSet& m) {
  m.set_pool(Raw(e.pool));
  m.set_pool_id(e.name);
  for (const LocationIndex location : e.locations) m.add_locations(Raw(location));
  SetAttribution(e.attribution, m);
}
void Fill(const StockReserved& e, pb::StockReserved& m) {
  m.set_owner_id(e.owner);
  m.set_expire_unix_us(e.expires.unix_us);
  for (const StockReserved::Line& line : e.lines) {
    pb::StockReserved::Line& out = *m.add_lines();
    out.set_line_id(line.line_id);
    out.set_sku(Raw(line.sku));
    out.set_pool(Raw(line.pool));
    if (line.pool == PoolIndex::kNone && line.placements.empty()) {
      out.set_location(Raw(line.location));
    }
    EncodePlacements(line.placements, out.mutable_placements());
  }
  for (const ReservationId id : e.replaces) m.add_replaces(Raw(id));
  SetAttribution(e.attribution, m);
}
void Fill(const ReservationExtended& e, pb::ReservationExtended& m) {
  m.set_reservation(Raw(e.reservation));
  m.set_expire_unix_us(e.expires.unix_us);
  SetAttribution(e.attribution, m);
}
void Fill(const ReservationConfirmed& e, pb::ReservationConfirmed& m) {
  m.set_reservation(Raw(e.reservation));
  SetAttribution(e.attribution, m);
}
void Fill(const ReservationBound& e, pb::ReservationBound& m) {
  m.set_reservation(Raw(e.reservation));
  for (const ReservationBound::Line& line : e.lines) {
    pb::ReservationBound::Line& out = *m.add_lines();
    out.set_line(line.line);
    EncodePlacements(line.placements, out.mutable_placements());
  }
  SetAttribution(e.attribution, m);
}
void Fill(const ReservationReleased& e, pb::ReservationReleased& m) {
  m.set_reservation(Raw(e.reservation));
  EncodeParts(e.parts, m.mutable_parts());
  m.set_missing(e.missing);
  SetAttribution(e.attribution, m);
}
void Fill(const ReservationExpired& e, pb::ReservationExpired& m) {
  m.set_reservation(Raw(e.reservation));
}
void Fill(const ReservationFulfilled& e, pb::ReservationFulfilled& m) {
  m.set_reservation(Raw(e.reservation));
  EncodeParts(e.parts, m.mutable_parts());
  SetAttribution(e.attribution, m);
}
void Fill(const StockAdjusted& e, pb::StockAdjusted& m) {
  m.set_sku(Raw(e.sku));
  m.set_location(Raw(e.location));
  m.set_kind(static_cast<int32_t>(e.kind));
  m.set_delta(e.delta.units());
  m.set_condition(static_cast<int32_t>(e.condition));
  m.set_effect_key(e.effect_key);
  m.set_effect_fingerprint(e.effect_fingerprint);
  m.set_business_unix_us(e.business_time.unix_us);
  SetAttribution(e.attribution, m);
}

// ---- messages -> events ----

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
    in.placements = DecodePlacements(line.placements());
    if (in.pool == PoolIndex::kNone) {
      in.location =
          in.placements.empty() ? LocationIndex{line.location()} : in.placements[0].location;
    }
  }
  for (const int64_t id : m.replaces()) e.replaces.push_back(ReservationId{id});
  e.attribution = DecodeAttribution(m.attribution());
  return e;
}
ReservationExtended Decode(const pb::ReservationExtended& m) {
  return {ReservationId{m.reservation()}, {m.expire_unix_us()}, DecodeAttribution(m.attribution())};
}
ReservationConfirmed Decode(const pb::ReservationConfirmed& m) {
  return {ReservationId{m.reservation()}, DecodeAttribution(m.attribution())};
}
ReservationBound Decode(const pb::ReservationBound& m) {
  ReservationBound e{ReservationId{m.reservation()}, {}, DecodeAttribution(m.attribution())};
  for (const pb::ReservationBound::Line& line : m.lines()) {
    e.lines.push_back({line.line(), DecodePlacements(line.placements())});
  }
  return e;
}
ReservationReleased Decode(const pb::ReservationReleased& m) {
  return {ReservationId{m.reservation()}, DecodeParts(m.parts()), m.missing(),
          DecodeAttribution(m.attribution())};
}
ReservationExpired Decode(const pb::ReservationExpired& m) {
  return {ReservationId{m.reservation()}};
}
ReservationFulfilled Decode(const pb::ReservationFulfilled& m) {
  return {ReservationId{m.reservation()}, DecodeParts(m.parts()),
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
          DecodeAttribution(m.attribution())};
}

template <typename Message>
absl::StatusOr<Event> Parse(std::string_view payload) {
  Message message;
  if (!message.ParseFromArray(payload.data(), static_cast<int>(payload.size()))) {
    return absl::DataLossError(absl::StrCat("not a ", Message::descriptor()->name()));
  }
  return Event(Decode(message));
}

}  // namespace

// One message per event type, so that nothing is allocated for an event of the usual size.
class EventEncoder::Impl {
 public:
  template <typename E, typename Message>
  EncodedEvent Write(pb::RecordType type, const E& event, Message& message) {
    message.Clear();
    Fill(event, message);
    message.SerializeToString(&bytes_);
    return {static_cast<uint32_t>(type), kVersion, bytes_};
  }

  EncodedEvent operator()(const SkuRegistered& e) { return Write(pb::SKU_REGISTERED, e, sku_); }
  EncodedEvent operator()(const LocationRegistered& e) {
    return Write(pb::LOCATION_REGISTERED, e, location_);
  }
  EncodedEvent operator()(const LocationPaused& e) {
    return Write(pb::LOCATION_PAUSED, e, paused_);
  }
  EncodedEvent operator()(const PoolSet& e) { return Write(pb::POOL_SET, e, pool_); }
  EncodedEvent operator()(const StockReserved& e) {
    return Write(pb::STOCK_RESERVED, e, reserved_);
  }
  EncodedEvent operator()(const ReservationExtended& e) {
    return Write(pb::RESERVATION_EXTENDED, e, extended_);
  }
  EncodedEvent operator()(const ReservationConfirmed& e) {
    return Write(pb::RESERVATION_CONFIRMED, e, confirmed_);
  }
  EncodedEvent operator()(const ReservationBound& e) {
    return Write(pb::RESERVATION_BOUND, e, bound_);
  }
  EncodedEvent operator()(const ReservationReleased& e) {
    return Write(pb::RESERVATION_RELEASED, e, released_);
  }
  EncodedEvent operator()(const ReservationExpired& e) {
    return Write(pb::RESERVATION_EXPIRED, e, expired_);
  }
  EncodedEvent operator()(const ReservationFulfilled& e) {
    return Write(pb::RESERVATION_FULFILLED, e, fulfilled_);
  }
  EncodedEvent operator()(const StockAdjusted& e) {
    return Write(pb::STOCK_ADJUSTED, e, adjusted_);
  }

 private:
  std::string bytes_;
  pb::SkuRegistered sku_;
  pb::LocationRegistered location_;
  pb::LocationPaused paused_;
  pb::PoolSet pool_;
  pb::StockReserved reserved_;
  pb::ReservationExtended extended_;
  pb::ReservationConfirmed confirmed_;
  pb::ReservationBound bound_;
  pb::ReservationReleased released_;
  pb::ReservationExpired expired_;
  pb::ReservationFulfilled fulfilled_;
  pb::StockAdjusted adjusted_;
};

EventEncoder::EventEncoder() : impl_(std::make_unique<Impl>()) {}
EventEncoder::~EventEncoder() = default;

EncodedEvent EventEncoder::Encode(const Event& event) { return std::visit(*impl_, event); }

absl::StatusOr<Event> DecodeEvent(uint32_t type, uint32_t version, std::string_view payload) {
  if (version != kVersion) {
    return absl::FailedPreconditionError(absl::StrCat("stock record type ", type, " has version ",
                                                      version, "; this binary reads version ",
                                                      kVersion));
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
    default:
      return absl::FailedPreconditionError(
          absl::StrCat("unknown stock record type ", type, ": written by a newer release"));
  }
}

}  // namespace quartermaster::stock
