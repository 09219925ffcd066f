// EndedReservations: which reservations have ended and are still in memory, in the order in which
// they ended. The oldest leave for the archive (app/reservation_archive.h): only what was promised
// and is still open is decided on.
#ifndef QUARTERMASTER_SERVICES_STOCK_DOMAIN_ENDED_RESERVATIONS_H_
#define QUARTERMASTER_SERVICES_STOCK_DOMAIN_ENDED_RESERVATIONS_H_

#include <cstddef>
#include <deque>

#include "services/stock/domain/ids.h"

namespace quartermaster::stock {

// Not thread-safe.
class EndedReservations {
 public:
  // How many stay. Holds that expired may be held again, by whoever pays late: more of them. With
  // other numbers a replay forgets others, which are not in an archive that was made before.
  struct Kept {
    size_t expired = 1'000'000;
    size_t others = 65'536;
  };

  EndedReservations() = default;
  // At least 8 of each: what a command ends is still told of in its answer.
  explicit EndedReservations(const Kept& kept) : kept_(kept) {}

  // Notes an end. Returns which one leaves for it; kNone: there was room.
  ReservationId Add(ReservationId id, bool has_expired) {
    std::deque<ReservationId>& ended = has_expired ? expired_ : others_;
    ended.push_back(id);
    if (ended.size() <= (has_expired ? kept_.expired : kept_.others)) return ReservationId::kNone;
    const ReservationId oldest = ended.front();
    ended.pop_front();
    return oldest;
  }

  // The oldest first.
  const std::deque<ReservationId>& expired() const { return expired_; }
  const std::deque<ReservationId>& others() const { return others_; }

  // base/persist.h
  template <typename Archive, typename Self>
  static void Persist(Archive& archive, Self& self) {
    archive(self.expired_, self.others_);
  }

 private:
  Kept kept_;
  std::deque<ReservationId> expired_, others_;
};

}  // namespace quartermaster::stock

#endif  // QUARTERMASTER_SERVICES_STOCK_DOMAIN_ENDED_RESERVATIONS_H_
