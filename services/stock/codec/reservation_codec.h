// A reservation as it then was <-> its bytes, in outcomes and in the archive.
#ifndef QUARTERMASTER_SERVICES_STOCK_CODEC_RESERVATION_CODEC_H_
#define QUARTERMASTER_SERVICES_STOCK_CODEC_RESERVATION_CODEC_H_

#include <optional>
#include <string>
#include <string_view>

#include "quartermaster/stock/events/v1/events.pb.h"
#include "services/stock/codec/wire_writer.h"
#include "services/stock/domain/reservation.h"

namespace quartermaster::stock {

// As an Outcome.ReservationThen, without its place among the SKU's others.
void WriteReservation(const Reservation& reservation, WireWriter& out);
Reservation DecodeReservation(const events::v1::Outcome::ReservationThen& from);

// The same on its own. Appends to `bytes`.
void EncodeReservation(const Reservation& reservation, std::string& bytes);
// nullopt if the bytes are not one.
std::optional<Reservation> ParseReservation(std::string_view bytes);

}  // namespace quartermaster::stock

#endif  // QUARTERMASTER_SERVICES_STOCK_CODEC_RESERVATION_CODEC_H_
