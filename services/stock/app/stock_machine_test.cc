// The machine under its sequencer: repeated requests, restarts, and the view that readers get.
#include "services/stock/app/stock_machine.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "services/base/testing/seed.h"
#include "services/stock/app/test_machine.h"
#include "services/stock/domain/testing/random_commands.h"
#include "services/stock/domain/testing/shop.h"

namespace quartermaster::stock {
namespace {

using engine::Fate;

class StockMachineTest : public testing::Test {
 protected:
  std::unique_ptr<storage::EventLog> log_ = storage::NewMemoryLog();
  FakeClock clock_;
};

HoldLine LineAt(const State& state, const char* sku, int64_t quantity, const char* location) {
  return {.line_id = "",
          .sku = state.skus.Find(sku),
          .location = state.locations.Find(location),
          .quantity = Quantity(quantity)};
}

ReserveStock Reserve(const std::string& owner, HoldLines lines) {
  ReserveStock reserve;
  reserve.owner = owner;
  reserve.lines = std::move(lines);
  reserve.ttl = kTtl;
  return reserve;
}

// What readers see is what was decided.
void ExpectViewIsState(TestMachine& machine) {
  machine.view().With([&](const StockSnapshot& s) {
    EXPECT_EQ(s.head, machine.sequencer().head());
    const State& state = machine.state();
    ASSERT_EQ(s.inventory.skus.size(), state.skus.size());
    ASSERT_EQ(s.inventory.locations.size(), state.locations.size());
    ASSERT_EQ(s.inventory.pool_names.size(), state.pool_names.size());
    for (size_t i = 0; i < state.pools.size(); ++i) {
      EXPECT_EQ(s.inventory.pools[i].locations, state.pools[i].locations);
    }
    for (uint32_t l = 1; l <= state.locations.size(); ++l) {
      const auto location = static_cast<LocationIndex>(l);
      EXPECT_EQ(s.inventory.IsPaused(location), state.IsPaused(location));
      for (uint32_t sku = 1; sku <= state.skus.size(); ++sku) {
        EXPECT_EQ(s.inventory.positions.Get(static_cast<SkuIndex>(sku), location),
                  state.positions.Get(static_cast<SkuIndex>(sku), location));
        EXPECT_EQ(s.inventory.conditions.Get(static_cast<SkuIndex>(sku), location),
                  state.conditions.Get(static_cast<SkuIndex>(sku), location));
      }
    }
  });
}

TEST_F(StockMachineTest, ARepeatedRequestOfEveryKindGetsItsFirstResult) {
  struct Asked {
    Command command;
    std::vector<AdjustStock> facts;
    Result result;
    storage::Position position;
  };
  std::vector<Asked> asked;
  auto machine = std::make_unique<TestMachine>(log_.get(), &clock_);
  const auto ask = [&](Command command, std::vector<AdjustStock> facts = {}) {
    TestSubmission submission(command, absl::StrCat("request-", asked.size()));
    submission.facts = facts;
    machine->sequencer().Submit(&submission);
    machine->sequencer().Step();
    EXPECT_EQ(submission.fate, Fate::kDecided);
    asked.push_back({command, facts, submission.result, submission.position});
    return submission.result;
  };
  const State& state = machine->state();
  ask({}, {Shop::Fact(AdjustmentKind::kReceived, "A", "S1", 10, "k"),
           Shop::Fact(AdjustmentKind::kReceived, "A", "S2", 3),
           Shop::Fact(AdjustmentKind::kReceived, "A", "S1", 11, "k")});
  ask(SetPool{"web", {state.locations.Find("S1"), state.locations.Find("S2")}, {}});
  HoldLine pooled = LineAt(state, "A", 12, "S1");
  pooled.from_pool = true;
  pooled.pool = state.pool_names.Find("web");
  const ReservationId split = ask(Reserve("pool", {pooled})).held->reservation;
  ask(ReleaseReservation{split, {}, false, {}});
  ReserveStock partial = Reserve("partial", {LineAt(state, "A", 5, "S2")});
  partial.allow_partial = true;
  const ReservationId part = ask(partial).held->reservation;
  const ReservationId held = ask(Reserve("cart", {LineAt(state, "A", 2, "S1")})).held->reservation;
  ask(Reserve("other", {LineAt(state, "A", 99, "S1")}));  // refused
  ask(Reserve("other", {LineAt(state, "no such", 1, "S1")}));
  const ReservationId updated =
      ask(UpdateReservation{held, {LineAt(state, "A", 3, "S1")}, {}, {}}).held->reservation;
  ask(ExtendReservation{updated, Seconds(60), {}});
  ask(BindReservation{updated, {{"0", {{state.locations.Find("S1"), Quantity(3)}}}}, {}});
  ask(ConfirmReservation{updated, {}, "", {}});
  ask(ConfirmReservation{updated, {}, "", {}});  // refused
  ask(FulfilReservation{updated, {{"0", true, LocationIndex::kNone, Quantity(1)}}, {}});
  ask(ReleaseReservation{updated, {}, true, {}});
  ask(FulfilReservation{part, {}, {}});
  ChangeCondition aside{state.skus.Find("A"), state.locations.Find("S1"),
                        Condition::kSellable, Condition::kDamaged,
                        Quantity(1),          {}};
  ask(aside);
  aside.quantity = Quantity(99);
  ask(aside);  // refused

  StageCount count;
  count.count_id = "c";
  count.source = "wms1";
  count.taken = clock_.Now();
  count.parts = 2;
  count.rows = {{"A", "S1", Quantity(6), {}}};
  ask(count);
  count.part = 2;
  count.rows = {{"A", "S1", Quantity(1), {}}, {"N", "S1", Quantity(1), {}}};
  const Result counted = ask(count);
  EXPECT_EQ(counted.count->state, CountState::kApplied);
  EXPECT_EQ(counted.count->positions, 2);
  count.rows.clear();
  EXPECT_EQ(ask(count).rejection->kind, RejectionKind::kCountReused);
  AdjustStock told = Shop::Told(Shop::Fact(AdjustmentKind::kSold, "A", "S2", -9), "till", 3);
  ask({}, {told, told});

  const auto ask_again = [&] {
    for (size_t i = 0; i < asked.size(); ++i) {
      TestSubmission again(asked[i].command, absl::StrCat("request-", i));
      again.facts = asked[i].facts;
      machine->sequencer().Submit(&again);
      machine->sequencer().Step();
      EXPECT_EQ(again.fate, Fate::kRecalled) << i;
      EXPECT_EQ(again.position, asked[i].position) << i;
      EXPECT_TRUE(again.result == asked[i].result) << i;
    }
  };
  const storage::Position head = machine->sequencer().head();
  ask_again();
  machine = std::make_unique<TestMachine>(log_.get(), &clock_);
  ask_again();
  EXPECT_EQ(machine->sequencer().head(), head);
}

TEST_F(StockMachineTest, RandomCommandsMakeTheSameStateAfterARestartAndTheViewFollows) {
  const uint64_t seed = TestSeed();
  SCOPED_TRACE(absl::StrCat("seed ", seed));
  RandomCommands random(seed);
  // Every other one forgets what ended as soon as it may.
  StockMachine::Kept kept;
  if (seed % 2 == 0) kept.reservations = {.expired = 8, .others = 8};
  const auto start = [&] {
    return std::make_unique<TestMachine>(log_.get(), &clock_, nullptr, engine::SequencerOptions(),
                                         kept);
  };
  auto machine = start();
  for (const char* sku : {"K0", "K1", "K2", "X0", "X1"}) machine->Do(RegisterSku{sku});
  for (const char* location : {"L0", "L1", "L2"}) machine->Do(RegisterLocation{location, false});
  for (int restart = 0; restart < 5; ++restart) {
    for (int i = 0; i < 100; ++i) {
      clock_.Advance(random.NextWait());
      // Several commands share a frame.
      std::vector<std::unique_ptr<TestSubmission>> batch;
      for (int n = random.Below(4); n >= 0; --n) {
        batch.push_back(std::make_unique<TestSubmission>(
            random.Next(machine->state(), clock_.Now()),
            random.Below(2) == 0 ? "" : absl::StrCat(restart, "/", i, "/", n)));
        if (auto* fact = std::get_if<AdjustStock>(&batch.back()->command)) {
          batch.back()->facts = {*fact};
        }
        machine->sequencer().Submit(batch.back().get());
      }
      machine->sequencer().Step();
      // Without a ledger they are gone.
      EXPECT_TRUE(machine->state().forgotten.empty());
      ExpectViewIsState(*machine);
      ASSERT_FALSE(HasFailure());
    }
    const std::string before = DumpState(machine->state());
    machine = start();
    ASSERT_EQ(DumpState(machine->state()), before);
    ExpectViewIsState(*machine);
  }
}

TEST_F(StockMachineTest, MoreHoldsThanAFrameEndsAreStillOverForWhoeverAsks) {
  engine::SequencerOptions options;
  options.expiries_per_frame_max = 1;
  TestMachine machine(log_.get(), &clock_, nullptr, options);
  machine.Do(Shop::Fact(AdjustmentKind::kReceived, "A", "S1", 3));
  const State& state = machine.state();
  std::vector<ReservationId> holds;
  for (const char* owner : {"a", "b", "c"}) {
    holds.push_back(machine.Hold(Reserve(owner, {LineAt(state, "A", 1, "S1")})));
  }
  clock_.Advance(kTtl);
  const ReservationId all = machine.Hold(Reserve("d", {LineAt(state, "A", 3, "S1")}));
  for (const ReservationId id : holds) {
    EXPECT_EQ(state.FindReservation(id)->state, ReservationState::kExpired);
  }
  EXPECT_EQ(state.FindReservation(all)->state, ReservationState::kHeld);
}

// 100,000 holds of one unit each on "A", and one on "B", all overdue at once.
TEST_F(StockMachineTest, ABacklogOnOneSkuIsSpreadOverFramesAndNoCommandFindsItsUnits) {
  constexpr int kHolds = 100'000;
  auto machine = std::make_unique<TestMachine>(log_.get(), &clock_);
  TestSubmission facts(Command{});
  facts.facts = {Shop::Fact(AdjustmentKind::kReceived, "A", "S1", kHolds),
                 Shop::Fact(AdjustmentKind::kReceived, "B", "S1", 1)};
  machine->sequencer().Submit(&facts);
  machine->sequencer().Step();
  const State& state = machine->state();
  for (int i = 0; i < kHolds; i += 1'000) {
    std::vector<std::unique_ptr<TestSubmission>> batch;
    for (int n = i; n < i + 1'000; ++n) {
      batch.push_back(std::make_unique<TestSubmission>(
          Reserve(absl::StrCat("cart-", n), {LineAt(state, "A", 1, "S1")})));
      machine->sequencer().Submit(batch.back().get());
    }
    machine->sequencer().Step();
  }
  machine->Hold(Reserve("b", {LineAt(state, "B", 1, "S1")}));
  clock_.Advance(kTtl);
  const storage::Position before = machine->sequencer().head();

  TestSubmission of_b(Reserve("c", {LineAt(state, "B", 1, "S1")}));
  TestSubmission too_much(Reserve("d", {LineAt(state, "A", kHolds + 1, "S1")}));
  TestSubmission all(Reserve("e", {LineAt(state, "A", kHolds, "S1")}));
  for (TestSubmission* one : {&of_b, &too_much, &all}) machine->sequencer().Submit(one);
  int frames = 0;
  while (all.done == 0) {
    ASSERT_TRUE(machine->sequencer().Step());
    ++frames;
    // Who needs nothing of the backlog does not wait for it.
    EXPECT_EQ(of_b.done, 1);
    if (frames == 3) {
      // What is left is left to whoever comes next.
      ExpectViewIsState(*machine);
      EXPECT_EQ(all.done, 0);
    }
  }
  ASSERT_TRUE(too_much.result.rejection.has_value());
  EXPECT_EQ(too_much.result.rejection->short_lines.at(0).available, Quantity(kHolds));
  EXPECT_TRUE(of_b.result.held.has_value());
  EXPECT_TRUE(all.result.held.has_value());
  EXPECT_EQ(state.positions.Get(SkuIndex{1}, LocationIndex{1}).reserved, Quantity(kHolds));
  // 1,000 of themselves and 10,000 for the command.
  EXPECT_EQ(frames, (kHolds + 10'999) / 11'000);
  const auto read = log_->Read({"default", "stock/0"}, before + 1, 64 << 20);
  ASSERT_TRUE(read.ok());
  for (const std::string& frame : *read) EXPECT_LT(frame.size(), 256u << 10);
  machine = std::make_unique<TestMachine>(log_.get(), &clock_);
  EXPECT_EQ(machine->state().holds.size(), 2u);
}

// A full count that finds nothing of 500 SKUs which 20,000 holds rely on.
TEST_F(StockMachineTest, WhatACountLeavesShortIsSettledOverFrames) {
  constexpr int kSkus = 500;
  constexpr int kHolds = 40;
  TestMachine machine(log_.get(), &clock_);
  TestSubmission facts(Command{});
  StageCount count;
  for (int sku = 0; sku < kSkus; ++sku) {
    const std::string name = absl::StrCat("K", sku);
    facts.facts.push_back(Shop::Fact(AdjustmentKind::kReceived, name, "S1", kHolds));
    count.rows.push_back({name, "S1", {}, {}});
  }
  machine.sequencer().Submit(&facts);
  machine.sequencer().Step();
  const State& state = machine.state();
  for (int i = 0; i < kHolds; ++i) {
    std::vector<std::unique_ptr<TestSubmission>> batch;
    for (int sku = 0; sku < kSkus; ++sku) {
      batch.push_back(std::make_unique<TestSubmission>(
          Reserve(absl::StrCat("cart-", i, "/", sku),
                  {LineAt(state, absl::StrCat("K", sku).c_str(), 1, "S1")})));
      machine.sequencer().Submit(batch.back().get());
    }
    machine.sequencer().Step();
  }
  clock_.Advance(Seconds(10));
  count.count_id = "c";
  count.source = "wms1";
  count.taken = clock_.Now();
  count.full_at = {"S1"};
  const storage::Position before = machine.sequencer().head();
  machine.Do(count);
  EXPECT_GT(state.counts.At(CountIndex{1}).positions, kSkus / 2);
  EXPECT_FALSE(state.unsettled.empty());
  while (machine.sequencer().Step()) {
  }
  EXPECT_TRUE(state.unsettled.empty());
  EXPECT_EQ(state.uncovered.size(), static_cast<size_t>(kSkus));
  const auto read = log_->Read({"default", "stock/0"}, before + 1, 64 << 20);
  ASSERT_TRUE(read.ok());
  for (const std::string& frame : *read) EXPECT_LT(frame.size(), 256u << 10);
}

TEST_F(StockMachineTest, AnOwnersOpenHoldIsFoundHoweverManyReservationsCameBeforeIt) {
  TestMachine machine(log_.get(), &clock_);
  machine.Do(Shop::Fact(AdjustmentKind::kReceived, "A", "S1", 3));
  const State& state = machine.state();
  // More than one listing looks at.
  std::vector<std::unique_ptr<TestSubmission>> earlier;
  for (int i = 0; i < 20'001; ++i) {
    earlier.push_back(
        std::make_unique<TestSubmission>(Reserve("a", {LineAt(state, "A", 1, "S1")})));
    machine.sequencer().Submit(earlier.back().get());
    if (i % 1'000 == 0) machine.sequencer().Step();
  }
  machine.sequencer().Step();
  while (machine.sequencer().Step()) {
  }
  const ReservationId latest = machine.Hold(Reserve("b", {LineAt(state, "A", 1, "S1")}));
  const TestSubmission listed =
      machine.Do(ListReservations{"b", ReservationState::kHeld, ReservationId::kNone, 100});
  ASSERT_EQ(listed.result.list.size(), 1u);
  EXPECT_EQ(listed.result.list[0].id, latest);
  EXPECT_EQ(listed.result.more_after, ReservationId::kNone);
}

TEST_F(StockMachineTest, AnIdleWriterEndsWhatIsDue) {
  TestMachine machine(log_.get(), &clock_);
  machine.Do(Shop::Fact(AdjustmentKind::kReceived, "A", "S1", 3));
  machine.Hold(Reserve("a", {LineAt(machine.state(), "A", 1, "S1")}));
  EXPECT_FALSE(machine.sequencer().Step());
  clock_.Advance(kTtl);
  EXPECT_TRUE(machine.sequencer().Step());
  machine.view().With([](const StockSnapshot& s) {
    EXPECT_EQ(s.inventory.positions.Get(SkuIndex{1}, LocationIndex{1}).reserved, Quantity(0));
  });
  EXPECT_EQ(machine.sequencer().Stats().expired, 1u);
}

TEST_F(StockMachineTest, QueriesReadWhatWasDecidedBeforeThem) {
  TestMachine machine(log_.get(), &clock_);
  machine.Do(Shop::Fact(AdjustmentKind::kReceived, "A", "S1", 9));
  const State& state = machine.state();
  std::vector<ReservationId> ids;
  for (const char* owner : {"a", "b", "a", "c"}) {
    ids.push_back(machine.Hold(Reserve(owner, {LineAt(state, "A", 2, "S1")})));
  }
  const storage::Position head = machine.sequencer().head();
  const auto list = [&](const std::string& owner, std::optional<ReservationState> wanted,
                        ReservationId after, int limit) {
    const TestSubmission listed = machine.Do(ListReservations{owner, wanted, after, limit});
    std::vector<ReservationId> got;
    for (const Reservation& r : listed.result.list) got.push_back(r.id);
    return std::pair(got, listed.result.more_after);
  };
  using Page = std::pair<std::vector<ReservationId>, ReservationId>;
  EXPECT_EQ(list("", {}, ReservationId::kNone, 3), (Page{{ids[0], ids[1], ids[2]}, ids[2]}));
  EXPECT_EQ(list("", {}, ids[2], 3), (Page{{ids[3]}, ReservationId::kNone}));
  // A page that ends with the last one is the last page.
  EXPECT_EQ(list("", {}, ids[2], 1), (Page{{ids[3]}, ReservationId::kNone}));
  EXPECT_EQ(list("a", {}, ReservationId::kNone, 9), (Page{{ids[0], ids[2]}, ReservationId::kNone}));
  EXPECT_EQ(list("", ReservationState::kReplaced, ReservationId::kNone, 9),
            (Page{{ids[0]}, ReservationId::kNone}));
  EXPECT_EQ(list("a", ReservationState::kHeld, ReservationId::kNone, 9),
            (Page{{ids[2]}, ReservationId::kNone}));
  EXPECT_EQ(list("a", ReservationState::kHeld, ids[2], 9), (Page{{}, ReservationId::kNone}));
  EXPECT_EQ(list("x", ReservationState::kHeld, ReservationId::kNone, 9),
            (Page{{}, ReservationId::kNone}));
  // The asker's own hold is added back.
  const StockKey key{.sku = SkuIndex{1}, .location = LocationIndex{1}};
  EXPECT_EQ(machine.Do(GetAvailability{{key}, "c"}).result.availabilities[0].available,
            Quantity(5));
  EXPECT_EQ(machine.Do(GetAvailability{{key}, "stranger"}).result.availabilities[0].available,
            Quantity(3));
  const TestSubmission unknown = machine.Do(GetAvailability{{key, StockKey{}}, "c"});
  EXPECT_EQ(unknown.result.rejection->kind, RejectionKind::kItemNotFound);
  EXPECT_EQ(unknown.result.rejection->line, 1);
  EXPECT_EQ(machine.sequencer().head(), head);
}

// Holds as long as a frame allows, and longer: every unit of a line at a location of its own.
class LongHoldTest : public StockMachineTest {
 protected:
  static constexpr int kLocations = 1'000;
  static constexpr int kSkus = 80;

  LongHoldTest() {
    for (int sku = 0; sku < kSkus; ++sku) {
      TestSubmission facts({}, "");
      for (int location = 0; location < kLocations; ++location) {
        facts.facts.push_back(Shop::Fact(AdjustmentKind::kReceived, absl::StrCat("K", sku),
                                         absl::StrCat("L", location), 1));
      }
      machine_.sequencer().Submit(&facts);
      machine_.sequencer().Step();
      EXPECT_EQ(facts.fate, Fate::kDecided);
    }
    SetPool pool;
    pool.pool = "everywhere";
    for (int location = 0; location < kLocations; ++location) {
      pool.locations.push_back(machine_.state().locations.Find(absl::StrCat("L", location)));
    }
    machine_.Do(pool);
  }
  ReserveStock HoldOf(const std::string& owner, int skus, int64_t quantity) {
    ReserveStock reserve = Reserve(owner, {});
    reserve.allow_partial = true;
    for (int sku = 0; sku < skus; ++sku) {
      HoldLine& line = reserve.lines.emplace_back();
      line.sku = machine_.state().skus.Find(absl::StrCat("K", sku));
      line.from_pool = true;
      line.pool = machine_.state().pool_names.Find("everywhere");
      line.quantity = Quantity(quantity);
    }
    return reserve;
  }

  TestMachine machine_{log_.get(), &clock_};
};

TEST_F(LongHoldTest, AHoldThatDoesNotFitIntoAFrameIsRefusedAndNothingIsHalfDone) {
  const storage::Position head = machine_.sequencer().head();
  // Two lines' worth beyond what a location has, so that the outcome tells of short lines too.
  const TestSubmission refused = machine_.Do(HoldOf("cart", kSkus, kLocations + 2), "long");
  EXPECT_EQ(refused.fate, Fate::kTooLarge);
  EXPECT_EQ(machine_.sequencer().head(), head);
  EXPECT_EQ(machine_.state().holds.Find("cart"), nullptr);
  ExpectViewIsState(machine_);
  // Its request id is free, and what fits is held, released and recalled.
  const ReserveStock fitting = HoldOf("cart", kSkus / 2, kLocations);
  const TestSubmission held = machine_.Do(fitting, "long");
  ASSERT_EQ(held.fate, Fate::kDecided);
  ASSERT_TRUE(held.result.held.has_value());
  EXPECT_EQ(held.result.held->placements.at(0).size(), static_cast<size_t>(kLocations));
  const TestSubmission again = machine_.Do(fitting, "long");
  EXPECT_EQ(again.fate, Fate::kRecalled);
  EXPECT_EQ(again.result, held.result);
  ReleaseReservation release;
  release.reservation = held.result.held->reservation;
  EXPECT_EQ(machine_.Do(release, "release").fate, Fate::kDecided);
  EXPECT_EQ(machine_.state().holds.Find("cart"), nullptr);
  for (storage::Position next = 1; next <= machine_.sequencer().head();) {
    const auto frames = log_->Read({"default", "stock/0"}, next, 1);
    ASSERT_TRUE(frames.ok());
    EXPECT_LE(frames->at(0).size(), storage::kFrameBytesMax);
    next = storage::FrameView::Parse(frames->at(0))->last_position() + 1;
  }
}

}  // namespace
}  // namespace quartermaster::stock
