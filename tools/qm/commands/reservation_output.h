// A reservation as a table: shared by the commands that answer with one.
#ifndef QUARTERMASTER_TOOLS_QM_COMMANDS_RESERVATION_OUTPUT_H_
#define QUARTERMASTER_TOOLS_QM_COMMANDS_RESERVATION_OUTPUT_H_

#include <string>

#include "quartermaster/stock/v1/stock.pb.h"
#include "tools/qm/context.h"

namespace quartermaster::qm {

// Its head line and a table of its lines; returns kOk.
int PrintReservation(const Context& context, const stock::v1::Reservation& reservation);

// "held", "confirmed", ...
std::string StateName(stock::v1::Reservation::State state);
// "LOC-1 3, LOC-2 1"
std::string PlacementsText(const stock::v1::Reservation::Line& line);

}  // namespace quartermaster::qm

#endif  // QUARTERMASTER_TOOLS_QM_COMMANDS_RESERVATION_OUTPUT_H_
