// Distances on the sphere, in whole metres: integers, so that sums and comparisons of distances
// are exact and the same on every machine.
//
//   const UnitVector cluj = ToUnitVector({46.77, 23.59});
//   DistanceM(cluj, ToUnitVector({44.43, 26.10}));  // about 324,000
#ifndef QUARTERMASTER_SERVICES_ROUTING_DOMAIN_GEO_H_
#define QUARTERMASTER_SERVICES_ROUTING_DOMAIN_GEO_H_

#include <cstdint>

namespace quartermaster::routing {

// WGS 84 degrees: latitude -90 to 90, longitude -180 to 180.
struct GeoPoint {
  double latitude_deg = 0;
  double longitude_deg = 0;

  friend bool operator==(const GeoPoint&, const GeoPoint&) = default;
};

// A point of the unit sphere.
struct UnitVector {
  double x = 1;
  double y = 0;
  double z = 0;
};

// The IUGG mean radius R1 of the Earth (H. Moritz, "Geodetic Reference System 1980", Journal of
// Geodesy 74, 2000). A sphere errs by at most 0.6 % against the ellipsoid.
inline constexpr double kEarthRadiusM = 6'371'008.8;

UnitVector ToUnitVector(const GeoPoint& point);

// The square of the straight line between two points of the unit sphere, 0 to 4. Grows with the
// distance and costs a few multiplications.
inline double ChordSquared(const UnitVector& a, const UnitVector& b) {
  const double dx = a.x - b.x;
  const double dy = a.y - b.y;
  const double dz = a.z - b.z;
  return dx * dx + dy * dy + dz * dz;
}

// The great-circle distance, rounded to a metre: 2 R asin(chord / 2), which is the haversine
// formula (R. W. Sinnott, "Virtues of the Haversine", Sky and Telescope 68, 1984) on unit vectors.
int64_t DistanceOfChordM(double chord_squared);
int64_t DistanceM(const UnitVector& a, const UnitVector& b);

// The inverse of DistanceOfChordM; 4 beyond half the circumference.
double ChordOfDistance(double distance_m);

}  // namespace quartermaster::routing

#endif  // QUARTERMASTER_SERVICES_ROUTING_DOMAIN_GEO_H_
