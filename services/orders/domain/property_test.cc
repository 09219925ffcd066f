// Random commands, random crashes of the saga, expired holds: the invariants hold after every
// command, and when the saga has come to rest, orders and stock agree on every unit.
#include <gtest/gtest.h>

#include <cstdint>
#include <iostream>
#include <map>
#include <string>

#include "services/base/testing/seed.h"
#include "services/orders/domain/apply.h"
#include "services/orders/domain/testing/random_run.h"

namespace quartermaster::orders {
namespace {

TEST(OrdersProperty, BooksAgreeWhateverHappens) {
  const uint64_t seed = TestSeed();
  std::map<std::string, int> seen;
  for (uint64_t i = 0; i < 30; ++i) {
    RandomRun run(seed + i);
    run.Steps(2'000);
    run.Drain();
    run.CheckBooks();
    for (const auto& [what, count] : run.seen()) seen[what] += count;
    ASSERT_FALSE(HasFailure()) << "seed " << seed + i;

    State replayed;
    for (const World::Logged& logged : run.world().log()) {
      ++seen[std::string(NameOf(logged.event))];
      Apply(replayed, logged.event, logged.position, logged.time);
    }
    ASSERT_EQ(replayed, run.world().state()) << "seed " << seed + i;
  }
  // The run went everywhere: each event and each rejection happened, and repetitions. TooLarge is
  // not the domain's: the machine refuses what does not fit into a frame; and no order here is paid
  // a thousand times.
  for (const auto& [what, count] : seen) std::cout << what << " " << count << "\n";
  EXPECT_EQ(seen.size(), std::variant_size_v<Event> + std::variant_size_v<Rejection> - 1);
}

TEST(OrdersProperty, SameSeedSameEnd) {
  RandomRun first(7);
  RandomRun second(7);
  first.Steps(500);
  second.Steps(500);
  EXPECT_EQ(first.world().state(), second.world().state());
}

}  // namespace
}  // namespace quartermaster::orders
