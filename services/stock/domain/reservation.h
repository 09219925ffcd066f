// Reservation: units set aside for an owner. It ends exactly once.
#ifndef QUARTERMASTER_SERVICES_STOCK_DOMAIN_RESERVATION_H_
#define QUARTERMASTER_SERVICES_STOCK_DOMAIN_RESERVATION_H_

#include <algorithm>
#include <cstdint>
#include <string>

#include "absl/container/inlined_vector.h"
#include "services/base/quantity.h"
#include "services/base/time.h"
#include "services/stock/domain/ids.h"
#include "services/stock/domain/waiting.h"

namespace quartermaster::stock {

// Units at a location; positive.
struct Placement {
  LocationIndex location = LocationIndex::kNone;
  Quantity quantity;

  friend bool operator==(const Placement&, const Placement&) = default;
};
using Placements = absl::InlinedVector<Placement, 1>;

// Most first, so that few locations serve; of equals, the one registered first.
inline void SortByMost(Placements& placements) {
  std::sort(placements.begin(), placements.end(), [](const Placement& a, const Placement& b) {
    return a.quantity != b.quantity ? a.quantity > b.quantity : a.location < b.location;
  });
}

// Open states first: a HELD or CONFIRMED reservation has units that are open, in transit or
// waiting, an ended one has none.
enum class ReservationState : uint8_t {
  kHeld = 1,
  kConfirmed = 2,
  kFulfilled = 3,
  kReleased = 4,
  kExpired = 5,
  kReplaced = 6,
};
constexpr bool IsOpen(ReservationState state) { return state <= ReservationState::kConfirmed; }

// Of a line that is in no chain.
inline constexpr ReservationId kUnlinked{-1};

struct ReservationLine {
  // Empty: the line's index.
  std::string line_id;
  SkuIndex sku = SkuIndex::kNone;
  // Where it was asked from: a pool, or else this location.
  PoolIndex pool = PoolIndex::kNone;
  LocationIndex location = LocationIndex::kNone;
  // Whose line it is, of a channel's; its pool was the channel's then.
  ChannelIndex channel = ChannelIndex::kNone;
  // Of a flexible line: its open units stand somewhere in this class, among those of other holds
  // (sku_backing.h), until it is bound. kNone: they have their places. But see `group`.
  ClassIndex eligible = ClassIndex::kNone;
  // Of a part of a kit: what was asked, of which the lines beside it with the same id are the other
  // parts; and how many units of this one each of them has. kNone: it is no part.
  SkuIndex kit = SkuIndex::kNone;
  uint32_t per_kit = 0;
  // Lines of one number, from 1, are at one location; of kits each one is, whichever. They have
  // their places, and `eligible` is the class in which they may move together (movable_groups.h)
  // until they are bound or some of them end. 0: of no such group.
  uint32_t group = 0;
  // What was held; quantity = open + fulfilled + released + missing + in_transit + waiting.
  Quantity quantity;
  Quantity fulfilled;
  Quantity released;
  Quantity missing;
  // Of the open ones: those for which the goods are gone, the sum of State::uncovered.
  Quantity uncovered;
  // Where the open units are; none of a flexible line. A location stands at most once; none is
  // zero.
  Placements placements;
  // The reservation before this one in the SKU's chain (sku_chain.h), of its first line of the SKU
  // for as long as it is in it.
  ReservationId older = kUnlinked;
  // On their way from one location to another (transfers.h), and the line's throughout: they stand
  // nowhere, and will be open again where they come to.
  Quantity in_transit;
  // Promised of what is still to come (waiting.h): they stand nowhere either. By when, and where
  // they may come from; and how many of them will not come in time.
  Quantity waiting;
  Instant needed_by;
  WaitScope waits_at;
  Quantity late;

  Quantity open() const { return quantity - fulfilled - released - missing - in_transit - waiting; }
  // Of a channel's quota and caps: wherever they are.
  Quantity promised() const { return open() + in_transit + waiting; }
  bool flexible() const { return eligible != ClassIndex::kNone && group == 0; }

  friend bool operator==(const ReservationLine&, const ReservationLine&) = default;
};
using ReservationLines = absl::InlinedVector<ReservationLine, 1>;

struct Reservation {
  ReservationId id = ReservationId::kNone;
  std::string owner;
  ReservationState state = ReservationState::kHeld;
  Instant created;
  // A hold is live iff now < expires. kDistantFuture once confirmed.
  Instant expires;
  // What took its place, if kReplaced; what holds it again, if kExpired.
  ReservationId replaced_by = ReservationId::kNone;
  ReservationLines lines;

  friend bool operator==(const Reservation&, const Reservation&) = default;
};

// Whether it has lines that are parts of kits, or that must be at one location.
inline bool HasBundles(const Reservation& reservation) {
  for (const ReservationLine& line : reservation.lines) {
    if (line.kit != SkuIndex::kNone || line.group != 0) return true;
  }
  return false;
}

inline bool HasFlexible(const Reservation& reservation) {
  for (const ReservationLine& line : reservation.lines) {
    if (line.flexible()) return true;
  }
  return false;
}

// Units that stand nowhere: in transit, or waiting.
inline bool HasUnplaced(const Reservation& reservation) {
  for (const ReservationLine& line : reservation.lines) {
    if (!line.in_transit.IsZero() || !line.waiting.IsZero()) return true;
  }
  return false;
}

}  // namespace quartermaster::stock

#endif  // QUARTERMASTER_SERVICES_STOCK_DOMAIN_RESERVATION_H_
