// What the catalog can be asked to do.
#ifndef QUARTERMASTER_SERVICES_CATALOG_DOMAIN_COMMANDS_H_
#define QUARTERMASTER_SERVICES_CATALOG_DOMAIN_COMMANDS_H_

#include <string>
#include <variant>
#include <vector>

#include "services/catalog/domain/state.h"

namespace quartermaster::catalog {

// Who did it, on what, and why: opaque codes of at most 64 bytes, each optional.
struct Attribution {
  std::string actor_id;
  std::string device_id;
  std::string reason_code;

  friend bool operator==(const Attribution&, const Attribution&) = default;
};

// Creates or replaces items, each on its own, in their order. Empty fields take their defaults:
// base unit "each", handling class "standard", status active.
struct PutItems {
  std::vector<Item> items;
  Attribution attribution;
};

// Creates or replaces locations, as PutItems does items. An empty time zone is "UTC". `paused`
// counts only for a location that is new.
struct PutLocations {
  struct Entry {
    Location location;
    // Whether the time-zone database has its time zone: looked up by the caller, for this layer
    // reads no files.
    bool time_zone_known = true;
  };
  std::vector<Entry> entries;
  Attribution attribution;
};

// Takes a location out of online promises, or puts it back.
struct PauseLocation {
  std::string location_id;
  bool paused = false;
  Attribution attribution;
};

using Command = std::variant<PutItems, PutLocations, PauseLocation>;

}  // namespace quartermaster::catalog

#endif  // QUARTERMASTER_SERVICES_CATALOG_DOMAIN_COMMANDS_H_
