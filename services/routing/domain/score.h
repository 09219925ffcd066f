// How the strategy default@1 ranks: fewest parcels, then the shortest total distance, ties by
// location id.
#ifndef QUARTERMASTER_SERVICES_ROUTING_DOMAIN_SCORE_H_
#define QUARTERMASTER_SERVICES_ROUTING_DOMAIN_SCORE_H_

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "services/routing/domain/geo.h"
#include "services/routing/domain/location_set.h"
#include "services/routing/domain/network.h"

namespace quartermaster::routing {

inline constexpr char kDefaultStrategy[] = "default@1";

// Of a way to serve a group; the lower, the better.
struct Score {
  // Different locations.
  int parcels = 0;
  // From each of them to the destination, added up.
  int64_t distance_m = 0;

  friend constexpr auto operator<=>(const Score&, const Score&) = default;
};

// The locations as seen from one destination. Without one all are equally near. Keeps what it has
// ranked: one per group of a request. Not thread-safe.
class Proximity {
 public:
  // `network` must outlive it and stay unchanged.
  Proximity(const Network* network, const std::optional<GeoPoint>& destination);

  int64_t DistanceM(LocationIndex location) const;
  RankedLocation Rank(LocationIndex location) const { return {location, DistanceM(location)}; }

  // The first of a set of registered locations by (distance, id); nothing of an empty set.
  std::optional<RankedLocation> NearestOf(const LocationSet& set);
  // The first `count` of them in that order, or all if there are fewer.
  std::vector<RankedLocation> NearestOf(const LocationSet& set, size_t count);

  // The nearest registered locations, by (distance, id): at least `count`, if there are so many,
  // and all that are as near as the last one. Only with a destination. Valid until the next call.
  const std::vector<RankedLocation>& Ranked(size_t count);

  // Sorts by (distance, id).
  void Sort(std::vector<RankedLocation>& locations) const;

  const Network& network() const { return *network_; }
  const std::optional<UnitVector>& destination() const { return destination_; }

 private:
  const Network* network_;
  std::optional<UnitVector> destination_;
  // The nearest locations, complete up to its last one's distance.
  std::vector<RankedLocation> ranked_;
};

// Keeps the best of the locations that it is shown, by (distance, id), at the price of a few
// multiplications for each that is farther.
class NearestSoFar {
 public:
  void Offer(const Network& network, const std::optional<UnitVector>& destination,
             LocationIndex location);
  const std::optional<RankedLocation>& best() const { return best_; }

 private:
  std::optional<RankedLocation> best_;
  // Whatever has a longer chord is farther by more than the rounding to a metre.
  double cutoff_ = 5;
};

}  // namespace quartermaster::routing

#endif  // QUARTERMASTER_SERVICES_ROUTING_DOMAIN_SCORE_H_
