#include "tools/retail/world.h"

#include <cmath>

#include "absl/strings/numbers.h"

namespace quartermaster::retail {

double DistanceKm(const Point& a, const Point& b) {
  constexpr double kRadiusKm = 6371.0088;
  constexpr double kRadians = M_PI / 180;
  const double half_latitude = std::sin((b.latitude - a.latitude) * kRadians / 2);
  const double half_longitude = std::sin((b.longitude - a.longitude) * kRadians / 2);
  const double h = half_latitude * half_latitude + std::cos(a.latitude * kRadians) *
                                                       std::cos(b.latitude * kRadians) *
                                                       half_longitude * half_longitude;
  return 2 * kRadiusKm * std::asin(std::sqrt(std::fmin(1, h)));
}

bool ParsePoint(const std::string& latitude, const std::string& longitude, Point* point) {
  return absl::SimpleAtod(latitude, &point->latitude) &&
         absl::SimpleAtod(longitude, &point->longitude) && std::abs(point->latitude) <= 90 &&
         std::abs(point->longitude) <= 180;
}

}  // namespace quartermaster::retail
