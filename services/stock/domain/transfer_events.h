// What happened to transfers.
#ifndef QUARTERMASTER_SERVICES_STOCK_DOMAIN_TRANSFER_EVENTS_H_
#define QUARTERMASTER_SERVICES_STOCK_DOMAIN_TRANSFER_EVENTS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "services/base/quantity.h"
#include "services/base/time.h"
#include "services/stock/domain/attribution.h"
#include "services/stock/domain/conditions.h"
#include "services/stock/domain/ids.h"
#include "services/stock/domain/sources.h"

namespace quartermaster::stock {

// A transfer has a name. What it allocates for itself is a reservation whose events come before.
struct TransferRequested {
  struct Line {
    std::string line_id;
    SkuIndex sku = SkuIndex::kNone;
    Quantity quantity;
    ReservationId reservation = ReservationId::kNone;
    uint32_t reservation_line = 0;
    bool of_order = false;

    friend bool operator==(const Line&, const Line&) = default;
  };
  TransferIndex transfer = TransferIndex::kNone;
  std::string id;
  LocationIndex from = LocationIndex::kNone;
  LocationIndex to = LocationIndex::kNone;
  // None if a fact named it first; then there is no fingerprint either.
  std::vector<Line> lines;
  uint64_t fingerprint = 0;
  Attribution attribution;

  friend bool operator==(const TransferRequested&, const TransferRequested&) = default;
};

// Units left the origin.
struct TransferShipped {
  struct Line {
    // The index behind the last one: a new line.
    uint32_t line = 0;
    SkuIndex sku = SkuIndex::kNone;
    // Have left now.
    Quantity quantity;
    // Of those: open units of the line's reservation.
    Quantity allocated;
    // Positive: so many of them nobody has told of yet. Negative: so many more than have left now
    // are told of, which had been presumed.
    Quantity presumed;
    std::string effect_key;
    uint64_t effect_fingerprint = 0;
    // Of those that have left now: had left when the origin was last counted, so that on hand
    // stays. Those that are not allocated first.
    Quantity in_count = {};

    friend bool operator==(const Line&, const Line&) = default;
  };
  TransferIndex transfer = TransferIndex::kNone;
  std::vector<Line> lines;
  bool last = false;
  Attribution attribution;
  // Which message of which source says so: its number only (SourceMessageSeen has the rest).
  MessageRef message = {};
  // When it happened, if not when it was logged.
  Instant business_time = {};

  friend bool operator==(const TransferShipped&, const TransferShipped&) = default;
};

// Units came to the destination.
struct TransferReceived {
  struct Line {
    uint32_t line = 0;
    SkuIndex sku = SkuIndex::kNone;
    Quantity quantity;
    Condition condition = Condition::kSellable;
    // Of those: had been given up for lost. All others were on their way.
    Quantity found;
    // Of those: are an order's. Sellable ones it has open here from now on; of others it knows that
    // they are missing.
    Quantity of_order;
    std::string effect_key;
    uint64_t effect_fingerprint = 0;
    // Were there when the destination was last counted, so that on hand stays. Those that are no
    // order's first.
    Quantity in_count = {};

    friend bool operator==(const Line&, const Line&) = default;
  };
  TransferIndex transfer = TransferIndex::kNone;
  std::vector<Line> lines;
  // No more will come; there may be no line then.
  bool last = false;
  Attribution attribution;
  // As of TransferShipped.
  MessageRef message = {};
  Instant business_time = {};

  friend bool operator==(const TransferReceived&, const TransferReceived&) = default;
};

// Nothing more is expected of it.
struct TransferClosed {
  // Units that left and never came.
  struct Lost {
    uint32_t line = 0;
    Quantity quantity;
    // Of those: are an order's, which knows that they are missing.
    Quantity of_order;

    friend bool operator==(const Lost&, const Lost&) = default;
  };
  TransferIndex transfer = TransferIndex::kNone;
  std::vector<Lost> lost;
  Attribution attribution;

  friend bool operator==(const TransferClosed&, const TransferClosed&) = default;
};

}  // namespace quartermaster::stock

#endif  // QUARTERMASTER_SERVICES_STOCK_DOMAIN_TRANSFER_EVENTS_H_
