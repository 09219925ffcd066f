// Lines and kits whose units must be at one location. Where they are placed is no longer a matter
// of flow: who is refused is held against every way to place them, and what is refused although
// there is one is counted.
#include <gtest/gtest.h>

#include <cstdio>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "services/base/testing/seed.h"
#include "services/stock/domain/testing/cut_oracle.h"
#include "services/stock/domain/testing/shop.h"

namespace quartermaster::stock {
namespace {

HoldLine Together(HoldLine line) {
  line.group = 1;
  return line;
}

class GroupsTest : public testing::Test {
 protected:
  GroupsTest() {
    shop_.Receive("cup", "S1", 4);
    shop_.Receive("plate", "S1", 1);
    shop_.Receive("cup", "W1", 2);
    shop_.Receive("plate", "W1", 3);
    shop_.Pool("web", {"S1", "W1"});
    shop_.Kit("set", {{"cup", 2}, {"plate", 1}}, /*same_location=*/true);
  }
  std::optional<RejectionKind> Refusal(const Command& command) {
    const Decision decision = shop_.Do(command);
    return decision.rejection ? std::optional(decision.rejection->kind) : std::nullopt;
  }
  // Where the first line's units are.
  std::string PlacesOf(ReservationId id) {
    std::string text;
    for (const Placement& p : shop_.Get(id).lines[0].placements) {
      text += shop_.state().locations.Name(p.location) + ":" + std::to_string(p.quantity.units());
    }
    return text;
  }

  Shop shop_;
};

TEST_F(GroupsTest, AWholeKitIsAtOneLocationAndSoManyAreAvailable) {
  // One at each, though there are cups for three and plates for four.
  EXPECT_EQ(shop_.AvailableInPool("set", "web"), 2);
  EXPECT_EQ(Refusal(shop_.Reserve("cart", {shop_.From("set", 3, "web")})),
            RejectionKind::kInsufficientStock);
  const Reservation& r = shop_.Get(shop_.Hold("cart", {shop_.From("set", 2, "web")}));
  ASSERT_EQ(r.lines.size(), 2u);
  EXPECT_EQ(r.lines[0].group, 1u);
  EXPECT_FALSE(r.lines[0].flexible());
  ASSERT_EQ(r.lines[0].placements.size(), 2u);
  EXPECT_EQ(r.lines[1].placements[0].location, r.lines[0].placements[0].location);
  // A kit that has one in it is whole itself.
  shop_.Kit("table", {{"set", 1}, {"lamp", 1}});
  shop_.Receive("lamp", "S1", 5);
  shop_.Receive("cup", "W1", 9);
  EXPECT_EQ(shop_.AvailableInPool("table", "web"), 0);
  EXPECT_EQ(shop_.Available("table", "S1"), 0);
}

TEST_F(GroupsTest, LinesOfAGroupAreAtOneLocationOrNowhere) {
  const auto ask = [&](int64_t cups, int64_t plates) {
    return shop_.Reserve("cart", {Together(shop_.From("cup", cups, "web")),
                                  Together(shop_.From("plate", plates, "web"))});
  };
  EXPECT_EQ(Refusal(ask(3, 2)), RejectionKind::kInsufficientStock);
  const Decision refused = shop_.Do(ask(3, 2));
  ASSERT_EQ(refused.rejection->short_lines.size(), 2u);
  EXPECT_EQ(refused.rejection->short_lines[1].line, 1);
  const ReservationId id = shop_.Do(ask(2, 3)).reservation;
  EXPECT_EQ(PlacesOf(id), "W1:2");
  // All or nothing, also of a partial hold.
  ReserveStock partial = ask(3, 2);
  partial.lines.push_back(shop_.At("cup", 1, "S1"));
  partial.owner = "other";
  partial.allow_partial = true;
  const Decision held = shop_.Do(partial);
  ASSERT_FALSE(held.rejection);
  const Reservation& r = shop_.Get(held.reservation);
  EXPECT_EQ(r.lines[0].quantity, Quantity(0));
  EXPECT_EQ(r.lines[2].quantity, Quantity(1));
}

TEST_F(GroupsTest, FlexibleUnitsOfOthersMakeRoom) {
  // Some of these stand at W1, where the plates are.
  shop_.Hold("cart", {shop_.From("cup", 3, "web")});
  EXPECT_EQ(Refusal(shop_.Reserve("other", {Together(shop_.From("cup", 2, "web")),
                                            Together(shop_.From("plate", 3, "web"))})),
            std::nullopt);
}

TEST_F(GroupsTest, AGroupMovesAsAWholeForWhoCannotBeServedElsewhere) {
  shop_.Receive("plate", "S1", 1);
  const ReservationId id = shop_
                               .Do(shop_.Reserve("cart", {Together(shop_.From("cup", 2, "web")),
                                                          Together(shop_.From("plate", 2, "web"))}))
                               .reservation;
  EXPECT_EQ(PlacesOf(id), "S1:2");
  shop_.Do(ConfirmReservation{id, {}, "", {}});
  // Nothing else can give way at S1.
  EXPECT_EQ(shop_.Available("cup", "S1"), 2);
  EXPECT_EQ(Refusal(shop_.Reserve("till", {shop_.At("cup", 4, "S1")})), std::nullopt);
  EXPECT_EQ(PlacesOf(id), "W1:2");
  EXPECT_EQ(shop_.Get(id).lines[1].placements[0].location, shop_.Location("W1"));
  // Not what is bound, and not what is paused.
  const ReservationId till = shop_.state().holds.Find("till")->id;
  shop_.Do(ReleaseReservation{till, {}, false, {}});
  BindReservation bind{id, {}, {}};
  bind.lines.push_back({"0", {{shop_.Location("W1"), Quantity(2)}}});
  EXPECT_EQ(Refusal(bind), RejectionKind::kGroupTornApart);
  bind.lines.push_back({"1", {{shop_.Location("S1"), Quantity(2)}}});
  EXPECT_EQ(Refusal(bind), RejectionKind::kGroupTornApart);
  bind.lines[0].placements[0].location = shop_.Location("S1");
  EXPECT_EQ(Refusal(bind), std::nullopt);
  EXPECT_TRUE(shop_.state().movable_groups.empty());
  EXPECT_EQ(Refusal(shop_.Reserve("till", {shop_.At("cup", 4, "S1")})),
            RejectionKind::kInsufficientStock);
}

TEST_F(GroupsTest, WhatIsLeftOfAGroupStaysWhereItIs) {
  const ReservationId id = shop_.Hold("cart", {shop_.From("set", 1, "web")});
  EXPECT_EQ(PlacesOf(id), "S1:2");
  LinePart part;
  part.line_id = "0";
  part.of_part = true;
  part.part = shop_.Sku("cup");
  part.quantity = Quantity(1);
  EXPECT_EQ(Refusal(ReleaseReservation{id, {part}, false, {}}), std::nullopt);
  EXPECT_TRUE(shop_.state().movable_groups.empty());
  EXPECT_EQ(Refusal(shop_.Reserve("till", {shop_.At("cup", 4, "S1")})),
            RejectionKind::kInsufficientStock);
  // Bound all together, though it is no kit any more.
  BindReservation bind{id, {}, {}};
  for (const char* sku : {"cup", "plate"}) {
    BindReservation::Line& line = bind.lines.emplace_back();
    line.line_id = "0";
    line.placements = {{shop_.Location("W1"), Quantity(1)}};
    line.of_part = true;
    line.part = shop_.Sku(sku);
  }
  EXPECT_EQ(Refusal(bind), std::nullopt);
  EXPECT_EQ(PlacesOf(id), "W1:1");
}

// Every way to place whole units, and Gale's theorem for the rest.
class PlacementOracle {
 public:
  // Of one demand: units by SKU, where they may be, and whether they must be together, each of
  // `times`.
  struct Demand {
    std::map<int, int64_t> units;
    CutOracle::Set where = 0;
    int64_t times = 1;
    bool whole = false;
  };

  // By SKU, the units at each location.
  explicit PlacementOracle(std::map<int, std::vector<int64_t>> supply)
      : supply_(std::move(supply)) {}

  bool Fits(const std::vector<const Demand*>& demands) const {
    std::map<int, CutOracle> oracles;
    for (const auto& [sku, units] : supply_) oracles.emplace(sku, CutOracle(units));
    std::vector<const Demand*> whole;
    for (const Demand* demand : demands) {
      if (demand->whole) {
        for (int64_t i = 0; i < demand->times; ++i) whole.push_back(demand);
        continue;
      }
      for (const auto& [sku, units] : demand->units) {
        oracles.at(sku).Demand(demand->where, units * demand->times);
      }
    }
    return PlaceRest(whole, 0, 0, oracles);
  }

 private:
  bool PlaceRest(const std::vector<const Demand*>& whole, size_t next, size_t from,
                 std::map<int, CutOracle>& oracles) const {
    for (const auto& [sku, oracle] : oracles) {
      if (oracle.Shortage() > 0) return false;
    }
    if (next == whole.size()) return true;
    const Demand& demand = *whole[next];
    // Kits of one line are alike: in the order of their places.
    const bool alike = next > 0 && whole[next - 1] == &demand;
    for (size_t l = alike ? from : 0; l < 32; ++l) {
      const CutOracle::Set bit = CutOracle::Set{1} << l;
      if ((demand.where & bit) == 0) continue;
      for (const auto& [sku, units] : demand.units) oracles.at(sku).Demand(bit, units);
      const bool fits = PlaceRest(whole, next + 1, l, oracles);
      for (const auto& [sku, units] : demand.units) oracles.at(sku).Demand(bit, -units);
      if (fits) return true;
    }
    return false;
  }

  std::map<int, std::vector<int64_t>> supply_;
};

struct Tally {
  int64_t decided = 0;
  int64_t refused = 0;
  int64_t falsely = 0;
  int64_t moved = 0;
};

// A shop of up to four locations, and carts that come and go.
class Instance {
 public:
  explicit Instance(uint64_t seed) : random_(seed), oracle_(Stock()) {
    shop_.Pool("P0", Names(all_));
    for (int p = 1; p < 3; ++p) {
      const CutOracle::Set set = 1 + static_cast<CutOracle::Set>(Below(static_cast<int>(all_)));
      pools_.push_back(set);
      shop_.Pool("P" + std::to_string(p), Names(set));
    }
    shop_.Kit("X", {{"A", 1 + Below(2)}, {"B", 1}}, /*same_location=*/true);
  }

  void Run(Tally& tally) {
    for (int i = 0; i < 14 && !testing::Test::HasFailure(); ++i) {
      if (!open_.empty() && Below(4) == 0) {
        const auto it = std::next(open_.begin(), Below(static_cast<int>(open_.size())));
        shop_.Do(ReleaseReservation{it->first, {}, false, {}});
        open_.erase(it);
        continue;
      }
      Ask("o" + std::to_string(i), tally);
    }
  }

 private:
  int Below(int n) { return static_cast<int>(random_() % static_cast<uint64_t>(n)); }
  static std::string Name(size_t l) { return "L" + std::to_string(l); }
  std::vector<std::string> Names(CutOracle::Set set) const {
    std::vector<std::string> names;
    for (size_t l = 0; l < locations_; ++l) {
      if ((set >> l & 1) != 0) names.push_back(Name(l));
    }
    return names;
  }
  std::map<int, std::vector<int64_t>> Stock() {
    locations_ = static_cast<size_t>(2 + Below(3));
    all_ = (CutOracle::Set{1} << locations_) - 1;
    pools_ = {all_};
    std::map<int, std::vector<int64_t>> supply;
    for (int sku = 0; sku < 2; ++sku) {
      for (size_t l = 0; l < locations_; ++l) {
        supply[sku].push_back(Below(5));
        shop_.Receive(kSkus[sku], Name(l), 1 + supply[sku].back());
        shop_.Do(Shop::Fact(AdjustmentKind::kSold, kSkus[sku], Name(l), -1));
      }
    }
    return supply;
  }

  void Ask(const std::string& owner, Tally& tally) {
    PlacementOracle::Demand demand;
    const auto pool = static_cast<size_t>(Below(static_cast<int>(pools_.size())));
    const std::string name = "P" + std::to_string(pool);
    demand.where = pools_[pool];
    HoldLines lines;
    const int sku = Below(2);
    const int64_t units = 1 + Below(3);
    switch (Below(4)) {
      case 0: {
        const auto l = static_cast<size_t>(Below(static_cast<int>(locations_)));
        demand.where = CutOracle::Set{1} << l;
        demand.units[sku] = units;
        lines.push_back(shop_.At(kSkus[sku], units, Name(l)));
        break;
      }
      case 1:
        demand.units[sku] = units;
        lines.push_back(shop_.From(kSkus[sku], units, name));
        break;
      case 2:
        VisitParts(shop_.state().kits, shop_.Sku("X"), [&](SkuIndex part, int64_t count) {
          demand.units[part == shop_.Sku("A") ? 0 : 1] = count;
        });
        demand.whole = true;
        demand.times = 1 + Below(2);
        lines.push_back(shop_.From("X", demand.times, name));
        break;
      default:
        demand.whole = true;
        demand.units = {{0, units}, {1, 1 + Below(2)}};
        lines.push_back(Together(shop_.From("A", units, name)));
        lines.push_back(Together(shop_.From("B", demand.units[1], name)));
        break;
    }
    Decide(owner, lines, demand, tally);
  }

  void Decide(const std::string& owner, const HoldLines& lines,
              const PlacementOracle::Demand& demand, Tally& tally) {
    std::vector<const PlacementOracle::Demand*> demands = {&demand};
    bool coupled = demand.whole;
    for (const auto& [id, other] : open_) {
      demands.push_back(&other);
      coupled = coupled || other.whole;
    }
    const bool fits = oracle_.Fits(demands);
    const Decision decision = shop_.Do(shop_.Reserve(owner, lines));
    EXPECT_TRUE(fits || decision.rejection) << "accepted what no arrangement serves";
    // Without any that must be together it is a matter of flow.
    EXPECT_TRUE(coupled || fits == !decision.rejection) << "refused what an arrangement serves";
    if (!decision.rejection) open_[decision.reservation] = demand;
    if (!coupled) return;
    ++tally.decided;
    tally.refused += decision.rejection ? 1 : 0;
    tally.falsely += fits && decision.rejection ? 1 : 0;
    for (size_t i = shop_.log().size() - shop_.last_events(); i < shop_.log().size(); ++i) {
      tally.moved += std::holds_alternative<GroupMoved>(shop_.log()[i].event) ? 1 : 0;
    }
  }

  static constexpr const char* kSkus[] = {"A", "B"};
  std::mt19937_64 random_;
  Shop shop_;
  size_t locations_ = 0;
  CutOracle::Set all_ = 0;
  std::vector<CutOracle::Set> pools_;
  PlacementOracle oracle_;
  std::map<ReservationId, PlacementOracle::Demand> open_;
};

// QM_SEED=n runs one instance again.
TEST(GroupsOracleTest, NobodyIsServedWhoCannotBeAndFewAreRefusedWhoCan) {
  Tally tally;
  if (const auto seed = ChosenSeed()) {
    Instance(*seed).Run(tally);
    return;
  }
  const uint64_t first = TestSeed();
  constexpr int kInstances = 4'000;
  for (int i = 0; i < kInstances && !HasFailure(); ++i) {
    SCOPED_TRACE("seed " + std::to_string(first + static_cast<uint64_t>(i)));
    Instance(first + static_cast<uint64_t>(i)).Run(tally);
  }
  std::printf(
      "seeds from %llu: %lld decisions with units that must be together, %lld refused, "
      "%lld of them falsely (%.2f %% of all), %lld groups moved\n",
      static_cast<unsigned long long>(first), static_cast<long long>(tally.decided),
      static_cast<long long>(tally.refused), static_cast<long long>(tally.falsely),
      100.0 * static_cast<double>(tally.falsely) / static_cast<double>(tally.decided),
      static_cast<long long>(tally.moved));
  EXPECT_GT(tally.moved, 0);
  // One in a hundred; what is measured is less than half of that.
  EXPECT_LT(tally.falsely * 100, tally.decided);
}

}  // namespace
}  // namespace quartermaster::stock
