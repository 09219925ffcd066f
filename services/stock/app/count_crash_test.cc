// A crash at any moment of a staged count: the frame is what is there or not after it, so every
// log that ends with a frame is a crash. None of them loses or repeats anything.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/stock/app/test_machine.h"
#include "services/stock/domain/testing/shop.h"

namespace quartermaster::stock {
namespace {

constexpr int kSkus = 2'000;
constexpr int kParts = 4;

std::string Sku(int i) { return absl::StrCat("K", i); }
int64_t Counted(int i) { return i % 7; }

// Every part has rows of SKUs all over.
StageCount Part(int part, Instant taken) {
  StageCount count;
  count.count_id = "night";
  count.source = "wms1";
  count.taken = taken;
  count.parts = kParts;
  count.part = part;
  for (int i = part - 1; i < kSkus; i += kParts) {
    for (const char* location : {"S1", "S2"}) {
      count.rows.push_back({Sku(i), location, Quantity(Counted(i)), {}});
    }
  }
  return count;
}

class CountCrashTest : public testing::Test {
 protected:
  static Quantity OnHand(const TestMachine& machine, int i, const char* location) {
    const State& state = machine.state();
    return state.positions.Get(state.skus.Find(Sku(i)), state.locations.Find(location)).on_hand;
  }
  static bool IsApplied(const TestMachine& machine) {
    const CountTable& counts = machine.state().counts;
    const CountIndex index = counts.names().Find("night");
    return index != CountIndex::kNone && counts.At(index).state == CountState::kApplied;
  }
  // Each SKU has its old figure at both places or its new one at both.
  static int Switched(const TestMachine& machine) {
    int switched = 0;
    for (int i = 0; i < kSkus; ++i) {
      EXPECT_EQ(OnHand(machine, i, "S1"), OnHand(machine, i, "S2"));
      const bool is_new = OnHand(machine, i, "S1") == Quantity(Counted(i));
      EXPECT_TRUE(is_new || OnHand(machine, i, "S1") == Quantity(50)) << i;
      switched += is_new ? 1 : 0;
    }
    return switched;
  }

  FakeClock clock_;
};

TEST_F(CountCrashTest, WhateverFrameIsTheLastOneTheCountGoesOnOrTheOldFiguresStand) {
  const std::unique_ptr<storage::EventLog> log = storage::NewMemoryLog();
  std::vector<StageCount> parts;
  storage::Position before = 0;
  {
    TestMachine machine(log.get(), &clock_);
    TestSubmission stock(Command{});
    for (int i = 0; i < kSkus; ++i) {
      for (const char* location : {"S1", "S2"}) {
        stock.facts.push_back(Shop::Fact(AdjustmentKind::kReceived, Sku(i), location, 50));
      }
    }
    machine.sequencer().Submit(&stock);
    machine.sequencer().Step();
    clock_.Advance(Seconds(60));
    before = machine.sequencer().head();
    for (int part = 1; part <= kParts; ++part) {
      parts.push_back(Part(part, clock_.Now()));
      machine.Do(parts.back());
    }
    // Others work while it is switched: a frame in between, and not one that waits for all of it.
    int frames = 0;
    while (!IsApplied(machine)) {
      ASSERT_LT(++frames, 100);
      const TestSubmission sold = machine.Do(Shop::Fact(AdjustmentKind::kSold, "other", "S1", -1));
      EXPECT_EQ(sold.fate, engine::Fate::kDecided);
    }
    EXPECT_GE(frames, 3);
    EXPECT_EQ(Switched(machine), kSkus);
  }
  const auto frames = log->Read(kPartition, 1, size_t{1} << 40);
  ASSERT_TRUE(frames.ok());
  int in_the_middle = 0;
  for (size_t kept = 1; kept <= frames->size(); ++kept) {
    const std::unique_ptr<storage::EventLog> crashed = storage::NewMemoryLog();
    const auto lease = crashed->Acquire(kPartition);
    ASSERT_TRUE(lease.ok());
    storage::Position head = 0;
    for (size_t i = 0; i < kept; ++i) {
      ASSERT_TRUE(crashed->Append(kPartition, lease->epoch, head, (*frames)[i]).ok());
      head = storage::FrameView::Parse((*frames)[i])->last_position();
    }
    if (head < before) continue;
    TestMachine machine(crashed.get(), &clock_);
    const int switched = Switched(machine);
    const bool all_staged =
        machine.state().counts.names().Find("night") != CountIndex::kNone &&
        machine.state().counts.At(machine.state().counts.names().Find("night")).parts_staged ==
            kParts;
    in_the_middle += switched > 0 && switched < kSkus ? 1 : 0;
    if (!all_staged) {
      // It left the previous figures; whoever sends it again brings it to its end.
      EXPECT_EQ(switched, 0);
      while (machine.sequencer().Step()) {
      }
      EXPECT_EQ(Switched(machine), 0);
      for (const StageCount& part : parts) {
        EXPECT_FALSE(machine.Do(part).result.rejection.has_value());
      }
    }
    while (machine.sequencer().Step()) {
    }
    EXPECT_TRUE(IsApplied(machine));
    EXPECT_EQ(Switched(machine), kSkus);
    const Count& count = machine.state().counts.At(CountIndex{1});
    EXPECT_EQ(count.positions, 2 * kSkus);
    EXPECT_EQ(count.superseded + count.too_old, 0);
    if (HasFailure()) FAIL() << "after " << kept << " frames";
  }
  EXPECT_GE(in_the_middle, 3);
}

TEST_F(CountCrashTest, AFrameSwitchesNoMoreThanItsShareWhateverIsInIt) {
  const std::unique_ptr<storage::EventLog> log = storage::NewMemoryLog();
  TestMachine machine(log.get(), &clock_);
  for (int part = 1; part <= kParts; ++part) machine.Do(Part(part, clock_.Now()));
  const auto switched = [&] { return machine.state().counts.At(CountIndex{1}).positions; };
  const int64_t before = switched();
  ASSERT_LE(before, 500);
  // Who asks how far it is, and whose own count lacks parts, does not switch it.
  std::vector<std::unique_ptr<TestSubmission>> batch;
  for (int i = 1; i <= 9; ++i) {
    batch.push_back(std::make_unique<TestSubmission>(GetCount{"night"}));
    StageCount other = Part(1, clock_.Now());
    other.count_id = "other";
    other.parts = 10;
    other.part = i;
    batch.push_back(std::make_unique<TestSubmission>(other));
  }
  for (const auto& submission : batch) machine.sequencer().Submit(submission.get());
  machine.sequencer().Step();
  for (size_t i = 0; i < batch.size(); i += 2) {
    ASSERT_TRUE(batch[i]->result.count.has_value());
    EXPECT_EQ(batch[i]->result.count->positions, before);
  }
  EXPECT_EQ(switched(), before + 500);
  // Nor do many small counts that are complete.
  batch.clear();
  for (int i = 0; i < 4; ++i) {
    StageCount small = Part(1, clock_.Now());
    small.count_id = absl::StrCat("small", i);
    small.parts = 1;
    small.rows.resize(300);
    batch.push_back(std::make_unique<TestSubmission>(small));
    machine.sequencer().Submit(batch.back().get());
  }
  machine.sequencer().Step();
  EXPECT_EQ(batch[0]->result.count->state, CountState::kApplied);
  EXPECT_EQ(batch[3]->result.count->state, CountState::kSwitching);
  int64_t positions = 0;
  for (uint32_t i = 3; i <= 6; ++i) {
    const Count& count = machine.state().counts.At(CountIndex{i});
    positions += count.positions + count.superseded;
  }
  EXPECT_EQ(positions, 500);
  EXPECT_EQ(switched(), before + 500);
}

TEST_F(CountCrashTest, ASmallCountIsThereWhenItsAnswerIsThoughALargeOneIsUnderWay) {
  const std::unique_ptr<storage::EventLog> log = storage::NewMemoryLog();
  auto machine = std::make_unique<TestMachine>(log.get(), &clock_);
  for (int part = 1; part <= kParts; ++part) machine->Do(Part(part, clock_.Now()));
  ASSERT_FALSE(IsApplied(*machine));
  clock_.Advance(Seconds(10));
  StageCount small;
  small.count_id = "small";
  small.source = "staff";
  small.taken = clock_.Now();
  for (int i = 0; i < 500; ++i) {
    small.rows.push_back({Sku(i * 4), i % 2 == 0 ? "S1" : "S2", Quantity(99), {}});
  }
  const TestSubmission answer = machine->Do(small, "request");
  ASSERT_TRUE(answer.result.count.has_value());
  EXPECT_EQ(answer.result.count->state, CountState::kApplied);
  EXPECT_EQ(answer.result.count->positions, 500);
  ASSERT_FALSE(IsApplied(*machine));
  // A crash in the middle of the large one.
  const std::string before = DumpState(machine->state());
  machine = std::make_unique<TestMachine>(log.get(), &clock_);
  EXPECT_EQ(DumpState(machine->state()), before);
  while (machine->sequencer().Step()) {
  }
  EXPECT_TRUE(IsApplied(*machine));
  for (int i = 0; i < 500; ++i) {
    EXPECT_EQ(OnHand(*machine, i * 4, i % 2 == 0 ? "S1" : "S2"), Quantity(99));
    EXPECT_EQ(OnHand(*machine, i * 4, i % 2 == 0 ? "S2" : "S1"), Quantity(Counted(i * 4)));
  }
}

TEST_F(CountCrashTest, AnIdleWriterSwitchesAndThenRests) {
  const std::unique_ptr<storage::EventLog> log = storage::NewMemoryLog();
  TestMachine machine(log.get(), &clock_);
  for (int part = 1; part <= kParts; ++part) machine.Do(Part(part, clock_.Now()));
  EXPECT_FALSE(IsApplied(machine));
  int slices = 0;
  while (machine.sequencer().Step()) ++slices;
  EXPECT_TRUE(IsApplied(machine));
  EXPECT_GE(slices, 3);
  // What the view shows is what was decided.
  machine.view().With([&](const StockSnapshot& s) {
    EXPECT_EQ(s.counting.counts.Name(CountIndex{1}), "night");
    EXPECT_EQ(s.counting.switching, 0);
    EXPECT_EQ(s.counting.differences, kSkus * 2 - (kSkus + 6) / 7 * 2);
  });
}

}  // namespace
}  // namespace quartermaster::stock
