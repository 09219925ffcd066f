#include "services/routing/domain/geo.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace quartermaster::routing {

UnitVector ToUnitVector(const GeoPoint& point) {
  const double latitude = point.latitude_deg * (std::numbers::pi / 180);
  const double longitude = point.longitude_deg * (std::numbers::pi / 180);
  const double ring = std::cos(latitude);
  return {ring * std::cos(longitude), ring * std::sin(longitude), std::sin(latitude)};
}

int64_t DistanceOfChordM(double chord_squared) {
  const double half_chord = 0.5 * std::sqrt(chord_squared);
  return std::llround(2 * kEarthRadiusM * std::asin(std::min(1.0, half_chord)));
}

int64_t DistanceM(const UnitVector& a, const UnitVector& b) {
  return DistanceOfChordM(ChordSquared(a, b));
}

double ChordOfDistance(double distance_m) {
  const double half_angle = 0.5 * distance_m / kEarthRadiusM;
  if (half_angle >= std::numbers::pi / 2) return 4;
  const double half_chord = std::sin(half_angle);
  return 4 * half_chord * half_chord;
}

}  // namespace quartermaster::routing
