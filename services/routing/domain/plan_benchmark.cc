// How many orders a second of processor time one thread plans: lines 1 to 10, every location stocks
// 40 % of 2,000 SKUs, destinations all over the map. Usage: routing_plan_benchmark [locations]
// [seconds]
#include <time.h>  // NOLINT(modernize-deprecated-headers): POSIX, not C

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <random>
#include <string>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/routing/domain/network.h"
#include "services/routing/domain/plan.h"
#include "services/routing/domain/stock_mirror.h"

namespace quartermaster::routing {
namespace {

constexpr int kSkus = 2'000;

struct World {
  Network network;
  StockMirror mirror;
  std::vector<PlanRequest> requests;
};

World MakeWorld(int locations, int stocked_percent) {
  std::mt19937_64 random(7);
  const auto below = [&](int n) { return static_cast<int>(random() % static_cast<uint64_t>(n)); };
  const auto point = [&] { return GeoPoint{30.0 + below(200) / 10.0, -120.0 + below(500) / 10.0}; };
  World world;
  for (int l = 0; l < locations; ++l) {
    const LocationIndex location = world.network.PutLocation(
        absl::StrCat("store-", l),
        {.point = point(), .capabilities = {Capability::kShip, Capability::kPickup}});
    for (int s = 0; s < kSkus; ++s) {
      if (below(100) < stocked_percent) {
        world.mirror.Set(absl::StrCat("sku-", s), location, 1 + below(10));
      }
    }
  }
  for (int i = 0; i < 4'096; ++i) {
    PlanGroup group;
    group.group_id = "0";
    group.destination = point();
    const int lines = 1 + below(10);
    for (int l = 0; l < lines; ++l) {
      group.lines.push_back(
          {absl::StrCat(l), absl::StrCat("sku-", below(kSkus)), Quantity(1 + below(3))});
    }
    world.requests.push_back({.groups = {group}});
  }
  return world;
}

// Of this thread: what others do on the machine counts less.
double CpuSeconds() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

void Measure(int locations, int stocked_percent, double seconds) {
  const World world = MakeWorld(locations, stocked_percent);
  const double start = CpuSeconds();
  std::map<int, int> parcels;
  int64_t planned = 0;
  double elapsed = 0;
  while (elapsed < seconds) {
    for (const PlanRequest& request : world.requests) {
      const PlanOutcome outcome = MakePlan(world.network, world.mirror, request);
      const auto* plan = std::get_if<Plan>(&outcome);
      ++parcels[plan == nullptr ? 0 : plan->groups[0].explanation.parcels];
      ++planned;
    }
    elapsed = CpuSeconds() - start;
  }
  std::printf("%5d locations, %2d %% stocked: %8.0f decisions/s; share by parcels:", locations,
              stocked_percent, static_cast<double>(planned) / elapsed);
  for (const auto& [count, times] : parcels) {
    std::printf(" %d: %.1f %%", count, 100.0 * times / static_cast<double>(planned));
  }
  std::printf("\n");
}

}  // namespace
}  // namespace quartermaster::routing

int main(int argc, char** argv) {
  const double seconds = argc > 2 ? std::atof(argv[2]) : 2;
  for (const int locations : {205, argc > 1 ? std::atoi(argv[1]) : 3'000}) {
    for (const int stocked_percent : {40, 5}) {
      quartermaster::routing::Measure(locations, stocked_percent, seconds);
    }
  }
  return 0;
}
