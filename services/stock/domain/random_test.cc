// Random commands against a plain model. After each: who is refused and why, every balance, and
// that availability is what Reserve accepts.
#include <gtest/gtest.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>

#include "services/base/testing/sanitized.h"
#include "services/base/testing/seed.h"
#include "services/stock/domain/backing.h"
#include "services/stock/domain/promise_flow.h"
#include "services/stock/domain/testing/model.h"
#include "services/stock/domain/testing/random_commands.h"
#include "services/stock/domain/testing/shop.h"

namespace quartermaster::stock {
namespace {

// By a date, it is the largest quantity that Reserve accepts of a line that waits until then.
void CheckAvailabilityBy(const Shop& shop, RandomCommands& random, const StockKey& key,
                         const std::string& owner) {
  const State& state = shop.state();
  const Instant date = shop.now() + Seconds(random.Below(80));
  Offer offer(state);
  std::vector<WaitChange> freed;
  if (const Reservation* own = state.holds.Find(owner)) {
    offer.Free(*own);
    AppendFreed(*own, freed);
  }
  AvailabilityFigures figures = FindAvailability(state, offer, key);
  FindAvailabilityBy(state, offer, key, date, freed, figures);
  const auto accepted = [&](Quantity quantity) {
    ReserveStock reserve;
    reserve.owner = owner;
    reserve.ttl = kTtl;
    HoldLine& line =
        reserve.lines.emplace_back(HoldLine{"", key.sku, key.from_pool, key.pool, key.location,
                                            quantity, key.for_channel, key.channel});
    line.wait_until = date;
    Events events;
    return !Decide(state, reserve, shop.now(), shop.next_position(), events).rejection;
  };
  const Quantity buffer = key.for_channel ? state.ChannelAt(key.channel).buffer : Quantity();
  EXPECT_GE(figures.available_by, figures.available);
  EXPECT_TRUE(figures.available_by.IsZero() || accepted(figures.available_by + buffer));
  // Groups that move may make room for more.
  EXPECT_FALSE(state.movable_groups.empty() &&
               accepted(figures.available_by + buffer + Quantity(1)))
      << figures.available_by.units();
}

// Availability is the largest quantity that Reserve accepts, at a location, in a pool and for a
// channel, for somebody whose own hold does not count.
void CheckAvailability(const Shop& shop, RandomCommands& random) {
  const State& state = shop.state();
  StockKey key;
  key.sku = static_cast<SkuIndex>(1 + random.Below(static_cast<int>(state.skus.size())));
  key.for_channel = random.Below(3) == 0 && state.channel_names.size() > 0;
  key.from_pool = !key.for_channel && random.Below(2) == 0 && state.pool_names.size() > 0;
  if (key.for_channel) {
    key.channel =
        static_cast<ChannelIndex>(1 + random.Below(static_cast<int>(state.channel_names.size())));
  } else if (key.from_pool) {
    key.pool = static_cast<PoolIndex>(1 + random.Below(static_cast<int>(state.pool_names.size())));
  } else {
    key.location =
        static_cast<LocationIndex>(1 + random.Below(static_cast<int>(state.locations.size())));
  }
  const std::string owner = "o" + std::to_string(random.Below(8));
  Offer offer(state);
  if (const Reservation* own = state.holds.Find(owner)) offer.Free(*own);
  const Quantity available = FindAvailability(state, offer, key).available;
  const auto accepted = [&](Quantity quantity) {
    ReserveStock reserve;
    reserve.owner = owner;
    reserve.ttl = kTtl;
    reserve.lines.push_back({"", key.sku, key.from_pool, key.pool, key.location, quantity,
                             key.for_channel, key.channel});
    Events events;
    return !Decide(state, reserve, shop.now(), shop.next_position(), events).rejection;
  };
  EXPECT_FALSE(available.IsNegative());
  EXPECT_TRUE(available.IsZero() || accepted(available)) << available.units();
  CheckAvailabilityBy(shop, random, key, owner);
  // A buffer is accepted, and not published.
  const Quantity buffer = key.for_channel ? state.ChannelAt(key.channel).buffer : Quantity();
  // Groups that move may make room for more.
  EXPECT_FALSE(state.movable_groups.empty() && accepted(available + buffer + Quantity(1)))
      << available.units();
  EXPECT_TRUE(available.IsZero() || accepted(available + buffer)) << available.units();
}

void RunSession(uint64_t seed, int commands, std::map<size_t, int>& accepted) {
  SCOPED_TRACE("seed " + std::to_string(seed));
  Shop shop;
  Model model(shop);
  RandomCommands random(seed);
  // Half of the shops end only so many holds a frame: the rest are overdue, and yet no command
  // finds units that they hold.
  const bool backlog = seed % 2 == 1;
  if (backlog) shop.set_expiries_per_frame(1 + random.Below(3));
  // They would wait for units of holds that the shop has not ended yet.
  random.set_waits(!backlog);
  // A third forgets what ended as soon as it may.
  const EndedReservations::Kept few{8, 8};
  const bool forgets = seed % 3 == 0;
  if (forgets) shop.set_kept(few);
  const auto step = [&](const Command& command) {
    if (!backlog) shop.Settle();
    model.Expire();
    model.FollowServed();
    const auto expected = model.Expect(command);
    const Decision decision = shop.Do(command);
    const auto got = decision.rejection ? std::optional(decision.rejection->kind) : std::nullopt;
    ASSERT_TRUE(expected.either || got == expected.refusal)
        << "command " << command.index() << " was refused as " << (got ? static_cast<int>(*got) : 0)
        << ", and not as " << (expected.refusal ? static_cast<int>(*expected.refusal) : 0)
        << " (0: accepted)";
    if (!got) {
      model.Follow(command, decision);
      ++accepted[command.index()];
    }
    model.FollowServed();
    model.NoteAllocations();
    if (backlog && random.Below(10) > 0) return;
    shop.Settle();
    model.FollowForgotten();
    ASSERT_EQ(model.Difference(), "") << "command " << command.index();
  };
  for (const char* sku : {"K0", "K1", "K2", "X0", "X1", "X2"}) step(RegisterSku{sku});
  for (const char* location : {"L0", "L1", "L2"}) step(RegisterLocation{location, false});
  for (int i = 0; i < commands; ++i) {
    shop.Wait(random.NextWait());
    step(random.Next(shop.state(), shop.now()));
    if (testing::Test::HasFailure()) {
      ADD_FAILURE() << "at command " << i << " of seed " << seed;
      return;
    }
    CheckAvailability(shop, random);
    if (random.Below(50) == 0) shop.Restart();
  }
  State replayed;
  if (forgets) replayed.ended = EndedReservations(few);
  Changes changes;
  for (const Shop::Logged& logged : shop.log()) {
    Apply(replayed, logged.event, logged.position, logged.time, changes);
  }
  EXPECT_EQ(DumpState(replayed), DumpState(shop.state()));
  EXPECT_EQ(replayed.forgotten.size(), shop.forgotten().size());
  for (const Reservation& r : replayed.forgotten) EXPECT_EQ(r, shop.Get(r.id));
  OnceKeys::Recalled all(shop.archived_once());
  for (const OnceKeys::Entry& once : shop.state().once) {
    EXPECT_TRUE(all.emplace(once.key, once.fingerprint).second) << once.key << " twice";
  }
  EXPECT_EQ(all.size(), replayed.once.size());
  for (const OnceKeys::Entry& once : replayed.once) {
    EXPECT_EQ(all.at(once.key), once.fingerprint);
  }
}

constexpr int kCommands = 400;
// A million commands; with sanitizers as many as there is time for.
constexpr int kSessionsMin = kSanitized ? 20 : 1'000'000 / kCommands;

// QM_SEED=n runs one session again; QM_SECONDS=n looks for so long instead.
TEST(RandomTest, TheShopDoesWhatTheModelSays) {
  std::map<size_t, int> accepted;
  if (const auto seed = ChosenSeed()) {
    RunSession(*seed, kCommands, accepted);
    return;
  }
  const char* seconds = std::getenv("QM_SECONDS");
  const auto end = std::chrono::steady_clock::now() +
                   std::chrono::seconds(seconds == nullptr ? 5 : std::atoi(seconds));
  const int sessions_min = seconds == nullptr ? kSessionsMin : 20;
  const uint64_t first = TestSeed();
  int sessions = 0;
  while (!HasFailure() && (sessions < sessions_min || std::chrono::steady_clock::now() < end)) {
    RunSession(first + static_cast<uint64_t>(sessions++), kCommands, accepted);
  }
  std::printf(
      "seeds %llu to %llu: %d commands\n", static_cast<unsigned long long>(first),
      static_cast<unsigned long long>(first) + static_cast<unsigned long long>(sessions) - 1,
      sessions * kCommands);
  // With sanitizers there are too few of them for what follows.
  if (sessions < 200) return;
  // No kind of command is nearly always refused.
  for (size_t i = 0; i <= Command(RegisterLocation{}).index(); ++i) {
    EXPECT_GT(accepted[i], sessions / 10) << i;
  }
  EXPECT_GT(accepted[Command(ChangeCondition{}).index()], sessions / 10);
  EXPECT_GT(accepted[Command(StageCount{}).index()], sessions);
  EXPECT_GT(accepted[Command(SetAllotment{}).index()], sessions);
  EXPECT_GT(accepted[Command(DefineKit{}).index()], sessions);
  for (const Command& command : {Command(TransferStock{}), Command(ShipTransfer{}),
                                 Command(ReceiveTransfer{}), Command(CloseTransfer{})}) {
    EXPECT_GT(accepted[command.index()], sessions);
  }
  for (const Command& command :
       {Command(ExpectSupply{}), Command(ReceiveSupply{}), Command(CancelSupply{})}) {
    EXPECT_GT(accepted[command.index()], sessions / 2);
  }
}

}  // namespace
}  // namespace quartermaster::stock
