#include "tools/retail/books.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tools/retail/clock.h"
#include "tools/retail/latency.h"
#include "tools/retail/shop.h"

namespace quartermaster::retail {
namespace {

constexpr ItemIndex kItem = 0;
constexpr PlaceIndex kHere = 1;
constexpr PlaceIndex kThere = 2;

class BooksTest : public ::testing::Test {
 protected:
  BooksTest() : books_(1) {}

  void Supply(PlaceIndex place, int64_t quantity) {
    books_.SupplySent(kItem, quantity);
    books_.SupplyArrived(kItem, place, quantity);
  }
  // A request for units anywhere that has been granted.
  void Take(int64_t quantity) {
    Claim claim(&books_, {{kItem, quantity}}, kNoPlace, kNoPlace, {});
    EXPECT_EQ(claim.Granted({{kItem, quantity}}), 0);
  }
  // A request that is refused while nothing else happens: was that provably wrong?
  bool RefusalWasWrong(int64_t quantity, PlaceIndex place = kNoPlace) {
    Claim claim(&books_, {{kItem, quantity}}, place, place, {});
    return claim.Refused();
  }

  Books books_;
};

TEST_F(BooksTest, TheLastUnitSoldTwiceIsOversold) {
  Supply(kHere, 2);
  Take(1);
  Take(1);
  EXPECT_EQ(books_.Oversold(), 0);
  Take(1);
  EXPECT_EQ(books_.Oversold(), 1);
}

TEST_F(BooksTest, ALaterReturnDoesNotHideAnOversale) {
  Supply(kHere, 1);
  Take(2);
  books_.SupplySent(kItem, 1);
  EXPECT_EQ(books_.Oversold(), 1);
}

TEST_F(BooksTest, SupplyUnderWayMayHaveArrived) {
  Supply(kHere, 1);
  books_.SupplySent(kItem, 1);
  Take(2);
  EXPECT_EQ(books_.Oversold(), 0);
  EXPECT_FALSE(RefusalWasWrong(1));
}

TEST_F(BooksTest, RefusingWhatIsThereIsUnjustified) {
  Supply(kHere, 3);
  EXPECT_TRUE(RefusalWasWrong(3));
  EXPECT_FALSE(RefusalWasWrong(4));
  Take(2);
  EXPECT_TRUE(RefusalWasWrong(1));
  EXPECT_FALSE(RefusalWasWrong(2));
}

TEST_F(BooksTest, ARefusalIsJustifiedIfSomeoneElseMayHaveHadTheUnitsInBetween) {
  Supply(kHere, 1);
  Claim claim(&books_, {{kItem, 1}}, kNoPlace, kNoPlace, {});
  {
    Claim other(&books_, {{kItem, 1}}, kNoPlace, kNoPlace, {});
    EXPECT_FALSE(other.Refused());
  }
  EXPECT_FALSE(claim.Refused());
  EXPECT_TRUE(RefusalWasWrong(1));
}

TEST_F(BooksTest, AllLinesMustHaveBeenFree) {
  Books books(2);
  books.SupplySent(0, 5);
  books.SupplyArrived(0, kHere, 5);
  Claim claim(&books, {{0, 1}, {1, 1}}, kNoPlace, kNoPlace, {});
  EXPECT_FALSE(claim.Refused());
}

TEST_F(BooksTest, UnitsElsewhereAreNoUseAtThisStore) {
  Supply(kHere, 1);
  Supply(kThere, 5);
  EXPECT_TRUE(RefusalWasWrong(1, kHere));
  EXPECT_FALSE(RefusalWasWrong(2, kHere));
  // Taken anywhere: perhaps here.
  Take(1);
  EXPECT_FALSE(RefusalWasWrong(1, kHere));
  // Taken there, as it turns out.
  books_.AddPossible(kItem, kThere, 1);
  books_.AddPossible(kItem, kNoPlace, -1);
  EXPECT_TRUE(RefusalWasWrong(1, kHere));
}

TEST_F(BooksTest, TheOwnHoldCountsForItsOrder) {
  Supply(kHere, 2);
  Take(2);
  Claim claim(&books_, {{kItem, 2}}, kNoPlace, kNoPlace, {{kItem, 2}});
  EXPECT_TRUE(claim.Refused());
}

TEST_F(BooksTest, AGrantInPartIsUnjustifiedIfTheRestWasFree) {
  Supply(kHere, 5);
  Claim fair(&books_, {{kItem, 6}}, kNoPlace, kNoPlace, {});
  EXPECT_EQ(fair.Granted({{kItem, 3}}), 0);
  Claim unfair(&books_, {{kItem, 2}}, kNoPlace, kNoPlace, {});
  EXPECT_EQ(unfair.Granted({{kItem, 1}}), 1);
  EXPECT_TRUE(RefusalWasWrong(1));
  EXPECT_FALSE(RefusalWasWrong(2));
}

TEST_F(BooksTest, AHoldThatNobodyConfirmsIsFreeAgainAfterItsEnd) {
  Supply(kHere, 1);
  Claim claim(&books_, {{kItem, 1}}, kNoPlace, kNoPlace, {});
  claim.Granted({{kItem, 1}}, /*certain=*/false);
  const Instant now = WallClock();
  books_.Expire(kItem, 1, now - Seconds(2), now - Seconds(1));
  // It was over before it was known: taking the unit is no oversale, refusing it is wrong.
  EXPECT_TRUE(RefusalWasWrong(1));
  Take(1);
  EXPECT_EQ(books_.Oversold(), 0);
}

TEST_F(BooksTest, AHoldCountsUntilItsEnd) {
  Supply(kHere, 1);
  Claim claim(&books_, {{kItem, 1}}, kNoPlace, kNoPlace, {});
  claim.Granted({{kItem, 1}}, /*certain=*/false);
  const Instant now = WallClock();
  books_.Expire(kItem, 1, now + Hours(1), now + Hours(1));
  EXPECT_FALSE(RefusalWasWrong(1));
  Take(1);
  EXPECT_EQ(books_.Oversold(), 1);
}

TEST(WantsTest, LinesOfOneItemAddUp) {
  const std::vector<Want> wants = WantsOf({{7, 2, 0}, {3, 1, 0}, {7, 5, 0}});
  ASSERT_EQ(wants.size(), 2u);
  EXPECT_EQ(wants[1].item, 7);
  EXPECT_EQ(wants[1].quantity, 7);
}

TEST(LatencyTest, PercentilesAreWithinABucket) {
  Latency latency;
  EXPECT_EQ(latency.PercentileMs(0.5), 0);
  for (int i = 1; i <= 1000; ++i) latency.Record(Micros{i * 1000});
  EXPECT_NEAR(latency.PercentileMs(0.5), 500, 30);
  EXPECT_NEAR(latency.PercentileMs(0.99), 990, 55);
}

}  // namespace
}  // namespace quartermaster::retail
