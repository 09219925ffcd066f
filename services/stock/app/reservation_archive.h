// ReservationArchive: reservations that ended long enough ago to have left memory, in the service's
// own store beside the ledger, which writes them.
#ifndef QUARTERMASTER_SERVICES_STOCK_APP_RESERVATION_ARCHIVE_H_
#define QUARTERMASTER_SERVICES_STOCK_APP_RESERVATION_ARCHIVE_H_

#include <optional>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/stock/domain/ids.h"
#include "services/stock/domain/reservation.h"
#include "storage/service_store.h"

namespace quartermaster::stock {

// Thread-safe. Has what the ledger has written: asked within a Query of the ledger, all that had
// left memory when it was put.
class ReservationArchive {
 public:
  // `store` must outlive the archive.
  explicit ReservationArchive(const storage::ServiceStore* store) : store_(store) {}

  static void Put(const Reservation& reservation, storage::ServiceStore::Batch& writes);

  // nullopt if it is not there. DATA_LOSS if a row does not parse.
  absl::StatusOr<std::optional<Reservation>> Find(ReservationId id) const;
  // Those with an id above `after`, in the order of ids, until `visit` returns false.
  absl::Status Visit(ReservationId after, absl::FunctionRef<bool(Reservation&&)> visit) const;

 private:
  const storage::ServiceStore* const store_;
};

}  // namespace quartermaster::stock

#endif  // QUARTERMASTER_SERVICES_STOCK_APP_RESERVATION_ARCHIVE_H_
