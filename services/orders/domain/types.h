// The vocabulary of orders: ids, methods, money, destinations, attribution.
//
// Ids are strings of 1 to 64 bytes, validated before they get here. An order's id is made from the
// request that placed it, or from the natural key of the sale; everything below an order is named
// after it:
//
//   TaskId("o-7k2...", 1)    "o-7k2....t1"
//   ReturnId("o-7k2...", 2)  "o-7k2....r2"
//   ParcelId("o-7k2...", 3)  "o-7k2....p3"
//   HoldId("o-7k2...", 1)    "o-7k2....h1"
//   ExceptionId(4711)        "e-4711", the position of its ExceptionRaised
//   OwnerId("o-7k2...", 1)   "o-7k2.../1", who holds the stock of a routing attempt
//   BackorderOwnerId(..., 2) "o-7k2.../2/backorder", the same of one that serves a back-order: the
//                            order may be routed at the same time
#ifndef QUARTERMASTER_SERVICES_ORDERS_DOMAIN_TYPES_H_
#define QUARTERMASTER_SERVICES_ORDERS_DOMAIN_TYPES_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "services/base/quantity.h"
#include "services/base/time.h"

namespace quartermaster::orders {

// The index of a record in the log of the partition, from 1.
using Position = int64_t;

// How lines reach the customer. The values are those of routing.v1.Method.
enum class Method : uint8_t { kShip = 1, kPickup = 2, kCarryOut = 3 };

// When and how a group is paid for. The values are those of orders.v1.PaymentTerm.
enum class PaymentTerm : uint8_t {
  kNone = 0,
  kAuthorised = 1,
  kAsynchronous = 2,
  kOnDelivery = 3,
  kAtPickup = 4,
  kInvoice = 5,
};

// Of one unit, in minor units of an ISO 4217 currency. Recorded, never computed with.
struct Money {
  std::string currency_code;
  int64_t amount_minor = 0;
  friend bool operator==(const Money&, const Money&) = default;
};

// The channel of tills: what it sells, the customer has in their hands.
inline constexpr std::string_view kTillChannel = "till";

// A point in tenths of a degree: as exact as the log may know where a customer lives.
struct CoarsePoint {
  int32_t latitude_tenths = 0;   // -900 to 900
  int32_t longitude_tenths = 0;  // -1800 to 1800
  friend bool operator==(const CoarsePoint&, const CoarsePoint&) = default;
};

struct Destination {
  std::string country_code;
  std::string postal_area;
  std::optional<CoarsePoint> point;
  friend bool operator==(const Destination&, const Destination&) = default;
};

// Units of a line, an assignment or a task line: what `index` counts stands beside each use.
struct Units {
  uint32_t index = 0;
  Quantity quantity;
  friend bool operator==(const Units&, const Units&) = default;
};

// Who did it, on what device, why: opaque codes, never a name.
struct Attribution {
  std::string actor_id;
  std::string device_id;
  std::string reason_code;
  friend bool operator==(const Attribution&, const Attribution&) = default;
};

// The parts of the id of a task, a return, a parcel, a hold or a
// payment's intent.
struct PartOfOrder {
  std::string_view order_id;
  int number = 0;
};

std::string TaskId(std::string_view order_id, int number);
std::string ReturnId(std::string_view order_id, int number);
std::string ParcelId(std::string_view order_id, int number);
std::string HoldId(std::string_view order_id, int number);
std::string IntentId(std::string_view order_id, int number);
std::string ExceptionId(Position position);
std::string OwnerId(std::string_view order_id, int attempt);
std::string BackorderOwnerId(std::string_view order_id, int attempt);
// `edit` tells edits that are planned for the same attempt apart: 1 to 16 characters.
std::string EditOwnerId(std::string_view order_id, int attempt, std::string_view edit);

// The inverses. Empty for what the functions above never make.
std::optional<PartOfOrder> ParseTaskId(std::string_view task_id);
std::optional<PartOfOrder> ParseReturnId(std::string_view return_id);
std::optional<PartOfOrder> ParseParcelId(std::string_view parcel_id);
std::optional<PartOfOrder> ParseHoldId(std::string_view hold_id);
std::optional<PartOfOrder> ParseIntentId(std::string_view intent_id);
std::optional<Position> ParseExceptionId(std::string_view exception_id);

}  // namespace quartermaster::orders

#endif  // QUARTERMASTER_SERVICES_ORDERS_DOMAIN_TYPES_H_
