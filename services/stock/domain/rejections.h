// Why a command was refused: a fact about the state, never about the command's form.
#ifndef QUARTERMASTER_SERVICES_STOCK_DOMAIN_REJECTIONS_H_
#define QUARTERMASTER_SERVICES_STOCK_DOMAIN_REJECTIONS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "services/base/quantity.h"
#include "services/stock/domain/ids.h"

namespace quartermaster::stock {

// Stored with outcomes: values are never changed or reused.
enum class RejectionKind : uint8_t {
  kItemNotFound = 1,
  kLocationNotFound = 2,
  kPoolNotFound = 3,
  kReservationNotFound = 4,
  kLineNotFound = 5,
  kInsufficientStock = 6,
  // One for each end that the reservation may have come to, so that the caller need not ask.
  kReservationExpired = 7,
  kReservationReleased = 8,
  kReservationReplaced = 9,
  kReservationAlreadyConfirmed = 10,
  kReservationFulfilled = 11,
  kQuantityExceedsOpen = 12,
  // Of one adjustment only.
  kExpectationFailed = 13,
  kEffectKeyReused = 14,
  kQuantityExceedsCondition = 20,
  // What was to be set is not as it was expected to be; `actual` is its version.
  kVersionChanged = 40,
  kSourceNotFound = 21,
  kCountNotFound = 22,
  // Of one adjustment only.
  kMessageReused = 23,
  kCountReused = 24,
  kTooManyCounts = 25,
  kCountAbandoned = 26,
  kCountTooOld = 27,
  kChannelNotFound = 41,
  // The channel, or the customer, would have more than its cap: `short_lines` say by which lines,
  // with what is left of it for each.
  kCapExceeded = 42,
  kCustomerCapExceeded = 43,
  // Of a kit's definition; `line` is the component that it is about, -1: a kit that it is in.
  kKitContainsItself = 60,
  kKitTooDeep = 61,
  kKitTooLarge = 62,
  // What is to be a kit has stock, or is promised, as itself.
  kSkuHasStock = 63,
  // Of what only a SKU with stock of its own has: its value is set, counted, or moved elsewhere.
  kKitHasNoStock = 64,
  // So many kits come to more units or lines than one request may have.
  kKitQuantityTooLarge = 65,
  // Lines that must be at one location would not be, or not all.
  kGroupTornApart = 66,
  kTransferNotFound = 50,
  // Its id was used for another transfer.
  kTransferReused = 51,
  // It would have more lines than a transfer may have.
  kTransferTooLarge = 52,
  kSupplyNotFound = 53,
  // The line's revision was told with other content.
  kSupplyReused = 54,
  kSupplyTooLarge = 55,
  // A transfer's line names, as an order's, units that are a transfer's own.
  kReservationOfTransfer = 58,
  // A fact named it before anybody asked for it: what has left with it is no order's.
  kTransferToldBefore = 59,
  // No refusal: it is answered with the reservation, which is no longer in memory.
  kMessageToldBefore = 67,
};

// A line that got less than it asked.
struct ShortLine {
  int line = 0;
  Quantity asked;
  // The most that would have been accepted for the line, given the lines before it; of a cap that
  // is exceeded: as far as the cap goes.
  Quantity available;
  // Of a bind only, whose request names no SKU and may name several locations for a line; and of a
  // kit's line: the part of which there is least.
  SkuIndex sku = SkuIndex::kNone;
  LocationIndex location = LocationIndex::kNone;

  friend bool operator==(const ShortLine&, const ShortLine&) = default;
};

struct Rejection {
  RejectionKind kind;
  // The line, part or location that it is about; -1: none in particular.
  int line = -1;
  std::vector<ShortLine> short_lines;
  // Of kExpectationFailed; of kQuantityExceedsCondition: what was asked, and what there is; of
  // kVersionChanged: versions.
  Quantity expected;
  Quantity actual;
  // Of a bind's unknown location: which placement of the line; of a transfer's: 0 the origin, 1 the
  // destination; -1: none.
  int placement = -1;

  friend bool operator==(const Rejection&, const Rejection&) = default;
};

}  // namespace quartermaster::stock

#endif  // QUARTERMASTER_SERVICES_STOCK_DOMAIN_REJECTIONS_H_
