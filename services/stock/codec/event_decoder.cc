#include <array>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/stock/codec/event_codec.h"
#include "services/stock/codec/event_table.h"
#include "services/stock/codec/field_codec.h"

namespace quartermaster::stock {
namespace {

Attribution DecodeAttribution(const pb::Attribution& from) {
  return {from.actor_id(), from.device_id(), from.reason_code()};
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

MessageRef DecodeMessage(const pb::MessageRef& from) {
  return {SourceIndex{from.source()}, from.sequence(), from.message_id(), from.fingerprint()};
}

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
  ReservationFulfilled e{ReservationId{m.reservation()},
                         DecodeParts<Parts>(m.parts()),
                         DecodeAttribution(m.attribution()),
                         DecodeMessage(m.message()),
                         {m.business_unix_us()}};
  for (const uint32_t part : m.in_count()) e.in_count.push_back(part - 1);
  return e;
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
SourceMessageSeen Decode(const pb::SourceMessageSeen& m) {
  return {DecodeMessage(m.message()), TransferIndex{m.transfer()}};
}
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
  TransferShipped e{TransferIndex{m.transfer()},
                    {},
                    m.last(),
                    DecodeAttribution(m.attribution()),
                    DecodeMessage(m.message()),
                    {m.business_unix_us()}};
  for (const pb::TransferShipped::Line& line : m.lines()) {
    e.lines.push_back({line.line(), SkuIndex{line.sku()}, Quantity(line.quantity()),
                       Quantity(line.allocated()), Quantity(line.presumed()), line.effect_key(),
                       line.effect_fingerprint(), Quantity(line.in_count())});
  }
  return e;
}
TransferReceived Decode(const pb::TransferReceived& m) {
  TransferReceived e{TransferIndex{m.transfer()},
                     {},
                     m.last(),
                     DecodeAttribution(m.attribution()),
                     DecodeMessage(m.message()),
                     {m.business_unix_us()}};
  for (const pb::TransferReceived::Line& line : m.lines()) {
    e.lines.push_back({line.line(), SkuIndex{line.sku()}, Quantity(line.quantity()),
                       static_cast<Condition>(line.condition()), Quantity(line.found()),
                       Quantity(line.of_order()), line.effect_key(), line.effect_fingerprint(),
                       Quantity(line.in_count())});
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
          DecodeAttribution(m.attribution()),
          m.beside()};
}
SupplyCancelled Decode(const pb::SupplyCancelled& m) {
  return {SupplyIndex{m.supply()}, DecodeAttribution(m.attribution()), m.revision()};
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

// How records of one type are read.
struct Reader {
  absl::StatusOr<Event> (*parse)(std::string_view payload) = nullptr;
  uint32_t latest_version = 0;
};

// By record type.
const std::array<Reader, pb::RecordType_ARRAYSIZE>& Readers() {
  static constexpr auto kReaders = [] {
    std::array<Reader, pb::RecordType_ARRAYSIZE> readers;
    EventTable::ForEach([&readers]<typename Row>(Row) {
      readers[Row::kType] = {Parse<typename Row::Message>, Row::kLatestVersion};
    });
    return readers;
  }();
  return kReaders;
}

}  // namespace

absl::StatusOr<Event> DecodeEvent(uint32_t type, uint32_t version, std::string_view payload) {
  if (type >= Readers().size() || Readers()[type].parse == nullptr) {
    return absl::FailedPreconditionError(
        absl::StrCat("unknown stock record type ", type, ": written by a newer release"));
  }
  const Reader& reader = Readers()[type];
  if (version < kVersion || version > reader.latest_version) {
    return absl::FailedPreconditionError(absl::StrCat("stock record type ", type, " has version ",
                                                      version, "; this binary reads up to version ",
                                                      reader.latest_version));
  }
  return reader.parse(payload);
}

}  // namespace quartermaster::stock
