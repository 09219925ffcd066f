// Supply: what can be promised of what is to come, who waits for it, and who has it when it comes.
#include <gtest/gtest.h>

#include <random>

#include "services/base/testing/seed.h"
#include "services/stock/domain/promise_flow.h"
#include "services/stock/domain/serve_waiting.h"
#include "services/stock/domain/supplies.h"
#include "services/stock/domain/testing/shop.h"

namespace quartermaster::stock {
namespace {

class SupplyTest : public testing::Test {
 protected:
  SupplyTest() { shop_.Location("W"); }

  HoldLine Wait(HoldLine line, int64_t seconds) const {
    line.wait_until = shop_.now() + Seconds(seconds);
    return line;
  }
  Decision TryHold(const std::string& owner, HoldLines lines) {
    return shop_.Do(shop_.Reserve(owner, std::move(lines), Seconds(10'000)));
  }
  ReservationId Hold(const std::string& owner, int64_t quantity, int64_t seconds) {
    return shop_.Hold(owner, {Wait(shop_.At("A", quantity, "W"), seconds)}, Seconds(10'000));
  }
  // So many lines of a unit each.
  ReservationId HoldLinesOf(const std::string& owner, size_t lines, int64_t seconds) {
    return shop_.Hold(owner, HoldLines(lines, Wait(shop_.At("A", 1, "W"), seconds)),
                      Seconds(10'000));
  }
  void Confirm(ReservationId id) {
    EXPECT_FALSE(shop_.Do(ConfirmReservation{id, {}, "", {}}).rejection);
  }
  int64_t By(const std::string& place, int64_t seconds) {
    StockKey key{.sku = shop_.Sku("A")};
    key.from_pool = place[0] == '~';
    if (key.from_pool) {
      key.pool = shop_.state().pool_names.Find(place.substr(1));
    } else {
      key.location = shop_.Location(place);
    }
    Offer offer(shop_.state());
    AvailabilityFigures figures;
    FindAvailabilityBy(shop_.state(), offer, key, shop_.now() + Seconds(seconds), {}, figures);
    return figures.available_by.units();
  }
  const ReservationLine& Line(ReservationId id) const { return shop_.Get(id).lines[0]; }

  Shop shop_;
};

TEST_F(SupplyTest, WhatIsToComeCanBePromisedByWhenItIsDue) {
  shop_.Expect("p", "A", "W", 5, Seconds(100));
  EXPECT_EQ(By("W", 99), 0);
  EXPECT_EQ(By("W", 100), 5);
  EXPECT_TRUE(TryHold("a", {shop_.At("A", 1, "W")}).rejection);
  EXPECT_TRUE(TryHold("a", {Wait(shop_.At("A", 1, "W"), 99)}).rejection);
  const Decision refused = TryHold("a", {Wait(shop_.At("A", 6, "W"), 100)});
  ASSERT_TRUE(refused.rejection);
  EXPECT_EQ(refused.rejection->short_lines[0].available.units(), 5);
  const ReservationId hold = Hold("a", 5, 100);
  EXPECT_EQ(Line(hold).waiting.units(), 5);
  EXPECT_TRUE(Line(hold).open().IsZero());
  EXPECT_EQ(shop_.BalancesOf("A", "W").reserved.units(), 0);
  EXPECT_EQ(By("W", 100), 0);
}

TEST_F(SupplyTest, WhatIsThereIsHadAtOnce) {
  shop_.Receive("A", "W", 2);
  shop_.Expect("p", "A", "W", 3, Seconds(100));
  EXPECT_EQ(By("W", 100), 5);
  const ReservationId hold = Hold("a", 4, 100);
  EXPECT_EQ(Line(hold).open().units(), 2);
  EXPECT_EQ(Line(hold).waiting.units(), 2);
  EXPECT_EQ(By("W", 100), 1);
}

TEST_F(SupplyTest, ALaterPromiseLeavesEarlySupplyToEarlierOnes) {
  shop_.Expect("early", "A", "W", 2, Seconds(10));
  shop_.Expect("late", "A", "W", 2, Seconds(100));
  Hold("a", 2, 200);
  EXPECT_EQ(By("W", 10), 2);
  Hold("b", 2, 10);
  EXPECT_EQ(By("W", 200), 0);
}

TEST_F(SupplyTest, AnEarlyPromiseMustNotTakeWhatALaterOneNeeds) {
  shop_.Expect("early", "A", "W", 2, Seconds(10));
  Hold("a", 2, 200);
  EXPECT_EQ(By("W", 10), 0);
}

TEST_F(SupplyTest, GoodsServeWhoeverWaitsBeforeAnybodyElse) {
  shop_.Expect("p", "A", "W", 10, Seconds(100));
  const ReservationId cart = Hold("cart", 2, 110);
  const ReservationId late_order = Hold("late", 2, 150);
  const ReservationId order = Hold("order", 2, 120);
  Confirm(late_order);
  Confirm(order);
  shop_.Come("p", 3);
  EXPECT_EQ(Line(order).open().units(), 2);
  EXPECT_EQ(Line(late_order).open().units(), 1);
  EXPECT_EQ(Line(cart).open().units(), 0);
  EXPECT_EQ(shop_.Available("A", "W"), 0);
  EXPECT_EQ(shop_.BalancesOf("A", "W").allocated.units(), 3);
  shop_.Come("p", 7);
  EXPECT_EQ(Line(cart).open().units(), 2);
  EXPECT_EQ(shop_.Available("A", "W"), 4);
}

TEST_F(SupplyTest, WhateverIsFreeServesThem) {
  shop_.Receive("A", "W", 1);
  const ReservationId other = shop_.Hold("other", {shop_.At("A", 1, "W")});
  shop_.Expect("p", "A", "W", 2, Seconds(100));
  const ReservationId hold = Hold("a", 2, 100);
  EXPECT_FALSE(shop_.Do(ReleaseReservation{other, {}, false, {}}).rejection);
  EXPECT_EQ(Line(hold).open().units(), 1);
  // A correction up to zero is nobody's.
  shop_.Do(Shop::Fact(AdjustmentKind::kSold, "A", "W", -3));
  shop_.Do(Shop::Fact(AdjustmentKind::kCounted, "A", "W", 2));
  EXPECT_EQ(Line(hold).open().units(), 1);
}

TEST_F(SupplyTest, SafetyStockIsNotForThem) {
  shop_.KeepBack("A", "W", 2);
  shop_.Expect("p", "A", "W", 5, Seconds(100));
  const ReservationId hold = Hold("a", 3, 100);
  shop_.Come("p", 3);
  EXPECT_EQ(Line(hold).open().units(), 1);
  shop_.KeepBack("A", "W", 0);
  EXPECT_EQ(Line(hold).open().units(), 3);
}

TEST_F(SupplyTest, LateOrShortSupplyNamesWhomItLeavesWithout) {
  shop_.Expect("p", "A", "W", 4, Seconds(100));
  const ReservationId first = Hold("first", 2, 100);
  const ReservationId second = Hold("second", 2, 100);
  shop_.Expect("p", "A", "W", 3, Seconds(100), 2);
  EXPECT_EQ(Line(first).late.units(), 0);
  EXPECT_EQ(Line(second).late.units(), 1);
  // A paid order's is kept first.
  Confirm(second);
  EXPECT_EQ(Line(first).late.units(), 1);
  EXPECT_EQ(Line(second).late.units(), 0);
  shop_.Expect("p", "A", "W", 4, Seconds(101), 3);
  const SupplyReport report = ReportSupply(shop_.state(), "p");
  EXPECT_EQ(report.late_units.units(), 4);
  ASSERT_EQ(report.late.size(), 2u);
  EXPECT_EQ(report.late[0].reservation, second);
  EXPECT_EQ(report.late[1].owner, "first");
  // What comes late is for them, and for nobody new.
  EXPECT_EQ(By("W", 200), 0);
  shop_.Expect("p", "A", "W", 4, Seconds(100), 4);
  EXPECT_TRUE(ReportSupply(shop_.state(), "p").late.empty());
  shop_.Do(CancelSupply{"p", {}, {}});
  EXPECT_EQ(ReportSupply(shop_.state(), "p").late_units.units(), 4);
}

TEST_F(SupplyTest, WhoeverStillWaitsWhenItsTimeHasPassedIsLate) {
  shop_.Expect("p", "A", "W", 4, Seconds(100));
  shop_.Expect("q", "A", "W", 1, Seconds(300));
  const ReservationId cart = Hold("cart", 1, 100);
  const ReservationId order = Hold("order", 2, 100);
  const ReservationId patient = Hold("patient", 2, 400);
  Confirm(order);
  shop_.Wait(Seconds(100));
  shop_.Settle();
  EXPECT_EQ(Line(order).late.units(), 0) << "it may come at the last moment";
  shop_.Wait(Micros{1});
  shop_.Settle();
  EXPECT_EQ(Line(order).late.units(), 2);
  EXPECT_EQ(Line(cart).late.units(), 1);
  EXPECT_EQ(Line(patient).late.units(), 0);
  EXPECT_EQ(ReportSupply(shop_.state(), "p").late_units.units(), 3);
  // It is told once.
  const size_t logged = shop_.log().size();
  shop_.Wait(Seconds(1));
  shop_.Settle();
  EXPECT_EQ(shop_.log().size(), logged);
  // What is overdue is for them; and they stay late, whatever is promised them.
  shop_.Expect("p", "A", "W", 3, Seconds(-2), 2);
  EXPECT_EQ(Line(patient).late.units(), 1);
  EXPECT_EQ(Line(order).late.units(), 2);
  shop_.Come("p", 2);
  EXPECT_EQ(Line(order).open().units(), 2);
  EXPECT_EQ(Line(order).late.units(), 0);
  EXPECT_EQ(Line(cart).late.units(), 1);
}

TEST_F(SupplyTest, HoweverManyWaitForOneDateAllAreLate) {
  constexpr int kLines = 2 * static_cast<int>(kServedMax) + 100;
  shop_.Expect("p", "A", "W", kLines, Seconds(100));
  for (int i = 0; i < kLines; i += 100) HoldLinesOf("cart-" + std::to_string(i), 100, 100);
  shop_.Wait(Seconds(101));
  shop_.Settle();
  EXPECT_EQ(ReportSupply(shop_.state(), "p").late_units.units(), kLines);
}

TEST_F(SupplyTest, WhatIsShortIsOwedFirst) {
  shop_.Receive("A", "W", 5);
  Confirm(shop_.Hold("order", {shop_.At("A", 5, "W")}));
  shop_.Do(Shop::Fact(AdjustmentKind::kCounted, "A", "W", -3));
  shop_.Expect("p", "A", "W", 5, Seconds(100));
  EXPECT_EQ(By("W", 100), 2);
  EXPECT_TRUE(TryHold("a", {Wait(shop_.At("A", 3, "W"), 100)}).rejection);
  const ReservationId hold = Hold("a", 2, 100);
  shop_.Come("p", 5);
  EXPECT_EQ(Line(hold).open().units(), 2);
}

TEST_F(SupplyTest, SafetyStockIsFilledFirst) {
  shop_.Receive("A", "W", 1);
  shop_.KeepBack("A", "W", 5);
  shop_.Expect("p", "A", "W", 7, Seconds(100));
  EXPECT_EQ(By("W", 100), 3);
  const ReservationId hold = Hold("a", 3, 100);
  shop_.Come("p", 7);
  EXPECT_EQ(Line(hold).open().units(), 3);
}

TEST_F(SupplyTest, QuotasAreFilledFirstButForTheirOwnChannel) {
  shop_.Sku("A");
  shop_.Pool("web", {"W"});
  shop_.Channel("market", "web");
  shop_.Channel("shop", "web");
  shop_.Allot("market", "A", {.quota = Quantity(10)});
  shop_.Expect("p", "A", "W", 12, Seconds(100));
  EXPECT_EQ(By("W", 100), 2);
  EXPECT_EQ(By("~web", 100), 2);
  const ReservationId order =
      shop_.Hold("order", {Wait(shop_.For("A", 4, "market"), 100)}, Seconds(10'000));
  Confirm(order);
  EXPECT_EQ(Line(order).waiting.units(), 4);
  const ReservationId other =
      shop_.Hold("other", {Wait(shop_.For("A", 2, "shop"), 100)}, Seconds(10'000));
  // What comes is held for the channel, and the channel's who waits has it.
  shop_.Come("p", 6);
  EXPECT_EQ(Line(order).open().units(), 4);
  EXPECT_EQ(Line(other).waiting.units(), 2);
  shop_.Come("p", 6);
  EXPECT_EQ(Line(other).open().units(), 2);
  EXPECT_EQ(shop_.AvailableFor("A", "market"), 6);
}

TEST_F(SupplyTest, WhatIsNoLongerHeldForAChannelServesThem) {
  shop_.Receive("A", "W", 5);
  shop_.Pool("web", {"W"});
  shop_.Channel("market", "web");
  shop_.Allot("market", "A", {.quota = Quantity(5)});
  shop_.Expect("p", "A", "W", 3, Seconds(100));
  const ReservationId hold = Hold("a", 3, 100);
  EXPECT_EQ(Line(hold).waiting.units(), 3);
  shop_.Allot("market", "A", {});
  EXPECT_EQ(Line(hold).open().units(), 3);
}

TEST_F(SupplyTest, HoweverManyAreLateAllAreNamed) {
  constexpr int kLines = 2'500;
  shop_.Expect("p", "A", "W", kLines, Seconds(100));
  for (int i = 0; i < kLines; i += 100) {
    HoldLinesOf("cart-" + std::to_string(i), 100, 100 + i / 100 % 7);
  }
  shop_.Do(CancelSupply{"p", {}, {}});
  EXPECT_EQ(ReportSupply(shop_.state(), "p").late_units.units(), kLines);
  shop_.Expect("p", "A", "W", kLines, Seconds(100), 2);
  EXPECT_EQ(ReportSupply(shop_.state(), "p").late_units.units(), 0);
  shop_.Come("p", kLines);
  EXPECT_EQ(shop_.BalancesOf("A", "W").reserved.units(), kLines);
}

TEST_F(SupplyTest, DamagedGoodsServeNobody) {
  shop_.Expect("p", "A", "W", 2, Seconds(100));
  const ReservationId hold = Hold("a", 2, 100);
  shop_.Do(ReceiveSupply{
      "p", {{.line_id = "1", .quantity = Quantity(1), .condition = Condition::kDamaged}}, {}});
  EXPECT_EQ(Line(hold).waiting.units(), 2);
  EXPECT_EQ(Line(hold).late.units(), 1);
  EXPECT_EQ(shop_.BalancesOf("A", "W").unusable.units(), 1);
}

// A receipt of one line, told by a message of the warehouse.
ReceiveSupply Told(int64_t quantity, int64_t sequence, const std::string& id = "") {
  ReceiveSupply receipt{"p", {{.line_id = "1", .quantity = Quantity(quantity)}}, {}};
  receipt.message = {"wms", sequence, id};
  return receipt;
}

TEST_F(SupplyTest, AMessageOfAReceiptHappensOnce) {
  shop_.Expect("p", "A", "W", 9, Seconds(100));
  EXPECT_FALSE(shop_.Do(Told(5, 1)).duplicate);
  EXPECT_TRUE(shop_.Do(Told(5, 1)).duplicate);
  EXPECT_EQ(shop_.Do(Told(4, 1)).rejection->kind, RejectionKind::kMessageReused);
  EXPECT_EQ(shop_.BalancesOf("A", "W").on_hand.units(), 5);
  // The warehouse numbers all that it tells: its receipts close the gaps between its other facts.
  shop_.Do(Shop::Told(Shop::Fact(AdjustmentKind::kCounted, "A", "W", -1), "wms", 3));
  const SourceIndex wms = shop_.state().sources.names.Find("wms");
  EXPECT_TRUE(shop_.state().sources.At(wms).suspect());
  ReceiveSupply last = Told(0, 2);
  last.lines[0].last = true;
  EXPECT_FALSE(shop_.Do(last).duplicate);
  EXPECT_TRUE(shop_.Do(last).duplicate);
  EXPECT_FALSE(shop_.state().sources.At(wms).suspect());
  EXPECT_EQ(shop_.state().sources.At(wms).last(), 3);
  EXPECT_EQ(By("W", 100), 4);
}

TEST_F(SupplyTest, WhatACountHasOfAReceiptIsNotAddedToIt) {
  shop_.Expect("p", "A", "W", 9, Seconds(100));
  StageCount count = shop_.CountOf("c", {{"A", "W", Quantity(5), {}}});
  count.watermarks = {{"wms", 7}};
  shop_.Do(count);
  EXPECT_EQ(shop_.BalancesOf("A", "W").on_hand.units(), 5);
  // What is told now came after the count, unless it says otherwise.
  shop_.Wait(Seconds(1));
  // By its number; by its time; and neither.
  shop_.Do(Told(3, 7));
  ReceiveSupply before{"p", {{.line_id = "1", .quantity = Quantity(2)}}, {}};
  before.business_time = shop_.now() - Seconds(3'600);
  shop_.Do(before);
  EXPECT_EQ(shop_.BalancesOf("A", "W").on_hand.units(), 5);
  EXPECT_EQ(By("W", 100), 9);
  shop_.Do(Told(4, 8));
  EXPECT_EQ(shop_.BalancesOf("A", "W").on_hand.units(), 9);
  EXPECT_EQ(By("W", 100), 9);
}

TEST_F(SupplyTest, RevisionsReplaceAndAreNotReused) {
  EXPECT_FALSE(shop_.Expect("p", "A", "W", 2, Seconds(100), 2).duplicate);
  EXPECT_TRUE(shop_.Expect("p", "A", "W", 2, Seconds(100), 2).duplicate);
  EXPECT_TRUE(shop_.Expect("p", "A", "W", 9, Seconds(100), 1).duplicate);
  EXPECT_EQ(shop_.Expect("p", "A", "W", 3, Seconds(100), 2).rejection->kind,
            RejectionKind::kSupplyReused);
  EXPECT_EQ(By("W", 100), 2);
  EXPECT_EQ(shop_.Do(CancelSupply{"q", {}, {}}).rejection->kind, RejectionKind::kSupplyNotFound);
  EXPECT_EQ(shop_.Come("q", 1).rejection->kind, RejectionKind::kSupplyNotFound);
}

TEST_F(SupplyTest, ACancelIsOfARevision) {
  shop_.Expect("p", "A", "W", 4, Seconds(100), 3);
  CancelSupply cancel{"p", {}, {}};
  cancel.revision = 2;
  EXPECT_TRUE(shop_.Do(cancel).duplicate) << "a later revision told of the line";
  EXPECT_EQ(By("W", 100), 4);
  cancel.revision = 4;
  EXPECT_FALSE(shop_.Do(cancel).duplicate);
  EXPECT_TRUE(shop_.Do(cancel).duplicate);
  EXPECT_EQ(By("W", 100), 0);
  // Neither what was said before it nor what it contradicts opens it again.
  EXPECT_TRUE(shop_.Expect("p", "A", "W", 4, Seconds(100), 3).duplicate);
  EXPECT_EQ(shop_.Expect("p", "A", "W", 4, Seconds(100), 4).rejection->kind,
            RejectionKind::kSupplyReused);
  EXPECT_EQ(By("W", 100), 0);
  shop_.Expect("p", "A", "W", 4, Seconds(100), 5);
  EXPECT_EQ(By("W", 100), 4);
}

TEST_F(SupplyTest, AReceiptHappensOnceAndMayComeUnannounced) {
  ReceiveSupply receipt{"p", {{.line_id = "7", .sku = "B", .location = "new"}}, {}};
  receipt.lines[0].quantity = Quantity(3);
  receipt.lines[0].effect_key = "grn-1";
  EXPECT_FALSE(shop_.Do(receipt).duplicate);
  EXPECT_TRUE(shop_.Do(receipt).duplicate);
  EXPECT_EQ(shop_.BalancesOf("B", "new").on_hand.units(), 3);
  receipt.lines[0].quantity = Quantity(4);
  EXPECT_EQ(shop_.Do(receipt).rejection->kind, RejectionKind::kEffectKeyReused);
}

TEST_F(SupplyTest, MoreThanWasOrderedIsThereToo) {
  shop_.Expect("p", "A", "W", 2, Seconds(100));
  shop_.Come("p", 5);
  EXPECT_EQ(shop_.Available("A", "W"), 5);
  EXPECT_EQ(By("W", 100), 5);
}

TEST_F(SupplyTest, AHoldThatEndsWaitsForNothing) {
  shop_.Expect("p", "A", "W", 2, Seconds(100));
  const ReservationId hold = shop_.Hold("a", {Wait(shop_.At("A", 2, "W"), 100)}, Seconds(10));
  shop_.Wait(Seconds(10));
  EXPECT_EQ(By("W", 100), 0);
  shop_.Settle();
  EXPECT_EQ(shop_.Get(hold).state, ReservationState::kExpired);
  EXPECT_EQ(By("W", 100), 2);
}

TEST_F(SupplyTest, AnOwnersNextHoldHasWhatTheOneBeforeWaitedFor) {
  shop_.Expect("p", "A", "W", 2, Seconds(100));
  Hold("a", 2, 100);
  const ReservationId again = Hold("a", 2, 110);
  EXPECT_EQ(Line(again).waiting.units(), 2);
}

TEST_F(SupplyTest, APoolWaitsAtAnyOfItsLocations) {
  shop_.Location("V");
  shop_.Pool("web", {"V", "W"});
  shop_.Expect("p", "A", "W", 2, Seconds(100));
  shop_.Expect("q", "A", "V", 1, Seconds(50));
  EXPECT_EQ(By("~web", 100), 3);
  const ReservationId hold =
      shop_.Hold("a", {Wait(shop_.From("A", 2, "web"), 100)}, Seconds(10'000));
  // One of the two at V, and it has one of the two at W.
  EXPECT_EQ(By("V", 100), 1);
  EXPECT_EQ(By("W", 100), 1);
  EXPECT_EQ(By("~web", 60), 1);
  shop_.Come("q", 1);
  EXPECT_EQ(Line(hold).open().units(), 1);
  EXPECT_TRUE(Line(hold).flexible());
  EXPECT_EQ(shop_.Stand(hold, 0)[0].location, shop_.Location("V"));
}

TEST_F(SupplyTest, ABoundLineHasTheRestWhereItComes) {
  shop_.Receive("A", "W", 1);
  shop_.Location("V");
  shop_.Pool("web", {"V", "W"});
  shop_.Expect("q", "A", "V", 2, Seconds(50));
  const ReservationId hold =
      shop_.Hold("a", {Wait(shop_.From("A", 2, "web"), 100)}, Seconds(10'000));
  EXPECT_FALSE(
      shop_.Do(BindReservation{hold, {{"0", {{shop_.Location("W"), Quantity(1)}}}}, {}}).rejection);
  shop_.Come("q", 2);
  ASSERT_EQ(Line(hold).placements.size(), 2u);
  EXPECT_EQ(Line(hold).placements[1].location, shop_.Location("V"));
  EXPECT_EQ(shop_.Available("A", "V"), 1);
}

TEST_F(SupplyTest, WhatIsReleasedAsAWholeWaitsNoMore) {
  shop_.Receive("A", "W", 1);
  shop_.Expect("p", "A", "W", 2, Seconds(100));
  const ReservationId hold = Hold("a", 3, 100);
  Confirm(hold);
  EXPECT_FALSE(shop_.Do(FulfilReservation{hold, {}, {}}).rejection);
  EXPECT_EQ(shop_.Get(hold).state, ReservationState::kConfirmed);
  EXPECT_FALSE(shop_.Do(ReleaseReservation{hold, {}, false, {}}).rejection);
  EXPECT_EQ(shop_.Get(hold).state, ReservationState::kFulfilled);
  EXPECT_EQ(By("W", 100), 2);
}

TEST_F(SupplyTest, PartOfALineMayWait) {
  shop_.Expect("p", "A", "W", 2, Seconds(100));
  ReserveStock partial = shop_.Reserve("a", {Wait(shop_.At("A", 5, "W"), 100)});
  partial.allow_partial = true;
  const Decision decision = shop_.Do(partial);
  ASSERT_FALSE(decision.rejection);
  EXPECT_EQ(Line(decision.reservation).waiting.units(), 2);
  EXPECT_EQ(decision.short_lines.at(0).available.units(), 2);
}

// Each part of a kit waits for itself; it is the kit that is promised, or not.
TEST_F(SupplyTest, AKitWaitsForItsParts) {
  shop_.Kit("set", {{"A", 2}, {"B", 1}});
  shop_.Receive("B", "W", 2);
  shop_.Expect("p", "A", "W", 3, Seconds(100));
  const StockKey key{.sku = shop_.Sku("set"), .location = shop_.Location("W")};
  const auto by = [&](int64_t seconds) {
    Offer offer(shop_.state());
    AvailabilityFigures figures = FindAvailability(shop_.state(), offer, key);
    FindAvailabilityBy(shop_.state(), offer, key, shop_.now() + Seconds(seconds), {}, figures);
    return figures;
  };
  EXPECT_FALSE(WasEverStocked(shop_.state(), key.sku));
  EXPECT_EQ(by(99).available_by, Quantity(0));
  EXPECT_EQ(by(200).available_by, Quantity(1));
  EXPECT_EQ(by(200).available_from, shop_.now() + Seconds(100));
  const Decision refused = TryHold("a", {Wait(shop_.At("set", 2, "W"), 100)});
  ASSERT_TRUE(refused.rejection);
  EXPECT_EQ(refused.rejection->short_lines.at(0).available, Quantity(1));
  // What is whole of what may be had in part.
  ReserveStock partial = shop_.Reserve("a", {Wait(shop_.At("set", 2, "W"), 100)}, Seconds(1'000));
  partial.allow_partial = true;
  const Decision held = shop_.Do(partial);
  ASSERT_FALSE(held.rejection);
  const ReservationLines& lines = shop_.Get(held.reservation).lines;
  EXPECT_EQ(lines.at(0).waiting, Quantity(2));
  EXPECT_EQ(lines.at(1).open(), Quantity(1));
  EXPECT_TRUE(lines.at(1).waiting.IsZero());
  EXPECT_EQ(by(200).available_by, Quantity(0));
  shop_.Come("p", 3);
  EXPECT_EQ(shop_.Get(held.reservation).lines.at(0).open(), Quantity(2));
  EXPECT_TRUE(WasEverStocked(shop_.state(), key.sku));
}

// A plain line beside a kit waits as it does alone; what must be at one location does not.
TEST_F(SupplyTest, BesideAKitAPlainLineWaitsAndAGroupDoesNot) {
  shop_.Kit("set", {{"B", 1}});
  shop_.Receive("B", "W", 1);
  shop_.Expect("p", "A", "W", 2, Seconds(100));
  const ReservationId both =
      shop_.Hold("a", {shop_.At("set", 1, "W"), Wait(shop_.At("A", 1, "W"), 100)});
  EXPECT_EQ(shop_.Get(both).lines.at(1).waiting, Quantity(1));
  shop_.Pool("all", {"W"});
  HoldLine grouped = Wait(shop_.From("A", 1, "all"), 100);
  grouped.group = 1;
  EXPECT_TRUE(TryHold("b", {grouped}).rejection);
  grouped.group = 0;
  EXPECT_FALSE(TryHold("b", {grouped}).rejection);
}

// At one location, what can be promised is what the formula says, whoever was promised before and
// however supply has changed since.
TEST(PromiseFlowTest, AtOneLocationItIsTheFormula) {
  const uint64_t first = TestSeed();
  for (uint64_t seed = first; seed < first + 2'000; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937_64 random(seed);
    const auto below = [&](uint64_t n) { return static_cast<int64_t>(random() % n); };
    Shop shop;
    shop.Location("W");
    shop.Sku("A");
    for (int i = 0; i < 12; ++i) {
      if (below(3) == 0) {
        const std::string id = "p" + std::to_string(below(4));
        const SupplyIndex known = shop.state().supplies.Find(id, "1");
        const int64_t revision =
            known == SupplyIndex::kNone ? 1 : shop.state().supplies.At(known).revision + 1;
        shop.Expect(id, "A", "W", below(6), Seconds(below(50)), revision);
      } else {
        HoldLine line = shop.At("A", 1 + below(4), "W");
        line.wait_until = shop.now() + Seconds(below(60));
        shop.Do(shop.Reserve("o" + std::to_string(i), {line}));
      }
    }
    const State& state = shop.state();
    const Instant date = shop.now() + Seconds(below(60));
    int64_t least = std::numeric_limits<int64_t>::max();
    for (int64_t d = 0; d <= 100; ++d) {
      const Instant end = shop.now() + Seconds(d);
      if (end < date) continue;
      int64_t left = 0;
      state.supplies.ForEachOpenOf(shop.Sku("A"), [&](const SupplyLine& line) {
        if (line.due <= end) left += line.open().units();
      });
      for (const Reservation* r = state.reservations.Next(ReservationId::kNone); r != nullptr;
           r = state.reservations.Next(r->id)) {
        if (r->lines[0].needed_by <= end) left -= r->lines[0].waiting.units();
      }
      least = std::min(least, left);
    }
    const WaitScope scope{ClassIndex::kNone, shop.Location("W")};
    ASSERT_EQ(PromisableBy(state, shop.Sku("A"), ChannelIndex::kNone, scope, date, {}).units(),
              std::max<int64_t>(0, least));
  }
}

}  // namespace
}  // namespace quartermaster::stock
