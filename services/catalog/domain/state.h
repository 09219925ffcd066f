// The catalog's state: the newest version of every item and location.
//
// Values are immutable once made and shared by pointer, so that readers and followers keep the
// version that they were shown while the state moves on.
#ifndef QUARTERMASTER_SERVICES_CATALOG_DOMAIN_STATE_H_
#define QUARTERMASTER_SERVICES_CATALOG_DOMAIN_STATE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "services/catalog/domain/opening_hours.h"

namespace quartermaster::catalog {

// The index of a record in the catalog's partition.
using Position = int64_t;

// The numbers are stored and are those of the API. Commands may carry any number: decide refuses
// what is not listed.
enum class ItemStatus : int32_t { kUnspecified = 0, kActive = 1, kDiscontinued = 2 };
enum class LocationKind : int32_t { kUnspecified = 0, kStore = 1, kWarehouse = 2, kVendor = 3 };
enum class Capability : int32_t {
  kUnspecified = 0,
  kShip = 1,
  kPickup = 2,
  kReturn = 3,
  kTill = 4
};

// Invariants hold in the state; in a command each may be broken, and decide says so.
struct Item {
  // 1 to 64 bytes.
  std::string sku;
  // At most 128 bytes.
  std::string title;
  // 1 to 16 bytes; never changes once the item exists.
  std::string base_unit;
  // Decimals of a quantity, 0 to 3; never changes once the item exists.
  int32_t quantity_scale = 0;
  // At most 32, each valid and listed once.
  std::vector<std::string> gtins;
  // Grams per base unit, 0 to 10,000,000.
  int32_t weight_g = 0;
  // 1 to 32 bytes.
  std::string handling_class;
  bool returnable = false;
  bool online = false;
  // Never kUnspecified.
  ItemStatus status = ItemStatus::kUnspecified;
  // The position of the event that made it what it is; 0 in a command.
  Position version = 0;

  friend bool operator==(const Item&, const Item&) = default;
};

struct Location {
  // 1 to 64 bytes.
  std::string location_id;
  // At most 128 bytes.
  std::string title;
  // Never kUnspecified.
  LocationKind kind = LocationKind::kUnspecified;
  // WGS 84 degrees: -90 to 90 and -180 to 180. Both NaN in a command that gives no point.
  double latitude = 0;
  double longitude = 0;
  // An IANA time zone name.
  std::string time_zone;
  // Ascending, each once, never kUnspecified.
  std::vector<Capability> capabilities;
  // Out of online promises.
  bool paused = false;
  OpeningHours hours;
  // As Item's.
  Position version = 0;

  friend bool operator==(const Location&, const Location&) = default;
};

struct State {
  // Each under its own id. Nothing is ever removed.
  absl::flat_hash_map<std::string, std::shared_ptr<const Item>> items;
  absl::flat_hash_map<std::string, std::shared_ptr<const Location>> locations;

  // Null if there is none.
  std::shared_ptr<const Item> FindItem(const std::string& sku) const;
  std::shared_ptr<const Location> FindLocation(const std::string& location_id) const;
};

}  // namespace quartermaster::catalog

#endif  // QUARTERMASTER_SERVICES_CATALOG_DOMAIN_STATE_H_
