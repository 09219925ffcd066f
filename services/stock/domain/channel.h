// Channel: who sells, from which pool, and as what demand.
#ifndef QUARTERMASTER_SERVICES_STOCK_DOMAIN_CHANNEL_H_
#define QUARTERMASTER_SERVICES_STOCK_DOMAIN_CHANNEL_H_

#include <cstdint>

#include "services/base/quantity.h"
#include "services/stock/domain/ids.h"

namespace quartermaster::stock {

// Whose demand it is: online demand leaves safety stock alone; tills may have it, and facts and
// what becomes of holds that stand do not ask for it. Stored: values are never changed or reused.
enum class Demand : uint8_t { kOnline = 1, kTill = 2 };

struct Channel {
  PoolIndex pool = PoolIndex::kNone;
  Demand demand = Demand::kOnline;
  // How many units less than it may have are published for it. Never negative.
  Quantity buffer;
  // The position of the event that set it.
  int64_t version = 0;

  friend bool operator==(const Channel&, const Channel&) = default;
};

}  // namespace quartermaster::stock

#endif  // QUARTERMASTER_SERVICES_STOCK_DOMAIN_CHANNEL_H_
