#include "tools/qm/commands/stock_why.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace quartermaster::qm {
namespace {

using stock::v1::Movement;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

Movement Make(Movement::Kind kind, const std::string& reservation, int64_t reserved,
              int64_t allocated) {
  Movement movement;
  movement.set_kind(kind);
  movement.set_reservation_id(reservation);
  movement.set_reserved_delta(reserved);
  movement.set_allocated_delta(allocated);
  return movement;
}

TEST(PromiseExplainerTest, StopsOnceItAddsUp) {
  // Newest first: r3 confirmed 2, r2 came and went, r3 was reserved, r1 is older and has ended.
  PromiseExplainer explainer(2);
  EXPECT_FALSE(explainer.complete());
  explainer.Add(Make(Movement::CONFIRMED, "r3", -2, 2));
  explainer.Add(Make(Movement::RELEASED, "r2", -1, 0));
  explainer.Add(Make(Movement::RESERVED, "r2", 1, 0));
  EXPECT_FALSE(explainer.complete());
  explainer.Add(Make(Movement::RESERVED, "r3", 2, 0));
  EXPECT_TRUE(explainer.complete());
  EXPECT_THAT(explainer.Open(), ElementsAre(Pair("r3", 2)));
}

TEST(PromiseExplainerTest, NothingPromisedNeedsNoExplanation) {
  PromiseExplainer explainer(0);
  EXPECT_TRUE(explainer.complete());
  explainer.Add(Make(Movement::RESERVED, "r1", 2, 0));
  EXPECT_THAT(explainer.Open(), IsEmpty());
}

// They are among others of their pool, here and elsewhere, until one of them is bound here.
TEST(PromiseExplainerTest, FlexibleUnitsAreNotTheirReservations) {
  PromiseExplainer explainer(2);
  explainer.Add(Make(Movement::BOUND, "r2", 2, 0));
  Movement gone = Make(Movement::BOUND, "r2", -2, 0);
  gone.set_flexible(true);
  explainer.Add(gone);
  EXPECT_TRUE(explainer.complete());
  EXPECT_THAT(explainer.Open(), ElementsAre(Pair("r2", 2)));
  PromiseExplainer older(1);
  Movement flexible = Make(Movement::RESERVED, "r3", 1, 0);
  flexible.set_flexible(true);
  older.Add(flexible);
  EXPECT_FALSE(older.complete());
}

TEST(PromiseExplainerTest, LinesOfOneReservationAddUp) {
  PromiseExplainer explainer(5);
  explainer.Add(Make(Movement::RESERVED, "r1", 2, 0));
  explainer.Add(Make(Movement::RESERVED, "r1", 3, 0));
  EXPECT_TRUE(explainer.complete());
  EXPECT_THAT(explainer.Open(), ElementsAre(Pair("r1", 5)));
}

}  // namespace
}  // namespace quartermaster::qm
