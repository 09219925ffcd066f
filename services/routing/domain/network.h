// Network: the locations that goods can come from, and the items that are known. A mirror of the
// catalog, laid out for planning: compact numbers, sets of bits, an index of nearness.
//
//   Network network;
//   network.PutLocation("cluj-1", {.point = {46.77, 23.59}, .capabilities = {Capability::kShip}});
//   network.Nearest(ToUnitVector({46.8, 23.6}), 10);   // {{cluj-1, 3'400 m}}
#ifndef QUARTERMASTER_SERVICES_ROUTING_DOMAIN_NETWORK_H_
#define QUARTERMASTER_SERVICES_ROUTING_DOMAIN_NETWORK_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "services/routing/domain/geo.h"
#include "services/routing/domain/location_set.h"
#include "services/routing/domain/nearest_index.h"
#include "services/routing/domain/string_map.h"

namespace quartermaster::routing {

enum class LocationKind : uint8_t { kUnspecified, kStore, kWarehouse, kVendor };

enum class Capability : uint8_t { kShip, kPickup, kReturn, kTill };
inline constexpr size_t kCapabilities = 4;

class CapabilitySet {
 public:
  CapabilitySet() = default;
  CapabilitySet(std::initializer_list<Capability> capabilities) {
    for (const Capability capability : capabilities) Insert(capability);
  }
  void Insert(Capability capability) { bits_ |= Bit(capability); }
  bool Contains(Capability capability) const { return (bits_ & Bit(capability)) != 0; }

 private:
  static uint8_t Bit(Capability capability) {
    return static_cast<uint8_t>(1u << static_cast<unsigned>(capability));
  }
  uint8_t bits_ = 0;
};

// What the catalog says of a location.
struct LocationData {
  LocationKind kind = LocationKind::kUnspecified;
  GeoPoint point;
  CapabilitySet capabilities;
  // Out of online promises; its tills go on.
  bool paused = false;
};

struct Location {
  std::string id;
  LocationData data;
  UnitVector position;
  // The catalog knows it. Of others only the id is known (stock named it first): they have no
  // capability and serve nothing.
  bool registered = false;
};

struct RankedLocation {
  LocationIndex location = 0;
  int64_t distance_m = 0;
};

// Const methods may run on several threads at once; changes need exclusion.
class Network {
 public:
  // The number of a location, given out at its first mention.
  LocationIndex Intern(std::string_view location_id);
  // Creates or replaces.
  LocationIndex PutLocation(std::string_view location_id, const LocationData& data);
  // No effect on a location that is not registered.
  void SetPaused(std::string_view location_id, bool paused);
  void PutItem(std::string_view sku);

  // A registered location.
  std::optional<LocationIndex> Find(std::string_view location_id) const;
  // Also one that is not registered.
  std::optional<LocationIndex> FindInterned(std::string_view location_id) const;
  bool HasItem(std::string_view sku) const;

  const Location& at(LocationIndex location) const { return locations_[location]; }
  // How many numbers have been given out.
  size_t size() const { return locations_.size(); }
  size_t item_count() const { return items_.size(); }

  const LocationSet& registered() const { return registered_; }
  const LocationSet& paused() const { return paused_; }
  const LocationSet& Capable(Capability capability) const {
    return capable_[static_cast<size_t>(capability)];
  }

  // Registered locations by (distance, id): at least `count` of them if there are so many, and
  // all that are as near as the last one.
  std::vector<RankedLocation> Nearest(const UnitVector& from, size_t count) const;

  // The order of all rankings: nearer first, then by id.
  bool Precedes(const RankedLocation& a, const RankedLocation& b) const {
    if (a.distance_m != b.distance_m) return a.distance_m < b.distance_m;
    return locations_[a.location].id < locations_[b.location].id;
  }

 private:
  std::vector<Location> locations_;
  StringMap<LocationIndex> index_by_id_;
  StringSet items_;
  LocationSet registered_;
  LocationSet paused_;
  std::array<LocationSet, kCapabilities> capable_;
  size_t registered_count_ = 0;
  NearestIndex nearest_;
};

}  // namespace quartermaster::routing

#endif  // QUARTERMASTER_SERVICES_ROUTING_DOMAIN_NETWORK_H_
