#include "services/stock/domain/ended_reservations.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/stock/domain/testing/shop.h"

namespace quartermaster::stock {
namespace {

ReservationId Id(int64_t id) { return static_cast<ReservationId>(id); }

TEST(EndedReservationsTest, TheOldestLeavesForWhatEnds) {
  EndedReservations ended({.expired = 2, .others = 3});
  // In the order in which they ended, whichever order they were made in.
  for (const int64_t id : {7, 3, 5}) EXPECT_EQ(ended.Add(Id(id), false), ReservationId::kNone);
  EXPECT_EQ(ended.Add(Id(4), false), Id(7));
  EXPECT_EQ(ended.Add(Id(9), false), Id(3));
  EXPECT_THAT(ended.others(), testing::ElementsAre(Id(5), Id(4), Id(9)));
}

TEST(EndedReservationsTest, ExpiredOnesAreCountedApart) {
  EndedReservations ended({.expired = 1, .others = 1});
  EXPECT_EQ(ended.Add(Id(1), true), ReservationId::kNone);
  EXPECT_EQ(ended.Add(Id(2), false), ReservationId::kNone);
  EXPECT_EQ(ended.Add(Id(3), true), Id(1));
  EXPECT_EQ(ended.Add(Id(4), false), Id(2));
  EXPECT_THAT(ended.expired(), testing::ElementsAre(Id(3)));
  EXPECT_THAT(ended.others(), testing::ElementsAre(Id(4)));
}

class ForgettingShopTest : public testing::Test {
 protected:
  static constexpr size_t kFew = 8;
  ForgettingShopTest() {
    shop_.set_kept({.expired = kFew, .others = kFew});
    shop_.Receive("A", "S1", 100);
  }
  ReservationId Hold(const std::string& owner) {
    return shop_.Hold(owner, {shop_.At("A", 1, "S1")});
  }
  // As many ends as push out whatever had ended.
  void EndOthers() {
    for (size_t i = 0; i < kFew; ++i) shop_.Do(ReleaseReservation{Hold("other"), {}, false, {}});
  }
  void ExpireOthers() {
    for (size_t i = 0; i < kFew; ++i) Hold("other-" + std::to_string(i));
    shop_.Wait(kTtl);
    shop_.Settle();
  }
  // What a command on it is refused with.
  RejectionKind RefusalOn(ReservationId id) {
    return shop_.Do(FulfilReservation{id, {}, {}}).rejection->kind;
  }
  bool IsInMemory(ReservationId id) const { return shop_.state().FindReservation(id) != nullptr; }

  Shop shop_;
};

TEST_F(ForgettingShopTest, WhatEndedLongAgoIsToldOfAllTheSame) {
  const ReservationId fulfilled = Hold("a");
  shop_.Do(FulfilReservation{fulfilled, {}, {}});
  const ReservationId released = Hold("b");
  shop_.Do(ReleaseReservation{released, {}, false, {}});
  const ReservationId replaced = Hold("c");
  const ReservationId open = Hold("c");
  EXPECT_TRUE(IsInMemory(fulfilled));
  EndOthers();
  for (const ReservationId id : {fulfilled, released, replaced}) EXPECT_FALSE(IsInMemory(id));
  EXPECT_TRUE(IsInMemory(open));
  EXPECT_EQ(RefusalOn(fulfilled), RejectionKind::kReservationFulfilled);
  EXPECT_EQ(RefusalOn(released), RejectionKind::kReservationReleased);
  EXPECT_EQ(RefusalOn(replaced), RejectionKind::kReservationReplaced);
  EXPECT_EQ(shop_.Get(replaced).replaced_by, open);
  EXPECT_EQ(RefusalOn(Id(1'000'000)), RejectionKind::kReservationNotFound);
  EXPECT_EQ(shop_.Do(GetReservation{fulfilled}).reservation, fulfilled);
}

TEST_F(ForgettingShopTest, AHoldThatExpiredLongAgoIsNotHeldAgain) {
  const ReservationId late = Hold("late");
  const ReservationId later = Hold("later");
  shop_.Wait(kTtl);
  shop_.Settle();
  const auto hold_again = [&](ReservationId id) {
    return shop_.Do(ConfirmReservation{id, {shop_.At("A", 1, "S1")}, "late", {}, ""});
  };
  EXPECT_FALSE(hold_again(late).rejection);
  ExpireOthers();
  EXPECT_FALSE(IsInMemory(later));
  EXPECT_EQ(hold_again(later).rejection->kind, RejectionKind::kReservationExpired);
  // What was held again is the other one's.
  EXPECT_EQ(hold_again(late).rejection->kind, RejectionKind::kReservationReplaced);
}

TEST_F(ForgettingShopTest, WhatExpiresIsNotPushedOutByWhatEndsOtherwise) {
  const ReservationId late = Hold("late");
  shop_.Wait(kTtl);
  shop_.Settle();
  EndOthers();
  EXPECT_FALSE(
      shop_.Do(ConfirmReservation{late, {shop_.At("A", 1, "S1")}, "late", {}, ""}).rejection);
}

TEST_F(ForgettingShopTest, AnOrderThatEndedLongAgoIsNotTransferred) {
  const ReservationId order = Hold("order");
  shop_.Do(FulfilReservation{order, {}, {}});
  TransferStock transfer = shop_.Transfer("t", "S1", "S2", {{"A", 1}});
  transfer.lines[0].of_order = true;
  transfer.lines[0].reservation = order;
  transfer.lines[0].reservation_line = "0";
  EXPECT_EQ(shop_.Do(transfer).rejection->kind, RejectionKind::kReservationFulfilled);
  EndOthers();
  EXPECT_EQ(shop_.Do(transfer).rejection->kind, RejectionKind::kReservationNotFound);
}

TEST_F(ForgettingShopTest, ATransferOutlivesTheMemoryOfItsOrder) {
  const ReservationId order = Hold("order");
  shop_.Do(ConfirmReservation{order, {}, "", {}, ""});
  TransferStock transfer = shop_.Transfer("t", "S1", "S2", {{"A", 1}});
  transfer.lines[0].of_order = true;
  transfer.lines[0].reservation = order;
  transfer.lines[0].reservation_line = "0";
  ASSERT_FALSE(shop_.Do(transfer).rejection);
  ASSERT_FALSE(shop_.Do(Shop::Shipped("t", {{"A", 1}})).rejection);
  shop_.Do(ReleaseReservation{order, {}, false, {}});
  EndOthers();
  ASSERT_FALSE(IsInMemory(order));
  EXPECT_EQ(shop_.ReportOf("t").lines[0].reservation, order);
  ASSERT_FALSE(shop_.Do(Shop::Received("t", {{"A", 1}})).rejection);
  EXPECT_EQ(shop_.BalancesOf("A", "S2").on_hand, Quantity(1));
  EXPECT_EQ(shop_.ReportOf("t").state, TransferState::kReceived);
}

}  // namespace
}  // namespace quartermaster::stock
