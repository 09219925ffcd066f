// The rules of default@1, one by one, on a network small enough to see.
#include "services/routing/domain/plan.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "services/routing/domain/nearest.h"
#include "services/routing/domain/network.h"
#include "services/routing/domain/stock_mirror.h"

namespace quartermaster::routing {
namespace {

constexpr GeoPoint kCluj{46.77, 23.6};

class PlanTest : public testing::Test {
 protected:
  // Along the meridian north of Cluj, `degrees` away.
  void Put(const std::string& id, double degrees, CapabilitySet capabilities, bool paused = false) {
    network_.PutLocation(id, {.kind = LocationKind::kStore,
                              .point = {kCluj.latitude_deg + degrees, kCluj.longitude_deg},
                              .capabilities = capabilities,
                              .paused = paused});
  }
  void Stock(const std::string& sku, const std::string& location, int64_t available) {
    network_.PutItem(sku);
    mirror_.Set(sku, network_.Intern(location), available);
  }

  static PlanGroup Group(Method method, const std::string& location,
                         std::vector<std::pair<std::string, int>> lines, std::string id = "g") {
    PlanGroup group;
    group.group_id = id;
    group.method = method;
    group.location_id = location;
    group.destination = kCluj;
    int index = 0;
    for (const auto& [sku, quantity] : lines) {
      group.lines.push_back({absl::StrCat(id, index++), sku, Quantity(quantity)});
    }
    return group;
  }
  static PlanGroup Ship(std::vector<std::pair<std::string, int>> lines, std::string id = "g") {
    return Group(Method::kShip, "", std::move(lines), id);
  }

  PlanOutcome Make(const PlanRequest& request) { return MakePlan(network_, mirror_, request); }

  // "g0 2xmug@A, ...", then " | short g1 mug asked/available@location".
  static std::string Describe(const PlanOutcome& outcome) {
    std::string text;
    const std::vector<ShortLine>* short_lines = nullptr;
    if (const auto* plan = std::get_if<Plan>(&outcome)) {
      for (const Assignment& a : plan->assignments) {
        absl::StrAppend(&text, text.empty() ? "" : ", ", a.line_id, " ", a.quantity.units(), "x",
                        a.sku, "@", a.location_id);
      }
      short_lines = &plan->short_lines;
    } else {
      const auto& refusal = std::get<PlanRefusal>(outcome);
      const char* const names[] = {"ITEM_NOT_FOUND", "LOCATION_NOT_FOUND", "LOCATION_NOT_ELIGIBLE",
                                   "NO_PLAN"};
      absl::StrAppend(&text, names[static_cast<int>(refusal.reason)]);
      if (!refusal.subject.empty()) absl::StrAppend(&text, " ", refusal.subject);
      short_lines = &refusal.short_lines;
    }
    for (const ShortLine& line : *short_lines) {
      absl::StrAppend(&text, " | short ", line.line_id, " ", line.sku, " ", line.asked.units(), "/",
                      line.available.units(), "@", line.location_id);
    }
    return text;
  }
  std::string Run(PlanRequest request) { return Describe(Make(request)); }
  std::string Run(PlanGroup group) { return Run(PlanRequest{.groups = {std::move(group)}}); }

  Network network_;
  StockMirror mirror_;
};

TEST_F(PlanTest, OneParcelFromFarBeatsTwoFromNear) {
  Put("A", 0.1, {Capability::kShip});
  Put("B", 0.2, {Capability::kShip});
  Put("C", 5.0, {Capability::kShip});
  Stock("mug", "A", 1);
  Stock("cup", "B", 1);
  Stock("mug", "C", 1);
  Stock("cup", "C", 1);
  EXPECT_EQ(Run(Ship({{"mug", 1}, {"cup", 1}})), "g0 1xmug@C, g1 1xcup@C");
  mirror_.Set("cup", network_.Intern("C"), 0);
  EXPECT_EQ(Run(Ship({{"mug", 1}, {"cup", 1}})), "g0 1xmug@A, g1 1xcup@B");
}

TEST_F(PlanTest, TheNearestOfEqualOnesAndThenTheSmallestId) {
  Put("far", 2, {Capability::kShip});
  Put("z-near", 1, {Capability::kShip});
  Put("b-near", 1, {Capability::kShip});
  for (const char* id : {"far", "z-near", "b-near"}) Stock("mug", id, 3);
  EXPECT_EQ(Run(Ship({{"mug", 3}})), "g0 3xmug@b-near");
}

TEST_F(PlanTest, NeverFromPausedIncapableExcludedOrUnregisteredLocations) {
  Put("paused", 0.1, {Capability::kShip}, /*paused=*/true);
  Put("pickup-only", 0.2, {Capability::kPickup});
  Put("excluded", 0.3, {Capability::kShip});
  Put("ok", 4, {Capability::kShip});
  for (const char* id : {"paused", "pickup-only", "excluded", "unregistered", "ok"}) {
    Stock("mug", id, 9);
  }
  PlanRequest request{.groups = {Ship({{"mug", 2}})},
                      .excluded_location_ids = {"excluded", "never-heard-of"}};
  EXPECT_EQ(Run(request), "g0 2xmug@ok");
  const Plan plan = std::get<Plan>(Make(request));
  ASSERT_EQ(plan.groups.size(), 1u);
  std::string fates;
  for (const Candidate& c : plan.groups[0].explanation.candidates) {
    absl::StrAppend(&fates, c.location_id, " ", static_cast<int>(c.fate), " ", c.lines_covered, " ",
                    c.units, "; ");
  }
  EXPECT_EQ(fates, "paused 5 1 0; pickup-only 4 1 0; excluded 6 1 0; ok 0 1 2; ");
}

TEST_F(PlanTest, ALineIsSplitOnlyIfNoLocationHasItWhole) {
  Put("A", 0.1, {Capability::kShip});
  Put("B", 0.2, {Capability::kShip});
  Put("C", 9, {Capability::kShip});
  Stock("mug", "A", 4);
  Stock("mug", "B", 3);
  Stock("mug", "C", 5);
  EXPECT_EQ(Run(Ship({{"mug", 5}})), "g0 5xmug@C");
  EXPECT_EQ(Run(Ship({{"mug", 7}})), "g0 4xmug@A, g0 3xmug@B");
  EXPECT_EQ(Run(Ship({{"mug", 12}})), "g0 4xmug@A, g0 3xmug@B, g0 5xmug@C");
  EXPECT_EQ(Run(Ship({{"mug", 13}})), "NO_PLAN | short g0 mug 13/12@");
}

TEST_F(PlanTest, LinesOfOneSkuAreSummed) {
  Put("A", 0.1, {Capability::kShip});
  Put("B", 1, {Capability::kShip});
  Stock("mug", "A", 3);
  Stock("mug", "B", 2);
  EXPECT_EQ(Run(Ship({{"mug", 1}, {"mug", 2}})), "g0 1xmug@A, g1 2xmug@A");
  // Each line whole, the smaller one from where the larger does not fit.
  EXPECT_EQ(Run(Ship({{"mug", 2}, {"mug", 3}})), "g0 2xmug@B, g1 3xmug@A");
  EXPECT_EQ(Run(Ship({{"mug", 3}, {"mug", 3}})), "NO_PLAN | short g1 mug 3/2@");
}

TEST_F(PlanTest, PickupIsAtTheNamedStoreOrNowhere) {
  Put("A", 0.1, {Capability::kPickup});
  Put("B", 1, {Capability::kPickup});
  Put("P", 1, {Capability::kPickup}, /*paused=*/true);
  Put("W", 1, {Capability::kShip});
  Stock("mug", "A", 1);
  Stock("mug", "B", 5);
  Stock("mug", "P", 5);
  EXPECT_EQ(Run(Group(Method::kPickup, "A", {{"mug", 2}})), "NO_PLAN | short g0 mug 2/1@A");
  EXPECT_EQ(Run(Group(Method::kPickup, "", {{"mug", 2}})), "g0 2xmug@B");
  EXPECT_EQ(Run(Group(Method::kPickup, "", {{"mug", 1}})), "g0 1xmug@A");
  EXPECT_EQ(Run(Group(Method::kPickup, "P", {{"mug", 1}})), "LOCATION_NOT_ELIGIBLE P");
  EXPECT_EQ(Run(Group(Method::kPickup, "W", {{"mug", 1}})), "LOCATION_NOT_ELIGIBLE W");
  EXPECT_EQ(Run(Group(Method::kPickup, "?", {{"mug", 1}})), "LOCATION_NOT_FOUND ?");
  PlanRequest excluded{.groups = {Group(Method::kPickup, "A", {{"mug", 1}})},
                       .excluded_location_ids = {"A"}};
  EXPECT_EQ(Run(excluded), "LOCATION_NOT_ELIGIBLE A");
}

TEST_F(PlanTest, AnUnnamedPickupThatFitsNowhereNamesTheMostCompleteStore) {
  Put("A", 0.1, {Capability::kPickup});
  Put("B", 1, {Capability::kPickup});
  Stock("mug", "A", 1);
  Stock("mug", "B", 2);
  Stock("cup", "B", 3);
  Stock("jar", "A", 1);
  EXPECT_EQ(Run(Group(Method::kPickup, "", {{"mug", 1}, {"cup", 3}, {"jar", 1}})),
            "NO_PLAN | short g2 jar 1/0@B");
  EXPECT_EQ(Run(Group(Method::kPickup, "", {{"cup", 4}})), "NO_PLAN | short g0 cup 4/3@B");
  network_.PutItem("new");
  EXPECT_EQ(Run(Group(Method::kPickup, "", {{"new", 4}})), "NO_PLAN | short g0 new 4/0@");
}

TEST_F(PlanTest, CarryOutNeedsATillAndGoesOnWhilePaused) {
  Put("till", 0.1, {Capability::kTill}, /*paused=*/true);
  Put("no-till", 0.1, {Capability::kShip, Capability::kPickup});
  Stock("mug", "till", 2);
  Stock("mug", "no-till", 2);
  PlanGroup group = Group(Method::kCarryOut, "till", {{"mug", 2}});
  group.destination.reset();
  EXPECT_EQ(Run(group), "g0 2xmug@till");
  EXPECT_EQ(std::get<Plan>(Make({.groups = {group}})).assignments[0].distance_m, 0);
  EXPECT_EQ(Run(Group(Method::kCarryOut, "no-till", {{"mug", 2}})),
            "LOCATION_NOT_ELIGIBLE no-till");
}

TEST_F(PlanTest, GroupsShareStockInTheOrderOfTheRequest) {
  Put("A", 0.1, {Capability::kShip, Capability::kPickup});
  Put("B", 1, {Capability::kShip});
  Stock("mug", "A", 2);
  Stock("mug", "B", 2);
  EXPECT_EQ(Run({.groups = {Ship({{"mug", 2}}, "x"), Ship({{"mug", 2}}, "y")}}),
            "x0 2xmug@A, y0 2xmug@B");
  // The pickup has no other place: it goes first, though it comes second.
  EXPECT_EQ(
      Run({.groups = {Ship({{"mug", 2}}, "x"), Group(Method::kPickup, "A", {{"mug", 1}}, "y")}}),
      "x0 2xmug@B, y0 1xmug@A");
  EXPECT_EQ(Run({.groups = {Ship({{"mug", 3}}, "x"), Ship({{"mug", 2}}, "y")}}),
            "NO_PLAN | short y0 mug 2/1@");
}

TEST_F(PlanTest, APickupMovesIfElseTheParcelsAreShort) {
  Put("near", 0.1, {Capability::kShip, Capability::kPickup});
  Put("far", 1, {Capability::kPickup});
  Stock("mug", "near", 1);
  Stock("mug", "far", 1);
  EXPECT_EQ(
      Run({.groups = {Group(Method::kPickup, "", {{"mug", 1}}, "p"), Ship({{"mug", 1}}, "s")}}),
      "p0 1xmug@far, s0 1xmug@near");
}

TEST_F(PlanTest, CreditsAddAndOverridesReplace) {
  Put("A", 0.1, {Capability::kShip});
  Put("B", 1, {Capability::kShip});
  Stock("mug", "A", 1);
  Stock("mug", "B", 9);
  PlanRequest request{.groups = {Ship({{"mug", 3}})}};
  EXPECT_EQ(Run(request), "g0 3xmug@B");
  request.credits = {{"mug", "A", Quantity(1)}, {"mug", "A", Quantity(1)}};
  EXPECT_EQ(Run(request), "g0 3xmug@A");
  request.overrides = {{"mug", "A", Quantity(2)}};
  EXPECT_EQ(Run(request), "g0 3xmug@B");
  request.overrides = {{"mug", "B", Quantity(0)}, {"mug", "A", Quantity(4)}};
  request.groups = {Ship({{"mug", 4}})};
  EXPECT_EQ(Run(request), "g0 4xmug@A");
  request.groups = {Ship({{"mug", 5}})};
  EXPECT_EQ(Run(request), "NO_PLAN | short g0 mug 5/4@");
}

TEST_F(PlanTest, NewsReplaceTheMirrorsFiguresOnly) {
  Put("A", 0.1, {Capability::kShip});
  Stock("mug", "A", 1);
  PlanRequest request{.groups = {Ship({{"mug", 3}})}, .news = {{"mug", "A", Quantity(2)}}};
  EXPECT_EQ(Run(request), "NO_PLAN | short g0 mug 3/2@");
  request.credits = {{"mug", "A", Quantity(1)}};
  EXPECT_EQ(Run(request), "g0 3xmug@A");
  request.overrides = {{"mug", "A", Quantity(0)}};
  EXPECT_EQ(Run(request), "NO_PLAN | short g0 mug 3/0@");
}

TEST_F(PlanTest, APartialPlanServesWhatThereIs) {
  Put("A", 0.1, {Capability::kShip, Capability::kPickup});
  Put("B", 1, {Capability::kShip});
  Stock("mug", "A", 1);
  Stock("mug", "B", 2);
  Stock("cup", "B", 0);
  PlanRequest request{.groups = {Ship({{"mug", 2}, {"mug", 3}, {"cup", 1}})},
                      .allow_partial = true};
  EXPECT_EQ(Run(request), "g0 2xmug@B, g1 1xmug@A | short g1 mug 3/1@ | short g2 cup 1/0@");
  request.groups = {Group(Method::kPickup, "A", {{"mug", 2}, {"cup", 1}})};
  EXPECT_EQ(Run(request), "g0 1xmug@A | short g0 mug 2/1@A | short g1 cup 1/0@A");
  request.groups = {Ship({{"cup", 1}})};
  EXPECT_EQ(Run(request), " | short g0 cup 1/0@");
}

TEST_F(PlanTest, UnknownSkusComeBeforeUnknownLocations) {
  Put("A", 0.1, {Capability::kPickup});
  EXPECT_EQ(Run({.groups = {Group(Method::kPickup, "?", {{"mug", 1}})}}), "ITEM_NOT_FOUND mug");
}

TEST_F(PlanTest, OfAManyLinedOrderTheFewestParcelsToo) {
  // 40 SKUs: two locations share them, every SKU is also alone somewhere near.
  Put("odd", 8, {Capability::kShip});
  Put("even", 9, {Capability::kShip});
  std::vector<std::pair<std::string, int>> lines;
  for (int i = 0; i < 40; ++i) {
    const std::string sku = absl::StrCat("sku", i);
    Put(absl::StrCat("near", i), 0.01 * i, {Capability::kShip});
    Stock(sku, absl::StrCat("near", i), 1);
    Stock(sku, i % 2 == 0 ? "even" : "odd", 1);
    lines.emplace_back(sku, 1);
  }
  const Plan plan = std::get<Plan>(Make({.groups = {Ship(lines)}}));
  ASSERT_EQ(plan.assignments.size(), 40u);
  for (size_t i = 0; i < 40; ++i) {
    EXPECT_EQ(plan.assignments[i].location_id, i % 2 == 0 ? "even" : "odd");
  }
  const GroupExplanation& explanation = plan.groups[0].explanation;
  EXPECT_EQ(explanation.parcels, 2);
  EXPECT_EQ(explanation.candidates.size(), 12u);
  EXPECT_EQ(explanation.others[static_cast<size_t>(Fate::kOutranked)], 30);
}

TEST_F(PlanTest, NearestByCapabilityAndStock) {
  Put("A", 0.1, {Capability::kPickup});
  Put("B", 0.2, {Capability::kPickup, Capability::kTill});
  Put("C", 0.3, {Capability::kTill, Capability::kPickup}, /*paused=*/true);
  Stock("mug", "B", 3);
  Stock("mug", "C", 3);
  const auto nearest = [&](NearestRequest request) {
    request.point = kCluj;
    std::string ids;
    for (const RankedLocation& ranked : FindNearest(network_, mirror_, request)) {
      absl::StrAppend(&ids, network_.at(ranked.location).id, " ", ranked.distance_m / 1'000, "; ");
    }
    return ids;
  };
  EXPECT_EQ(nearest({}), "A 11; B 22; ");
  EXPECT_EQ(nearest({.capability = Capability::kTill}), "B 22; C 33; ");
  EXPECT_EQ(nearest({.capability = Capability::kPickup, .limit = 1}), "A 11; ");
  EXPECT_EQ(nearest({.max_distance_m = 20'000}), "A 11; ");
  EXPECT_EQ(nearest({.lines = {{"mug", Quantity(3)}}}), "B 22; ");
  EXPECT_EQ(nearest({.lines = {{"mug", Quantity(2)}, {"mug", Quantity(2)}}}), "");
  EXPECT_EQ(nearest({.lines = {{"unheard-of", Quantity(1)}}}), "");
}

TEST_F(PlanTest, AReturnIsRestockedWhereReturnsAreTaken) {
  Put("A", 0.1, {Capability::kReturn});
  Put("B", 0.2, {Capability::kShip});
  const auto route = [&](const char* id, bool sellable) {
    return std::string(RouteReturn(network_.at(*network_.Find(id)), sellable).reason);
  };
  EXPECT_EQ(route("A", true), "SELLABLE");
  EXPECT_EQ(route("A", false), "NOT_SELLABLE");
  EXPECT_EQ(route("B", true), "NO_RETURN_CAPABILITY");
}

}  // namespace
}  // namespace quartermaster::routing
