#include "services/stock/app/stock_engine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>  // NOLINT(modernize-deprecated-headers): POSIX, not C

#include <deque>
#include <filesystem>
#include <future>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/base/testing/seed.h"
#include "services/stock/app/test_machine.h"
#include "storage/test_frames.h"

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

// Keys leave memory for the archive, and the process is ended, killed and restarted: each effect
// and each message counts once all the same.
TEST(StockEngineTest, WhatHappenedOnceNeverHappensAgain) {
  std::mt19937_64 random(TestSeed());
  std::string directory = testing::TempDir() + "/stock_engine_test_XXXXXX";
  ASSERT_NE(mkdtemp(directory.data()), nullptr);
  const auto log = storage::NewMemoryLog();
  FakeClock clock;
  const auto open = [&] {
    StockEngineOptions options;
    options.sequencer.partition = {"default", "stock/0"};
    options.sequencer.frame_commands_max = 3;
    options.store_directory = directory;
    options.kept.once_keys = 4;
    auto engine = *StockEngine::Open(std::move(options), log.get(), &clock);
    EXPECT_TRUE(engine->Acquire().ok());
    return engine;
  };
  auto engine = open();
  const auto wait_for_archive = [&] {
    std::promise<void> written;
    EXPECT_TRUE(engine->ledger()->Query([&](const Ledger&) { written.set_value(); }));
    written.get_future().wait();
  };
  std::map<int, int64_t> happened;
  int64_t on_hand = 0;
  for (int round = 0; round < 300; ++round) {
    clock.Advance(Seconds(1));
    if (random() % 20 == 0) {
      EXPECT_TRUE(engine->MakeCheckpoint().ok());
    }
    if (random() % 20 == 0) {
      // A kill leaves the store as it was some time ago, or takes it: it is brought up to the log.
      const std::string killed = directory + "_killed";
      const uint64_t how = random() % 4;
      if (how < 2) storage::CopyLiving(directory, killed);
      engine.reset();
      if (how < 3) std::filesystem::remove_all(directory);
      if (how < 2) std::filesystem::rename(killed, directory);
      engine = open();
    }
    // Several wait for their frame together, with up to three facts each.
    struct Told {
      int key;
      int64_t delta;
    };
    std::vector<std::vector<Told>> told(1 + random() % 8);
    std::deque<TestSubmission> submissions;
    for (std::vector<Told>& facts : told) {
      TestSubmission& submission = submissions.emplace_back(ReserveStock());
      for (uint64_t n = 1 + random() % 3; n > 0; --n) {
        // An effect, a numbered message, or one that has an id.
        const int key = static_cast<int>(random() % 600);
        const auto delta = static_cast<int64_t>(1 + random() % 2);
        Adjustment fact;
        fact.sku = "A";
        fact.location = "S1";
        fact.delta = Quantity(delta);
        if (key % 3 == 0) fact.effect_key = absl::StrCat("effect-", key);
        if (key % 3 == 1) fact.message = {"till", key, ""};
        if (key % 3 == 2) fact.message = {"warehouse", 0, absl::StrCat("message-", key)};
        submission.facts.push_back({fact, {}});
        facts.push_back({key, delta});
      }
      ASSERT_EQ(engine->Submit(&submission), engine::Sequencer::Admission::kAccepted);
    }
    // What they were looked up in has grown since, and memory has less.
    if (random() % 4 == 0) wait_for_archive();
    while (engine->sequencer().Step()) {
    }
    for (size_t i = 0; i < told.size(); ++i) {
      ASSERT_EQ(submissions[i].done, 1);
      for (size_t n = 0; n < told[i].size(); ++n) {
        const auto& [key, delta] = told[i][n];
        const AdjustmentResult& result = submissions[i].result.adjustments[n];
        const auto [known, is_new] = happened.try_emplace(key, delta);
        ASSERT_EQ(result.rejection.has_value(), known->second != delta) << key;
        ASSERT_EQ(result.duplicate, !is_new && known->second == delta) << key;
        if (is_new) on_hand += delta;
      }
    }
  }
  wait_for_archive();
  EXPECT_TRUE(engine->ledger()->has_once());
  engine->view().With([&](const StockSnapshot& snapshot) {
    const SkuIndex sku = snapshot.inventory.skus.Find("A");
    const LocationIndex location = snapshot.inventory.locations.Find("S1");
    EXPECT_EQ(snapshot.inventory.positions.Get(sku, location).on_hand, Quantity(on_hand));
  });
  engine.reset();
  std::filesystem::remove_all(directory);
}

// A store knows how much was in memory beside it: with more room there than before, or less, it is
// made anew.
TEST(StockEngineTest, AStoreOfAnotherMemoryIsMadeAnew) {
  std::string directory = testing::TempDir() + "/stock_engine_test_XXXXXX";
  ASSERT_NE(mkdtemp(directory.data()), nullptr);
  const auto log = storage::NewMemoryLog();
  FakeClock clock;
  for (const size_t kept : {100, 4, 50, 1}) {
    StockEngineOptions options;
    options.sequencer.partition = {"default", "stock/0"};
    options.store_directory = directory;
    options.kept.once_keys = kept;
    auto engine = *StockEngine::Open(std::move(options), log.get(), &clock);
    ASSERT_TRUE(engine->Acquire().ok());
    for (int i = 0; i < 20; ++i) {
      clock.Advance(Seconds(1));
      TestSubmission sold{ReserveStock()};
      Adjustment fact;
      fact.sku = "A";
      fact.location = "S1";
      fact.delta = Quantity(-1);
      fact.effect_key = absl::StrCat("receipt-", i);
      sold.facts.push_back({fact, {}});
      ASSERT_EQ(engine->Submit(&sold), engine::Sequencer::Admission::kAccepted);
      engine->sequencer().Step();
      ASSERT_EQ(sold.result.adjustments.at(0).on_hand, Quantity(kept == 100 ? -1 - i : -20)) << i;
    }
  }
  std::filesystem::remove_all(directory);
}

}  // namespace
}  // namespace quartermaster::stock
