#include "services/orders/app/sourcing.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>

#include "services/orders/app/testing/direct_peers.h"
#include "services/orders/app/testing/fake_clock.h"

namespace quartermaster::orders {
namespace {

// Peers that answer, until one is told to refuse.
class RefusingPeers : public DirectPeers {
 public:
  using DirectPeers::DirectPeers;

  void Plan(PlanRequest request, PeerCallback<RoutePlan> done) override {
    if (plan_error) return done(*plan_error);
    if (stale_plan) return done(*std::exchange(stale_plan, std::nullopt));
    DirectPeers::Plan(std::move(request), std::move(done));
  }
  void Reserve(StockReserve request, PeerCallback<StockReservation> done) override {
    last_hold = request;
    if (hold_error) return done(*hold_error);
    DirectPeers::Reserve(std::move(request), std::move(done));
  }
  std::optional<PeerError> plan_error;
  // Answered once: what routing planned before stock moved.
  std::optional<RoutePlan> stale_plan;
  std::optional<PeerError> hold_error;
  StockReserve last_hold;
};

PeerError Final(common::v1::ErrorReason reason) {
  PeerError error;
  error.reason = reason;
  return error;
}

class SourcingTest : public testing::Test {
 protected:
  SourcingTest() { peers_.Put("tea", "w1", 5); }

  PeerResult<Sourced> Source(int64_t units, bool best_effort) {
    SourcingJob job;
    job.request.groups.push_back(
        {.group_id = "g", .lines = {{.line_id = "l", .sku = "tea", .quantity = Quantity(units)}}});
    job.best_effort = best_effort;
    return Run(std::move(job));
  }
  PeerResult<Sourced> Run(SourcingJob job) {
    job.owner_id = "o-1/1";
    job.give_up = clock_.Now() + Seconds(10);
    job.channel_id = "web";
    job.customer_ref = "c-7";
    std::optional<PeerResult<Sourced>> got;
    sourcing_.Run(std::move(job), [&got](PeerResult<Sourced> result) { got = std::move(result); });
    while (loop_->Step()) {
    }
    return *std::move(got);
  }

  FakeClock clock_;
  RefusingPeers peers_{&clock_};
  std::shared_ptr<EventLoop> loop_ = std::make_shared<EventLoop>(&clock_);
  Sourcing sourcing_{&peers_, &peers_, loop_, 1};
};

TEST_F(SourcingTest, ABestEffortTakesWhatThereIs) {
  const PeerResult<Sourced> result = Source(8, true);
  const Sourced& sourced = std::get<Sourced>(result);
  ASSERT_EQ(sourced.assignments.size(), 1u);
  EXPECT_EQ(sourced.assignments[0].quantity, Quantity(5));
  EXPECT_FALSE(sourced.refusal.has_value());
}

TEST_F(SourcingTest, ABestEffortSaysWhoRefusedAndWhy) {
  peers_.plan_error = Final(common::v1::INVALID_FIELD);
  PeerResult<Sourced> result = Source(1, true);
  EXPECT_TRUE(std::get<Sourced>(result).assignments.empty());
  ASSERT_TRUE(std::get<Sourced>(result).refusal.has_value());
  EXPECT_EQ(std::get<Sourced>(result).refusal->reason, common::v1::INVALID_FIELD);

  peers_.plan_error.reset();
  peers_.hold_error = Final(common::v1::LOCATION_NOT_FOUND);
  result = Source(1, true);
  ASSERT_TRUE(std::get<Sourced>(result).refusal.has_value());
  EXPECT_EQ(std::get<Sourced>(result).refusal->reason, common::v1::LOCATION_NOT_FOUND);
}

TEST_F(SourcingTest, ACapRefusesByTheOrdersLines) {
  peers_.hold_error = Final(common::v1::CUSTOMER_CAP_EXCEEDED);
  peers_.hold_error->short_lines = {{"0", "tea", "w1", Quantity(3), Quantity(1)}};
  const PeerResult<Sourced> result = Source(3, false);
  ASSERT_NE(GetError(result), nullptr);
  EXPECT_EQ(GetError(result)->reason, common::v1::CUSTOMER_CAP_EXCEEDED);
  ASSERT_EQ(GetError(result)->short_lines.size(), 1u);
  const PeerShortLine& line = GetError(result)->short_lines[0];
  EXPECT_EQ(line.line_id, "l");
  EXPECT_EQ(line.asked, Quantity(3));
  EXPECT_EQ(line.available, Quantity(1));
  // Whose order it is, stock was told.
  EXPECT_EQ(peers_.last_hold.channel_id, "web");
  EXPECT_EQ(peers_.last_hold.customer_ref, "c-7");
}

TEST_F(SourcingTest, AShortageIsNotARefusal) {
  peers_.plan_error = Final(common::v1::NO_PLAN);
  const PeerResult<Sourced> result = Source(1, true);
  EXPECT_TRUE(std::get<Sourced>(result).assignments.empty());
  EXPECT_FALSE(std::get<Sourced>(result).refusal.has_value());
}

TEST_F(SourcingTest, WithoutBestEffortARefusalIsAnError) {
  peers_.plan_error = Final(common::v1::ITEM_NOT_FOUND);
  const PeerResult<Sourced> result = Source(1, false);
  ASSERT_NE(GetError(result), nullptr);
  EXPECT_EQ(GetError(result)->reason, common::v1::ITEM_NOT_FOUND);
}

// Between the look at the checkout hold and its order, somebody was given the unit where it stood,
// and stock moved the hold's elsewhere.
TEST_F(SourcingTest, AHoldThatIsTakenOverIsFoundWhereItsUnitsAreNow) {
  peers_.Put("mug", "w1", 1);
  peers_.Put("mug", "w2", 1);
  const auto hold = [this](const std::string& owner_id, const std::string& location_id) {
    StockReserve request{.request_id = owner_id,
                         .owner_id = owner_id,
                         .lines = {{"0", "mug", location_id, Quantity(1)}},
                         .ttl = kHoldTtl};
    std::optional<StockReservation> held;
    peers_.Reserve(std::move(request), [&held](PeerResult<StockReservation> result) {
      held = std::get<StockReservation>(std::move(result));
    });
    return *held;
  };
  hold("another", "w1");
  SourcingJob job;
  job.takes_over_reservation_id = hold("cart", "w2").reservation_id;
  job.request.groups.push_back(
      {.group_id = "g", .lines = {{.line_id = "l", .sku = "mug", .quantity = Quantity(1)}}});
  job.request.credits = {{"mug", "w1", Quantity(1)}};
  const PeerResult<Sourced> result = Run(std::move(job));
  ASSERT_EQ(GetError(result), nullptr) << GetError(result)->message;
  ASSERT_EQ(std::get<Sourced>(result).assignments.size(), 1u);
  EXPECT_EQ(std::get<Sourced>(result).assignments[0].location_id, "w2");
}

TEST_F(SourcingTest, WhatLinesOfOneSkuGotAtAPlaceAddsUp) {
  peers_.Put("mug", "s1", 3);
  peers_.Put("mug", "w1", 2);
  // Of 5 at s1 that were thought to be there; stock says that the second line could have had 1,
  // which is behind the 2 of the first.
  peers_.stale_plan = RoutePlan{
      .assignments = {{"g", "a", "mug", "s1", Quantity(2)}, {"g", "b", "mug", "s1", Quantity(3)}},
      .short_lines = {},
      .decision = ""};
  SourcingJob job;
  job.request.groups.push_back(
      {.group_id = "g",
       .lines = {{.line_id = "a", .sku = "mug", .quantity = Quantity(2)},
                 {.line_id = "b", .sku = "mug", .quantity = Quantity(3)}}});
  const PeerResult<Sourced> result = Run(std::move(job));
  ASSERT_EQ(GetError(result), nullptr);
  Quantity held;
  for (const auto& assignment : std::get<Sourced>(result).assignments) held += assignment.quantity;
  EXPECT_EQ(held, Quantity(5));
}

}  // namespace
}  // namespace quartermaster::orders
