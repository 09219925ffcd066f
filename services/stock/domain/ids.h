// Compact ids. Names are declared once, by an event, and counted from 1 in that order; 0 is none.
#ifndef QUARTERMASTER_SERVICES_STOCK_DOMAIN_IDS_H_
#define QUARTERMASTER_SERVICES_STOCK_DOMAIN_IDS_H_

#include <cstdint>

namespace quartermaster::stock {

enum class SkuIndex : uint32_t { kNone = 0 };
enum class LocationIndex : uint32_t { kNone = 0 };
enum class PoolIndex : uint32_t { kNone = 0 };
enum class ChannelIndex : uint32_t { kNone = 0 };
// A set of locations that a flexible hold may be backed from (eligibility.h).
enum class ClassIndex : uint32_t { kNone = 0 };

// Of whoever numbers its messages, and of counts.
enum class SourceIndex : uint32_t { kNone = 0 };
enum class CountIndex : uint32_t { kNone = 0 };
enum class TransferIndex : uint32_t { kNone = 0 };
// A line of a purchase order.
enum class SupplyIndex : uint32_t { kNone = 0 };

// A SKU at a location in one number, for tables.
constexpr uint64_t PositionKey(SkuIndex sku, LocationIndex location) {
  return static_cast<uint64_t>(sku) << 32 | static_cast<uint64_t>(location);
}
constexpr SkuIndex SkuOfKey(uint64_t key) { return static_cast<SkuIndex>(key >> 32); }
constexpr LocationIndex LocationOfKey(uint64_t key) {
  return static_cast<LocationIndex>(static_cast<uint32_t>(key));
}

// The position of the reservation's StockReserved event; 0 is none.
enum class ReservationId : int64_t { kNone = 0 };

}  // namespace quartermaster::stock

#endif  // QUARTERMASTER_SERVICES_STOCK_DOMAIN_IDS_H_
