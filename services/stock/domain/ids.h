// Compact ids. Names are declared once, by an event, and counted from 1 in that order; 0 is none.
#ifndef QUARTERMASTER_SERVICES_STOCK_DOMAIN_IDS_H_
#define QUARTERMASTER_SERVICES_STOCK_DOMAIN_IDS_H_

#include <cstdint>

namespace quartermaster::stock {

enum class SkuIndex : uint32_t { kNone = 0 };
enum class LocationIndex : uint32_t { kNone = 0 };
enum class PoolIndex : uint32_t { kNone = 0 };
// A set of locations that a flexible hold may be backed from (eligibility.h).
enum class ClassIndex : uint32_t { kNone = 0 };

// The position of the reservation's StockReserved event; 0 is none.
enum class ReservationId : int64_t { kNone = 0 };

}  // namespace quartermaster::stock

#endif  // QUARTERMASTER_SERVICES_STOCK_DOMAIN_IDS_H_
