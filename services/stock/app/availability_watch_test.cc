// Watches: current values, then changes, conflated; every drained round is an exact cut.
#include "services/stock/app/availability_watch.h"

#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/base/testing/seed.h"
#include "services/stock/app/test_machine.h"
#include "services/stock/domain/backing.h"
#include "services/stock/domain/testing/random_commands.h"
#include "services/stock/domain/testing/shop.h"

namespace quartermaster::stock {
namespace {

StockKey KeyAt(SkuIndex sku, LocationIndex location) { return {.sku = sku, .location = location}; }
StockKey KeyIn(SkuIndex sku, PoolIndex pool) {
  return {.sku = sku, .from_pool = true, .pool = pool};
}

// Counts wakes, and can wait for one.
class Bell {
 public:
  void Ring() {
    MutexLock lock(&mutex_);
    ++rings_;
    rung_.NotifyAll();
  }
  void AwaitRings(int wanted) {
    MutexLock lock(&mutex_);
    while (rings_ < wanted) rung_.Wait(&mutex_);
  }

 private:
  Mutex mutex_;
  CondVar rung_;
  int rings_ = 0;
};

class AvailabilityWatchTest : public testing::Test {
 protected:
  AvailabilityWatchTest() {
    Restart();
    Receive("A", "S1", 5);
    Receive("A", "S2", 3);
    Receive("B", "S1", 1);
    machine_->Do(SetPool{"web", {kS1, LocationIndex{2}}, {}});
  }
  void Restart() {
    hub_.reset();
    machine_ = std::make_unique<TestMachine>(log_.get(), &clock_);
    hub_ = std::make_unique<WatchHub>(&machine_->view());
    machine_->view().AddObserver(hub_.get());
  }
  void Receive(const char* sku, const char* location, int64_t n) {
    machine_->Do(Shop::Fact(AdjustmentKind::kReceived, sku, location, n));
  }
  storage::Position head() { return machine_->sequencer().head(); }

  std::unique_ptr<storage::EventLog> log_ = storage::NewMemoryLog();
  FakeClock clock_;
  std::unique_ptr<TestMachine> machine_;
  std::unique_ptr<WatchHub> hub_;
};

TEST_F(AvailabilityWatchTest, FirstTheCurrentValuesThenEachChangedKeyOnce) {
  Bell bell;
  auto watch = hub_->Open({KeyAt(kA, kS1), KeyIn(kA, PoolIndex{1}), KeyAt(SkuIndex{2}, kS1)}, 0,
                          [&] { bell.Ring(); });
  WatchRound round = watch->Take(2);
  EXPECT_EQ(round.entries.size(), 2u);
  EXPECT_FALSE(round.drained);
  EXPECT_FALSE(round.current);
  round = watch->Take(2);
  EXPECT_EQ(round.entries.size(), 1u);
  EXPECT_TRUE(round.drained);
  EXPECT_TRUE(round.current);
  EXPECT_EQ(round.position, head());
  // Many changes of one key: its place and its pool, once each, with the last value.
  for (int i = 0; i < 20; ++i) Receive("A", "S1", 1);
  bell.AwaitRings(1);
  round = watch->Take(10);
  ASSERT_EQ(round.entries.size(), 2u);
  for (const WatchRound::Entry& entry : round.entries) {
    EXPECT_EQ(entry.figures.available, Quantity(entry.key.from_pool ? 28 : 25));
  }
  EXPECT_TRUE(round.drained);
  EXPECT_FALSE(round.current);
  EXPECT_TRUE(watch->Take(10).entries.empty());
  // What nobody watches wakes nobody; the next change does.
  Receive("B", "S2", 1);
  EXPECT_TRUE(watch->Take(10).entries.empty());
  Receive("B", "S1", 1);
  bell.AwaitRings(2);
  EXPECT_EQ(watch->Take(10).entries.size(), 1u);
}

TEST_F(AvailabilityWatchTest, AChangedPoolAndAPausedLocationAreChangesOfThePoolsKeys) {
  Bell bell;
  auto watch = hub_->Open({KeyAt(kA, kS1), KeyIn(kA, PoolIndex{1})}, 0, [&] { bell.Ring(); });
  const storage::Position before = watch->Take(10).position;
  const auto expect_pool = [&](int64_t available, int ring) {
    bell.AwaitRings(ring);
    const WatchRound round = watch->Take(10);
    ASSERT_EQ(round.entries.size(), 1u);
    EXPECT_TRUE(round.entries[0].key.from_pool);
    EXPECT_EQ(round.entries[0].figures.available, Quantity(available));
  };
  machine_->Do(RegisterLocation{"S1", true});
  expect_pool(3, 1);
  machine_->Do(RegisterLocation{"S1", false});
  expect_pool(8, 2);
  machine_->Do(SetPool{"web", {kS1}, {}});
  expect_pool(5, 3);
  // Somebody who comes back is told too.
  auto again = hub_->Open({KeyAt(kA, kS1), KeyIn(kA, PoolIndex{1})}, before, [] {});
  ASSERT_EQ(again->Take(10).entries.size(), 1u);
}

TEST_F(AvailabilityWatchTest, AChannelsKeyFollowsItsPoolItsDemandAndItsBuffer) {
  SetChannel channel{"web", PoolIndex{1}, Demand::kOnline, Quantity(2), {}, {}};
  machine_->Do(channel);
  StockKey key{.sku = kA, .for_channel = true, .channel = ChannelIndex{1}};
  Bell bell;
  auto watch = hub_->Open({key}, 0, [&] { bell.Ring(); });
  const auto expect = [&](int64_t available, int ring) {
    bell.AwaitRings(ring);
    const WatchRound round = watch->Take(10);
    ASSERT_EQ(round.entries.size(), 1u);
    EXPECT_TRUE(round.entries[0].key.for_channel);
    EXPECT_EQ(round.entries[0].figures.available, Quantity(available));
  };
  expect(6, 0);
  Receive("A", "S2", 1);
  expect(7, 1);
  SetStockPolicy policy;
  policy.safety_stock = Quantity(1);
  machine_->Do(policy);
  expect(5, 2);
  channel.demand = Demand::kTill;
  machine_->Do(channel);
  expect(7, 3);
  channel.buffer = Quantity();
  machine_->Do(channel);
  expect(9, 4);
}

TEST_F(AvailabilityWatchTest, AKitsKeyFollowsItsPartsAndItsDefinition) {
  for (const char* sku : {"set", "table"}) machine_->Do(RegisterSku{sku});
  const SkuIndex set{3};
  const SkuIndex table{4};
  machine_->Do(DefineKit{.sku = set, .components = {{kA, 2}}});
  machine_->Do(DefineKit{.sku = table, .components = {{set, 1}, {SkuIndex{2}, 1}}});
  const std::vector<StockKey> keys = {KeyAt(table, kS1)};
  Bell bell;
  auto watch = hub_->Open(keys, 0, [&] { bell.Ring(); });
  const auto expect = [&](int64_t available, int ring) {
    bell.AwaitRings(ring);
    const WatchRound round = watch->Take(10);
    ASSERT_EQ(round.entries.size(), 1u);
    EXPECT_EQ(round.entries[0].figures.available, Quantity(available));
    EXPECT_EQ(round.entries[0].figures.position, Balances{});
  };
  expect(1, 0);
  Receive("B", "S1", 3);
  expect(2, 1);
  Receive("A", "S1", 4);
  expect(4, 2);
  // The kit in it is another one.
  machine_->Do(DefineKit{.sku = set, .components = {{kA, 3}}});
  expect(3, 3);
  const storage::Position seen = head();
  machine_->Do(DefineKit{.sku = table, .components = {{SkuIndex{2}, 1}}});
  expect(4, 4);
  watch = hub_->Open(keys, seen, [] {});
  expect(4, 0);
  // Who watches everything is told of stock, which a kit has none of.
  auto everything = hub_->Open({}, 0, [] {});
  for (const WatchRound::Entry& entry : everything->Take(100).entries) {
    EXPECT_LE(entry.key.sku, SkuIndex{2});
  }
}

TEST_F(AvailabilityWatchTest, APolicyIsAChangeOfAllThatItMayLower) {
  Bell bell;
  const std::vector<StockKey> keys = {KeyAt(kA, kS1), KeyIn(kA, PoolIndex{1}),
                                      KeyAt(SkuIndex{2}, kS1)};
  auto watch = hub_->Open(keys, 0, [&] { bell.Ring(); });
  const storage::Position before = watch->Take(10).position;
  Bell all_bell;
  auto all = hub_->Open({}, 0, [&] { all_bell.Ring(); });
  EXPECT_EQ(all->Take(10).entries.size(), 3u);
  SetStockPolicy policy;
  policy.of_sku = true;
  policy.sku = kA;
  policy.safety_stock = Quantity(2);
  machine_->Do(policy);
  bell.AwaitRings(1);
  const WatchRound round = watch->Take(10);
  ASSERT_EQ(round.entries.size(), 2u);
  for (const WatchRound::Entry& entry : round.entries) {
    EXPECT_EQ(entry.figures.available, Quantity(entry.key.from_pool ? 4 : 3));
    EXPECT_EQ(entry.figures.safety_stock, Quantity(entry.key.from_pool ? 4 : 2));
  }
  all_bell.AwaitRings(1);
  EXPECT_EQ(all->Take(10).entries.size(), 2u);
  // What is for all SKUs is sent anew for all of them, in pieces as at first.
  policy.of_sku = false;
  policy.sku = SkuIndex::kNone;
  machine_->Do(policy);
  all_bell.AwaitRings(2);
  EXPECT_EQ(all->Take(2).entries.size(), 2u);
  const WatchRound rest = all->Take(2);
  EXPECT_EQ(rest.entries.size(), 1u);
  EXPECT_TRUE(rest.drained);
  EXPECT_FALSE(rest.current);
  // Somebody who comes back is told too.
  EXPECT_EQ(hub_->Open(keys, before, [] {})->Take(10).entries.size(), 3u);
}

TEST_F(AvailabilityWatchTest, AnAllotmentAndWhatIsUsedOfItAreChangesOfAllThatTheyMayLower) {
  machine_->Do(SetChannel{"web", PoolIndex{1}, Demand::kOnline, {}, {}, {}});
  const StockKey of_channel{.sku = kA, .for_channel = true, .channel = ChannelIndex{1}};
  const std::vector<StockKey> keys = {KeyAt(kA, kS1), KeyAt(kA, LocationIndex{2}), of_channel};
  Bell bell;
  auto watch = hub_->Open(keys, 0, [&] { bell.Ring(); });
  storage::Position before = watch->Take(10).position;
  auto all = hub_->Open({}, 0, [] {});
  EXPECT_EQ(all->Take(10).entries.size(), 3u);
  int rings = 0;
  const auto expect = [&](int64_t s1, int64_t s2, int64_t channel) {
    bell.AwaitRings(++rings);
    std::map<std::pair<LocationIndex, bool>, int64_t> figures;
    for (const WatchRound::Entry& entry : watch->Take(10).entries) {
      figures[{entry.key.location, entry.key.for_channel}] = entry.figures.available.units();
    }
    EXPECT_EQ(figures, (decltype(figures){{{kS1, false}, s1},
                                          {{LocationIndex{2}, false}, s2},
                                          {{LocationIndex::kNone, true}, channel}}));
    // So are the locations of whoever watches everything; and of whoever comes back.
    std::set<LocationIndex> told;
    for (const WatchRound::Entry& entry : all->Take(10).entries) told.insert(entry.key.location);
    EXPECT_EQ(told, (std::set<LocationIndex>{kS1, LocationIndex{2}}));
    EXPECT_EQ(hub_->Open(keys, before, [] {})->Take(10).entries.size(), 3u);
    before = head();
  };
  SetAllotment allotment;
  allotment.sku = kA;
  allotment.channel = ChannelIndex{1};
  allotment.terms.quota = Quantity(6);
  machine_->Do(allotment);
  expect(2, 2, 8);
  // What somebody takes at one place is what the quota cannot stand at.
  ReserveStock reserve;
  reserve.owner = "cart";
  reserve.ttl = kTtl;
  reserve.lines.push_back({.line_id = "", .sku = kA, .location = kS1, .quantity = Quantity(1)});
  machine_->Do(reserve);
  expect(1, 1, 7);
  // So is what one place keeps back, and nobody else.
  SetStockPolicy policy;
  policy.of_location = true;
  policy.location = kS1;
  policy.safety_stock = Quantity(1);
  machine_->Do(policy);
  expect(0, 0, 6);
  policy.safety_stock.reset();
  machine_->Do(policy);
  expect(1, 1, 7);
  allotment.terms = {.cap = Quantity(3)};
  machine_->Do(allotment);
  expect(4, 3, 3);
  allotment.terms = {};
  machine_->Do(allotment);
  expect(4, 3, 7);
}

// As when a policy is set for one store after the other: each of them used to start the scan anew,
// and to hold back what came meanwhile.
TEST_F(AvailabilityWatchTest, APolicyForManySkusHoldsNothingUpAndStartsNothingAnew) {
  for (int i = 0; i < 8; ++i) {
    const std::string sku = absl::StrCat("K", i);
    machine_->Do(RegisterSku{sku});
    Receive(sku.c_str(), "S1", 5);
  }
  const SkuIndex last = machine_->state().skus.Find("K7");
  std::map<std::pair<SkuIndex, LocationIndex>, AvailabilityFigures> known;
  Bell bell;
  auto watch = hub_->Open({}, 0, [&] { bell.Ring(); });
  const auto take = [&](int max) {
    WatchRound round = watch->Take(max);
    for (const WatchRound::Entry& e : round.entries) {
      known[{e.key.sku, e.key.location}] = e.figures;
    }
    return round;
  };
  EXPECT_TRUE(take(100).drained);
  const size_t positions = known.size();
  EXPECT_EQ(positions, 11u);
  known.clear();
  SetStockPolicy policy;
  policy.safety_stock = Quantity(1);
  machine_->Do(policy);
  EXPECT_TRUE(watch->IsBehind());
  WatchRound round = take(4);
  EXPECT_EQ(round.entries.size(), 4u);
  EXPECT_TRUE(round.caught_up && !round.drained);
  EXPECT_FALSE(watch->IsBehind());
  Receive("K7", "S1", 1);
  EXPECT_TRUE(watch->IsBehind());
  EXPECT_TRUE(take(4).caught_up);
  EXPECT_EQ((known[{last, kS1}].available), Quantity(5));
  known.clear();
  policy.of_location = true;
  policy.location = kS1;
  for (int units = 1; units <= 6; ++units) {
    policy.safety_stock = Quantity(units);
    machine_->Do(policy);
    EXPECT_FALSE(take(4).drained);
  }
  EXPECT_EQ(known.size(), positions) << "it went on to the end and came round";
  while (!take(4).drained) {
  }
  for (const auto& [key, figures] : known) {
    Offer offer(machine_->state());
    EXPECT_TRUE(figures ==
                FindAvailability(machine_->state(), offer, KeyAt(key.first, key.second)));
  }
  // One location's is a matter of that location.
  policy.location = LocationIndex{2};
  machine_->Do(policy);
  round = take(100);
  ASSERT_EQ(round.entries.size(), 1u);
  EXPECT_EQ(round.entries[0].key.location, LocationIndex{2});
  EXPECT_TRUE(round.drained);
}

// What a policy kept elsewhere must be told though both it and the units that it moved are gone by
// the time that somebody looks.
TEST_F(AvailabilityWatchTest, WhatAGonePolicyAndAGoneHoldFreedElsewhereIsTold) {
  for (const bool release_first : {false, true}) {
    for (const bool resumes : {false, true}) {
      const std::string name = absl::StrCat("X", release_first, resumes);
      Receive(name.c_str(), "S1", 1);
      Receive(name.c_str(), "S2", 1);
      const SkuIndex sku = machine_->state().skus.Find(name);
      ReserveStock hold;
      hold.owner = name;
      hold.ttl = Seconds(900);
      hold.lines.push_back({"", sku, /*from_pool=*/true, PoolIndex{1}, {}, Quantity(1)});
      const ReservationId id = machine_->Do(hold).result.held->reservation;
      const LocationIndex here = machine_->state().backings.Find(sku)->begin()->location;
      const LocationIndex there{here == kS1 ? 2u : 1u};
      SetStockPolicy policy;
      policy.of_location = true;
      policy.location = here;
      policy.safety_stock = Quantity(1);
      machine_->Do(policy);
      auto watch = hub_->Open({}, 0, [] {});
      std::map<std::pair<SkuIndex, LocationIndex>, Quantity> known;
      const auto take_all = [&] {
        WatchRound round;
        do {
          round = watch->Take(100);
          for (const WatchRound::Entry& e : round.entries) {
            known[{e.key.sku, e.key.location}] = e.figures.available;
          }
        } while (!round.drained);
        return round.position;
      };
      const storage::Position seen = take_all();
      EXPECT_EQ((known[{sku, there}]), Quantity(0));
      policy.safety_stock.reset();
      if (release_first) machine_->Do(ReleaseReservation{id, {}, false, {}});
      machine_->Do(policy);
      if (!release_first) machine_->Do(ReleaseReservation{id, {}, false, {}});
      if (resumes) watch = hub_->Open({}, seen, [] {});
      take_all();
      EXPECT_EQ((known[{sku, there}]), Quantity(1)) << release_first << resumes;
      EXPECT_EQ((known[{sku, here}]), Quantity(1)) << release_first << resumes;
    }
  }
}

// A count of a whole warehouse finds nearly all of it right.
TEST_F(AvailabilityWatchTest, WhatACountFindsRightIsNoChange) {
  Bell bell;
  auto watch = hub_->Open({}, 0, [&] { bell.Ring(); });
  watch->Take(10);
  const storage::Position before = head();
  AdjustStock count = Shop::Fact(AdjustmentKind::kCounted, "A", "S1", 0);
  count.adjustment.compare_and_set = true;
  count.adjustment.expected = count.adjustment.value = Quantity(5);
  machine_->Do(count);
  EXPECT_GT(head(), before);
  EXPECT_TRUE(watch->Take(10).entries.empty());
  EXPECT_TRUE(hub_->Open({}, before, [] {})->Take(10).entries.empty());
}

TEST_F(AvailabilityWatchTest, AWatchResumesWhereItLeftOffOrStartsAnew) {
  const storage::Position then = head();
  Receive("A", "S2", 1);
  auto watch = hub_->Open({}, then, [] {});
  WatchRound round = watch->Take(10);
  ASSERT_EQ(round.entries.size(), 1u);
  EXPECT_EQ(round.entries[0].key.location, LocationIndex{2});
  EXPECT_EQ(round.entries[0].figures.available, Quantity(4));
  EXPECT_TRUE(round.current);
  // Nothing missed: nothing but the sign that it is current.
  round = hub_->Open({}, head(), [] {})->Take(10);
  EXPECT_TRUE(round.entries.empty() && round.current);
  // Ahead of the log, or before what is remembered: everything.
  EXPECT_EQ(hub_->Open({}, head() + 1, [] {})->Take(10).entries.size(), 3u);
  EXPECT_EQ(hub_->Open({}, 0, [] {})->Take(10).entries.size(), 3u);
}

TEST_F(AvailabilityWatchTest, DrainedRoundsAreExactCutsWhateverTheirSize) {
  const uint64_t seed = TestSeed();
  SCOPED_TRACE(absl::StrCat("seed ", seed));
  RandomCommands random(seed);
  for (const char* sku : {"K0", "K1", "K2", "X0", "X1", "X2"}) machine_->Do(RegisterSku{sku});
  for (const char* location : {"L0", "L1"}) machine_->Do(RegisterLocation{location, false});
  std::vector<StockKey> keys;
  for (uint32_t s = 1; s <= 8; ++s) {
    keys.push_back(KeyIn(static_cast<SkuIndex>(s), PoolIndex{1}));
    for (uint32_t l = 1; l <= 4; ++l) {
      keys.push_back(KeyAt(static_cast<SkuIndex>(s), static_cast<LocationIndex>(l)));
    }
  }
  using Known = std::map<std::tuple<SkuIndex, LocationIndex, PoolIndex>, AvailabilityFigures>;
  const auto name = [](const StockKey& k) { return std::tuple(k.sku, k.location, k.pool); };
  Known known;
  auto watch = hub_->Open(keys, 0, [] {});
  Known known_everywhere;
  auto everywhere = hub_->Open({}, 0, [] {});
  storage::Position drained = 0;
  for (int i = 0; i < 600; ++i) {
    clock_.Advance(random.NextWait());
    machine_->Do(random.Next(machine_->state(), clock_.Now()));
    if (random.Below(3) == 0) continue;
    const WatchRound all = everywhere->Take(1 + random.Below(30));
    for (const WatchRound::Entry& entry : all.entries) {
      known_everywhere[name(entry.key)] = entry.figures;
    }
    const Positions::Skus& skus = machine_->state().positions.skus();
    for (uint32_t sku = 1; all.drained && sku < skus.size(); ++sku) {
      for (const SkuPositions::Entry& entry : skus[sku]) {
        const StockKey key = KeyAt(static_cast<SkuIndex>(sku), entry.location);
        Offer offer(machine_->state());
        ASSERT_TRUE(known_everywhere[name(key)] ==
                    FindOwnAvailability(machine_->state(), offer, key))
            << i;
      }
    }
    const WatchRound round = watch->Take(1 + random.Below(30));
    for (const WatchRound::Entry& entry : round.entries) known[name(entry.key)] = entry.figures;
    if (!round.drained) continue;
    drained = round.position;
    ASSERT_EQ(drained, head());
    for (const StockKey& key : keys) {
      const State& state = machine_->state();
      Offer offer(state);
      ASSERT_TRUE(known[name(key)] == FindAvailability(state, offer, key)) << i;
    }
    // Now and then the watcher goes away and comes back.
    if (random.Below(10) == 0) watch = hub_->Open(keys, drained, [] {});
  }
  EXPECT_GT(drained, 0);
}

TEST_F(AvailabilityWatchTest, AClosedWatchIsNotWoken) {
  // Woken by the same change, after those that were opened later.
  Bell bell;
  auto open = hub_->Open({}, 0, [&] { bell.Ring(); });
  open->Take(10);
  std::atomic<int> woken = 0;
  auto closed = hub_->Open({}, 0, [&] { ++woken; });
  closed->Take(10);
  closed.reset();
  Receive("A", "S1", 1);
  bell.AwaitRings(1);
  hub_->Stop();
  EXPECT_EQ(woken, 0);
}

}  // namespace
}  // namespace quartermaster::stock
