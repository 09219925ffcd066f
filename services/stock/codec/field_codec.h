// Fields that events and outcomes share.
#ifndef QUARTERMASTER_SERVICES_STOCK_CODEC_FIELD_CODEC_H_
#define QUARTERMASTER_SERVICES_STOCK_CODEC_FIELD_CODEC_H_

#include <type_traits>

#include "quartermaster/stock/events/v1/events.pb.h"
#include "services/stock/codec/wire_writer.h"
#include "services/stock/domain/ids.h"
#include "services/stock/domain/reservation.h"

namespace quartermaster::stock {

// The number behind a compact id.
template <typename Id>
constexpr auto Raw(Id id) {
  return static_cast<std::underlying_type_t<Id>>(id);
}

// Placements, or another list of Placement.
void WritePlacements(int field, const auto& placements, WireWriter& out) {
  using Message = events::v1::Placement;
  for (const Placement& placement : placements) {
    out.Message(field, [&] {
      out.Uint(Message::kLocationFieldNumber, Raw(placement.location));
      out.Int(Message::kQuantityFieldNumber, placement.quantity.units());
    });
  }
}

inline Placements DecodePlacements(
    const google::protobuf::RepeatedPtrField<events::v1::Placement>& from) {
  Placements placements;
  for (const events::v1::Placement& placement : from) {
    placements.push_back({LocationIndex{placement.location()}, Quantity(placement.quantity())});
  }
  return placements;
}

}  // namespace quartermaster::stock

#endif  // QUARTERMASTER_SERVICES_STOCK_CODEC_FIELD_CODEC_H_
