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
const storage::PartitionId kPartition{"default", "stock/0"};

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
    const CountIndex index = counts.Find("night");
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
        machine.state().counts.Find("night") != CountIndex::kNone &&
        machine.state().counts.At(machine.state().counts.Find("night")).parts_staged == kParts;
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
    EXPECT_EQ(s.counting.count_ids.at(1), "night");
    EXPECT_EQ(s.counting.switching, 0);
    EXPECT_EQ(s.counting.differences, kSkus * 2 - (kSkus + 6) / 7 * 2);
  });
}

}  // namespace
}  // namespace quartermaster::stock
