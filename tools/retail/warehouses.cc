#include "tools/retail/warehouses.h"

#include <algorithm>
#include <limits>

#include "absl/strings/str_cat.h"

namespace quartermaster::retail {
namespace {

constexpr int kRounds = 30;

size_t NearestCentre(const Point& point, const std::vector<Point>& centres) {
  size_t best = 0;
  double best_km = std::numeric_limits<double>::max();
  for (size_t i = 0; i < centres.size(); ++i) {
    const double km = DistanceKm(point, centres[i]);
    if (km < best_km) {
      best = i;
      best_km = km;
    }
  }
  return best;
}

std::vector<Point> FirstCentres(const std::vector<City>& cities, int count) {
  std::vector<Point> centres;
  while (static_cast<int>(centres.size()) < count) {
    const City* best = &cities[0];
    double best_weight = -1;
    for (const City& city : cities) {
      double weight = static_cast<double>(city.population);
      if (!centres.empty()) {
        weight *= DistanceKm(city.point, centres[NearestCentre(city.point, centres)]);
      }
      if (weight > best_weight) {
        best = &city;
        best_weight = weight;
      }
    }
    centres.push_back(best->point);
  }
  return centres;
}

}  // namespace

std::vector<Place> WarehousesAtCentres(const std::vector<City>& cities, int count) {
  std::vector<Point> centres = FirstCentres(cities, count);
  for (int round = 0; round < kRounds; ++round) {
    std::vector<Point> sums(centres.size());
    std::vector<double> people(centres.size());
    for (const City& city : cities) {
      const size_t centre = NearestCentre(city.point, centres);
      const double weight = static_cast<double>(city.population);
      sums[centre].latitude += weight * city.point.latitude;
      sums[centre].longitude += weight * city.point.longitude;
      people[centre] += weight;
    }
    for (size_t i = 0; i < centres.size(); ++i) {
      if (people[i] == 0) continue;
      centres[i] = {sums[i].latitude / people[i], sums[i].longitude / people[i]};
    }
  }
  std::vector<Place> warehouses;
  for (size_t i = 0; i < centres.size(); ++i) {
    Place& place = warehouses.emplace_back();
    place.id = absl::StrCat("W-", i + 1);
    place.title = absl::StrCat("Warehouse ", i + 1);
    place.warehouse = true;
    place.point = centres[i];
    place.ship = true;
    place.takes_returns = true;
  }
  return warehouses;
}

}  // namespace quartermaster::retail
