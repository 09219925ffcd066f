// ReservationTable: reservations by id.
#ifndef QUARTERMASTER_SERVICES_STOCK_DOMAIN_RESERVATION_TABLE_H_
#define QUARTERMASTER_SERVICES_STOCK_DOMAIN_RESERVATION_TABLE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "services/base/check.h"
#include "services/base/slab.h"
#include "services/stock/domain/ids.h"
#include "services/stock/domain/reservation.h"

namespace quartermaster::stock {

// Ids are log positions: they only grow, and a few positions lie between two. So pages of pointers,
// indexed by id: an insertion touches the page that was touched last, a lookup costs one page and
// the reservation itself, and the order is that of creation. Reservations stay where they are in
// memory. Not thread-safe.
class ReservationTable {
 public:
  ReservationTable() = default;
  ReservationTable(const ReservationTable&) = delete;
  ReservationTable& operator=(const ReservationTable&) = delete;
  ~ReservationTable() {
    for (const auto& page : pages_) {
      if (page == nullptr) continue;
      for (Reservation* const reservation : page->slots) {
        if (reservation != nullptr) slab_.Delete(reservation);
      }
    }
  }

  // nullptr if there is none.
  const Reservation* Find(ReservationId id) const { return Slot(id); }
  Reservation* Find(ReservationId id) { return Slot(id); }

  // Adds an empty reservation with this id, which must be above all others.
  Reservation& Add(ReservationId id) {
    QM_CHECK(last_ < id) << "reservations come in the order of their ids";
    const auto [page, offset] = Split(id);
    if (page >= pages_.size()) pages_.resize(page + 1);
    if (pages_[page] == nullptr) {
      pages_[page] = std::make_unique<Page>();
      ++used_pages_;
    }
    ++pages_[page]->size;
    Reservation* const added = slab_.New();
    pages_[page]->slots[offset] = added;
    added->id = id;
    last_ = id;
    ++size_;
    return *added;
  }
  // Takes out one that there is.
  Reservation Remove(ReservationId id) {
    QM_CHECK(Slot(id) != nullptr) << "a reservation is taken out that is not there";
    const auto [page, offset] = Split(id);
    Reservation* const slot = std::exchange(pages_[page]->slots[offset], nullptr);
    Reservation removed = std::move(*slot);
    slab_.Delete(slot);
    if (--pages_[page]->size == 0) {
      pages_[page].reset();
      --used_pages_;
    }
    --size_;
    return removed;
  }

  // The first one with an id above `after`, in the order of ids; nullptr if there is none.
  const Reservation* Next(ReservationId after) const {
    auto [page, offset] = Split(after);
    if (after < ReservationId::kNone) page = offset = 0;
    for (++offset; page < pages_.size(); ++page, offset = 0) {
      if (pages_[page] == nullptr) continue;
      for (; offset < kPageSize; ++offset) {
        if (const Reservation* const slot = pages_[page]->slots[offset]) return slot;
      }
    }
    return nullptr;
  }

  size_t size() const { return size_; }
  // How many pages have any; the others take no room.
  size_t pages() const { return used_pages_; }
  // The id of the latest that was ever added; kNone if none was.
  ReservationId last() const { return last_; }

  // base/persist.h
  template <typename Archive, typename Self>
  static void Persist(Archive& archive, Self& self) {
    if constexpr (Archive::kLoads) {
      uint64_t size = 0;
      ReservationId last = ReservationId::kNone;
      for (archive(size, last); size > 0 && archive.ok(); --size) {
        Reservation reservation;
        archive(reservation);
        if (reservation.id <= self.last_ || reservation.id > last) return archive.Fail();
        const ReservationId id = reservation.id;
        self.Add(id) = std::move(reservation);
      }
      self.last_ = last;
      // The latest may have left memory.
      self.pages_.resize(Split(last).first + 1);
    } else {
      archive(uint64_t{self.size_}, self.last_);
      for (auto* r = self.Next(ReservationId::kNone); r != nullptr; r = self.Next(r->id)) {
        archive(*r);
      }
    }
  }

 private:
  static constexpr size_t kPageSize = 512;
  struct Page {
    std::array<Reservation*, kPageSize> slots = {};
    size_t size = 0;
  };

  static std::pair<size_t, size_t> Split(ReservationId id) {
    const auto i = static_cast<uint64_t>(id);
    return {i / kPageSize, i % kPageSize};
  }
  Reservation* Slot(ReservationId id) const {
    if (id > last_ || id <= ReservationId::kNone) return nullptr;
    const auto [page, offset] = Split(id);
    return pages_[page] == nullptr ? nullptr : pages_[page]->slots[offset];
  }

  Slab<Reservation> slab_;
  std::vector<std::unique_ptr<Page>> pages_;
  ReservationId last_ = ReservationId::kNone;
  size_t size_ = 0;
  size_t used_pages_ = 0;
};

}  // namespace quartermaster::stock

#endif  // QUARTERMASTER_SERVICES_STOCK_DOMAIN_RESERVATION_TABLE_H_
