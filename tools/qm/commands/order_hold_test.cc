#include "tools/qm/commands/order_hold.h"

#include "gtest/gtest.h"

namespace quartermaster::qm {
namespace {

using orders::v1::NewHold;

TEST(OrderHoldTest, ParsesKindTtlAndCancel) {
  NewHold hold;
  EXPECT_EQ(ParseHold("fraud", &hold), "");
  EXPECT_EQ(hold.kind(), orders::v1::FRAUD);
  EXPECT_FALSE(hold.has_ttl());
  EXPECT_EQ(ParseHold("payment:2h", &hold), "");
  EXPECT_EQ(hold.kind(), orders::v1::PAYMENT);
  EXPECT_EQ(hold.ttl().seconds(), 7'200);
  EXPECT_EQ(hold.on_expiry(), NewHold::ON_EXPIRY_UNSPECIFIED);
  EXPECT_EQ(ParseHold("address:90s:cancel", &hold), "");
  EXPECT_EQ(hold.on_expiry(), NewHold::CANCEL_ORDER);
}

TEST(OrderHoldTest, SaysWhatIsWrong) {
  for (const char* text :
       {"", "FRAUD", "theft", "fraud:soon", "fraud:1h:release", "fraud:1h:cancel:x"}) {
    NewHold hold;
    EXPECT_NE(ParseHold(text, &hold), "") << text;
  }
}

}  // namespace
}  // namespace quartermaster::qm
