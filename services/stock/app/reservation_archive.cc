#include "services/stock/app/reservation_archive.h"

#include <string>
#include <string_view>
#include <utility>

#include "services/base/status_macros.h"
#include "services/stock/app/ledger_rows.h"
#include "services/stock/codec/reservation_codec.h"

namespace quartermaster::stock {
namespace {

absl::Status Damaged() {
  return absl::DataLossError("an archived reservation does not parse; delete the stock store");
}

}  // namespace

void ReservationArchive::Put(const Reservation& reservation, storage::ServiceStore::Batch& writes) {
  std::string bytes;
  EncodeReservation(reservation, bytes);
  writes.Put(ReservationKey(reservation.id), bytes);
}

absl::StatusOr<std::optional<Reservation>> ReservationArchive::Find(ReservationId id) const {
  QM_ASSIGN_OR_RETURN(const std::optional<std::string> bytes, store_->Get(ReservationKey(id)));
  if (!bytes) return std::optional<Reservation>();
  std::optional<Reservation> reservation = ParseReservation(*bytes);
  if (!reservation) return Damaged();
  return reservation;
}

absl::Status ReservationArchive::Visit(ReservationId after,
                                       absl::FunctionRef<bool(Reservation&&)> visit) const {
  const auto first = static_cast<ReservationId>(static_cast<int64_t>(after) + 1);
  bool damaged = false;
  QM_RETURN_IF_ERROR(
      store_->Scan(ReservationKey(first), EndOfReservationKeys(),
                   /*backwards=*/false, [&](std::string_view, std::string_view value) {
                     std::optional<Reservation> reservation = ParseReservation(value);
                     damaged = !reservation;
                     return !damaged && visit(*std::move(reservation));
                   }));
  return damaged ? Damaged() : absl::OkStatus();
}

}  // namespace quartermaster::stock
