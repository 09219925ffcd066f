// The planner against a deliberately dumb one that tries every set of locations, on small random
// instances. Prints its seed; QM_SEED repeats a run.
#include <algorithm>
#include <bit>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "services/base/testing/seed.h"
#include "services/routing/domain/network.h"
#include "services/routing/domain/plan.h"
#include "services/routing/domain/score.h"
#include "services/routing/domain/stock_mirror.h"

namespace quartermaster::routing {
namespace {

using StockTable = std::map<std::pair<std::string, std::string>, int64_t>;  // (sku, location)

struct Instance {
  Network network;
  StockMirror mirror;
  StockTable stock;
  std::vector<std::string> skus;
  std::vector<std::string> locations;
};

class Random {
 public:
  explicit Random(uint64_t seed) : engine_(seed) {}
  int Below(int n) { return std::uniform_int_distribution<int>(0, n - 1)(engine_); }
  bool OneIn(int n) { return Below(n) == 0; }

 private:
  std::mt19937_64 engine_;
};

// Coordinates on a coarse grid, so that ties happen.
GeoPoint RandomPoint(Random& random) { return {40.0 + random.Below(8), 20.0 + random.Below(8)}; }

Instance RandomInstance(Random& random, int locations, int skus, int stock_max) {
  Instance instance;
  for (int i = 0; i < locations; ++i) {
    const std::string id = absl::StrCat("L", random.Below(1000), "-", i);
    LocationData data;
    data.point = RandomPoint(random);
    if (!random.OneIn(5)) data.capabilities.Insert(Capability::kShip);
    if (!random.OneIn(3)) data.capabilities.Insert(Capability::kPickup);
    if (!random.OneIn(3)) data.capabilities.Insert(Capability::kTill);
    data.paused = random.OneIn(6);
    instance.network.PutLocation(id, data);
    instance.locations.push_back(id);
  }
  for (int s = 0; s < skus; ++s) {
    const std::string sku = absl::StrCat("S", s);
    instance.skus.push_back(sku);
    instance.network.PutItem(sku);
    for (const std::string& location : instance.locations) {
      const int64_t available = random.OneIn(2) ? 0 : random.Below(stock_max + 1);
      instance.stock[{sku, location}] = available;
      instance.mirror.Set(sku, instance.network.Intern(location), available);
    }
  }
  return instance;
}

bool Eligible(const Instance& instance, Method method, const std::string& id) {
  const LocationData& data = instance.network.at(*instance.network.Find(id)).data;
  if (method == Method::kCarryOut) return data.capabilities.Contains(Capability::kTill);
  if (data.paused) return false;
  return data.capabilities.Contains(method == Method::kShip ? Capability::kShip
                                                            : Capability::kPickup);
}

std::map<std::string, int64_t> DemandOf(const PlanGroup& group) {
  std::map<std::string, int64_t> demand;
  for (const PlanLine& line : group.lines) demand[line.sku] += line.quantity.units();
  return demand;
}

int64_t DistanceTo(const Instance& instance, const PlanGroup& group, const std::string& id) {
  return DistanceM(ToUnitVector(*group.destination),
                   instance.network.at(*instance.network.Find(id)).position);
}

// The best score over all sets of locations; `whole`: every SKU from a single member.
std::optional<Score> BestSet(const Instance& instance, const PlanGroup& group, bool whole) {
  std::vector<std::string> eligible;
  for (const std::string& id : instance.locations) {
    if (Eligible(instance, Method::kShip, id)) eligible.push_back(id);
  }
  std::optional<Score> best;
  for (uint32_t set = 1; set < (1u << eligible.size()); ++set) {
    Score score{std::popcount(set), 0};
    for (size_t i = 0; i < eligible.size(); ++i) {
      if (set >> i & 1) score.distance_m += DistanceTo(instance, group, eligible[i]);
    }
    if (best.has_value() && score >= *best) continue;
    bool covered = true;
    for (const auto& [sku, quantity] : DemandOf(group)) {
      int64_t most = 0;
      int64_t sum = 0;
      for (size_t i = 0; i < eligible.size(); ++i) {
        if ((set >> i & 1) == 0) continue;
        const int64_t available = instance.stock.at({sku, eligible[i]});
        most = std::max(most, available);
        sum += available;
      }
      covered = covered && (whole ? most : sum) >= quantity;
    }
    if (covered) best = score;
  }
  return best;
}

Score ScoreOf(const Instance& instance, const PlanGroup& group, const Plan& plan) {
  std::set<std::string> used;
  for (const Assignment& assignment : plan.assignments) used.insert(assignment.location_id);
  Score score{static_cast<int>(used.size()), 0};
  for (const std::string& id : used) score.distance_m += DistanceTo(instance, group, id);
  return score;
}

// What must hold of every plan: it serves each line's quantity exactly (less what is short), from
// eligible locations, within their stock.
void CheckPlan(const Instance& instance, const PlanRequest& request, const Plan& plan) {
  StockTable used;
  std::map<std::string, int64_t> served;
  for (const Assignment& a : plan.assignments) {
    ASSERT_GT(a.quantity.units(), 0);
    used[{a.sku, a.location_id}] += a.quantity.units();
    served[a.line_id] += a.quantity.units();
    for (const PlanGroup& group : request.groups) {
      if (group.group_id != a.group_id) continue;
      ASSERT_TRUE(Eligible(instance, group.method, a.location_id)) << a.location_id;
      ASSERT_TRUE(group.location_id.empty() || group.location_id == a.location_id);
    }
  }
  for (const auto& [key, quantity] : used) ASSERT_LE(quantity, instance.stock.at(key));
  std::map<std::string, int64_t> available;
  for (const ShortLine& line : plan.short_lines) {
    ASSERT_LT(line.available, line.asked);
    available[line.line_id] = line.available.units();
  }
  for (const PlanGroup& group : request.groups) {
    std::set<std::string> pickup_locations;
    for (const PlanLine& line : group.lines) {
      const auto short_line = available.find(line.line_id);
      const int64_t expected =
          short_line == available.end() ? line.quantity.units() : short_line->second;
      ASSERT_EQ(served[line.line_id], expected) << line.line_id;
    }
    for (const Assignment& a : plan.assignments) {
      if (a.group_id == group.group_id && group.method != Method::kShip) {
        pickup_locations.insert(a.location_id);
      }
    }
    ASSERT_LE(pickup_locations.size(), 1u);
  }
}

void CheckExplanation(const Instance& instance, const Plan& plan) {
  for (const ExplainedGroup& group : plan.groups) {
    std::map<std::string, int64_t> planned;
    for (const Assignment& a : plan.assignments) {
      if (a.group_id == group.group_id) planned[a.location_id] += a.quantity.units();
    }
    int all = 0;
    for (const int others : group.explanation.others) {
      ASSERT_GE(others, 0);
      all += others;
    }
    ASSERT_EQ(group.explanation.others[static_cast<size_t>(Fate::kChosen)], 0);
    std::set<std::string> seen;
    for (const Candidate& candidate : group.explanation.candidates) {
      ASSERT_TRUE(seen.insert(candidate.location_id).second);
      ++all;
      const auto units = planned.find(candidate.location_id);
      ASSERT_EQ(candidate.units, units == planned.end() ? 0 : units->second);
      ASSERT_EQ(candidate.fate == Fate::kChosen, candidate.units > 0);
    }
    ASSERT_EQ(group.explanation.parcels, static_cast<int>(planned.size()));
    for (const auto& [id, units] : planned) ASSERT_TRUE(seen.contains(id));
    if (seen.size() == 1) continue;  // perhaps a named location, the only one looked at
    ASSERT_EQ(all, static_cast<int>(instance.locations.size()));
  }
}

PlanGroup RandomGroup(Random& random, const Instance& instance, int index, Method method, int lines,
                      int quantity_max) {
  PlanGroup group;
  group.group_id = absl::StrCat("g", index);
  group.method = method;
  group.destination = RandomPoint(random);
  for (int i = 0; i < lines; ++i) {
    group.lines.push_back(
        {absl::StrCat(index, "/", i),
         instance.skus[static_cast<size_t>(random.Below(static_cast<int>(instance.skus.size())))],
         Quantity(1 + random.Below(quantity_max))});
  }
  return group;
}

TEST(PlanProperty, OneParcelGroupIsServedByTheBestSetOfAll) {
  const uint64_t seed = TestSeed();
  int split = 0;
  int refused = 0;
  std::map<int, int> by_parcels;
  for (int round = 0; round < 4'000; ++round) {
    SCOPED_TRACE(absl::StrCat("seed ", seed, " round ", round));
    Random random(seed + static_cast<uint64_t>(round));
    const Instance instance = RandomInstance(random, 1 + random.Below(9), 1 + random.Below(13), 5);
    PlanRequest request;
    request.groups = {
        RandomGroup(random, instance, 0, Method::kShip, 1 + random.Below(12), 1 + random.Below(6))};
    const PlanGroup& group = request.groups[0];
    std::optional<Score> best = BestSet(instance, group, /*whole=*/true);
    if (!best.has_value()) {
      best = BestSet(instance, group, /*whole=*/false);
      split += best.has_value();
    }
    const PlanOutcome outcome = MakePlan(instance.network, instance.mirror, request);
    if (!best.has_value()) {
      const auto* refusal = std::get_if<PlanRefusal>(&outcome);
      ASSERT_NE(refusal, nullptr);
      ASSERT_EQ(refusal->reason, PlanRefusal::Reason::kNoPlan);
      ASSERT_FALSE(refusal->short_lines.empty());
      ++refused;
      continue;
    }
    const auto* plan = std::get_if<Plan>(&outcome);
    ASSERT_NE(plan, nullptr) << "refused what stock could serve";
    CheckPlan(instance, request, *plan);
    CheckExplanation(instance, *plan);
    if (HasFatalFailure()) return;
    const Score score = ScoreOf(instance, group, *plan);
    ASSERT_EQ(score.parcels, best->parcels);
    ASSERT_EQ(score.distance_m, best->distance_m);
    ++by_parcels[score.parcels];
  }
  // The instances reach what they are meant to test.
  EXPECT_GT(split, 50);
  EXPECT_GT(refused, 50);
  EXPECT_GT(by_parcels[1], 50);
  EXPECT_GT(by_parcels[3], 50);
}

// Whether all groups can be served at once, by trying every pickup location for every unnamed
// pickup.
bool Feasible(const Instance& instance, const std::vector<PlanGroup>& groups, size_t next,
              StockTable stock) {
  const auto take = [&](const PlanGroup& group, const std::string& id, StockTable& from) {
    for (const auto& [sku, quantity] : DemandOf(group)) {
      if ((from[{sku, id}] -= quantity) < 0) return false;
    }
    return true;
  };
  while (next < groups.size() && groups[next].method == Method::kShip) ++next;
  if (next < groups.size()) {
    for (const std::string& id : instance.locations) {
      if (!groups[next].location_id.empty() && groups[next].location_id != id) continue;
      if (!Eligible(instance, groups[next].method, id)) continue;
      StockTable rest = stock;
      if (take(groups[next], id, rest) && Feasible(instance, groups, next + 1, rest)) return true;
    }
    return false;
  }
  std::map<std::string, int64_t> wanted;
  for (const PlanGroup& group : groups) {
    if (group.method != Method::kShip) continue;
    for (const auto& [sku, quantity] : DemandOf(group)) wanted[sku] += quantity;
  }
  for (const auto& [sku, quantity] : wanted) {
    int64_t sum = 0;
    for (const std::string& id : instance.locations) {
      if (Eligible(instance, Method::kShip, id)) sum += stock[{sku, id}];
    }
    if (sum < quantity) return false;
  }
  return true;
}

TEST(PlanProperty, SeveralGroupsAreNeverRefusedWhatStockCouldServe) {
  const uint64_t seed = TestSeed();
  int planned = 0;
  int refused = 0;
  for (int round = 0; round < 4'000; ++round) {
    SCOPED_TRACE(absl::StrCat("seed ", seed, " round ", round));
    Random random(seed + static_cast<uint64_t>(round));
    const Instance instance = RandomInstance(random, 2 + random.Below(5), 1 + random.Below(4), 4);
    PlanRequest request;
    request.allow_partial = random.OneIn(3);
    const int groups = 2 + random.Below(3);
    for (int g = 0; g < groups; ++g) {
      const auto method = static_cast<Method>(random.Below(3));
      PlanGroup group =
          RandomGroup(random, instance, g, method, 1 + random.Below(3), 1 + random.Below(3));
      if (method == Method::kCarryOut || (method == Method::kPickup && random.OneIn(2))) {
        group.location_id = instance.locations[static_cast<size_t>(
            random.Below(static_cast<int>(instance.locations.size())))];
        if (!Eligible(instance, method, group.location_id)) continue;
      }
      request.groups.push_back(std::move(group));
    }
    const bool feasible = Feasible(instance, request.groups, 0, instance.stock);
    const PlanOutcome outcome = MakePlan(instance.network, instance.mirror, request);
    const auto* plan = std::get_if<Plan>(&outcome);
    if (plan != nullptr) {
      CheckPlan(instance, request, *plan);
      CheckExplanation(instance, *plan);
      if (HasFatalFailure()) return;
      ASSERT_EQ(plan->short_lines.empty(), feasible);
    } else {
      ASSERT_FALSE(feasible) << "refused what stock could serve";
      ASSERT_FALSE(request.allow_partial);
    }
    ++(feasible ? planned : refused);
  }
  EXPECT_GT(planned, 200);
  EXPECT_GT(refused, 200);
}

TEST(PlanProperty, TheOrderInWhichTheNetworkWasMetDoesNotMatter) {
  const uint64_t seed = TestSeed();
  for (int round = 0; round < 500; ++round) {
    SCOPED_TRACE(absl::StrCat("seed ", seed, " round ", round));
    Random random(seed + static_cast<uint64_t>(round));
    const Instance instance = RandomInstance(random, 1 + random.Below(30), 1 + random.Below(6), 4);
    PlanRequest request;
    request.allow_partial = true;
    for (int g = 0; g < 2; ++g) {
      request.groups.push_back(RandomGroup(
          random, instance, g, g == 0 ? Method::kShip : Method::kPickup, 1 + random.Below(5), 3));
    }
    std::vector<std::string> order = instance.locations;
    std::shuffle(order.begin(), order.end(), std::mt19937_64(seed));
    Network network;
    StockMirror mirror;
    for (const std::string& id : order) {
      network.PutLocation(id, instance.network.at(*instance.network.Find(id)).data);
    }
    for (const auto& [key, available] : instance.stock) {
      mirror.Set(key.first, network.Intern(key.second), available);
    }
    const PlanOutcome a = MakePlan(instance.network, instance.mirror, request);
    const PlanOutcome b = MakePlan(network, mirror, request);
    const Plan& first = std::get<Plan>(a);
    const Plan& second = std::get<Plan>(b);
    ASSERT_EQ(first.assignments.size(), second.assignments.size());
    for (size_t i = 0; i < first.assignments.size(); ++i) {
      ASSERT_EQ(first.assignments[i].line_id, second.assignments[i].line_id);
      ASSERT_EQ(first.assignments[i].location_id, second.assignments[i].location_id);
      ASSERT_EQ(first.assignments[i].quantity, second.assignments[i].quantity);
    }
    for (size_t g = 0; g < first.groups.size(); ++g) {
      const GroupExplanation& x = first.groups[g].explanation;
      const GroupExplanation& y = second.groups[g].explanation;
      ASSERT_EQ(x.others, y.others);
      ASSERT_EQ(x.candidates.size(), y.candidates.size());
      for (size_t i = 0; i < x.candidates.size(); ++i) {
        ASSERT_EQ(x.candidates[i].location_id, y.candidates[i].location_id);
        ASSERT_EQ(x.candidates[i].fate, y.candidates[i].fate);
      }
    }
  }
}

}  // namespace
}  // namespace quartermaster::routing
