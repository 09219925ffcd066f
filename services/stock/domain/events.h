// What happened to stock. Stored by codec/; applied by apply.h.
#ifndef QUARTERMASTER_SERVICES_STOCK_DOMAIN_EVENTS_H_
#define QUARTERMASTER_SERVICES_STOCK_DOMAIN_EVENTS_H_

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "services/base/quantity.h"
#include "services/base/time.h"
#include "services/stock/domain/commands.h"
#include "services/stock/domain/ids.h"
#include "services/stock/domain/reservation.h"

namespace quartermaster::stock {

struct SkuRegistered {
  SkuIndex sku = SkuIndex::kNone;
  std::string name;
  // A fact named it before the catalog did.
  bool implicit = false;
};

struct LocationRegistered {
  LocationIndex location = LocationIndex::kNone;
  std::string name;
  bool implicit = false;
};

struct LocationPaused {
  LocationIndex location = LocationIndex::kNone;
  bool paused = false;
};

struct PoolSet {
  PoolIndex pool = PoolIndex::kNone;
  std::string name;
  std::vector<LocationIndex> locations;
  Attribution attribution;
};

struct StockReserved {
  struct Line {
    std::string line_id;
    SkuIndex sku = SkuIndex::kNone;
    // Where it was asked from: a pool, or else this location.
    PoolIndex pool = PoolIndex::kNone;
    LocationIndex location = LocationIndex::kNone;
    Placements placements;
  };
  std::string owner;
  Instant expires;
  absl::InlinedVector<Line, 1> lines;
  // Holds that this one takes the place of.
  absl::InlinedVector<ReservationId, 1> replaces;
  Attribution attribution;
};

struct ReservationExtended {
  ReservationId reservation = ReservationId::kNone;
  Instant expires;
  Attribution attribution;
};

struct ReservationConfirmed {
  ReservationId reservation = ReservationId::kNone;
  Attribution attribution;
};

struct ReservationBound {
  struct Line {
    uint32_t line = 0;  // index into the reservation's lines
    Placements placements;
  };
  ReservationId reservation = ReservationId::kNone;
  std::vector<Line> lines;
  Attribution attribution;
};

// Open units of one line at one location.
struct Part {
  uint32_t line = 0;
  LocationIndex location = LocationIndex::kNone;
  Quantity quantity;
};
using Parts = absl::InlinedVector<Part, 1>;

struct ReservationReleased {
  ReservationId reservation = ReservationId::kNone;
  Parts parts;
  bool missing = false;
  Attribution attribution;
};

struct ReservationExpired {
  ReservationId reservation = ReservationId::kNone;
};

struct ReservationFulfilled {
  ReservationId reservation = ReservationId::kNone;
  Parts parts;
  Attribution attribution;
};

struct StockAdjusted {
  SkuIndex sku = SkuIndex::kNone;
  LocationIndex location = LocationIndex::kNone;
  AdjustmentKind kind = AdjustmentKind::kReceived;
  Quantity delta;
  Condition condition = Condition::kSellable;
  std::string effect_key;
  uint64_t effect_fingerprint = 0;
  Instant business_time;
  Attribution attribution;
};

using Event =
    std::variant<SkuRegistered, LocationRegistered, LocationPaused, PoolSet, StockReserved,
                 ReservationExtended, ReservationConfirmed, ReservationBound, ReservationReleased,
                 ReservationExpired, ReservationFulfilled, StockAdjusted>;
using Events = std::vector<Event>;

}  // namespace quartermaster::stock

#endif  // QUARTERMASTER_SERVICES_STOCK_DOMAIN_EVENTS_H_
