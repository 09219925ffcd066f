#include "tools/qm/commands/policy_fulfilment.h"

#include "gtest/gtest.h"

namespace quartermaster::qm {
namespace {

using orders::v1::ReasonEffect;

TEST(PolicyFulfilmentTest, ParsesTheEffectsOfAReason) {
  ReasonEffect reason;
  EXPECT_TRUE(ParseReason("LOST:suspect:ask:keep-location:suggest=SEARCH_THE_SHELVES", &reason));
  EXPECT_EQ(reason.code(), "LOST");
  EXPECT_EQ(reason.units(), ReasonEffect::SUSPECT);
  EXPECT_EQ(reason.order(), ReasonEffect::ASK);
  EXPECT_TRUE(reason.keep_location());
  EXPECT_EQ(reason.suggested_action(), "SEARCH_THE_SHELVES");
  ReasonEffect usual;
  EXPECT_TRUE(ParseReason("CLOSED", &usual));
  EXPECT_EQ(usual.units(), ReasonEffect::UNITS_UNSPECIFIED);
  EXPECT_EQ(usual.order(), ReasonEffect::ORDER_UNSPECIFIED);
  EXPECT_FALSE(usual.keep_location());
}

TEST(PolicyFulfilmentTest, OneActionIsSuggested) {
  ReasonEffect reason;
  EXPECT_FALSE(ParseReason("", &reason));
  EXPECT_FALSE(ParseReason("LOST:suspct", &reason)) << "a misspelt effect is no suggestion";
  EXPECT_FALSE(ParseReason("LOST:suggest=SEARCH:suggest=COUNT", &reason));
}

}  // namespace
}  // namespace quartermaster::qm
