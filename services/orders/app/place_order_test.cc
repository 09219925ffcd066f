#include "services/orders/app/place_order.h"

#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/orders/app/testing/sim_world.h"
#include "services/orders/codec/ids.h"

namespace quartermaster::orders {
namespace {

const std::map<std::string, int64_t> kInitial = {{"tea", 10}, {"cup", 4}};

class PlaceOrderTest : public testing::Test {
 protected:
  PlaceOrderTest() {
    world_.stock().Put("tea", "w1", 3);
    world_.stock().Put("tea", "w2", 7);
    world_.stock().Put("cup", "s1", 4);
  }

  PlaceReply Place(const PlaceCall& call) {
    world_.AddTask(world_.Place(call));
    world_.Run(Seconds(30));
    return world_.placed.at(call.request_id);
  }
  common::v1::ErrorReason ReasonOf(const PlaceReply& reply) {
    const auto* error = std::get_if<runtime::RpcError>(&reply);
    return error == nullptr ? common::v1::ERROR_REASON_UNSPECIFIED : error->reason();
  }
  std::shared_ptr<const Order> OrderOf(const std::string& request_id) {
    return world_.app().view().FindOrder(OrderIdFor("default", request_id));
  }

  SimWorld world_{SimOptions{.seed = 5}};
};

TEST_F(PlaceOrderTest, AnswersPlacedWhenStockHasConfirmed) {
  const PlaceReply reply = Place(MakePlaceCall("p1", Method::kShip, "", {{"tea", 5}}));
  EXPECT_TRUE(std::get<Placed>(reply).confirmed);
  EXPECT_EQ(StateOf(*OrderOf("p1")), OrderState::kOpen);
  EXPECT_EQ(world_.stock().Allocated("tea"), 5);
  world_.CheckEverything(kInitial);
}

TEST_F(PlaceOrderTest, ARetryIsTheSameOrderAndOtherContentIsRefused) {
  const PlaceCall call = MakePlaceCall("p1", Method::kShip, "", {{"tea", 5}});
  Place(call);
  EXPECT_TRUE(std::get<Placed>(Place(call)).confirmed);
  EXPECT_EQ(ReasonOf(Place(MakePlaceCall("p1", Method::kShip, "", {{"tea", 6}}))),
            common::v1::REQUEST_ID_REUSED);
  EXPECT_EQ(world_.stock().Allocated("tea"), 5);
}

TEST_F(PlaceOrderTest, ConcurrentDuplicatesJoin) {
  const PlaceCall call = MakePlaceCall("p1", Method::kShip, "", {{"tea", 5}});
  int answers = 0;
  int refused = 0;
  for (int thread = 0; thread < 5; ++thread) {
    world_.AddTask(
        [&](SimWorld& world, SimWorld::Answered answered) {
          world.app().placer().Place(call, [&answers, answered](PlaceReply reply) {
            answers += std::get<Placed>(reply).confirmed ? 1 : 0;
            answered();
          });
        },
        thread);
  }
  world_.AddTask(
      [&](SimWorld& world, SimWorld::Answered answered) {
        world.app().placer().Place(MakePlaceCall("p1", Method::kShip, "", {{"tea", 1}}),
                                   [&, answered](PlaceReply reply) {
                                     refused += ReasonOf(reply) == common::v1::REQUEST_ID_REUSED;
                                     answered();
                                   });
      },
      5);
  world_.Run();
  EXPECT_EQ(answers, 5);
  EXPECT_EQ(refused, 1);
  EXPECT_EQ(world_.stock().Allocated("tea"), 5);
}

TEST_F(PlaceOrderTest, ARefusalIsRememberedEvenIfThereIsStockLater) {
  const PlaceCall call = MakePlaceCall("p1", Method::kShip, "", {{"tea", 11}});
  const PlaceReply first = Place(call);
  ASSERT_EQ(ReasonOf(first), common::v1::NO_PLAN);
  const auto& shortage = std::get<runtime::RpcError>(first).details().insufficient_stock;
  ASSERT_TRUE(shortage.has_value());
  EXPECT_EQ(shortage->lines(0).line_id(), "l0");
  EXPECT_EQ(shortage->lines(0).asked(), 11);
  EXPECT_EQ(shortage->lines(0).available(), 10);
  world_.stock().Put("tea", "w1", 90);
  const PlaceReply second = Place(call);
  EXPECT_EQ(ReasonOf(second), common::v1::NO_PLAN);
  EXPECT_EQ(std::get<runtime::RpcError>(second).details().insufficient_stock->lines(0).available(),
            10);
  EXPECT_EQ(OrderOf("p1"), nullptr);
}

TEST_F(PlaceOrderTest, PlansAgainWithTheFiguresOfARejection) {
  world_.FreezeMirror();
  // Behind the mirror's back w1 sells out.
  ASSERT_EQ(GetError(world_.stock().Reserve({.request_id = "x",
                                             .owner_id = "x",
                                             .lines = {{"0", "tea", "w1", Quantity(3)}},
                                             .ttl = Seconds(600)})),
            nullptr);
  const PlaceReply reply = Place(MakePlaceCall("p1", Method::kShip, "", {{"tea", 5}}));
  EXPECT_TRUE(std::get<Placed>(reply).confirmed);
  ASSERT_EQ(OrderOf("p1")->tasks.size(), 1u);
  EXPECT_EQ(OrderOf("p1")->tasks[0].location_id, "w2");
}

TEST_F(PlaceOrderTest, RefusesWithTheOrdersLineIdsWhenStockIsReallyGone) {
  world_.FreezeMirror();
  ASSERT_EQ(GetError(world_.stock().Reserve(
                {.request_id = "x",
                 .owner_id = "x",
                 .lines = {{"0", "tea", "w1", Quantity(3)}, {"1", "tea", "w2", Quantity(6)}},
                 .ttl = Seconds(600)})),
            nullptr);
  const PlaceReply reply = Place(MakePlaceCall("p1", Method::kShip, "", {{"cup", 1}, {"tea", 5}}));
  ASSERT_EQ(ReasonOf(reply), common::v1::NO_PLAN);
  EXPECT_EQ(std::get<runtime::RpcError>(reply).details().insufficient_stock->lines(0).line_id(),
            "l1");
  EXPECT_EQ(world_.stock().Reserved("cup"), 0);
}

TEST_F(PlaceOrderTest, TakesACheckoutHoldOver) {
  const auto held = world_.stock().Reserve({.request_id = "cart",
                                            .owner_id = "cart-1",
                                            .lines = {{"0", "tea", "w2", Quantity(7)}},
                                            .ttl = Seconds(900)});
  PlaceCall call = MakePlaceCall("p1", Method::kShip, "", {{"tea", 10}});
  call.content.reservation_id = std::get<StockReservation>(held).reservation_id;
  EXPECT_TRUE(std::get<Placed>(Place(call)).confirmed);
  EXPECT_EQ(world_.stock().Allocated("tea"), 10);
  EXPECT_EQ(world_.stock().Reserved("tea"), 0);
}

TEST_F(PlaceOrderTest, AnEndedCheckoutHoldIsNamedUnlessItHasExpired) {
  const auto hold = [&](const std::string& id, Micros ttl) {
    return std::get<StockReservation>(
               world_.stock().Reserve({.request_id = id,
                                       .owner_id = id,
                                       .lines = {{"0", "tea", "w2", Quantity(1)}},
                                       .ttl = ttl}))
        .reservation_id;
  };
  PlaceCall call = MakePlaceCall("p1", Method::kShip, "", {{"tea", 10}});
  call.content.reservation_id = hold("a", Seconds(1));
  world_.clock().Advance(Seconds(2));
  EXPECT_TRUE(std::get<Placed>(Place(call)).confirmed) << "expired is no obstacle";

  call = MakePlaceCall("p2", Method::kShip, "", {{"cup", 1}});
  call.content.reservation_id = "r999";
  EXPECT_EQ(ReasonOf(Place(call)), common::v1::RESERVATION_NOT_FOUND);
}

TEST_F(PlaceOrderTest, AReleasedCheckoutHoldIsRefused) {
  const auto held = world_.stock().Reserve({.request_id = "cart",
                                            .owner_id = "cart",
                                            .lines = {{"0", "tea", "w2", Quantity(1)}},
                                            .ttl = Seconds(60)});
  const std::string id = std::get<StockReservation>(held).reservation_id;
  world_.stock().Release({.request_id = "rel", .reservation_id = id});
  PlaceCall call = MakePlaceCall("p1", Method::kShip, "", {{"tea", 1}});
  call.content.reservation_id = id;
  EXPECT_EQ(ReasonOf(Place(call)), common::v1::RESERVATION_RELEASED);
}

TEST_F(PlaceOrderTest, DropsOnlyTheLinesThatMayBeDropped) {
  const PlaceReply reply =
      Place(MakePlaceCall("p1", Method::kShip, "", {{"tea", 10}, {"cup", 9, true}}));
  const Placed& placed = std::get<Placed>(reply);
  ASSERT_EQ(placed.dropped.size(), 1u);
  EXPECT_EQ(placed.dropped[0].line_id, "l1");
  EXPECT_EQ(placed.dropped[0].asked, Quantity(9));
  EXPECT_EQ(placed.dropped[0].available, Quantity(4));
  ASSERT_EQ(OrderOf("p1")->lines.size(), 2u);
  EXPECT_EQ(OrderOf("p1")->lines[1].ordered, Quantity(4)) << "shortened";
  // A vital line is not sacrificed for one that may be dropped.
  world_.stock().Put("cup", "s1", 1);
  const PlaceReply vital =
      Place(MakePlaceCall("p2", Method::kShip, "", {{"cup", 3, true}, {"cup", 1}}));
  ASSERT_EQ(OrderOf("p2")->lines.size(), 1u);
  EXPECT_EQ(OrderOf("p2")->lines[0].line_id, "l1");
  EXPECT_EQ(std::get<Placed>(vital).dropped[0].line_id, "l0");
}

TEST_F(PlaceOrderTest, AReusedExternalIdGivesTheHoldAndTheSubjectBack) {
  PlaceCall call = MakePlaceCall("p1", Method::kShip, "", {{"tea", 1}});
  call.content.external_id = "shop-1";
  Place(call);
  PlaceCall other = MakePlaceCall("p2", Method::kShip, "", {{"tea", 2}});
  other.content.external_id = "shop-1";
  EXPECT_EQ(ReasonOf(Place(other)), common::v1::EXTERNAL_ID_REUSED);
  EXPECT_EQ(world_.stock().Reserved("tea"), 0);
  EXPECT_EQ(world_.stock().Allocated("tea"), 1);
  EXPECT_TRUE(world_.vault().Get(OrderIdFor("default", "p1")).ok());
  EXPECT_FALSE(world_.vault().Get(OrderIdFor("default", "p2")).ok());
}

// Of units that are there only once.
TEST_F(PlaceOrderTest, TheSameExternalIdTwiceAtOnceIsOneOrder) {
  PlaceCall call = MakePlaceCall("p1", Method::kShip, "", {{"tea", 8}});
  call.content.external_id = "shop-1";
  PlaceCall again = call;
  again.request_id = "p2";
  PlaceCall other = MakePlaceCall("p3", Method::kShip, "", {{"tea", 1}});
  other.content.external_id = "shop-1";
  world_.AddTask(world_.Place(call), 0);
  world_.AddTask(world_.Place(again), 1);
  world_.AddTask(world_.Place(other), 2);
  world_.Run(Seconds(30));
  const std::string order_id = std::get<Placed>(world_.placed.at("p1")).order_id;
  EXPECT_EQ(std::get<Placed>(world_.placed.at("p2")).order_id, order_id);
  EXPECT_EQ(ReasonOf(world_.placed.at("p3")), common::v1::EXTERNAL_ID_REUSED);
  EXPECT_EQ(world_.stock().Allocated("tea"), 8);
  EXPECT_EQ(world_.stock().Reserved("tea"), 0);
}

// A first request that comes to nothing leaves the second its turn.
TEST_F(PlaceOrderTest, AnotherRequestGoesOnWhereTheFirstWasRefused) {
  PlaceCall call = MakePlaceCall("p1", Method::kShip, "", {{"tea", 80}});
  call.content.external_id = "shop-1";
  PlaceCall smaller = MakePlaceCall("p2", Method::kShip, "", {{"tea", 8}});
  smaller.content.external_id = "shop-1";
  world_.AddTask(world_.Place(call), 0);
  world_.AddTask(world_.Place(smaller), 1);
  world_.Run(Seconds(30));
  EXPECT_EQ(ReasonOf(world_.placed.at("p1")), common::v1::NO_PLAN);
  EXPECT_TRUE(std::holds_alternative<Placed>(world_.placed.at("p2")));
}

// Whether the order is in the log is not for the caller to know: the hold, which may have been the
// shopper's own, is not given back, and the retry has it.
TEST_F(PlaceOrderTest, WhenTheTimeIsUpBeforeItIsPlacedTheHoldIsKeptForTheRetry) {
  const auto cart = world_.stock().Reserve({.request_id = "cart",
                                            .owner_id = "cart",
                                            .lines = {{"0", "tea", "w2", Quantity(5)}},
                                            .ttl = Seconds(900)});
  PlaceCall call = MakePlaceCall("p1", Method::kShip, "", {{"tea", 5}});
  call.content.reservation_id = std::get<StockReservation>(cart).reservation_id;
  call.deadline = world_.clock().Now() + Seconds(10);
  std::optional<PlaceReply> reply;
  world_.app().placer().Place(call, [&](PlaceReply given) { reply = std::move(given); });
  const std::string owner = OwnerId(OrderIdFor("default", "p1"), 1);
  const auto held = [&] { return world_.stock().FindHold(owner).has_value(); };
  world_.Run(Seconds(5), held);
  ASSERT_TRUE(held());
  ASSERT_FALSE(reply.has_value());
  world_.clock().Advance(Seconds(11));
  world_.Run(Seconds(30));
  ASSERT_TRUE(reply.has_value());
  EXPECT_EQ(ReasonOf(*reply), common::v1::DEADLINE_PASSED);
  EXPECT_EQ(OrderOf("p1"), nullptr);
  EXPECT_TRUE(held());
  EXPECT_EQ(world_.stock().Reserved("tea"), 5);

  call.deadline = kDistantFuture;
  EXPECT_TRUE(std::get<Placed>(Place(call)).confirmed);
  EXPECT_EQ(world_.stock().Allocated("tea"), 5);
  EXPECT_EQ(world_.stock().Reserved("tea"), 0);
  world_.CheckEverything(kInitial);
}

// The deadline passes between the vault and the log.
TEST_F(PlaceOrderTest, AnOrderThatCameTooLateLeavesNoSubject) {
  PlaceCall call = MakePlaceCall("p1", Method::kShip, "", {{"tea", 1}});
  const std::string order_id = OrderIdFor("default", "p1");
  call.deadline = world_.clock().Now() + Seconds(60);
  world_.AddTask(world_.Place(call));
  world_.Run(Seconds(30), [&] { return world_.vault().Get(order_id).ok(); });
  ASSERT_TRUE(world_.vault().Get(order_id).ok());
  world_.clock().Advance(Seconds(61));
  world_.Run(Seconds(30));
  EXPECT_EQ(ReasonOf(world_.placed.at("p1")), common::v1::DEADLINE_PASSED);
  EXPECT_FALSE(world_.vault().Get(order_id).ok());
  // Who asks again has it kept again.
  call.deadline = kDistantFuture;
  EXPECT_TRUE(std::get<Placed>(Place(call)).confirmed);
  EXPECT_TRUE(world_.vault().Get(order_id).ok());
}

TEST_F(PlaceOrderTest, WithoutStockItIsUnavailableAndNothingIsRecorded) {
  world_.set_stock_down(true);
  const PlaceCall call = MakePlaceCall("p1", Method::kShip, "", {{"tea", 1}});
  std::optional<PlaceReply> reply;
  world_.app().placer().Place(call, [&](PlaceReply given) { reply = std::move(given); });
  world_.Run(Seconds(60));
  ASSERT_TRUE(reply.has_value());
  EXPECT_EQ(ReasonOf(*reply), common::v1::PEER_UNAVAILABLE);
  EXPECT_EQ(world_.app().engine().head(), 0);
  world_.set_stock_down(false);
  EXPECT_TRUE(std::get<Placed>(Place(call)).confirmed);
}

// Routing finds too little; whether the order has a hold of its own is not known: nothing is.
TEST_F(PlaceOrderTest, NoShortageIsRecordedWhileTheOwnHoldIsUnknown) {
  world_.set_stock_down(true);
  const PlaceCall call = MakePlaceCall("p1", Method::kShip, "", {{"tea", 11}});
  std::optional<PlaceReply> reply;
  world_.app().placer().Place(call, [&](PlaceReply given) { reply = std::move(given); });
  world_.Run(Seconds(60));
  ASSERT_TRUE(reply.has_value());
  EXPECT_EQ(ReasonOf(*reply), common::v1::PEER_UNAVAILABLE);
  EXPECT_EQ(world_.app().engine().head(), 0);
  world_.set_stock_down(false);
  world_.stock().Put("tea", "w1", 1);
  EXPECT_TRUE(std::get<Placed>(Place(call)).confirmed);
}

TEST_F(PlaceOrderTest, WhatAPeerKeepsWaitingIsBounded) {
  world_.set_stock_down(true);
  std::map<common::v1::ErrorReason, size_t> answers;
  const auto place = [&](size_t i) {
    world_.app().placer().Place(
        MakePlaceCall(absl::StrCat("p", i), Method::kShip, "", {{"tea", 1}}),
        [&](PlaceReply reply) { ++answers[ReasonOf(reply)]; });
  };
  for (size_t i = 0; i < kPlacementsMax + 3; ++i) place(i);
  place(0);
  world_.Run(Seconds(1));
  EXPECT_EQ(answers[common::v1::OVERLOADED], 3u) << "a duplicate joins";
  world_.Run(Seconds(60));
  EXPECT_EQ(answers[common::v1::PEER_UNAVAILABLE], kPlacementsMax + 1);
  EXPECT_EQ(world_.app().engine().head(), 0);
}

TEST_F(PlaceOrderTest, AnUnknownItemIsARefusalThatIsRemembered) {
  const PlaceCall call = MakePlaceCall("p1", Method::kShip, "", {{"gold", 1}});
  EXPECT_EQ(ReasonOf(Place(call)), common::v1::ITEM_NOT_FOUND);
  world_.stock().Put("gold", "w1", 1);
  EXPECT_EQ(ReasonOf(Place(call)), common::v1::ITEM_NOT_FOUND);
}

}  // namespace
}  // namespace quartermaster::orders
