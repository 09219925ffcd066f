// What can happen to the network: the catalog's events, as far as routing follows them.
#ifndef QUARTERMASTER_SERVICES_ROUTING_DOMAIN_NETWORK_CHANGE_H_
#define QUARTERMASTER_SERVICES_ROUTING_DOMAIN_NETWORK_CHANGE_H_

#include <string>
#include <variant>
#include <vector>

#include "services/routing/domain/network.h"

namespace quartermaster::routing {

struct ItemPut {
  std::string sku;
};

// Created or changed: the whole of it.
struct LocationPut {
  std::string location_id;
  LocationData data;
};

struct LocationPaused {
  std::string location_id;
  bool paused = false;
};

using NetworkChange = std::variant<ItemPut, LocationPut, LocationPaused>;
// In the order in which they happened.
using NetworkChanges = std::vector<NetworkChange>;

}  // namespace quartermaster::routing

#endif  // QUARTERMASTER_SERVICES_ROUTING_DOMAIN_NETWORK_CHANGE_H_
