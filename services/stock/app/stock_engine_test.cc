#include "services/stock/app/stock_engine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>  // NOLINT(modernize-deprecated-headers): POSIX, not C

#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "services/stock/app/test_machine.h"

namespace quartermaster::stock {
namespace {

// The catalog is asked first about a name that is not known; the queue has room for one.
TEST(StockEngineTest, SaysWhyItDidNotTakeWhatTheCatalogWasAskedAbout) {
  const auto log = storage::NewMemoryLog();
  FakeClock clock;
  std::vector<absl::AnyInvocable<void(bool)>> asked;
  StockEngineOptions options;
  options.sequencer.partition = {"default", "stock/0"};
  options.sequencer.queue_commands_max = 1;
  options.learn_names = [&asked](absl::AnyInvocable<void(bool)> done) {
    asked.push_back(std::move(done));
    return true;
  };
  auto engine = StockEngine::Open(std::move(options), log.get(), &clock);
  ASSERT_TRUE(engine.ok()) << engine.status();
  ASSERT_TRUE((*engine)->Acquire().ok());
  TestSubmission taken(RegisterSku{"A"}), late(RegisterSku{"B"}), unknown(RegisterSku{"C"});
  for (TestSubmission* submission : {&taken, &late, &unknown}) {
    submission->resolve_again = [](const Inventory&) {};
    EXPECT_EQ((*engine)->Submit(submission), engine::Sequencer::Admission::kAccepted);
  }
  ASSERT_EQ(asked.size(), 3u);
  asked[0](true);
  asked[1](true);
  asked[2](false);
  EXPECT_EQ(taken.done, 0);
  EXPECT_EQ(late.done, 1);
  EXPECT_EQ(late.fate, engine::Fate::kQueueFull);
  EXPECT_EQ(unknown.fate, engine::Fate::kNotServing);
  (*engine)->Stop();
  EXPECT_EQ(taken.done, 1);
  EXPECT_EQ(taken.fate, engine::Fate::kDecided);
}

// A log that has lost its end looks whole to itself; the ledger remembers.
TEST(StockEngineTest, ALogThatEndsBeforeItsLedgerIsNotServed) {
  std::string directory = testing::TempDir() + "/stock_engine_test_XXXXXX";
  ASSERT_NE(mkdtemp(directory.data()), nullptr);
  FakeClock clock;
  const auto open = [&](storage::EventLog* log) {
    StockEngineOptions options;
    options.sequencer.partition = {"default", "stock/0"};
    options.store_directory = directory;
    auto engine = StockEngine::Open(std::move(options), log, &clock);
    EXPECT_TRUE(engine.ok()) << engine.status();
    return *std::move(engine);
  };
  const auto log = storage::NewMemoryLog();
  {
    const auto engine = open(log.get());
    ASSERT_TRUE(engine->Acquire().ok());
    TestSubmission received{ReserveStock()};
    Adjustment fact;
    fact.sku = "A";
    fact.location = "S1";
    fact.delta = Quantity(1);
    received.facts.push_back({fact, {}});
    ASSERT_EQ(engine->Submit(&received), engine::Sequencer::Admission::kAccepted);
    engine->Stop();
    ASSERT_EQ(received.fate, engine::Fate::kDecided);
  }
  EXPECT_TRUE(open(log.get())->Acquire().ok());
  const auto shorter = storage::NewMemoryLog();
  const absl::Status refused = open(shorter.get())->Acquire();
  EXPECT_TRUE(absl::IsDataLoss(refused)) << refused;
  EXPECT_THAT(std::string(refused.message()), testing::HasSubstr(directory));
  std::filesystem::remove_all(directory);
}

}  // namespace
}  // namespace quartermaster::stock
