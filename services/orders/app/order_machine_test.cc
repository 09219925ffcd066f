// The machine under its sequencer: what a frame cannot hold, what the clock brings about, and what
// a restart finds.
#include "services/orders/app/order_machine.h"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/orders/app/orders_engine.h"
#include "services/orders/app/testing/fake_clock.h"
#include "storage/memory_log.h"

namespace quartermaster::orders {
namespace {

class OrderMachineTest : public testing::Test {
 protected:
  OrderMachineTest() { Start(); }
  // Again: as after a crash.
  void Start() {
    engine_.reset();
    auto engine = OrdersEngine::Open({.partition = partition_}, log_.get(), &clock_);
    EXPECT_TRUE(engine.ok()) << engine.status();
    engine_ = *std::move(engine);
    EXPECT_TRUE(engine_->Acquire().ok());
  }
  // Some hundred bytes for each line.
  static RecordSale Sale(int number, int lines) {
    RecordSale sale;
    sale.order_id = absl::StrCat("o-", number);
    sale.location_id = "store";
    sale.terminal_id = "till";
    sale.business_day = "2026-03-01";
    sale.sequence = number;
    for (int i = 0; i < lines; ++i) {
      PlacedLine& line = sale.lines.emplace_back();
      line.line_id = absl::StrCat(std::string(58, 'l'), i);
      line.sku = absl::StrCat(std::string(58, 's'), i);
      line.quantity = Quantity(1);
    }
    return sale;
  }
  static PlaceOrder Placed(const std::string& order_id, const NewHold& hold) {
    PlaceOrder order;
    order.order_id = order_id;
    order.channel_id = "web";
    order.groups.emplace_back().group_id = "g";
    PlacedLine& line = order.lines.emplace_back();
    line.line_id = "a";
    line.sku = "s1";
    line.quantity = Quantity(1);
    line.backorder = true;
    order.holds = {hold};
    return order;
  }
  Answer Submit(const std::string& request_id, std::vector<Command> commands) {
    std::optional<Answer> given;
    engine_->Submit({.request_id = request_id, .commands = std::move(commands)},
                    [&](Answer answer) { given = std::move(answer); });
    while (engine_->Step()) {
    }
    EXPECT_TRUE(given.has_value());
    return *std::move(given);
  }

  const storage::PartitionId partition_{"default", "orders/0"};
  std::unique_ptr<storage::EventLog> log_ = storage::NewMemoryLog();
  FakeClock clock_;
  std::unique_ptr<OrdersEngine> engine_;
};

TEST_F(OrderMachineTest, ACommandThatDoesNotFitIntoAFrameHasNoEffect) {
  const Answer refused = Submit("r", {Sale(1, 20'000)});
  ASSERT_TRUE(refused.error.has_value());
  EXPECT_EQ(refused.error->reason(), common::v1::REQUEST_TOO_LARGE);
  EXPECT_EQ(refused.error->code(), absl::StatusCode::kOutOfRange);
  EXPECT_EQ(engine_->head(), 0);
  EXPECT_TRUE(engine_->state().orders.empty());
  // The request id is free.
  EXPECT_FALSE(Submit("r", {Sale(1, 2'000)}).outcomes.at(0).rejection);
}

TEST_F(OrderMachineTest, TheFactsOfABatchThatDoNotFitAreRefusedEachOnItsOwn) {
  std::vector<Command> commands;
  for (int i = 0; i < 12; ++i) commands.push_back(Sale(i, 2'000));
  // It fits behind those that did.
  commands.push_back(Sale(12, 1));
  const Answer answer = Submit("batch", commands);
  ASSERT_FALSE(answer.error);
  ASSERT_EQ(answer.outcomes.size(), commands.size());
  EXPECT_FALSE(answer.outcomes.front().rejection);
  EXPECT_FALSE(answer.outcomes.back().rejection);
  size_t refused = 0;
  for (size_t i = 0; i + 1 < commands.size(); ++i) {
    const auto& rejection = answer.outcomes[i].rejection;
    if (!rejection) continue;
    ++refused;
    EXPECT_TRUE(std::holds_alternative<TooLarge>(*rejection));
    EXPECT_FALSE(engine_->state().orders.contains(absl::StrCat("o-", i)));
  }
  EXPECT_GT(refused, 0u);
  EXPECT_EQ(engine_->state().orders.size(), commands.size() - refused);
  const auto frames = log_->Read(partition_, 1, 1);
  ASSERT_TRUE(frames.ok());
  EXPECT_LE(frames->at(0).size(), storage::kFrameBytesMax);
  // A repetition is told the same.
  const Answer again = Submit("batch", commands);
  EXPECT_TRUE(again.recalled);
  EXPECT_EQ(again.outcomes, answer.outcomes);
}

TEST_F(OrderMachineTest, HoldsEndWhenTheirTimeIsOverAlsoAfterARestart) {
  ASSERT_FALSE(Submit("p", {Placed("o-1", {.ttl = Seconds(60), .cancel_on_expiry = true}),
                            Placed("o-2", {.ttl = Seconds(30)})})
                   .error);
  clock_.Advance(Seconds(30));
  while (engine_->Step()) {
  }
  const auto hold = [this](const std::string& id) {
    return engine_->state().orders.at(id).holds[0].state;
  };
  EXPECT_EQ(hold("o-2"), HoldState::kExpired);
  EXPECT_EQ(hold("o-1"), HoldState::kOpen);
  clock_.Advance(Seconds(30));
  Start();
  while (engine_->Step()) {
  }
  EXPECT_EQ(hold("o-1"), HoldState::kExpired);
  EXPECT_EQ(StateOf(engine_->state().orders.at("o-1")), OrderState::kCancelled);
  EXPECT_EQ(StateOf(*engine_->view().FindOrder("o-1")), OrderState::kCancelled);
}

TEST_F(OrderMachineTest, PoliciesAreReadAlsoAfterARestart) {
  SetFulfilmentPolicy set{.channel_id = "web"};
  set.policy.attempts_max = 3;
  ASSERT_FALSE(Submit("s", {set}).error);
  for (const bool restarted : {false, true}) {
    if (restarted) Start();
    EXPECT_EQ(engine_->view().FindPolicy("web").policy.attempts_max, 3);
    EXPECT_EQ(engine_->view().FindPolicy("app").position, 0) << "the built-in one";
  }
}

}  // namespace
}  // namespace quartermaster::orders
