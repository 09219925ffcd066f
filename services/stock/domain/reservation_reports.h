// Reports on reservations: as they are told, with the places where flexible units may be said to
// stand.
#ifndef QUARTERMASTER_SERVICES_STOCK_DOMAIN_RESERVATION_REPORTS_H_
#define QUARTERMASTER_SERVICES_STOCK_DOMAIN_RESERVATION_REPORTS_H_

#include <vector>

#include "services/stock/domain/commands.h"
#include "services/stock/domain/ids.h"
#include "services/stock/domain/rejections.h"
#include "services/stock/domain/reservation.h"
#include "services/stock/domain/result.h"

namespace quartermaster::stock {

struct State;

// As it is told: see Result::reservation.
Reservation ReportReservation(const State& state, const Reservation& reservation);

// Sets what a Result tells of a hold that was made, or changed, as `asked`.
void ReportHold(const State& state, const HoldLines& asked, const Reservation& reservation,
                std::vector<ShortLine> short_lines, Result& result);

struct ReservationReports {
  // In the order of their ids.
  std::vector<Reservation> reservations;
  // The last one looked at, if there may be more behind it; kNone: there are no more. Looks at a
  // bounded number of reservations and lines.
  ReservationId more_after = ReservationId::kNone;
};
// Of those in memory.
ReservationReports ReportReservations(const State& state, const ListReservations& query);

}  // namespace quartermaster::stock

#endif  // QUARTERMASTER_SERVICES_STOCK_DOMAIN_RESERVATION_REPORTS_H_
