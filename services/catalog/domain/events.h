// What has happened in the catalog. Each event carries all of what it made, so that a follower
// needs no earlier one.
#ifndef QUARTERMASTER_SERVICES_CATALOG_DOMAIN_EVENTS_H_
#define QUARTERMASTER_SERVICES_CATALOG_DOMAIN_EVENTS_H_

#include <string>
#include <variant>

#include "services/catalog/domain/commands.h"
#include "services/catalog/domain/state.h"

namespace quartermaster::catalog {

// An item was created or replaced. The version in it is 0: it is the event's own position.
struct ItemPut {
  Item item;
  Attribution attribution;

  friend bool operator==(const ItemPut&, const ItemPut&) = default;
};

// A location was created or replaced. The version in it is 0, as above.
struct LocationPut {
  Location location;
  Attribution attribution;

  friend bool operator==(const LocationPut&, const LocationPut&) = default;
};

// An existing location left online promises (paused) or came back.
struct LocationPaused {
  std::string location_id;
  bool paused = false;
  Attribution attribution;

  friend bool operator==(const LocationPaused&, const LocationPaused&) = default;
};

using Event = std::variant<ItemPut, LocationPut, LocationPaused>;

}  // namespace quartermaster::catalog

#endif  // QUARTERMASTER_SERVICES_CATALOG_DOMAIN_EVENTS_H_
