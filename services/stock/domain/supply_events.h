// What happened to supply, and to those who wait for it.
#ifndef QUARTERMASTER_SERVICES_STOCK_DOMAIN_SUPPLY_EVENTS_H_
#define QUARTERMASTER_SERVICES_STOCK_DOMAIN_SUPPLY_EVENTS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "services/base/quantity.h"
#include "services/base/time.h"
#include "services/stock/domain/attribution.h"
#include "services/stock/domain/conditions.h"
#include "services/stock/domain/ids.h"

namespace quartermaster::stock {

// A line of a purchase order, from here on.
struct SupplyExpected {
  SupplyIndex supply = SupplyIndex::kNone;
  std::string supply_id;
  std::string line_id;
  SkuIndex sku = SkuIndex::kNone;
  LocationIndex location = LocationIndex::kNone;
  // In all, with what has come of it.
  Quantity quantity;
  Instant due;
  int64_t revision = 0;
  uint64_t fingerprint = 0;
  Attribution attribution;

  friend bool operator==(const SupplyExpected&, const SupplyExpected&) = default;
};

// Goods came: on hand at the location.
struct SupplyReceived {
  SupplyIndex supply = SupplyIndex::kNone;
  // Of a line that nobody had told of: it has these from here on.
  std::string supply_id;
  std::string line_id;
  SkuIndex sku = SkuIndex::kNone;
  LocationIndex location = LocationIndex::kNone;
  Quantity quantity;
  Condition condition = Condition::kSellable;
  bool last = false;
  std::string effect_key;
  uint64_t effect_fingerprint = 0;
  Attribution attribution;
  // The goods are what StockAdjusted right before it tells of (two, if they are in two conditions),
  // with the effect's key: here is only what that means for the purchase order. Otherwise the goods
  // came with this event.
  bool beside = false;

  friend bool operator==(const SupplyReceived&, const SupplyReceived&) = default;
};

// What was still to come of a line will not.
struct SupplyCancelled {
  SupplyIndex supply = SupplyIndex::kNone;
  Attribution attribution;
  // Of the purchase order; 0: none.
  int64_t revision = 0;

  friend bool operator==(const SupplyCancelled&, const SupplyCancelled&) = default;
};

// Units that waited have goods: they are open there from here on.
struct WaitersServed {
  struct Units {
    ReservationId reservation = ReservationId::kNone;
    uint32_t line = 0;
    LocationIndex location = LocationIndex::kNone;
    Quantity quantity;

    friend bool operator==(const Units&, const Units&) = default;
  };
  SkuIndex sku = SkuIndex::kNone;
  std::vector<Units> units;

  friend bool operator==(const WaitersServed&, const WaitersServed&) = default;
};

// How many of the units that a line waits for will not come in time, as things are now. Only of
// lines of which that has changed. Their reservations stand.
struct PromisesChanged {
  struct Line {
    ReservationId reservation = ReservationId::kNone;
    uint32_t line = 0;
    Quantity late;

    friend bool operator==(const Line&, const Line&) = default;
  };
  SkuIndex sku = SkuIndex::kNone;
  std::vector<Line> lines;

  friend bool operator==(const PromisesChanged&, const PromisesChanged&) = default;
};

}  // namespace quartermaster::stock

#endif  // QUARTERMASTER_SERVICES_STOCK_DOMAIN_SUPPLY_EVENTS_H_
