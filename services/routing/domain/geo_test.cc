#include "services/routing/domain/geo.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "services/base/testing/seed.h"
#include "services/routing/domain/network.h"
#include "services/routing/domain/score.h"

namespace quartermaster::routing {
namespace {

int64_t Between(const GeoPoint& a, const GeoPoint& b) {
  return DistanceM(ToUnitVector(a), ToUnitVector(b));
}

TEST(Geo, DistancesOfKnownArcs) {
  // A quarter, a half and a degree of a great circle of the mean radius.
  const double circle = 2 * std::numbers::pi * kEarthRadiusM;
  EXPECT_EQ(Between({0, 0}, {0, 90}), std::llround(circle / 4));
  EXPECT_EQ(Between({90, 0}, {-90, 0}), std::llround(circle / 2));
  EXPECT_EQ(Between({0, 179.5}, {0, -179.5}), std::llround(circle / 360));
  EXPECT_EQ(Between({89.5, 0}, {89.5, 180}), std::llround(circle / 360));
  EXPECT_EQ(Between({46.77, 23.59}, {46.77, 23.59}), 0);
  // The poles are one point at every longitude.
  EXPECT_EQ(Between({90, 12}, {90, -100}), 0);
}

TEST(Geo, AgreesWithTheHaversineFormula) {
  const auto haversine = [](const GeoPoint& a, const GeoPoint& b) {
    const double rad = std::numbers::pi / 180;
    const double u = std::sin((b.latitude_deg - a.latitude_deg) * rad / 2);
    const double v = std::sin((b.longitude_deg - a.longitude_deg) * rad / 2);
    const double h =
        u * u + std::cos(a.latitude_deg * rad) * std::cos(b.latitude_deg * rad) * v * v;
    return 2 * kEarthRadiusM * std::asin(std::sqrt(h));
  };
  const auto seed = TestSeed();
  std::mt19937 random(static_cast<uint32_t>(seed));
  std::uniform_real_distribution<double> latitude(-80, 80);
  std::uniform_real_distribution<double> longitude(-180, 180);
  for (int i = 0; i < 10'000; ++i) {
    const GeoPoint a{latitude(random), longitude(random)};
    const GeoPoint b{latitude(random), longitude(random)};
    ASSERT_NEAR(static_cast<double>(Between(a, b)), haversine(a, b), 1.0);
  }
}

TEST(Geo, ChordAndDistanceAreInverse) {
  for (const double distance : {1.0, 250.0, 40'000.0, 3'000'000.0, 15'000'000.0}) {
    EXPECT_EQ(DistanceOfChordM(ChordOfDistance(distance)), std::llround(distance));
  }
  EXPECT_EQ(ChordOfDistance(3e7), 4);
}

// What the index answers against a look at every location, with many at the same place.
TEST(Network, NearestIsTheOrderByDistanceAndId) {
  const auto seed = TestSeed();
  std::mt19937 random(static_cast<uint32_t>(seed));
  for (const size_t size : {1u, 7u, 300u, 3'000u}) {
    Network network;
    std::vector<RankedLocation> all;
    const auto below = [&](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
    for (size_t i = 0; i < size; ++i) {
      LocationData data;
      data.point = {static_cast<double>(below(160)) - 80, static_cast<double>(below(20))};
      network.PutLocation(absl::StrCat("L", below(1'000'000), "/", i), data);
      if (below(10) == 0) {  // it moves
        data.point.latitude_deg = below(80);
        network.PutLocation(network.at(static_cast<LocationIndex>(i)).id, data);
      }
    }
    network.Intern("only-stock-knows-it");
    for (int round = 0; round < 20; ++round) {
      const UnitVector from = ToUnitVector({static_cast<double>(below(180)) - 90, 10});
      all.clear();
      for (LocationIndex i = 0; i < size; ++i) {
        all.push_back({i, DistanceM(from, network.at(i).position)});
      }
      std::sort(all.begin(), all.end(),
                [&](const auto& a, const auto& b) { return network.Precedes(a, b); });
      const size_t count = 1 + random() % size;
      const std::vector<RankedLocation> nearest = network.Nearest(from, count);
      ASSERT_GE(nearest.size(), count);
      for (size_t i = 0; i < nearest.size(); ++i) {
        ASSERT_EQ(nearest[i].location, all[i].location) << "rank " << i;
        ASSERT_EQ(nearest[i].distance_m, all[i].distance_m);
      }
    }
  }
}

TEST(Proximity, FindsTheNearestOfLargeAndSmallSets) {
  const auto seed = TestSeed();
  std::mt19937 random(static_cast<uint32_t>(seed));
  Network network;
  for (int i = 0; i < 2'000; ++i) {
    LocationData data;
    data.point = {static_cast<double>(random() % 90), static_cast<double>(random() % 90)};
    network.PutLocation(absl::StrCat("L", i), data);
  }
  for (int round = 0; round < 200; ++round) {
    LocationSet set;
    const unsigned one_in = 1 + random() % 400;
    for (LocationIndex i = 0; i < 2'000; ++i) set.Assign(i, random() % one_in == 0);
    const GeoPoint destination{static_cast<double>(random() % 90), 7};
    Proximity proximity(&network, destination);
    std::vector<RankedLocation> expected;
    set.ForEach([&](LocationIndex i) { expected.push_back(proximity.Rank(i)); });
    proximity.Sort(expected);
    const auto nearest = proximity.NearestOf(set);
    ASSERT_EQ(nearest.has_value(), !expected.empty());
    ASSERT_TRUE(!nearest.has_value() || nearest->location == expected[0].location);
    const std::vector<RankedLocation> some = proximity.NearestOf(set, 10);
    ASSERT_EQ(some.size(), std::min<size_t>(10, expected.size()));
    for (size_t i = 0; i < some.size(); ++i) ASSERT_EQ(some[i].location, expected[i].location);
  }
}

}  // namespace
}  // namespace quartermaster::routing
