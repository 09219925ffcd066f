// Change: what an event did to one position. The ledger keeps every one; watchers and the read view
// need to know which positions were touched.
#ifndef QUARTERMASTER_SERVICES_STOCK_DOMAIN_CHANGE_H_
#define QUARTERMASTER_SERVICES_STOCK_DOMAIN_CHANGE_H_

#include <cstdint>
#include <vector>

#include "services/base/quantity.h"
#include "services/stock/domain/conditions.h"
#include "services/stock/domain/ids.h"
#include "services/stock/domain/positions.h"

namespace quartermaster::stock {

// Stored in the ledger: values are never changed or reused.
enum class ChangeKind : uint8_t {
  kReserved = 1,
  kConfirmed = 2,
  kReleased = 3,
  kExpired = 4,
  kFulfilled = 5,
  kBound = 6,
  kMissing = 7,
  kReceived = 8,
  kReturned = 9,
  kSold = 10,
  kTransferredIn = 11,
  kTransferredOut = 12,
  kCounted = 13,
  kReplaced = 14,
  kBackingMoved = 15,
  kConditionChanged = 20,
  // Units are on their way here; and are not any more, nor ever came.
  kInTransit = 30,
  kLostInTransit = 31,
  // Units that had waited have come.
  kServed = 32,
};

struct Change {
  // The event's place in the log.
  int64_t record = 0;
  SkuIndex sku = SkuIndex::kNone;
  LocationIndex location = LocationIndex::kNone;
  ChangeKind kind{};
  // What condition the units left and what they are in now. kNone: they came from outside, went
  // out, or only what is promised changed.
  Condition from = Condition::kNone;
  Condition to = Condition::kNone;
  // Units that no balance tells of: how many changed their condition; what a fact says that the
  // position's last count has.
  Quantity moved;
  // Units that are on their way here, signed; not in the balances.
  Quantity in_transit;
  // Of units of a flexible hold: the SKU's backing changed with it.
  bool flexible = false;
  // kNone if no reservation is involved.
  ReservationId reservation = ReservationId::kNone;
  // Signed.
  Balances delta;
  Balances after;
};
using Changes = std::vector<Change>;

}  // namespace quartermaster::stock

#endif  // QUARTERMASTER_SERVICES_STOCK_DOMAIN_CHANGE_H_
