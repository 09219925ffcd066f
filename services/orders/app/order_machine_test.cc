// The machine under its sequencer: what a frame cannot hold.
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
  OrderMachineTest() {
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

}  // namespace
}  // namespace quartermaster::orders
