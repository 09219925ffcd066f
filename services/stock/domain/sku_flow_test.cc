#include "services/stock/domain/sku_flow.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/base/testing/seed.h"
#include "services/stock/domain/testing/cut_oracle.h"

namespace quartermaster::stock {
namespace {

using ::testing::ElementsAre;

constexpr SkuIndex kSku{1};

// A SKU at locations 1 to n.
class SkuFlowTest : public testing::Test {
 protected:
  void Supply(const std::vector<int64_t>& units) {
    for (size_t i = 0; i < units.size(); ++i) At(Loc(i)).on_hand = Quantity(units[i]);
  }
  static LocationIndex Loc(size_t i) { return static_cast<LocationIndex>(i + 1); }
  Balances& At(LocationIndex location) { return inventory_.positions.At(kSku, location); }
  Lane Held(CutOracle::Set set) {
    std::vector<LocationIndex> locations;
    for (size_t i = 0; i < 32; ++i) {
      if ((set >> i & 1) != 0) locations.push_back(Loc(i));
    }
    return {inventory_.classes.Intern(locations), false};
  }
  void Back(Lane lane, LocationIndex location, int64_t units) {
    inventory_.backings.Add(kSku, location, lane, Quantity(units));
    Balances& balances = At(location);
    (lane.allocated ? balances.allocated : balances.reserved) += Quantity(units);
  }
  void Pin(LocationIndex location, int64_t units) { At(location).reserved += Quantity(units); }
  // As the events of the change will.
  void Apply(const SkuFlow::Change& change) {
    for (const BackingMove& move : change.moves) {
      Back(move.lane, move.from, -move.quantity.units());
      Back(move.lane, move.to, move.quantity.units());
    }
    for (const SkuFlow::Change::Taken& taken : change.taken) {
      for (const Placement& p : taken.placements) Back(taken.lane, p.location, p.quantity.units());
    }
  }
  int64_t Shortage() {
    int64_t sum = 0;
    for (const SkuPositions::Entry& entry : *inventory_.positions.Find(kSku)) {
      sum += entry.position.shortage().units();
    }
    return sum;
  }
  SkuFlow Flow() const { return SkuFlow(inventory_, kSku); }

  Inventory inventory_;
};

TEST_F(SkuFlowTest, WhatNobodyHoldsIsTakenWithoutAMove) {
  Supply({3, 5});
  SkuFlow flow = Flow();
  EXPECT_EQ(flow.AvailableAt(Loc(0)), Quantity(3));
  EXPECT_EQ(flow.TakeAt(Loc(0), Quantity(2)), Quantity(2));
  EXPECT_EQ(flow.TakeAt(Loc(0), Quantity(2)), Quantity(1));
  const Lane both = Held(0b11);
  EXPECT_EQ(flow.AvailableTo(both.eligible), Quantity(5));
  EXPECT_EQ(flow.TakeFor(both, Quantity(4)), Quantity(4));
  const SkuFlow::Change change = flow.Plan();
  EXPECT_TRUE(change.moves.empty());
  ASSERT_EQ(change.taken.size(), 1u);
  EXPECT_THAT(change.taken[0].placements, ElementsAre(Placement{Loc(1), Quantity(4)}));
}

TEST_F(SkuFlowTest, AnotherOnesUnitMakesRoom) {
  Supply({1, 1});
  const Lane both = Held(0b11);
  Back(both, Loc(0), 1);
  SkuFlow flow = Flow();
  EXPECT_EQ(flow.AvailableAt(Loc(0)), Quantity(1));
  EXPECT_EQ(flow.TakeAt(Loc(0), Quantity(1)), Quantity(1));
  EXPECT_THAT(flow.Plan().moves, ElementsAre(BackingMove{both, Loc(0), Loc(1), Quantity(1)}));
  EXPECT_EQ(flow.AvailableAt(Loc(0)), Quantity(0));
  EXPECT_EQ(flow.AvailableAt(Loc(1)), Quantity(0));
}

// Each can only make room if the next one does, and the last one has some.
TEST_F(SkuFlowTest, UnitsMoveInAChain) {
  Supply({1, 1, 1, 1});
  const Lane first = Held(0b0011);
  const Lane second = Held(0b0110);
  Lane third = Held(0b1100);
  third.allocated = true;
  Back(first, Loc(0), 1);
  Back(second, Loc(1), 1);
  Back(third, Loc(2), 1);
  SkuFlow flow = Flow();
  ASSERT_EQ(flow.TakeAt(Loc(0), Quantity(2)), Quantity(1));
  EXPECT_THAT(flow.Plan().moves, ElementsAre(BackingMove{first, Loc(0), Loc(1), Quantity(1)},
                                             BackingMove{second, Loc(1), Loc(2), Quantity(1)},
                                             BackingMove{third, Loc(2), Loc(3), Quantity(1)}));
}

TEST_F(SkuFlowTest, NobodyMovesToAPausedLocationButFromOneTheyDo) {
  Supply({1, 1});
  const Lane both = Held(0b11);
  Back(both, Loc(0), 1);
  inventory_.paused = {false, false, true};
  EXPECT_EQ(Flow().AvailableAt(Loc(0)), Quantity(0));
  EXPECT_EQ(Flow().AvailableAt(Loc(1)), Quantity(1));
  EXPECT_EQ(Flow().AvailableTo(both.eligible), Quantity(0));
  inventory_.paused = {false, true, false};
  EXPECT_EQ(Flow().AvailableAt(Loc(0)), Quantity(1));
  EXPECT_EQ(Flow().AvailableTo(both.eligible), Quantity(1));
}

// One of two has to leave the safety stock of a paused location. If the one that went is in the way
// elsewhere, the other goes instead.
TEST_F(SkuFlowTest, WhoLeavesAPausedLocationIsNotSettledBeforeThePlan) {
  Supply({2, 1, 1});
  const Lane narrow = Held(0b101);
  const Lane wide = Held(0b111);
  Back(narrow, Loc(0), 1);
  Back(wide, Loc(0), 1);
  inventory_.paused = {false, true};
  inventory_.safety_stock.Set({.location = Loc(0)}, {Quantity(1), 1});
  SkuFlow flow = Flow();
  flow.KeepSafetyStock();
  EXPECT_EQ(flow.AvailableAt(Loc(1)), Quantity(1));
  EXPECT_EQ(flow.AvailableAt(Loc(2)), Quantity(1));
  ASSERT_EQ(flow.TakeAt(Loc(2), Quantity(1)), Quantity(1));
  EXPECT_THAT(flow.Plan().moves, ElementsAre(BackingMove{wide, Loc(0), Loc(1), Quantity(1)}));
  // But none comes that had not left.
  EXPECT_EQ(flow.AvailableAt(Loc(1)), Quantity(0));
}

TEST_F(SkuFlowTest, UnitsEndWhereTheBooksAreShortOrElseWhereLeastIsFree) {
  Supply({4, 1, 9});
  const Lane all = Held(0b111);
  Back(all, Loc(0), 1);
  Back(all, Loc(1), 2);
  Back(all, Loc(2), 2);
  SkuFlow flow = Flow();
  EXPECT_THAT(flow.End(all, Quantity(4)),
              ElementsAre(Placement{Loc(1), Quantity(2)}, Placement{Loc(0), Quantity(1)},
                          Placement{Loc(2), Quantity(1)}));
  EXPECT_TRUE(flow.Plan().moves.empty());
  EXPECT_EQ(flow.AvailableAt(Loc(1)), Quantity(1));
}

TEST_F(SkuFlowTest, UnitsAreGatheredWhereTheyEnd) {
  Supply({2, 2, 1});
  const Lane all = Held(0b111);
  Back(all, Loc(0), 2);
  Back(all, Loc(1), 1);
  Pin(Loc(2), 1);
  SkuFlow flow = Flow();
  // One is free there, one stands there.
  ASSERT_TRUE(flow.EndAt(Loc(1), all, Quantity(2)));
  EXPECT_THAT(flow.Plan().moves, ElementsAre(BackingMove{all, Loc(0), Loc(1), Quantity(1)}));
  EXPECT_FALSE(flow.EndAt(Loc(2), all, Quantity(1)));
  EXPECT_THAT(flow.Plan().moves, ElementsAre(BackingMove{all, Loc(0), Loc(1), Quantity(1)}));
}

TEST_F(SkuFlowTest, AShortLocationIsRelievedFirst) {
  Supply({0, 2});
  const Lane both = Held(0b11);
  Back(both, Loc(0), 1);
  Pin(Loc(0), 1);
  SkuFlow flow = Flow();
  EXPECT_EQ(flow.AvailableAt(Loc(0)), Quantity(0));
  EXPECT_TRUE(flow.RelieveAll());
  EXPECT_THAT(flow.Plan().moves, ElementsAre(BackingMove{both, Loc(0), Loc(1), Quantity(1)}));
  EXPECT_EQ(flow.AvailableAt(Loc(1)), Quantity(1));
  EXPECT_EQ(flow.TakeAt(Loc(0), Quantity(1)), Quantity(0));
}

// Every answer of the flow against Gale's theorem, on random small instances.
TEST_F(SkuFlowTest, ItFindsWhatThereIsToFind) {
  const uint64_t first = TestSeed();
  for (uint64_t seed = first; seed < first + 3'000 && !HasFailure(); ++seed) {
    SCOPED_TRACE(absl::StrCat("seed ", seed));
    std::mt19937_64 random(seed);
    const auto below = [&](uint64_t n) { return random() % n; };
    inventory_ = Inventory();
    const size_t n = 1 + below(9);
    std::vector<int64_t> supply;
    for (size_t i = 0; i < n; ++i) supply.push_back(static_cast<int64_t>(below(5)));
    Supply(supply);
    CutOracle oracle(supply);
    for (int step = 0; step < 30; ++step) {
      SkuFlow flow = Flow();
      const CutOracle::Set set = 1 + static_cast<CutOracle::Set>(below((1u << n) - 1));
      const auto asked = static_cast<int64_t>(1 + below(4));
      const size_t l = below(n);
      switch (below(5)) {
        case 0: {
          const int64_t most = oracle.Largest(1u << l);
          ASSERT_EQ(flow.AvailableAt(Loc(l)).units(), most);
          const int64_t got = flow.TakeAt(Loc(l), Quantity(asked)).units();
          ASSERT_EQ(got, std::min(most, asked));
          oracle.Demand(1u << l, got);
          Apply(flow.Plan());
          Pin(Loc(l), got);
          break;
        }
        case 1: {  // supply comes or goes
          const int64_t delta = static_cast<int64_t>(below(5)) - 3;
          At(Loc(l)).on_hand += Quantity(delta);
          oracle.Supply(l, delta);
          SkuFlow after = Flow();
          after.RelieveAll();
          Apply(after.Plan());
          // Below zero on hand, a location is short of what it never had.
          ASSERT_EQ(Shortage(), oracle.Shortage());
          break;
        }
        default: {
          const int64_t most = oracle.Largest(set);
          const Lane lane{Held(set).eligible, below(2) == 0};
          ASSERT_EQ(flow.AvailableTo(lane.eligible).units(), most);
          const int64_t got = flow.TakeFor(lane, Quantity(asked)).units();
          ASSERT_EQ(got, std::min(most, asked));
          oracle.Demand(set, got);
          Apply(flow.Plan());
        }
      }
    }
  }
}

// Settings come and go; the most specific one counts, whichever way it is asked for.
TEST(SafetyStockTest, IsWhatTheMostSpecificSettingSays) {
  const uint64_t seed = TestSeed();
  SCOPED_TRACE(absl::StrCat("seed ", seed));
  std::mt19937_64 random(seed);
  const auto below = [&](uint32_t n) { return static_cast<uint32_t>(random() % n); };
  using Scope = std::pair<uint32_t, uint32_t>;
  std::map<Scope, int64_t> model;
  SafetyStock settings;
  SafetyStock copy;
  for (int64_t version = 1; version <= 2'000; ++version) {
    const Scope at{below(4), below(6)};
    const PolicyScope scope{static_cast<SkuIndex>(at.first), static_cast<LocationIndex>(at.second)};
    if (below(2) == 0) {
      settings.Remove(scope);
      model.erase(at);
    } else {
      model[at] = below(3);
      settings.Set(scope, {Quantity(model[at]), version});
    }
    copy.CopyFrom(settings, scope);
    ASSERT_EQ(settings.empty(), model.empty());
    std::map<Scope, int64_t> visited;
    settings.ForEach([&](const PolicyScope& of, const SafetyStock::Setting& setting) {
      visited[{static_cast<uint32_t>(of.sku), static_cast<uint32_t>(of.location)}] =
          setting.units.units();
    });
    ASSERT_EQ(visited, model);
    for (uint32_t sku = 1; sku < 5; ++sku) {
      bool applies = false;
      for (const auto& [of, units] : model) {
        applies = applies || of.first == 0 || of.first == sku;
      }
      ASSERT_EQ(settings.AppliesTo(static_cast<SkuIndex>(sku)), applies);
      for (uint32_t location = 1; location < 8; ++location) {
        int64_t wanted = 0;
        for (const Scope& of : {Scope{sku, location}, {sku, 0}, {0, location}, {0, 0}}) {
          const auto it = model.find(of);
          if (it == model.end()) continue;
          wanted = it->second;
          break;
        }
        for (const SafetyStock* each : {&settings, &copy}) {
          const auto s = static_cast<SkuIndex>(sku);
          const auto l = static_cast<LocationIndex>(location);
          ASSERT_EQ(each->For(s, l), Quantity(wanted));
          ASSERT_EQ(each->OfSku(s).At(l), Quantity(wanted));
        }
      }
    }
  }
}

}  // namespace
}  // namespace quartermaster::stock
