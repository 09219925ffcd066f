// The process dies at every step of the saga, once for each step, and comes back at once or after
// the hold has expired; messages that were on their way are lost or arrive late; the client asks
// again or has gone. In every single case the order is finished, or stands in the exception queue,
// or the hold is gone: never both, never neither (SimWorld::CheckEverything).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "absl/strings/str_cat.h"
#include "services/orders/app/orders_metrics.h"
#include "services/orders/app/testing/sim_world.h"
#include "services/orders/codec/ids.h"
#include "services/orders/domain/invariants.h"
#include "services/runtime/metrics.h"

namespace quartermaster::orders {
namespace {

using Scenario = std::function<void(SimWorld&)>;

const std::map<std::string, int64_t> kInitial = {{"tea", 10}, {"cup", 4}};

void PutStock(SimWorld& world) {
  world.stock().Put("tea", "w1", 3);
  world.stock().Put("tea", "w2", 7);
  world.stock().Put("cup", "s1", 4);
}

std::string Id(const std::string& request_id) { return OrderIdFor("default", request_id); }

// Runs the scenario with a crash at step 1, 2, 3, ... until it is over before the crash comes.
void CrashEverywhere(const Scenario& scenario) {
  for (const bool retry : {true, false}) {
    for (const Micros downtime : {Micros{0}, Seconds(300)}) {
      for (const bool late : {false, true}) {
        for (int step = 1;; ++step) {
          SCOPED_TRACE(absl::StrCat(
              "crash at step ", step, ", down for ", downtime.count / 1'000'000, " s, messages ",
              late ? "late" : "lost", ", client ", retry ? "retries" : "has gone"));
          SimWorld world({.seed = static_cast<uint64_t>(step),
                          .crash_at = step,
                          .downtime = downtime,
                          .late_messages = late,
                          .clients_retry = retry});
          PutStock(world);
          scenario(world);
          world.Run();
          world.CheckEverything(kInitial);
          if (testing::Test::HasFailure()) return;
          if (world.crashes() == 0) break;
          ASSERT_LT(step, 1'000) << "the scenario does not end";
        }
      }
    }
  }
}

TEST(SagaCrashTest, ShippingFromTwoPlaces) {
  CrashEverywhere([](SimWorld& world) {
    world.AddTask(world.Place(MakePlaceCall("p1", Method::kShip, "", {{"tea", 5}, {"cup", 1}})));
  });
}

// Also between the vault and the log: then nobody could ever erase the subject.
TEST(SagaCrashTest, ASubjectIsKeptIfAndOnlyIfItsOrderIs) {
  CrashEverywhere([](SimWorld& world) {
    world.AddTask(world.Place(MakePlaceCall("p0", Method::kCarryOut, "s1", {{"cup", 1}})));
    world.Run();
    world.AddTask(world.Place(MakePlaceCall("p1", Method::kShip, "", {{"tea", 5}})));
    world.Run();
    const auto& orders = world.app().engine().state().orders;
    if (!orders.contains(Id("p0"))) return;
    EXPECT_EQ(world.vault().Get(Id("p1")).ok(), orders.contains(Id("p1")));
  });
}

TEST(SagaCrashTest, FromACheckoutHold) {
  CrashEverywhere([](SimWorld& world) {
    const auto held = world.stock().Reserve({.request_id = "cart",
                                             .owner_id = "cart-1",
                                             .lines = {{"0", "tea", "w2", Quantity(7)}},
                                             .ttl = Seconds(900)});
    PlaceCall call = MakePlaceCall("p1", Method::kShip, "", {{"tea", 10}});
    call.content.reservation_id = std::get<StockReservation>(held).reservation_id;
    world.AddTask(world.Place(call));
    world.Run(Seconds(600));
    // What the shopper leaves in the cart is not the saga's to release.
    world.clock().Advance(Seconds(900));
  });
}

TEST(SagaCrashTest, CarryOut) {
  CrashEverywhere([](SimWorld& world) {
    world.AddTask(world.Place(MakePlaceCall("p1", Method::kCarryOut, "s1", {{"cup", 2}})));
  });
}

TEST(SagaCrashTest, RefusedForLackOfStock) {
  CrashEverywhere([](SimWorld& world) {
    world.AddTask(world.Place(MakePlaceCall("p1", Method::kShip, "", {{"tea", 11}})));
  });
}

TEST(SagaCrashTest, SomeLinesDropped) {
  CrashEverywhere([](SimWorld& world) {
    world.AddTask(
        world.Place(MakePlaceCall("p1", Method::kShip, "", {{"tea", 10}, {"cup", 9, true}})));
  });
}

TEST(SagaCrashTest, CancelledAtOnce) {
  CrashEverywhere([](SimWorld& world) {
    world.AddTask(world.Place(MakePlaceCall("p1", Method::kShip, "", {{"tea", 5}})));
    world.AddTask(
        world.Do("c1", [](SimWorld&) { return CancelOrder{.order_id = Id("p1"), .lines = {}}; }));
  });
}

TEST(SagaCrashTest, ShortPickIsRoutedAgainAndShipped) {
  CrashEverywhere([](SimWorld& world) {
    world.AddTask(world.Place(MakePlaceCall("p1", Method::kShip, "", {{"tea", 3}})));
    world.AddTask(world.Do("pick", [](SimWorld&) {
      return RecordPick{.task_id = TaskId(Id("p1"), 1), .lines = {{"l0", Quantity(1)}}};
    }));
    world.AddTask(
        world.Do("ship", [](SimWorld&) { return RecordShipment{.task_id = TaskId(Id("p1"), 1)}; }));
    world.AddTask(world.Do(
        "ship2", [](SimWorld&) { return RecordShipment{.task_id = TaskId(Id("p1"), 2)}; }));
  });
}

TEST(SagaCrashTest, ReturnsAndSales) {
  CrashEverywhere([](SimWorld& world) {
    world.AddTask(world.Do("sale", [](SimWorld&) {
      return RecordSale{.order_id = "s-1",
                        .content = {1, 1},
                        .location_id = "s1",
                        .terminal_id = "till",
                        .business_day = "2026-11-27",
                        .sequence = 1,
                        .lines = {{.line_id = "l0", .sku = "cup", .quantity = Quantity(3)}}};
    }));
    world.AddTask(world.Do("return", [](SimWorld&) {
      return ReceiveReturn{.location_id = "s1",
                           .order_id = "s-1",
                           .lines = {{.line_id = "l0", .sku = "", .quantity = Quantity(2)}}};
    }));
  });
}

// Stock is away for longer than the hold lasts, between OrderPlaced and its confirm.
class StockAwayTest : public testing::Test {
 protected:
  // Places an order for all tea that w2 has, with stock away from the moment it is placed.
  void PlaceAndLoseStock() {
    PutStock(world_);
    world_.AddTask(world_.Place(MakePlaceCall("p1", Method::kShip, "", {{"tea", 10}})));
    world_.Run(Seconds(1), [&] { return world_.app().view().FindOrder(Id("p1")) != nullptr; });
    world_.set_stock_down(true);
    world_.Run(kHoldTtl + Seconds(60));
    ASSERT_EQ(std::get<Placed>(world_.placed.at("p1")).confirmed, false) << "PENDING";
    EXPECT_EQ(world_.stock().Reserved("tea"), 0) << "the hold has expired";
    EXPECT_EQ(StateOf(*world_.app().view().FindOrder(Id("p1"))), OrderState::kPending);
  }

  SimWorld world_{SimOptions{.seed = 3}};
};

TEST_F(StockAwayTest, TheUnitsAreHeldAgainByTheConfirm) {
  PlaceAndLoseStock();
  world_.set_stock_down(false);
  world_.Run();
  const auto order = world_.app().view().FindOrder(Id("p1"));
  EXPECT_EQ(StateOf(*order), OrderState::kOpen);
  EXPECT_EQ(world_.stock().Allocated("tea"), 10);
  world_.CheckEverything(kInitial);
}

TEST_F(StockAwayTest, AnOrderThatMakesNoProgressIsAnExceptionUntilItDoes) {
  PlaceAndLoseStock();
  runtime::Metrics metrics;
  AddOrdersMetrics(&metrics, "orders/0", &world_.app());
  const auto has = [&](const char* metric, const char* value) {
    EXPECT_THAT(metrics.Scrape(),
                testing::HasSubstr(absl::StrCat(metric, "{partition=\"orders/0\"} ", value)));
  };
  const OrdersApp& app = world_.app();
  EXPECT_TRUE(app.view().ListExceptions({}, 0, 10).items.empty());
  has("quartermaster_orders_intents_open", "1\n");
  has("quartermaster_orders_exceptions_open", "0\n");
  for (int hours = 0; hours < 3; ++hours) world_.Run(Hours(1));
  // Once, however long it takes.
  const auto queue = app.view().ListExceptions({.include_resolved = true}, 0, 10);
  ASSERT_EQ(queue.items.size(), 1u);
  EXPECT_EQ(queue.items[0].kind, ExceptionKind::kStalled);
  EXPECT_EQ(queue.items[0].order_id, Id("p1"));
  EXPECT_FALSE(queue.items[0].detail.empty());
  EXPECT_GE(app.saga().oldest_age(), Hours(3));
  EXPECT_GT(app.saga().retries(), 0);
  has("quartermaster_orders_exceptions_open", "1\n");
  // Resolved too early it comes back.
  world_.AddTask(world_.Do("resolve", [&](SimWorld&) {
    return ResolveException{.exception_id = ExceptionId(queue.items[0].position)};
  }));
  world_.Run(Hours(1));
  EXPECT_EQ(app.view().ListExceptions({.include_resolved = true}, 0, 10).items.size(), 2u);
  EXPECT_EQ(app.view().open_exceptions(), 1u);

  world_.set_stock_down(false);
  world_.Run();
  EXPECT_EQ(StateOf(*app.view().FindOrder(Id("p1"))), OrderState::kOpen);
  EXPECT_EQ(app.view().open_exceptions(), 0u);
  has("quartermaster_orders_intents_open", "0\n");
  has("quartermaster_orders_intent_oldest_age_seconds", "0\n");
  world_.CheckEverything(kInitial);
}

TEST_F(StockAwayTest, SomeoneElseHasThemItAwaitsStockAndAPersonCanTryAgain) {
  PlaceAndLoseStock();
  const auto other = world_.stock().Reserve({.request_id = "other",
                                             .owner_id = "other",
                                             .lines = {{"0", "tea", "w2", Quantity(6)}},
                                             .ttl = Seconds(60)});
  ASSERT_EQ(GetError(other), nullptr);
  world_.set_stock_down(false);
  world_.Run();
  auto order = world_.app().view().FindOrder(Id("p1"));
  EXPECT_EQ(StateOf(*order), OrderState::kAwaitingStock);
  EXPECT_EQ(world_.stock().Allocated("tea"), 0);
  const auto queue = world_.app().view().ListExceptions({}, 0, 10);
  ASSERT_EQ(queue.items.size(), 1u);
  EXPECT_EQ(queue.items[0].kind, ExceptionKind::kAwaitingStock);
  EXPECT_EQ(queue.items[0].order_id, Id("p1"));

  world_.clock().Advance(Seconds(61));
  world_.AddTask(world_.Do("resolve", [&](SimWorld&) {
    return ResolveException{.exception_id = ExceptionId(queue.items[0].position)};
  }));
  world_.Run();
  order = world_.app().view().FindOrder(Id("p1"));
  EXPECT_EQ(StateOf(*order), OrderState::kOpen);
  EXPECT_EQ(world_.stock().Allocated("tea"), 10);
  EXPECT_TRUE(world_.app().view().ListExceptions({}, 0, 10).items.empty());
  world_.CheckEverything(kInitial);
}

TEST_F(StockAwayTest, CancelledMeanwhileItsUnitsAreGivenBack) {
  PlaceAndLoseStock();
  world_.AddTask(
      world_.Do("c1", [](SimWorld&) { return CancelOrder{.order_id = Id("p1"), .lines = {}}; }));
  world_.Run(Seconds(60));
  world_.set_stock_down(false);
  world_.Run();
  EXPECT_EQ(StateOf(*world_.app().view().FindOrder(Id("p1"))), OrderState::kCancelled);
  EXPECT_EQ(world_.stock().Allocated("tea"), 0);
  world_.CheckEverything(kInitial);
}

}  // namespace
}  // namespace quartermaster::orders
