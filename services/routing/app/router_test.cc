#include "services/routing/app/router.h"

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "quartermaster/catalog/events/v1/events.pb.h"
#include "services/routing/app/catalog_cursor.h"

namespace quartermaster::routing {
namespace {

LocationPut Shop(const std::string& id) {
  return {id, {.point = {46, 23}, .capabilities = {Capability::kShip, Capability::kReturn}}};
}

PlanRequest ShipOf(const std::string& sku, int quantity) {
  PlanGroup group;
  group.group_id = "g";
  group.destination = GeoPoint{46, 23};
  group.lines = {{"l", sku, Quantity(quantity)}};
  return {.groups = {group}};
}

// How many of the SKU one order can have; -1 if the item is not known.
int64_t Available(Router& router, const std::string& sku) {
  PlanRequest request = ShipOf(sku, 1'000'000);
  request.allow_partial = true;
  const Planned planned = router.Plan(request);
  const auto* plan = std::get_if<Plan>(&planned.outcome);
  if (plan == nullptr) return -1;
  int64_t units = 0;
  for (const Assignment& assignment : plan->assignments) units += assignment.quantity.units();
  return units;
}

TEST(Router, ServesOnceBothFeedsAreCurrent) {
  Router router;
  EXPECT_FALSE(router.serving());
  router.OnNetwork({{ItemPut{"mug"}, Shop("A")}, true});
  EXPECT_FALSE(router.serving());
  router.OnStock({{{"mug", "A", 3}}, "5", /*from_scratch=*/true, /*current=*/false});
  EXPECT_FALSE(router.serving());
  router.OnStock({{{"cup", "A", 2}}, "7", false, true});
  EXPECT_TRUE(router.serving());
  EXPECT_EQ(Available(router, "mug"), 3);
  EXPECT_EQ(Available(router, "cup"), 2);
  EXPECT_EQ(Available(router, "jar"), -1);
  EXPECT_EQ(router.Plan(ShipOf("mug", 1)).stock_position, "7");
}

TEST(Router, WhatWasDeliveredIsSeenByTheNextQuestion) {
  Router router;
  router.OnNetwork({{Shop("A")}, true});
  for (int i = 1; i < 100; ++i) {
    router.OnStock({{{"mug", "A", i}}, absl::StrCat(i), false, false});
    ASSERT_EQ(Available(router, "mug"), i);
    ASSERT_EQ(router.Plan(ShipOf("mug", 1)).stock_position, absl::StrCat(i));
  }
  router.OnNetwork({{LocationPaused{"A", true}}, false});
  EXPECT_EQ(Available(router, "mug"), 0);
  router.OnNetwork({{LocationPaused{"A", false}}, false});
  EXPECT_EQ(Available(router, "mug"), 99);
}

TEST(Router, AQuestionFirstHasDeliveredWhatIsNew) {
  Router router;
  router.OnNetwork({{Shop("A")}, true});
  int64_t units = 0;
  router.SetCatchUp([&] { router.OnStock({{{"mug", "A", ++units}}, "", false, false}); });
  EXPECT_EQ(Available(router, "mug"), 1);
  EXPECT_EQ(Available(router, "mug"), 2);
}

TEST(Router, StockMayNameALocationBeforeTheCatalogDoes) {
  Router router;
  router.OnStock({{{"mug", "A", 3}}, "1", true, true});
  EXPECT_EQ(Available(router, "mug"), 0);
  router.OnNetwork({{Shop("A")}, true});
  EXPECT_EQ(Available(router, "mug"), 3);
}

TEST(Router, AStartOverReplacesTheMirrorWhenItIsComplete) {
  Router router;
  router.OnNetwork({{Shop("A")}, true});
  router.OnStock({{{"mug", "A", 3}, {"cup", "A", 4}}, "9", true, true});
  router.OnStock({{{"mug", "A", 1}}, "20", true, false});
  EXPECT_EQ(Available(router, "mug"), 3);
  EXPECT_EQ(router.Plan(ShipOf("mug", 1)).stock_position, "9");
  // Broken off, and begun anew.
  router.OnStock({{{"mug", "A", 2}}, "30", true, false});
  EXPECT_EQ(Available(router, "cup"), 4);
  router.OnStock({{}, "31", false, true});
  EXPECT_EQ(Available(router, "mug"), 2);
  EXPECT_EQ(Available(router, "cup"), -1);
  // A batch in the middle of a round has no position.
  router.OnStock({{{"mug", "A", 1}}, "", false, false});
  EXPECT_EQ(Available(router, "mug"), 1);
  EXPECT_EQ(router.Plan(ShipOf("mug", 1)).stock_position, "31");
}

TEST(Router, TakesInByItselfWhatPilesUp) {
  Router router;
  router.OnNetwork({{Shop("A")}, true});
  StockBatch batch;
  for (size_t i = 0; i < Router::kPendingMax / 8; ++i) {
    batch.changes.push_back({absl::StrCat("sku", i % 10), "A", static_cast<int64_t>(i)});
  }
  for (int i = 0; i < 20; ++i) router.OnStock(batch);
  EXPECT_EQ(Available(router, "sku1"), static_cast<int64_t>(Router::kPendingMax / 8 - 1));
}

TEST(Router, RoutesReturns) {
  Router router;
  router.OnNetwork({{ItemPut{"mug"}, Shop("A")}, true});
  using Problem = ReturnAnswer::Problem;
  EXPECT_EQ(router.Return("cup", "A", true).problem, Problem::kItemNotFound);
  EXPECT_EQ(router.Return("mug", "B", true).problem, Problem::kLocationNotFound);
  const ReturnAnswer answer = router.Return("mug", "A", true);
  EXPECT_EQ(answer.problem, Problem::kNone);
  EXPECT_EQ(answer.routing.disposition, ReturnRouting::Disposition::kRestockHere);
}

// Planners and feeds at once: what is planned was there at some time, and nothing stands still.
TEST(Router, PlansWhileTheFeedsDeliver) {
  Router router;
  router.OnNetwork({{Shop("A"), Shop("B")}, true});
  router.OnStock({{{"mug", "A", 1}, {"mug", "B", 1}}, "0", true, true});
  std::atomic<bool> done{false};
  std::vector<std::thread> planners;
  for (int i = 0; i < 3; ++i) {
    planners.emplace_back([&] {
      while (!done.load()) {
        const int64_t available = Available(router, "mug");
        EXPECT_GE(available, 2);
        EXPECT_LE(available, 4);
      }
    });
  }
  for (int i = 0; i < 2'000; ++i) {
    router.OnStock(
        {{{"mug", i % 2 == 0 ? "A" : "B", 1 + i % 3 / 2}}, absl::StrCat(i), false, false});
    router.OnNetwork({{Shop(absl::StrCat("new", i % 50))}, false});
  }
  done = true;
  for (std::thread& planner : planners) planner.join();
}

namespace events = catalog::events::v1;

TEST(CatalogCursor, TellsItemsLocationsAndPauses) {
  CatalogCursor cursor;
  cursor.AimAt(3);
  events::ItemPut item;
  item.set_sku("mug");
  events::LocationPut location;
  location.set_location_id("A");
  location.set_kind(2);
  location.set_latitude(46.5);
  location.set_longitude(23.5);
  location.add_capabilities(1);
  location.add_capabilities(99);  // of a newer catalog
  events::LocationPaused paused;
  paused.set_location_id("A");
  paused.set_paused(true);
  EXPECT_TRUE(cursor.Take(1, events::ITEM_PUT, 1, item.SerializeAsString()).ok());
  EXPECT_TRUE(cursor.Take(2, events::REQUEST_OUTCOME, 1, "opaque").ok());
  auto batch = cursor.Flush();
  ASSERT_TRUE(batch.has_value());
  EXPECT_FALSE(batch->current);
  ASSERT_EQ(batch->changes.size(), 1u);
  EXPECT_EQ(std::get<ItemPut>(batch->changes[0]).sku, "mug");
  EXPECT_FALSE(cursor.Flush().has_value());

  EXPECT_TRUE(cursor.Take(3, events::LOCATION_PUT, 1, location.SerializeAsString()).ok());
  EXPECT_TRUE(cursor.Take(4, events::LOCATION_PAUSED, 1, paused.SerializeAsString()).ok());
  EXPECT_TRUE(cursor.Take(4, events::LOCATION_PAUSED, 1, "again: passed over").ok());
  batch = cursor.Flush();
  ASSERT_TRUE(batch.has_value());
  EXPECT_TRUE(batch->current);
  ASSERT_EQ(batch->changes.size(), 2u);
  const auto& put = std::get<LocationPut>(batch->changes[0]);
  EXPECT_EQ(put.data.kind, LocationKind::kWarehouse);
  EXPECT_TRUE(put.data.capabilities.Contains(Capability::kShip));
  EXPECT_FALSE(put.data.capabilities.Contains(Capability::kPickup));
  EXPECT_TRUE(std::get<LocationPaused>(batch->changes[1]).paused);
  EXPECT_EQ(cursor.next(), 5);
}

TEST(CatalogCursor, AnEmptyCatalogIsCurrentAtOnce) {
  CatalogCursor cursor;
  EXPECT_FALSE(cursor.Flush().has_value());
  cursor.AimAt(0);
  EXPECT_TRUE(cursor.Flush()->current);
  EXPECT_FALSE(cursor.Flush().has_value());
}

TEST(CatalogCursor, StaysBeforeWhatItCannotTake) {
  CatalogCursor cursor;
  cursor.AimAt(9);
  EXPECT_EQ(cursor.Take(1, 77, 1, "").code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(cursor.Take(1, events::ITEM_PUT, 2, "").code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(cursor.Take(1, events::ITEM_PUT, 1, "\xff").code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(cursor.Take(2, events::ITEM_PUT, 1, "").code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(cursor.next(), 1);
  EXPECT_FALSE(cursor.Flush().has_value());
}

}  // namespace
}  // namespace quartermaster::routing
